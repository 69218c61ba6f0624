// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which NICs may bring which group, by the memberships.
 *
 * The aim is to drop only what the kernel would drop after routing, and what
 * nobody else takes before that. So this follows ip_check_mc_rcu() for IPv4, where
 * the sources are those of the NIC's own memberships, and ipv6_chk_mcast_addr() for
 * IPv6, which asks for the group alone: there, sockets filter sources for all NICs
 * together (inet6_mc_check()), and every NIC with the group joined delivers.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "agent/learn/learned.h"

bool learned_skips(int family, const uint8_t *group)
{
	static const uint8_t all_hosts[] = { 224, 0, 0, 1 };

	if (family == AF_INET)
		return !memcmp(group, all_hosts, sizeof(all_hosts));
	/* Interface-local and link-local scope (RFC 4291, 2.7). */
	return (group[1] & 0x0f) <= 2;
}

/* --- the NICs --- */

static int nic_index(const struct learned_set *set, uint32_t ifindex)
{
	for (size_t i = 0; i < set->n_nics; i++)
		if (set->nics[i].ifindex == ifindex)
			return i;
	return -1;
}

/* -1: no such link any more, or no room. */
static int add_nic(struct learned_set *set, const struct links *links, uint32_t ifindex)
{
	const struct link *link = links_by_index(links, ifindex);
	int found = nic_index(set, ifindex);
	struct learned_nic *nic;

	if (found >= 0 || !link || set->n_nics == LEARNED_NICS)
		return found;
	nic = &set->nics[set->n_nics];
	memset(nic, 0, sizeof(*nic));
	memcpy(nic->name, link->name, sizeof(nic->name));
	nic->ifindex = ifindex;
	nic->stands = 1ULL << set->n_nics;
	return set->n_nics++;
}

static bool is_vrf(const struct links *links, uint32_t ifindex)
{
	const struct link *link = links_by_index(links, ifindex);

	return link && !strcmp(link->kind, "vrf");
}

/*
 * A membership on a VRF's device counts for its ports (ip_route_input_rcu() asks
 * the l3mdev master where the port has none).
 */
static void add_ports(struct learned_set *set, const struct links *links, size_t vrf)
{
	for (size_t i = 0; i < links->n; i++) {
		int port;

		if (links->link[i].master != set->nics[vrf].ifindex)
			continue;
		port = add_nic(set, links, links->link[i].ifindex);
		if (port < 0) {
			set->nics[vrf].stands = 0;
			return;
		}
		set->nics[vrf].stands |= 1ULL << port;
	}
}

static uint8_t outside_of(const struct links *links, const struct link *steered)
{
	uint8_t outside = 0;

	for (size_t i = 0; i < links->n; i++) {
		const struct link *upper = &links->link[i];

		if (!link_stacked_on(links, upper, steered))
			continue;
		if (upper->master && !is_vrf(links, upper->master))
			outside |= OUTSIDE_PORT;
		if (!strcmp(upper->kind, "macvtap") || !strcmp(upper->kind, "ipvtap"))
			outside |= OUTSIDE_TAP;
	}
	return outside;
}

static uint8_t routers_of(const struct learned_input *input, const struct link *steered)
{
	uint8_t outside = 0;

	for (size_t i = 0; i < input->members->n_routers; i++) {
		const struct member_router *router = &input->members->router[i];
		const struct link *nic = links_by_index(input->links, router->ifindex);

		if (nic && link_carries(input->links, steered, nic))
			outside |= router->family == AF_INET ? OUTSIDE_ROUTER4 : OUTSIDE_ROUTER6;
	}
	return outside;
}

/* The steered ones, those with a membership, and how they hang together. */
static void add_nics(struct learned_set *set, const struct learned_input *input)
{
	const struct links *links = input->links;
	size_t i, j;

	for (i = 0; i < input->n_steered; i++) {
		int nic = add_nic(set, links, input->steered[i]);
		const struct link *link = links_by_index(links, input->steered[i]);

		if (nic < 0)
			continue;
		set->nics[nic].steered = true;
		set->nics[nic].outside = outside_of(links, link) | routers_of(input, link);
	}
	for (i = 0; i < input->members->n; i++) {
		const struct member *member = &input->members->member[i];

		if (!learned_skips(member->family, member->group))
			add_nic(set, links, member->ifindex);
	}
	for (i = 0; i < set->n_nics; i++)
		if (is_vrf(links, set->nics[i].ifindex))
			add_ports(set, links, i);
	for (i = 0; i < set->n_nics; i++)
		for (j = 0; j < set->n_nics; j++)
			if (set->nics[j].steered &&
			    link_carries(links, links_by_index(links, set->nics[j].ifindex),
					 links_by_index(links, set->nics[i].ifindex)))
				set->nics[i].reaches |= 1ULL << j;
}

/* --- the groups --- */

