// SPDX-License-Identifier: GPL-2.0-only
/*
 * steer: frame -> parse -> policy -> verdict -> count, on every managed link.
 *
 * One instance is loaded for each link and told its slot as a constant; all
 * instances share the policy (maps "state", "groups4", "groups6", "redirects")
 * and the ring of fragment events ("events"), each counts in maps of its own. On
 * any doubt the packet passes.
 *
 * xdpfrag_steer() lets go what no policy can name, and settles by itself the one
 * case that must be fast: a fragment in an ordinary frame, its group known by an
 * exact entry that says nothing but "drop on a wrong link", or not known at all,
 * and nobody watching. Whatever is different goes through steer_rest(), which
 * begins anew and knows every case. Nothing may be decided in the first that the
 * second would decide otherwise.
 *
 * Runs alone or as an extension under libxdp's dispatcher: no helper that
 * changes packet data (the verifier refuses such an extension from 6.12 on; what
 * apart.bpf.h writes by itself is none of its business), no tail call. Only
 * xdpfrag_hooked() ends in one, is loaded for links with an xdpcap hook in place of
 * xdpfrag_steer(), and always runs alone.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdp/xdp_helpers.h>

#include "parse.bpf.h"
#include "match.bpf.h"
#include "apart.bpf.h"
#include "capture.bpf.h"
#include "events.bpf.h"
#include "reassemble.bpf.h"
#include "xdpcap.bpf.h"

/* Set by the agent before the program is loaded. */
const volatile __u32 link_slot = 0;    /* this instance's bit in `allowed` */
const volatile __u32 rows = 1;	       /* records in a stripe of "counters" */
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

/*
 * Not BPF_MAP_TYPE_DEVMAP: for the kernel that one belongs to its first program's kind,
 * and a program in a dispatcher is of another kind than one alone.
 */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
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

static __always_inline void count(const struct xdpfrag_policy *policy, __u32 verdict)
{
	__u32 stripe = rows, row = policy->row;
	__u32 index = bpf_get_smp_processor_id() * stripe + row;
	struct xdpfrag_counts *counts = NULL;

	/* A row beyond the stripe would be another CPU's. */
	if (likely(row < stripe))
		counts = bpf_map_lookup_elem(&counters, &index);
	if (likely(counts && verdict < XDPFRAG_VERDICTS))
		counts->packets[verdict]++;
	else
		pass_because(XDPFRAG_UNCOUNTED);
}

static __always_inline bool link_acts(__u32 active)
{
	return state.half[active].links >> link_slot & 1;
}

static __always_inline bool link_allowed(const struct xdpfrag_policy *policy)
{
	return policy->allowed >> link_slot & 1;
}

static __always_inline enum xdpfrag_verdict redirect(const struct xdpfrag_policy *policy)
{
	if (bpf_redirect_map(&redirects, policy->redirect, XDP_PASS) == XDP_REDIRECT)
		return XDPFRAG_REDIRECTED;
	pass_because(XDPFRAG_REDIRECT_ABSENT);
	return XDPFRAG_PASSED;
}

/* For a capture, which alone asks: redirect() has passed it. */
static __always_inline bool target_absent(const struct xdpfrag_policy *policy, __u32 verdict)
{
	return verdict == XDPFRAG_PASSED && policy->wrong == XDPFRAG_WRONG_REDIRECT &&
	       !link_allowed(policy) && !(policy->flags & XDPFRAG_F_OUT_OF_USE);
}

/* The worker's key knows one VLAN tag at most. */
static __always_inline bool wants_reassembly(struct xdp_md *ctx, void *pos, int parsed,
					     const struct xdpfrag_policy *policy)
{
	void *data = (void *)(long)ctx->data;

	return policy->flags & XDPFRAG_F_REASSEMBLE && parsed == PARSED_FRAGMENT &&
	       pos - data <= ETH_HLEN + (long)sizeof(struct vlan_tag);
}

