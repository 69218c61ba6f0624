// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules about fragments and their reassembly.
 *
 * The fault that this program was written for: fragments of one datagram come in
 * on two NICs, and the stack keeps both copies in one reassembly queue, because
 * the interface is no part of its key (net/ipv4/ip_fragment.c). IPv6 is not
 * judged: there multicast is keyed by interface (ipv6_frag_rcv()).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/statement.h"
#include "diagnose/rules.h"

#define NAME		    "fragments-on-two-nics"
#define SPOT_NICS	    8 /* NICs that are named of one group */
#define SPOT_TEXT	    (SPOT_NICS * (IFNAMSIZ + 5))
#define DEFAULT_HIGH_THRESH 4194304 /* bytes, since Linux 4.18 */

/* The NICs on which one group comes in twice: one finding and one remedy, however many pairs. */
struct spot {
	uint32_t nics[SPOT_NICS];
	const struct fact_member *joined[SPOT_NICS]; /* NULL: not there */
	size_t n;
};

static bool same_group(const struct fact_twins *a, const struct fact_twins *b)
{
	return a->pair.family == b->pair.family &&
	       !memcmp(a->pair.group, b->pair.group, address_len(a->pair.family));
}

/* Copies that do not meet in one queue, or whose meeting is meant. */
static bool is_harmless(const struct facts *facts, const struct twins_pair *pair)
{
	const struct fact_link *a = facts_link(facts, pair->nics[0]);
	const struct fact_link *b = facts_link(facts, pair->nics[1]);
	const struct group *policy = facts_policy(facts, pair->family, pair->group, pair->source);

	if (pair->family != AF_INET || pair->fragments < 2 || !a || !b)
		return true;
	if (a->vrf != b->vrf)
		return true;
	return policy && policy->apart && facts_allows(facts, policy, a->ifindex) &&
	       facts_allows(facts, policy, b->ifindex);
}

/* Is the pair the first one of its group? The others are told with it. */
static bool is_first(const struct facts *facts, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (same_group(&facts->twins[i], &facts->twins[n]) &&
		    !is_harmless(facts, &facts->twins[i].pair))
			return false;
	return true;
}

static void add_nic(const struct facts *facts, const struct twins_pair *pair, uint32_t nic,
		    struct spot *spot)
{
	size_t i;

	for (i = 0; i < spot->n; i++)
		if (spot->nics[i] == nic)
			return;
	if (spot->n == SPOT_NICS)
		return;
	spot->joined[spot->n] = facts_member(facts, pair->family, pair->group, nic);
	spot->nics[spot->n++] = nic;
}

static void find_spot(const struct facts *facts, size_t first, struct spot *spot)
{
	size_t i;

	spot->n = 0;
	for (i = first; i < facts->n_twins; i++) {
		const struct twins_pair *pair = &facts->twins[i].pair;

		if (!same_group(&facts->twins[first], &facts->twins[i]) || is_harmless(facts, pair))
			continue;
		add_nic(facts, pair, pair->nics[0], spot);
		add_nic(facts, pair, pair->nics[1], spot);
	}
}

enum which { ALL, JOINED, OTHERS };

/* Those of the NICs, with `between` between them; how many. */
static size_t name_nics(const struct facts *facts, const struct spot *spot, enum which which,
			const char *between, char *buf, size_t len)
{
	size_t i, used = 0, n = 0;

	buf[0] = '\0';
	for (i = 0; i < spot->n && used < len; i++) {
		const struct fact_member *joined = spot->joined[i];

		if (which != ALL && (which == JOINED) != !!joined)
			continue;
		used += snprintf(
			buf + used, len - used, "%s%s", n ? between : "",
			facts_name(facts, which == JOINED ? joined->ifindex : spot->nics[i]));
		n++;
	}
	return n;
}

static void tell_copies(struct finding *finding, const struct facts *facts, size_t first)
{
	size_t i;

	for (i = first; i < facts->n_twins && finding && finding->n_evidence < 3; i++) {
		const struct twins_pair *pair = &facts->twins[i].pair;

		if (!same_group(&facts->twins[first], &facts->twins[i]) || is_harmless(facts, pair))
			continue;
		evidence(finding,
			 "%" PRIu64
			 " fragments from %s to %s came in on %s and on %s within 100 ms of "
			 "each other in %.1f s; %s was first for %" PRIu64
			 " of them, %s for %" PRIu64,
			 pair->fragments, ADDRESS(pair->family, pair->source),
			 ADDRESS(pair->family, pair->group), facts_name(facts, pair->nics[0]),
			 facts_name(facts, pair->nics[1]), facts->seconds,
			 facts_name(facts, pair->nics[0]), pair->first_on[0],
			 facts_name(facts, pair->nics[1]), pair->first_on[1]);
	}
}

