/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two NICs proven to share a broadcast domain: a frame of the IEEE's local
 * experimental EtherType 1 (0x88b5, IEEE 802), sent as a broadcast from each NIC, and
 * seen on others. Done on request only, since it sends.
 */
#ifndef XDPFRAG_SEGMENT_H
#define XDPFRAG_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct segment;

struct segment_pair {
	uint32_t from, to; /* ifindexes: sent from one, seen on the other */
};

/* Opens sockets on all NICs, and sends one frame from each; what comes in is taken on base. */
int segment_open(struct segment **segment, struct event_base *base, const uint32_t *ifindexes,
		 size_t n);
const struct segment_pair *segment_pairs(const struct segment *segment, size_t *n);
void segment_close(struct segment *segment); /* NULL: nothing */

#endif
