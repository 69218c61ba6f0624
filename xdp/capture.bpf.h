/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Capture: frames that the filter matches go into the ring "captured", whole up to the snap
 * length, with what was decided about them (include/xdpfrag/captured.h). `capturing` is a
 * constant: a program that is loaded without it has none of this.
 *
 * Records of a few sizes, because the verifier wants to know the size of what is reserved. The
 * reader is not woken for each: it comes by itself, every few milliseconds.
 */
#ifndef XDPFRAG_CAPTURE_BPF_H
#define XDPFRAG_CAPTURE_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "events.bpf.h"
#include "filter.bpf.h"
#include "match.bpf.h"
#include "tunnel.bpf.h"
#include "xdpfrag/captured.h"
#include "xdpfrag/verdict.h"

#define LOAD_MAX 0xffff

/* Set by the agent before the program is loaded. */
const volatile bool capturing = false;
const volatile bool capture_decap = false;
const volatile __u32 capture_snaplen = XDPFRAG_CAPTURED_MAX; /* bytes, of the view */
/* Bit n: frames with verdict n (enum xdpfrag_verdict); bit XDPFRAG_VERDICTS: with none. */
const volatile __u32 capture_verdicts = ~0U;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, XDPFRAG_CAPTURED_IDLE); /* set by the agent */
} captured SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, XDPFRAG_LINKS);
	__type(key, __u32);
	__type(value, struct xdpfrag_capture_counts);
} capture_counts SEC(".maps");

/* What was decided about a frame, for whoever captures it. */
struct decision {
	__u8 verdict;	/* enum xdpfrag_verdict or XDPFRAG_NO_VERDICT */
	__u8 reason;	/* enum xdpfrag_reason or XDPFRAG_NO_REASON */
	__u8 family;	/* of the policy that matched; 0: none */
	__u8 len;	/* of its prefix */
	__u8 group[16]; /* as in struct xdpfrag_captured */
	__u8 source[16];
};

static __always_inline void decided_by4(struct decision *decision,
					const struct xdpfrag_group4 *entry)
{
	decision->family = FAMILY_IPV4;
	decision->len = entry->policy.len;
	__builtin_memcpy(decision->group, &entry->group, sizeof(entry->group));
	__builtin_memcpy(decision->source, &entry->source, sizeof(entry->source));
}

static __always_inline void decided_by6(struct decision *decision,
					const struct xdpfrag_group6 *entry)
{
	decision->family = FAMILY_IPV6;
	decision->len = entry->policy.len;
	__builtin_memcpy(decision->group, entry->group, sizeof(decision->group));
	__builtin_memcpy(decision->source, entry->source, sizeof(decision->source));
}

static __always_inline bool verdict_wanted(__u32 verdict)
{
	if (verdict >= XDPFRAG_VERDICTS)
		verdict = XDPFRAG_VERDICTS;
	return capture_verdicts >> verdict & 1;
}

/* The bytes of a frame that a capture wants. */
static __always_inline __u32 wanted_len(__u32 len, const struct layer *inner)
{
	__u64 wanted = capture_snaplen;

	/* A header that is made takes nothing of the frame beyond what it begins with. */
	if (inner->at)
		wanted += inner->at;
	return wanted < len ? wanted : len;
}

/* bpf_xdp_load_bytes() takes 65535 at most, which what GRO has joined may exceed: in two pieces. */
static __always_inline bool read_frame(struct xdp_md *ctx, void *to, __u32 room, __u64 len)
{
	if (room <= LOAD_MAX) {
		BOUND(len, room);
		return !bpf_xdp_load_bytes(ctx, 0, to, len);
	}
	if (len <= LOAD_MAX) {
		BOUND(len, LOAD_MAX);
		return !bpf_xdp_load_bytes(ctx, 0, to, len);
	}
	len -= LOAD_MAX;
	BOUND(len, room - LOAD_MAX);
	return !bpf_xdp_load_bytes(ctx, 0, to, LOAD_MAX) &&
	       !bpf_xdp_load_bytes(ctx, LOAD_MAX, to + LOAD_MAX, len);
}

/* `room` is a constant, and caplen at most that. */
static __always_inline bool write_record(struct xdp_md *ctx, const struct xdpfrag_captured *head,
					 __u32 room, __u32 caplen)
{
	struct xdpfrag_captured *record;

	record = bpf_ringbuf_reserve(&captured, sizeof(*record) + room, 0);
	if (!record)
		return false;
	*record = *head;
	if (caplen && !read_frame(ctx, record + 1, room, caplen)) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		return false;
	}
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return true;
}

/* In the smallest size that holds it: an ordinary frame, a jumbo frame, what GRO has joined. */
static __noinline bool write_sized(struct xdp_md *ctx, const struct xdpfrag_captured *head)
{
	__u32 caplen = head->caplen;

	if (caplen <= 128)
		return write_record(ctx, head, 128, caplen);
	if (caplen <= 512)
		return write_record(ctx, head, 512, caplen);
	if (caplen <= 1536)
		return write_record(ctx, head, 1536, caplen);
	if (caplen <= 4096)
		return write_record(ctx, head, 4096, caplen);
	if (caplen <= 9216)
		return write_record(ctx, head, 9216, caplen);
	return write_record(ctx, head, XDPFRAG_CAPTURED_MAX, caplen);
}

static __always_inline void count_captured(__u32 slot, bool written)
{
	struct xdpfrag_capture_counts *counts = bpf_map_lookup_elem(&capture_counts, &slot);

	if (!counts)
		return;
	if (written)
		counts->captured++;
	else
		counts->lost++;
}

static __noinline __u64 innermost_view(struct xdp_md *ctx)
{
	struct layer inner = innermost(ctx);

	return view_of(&inner);
}

/*
 * Does the filter match the frame? Asked before anything is decided: most frames it does not.
 * In line, since to return from a function is dear where the kernel has to guard it (SRSO).
 */
static __always_inline int capture_matches(struct xdp_md *ctx)
{
	return capture_filter(ctx, capture_decap ? innermost_view(ctx) : 0);
}

/* The frame as it is now, which matches, if the verdict is one that is wanted. */
static __noinline int capture(struct xdp_md *ctx, __u32 slot, const struct decision *decision)
{
	struct xdpfrag_captured head = {};
	struct layer inner = {};
	__u32 len;

	if (!decision || !verdict_wanted(decision->verdict))
		return 0;
	if (capture_decap)
		inner = innermost(ctx);
	len = bpf_xdp_get_buff_len(ctx);
	head.time = bpf_ktime_get_ns();
	head.slot = slot;
	head.ifindex = ctx->ingress_ifindex;
	head.queue = ctx->rx_queue_index;
	head.len = len;
	head.caplen = wanted_len(len, &inner);
	if (head.caplen > XDPFRAG_CAPTURED_MAX)
		head.caplen = XDPFRAG_CAPTURED_MAX;
	head.inner = inner.at;
	head.inner_proto = inner.proto;
	head.verdict = decision->verdict;
	head.reason = decision->reason;
	/* One that matched and was not asked, for a packet that is no fragment, is none. */
	if (decision->family) {
		head.policy_family = decision->family;
		head.policy_len = decision->len;
		__builtin_memcpy(head.policy_group, decision->group, sizeof(head.policy_group));
		__builtin_memcpy(head.policy_source, decision->source, sizeof(head.policy_source));
	}
	count_captured(slot, write_sized(ctx, &head));
	return 0;
}

#endif
