/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line for each captured packet:
 *
 *   12:00:00.123456789 eth0 dropped     239.0.0.15 10.84.0.73.40000 > 239.0.0.15.1067 UDP
 *     id 4711 offset 0 MF length 1480 ttl 1
 *
 * (in one line): local time; NIC; verdict; the policy that matched, or "-", with the
 * reason in brackets where there is one; and the packet. VLAN tags stand before the
 * addresses. Ports are those of the transport header, where the packet holds its
 * beginning. A fragment has its id, its offset in the datagram, and MF or "last". `length`
 * is that of the bytes behind the IP header and, in IPv6, behind the fragment header or
 * what other extension headers there are: of fragments, the next one's offset is offset +
 * length. A packet that is no IP has its MAC addresses and its EtherType.
 *
 * "[truncated]": the frame is shorter than its headers claim. "[not captured]": it is
 * not, but what would be said next was cut off by the snapshot length. "[malformed]":
 * the headers contradict each other.
 *
 * A line holds printable characters only, whatever the packet and the NIC's name hold.
 */
#ifndef XDPFRAG_PACKET_LINE_H
#define XDPFRAG_PACKET_LINE_H

#include <stddef.h>

#include "view.h"
#include "xdpfrag/captured.h"

#define PACKET_LINE 512 /* room for every line; most are under 160 */

struct packet_line {
	uint64_t time; /* ns since the epoch */
	const char *nic;
	int nic_width; /* columns for it, so that lines stand below each other */
	const struct xdpfrag_captured *record;
	const struct view *view;
};

/* Without a newline; returns the length. */
size_t packet_line(char *buf, size_t size, const struct packet_line *packet);

#endif
