/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two NICs proven to share a broadcast domain: a frame of the IEEE's local
 * experimental EtherType 1 (0x88b5, IEEE 802), sent as a broadcast from each NIC, and
 * seen on others. Done on request only, since it sends: one frame of 60 bytes a NIC.
 *
 * A pair is a proof; none is no proof of the contrary, since a frame can be lost, and a
 * switch may hold a port back or filter the EtherType. A frame that comes in with a
 * VLAN tag that this NIC does not know proves nothing about the NIC either.
 */
#ifndef XDPFRAG_SEGMENT_H
#define XDPFRAG_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENT_NICS 64

struct event_base;
struct segment;

struct segment_pair {
	uint32_t from, to; /* ifindexes: sent from one, seen on the other */
};

struct segment_nic {
	uint32_t ifindex;
	/*
	 * 0: its frame was sent. Else why not: -ENETDOWN: the NIC is down, -ENOLINK: it has
	 * no carrier, -ENODEV: it is gone, -EAFNOSUPPORT: it is no Ethernet, or what the
	 * kernel said.
	 */
	int err;
	bool loop; /* its own frame came back to it */
};

/*
 * Opens sockets on all NICs, and sends one frame from each; what comes in is taken on
 * base. A NIC that cannot send is told by segment_nics(), and the others go on.
 * Negative errno, and nothing is left open: -E2BIG for more than SEGMENT_NICS.
 */
int segment_open(struct segment **segment, struct event_base *base, const uint32_t *ifindexes,
		 size_t n);
/* Each pair once, in the order of discovery. Both are good until the next event. */
const struct segment_pair *segment_pairs(const struct segment *segment, size_t *n);
const struct segment_nic *segment_nics(const struct segment *segment, size_t *n);
void segment_close(struct segment *segment); /* NULL: nothing */

#endif
