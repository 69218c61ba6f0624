/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture for the steer program of a rig, and a reader of its records. Needs cmocka: what
 * does not work fails the test.
 */
#ifndef XDPFRAG_TESTS_CAPTURE_RIG_H
#define XDPFRAG_TESTS_CAPTURE_RIG_H

#include "datapath/steer.h"
#include "pcap_filter.h"
#include "steer_rig.h"
#include "xdpfrag/captured.h"

struct ring_buffer;

struct capture_rig {
	struct steer_capture
		capture;	   /* for rig_sizes; snaplen and all may be set before rig_open() */
	struct pcap_filter filter; /* what it was made of */
	struct ring_buffer *ring;
	int counts; /* map "capture_counts" */
	/* Of the last capture_rig_read(). */
	unsigned int n;
	struct xdpfrag_captured head; /* of the last record */
	uint8_t bytes[XDPFRAG_CAPTURED_MAX];
};

/* All verdicts, whole frames. */
void capture_rig_make(struct capture_rig *capture, const char *expression, bool decap);
/* Once the rig is open. */
void capture_rig_attach(struct capture_rig *capture, const struct rig *rig);
void capture_rig_close(struct capture_rig *capture); /* before the rig */

/* Takes the records out of the ring; how many there were. */
unsigned int capture_rig_read(struct capture_rig *capture);

/*
 * Reads one record of the frame, which must say what `want` says, but for the time, the link
 * and the queue of a test run and the lengths. NULL, or what is different.
 */
const char *capture_rig_fault(struct capture_rig *capture, const struct xdpfrag_captured *want,
			      const void *frame, size_t len);

/* Over all CPUs. */
struct xdpfrag_capture_counts capture_rig_counts(const struct capture_rig *capture, uint32_t slot);

#endif
