/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a received frame to what a watch asks about: the group and whether it is a
 * fragment, a query of a multicast router, the MSS in a SYN. Pure: bytes in, an
 * observation out. A frame that hosts would not heed says nothing.
 */
#ifndef XDPFRAG_OBSERVE_H
#define XDPFRAG_OBSERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct observation {
	uint8_t family; /* AF_INET or AF_INET6; 0: no IP packet, and nothing else is set */
	uint8_t source[16], destination[16]; /* IPv4 in the first four bytes, then zeros */
	bool multicast;
	bool fragment;
	uint32_t length; /* bytes of the IP packet, from its header on */
	bool query;	 /* IGMP (RFC 1112, 2236, 3376) or MLD (RFC 2710, 3810) */
	/*
	 * Of a SYN or SYN-ACK from a host that seems to be on the link itself; 0: no such
	 * one, or it names no MSS.
	 */
	uint16_t mss;
};

/*
 * `frame` begins with the Ethernet header, the outermost VLAN tag taken off or not, up
 * to two of them; `captured` bytes of its `len` are there.
 */
void observe(struct observation *seen, const uint8_t *frame, size_t captured, size_t len);

#endif
