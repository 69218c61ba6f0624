// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about NICs: who shares their network, who listens, what is merged. */
#include <inttypes.h>
#include <net/if.h>

#include "diagnose/rules.h"

/* Has every group that is joined here a policy, or gets one by itself? */
static bool is_covered(const struct facts *facts)
{
	static const uint8_t any[16];
	size_t i, joined = 0;

	if (facts->config && facts->config->learn)
		return true;
	for (i = 0; i < facts->n_members; i++) {
		const struct fact_member *member = &facts->members[i];

		if (group_is_local(member->family, member->group))
			continue;
		joined++;
		if (!facts_policy(facts, member->family, member->group, any))
			return false;
	}
	return joined;
}

/* Where every group has its policy, a shared network does no harm here. */
void rule_shared_domain(const struct facts *facts, struct findings *findings)
{
	size_t i, n;

	if (is_covered(facts))
		return;
	for (i = 0; i < facts->n_segments; i++) {
		const struct segment_pair *pair = &facts->segments[i];
		struct finding *finding;
		bool back = false;

		for (n = 0; n < facts->n_segments; n++)
			if (facts->segments[n].from == pair->to &&
			    facts->segments[n].to == pair->from) {
				back = true;
				break;
			}
		if (back && n < i)
			continue; /* told already, the other way round */
		finding = finding_add(findings, "shared-domain", SEVERITY_WARNING,
				      "%s and %s are in one broadcast domain",
				      facts_name(facts, pair->from), facts_name(facts, pair->to));
		evidence(finding,
			 "a broadcast frame (EtherType 0x88b5) sent from %s came in on %s%s",
			 facts_name(facts, pair->from), facts_name(facts, pair->to),
			 back ? ", and the other way round" : "");
		evidence(finding,
			 "multicast that is sent there comes in on both, whichever of them "
			 "joined the group");
		remedy(finding, "xdpfragctl learn on");
	}
}

/* A frame that comes back goes round, and so do all broadcasts and floods. */
void rule_network_loop(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_links; i++) {
		const struct fact_link *link = &facts->links[i];
		struct finding *finding;

		if (!link->loop)
			continue;
		finding = finding_add(findings, "network-loop", SEVERITY_FAULT,
				      "The network of %s has a loop", link->name);
		evidence(finding,
			 "a broadcast frame (EtherType 0x88b5) that %s sent came back to it; "
			 "spanning "
			 "tree on the switches finds and breaks the loop",
			 link->name);
	}
}

/* What keeps the NIC so by the way the host is built, and not for somebody's curiosity. */
static bool is_structural(const struct holder *holder)
{
	return holder->kind == HOLDER_LINK || holder->kind == HOLDER_ROUTING;
}

static void tell_holder(struct finding *finding, const struct fact_link *link,
			const struct holder *holder)
{
	const char *mode = holder->promisc ? "promisc" : "allmulti";
	char text[128];

	evidence(finding, "%s is held %s by %s", link->name,
		 holder->promisc ? "promiscuous" : "allmulti",
		 holder_text(holder, link->name, text, sizeof(text)));
	if (holder->kind == HOLDER_FLAG)
		remedy(finding, "xdpfragctl link set %s %s off", link->name, mode);
	else if (holder->kind == HOLDER_SOCKET && holder->pid)
		remedy(finding, "kill %d", holder->pid);
}

void rule_promiscuous(const struct facts *facts, struct findings *findings)
{
	size_t i, n;

	for (i = 0; i < facts->n_links; i++) {
		const struct fact_link *link = &facts->links[i];
		struct finding *finding = NULL;
		bool said = false;

		/* A port of a bridge is promiscuous by its trade. */
		if (!link->faces_stack || !(link->promiscuity || link->allmulti))
			continue;
		for (n = 0; n < link->n_holders; n++) {
			if (is_structural(&link->holders[n]))
				continue;
			if (!said)
				finding = finding_add(
					findings, "promiscuous", SEVERITY_WARNING,
					"%s takes in frames that are not meant for this host",
					link->name);
			said = true;
			tell_holder(finding, link, &link->holders[n]);
		}
		if (said)
			evidence(finding,
				 "promiscuity %u, allmulti %u: groups that nobody joined on %s get "
				 "past "
				 "its filter",
				 link->promiscuity, link->allmulti, link->name);
	}
}

/* The kernel turns it off under XDP and for forwarding, where it can. */
void rule_lro(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_links; i++) {
		const struct fact_link *link = &facts->links[i];
		const struct fact_managed *managed = facts_managed(facts, link->ifindex);
		bool forwards = facts->sysctls.forwarding4 > 0 || facts->sysctls.forwarding6 > 0;
		bool steered = managed && managed->mode >= MODE_OFF;
		struct finding *finding;

		if (link->lro != 1 || !link->faces_stack || (!forwards && !steered))
			continue;
		finding = finding_add(findings, "lro", SEVERITY_WARNING, "LRO is on on %s",
				      link->name);
		if (steered)
			evidence(finding,
				 "LRO merges frames before XDP sees them, and keeps drivers "
				 "from running it in native mode; %s is %s",
				 link->name,
				 managed->mode == MODE_NATIVE ? "in native mode"
				 : managed->mode == MODE_SKB  ? "in generic mode"
							      : "not steered");
		if (forwards)
			evidence(finding, "this host forwards, and what LRO has merged cannot be "
					  "forwarded as it came");
		remedy(finding, "xdpfragctl link set %s lro off", link->name);
	}
}

static const struct holder *capture_on(const struct fact_link *link)
{
	size_t i;

	for (i = 0; i < link->n_holders; i++)
		if (link->holders[i].kind == HOLDER_SOCKET && link->holders[i].promisc)
			return &link->holders[i];
	return NULL;
}

/* They are on nearly everywhere, and no harm but to who looks at the frames. */
void rule_capture_misled(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_links; i++) {
		const struct fact_link *link = &facts->links[i];
		const struct holder *capture = capture_on(link);
		bool in = link->merged && (link->gro == 1 || link->lro == 1);
		bool out = link->uncut && link->tso == 1;
		struct finding *finding;
		char text[128];

		if (!link->watched || !capture || (!in && !out))
			continue;
		finding = finding_add(findings, "capture-merged", SEVERITY_WARNING,
				      "A capture on %s sees frames that were never on the wire",
				      link->name);
		holder_text(capture, link->name, text, sizeof(text));
		if (in)
			evidence(finding,
				 "%s captures on %s, and %" PRIu64
				 " frames that came in during %.1f s had "
				 "been merged from several before it saw them",
				 text, link->name, link->merged, facts->seconds);
		if (out)
			evidence(finding,
				 "%s captures on %s, and %" PRIu64
				 " frames that were sent during %.1f s were cut into several "
				 "by the NIC (TSO) after it had seen them",
				 text, link->name, link->uncut, facts->seconds);
		if (in && link->lro == 1)
			remedy(finding, "xdpfragctl link set %s lro off", link->name);
		if (in && link->gro == 1)
			remedy(finding, "xdpfragctl link set %s gro off", link->name);
		if (out)
			remedy(finding, "xdpfragctl link set %s tso off", link->name);
	}
}