static __always_inline enum xdpfrag_verdict judge(struct xdp_md *ctx, __be16 proto, void *pos,
						  int parsed, const struct fragment *fragment,
						  const struct xdpfrag_policy *policy)
{
	void *end = (void *)(long)ctx->data_end;

	if (policy->flags & XDPFRAG_F_OUT_OF_USE)
		return XDPFRAG_PASSED;
	if (wants_reassembly(ctx, pos, parsed, policy) &&
	    to_socket(ctx, link_slot, link_allowed(policy), policy->flags & XDPFRAG_F_TURN,
		      hash_datagram(proto, pos, end, fragment->id)) == XDP_REDIRECT)
		return XDPFRAG_REASSEMBLED;
	if (link_allowed(policy))
		return XDPFRAG_PASSED;
	switch (policy->wrong) {
	case XDPFRAG_WRONG_DROP:
		return XDPFRAG_DROPPED;
	case XDPFRAG_WRONG_REDIRECT:
		return redirect(policy);
	default:
		return XDPFRAG_OBSERVED;
	}
}

static __always_inline int action_of(__u32 verdict)
{
	switch (verdict) {
	case XDPFRAG_DROPPED:
		return XDP_DROP;
	case XDPFRAG_REDIRECTED:
	case XDPFRAG_REASSEMBLED:
		return XDP_REDIRECT;
	default:
		return XDP_PASS;
	}
}

/* By value: between a pointer into groups4, one into groups6 and NULL the verifier gets lost. */
static __always_inline bool find_policy(__u32 active, __be16 proto, void *pos, void *end,
					struct xdpfrag_policy *policy, struct decision *decision)
{
	const struct xdpfrag_group4 *entry4;
	const struct xdpfrag_group6 *entry6;

	/* The verifier wants to see once more what parsing saw. */
	if (proto == bpf_htons(ETH_P_IP) && pos + sizeof(struct iphdr) <= end) {
		entry4 = match4(active, pos);
		if (!entry4)
			return false;
		*policy = entry4->policy;
		if (capturing)
			decided_by4(decision, entry4);
		return true;
	}
	if (pos + sizeof(struct ipv6hdr) <= end) {
		entry6 = match6(active, pos);
		if (!entry6)
			return false;
		*policy = entry6->policy;
		if (capturing)
			decided_by6(decision, entry6);
		return true;
	}
	return false;
}

/* The stack shall put the copies of each allowed link together by themselves. */
static __always_inline void keep_apart(__be16 proto, struct iphdr *ip, void *end,
				       const struct xdpfrag_policy *policy)
{
	__u64 before = policy->allowed & ((1ULL << link_slot) - 1);

	if (policy->flags & XDPFRAG_F_APART && link_allowed(policy) &&
	    proto == bpf_htons(ETH_P_IP) && (void *)(ip + 1) <= end)
		set_apart(ip, __builtin_popcountll(before));
}

/* A record of a fragment, whatever became of it; before anything in it is changed. */
static __always_inline void tell(struct xdp_md *ctx, __be16 proto, void *pos,
				 const struct fragment *fragment, __u32 row, __u8 verdict)
{
	void *end = (void *)(long)ctx->data_end;
	__u64 now = bpf_ktime_get_ns();
	struct xdpfrag_event *event;

	if (!is_watched(now))
		return;
	event = event_new(ctx, now, link_slot, fragment);
	if (!event)
		return;
	event->row = row;
	event->verdict = verdict;
	if (proto == bpf_htons(ETH_P_IP) && pos + sizeof(struct iphdr) <= end) {
		event->family = FAMILY_IPV4;
		put_addresses4(event, pos);
	} else if (pos + sizeof(struct ipv6hdr) <= end) {
		event->family = FAMILY_IPV6;
		put_addresses6(event, pos);
	} else {
		bpf_ringbuf_discard(event, 0);
		return;
	}
	bpf_ringbuf_submit(event, 0);
}

