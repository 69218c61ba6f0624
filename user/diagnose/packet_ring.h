/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet socket on one NIC, with a filter and a ring in shared memory
 * (TPACKET_V3, Documentation/networking/packet_mmap.rst): what came in, not what
 * went out.
 */
#ifndef XDPFRAG_PACKET_RING_H
#define XDPFRAG_PACKET_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet_ring {
	int fd; /* readable when there are frames; -1: not open */
	uint8_t *memory;
	uint32_t block; /* the next to be read */
};

/* `captured` bytes of the frame's `len`; without the outermost VLAN tag. */
typedef void (*packet_fn)(const uint8_t *frame, size_t captured, size_t len, void *arg);

/*
 * `sent`: what goes out is shown to the filter too. `filter` is the fd of a program. A frame waits
 * for `lag_ms` at most before it is readable. 0 or negative errno, -ENODEV: no such NIC; then
 * nothing is open.
 */
int packet_ring_open(struct packet_ring *ring, uint32_t ifindex, bool sent, int filter,
		     unsigned int lag_ms);
/* Hands what is there to fn: at most the ring's size, so that others get their turn. */
void packet_ring_read(struct packet_ring *ring, packet_fn fn, void *arg);
/* Frames that there was no room for since it was asked last. */
uint32_t packet_ring_lost(struct packet_ring *ring);
/* Has the NIC gone down since it was asked last? Must be asked, or the fd stays readable. */
bool packet_ring_was_down(struct packet_ring *ring);
void packet_ring_close(struct packet_ring *ring); /* also one that was never opened: fd -1 */

#endif
