/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captured packets as a pcapng file (draft-ietf-opsawg-pcapng), or as a stream of it: one
 * section, an interface for each NIC, added whenever it first shows, a block for each
 * packet with the verdict and the policy in its options, and at the end the statistics
 * of each interface.
 *
 * Every function but pcapng_close() returns 0 or a negative errno of write(), and then
 * has added nothing; blocks.h says when to call again. SIGPIPE is the caller's to ignore.
 */
#ifndef XDPFRAG_PCAPNG_H
#define XDPFRAG_PCAPNG_H

#include "blocks.h"
#include "comments.h"
#include "view.h"
#include "xdpfrag/captured.h"

#define PCAPNG_UNKNOWN UINT64_MAX

/* Bytes of a text in the file at most: a longer filter or description is -E2BIG. */
#define PCAPNG_TEXT 60000

/* Strings are kept by pointer until pcapng_close(); NULL: none. */
struct pcapng_about {
	const char *application; /* "xdpfragctl 0.1" */
	const char *filter;	 /* pcap-filter(7), as the user gave it */
	uint32_t snaplen;	 /* of views; 0: no limit. libpcap wants one for all interfaces */
};

struct pcapng {
	struct blocks blocks;
	struct pcapng_about about;
	char hardware[65], os[132]; /* this host's, as uname(2) has them */
	uint32_t n_nics;
	struct comments comments;
};

/* Of one NIC, since the capture began. Counts may be PCAPNG_UNKNOWN, and are left out then. */
struct pcapng_statistics {
	uint64_t time;	   /* ns since the epoch, as all here: when it was counted */
	uint64_t start;	   /* of the capture */
	uint64_t end;	   /* of the capture */
	uint64_t received; /* frames that the NIC received */
	uint64_t lost;	   /* frames that matched, and that there was no room for */
	uint64_t captured; /* frames that were handed to us */
};

/* The section header, not flushed. pcapng_close() also after an error. */
int pcapng_open(struct pcapng *png, int fd, const struct pcapng_about *about);
/* description may be NULL. *id is what packets name it by. */
int pcapng_nic(struct pcapng *png, const char *name, const char *description, uint32_t *id);
int pcapng_packet(struct pcapng *png, uint32_t id, uint64_t time,
		  const struct xdpfrag_captured *record, const struct view *view);
int pcapng_statistics(struct pcapng *png, uint32_t id, const struct pcapng_statistics *statistics);
int pcapng_flush(struct pcapng *png);
/* Does not flush, since that can fail; does not close fd. */
void pcapng_close(struct pcapng *png);

#endif