/* On any doubt: the packet passes, for a reason that is counted. */
static __always_inline void doubt(struct decision *decision, enum xdpfrag_reason reason)
{
	pass_because(reason);
	decision->reason = reason;
}

/*
 * Every case, in the order of the words above: frame, parse, policy, verdict, count.
 * `matched`: by a capture's filter, so that the frame is to be captured.
 */
static __noinline int steer_rest(struct xdp_md *ctx, bool matched)
{
	void *pos = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct xdpfrag_policy policy = { .row = XDPFRAG_ROW_DELETED };
	struct decision decision = { .reason = XDPFRAG_NO_REASON };
	__u32 active, verdict = XDPFRAG_NO_VERDICT;
	struct fragment fragment = {};
	bool is_fragment = false;
	__be16 proto;
	int parsed;

	parsed = parse_ethernet(&pos, end, &proto);
	if (parsed == PARSED_OTHER && proto == bpf_htons(ETH_P_IP))
		parsed = parse_ipv4(ctx, pos, end, scope_all, &fragment);
	else if (parsed == PARSED_OTHER && proto == bpf_htons(ETH_P_IPV6))
		parsed = parse_ipv6(ctx, pos, end, scope_all, &fragment);
	active = active_half();
	if (parsed < XDPFRAG_REASONS) {
		doubt(&decision, parsed);
	} else if (parsed != PARSED_OTHER && link_acts(active)) {
		is_fragment = parsed == PARSED_FRAGMENT;
		if (!find_policy(active, proto, pos, end, &policy, &decision)) {
			if (is_fragment)
				doubt(&decision, XDPFRAG_NO_POLICY);
		} else if (is_fragment || policy.flags & XDPFRAG_F_SCOPE_ALL) {
			verdict = judge(ctx, proto, pos, parsed, &fragment, &policy);
			/* The compiler would keep the look at its bounds to itself. */
			barrier_var(verdict);
			count(&policy, verdict);
		} else {
			decision.family = 0;
		}
	}
	if (is_fragment && unlikely(watched_until()))
		tell(ctx, proto, pos, &fragment, policy.row, verdict);
	/* Not where the link has left with its program, nor twice while one takes another's place.
	 */
	if (capturing && matched && link_acts(active)) {
		decision.verdict = verdict;
		if (target_absent(&policy, verdict))
			decision.reason = XDPFRAG_REDIRECT_ABSENT;
		capture(ctx, link_slot, &decision);
	}
	/* At last: both are told of the packet as it came. */
	if (is_fragment && verdict != XDPFRAG_REASSEMBLED)
		keep_apart(proto, pos, end, &policy);
	return action_of(verdict);
}

/* Any source, fragments only, in use, wrong ones dropped: one comparison tells. */
static __always_inline bool is_plain(const struct xdpfrag_policy *policy)
{
	const union {
		struct {
			__u8 len, flags, wrong, redirect;
		};
		__u32 word;
	} plain = { { 0, XDPFRAG_F_POLICY, XDPFRAG_WRONG_DROP, 0 } },
	  mask = { { 0, 255, 255, 255 } };

	return (*(__u32 *)policy & mask.word) == plain.word;
}

