/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Longest match in the policy tables (include/xdpfrag/policy.h). The look at one
 * exact entry, find4() and find6(), is inlined everywhere; what prefixes and
 * sources need stands in global functions, which the verifier reads once each
 * and which give back an index rather than a pointer.
 *
 * Probes are unrolled: a loop would keep its count in memory, and the compiler
 * is free to write it in a way that the verifier does not see to end.
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

/* The half in force. To be asked once for a packet: it may change between two questions. */
static __always_inline __u32 active_half(void)
{
	return *(volatile __u32 *)&state.active & 1;
}

static __always_inline __u32 first_slot(__u32 active, __u32 bits)
{
	return active ? (1U << bits) + XDPFRAG_PROBES : 0;
}

/* The entry for exactly this prefix and source; NULL, or *slot is its index. */
static __always_inline const struct xdpfrag_group4 *find4(__u32 active, __u32 group, __u32 source,
							  __u32 len, __u32 *slot)
{
	const union {
		struct {
			__u32 group, source;
		};
		__u64 both; /* as they lie in the entry */
	} key = { { group, source } };
	__u32 bits = bits4; /* volatile: each use would be a load */
	int i;

	*slot = first_slot(active, bits) +
		xdpfrag_home4(group, source, len, state.half[active].multiplier4, bits);
#pragma unroll
	for (i = 0; i < XDPFRAG_PROBES; i++, ++*slot) {
		const struct xdpfrag_group4 *entry = bpf_map_lookup_elem(&groups4, slot);

		if (unlikely(!entry))
			break;
		if (likely(*(__u64 *)entry == key.both && entry->policy.len == len))
			return entry;
		if (!entry->policy.len)
			break;
	}
	return NULL;
}

static __always_inline const struct xdpfrag_group6 *find6(__u32 active, const struct key6 *key,
							  __u32 len, __u32 *slot)
{
	__u32 bits = bits6;
	int i;

	*slot = first_slot(active, bits) +
		xdpfrag_home6(key->group, key->source, len, state.half[active].multiplier6, bits);
#pragma unroll
	for (i = 0; i < XDPFRAG_PROBES; i++, ++*slot) {
		const struct xdpfrag_group6 *entry = bpf_map_lookup_elem(&groups6, slot);

		if (unlikely(!entry))
			break;
		if (likely(entry->group[1] == key->group[1] && entry->group[0] == key->group[0] &&
			   entry->source[0] == key->source[0] &&
			   entry->source[1] == key->source[1] && entry->policy.len == len))
			return entry;
		if (!entry->policy.len)
			break;
	}
	return NULL;
}

/*
 * For one prefix: the packet's source before any source. NO_MATCH when neither
 * has a policy. The second answer is asked for its policy too, because a packet
 * without a source address (0.0.0.0, ::) finds the entry for any source again.
 */
__noinline __u32 match_prefix4(__u32 active, __u32 prefix, __u32 source, __u32 len)
{
	const struct xdpfrag_group4 *entry, *own_entry;
	__u32 any, own;

	active &= 1;
	entry = find4(active, prefix, 0, len, &any);
	if (!entry)
		return NO_MATCH;
	if (unlikely(entry->policy.flags & XDPFRAG_F_SOURCES)) {
		own_entry = find4(active, prefix, source, len, &own);
		if (own_entry && own_entry->policy.flags & XDPFRAG_F_POLICY)
			return own;
	}
	return entry->policy.flags & XDPFRAG_F_POLICY ? any : NO_MATCH;
}

__noinline __u32 match_prefix6(__u32 active, const struct key6 *packet, __u32 len)
{
	const struct xdpfrag_group6 *entry, *own_entry;
	struct key6 key = {};
	__u32 any, own;

	if (!packet)
		return NO_MATCH;
	active &= 1;
	if (len <= 64) {
		key.group[0] = packet->group[0] & bpf_cpu_to_be64(~0ULL << (64 - len));
	} else {
		key.group[0] = packet->group[0];
		key.group[1] = packet->group[1] & bpf_cpu_to_be64(~0ULL << (128 - len));
	}
	entry = find6(active, &key, len, &any);
	if (!entry)
		return NO_MATCH;
	if (unlikely(entry->policy.flags & XDPFRAG_F_SOURCES)) {
		key.source[0] = packet->source[0];
		key.source[1] = packet->source[1];
		own_entry = find6(active, &key, len, &own);
		if (own_entry && own_entry->policy.flags & XDPFRAG_F_POLICY)
			return own;
	}
	return entry->policy.flags & XDPFRAG_F_POLICY ? any : NO_MATCH;
}

/* The slot of the policy for a packet by the lengths listed, longest first, or NO_MATCH. */
__noinline __u32 match_prefixes4(__u32 active, __u32 group, __u32 source)
{
	__u32 slot, len;
	int i;

	active &= 1;
	for (i = 0; i < 32; i++) {
		len = state.half[active].prefixes4[i];
		if (!len || len > 32)
			break;
		slot = match_prefix4(active, group & bpf_htonl(~0U << (32 - len)), source, len);
		if (slot != NO_MATCH)
			return slot;
	}
	return NO_MATCH;
}

__noinline __u32 match_prefixes6(__u32 active, const struct key6 *packet)
{
	__u32 slot, len;
	int i;

	if (!packet)
		return NO_MATCH;
	active &= 1;
	for (i = 0; i < 128; i++) {
		len = state.half[active].prefixes6[i];
		if (!len || len > 128)
			break;
		slot = match_prefix6(active, packet, len);
		if (slot != NO_MATCH)
			return slot;
	}
	return NO_MATCH;
}

/* The entry of the policy for a packet, or NULL. Lives as long as the program's run. */
static __always_inline const struct xdpfrag_group4 *match4(__u32 active, const struct iphdr *ip)
{
	__u32 slot = match_prefix4(active, ip->daddr, ip->saddr, 32);

	if (slot == NO_MATCH)
		slot = match_prefixes4(active, ip->daddr, ip->saddr);
	return bpf_map_lookup_elem(&groups4, &slot);
}

static __always_inline const struct xdpfrag_group6 *match6(__u32 active, const struct ipv6hdr *ip6)
{
	struct key6 key;
	__u32 slot;

	__builtin_memcpy(key.group, &ip6->daddr, sizeof(key.group));
	__builtin_memcpy(key.source, &ip6->saddr, sizeof(key.source));
	slot = match_prefix6(active, &key, 128);
	if (slot == NO_MATCH)
		slot = match_prefixes6(active, &key);
	return bpf_map_lookup_elem(&groups6, &slot);
}

#endif