static uint64_t reached(const struct learned_set *set, uint64_t nics)
{
	uint64_t reaches = 0;

	for (; nics; nics &= nics - 1)
		reaches |= set->nics[__builtin_ctzll(nics)].reaches;
	return reaches;
}

/* Is what comes in there for this group somebody else's too? */
static bool wanted_besides(const struct members *members, const struct learned_nic *nic,
			   const struct group_key *key)
{
	uint8_t router = key->family == AF_INET ? OUTSIDE_ROUTER4 : OUTSIDE_ROUTER6;
	uint8_t mac[6];

	if (nic->outside & (OUTSIDE_PORT | OUTSIDE_TAP | router))
		return true;
	members_mac(mac, key->family, key->group);
	return members_wanted_besides(members, nic->ifindex, mac);
}

static int append(struct learned_set *set, size_t *room, const struct learned *learned)
{
	if (set->n == *room) {
		size_t grown_room = *room ? 2 * *room : 64;
		struct learned *grown = reallocarray(set->group, grown_room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		set->group = grown;
		*room = grown_room;
	}
	set->group[set->n++] = *learned;
	return 0;
}

/* `unknown`: it is joined on a NIC too that found no room in the table. */
static void judge(struct learned_set *set, const struct members *members, struct learned *learned,
		  bool unknown)
{
	uint64_t steered = 0, may;
	size_t i;

	may = reached(set, learned->joined);
	for (i = 0; i < set->n_nics; i++) {
		const struct learned_nic *nic = &set->nics[i];

		if (!nic->steered)
			continue;
		steered |= 1ULL << i;
		if (!(may >> i & 1) && wanted_besides(members, nic, &learned->key))
			learned->left_out |= 1ULL << i;
	}
	may |= reached(set, learned->left_out);
	/* The kernel itself puts IPv6 fragments of different NICs together apart. */
	learned->apart = learned->key.family == AF_INET && may & (may - 1);
	if (unknown)
		learned->state = LEARNED_NAMES;
	else if (may == steered && !learned->apart)
		learned->state = LEARNED_IDLE;
}

/* The NICs of members [from, to), which are of one group. */
static uint64_t nics_of(const struct learned_set *set, const struct links *links,
			const struct member *from, const struct member *to, bool *unknown)
{
	uint64_t nics = 0;

	for (; from < to; from++) {
		int nic = nic_index(set, from->ifindex);

		if (nic >= 0 && set->nics[nic].stands)
			nics |= set->nics[nic].stands;
		else if (links_by_index(links, from->ifindex))
			*unknown = true;
	}
	return nics;
}

static const struct member *same_source(const struct member *from, const struct member *end)
{
	const struct member *to = from;

	while (to < end && to->has_source == from->has_source &&
	       !memcmp(to->source, from->source, sizeof(from->source)))
		to++;
	return to;
}

static const struct member *same_group(const struct member *from, const struct member *end)
{
	const struct member *to = from;

	while (to < end && to->family == from->family &&
	       !memcmp(to->group, from->group, sizeof(from->group)))
		to++;
	return to;
}

/* All entries of one group: first those that are joined from any source. */
static int add_group(struct learned_set *set, size_t *room, const struct learned_input *input,
		     const struct member *from, const struct member *end)
{
	bool unknown = false;
	/* What a source's own memberships come on top of. */
	const struct member *any_end = from->has_source ? from : same_source(from, end);
	uint64_t base = from->family == AF_INET6
				? nics_of(set, input->links, from, end, &unknown)
				: nics_of(set, input->links, from, any_end, &unknown);
	const struct member *to;
	int err = 0;

	for (; !err && from < end; from = to) {
		struct learned learned = { .key.family = from->family,
					   .key.len = from->family == AF_INET ? 32 : 128,
					   .key.has_source = from->has_source };
		bool unknown_too = unknown;

		to = same_source(from, end);
		memcpy(learned.key.group, from->group, sizeof(from->group));
		memcpy(learned.key.source, from->source, sizeof(from->source));
		learned.joined = base | nics_of(set, input->links, from, to, &unknown_too);
		if (!learned.joined && !unknown_too)
			continue; /* the NIC has just gone */
		judge(set, input->members, &learned, unknown_too);
		err = append(set, room, &learned);
	}
	return err;
}

int learned_resolve(struct learned_set *set, const struct learned_input *input)
{
	const struct member *from = input->members->member, *end = from + input->members->n, *to;
	size_t room = 0;
	int err = 0;

	memset(set, 0, sizeof(*set));
	add_nics(set, input);
	for (; !err && from < end; from = to) {
		to = same_group(from, end);
		if (!learned_skips(from->family, from->group))
			err = add_group(set, &room, input, from, to);
	}
	if (err)
		learned_free(set);
	return err;
}

void learned_free(struct learned_set *set)
{
	free(set->group);
	memset(set, 0, sizeof(*set));
}
