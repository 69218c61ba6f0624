// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about where groups are joined and where they come in. */
#include <inttypes.h>
#include <string.h>

#include "config/statement.h"
#include "diagnose/rules.h"

#define SILENT_SECONDS	10  /* a sample that was asked to be so long may speak of silence */
#define QUERIER_SECONDS 130 /* general queries come every 125 s (RFC 3376, 8.2) */

/* What came in for the group on the NIC; NULL: nothing. */
static const struct fact_arrival *arrival_on(const struct facts *facts, uint8_t family,
					     const uint8_t *group, uint32_t hook)
{
	size_t i;

	for (i = 0; i < facts->n_arrivals; i++) {
		const struct fact_arrival *arrival = &facts->arrivals[i];

		if (arrival->ifindex == hook && arrival->family == family &&
		    !memcmp(arrival->group, group, address_len(family)))
			return arrival;
	}
	return NULL;
}

/* Of a NIC that nobody listened on, silence says nothing. */
static bool is_heard(const struct facts *facts, uint32_t hook)
{
	const struct fact_link *link = facts_link(facts, hook);

	return link && link->watched && !link->patchy;
}

static bool joined_elsewhere(const struct facts *facts, const struct fact_member *member)
{
	size_t i;

	for (i = 0; i < facts->n_members; i++) {
		const struct fact_member *other = &facts->members[i];

		if (other->hook != member->hook && other->family == member->family &&
		    !memcmp(other->group, member->group, address_len(member->family)))
			return true;
	}
	return false;
}

/* The group's route decides where a program joins that names no interface. */
static void tell_join_remedy(struct finding *finding, const struct fact_arrival *arrival,
			     const char *nic)
{
	evidence(finding,
		 "a program that joins without naming an interface joins where the route "
		 "to the group leads; restart it after the command below, or have it "
		 "join on %s",
		 nic);
	if (arrival->family == AF_INET)
		remedy(finding, "ip route replace %s/32 dev %s",
		       ADDRESS(arrival->family, arrival->group), nic);
	else
		remedy(finding, "ip -6 route replace multicast %s/128 dev %s table local",
		       ADDRESS(arrival->family, arrival->group), nic);
}

static void tell_other_nic(const struct facts *facts, struct findings *findings,
			   const struct fact_member *member, const struct fact_arrival *arrival)
{
	const char *joined = facts_name(facts, member->ifindex);
	const char *came = facts_name(facts, arrival->ifindex);
	/* The sender is on the joined NIC's network, and is not heard there. */
	bool astray = arrival->back.known && arrival->back.ifindex == member->hook;
	struct finding *finding;

	finding = finding_add(findings, "group-on-other-nic",
			      astray ? SEVERITY_FAULT : SEVERITY_WARNING,
			      "%s is joined on %s, but comes in on %s",
			      ADDRESS(member->family, member->group), joined, came);
	evidence(finding,
		 "in %.1f s %" PRIu64
		 " packets for it came in on %s, the last from %s, and none on %s",
		 facts->seconds,
		 arrival->packets > arrival->fragments ? arrival->packets : arrival->fragments,
		 came, ADDRESS(arrival->family, arrival->source), joined);
	evidence(finding, "it is not joined on %s, so what comes in there is not delivered", came);
	if (astray)
		evidence(finding,
			 "the way back to %s is %s: its network is joined to that of %s, or %s is "
			 "plugged in the wrong place",
			 ADDRESS(arrival->family, arrival->source), joined, came, joined);
	tell_join_remedy(finding, arrival, came);
}

void rule_group_on_other_nic(const struct facts *facts, struct findings *findings)
{
	size_t i, n;

	for (i = 0; i < facts->n_members; i++) {
		const struct fact_member *member = &facts->members[i];

		/* Joined on several: each has its own senders, and not all speak at once. */
		if (group_is_local(member->family, member->group) ||
		    !is_heard(facts, member->hook) || joined_elsewhere(facts, member) ||
		    arrival_on(facts, member->family, member->group, member->hook))
			continue;
		for (n = 0; n < facts->n_links; n++) {
			const struct fact_arrival *arrival = arrival_on(
				facts, member->family, member->group, facts->links[n].ifindex);

			if (arrival) {
				tell_other_nic(facts, findings, member, arrival);
				break;
			}
		}
	}
}

