/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map "watched": a hash table, ifindex to record, an entry for each NIC whose
 * packet socket has the filter `watch`. The filter counts here what is longer than the
 * MTU, since nothing more is asked about such a frame. Numbers are in host byte order.
 */
#ifndef XDPFRAG_WATCHED_H
#define XDPFRAG_WATCHED_H

#include <linux/types.h>

/*
 * Bytes that the filter hands on of a frame: enough for two VLAN tags within it, and
 * the longest IPv4 and TCP headers, or an IPv6 header with all that MLD needs.
 */
#define XDPFRAG_SNAPLEN 192

/*
 * `tc_index` of what the program `inject` hands to a NIC: datagrams that were put together.
 * They are longer than the MTU, and no sender has ignored it.
 */
#define XDPFRAG_INJECTED 0xf4a6

struct xdpfrag_watched {
	__u32 mtu;	/* bytes, set by the agent; 0: every length is right */
	__u32 longest;	/* bytes behind the Ethernet header and tags, of those over the MTU */
	__u64 over_mtu; /* frames longer than that, as they came */
	__u64 merged;	/* and those that GRO or LRO has put together, or that were never cut */
	__u64 uncut;	/* frames longer than that which were sent, for the NIC to cut (TSO) */
};

#endif
