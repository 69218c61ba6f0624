// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts about memberships, and about the ways back to who sends. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/collect.h"
#include "netstate/members.h"
#include "netstate/routes.h"

#define LOOKUPS_MAX 256 /* addresses asked for; a route lookup takes some 50 microseconds */

int collect_members(struct facts *facts)
{
	struct members members;
	size_t i, n;
	int err;

	err = members_read(&members);
	if (err)
		return err;
	n = members.n < FACT_MEMBERS ? members.n : FACT_MEMBERS;
	facts->members = calloc(n + 1, sizeof(*facts->members));
	for (i = 0; facts->members && i < members.n && facts->n_members < n; i++) {
		const struct member *member = &members.member[i];
		const struct fact_link *link = facts_link(facts, member->ifindex);
		struct fact_member *fact = &facts->members[facts->n_members];

		/* Those that every host has are no matter of any rule. */
		if (!link || group_is_local(member->family, member->group))
			continue;
		/* From several sources: an entry for each, next to each other but for the NIC. */
		if (facts_member(facts, member->family, member->group, link->hook) && link->hook)
			continue;
		*fact = (struct fact_member){ .ifindex = member->ifindex,
					      .hook = link->hook,
					      .family = member->family };
		memcpy(fact->group, member->group, sizeof(fact->group));
		facts->n_members++;
	}
	if (members.n > n)
		facts_note(facts, "of %zu memberships, %zu were looked at", members.n, n);
	members_free(&members);
	return facts->members ? 0 : -ENOMEM;
}

/* An address that was asked for. */
struct asked {
	uint8_t family;
	uint8_t address[16];
	struct fact_path path;
};

struct paths {
	struct asked asked[LOOKUPS_MAX];
	size_t n;
};

static struct fact_path ask(uint8_t family, const uint8_t *address)
{
	struct fact_path path = {};
	struct route_answer answer;
	int err = route_lookup(&answer, family, address);

	if (err == -ENETUNREACH || err == -EHOSTUNREACH)
		return (struct fact_path){ .known = true, .unreachable = true };
	if (err)
		return path;
	if (answer.used.type == RTN_UNICAST && answer.used.n_hops) {
		path.known = true;
		path.ifindex = answer.used.hops[0].ifindex;
		path.on_link = !answer.used.hops[0].via_family;
	}
	route_answer_release(&answer);
	return path;
}

static struct fact_path path_to(struct paths *paths, const struct facts *facts, uint8_t family,
				const uint8_t *address)
{
	const struct fact_link *link;
	struct asked *asked;
	size_t i;

	for (i = 0; i < paths->n; i++)
		if (paths->asked[i].family == family &&
		    !memcmp(paths->asked[i].address, address, address_len(family)))
			return paths->asked[i].path;
	if (paths->n == LOOKUPS_MAX)
		return (struct fact_path){};
	asked = &paths->asked[paths->n++];
	asked->family = family;
	memcpy(asked->address, address, address_len(family));
	asked->path = ask(family, address);
	/* Arrivals are told by the NIC that faces the stack. */
	link = facts_link(facts, asked->path.ifindex);
	if (link && link->hook)
		asked->path.ifindex = link->hook;
	return asked->path;
}

static bool joined_anywhere(const struct facts *facts, const struct fact_arrival *arrival)
{
	size_t i;

	for (i = 0; i < facts->n_members; i++)
		if (facts->members[i].family == arrival->family &&
		    !memcmp(facts->members[i].group, arrival->group, address_len(arrival->family)))
			return true;
	return false;
}

void collect_paths(struct facts *facts)
{
	struct paths *paths = calloc(1, sizeof(*paths));
	size_t i;

	if (!paths)
		return;
	for (i = 0; i < facts->n_twins; i++)
		facts->twins[i].back = path_to(paths, facts, facts->twins[i].pair.family,
					       facts->twins[i].pair.source);
	for (i = 0; i < facts->n_peers; i++)
		facts->peers[i].back =
			path_to(paths, facts, facts->peers[i].family, facts->peers[i].address);
	for (i = 0; i < facts->n_arrivals; i++)
		if (joined_anywhere(facts, &facts->arrivals[i]))
			facts->arrivals[i].back = path_to(paths, facts, facts->arrivals[i].family,
							  facts->arrivals[i].source);
	free(paths);
}