static void tell_defrag(struct finding *finding, const struct fact_defrag *defrag)
{
	char by[256] = "";
	size_t i, used = 0;

	for (i = 0; i < defrag->n_by && used < sizeof(by); i++)
		used += snprintf(by + used, sizeof(by) - used, "%s%s", i ? "; " : "",
				 defrag->by[i]);
	if (defrag->before_routing == ANSWER_YES)
		evidence(finding, "datagrams are put together before they are routed: %s", by);
	else if (defrag->before_routing == ANSWER_NO)
		evidence(finding, "nothing puts datagrams together before they are routed, so that "
				  "the route lookup still drops the wrong copies; the first "
				  "conntrack or TPROXY rule ends that");
	else
		evidence(finding,
			 "whether datagrams are put together before they are routed "
			 "cannot be seen on this kernel%s%s",
			 defrag->n_by ? ": " : "", by);
}

static void tell_counters(struct finding *finding, const struct facts *facts)
{
	const struct fact_counters *counters = &facts->counters;

	evidence(finding,
		 "in %.1f s ReasmFails rose by %" PRIu64 " (%.1f/s), ReasmTimeout by %" PRIu64
		 ", overlapping fragments by %" PRIu64
		 "; datagrams that wait for fragments: %" PRIu64 " at the beginning, %" PRIu64
		 " at the end",
		 facts->seconds, counters->reasm_fails, facts_rate(facts, counters->reasm_fails),
		 counters->reasm_timeout, counters->reasm_overlaps, facts->queues.before,
		 facts->queues.after);
}

/* The statement that makes the group come in on these NICs only. */
static void tell_group_remedy(struct finding *finding, const struct facts *facts,
			      const struct twins_pair *pair, const char *nics, bool apart)
{
	const struct group *policy = facts_policy(facts, pair->family, pair->group, pair->source);
	struct group_key key = { .family = pair->family, .len = 8 * address_len(pair->family) };
	const struct group *own;
	char words[GROUP_KEY_WORDS];

	memcpy(key.group, pair->group, address_len(pair->family));
	/* An (S,G) statement is nearer than one for the group alone. */
	if (policy && policy->key.has_source)
		key = policy->key;
	own = facts->config ? config_find_group(facts->config, &key) : NULL;
	group_key_text(&key, words, sizeof(words));
	remedy(finding, "xdpfragctl group %s %s %s%s%s%s", own ? "replace" : "add", words, nics,
	       key.has_source ? " source " : "",
	       key.has_source ? ADDRESS(key.family, key.source) : "", apart ? " apart" : "");
}

/* The NIC that leads to the source, or else the first. */
static const char *way_back(const struct facts *facts, const struct fact_twins *twins,
			    const struct spot *spot)
{
	size_t i;

	for (i = 0; i < spot->n; i++)
		if (twins->back.known && twins->back.ifindex == spot->nics[i])
			return facts_name(facts, spot->nics[i]);
	return facts_name(facts, spot->nics[0]);
}

static void tell_joined(struct finding *finding, const struct facts *facts,
			const struct fact_twins *twins, const struct spot *spot)
{
	char nics[SPOT_TEXT], others[SPOT_TEXT];
	size_t n = name_nics(facts, spot, JOINED, ",", nics, sizeof(nics));
	size_t n_others = name_nics(facts, spot, OTHERS, " and ", others, sizeof(others));

	if (n > 1) {
		evidence(finding,
			 "the group is joined on %s: the copies of each datagram meet in one "
			 "queue, and the one that trails waits in vain",
			 spot->n == 2 ? "both" : nics);
		tell_group_remedy(finding, facts, &twins->pair, nics, true);
	} else if (n) {
		evidence(finding,
			 "the group is joined on %s and not on %s: a datagram that %s%s copy "
			 "completes is dropped whole",
			 nics, others, n_others == 1 ? others : "one of their",
			 n_others == 1 ? "'s" : "");
		tell_group_remedy(finding, facts, &twins->pair, nics, false);
	} else {
		const char *back = way_back(facts, twins, spot);

		evidence(finding,
			 "the group is joined on %s of them; the way back to its source is %s",
			 spot->n == 2 ? "neither" : "none", back);
		tell_group_remedy(finding, facts, &twins->pair, back, false);
	}
}

static void tell_twins(const struct facts *facts, struct findings *findings, size_t n)
{
	const struct fact_twins *twins = &facts->twins[n];
	const struct twins_pair *pair = &twins->pair;
	bool early = facts->defrag.before_routing == ANSWER_YES;
	bool failing = facts_lost(facts);
	struct finding *finding;
	char nics[SPOT_TEXT];
	struct spot spot;
	bool wanted;

	find_spot(facts, n, &spot);
	wanted = name_nics(facts, &spot, JOINED, ",", nics, sizeof(nics));
	/* The route lookup drops each copy, and nothing is kept. */
	if (!wanted && !early && !failing)
		return;
	name_nics(facts, &spot, ALL, " and ", nics, sizeof(nics));
	finding = finding_add(findings, NAME,
			      wanted && (early || failing) ? SEVERITY_FAULT : SEVERITY_WARNING,
			      "Fragments to %s come in on %s%s", ADDRESS(pair->family, pair->group),
			      spot.n == 2 ? "both " : "", nics);
	tell_copies(finding, facts, n);
	tell_joined(finding, facts, twins, &spot);
	tell_defrag(finding, &facts->defrag);
	tell_counters(finding, facts);
}