/* Every packet of one sender comes in on two NICs, and is delivered from both. */
static void tell_twice(const struct facts *facts, struct findings *findings,
		       const struct fact_arrival *a, const struct fact_arrival *b)
{
	const char *names[2] = { facts_name(facts, a->ifindex), facts_name(facts, b->ifindex) };
	const char *back = a->back.known && a->back.ifindex == b->ifindex ? names[1] : names[0];
	const char *group = ADDRESS(a->family, a->group);
	const struct group *policy = facts_policy(facts, a->family, a->group, a->source);
	struct finding *finding;

	/* Who allows both by name wants both. */
	if (policy && facts_allows(facts, policy, a->ifindex) &&
	    facts_allows(facts, policy, b->ifindex))
		return;
	finding = finding_add(findings, "group-twice", SEVERITY_WARNING,
			      "%s is joined on %s and %s, and every packet comes in on both", group,
			      names[0], names[1]);
	evidence(finding,
		 "in %.1f s %" PRIu64 " packets from %s came in on %s and %" PRIu64
		 " on %s: programs receive each of them twice",
		 facts->seconds, a->packets, ADDRESS(a->family, a->source), names[0], b->packets,
		 names[1]);
	remedy(finding, "xdpfragctl group %s %s %s scope all",
	       policy && !policy->learned && policy->key.len == 8 * address_len(a->family) &&
			       !policy->key.has_source
		       ? "replace"
		       : "add",
	       group, back);
}

/* Senders may come and go: the counts may differ by a tenth. */
static bool same_stream(const struct fact_arrival *a, const struct fact_arrival *b)
{
	uint64_t difference =
		a->packets > b->packets ? a->packets - b->packets : b->packets - a->packets;

	return a->family == b->family && !memcmp(a->group, b->group, address_len(a->family)) &&
	       !memcmp(a->source, b->source, address_len(a->family)) && a->packets >= 3 &&
	       b->packets >= 3 && difference * 10 <= a->packets + b->packets;
}

void rule_group_twice(const struct facts *facts, struct findings *findings)
{
	size_t i, n;

	for (i = 0; i < facts->n_arrivals; i++) {
		const struct fact_arrival *a = &facts->arrivals[i];

		/* Fragments on both are a matter of their own. */
		if (group_is_local(a->family, a->group) || a->fragments ||
		    !facts_member(facts, a->family, a->group, a->ifindex))
			continue;
		for (n = i + 1; n < facts->n_arrivals; n++) {
			const struct fact_arrival *b = &facts->arrivals[n];

			if (!b->fragments && same_stream(a, b) &&
			    facts_member(facts, b->family, b->group, b->ifindex))
				tell_twice(facts, findings, a, b);
		}
	}
}

static bool comes_in_anywhere(const struct facts *facts, const struct fact_member *member)
{
	size_t i;

	for (i = 0; i < facts->n_links; i++)
		if (arrival_on(facts, member->family, member->group, facts->links[i].ifindex))
			return true;
	return false;
}

/* A group may be quiet for a while: only a sample that was asked to be long speaks of it. */
void rule_group_silent(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; facts->seconds >= SILENT_SECONDS && i < facts->n_members; i++) {
		const struct fact_member *member = &facts->members[i];
		const char *nic = facts_name(facts, member->ifindex);
		struct finding *finding;

		if (group_is_local(member->family, member->group) ||
		    !is_heard(facts, member->hook) || joined_elsewhere(facts, member) ||
		    comes_in_anywhere(facts, member))
			continue;
		finding = finding_add(findings, "group-silent", SEVERITY_WARNING,
				      "%s is joined on %s, and nothing comes in for it",
				      ADDRESS(member->family, member->group), nic);
		evidence(finding,
			 "in %.1f s no packet for it came in on %s or any other NIC: nobody sends, "
			 "its TTL ends before this host, or a switch or router on the way does not "
			 "know of the membership",
			 facts->seconds, nic);
		if (!facts_link(facts, member->hook)->queries4 && member->family == AF_INET)
			evidence(finding, "no IGMP query came in on %s in that time", nic);
	}
}

