/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an Ethernet frame to a struct fragment, and from a whole datagram back to
 * an IP packet. The same headers that the steer program parses (xdp/parse.bpf.h),
 * read again because they come from the network. No memory is kept.
 */
#ifndef XDPFRAG_REASSEMBLY_PARSE_H
#define XDPFRAG_REASSEMBLY_PARSE_H

#include "reassembly.h"

/*
 * Fills in everything but frame and nic; pointers into the frame, which must hold
 * it in one piece. -EINVAL: not an IP fragment, or one that contradicts itself or
 * that the stack would not take (IPv4 checksum, IPv6 headers cut short); of a
 * frame with two VLAN tags too, which the key does not tell apart.
 */
int fragment_parse(struct fragment *fragment, const uint8_t *frame, uint32_t len);

/*
 * The Ethernet and IP headers of a whole datagram into `to`: the first fragment's,
 * the IP header made whole again (lengths, no fragment, checksum, ECN as RFC 3168 5.3
 * says, DF as the kernel chooses it). Behind them belong the pieces. Returns their
 * length, 0 when there is not room for them.
 */
uint32_t datagram_headers(const struct datagram *datagram, uint8_t *to, uint32_t room);

#endif
