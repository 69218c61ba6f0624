/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who on this host wants which multicast groups, NIC by NIC: the memberships of
 * this network namespace, the multicast MAC addresses that a NIC takes in for
 * somebody else, and the NICs on which a multicast router runs.
 *
 * A struct members is filled by members_read() or members_parse(), and freed by
 * members_free(). Everything in it is sorted, so that equal hosts compare equal.
 */
#ifndef XDPFRAG_MEMBERS_H
#define XDPFRAG_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MEMBERS_MAX 262144 /* of each of the lists below; 16 MiB all together */

/*
 * A group joined on a NIC, from any source, or from this one. A group that is
 * joined from some sources only has an entry for each; where that is not certain,
 * it counts as joined from any.
 */
struct member {
	uint8_t family;	    /* AF_INET or AF_INET6 */
	bool has_source;    /* else any source, and `source` is zero */
	uint8_t group[16];  /* network byte order, IPv4 in the first four bytes */
	uint8_t source[16]; /* same */
	uint32_t ifindex;
};

/* In a NIC's filter, and not, or not only, for memberships of this namespace. */
struct member_mac {
	uint32_t ifindex;
	uint8_t mac[6];
};

struct member_router {
	uint32_t ifindex;
	uint8_t family;
};

struct members {
	struct member *member; /* by family, group, source (any first), ifindex */
	size_t n;
	struct member_mac *mac; /* by ifindex, mac */
	size_t n_macs;
	struct member_router *router; /* by ifindex, family */
	size_t n_routers;
};

/*
 * The host's, of the calling thread's namespace. The kernel hands out its lists a
 * page at a time, so that a change between two pages can hide a line: where it
 * matters, read twice and compare. 0; -E2BIG: more than MEMBERS_MAX; or another
 * negative errno. On error nothing is to be freed.
 */
int members_read(struct members *members);
/* Read until two in a row agree; -EAGAIN when they do not. */
int members_read_settled(struct members *members);

/*
 * Has any socket a filter of sources? Costs little, where a full read of 10,000
 * memberships takes tens of milliseconds. When it cannot be told: yes.
 */
bool members_have_sources(void);

/* The text of /proc/net/igmp and so on; those of IPv6 are NULL where there is none. */
struct members_files {
	FILE *igmp, *mcfilter, *igmp6, *mcfilter6, *dev_mcast;
};

/* All but the routers. -EPROTO: not the format that it should be; -E2BIG, -ENOMEM, -EIO. */
int members_parse(struct members *members, const struct members_files *files);

/* The NICs that forward multicast, by the kernel's own account; in members_routers.c. */
int members_find_routers(struct members *members);

void members_free(struct members *members);
bool members_equal(const struct members *a, const struct members *b);

/* Where a group's packets are sent to on Ethernet: RFC 1112, 6.4 and RFC 2464, 7. */
void members_mac(uint8_t mac[6], int family, const uint8_t *group);
/* Does somebody else than this namespace's memberships want that address on the NIC? */
bool members_wanted_besides(const struct members *members, uint32_t ifindex, const uint8_t mac[6]);

#endif