SEC("xdp.frags")
int xdpfrag_steer(struct xdp_md *ctx)
{
	void *data, *end, *pos;
	const struct xdpfrag_policy *policy;
	const struct xdpfrag_group4 *entry4;
	const struct xdpfrag_group6 *entry6;
	struct extension_header *header;
	struct ipv6hdr *ip6;
	struct key6 key;
	struct iphdr *ip;
	__u32 active, slot, total;
	__be16 proto;
	int i;

	/* What the filter does not match goes the short way, as without a capture. */
	if (capturing && capture_matches(ctx))
		return steer_rest(ctx, true);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	pos = data + ETH_HLEN;
	/* Here and below: one look at the end for a header and the least that may follow. */
	if (unlikely(pos + sizeof(struct iphdr) > end))
		goto rest;
	proto = ethertype(data);
	if (likely(proto == bpf_htons(ETH_P_IP)))
		goto ipv4;
	if (proto == bpf_htons(ETH_P_IPV6))
		goto ipv6;

#pragma unroll
	for (i = 0; i < VLAN_TAGS; i++) {
		struct vlan_tag *tag = pos;

		if (likely(!is_vlan(proto)))
			return XDP_PASS;
		if (unlikely((void *)(tag + 1) + sizeof(struct iphdr) > end))
			goto rest;
		proto = tag->proto;
		pos = tag + 1;
		if (likely(proto == bpf_htons(ETH_P_IP)))
			goto ipv4;
		if (proto == bpf_htons(ETH_P_IPV6))
			goto ipv6;
	}
	goto rest;

ipv4:
	ip = pos;
	if (likely(!is_multicast4(ip)))
		return XDP_PASS;
	if (!is_fragment4(ip))
		goto whole;
	total = bpf_ntohs(ip->tot_len);
	if (unlikely(*(__u8 *)ip != 0x45 || total < sizeof(*ip) ||
		     !first_buffer_holds(pos, end, total)))
		goto rest;

	active = active_half();
	if (unlikely(!link_acts(active)))
		return XDP_PASS;
	if (unlikely(watched_until()))
		goto rest;
	entry4 = find4(active, ip->daddr, 0, 32, &slot);
	if (!entry4 && state.half[active].prefixes4[0]) {
		slot = match_prefixes4(active, ip->daddr, ip->saddr);
		entry4 = bpf_map_lookup_elem(&groups4, &slot);
	}
	if (!entry4)
		goto unknown;
	if (unlikely(!is_plain(&entry4->policy)))
		goto rest;
	policy = &entry4->policy;
	goto plain;

ipv6:
	ip6 = pos;
	header = (void *)(ip6 + 1);
	if (unlikely((void *)header > end))
		goto rest;
	if (likely(ip6->daddr.s6_addr[0] != 0xff))
		return XDP_PASS;
	if (ip6->nexthdr != IPPROTO_FRAGMENT) {
		if (is_extension(ip6->nexthdr))
			goto rest;
		goto whole;
	}
	total = bpf_ntohs(ip6->payload_len);
	if (unlikely((void *)(header + 1) > end || !is_fragment6(header) || ip6->version != 6 ||
		     total < sizeof(*header) || !first_buffer_holds(header, end, total)))
		goto rest;

	active = active_half();
	if (unlikely(!link_acts(active)))
		return XDP_PASS;
	if (unlikely(watched_until()))
		goto rest;
	__builtin_memcpy(key.group, &ip6->daddr, sizeof(key.group));
	__builtin_memset(key.source, 0, sizeof(key.source));
	entry6 = find6(active, &key, 128, &slot);
	if (!entry6 && state.half[active].prefixes6[0]) {
		__builtin_memcpy(key.source, &ip6->saddr, sizeof(key.source));
		slot = match_prefixes6(active, &key);
		entry6 = bpf_map_lookup_elem(&groups6, &slot);
	}
	if (!entry6)
		goto unknown;
	if (unlikely(!is_plain(&entry6->policy)))
		goto rest;
	policy = &entry6->policy;

plain:
	if (link_allowed(policy)) {
		count(policy, XDPFRAG_PASSED);
		return XDP_PASS;
	}
	count(policy, XDPFRAG_DROPPED);
	return XDP_DROP;

unknown:
	return pass_because(XDPFRAG_NO_POLICY);
whole:
	if (likely(!scope_all))
		return XDP_PASS;
rest:
	return steer_rest(ctx, false);
}

/* The same verdicts, seen by xdpcap. "?": loaded only where it is asked for. */
SEC("?xdp.frags")
int xdpfrag_hooked(struct xdp_md *ctx)
{
	return through_xdpcap(ctx, steer_rest(ctx, capturing && capture_matches(ctx)));
}

char _license[] SEC("license") = "GPL";
