// SPDX-License-Identifier: GPL-2.0-only
/*
 * steer: frame -> parse -> policy -> verdict -> count, on every managed link.
 *
 * One instance is loaded for each link and told its slot as a constant; all
 * instances share the policy (maps "state", "groups4", "groups6", "redirects"),
 * each counts in maps of its own. On any doubt the packet passes.
 *
 * Runs alone or as an extension under libxdp's dispatcher: no helper that
 * changes packet data (the verifier refuses such an extension from 6.12 on), no
 * tail call.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdp/xdp_helpers.h>

#include "parse.bpf.h"
#include "match.bpf.h"

/* Set by the agent before the program is loaded. */
const volatile __u32 link_slot = 0; /* this instance's bit in `allowed` */
const volatile __u32 rows = 1;	    /* records in a stripe of "counters" */
const volatile bool scope_all = false; /* some policy wants packets that are no fragments */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* set by the agent: (CPUs + 1) * rows */
	__type(key, __u32);
	__type(value, struct xdpfrag_counts);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpfrag_reasons);
} reasons SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, XDPFRAG_REDIRECTS);
	__type(key, __u32);
	__type(value, __u32); /* ifindex */
} redirects SEC(".maps");

/* Runs early in the dispatcher's chain, and lets the others go on with what passes. */
struct {
	__uint(priority, 20);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(xdpfrag_steer);

static __always_inline int pass_because(enum xdpfrag_reason reason)
{
	struct xdpfrag_reasons *record;
	__u32 key = 0;

	record = bpf_map_lookup_elem(&reasons, &key);
	if (record && reason < XDPFRAG_REASONS)
		record->packets[reason]++;
	return XDP_PASS;
}

static __always_inline void count(const struct xdpfrag_policy *policy,
				  enum xdpfrag_verdict verdict)
{
	__u32 index = bpf_get_smp_processor_id() * rows + policy->row;
	struct xdpfrag_counts *counts = NULL;

	/* A row beyond the stripe would be another CPU's. */
	if (policy->row < rows)
		counts = bpf_map_lookup_elem(&counters, &index);
	if (counts)
		counts->packets[verdict]++;
	else
		pass_because(XDPFRAG_UNCOUNTED);
}

static __always_inline int redirect(const struct xdpfrag_policy *policy)
{
	int action = bpf_redirect_map(&redirects, policy->redirect, XDP_PASS);

	if (action == XDP_REDIRECT) {
		count(policy, XDPFRAG_REDIRECTED);
		return XDP_REDIRECT;
	}
	count(policy, XDPFRAG_PASSED);
	return pass_because(XDPFRAG_REDIRECT_ABSENT);
}

static __always_inline int judge(const struct xdpfrag_policy *policy, int parsed)
{
	if (!policy)
		return parsed == PARSED_FRAGMENT ? pass_because(XDPFRAG_NO_POLICY) : XDP_PASS;
	if (parsed != PARSED_FRAGMENT && !(policy->flags & XDPFRAG_F_SCOPE_ALL))
		return XDP_PASS;
	if (policy->allowed >> link_slot & 1 || policy->flags & XDPFRAG_F_OUT_OF_USE) {
		count(policy, XDPFRAG_PASSED);
		return XDP_PASS;
	}
	switch (policy->wrong) {
	case XDPFRAG_WRONG_DROP:
		count(policy, XDPFRAG_DROPPED);
		return XDP_DROP;
	case XDPFRAG_WRONG_REDIRECT:
		return redirect(policy);
	default:
		count(policy, XDPFRAG_OBSERVED);
		return XDP_PASS;
	}
}

SEC("xdp.frags")
int xdpfrag_steer(struct xdp_md *ctx)
{
	void *pos = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	int parsed = PARSED_OTHER;
	__u32 active;
	__be16 proto;

	if (!parse_ethernet(&pos, end, &proto, &parsed))
		return pass_because(parsed);
	if (proto == bpf_htons(ETH_P_IP))
		parsed = parse_ipv4(ctx, pos, end);
	else if (proto == bpf_htons(ETH_P_IPV6))
		parsed = parse_ipv6(ctx, pos, end);

	if (parsed == PARSED_OTHER || (parsed == PARSED_WHOLE && !scope_all))
		return XDP_PASS;
	if (parsed < XDPFRAG_REASONS)
		return pass_because(parsed);

	active = state.active & 1;
	if (!(state.half[active].links >> link_slot & 1))
		return XDP_PASS;

	if (proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = pos;

		if ((void *)(ip + 1) > end)
			return XDP_PASS;
		return judge(match4(active, ip->daddr, ip->saddr), parsed);
	} else {
		struct ipv6hdr *ip6 = pos;
		struct key6 key;

		if ((void *)(ip6 + 1) > end)
			return XDP_PASS;
		__builtin_memcpy(key.group, &ip6->daddr, sizeof(key.group));
		__builtin_memcpy(key.source, &ip6->saddr, sizeof(key.source));
		return judge(match6(active, &key), parsed);
	}
}

char _license[] SEC("license") = "GPL";