/* Strict: the way back to the source must be the NIC itself. Loose: there must be one. */
static bool is_filtered(const struct fact_link *link, const struct fact_path *back)
{
	if (!back->known || link->rp_filter <= 0)
		return false;
	return back->unreachable || (link->rp_filter == 1 && back->ifindex != link->ifindex);
}

void rule_rp_filter(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_arrivals; i++) {
		const struct fact_arrival *arrival = &facts->arrivals[i];
		const struct fact_link *link = facts_link(facts, arrival->ifindex);
		struct finding *finding;

		/* The counter is the proof: the lookup here may differ from the kernel's by a rule.
		 */
		if (!link || arrival->family != AF_INET || !facts->counters.rp_filtered ||
		    !facts_member(facts, AF_INET, arrival->group, link->ifindex) ||
		    !is_filtered(link, &arrival->back))
			continue;
		finding = finding_add(findings, "rp-filter", SEVERITY_FAULT,
				      "rp_filter on %s drops what %s sends to %s", link->name,
				      ADDRESS(AF_INET, arrival->source),
				      ADDRESS(AF_INET, arrival->group));
		evidence(finding, "IPReversePathFilter rose by %" PRIu64 " in %.1f s (%.1f/s)",
			 facts->counters.rp_filtered, facts->seconds,
			 facts_rate(facts, facts->counters.rp_filtered));
		if (arrival->back.unreachable) {
			evidence(finding,
				 "rp_filter is %" PRId64 " on %s, and there is no route to %s",
				 link->rp_filter, link->name, ADDRESS(AF_INET, arrival->source));
			remedy(finding, "ip route add %s/32 dev %s",
			       ADDRESS(AF_INET, arrival->source), link->name);
		} else {
			evidence(finding,
				 "rp_filter is 1 (strict) on %s, and the way back to %s is %s",
				 link->name, ADDRESS(AF_INET, arrival->source),
				 facts_name(facts, arrival->back.ifindex));
			/* The larger of "all" and the NIC's own holds, and 2 is the loose one. */
			remedy(finding, "sysctl -w net/ipv4/conf/%s/rp_filter=2", link->name);
		}
	}
}

static bool misses_group(const struct facts *facts, uint32_t hook)
{
	size_t i;

	for (i = 0; i < facts->n_members; i++) {
		const struct fact_member *member = &facts->members[i];

		if (member->hook == hook && member->family == AF_INET &&
		    !group_is_local(AF_INET, member->group) &&
		    !arrival_on(facts, AF_INET, member->group, hook))
			return true;
	}
	return false;
}

/*
 * A switch with IGMP snooping and without a querier forgets who wants a group.
 * That is said only where a group is missed: a network that floods needs no querier.
 */
void rule_no_querier(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; facts->seconds >= QUERIER_SECONDS && i < facts->n_links; i++) {
		const struct fact_link *link = &facts->links[i];
		struct finding *finding;

		if (!is_heard(facts, link->ifindex) || link->queries4 ||
		    !misses_group(facts, link->ifindex))
			continue;
		finding = finding_add(
			findings, "no-igmp-querier", SEVERITY_WARNING,
			"No IGMP querier is heard on %s, and a group joined there is missing",
			link->name);
		evidence(finding,
			 "no general query came in on %s in %.0f s, and a querier sends one every "
			 "125 s; without one, switches with IGMP snooping stop forwarding a group "
			 "some minutes after it was joined",
			 link->name, facts->seconds);
		if (!strcmp(link->kind, "bridge"))
			remedy(finding, "ip link set dev %s type bridge mcast_querier 1",
			       link->name);
		else
			evidence(finding,
				 "turn on the IGMP querier of the switch or router that %s is "
				 "connected to; on a Linux bridge: ip link set dev BRIDGE type "
				 "bridge mcast_querier 1",
				 link->name);
	}
}
