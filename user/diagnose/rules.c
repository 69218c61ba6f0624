// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of doctor's rules, in the order of harm. */
#include "diagnose/rules.h"

static const rule_fn rules[] = {
	rule_fragments_on_two_nics,
	rule_fragment_memory,
	rule_reassembly_failing,
	rule_network_loop,
	rule_rp_filter,
	rule_group_on_other_nic,
	rule_route_over_link,
	rule_length_errors,
	rule_not_steered,
	rule_sockets_missing,
	rule_reconcile_error,
	rule_ipfrag_sysctls,
	rule_over_mtu,
	rule_group_twice,
	rule_group_silent,
	rule_no_querier,
	rule_policy_without_nic,
	rule_shared_domain,
	rule_jumbo_default,
	rule_peer_mtu,
	rule_drift,
	rule_agent_full,
	rule_lro,
	rule_generic_mode,
	rule_promiscuous,
	rule_capture_misled,
};

void rules_run(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		rules[i](facts, findings);
	findings_sort(findings);
}

uint64_t facts_stuck(const struct facts *facts)
{
	const struct fact_queues *queues = &facts->queues;
	/* Each that timed out waited before: what is left of the sum was opened meanwhile. */
	uint64_t after = queues->after + facts->counters.reasm_timeout;

	return queues->known && after > queues->before ? after - queues->before : 0;
}

uint64_t facts_lost(const struct facts *facts)
{
	const struct fact_counters *counters = &facts->counters;
	uint64_t at_once = counters->reasm_fails > counters->reasm_timeout
				   ? counters->reasm_fails - counters->reasm_timeout
				   : 0;

	return facts_stuck(facts) + at_once;
}

double facts_rate(const struct facts *facts, uint64_t n)
{
	return facts->seconds > 0 ? n / facts->seconds : 0;
}
