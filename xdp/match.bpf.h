/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Longest match in the policy tables (include/xdpfrag/policy.h). What is asked
 * of every fragment, the exact group with any source, is inlined; what only
 * prefixes and sources need stands in global functions, which the verifier
 * reads once each and which give back an index rather than a pointer.
 */
#ifndef XDPFRAG_MATCH_BPF_H
#define XDPFRAG_MATCH_BPF_H

#include "xdpfrag/policy.h"
#include "xdpfrag/state.h"

#define NO_MATCH (~0U)

/* Set by the agent before the program is loaded. */
const volatile __u32 bits4 = 11; /* log2 of the slots in a half of groups4 */
const volatile __u32 bits6 = 11; /* and of groups6 */

struct xdpfrag_state state SEC(".data.state");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* set by the agent: two halves */
	__type(key, __u32);
	__type(value, struct xdpfrag_group4);
} groups4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpfrag_group6);
} groups6 SEC(".maps");

struct key6 {
	__u64 group[2];
	__u64 source[2];
};

static __always_inline __u32 first_slot(__u32 active, __u32 bits)
{
	return active ? (1U << bits) + XDPFRAG_PROBES : 0;
}

/* The entry for exactly this prefix and source; NULL, or *slot is its index. */
static __always_inline const struct xdpfrag_policy *find4(__u32 active, __u32 group, __u32 source,
							  __u32 len, __u32 *slot)
{
	int i;

	*slot = first_slot(active, bits4) +
		xdpfrag_home4(group, source, len, state.half[active].multiplier4, bits4);
	for (i = 0; i < XDPFRAG_PROBES; i++, ++*slot) {
		const struct xdpfrag_group4 *entry = bpf_map_lookup_elem(&groups4, slot);

		if (!entry || !entry->policy.len)
			break;
		if (entry->group == group && entry->source == source && entry->policy.len == len)
			return &entry->policy;
	}
	return NULL;
}

static __always_inline const struct xdpfrag_policy *find6(__u32 active, const struct key6 *key,
							  __u32 len, __u32 *slot)
{
	int i;

	*slot = first_slot(active, bits6) +
		xdpfrag_home6(key->group, key->source, len, state.half[active].multiplier6, bits6);
	for (i = 0; i < XDPFRAG_PROBES; i++, ++*slot) {
		const struct xdpfrag_group6 *entry = bpf_map_lookup_elem(&groups6, slot);

		if (!entry || !entry->policy.len)
			break;
		if (entry->group[0] == key->group[0] && entry->group[1] == key->group[1] &&
		    entry->source[0] == key->source[0] && entry->source[1] == key->source[1] &&
		    entry->policy.len == len)
			return &entry->policy;
	}
	return NULL;
}

/* For one prefix: the packet's source before any source. NO_MATCH when neither has a policy. */
__noinline __u32 match_prefix4(__u32 active, __u32 group, __u32 source, __u32 len)
{
	const struct xdpfrag_policy *policy;
	__u32 any, own;

	active &= 1;
	policy = find4(active, group, 0, len, &any);
	if (!policy)
		return NO_MATCH;
	if (policy->flags & XDPFRAG_F_SOURCES && find4(active, group, source, len, &own))
		return own;
	return policy->flags & XDPFRAG_F_POLICY ? any : NO_MATCH;
}

__noinline __u32 match_prefix6(__u32 active, const struct key6 *packet, __u32 len)
{
	const struct xdpfrag_policy *policy;
	struct key6 key = {};
	__u32 any, own;

	if (!packet)
		return NO_MATCH;
	active &= 1;
	if (len > 64) {
		key.group[0] = packet->group[0];
		key.group[1] = packet->group[1] & bpf_cpu_to_be64(~0ULL << (128 - (len & 127)));
		if (len == 128)
			key.group[1] = packet->group[1];
	} else {
		key.group[0] = packet->group[0] & bpf_cpu_to_be64(~0ULL << (64 - len));
	}
	policy = find6(active, &key, len, &any);
	if (!policy)
		return NO_MATCH;
	key.source[0] = packet->source[0];
	key.source[1] = packet->source[1];
	if (policy->flags & XDPFRAG_F_SOURCES && find6(active, &key, len, &own))
		return own;
	return policy->flags & XDPFRAG_F_POLICY ? any : NO_MATCH;
}

/* Everything that the inlined look at the exact group does not settle. */
__noinline __u32 longest_match4(__u32 active, __u32 group, __u32 source)
{
	const struct xdpfrag_half *half = &state.half[active & 1];
	__u32 slot = match_prefix4(active, group, source, 32);
	int i;

	for (i = 0; slot == NO_MATCH && i < 32; i++) {
		__u32 len = half->prefixes4[i];

		if (!len || len > 32)
			break;
		slot = match_prefix4(active, group & bpf_htonl(~0U << (32 - len)), source, len);
	}
	return slot;
}

__noinline __u32 longest_match6(__u32 active, const struct key6 *packet)
{
	const struct xdpfrag_half *half = &state.half[active & 1];
	__u32 slot;
	int i;

	if (!packet)
		return NO_MATCH;
	slot = match_prefix6(active, packet, 128);
	for (i = 0; slot == NO_MATCH && i < 128; i++) {
		__u32 len = half->prefixes6[i];

		if (!len || len > 128)
			break;
		slot = match_prefix6(active, packet, len);
	}
	return slot;
}

/* The policy for a packet, or NULL. Lives as long as the program's run. */
static __always_inline const struct xdpfrag_policy *match4(__u32 active, __u32 group, __u32 source)
{
	const struct xdpfrag_policy *policy;
	struct xdpfrag_group4 *entry;
	__u32 slot;

	policy = find4(active, group, 0, 32, &slot);
	if (policy ? (policy->flags & (XDPFRAG_F_POLICY | XDPFRAG_F_SOURCES)) == XDPFRAG_F_POLICY
		   : !state.half[active].prefixes4[0])
		return policy;
	slot = longest_match4(active, group, source);
	entry = bpf_map_lookup_elem(&groups4, &slot);
	return entry ? &entry->policy : NULL;
}

static __always_inline const struct xdpfrag_policy *match6(__u32 active,
							   const struct key6 *packet)
{
	const struct xdpfrag_policy *policy;
	struct key6 key = { .group = { packet->group[0], packet->group[1] } };
	struct xdpfrag_group6 *entry;
	__u32 slot;

	policy = find6(active, &key, 128, &slot);
	if (policy ? (policy->flags & (XDPFRAG_F_POLICY | XDPFRAG_F_SOURCES)) == XDPFRAG_F_POLICY
		   : !state.half[active].prefixes6[0])
		return policy;
	slot = longest_match6(active, packet);
	entry = bpf_map_lookup_elem(&groups6, &slot);
	return entry ? &entry->policy : NULL;
}

#endif
