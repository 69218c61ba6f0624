/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong, from what is known: pure functions from facts to findings, one
 * file a theme. They stand in rules.c in the order of harm.
 *
 * That a rule says nothing on a healthy host counts as much as that it says
 * something on a sick one: each asks for evidence of the harm, not for a setting
 * that somebody may have chosen.
 */
#ifndef XDPFRAG_RULES_H
#define XDPFRAG_RULES_H

#include "diagnose/facts.h"
#include "diagnose/finding.h"

typedef void (*rule_fn)(const struct facts *facts, struct findings *findings);

/* All rules, and the findings sorted. */
void rules_run(const struct facts *facts, struct findings *findings);

/* rules_fragments.c */
void rule_fragments_on_two_nics(const struct facts *facts, struct findings *findings);
void rule_fragment_memory(const struct facts *facts, struct findings *findings);
void rule_reassembly_failing(const struct facts *facts, struct findings *findings);
/* rules_groups.c */
void rule_group_on_other_nic(const struct facts *facts, struct findings *findings);
void rule_group_twice(const struct facts *facts, struct findings *findings);
void rule_group_silent(const struct facts *facts, struct findings *findings);
void rule_rp_filter(const struct facts *facts, struct findings *findings);
void rule_no_querier(const struct facts *facts, struct findings *findings);
/* rules_mtu.c */
void rule_length_errors(const struct facts *facts, struct findings *findings);
void rule_over_mtu(const struct facts *facts, struct findings *findings);
void rule_route_over_link(const struct facts *facts, struct findings *findings);
void rule_jumbo_default(const struct facts *facts, struct findings *findings);
void rule_peer_mtu(const struct facts *facts, struct findings *findings);
/* rules_links.c */
void rule_shared_domain(const struct facts *facts, struct findings *findings);
void rule_network_loop(const struct facts *facts, struct findings *findings);
void rule_promiscuous(const struct facts *facts, struct findings *findings);
void rule_lro(const struct facts *facts, struct findings *findings);
void rule_capture_misled(const struct facts *facts, struct findings *findings);
/* rules_host.c */
void rule_ipfrag_sysctls(const struct facts *facts, struct findings *findings);
/* rules_agent.c */
void rule_not_steered(const struct facts *facts, struct findings *findings);
void rule_sockets_missing(const struct facts *facts, struct findings *findings);
void rule_generic_mode(const struct facts *facts, struct findings *findings);
void rule_policy_without_nic(const struct facts *facts, struct findings *findings);
void rule_agent_full(const struct facts *facts, struct findings *findings);
void rule_reconcile_error(const struct facts *facts, struct findings *findings);
void rule_drift(const struct facts *facts, struct findings *findings);

/*
 * Shared by the rules.
 */
/* IPv4 datagrams for which fragments began to be awaited in vain during the sample. */
uint64_t facts_stuck(const struct facts *facts);
/* Those, and those that were given up at once: overlaps, memory. */
uint64_t facts_lost(const struct facts *facts);
double facts_rate(const struct facts *facts, uint64_t n); /* a second */

#endif
