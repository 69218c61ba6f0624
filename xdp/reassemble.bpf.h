/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XDPFRAG_F_REASSEMBLE: fragments to the AF_XDP socket of the queue they came in on,
 * for as long as the worker behind it has granted credit (include/xdpfrag/credit.h).
 */
#ifndef XDPFRAG_REASSEMBLE_BPF_H
#define XDPFRAG_REASSEMBLE_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "parse.bpf.h"
#include "xdpfrag/credit.h"

#define FRAME_MAX \
	65600 /* bytes of the largest frame that is looked at: IP's 65,535 and what is before */

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, XDPFRAG_CREDITS);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, XDPFRAG_CREDITS);
	__type(key, __u32);
	__type(value, struct xdpfrag_credit);
} credits SEC(".maps");

/*
 * How many frames of the socket's UMEM the packet will take; 0: it does not fit. A
 * socket for packets in one buffer gets no other: before 6.6 it would see the first
 * buffer alone, or xdp_do_redirect() drop the packet.
 */
static __always_inline __u32 frames_for(struct xdp_md *ctx, const struct xdpfrag_credit *credit)
{
	__u32 len = bpf_xdp_get_buff_len(ctx), chunk = credit->chunk, frames;

	if (!chunk || len > FRAME_MAX)
		return 0;
	if (credit->frames == 1 && ctx->data_end - ctx->data != len)
		return 0;
	frames = (len + chunk - 1) / chunk;
	return frames <= credit->frames ? frames : 0;
}

/* False: there is not enough, and every link's fragments take the kernel's path for a while. */
static __always_inline bool spend(struct xdpfrag_credit *credit, struct xdpfrag_credit *worker,
				  __u64 frames, __u64 now)
{
	__u64 spent = __sync_fetch_and_add(&credit->spent, frames);

	if ((__s64)(credit->granted - spent) >= (__s64)frames)
		return true;
	__sync_fetch_and_add(&credit->spent, -frames);
	worker->closed_until = now + XDPFRAG_CLOSED_NS;
	return false;
}

/*
 * XDP_REDIRECT, or XDP_PASS: the packet takes the kernel's path under its policy.
 * What cannot be redirected costs no credit. A right link's queue without a socket
 * (more were switched on just now) is like one without credit.
 */
static __always_inline int to_socket(struct xdp_md *ctx, __u32 slot, bool is_right)
{
	__u32 queue = ctx->rx_queue_index, key = XDPFRAG_SOCKET(slot, queue), frames;
	__u32 worker_key = XDPFRAG_WORKER;
	struct xdpfrag_credit *credit, *worker;
	__u64 now = bpf_ktime_get_ns();

	if (queue >= XDPFRAG_QUEUES)
		return XDP_PASS;
	credit = bpf_map_lookup_elem(&credits, &key);
	worker = bpf_map_lookup_elem(&credits, &worker_key);
	/* Another NIC's socket, of which the slot was before, would drop the packet. */
	if (!credit || !worker || now >= worker->deadline)
		return XDP_PASS;
	if (credit->ifindex != ctx->ingress_ifindex) {
		if (is_right)
			worker->closed_until = now + XDPFRAG_CLOSED_NS;
		return XDP_PASS;
	}
	frames = frames_for(ctx, credit);
	if (!frames || now < worker->closed_until || !spend(credit, worker, frames, now)) {
		__sync_fetch_and_add(&credit->refused, 1);
		return XDP_PASS;
	}
	if (bpf_redirect_map(&sockets, key, XDP_PASS) == XDP_REDIRECT)
		return XDP_REDIRECT;
	__sync_fetch_and_add(&credit->spent, -(__u64)frames);
	return XDP_PASS;
}

#endif