void rule_fragments_on_two_nics(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_twins; i++)
		if (!is_harmless(facts, &facts->twins[i].pair) && is_first(facts, i))
			tell_twins(facts, findings, i);
}

/* Over ipfrag_high_thresh, no fragment opens a queue any more. */
void rule_fragment_memory(const struct facts *facts, struct findings *findings)
{
	int64_t limit = facts->sysctls.ipfrag_high_thresh;
	double used = limit > 0 ? 100.0 * facts->queues.memory_peak / limit : 0;
	struct finding *finding;

	if (!facts->queues.known || used < 75)
		return;
	finding = finding_add(findings, "fragment-memory",
			      used >= 95 ? SEVERITY_FAULT : SEVERITY_WARNING,
			      "Fragments that wait for the rest fill the memory they may have");
	evidence(finding,
		 "up to %" PRIu64 " bytes in use, and from net.ipv4.ipfrag_high_thresh, %" PRId64
		 ", on new datagrams are not put together (%.0f%%)",
		 facts->queues.memory_peak, limit, used);
	tell_counters(finding, facts);
	remedy(finding, "sysctl -w net.ipv4.ipfrag_high_thresh=%" PRId64,
	       limit * 4 > DEFAULT_HIGH_THRESH ? limit * 4 : DEFAULT_HIGH_THRESH);
}

/* Where the fragments came from that may have belonged to what was lost. */
static void tell_fragment_sources(struct finding *finding, const struct facts *facts,
				  uint8_t family)
{
	size_t i;

	for (i = 0; i < facts->n_arrivals && finding && finding->n_evidence < 5; i++) {
		const struct fact_arrival *arrival = &facts->arrivals[i];

		if (arrival->family == family && arrival->fragments > arrival->removed)
			evidence(finding, "%" PRIu64 " fragments came from %s to %s on %s",
				 arrival->fragments - arrival->removed,
				 ADDRESS(family, arrival->source), ADDRESS(family, arrival->group),
				 facts_name(facts, arrival->ifindex));
	}
}

/* One in a hundred, or none got through: loss that is felt. */
static enum severity loss_severity(uint64_t lost, uint64_t whole)
{
	return lost * 100 >= whole ? SEVERITY_FAULT : SEVERITY_WARNING;
}

static void failing4(const struct facts *facts, struct findings *findings)
{
	const struct fact_counters *counters = &facts->counters;
	uint64_t lost = facts_lost(facts);
	struct finding *finding;

	/* What two NICs do to it has been told already, with the same numbers. */
	if (!lost || findings_have(findings, NAME, SEVERITY_WARNING))
		return;
	/* What only waits, and only a few, may be under way still. */
	if (!counters->reasm_fails && lost < 3)
		return;
	finding = finding_add(findings, "reassembly-failing",
			      loss_severity(lost, counters->reasm_oks),
			      "IPv4 datagrams are lost because fragments of them are missing");
	evidence(finding,
		 "%" PRIu64 " datagrams were put together, and %" PRIu64 " were not (%.1f/s)",
		 counters->reasm_oks, lost, facts_rate(facts, lost));
	tell_counters(finding, facts);
	tell_fragment_sources(finding, facts, AF_INET);
	evidence(finding, "what is missing was lost before it came to this host's stack; the drop "
			  "counters of its NICs (ip -s link) and of the switches tell where");
}

static void failing6(const struct facts *facts, struct findings *findings)
{
	const struct fact_counters *counters = &facts->counters;
	struct finding *finding;

	if (!counters->reasm6_fails)
		return;
	finding = finding_add(findings, "reassembly6-failing",
			      loss_severity(counters->reasm6_fails, counters->reasm6_oks),
			      "IPv6 datagrams are lost because fragments of them are missing");
	evidence(finding,
		 "in %.1f s Ip6ReasmFails rose by %" PRIu64 " (%.1f/s), Ip6ReasmTimeout by %" PRIu64
		 ", Ip6ReasmOKs by %" PRIu64,
		 facts->seconds, counters->reasm6_fails, facts_rate(facts, counters->reasm6_fails),
		 counters->reasm6_timeout, counters->reasm6_oks);
	tell_fragment_sources(finding, facts, AF_INET6);
}

void rule_reassembly_failing(const struct facts *facts, struct findings *findings)
{
	failing4(facts, findings);
	failing6(facts, findings);
}
