/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of one `probe recv`, between the loop that fills it in (probe_recv.c)
 * and the printer (probe_print.c).
 */
#ifndef XDPFRAG_PROBE_RECV_H
#define XDPFRAG_PROBE_RECV_H

#include <stdbool.h>
#include <stdint.h>

#include "probe.h"
#include "probe_listen.h"
#include "probe_payload.h"
#include "probe_track.h"

struct probe_recv {
	const struct probe *probe;
	bool json;
	int fd;
	int64_t began; /* these three: monotonic_ns() */
	int64_t until; /* WAIT_FOREVER without a timeout */
	int64_t newest_at;

	bool has_run;
	uint64_t run;		    /* the one that is listened to */
	struct probe_header newest; /* of the datagram with the highest number */
	struct probe_track track;
	uint64_t corrupt;
	uint64_t others;   /* other runs, and what is no test datagram */
	uint64_t overruns; /* dropped here because the receive buffer was full */
	uint64_t pending;  /* at the end: of the run, but not due yet */
	uint8_t payload[PROBE_BUFFER];
};

/* As many different datagrams as were asked for? */
bool probe_recv_enough(const struct probe_recv *recv);
/* How many of the run, or of the count that was asked for, are lost. */
uint64_t probe_recv_lost(const struct probe_recv *recv);
/* As many arrived as were asked for, one at least, and nothing was lost or damaged. */
bool probe_recv_whole(const struct probe_recv *recv);

/* All: 0, or a negative errno when stdout takes no more. */
int probe_print_begin(const struct probe_recv *recv);
int probe_print_packet(const struct probe_recv *recv, const struct probe_packet *packet,
		       uint64_t sequence, const char *event);
int probe_print_lost(const struct probe_recv *recv, const struct probe_arrival *arrival);
int probe_print_summary(const struct probe_recv *recv);

#endif
