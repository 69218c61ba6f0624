/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which groups are put together, on which account, and where their datagrams are
 * delivered. The steer program has decided already that a fragment's policy is one
 * of these, so the longest match among them is the longest of all. A plain table,
 * sorted once; owned by whoever made it.
 */
#ifndef XDPFRAG_REASSEMBLY_GROUPS_H
#define XDPFRAG_REASSEMBLY_GROUPS_H

#include "reassembly.h"

#define REASSEMBLED_MAX 1024 /* policies with `reassemble` */

struct reassembled_group {
	uint8_t family, len; /* bits of the prefix */
	bool has_source;
	uint8_t group[16], source[16]; /* network byte order, IPv4 in the first four bytes */
	uint32_t account;
	uint32_t target; /* ifindex of the NIC to deliver on; 0: none is there */
	uint32_t end;	 /* groups_sort()'s own: the first one that differs in family, len or
			  * has_source
			  */
};

struct reassembled_groups {
	struct reassembled_group group[2 * REASSEMBLED_MAX]; /* those to come, and those to go */
	size_t n;
};

void groups_sort(struct reassembled_groups *groups); /* longest prefix first, sources first */
/* The one of that family, prefix and source; NULL: none. Of sorted ones, like the next. */
const struct reassembled_group *groups_same(const struct reassembled_groups *groups,
					    const struct reassembled_group *group);
/* That decides about the datagram; NULL: none. */
const struct reassembled_group *groups_find(const struct reassembled_groups *groups,
					    const struct datagram_key *key);

#endif
