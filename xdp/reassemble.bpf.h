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

/* Of a datagram: tick of its first fragment << 32, and of its hash bits 63 to 33 with the path. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, XDPFRAG_PATHS);
	__type(key, __u32);
	__type(value, __u64);
} paths SEC(".maps");

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

/* --- the path of a datagram --- */

enum datagram_path { PATH_SOCKET, PATH_KERNEL, PATH_UNKNOWN };

static __always_inline __u32 fold(const struct in6_addr *address)
{
	const __u32 *word = address->in6_u.u6_addr32;

	return ((word[0] * 31 + word[1]) * 31 + word[2]) * 31 + word[3];
}

/*
 * The low bits, by which the word is found, are a permutation of the id's: as many
 * datagrams of one sender to one group as there are words have a word each, however far
 * behind the other NIC's copies are. Whoever makes many of one hash makes himself
 * fragments that are judged one by one.
 */
static __always_inline __u64 hash(__u32 source, __u32 group, __u32 id)
{
	__u64 sum = ((__u64)source << 32 | group) * 0x9e3779b97f4a7c15ULL;

	return (sum ^ sum >> 32 ^ id) * 0xbf58476d1ce4e5b9ULL;
}

/* The verifier wants to see once more what parsing saw. */
static __always_inline __u64 hash_datagram(__be16 proto, void *pos, void *end, __u32 id)
{
	struct ipv6hdr *ip6 = pos;
	struct iphdr *ip = pos;

	if (proto == bpf_htons(ETH_P_IP) && (void *)(ip + 1) <= end)
		return hash(ip->saddr, ip->daddr, id);
	if ((void *)(ip6 + 1) <= end)
		return hash(fold(&ip6->saddr), fold(&ip6->daddr), id);
	return 0;
}

/* From a CPU that was held up, `now` may lie before the word's time. */
static __always_inline enum datagram_path path_in(__u64 word, __u64 datagram, __u64 now)
{
	__u32 age = (__u32)(now >> XDPFRAG_PATH_SHIFT) - (__u32)(word >> 32);

	if ((__u32)(word ^ datagram >> 32) >> 1 ||
	    age + XDPFRAG_PATH_TICKS >= 2 * XDPFRAG_PATH_TICKS)
		return PATH_UNKNOWN;
	return word & 1;
}

static __always_inline __u64 path_word(__u64 datagram, __u64 now, enum datagram_path path)
{
	return now >> XDPFRAG_PATH_SHIFT << 32 | (datagram >> 32 & ~1U) | path;
}

/* What came in, and when. */
struct arrival {
	__u64 datagram; /* hash */
	__u64 now;
	__u64 frames; /* of the socket that it takes; 0: it cannot go there */
	bool turn;    /* XDPFRAG_F_TURN */
};

/* For a first fragment. Out of credit, every link's take the kernel's path for a while. */
static __always_inline enum datagram_path choose_path(const struct xdpfrag_credit *credit,
						      struct xdpfrag_credit *worker,
						      const struct arrival *arrival)
{
	__u64 now = arrival->now;

	if (arrival->turn || now >= worker->deadline || now < worker->closed_until ||
	    !arrival->frames)
		return PATH_KERNEL;
	if ((__s64)(credit->granted - credit->spent) >=
	    (__s64)(arrival->frames + XDPFRAG_FOLLOWERS))
		return PATH_SOCKET;
	worker->closed_until = now + XDPFRAG_CLOSED_NS;
	return PATH_KERNEL;
}

static __always_inline __u64 *path_slot(__u64 datagram)
{
	__u32 key = datagram & (XDPFRAG_PATHS - 1);

	return bpf_map_lookup_elem(&paths, &key);
}

static __always_inline enum datagram_path find_path(const struct xdpfrag_credit *credit,
						    struct xdpfrag_credit *worker,
						    const struct arrival *arrival)
{
	__u64 datagram = arrival->datagram, now = arrival->now, before, found;
	__u64 *word = path_slot(datagram);
	enum datagram_path path, other;

	if (!word)
		return PATH_KERNEL;
	before = *(volatile __u64 *)word;
	path = path_in(before, datagram, now);
	if (path != PATH_UNKNOWN)
		return path;
	path = choose_path(credit, worker, arrival);
	found = __sync_val_compare_and_swap(word, before, path_word(datagram, now, path));
	/* Another CPU may have seen the first one just before. */
	other = found == before ? PATH_UNKNOWN : path_in(found, datagram, now);
	return other == PATH_UNKNOWN ? path : other;
}

/*
 * A right link's fragment has no socket to go to: its copy becomes whole in the kernel, and
 * those of other links shall not in the worker, whatever was said of the first one.
 */
static __always_inline void force_to_kernel(struct xdpfrag_credit *worker, __u64 datagram,
					    __u64 now)
{
	__u64 *word = path_slot(datagram);

	if (now < worker->deadline)
		worker->closed_until = now + XDPFRAG_CLOSED_NS;
	if (word)
		*(volatile __u64 *)word = path_word(datagram, now, PATH_KERNEL);
}

/* --- to the socket --- */

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
 * (more were switched on just now) is like one without credit. Without a deadline
 * there is no worker that would serve the socket.
 */
static __always_inline int to_socket(struct xdp_md *ctx, __u32 slot, bool is_right, bool turn,
				     __u64 datagram)
{
	__u32 queue = ctx->rx_queue_index, key = XDPFRAG_SOCKET(slot, queue);
	struct arrival arrival = { datagram, bpf_ktime_get_ns(), 0, turn };
	__u32 worker_key = XDPFRAG_WORKER;
	struct xdpfrag_credit *credit, *worker;
	enum datagram_path path;

	if (queue >= XDPFRAG_QUEUES)
		return XDP_PASS;
	credit = bpf_map_lookup_elem(&credits, &key);
	worker = bpf_map_lookup_elem(&credits, &worker_key);
	if (!credit || !worker)
		return XDP_PASS;
	/* Another NIC's socket, of which the slot was before, would drop the packet. */
	if (credit->ifindex != ctx->ingress_ifindex) {
		if (is_right)
			force_to_kernel(worker, datagram, arrival.now);
		return XDP_PASS;
	}
	arrival.frames = frames_for(ctx, credit);
	path = find_path(credit, worker, &arrival);
	if (path == PATH_SOCKET && worker->deadline && arrival.frames &&
	    spend(credit, worker, arrival.frames, arrival.now)) {
		if (bpf_redirect_map(&sockets, key, XDP_PASS) == XDP_REDIRECT)
			return XDP_REDIRECT;
		__sync_fetch_and_add(&credit->spent, -arrival.frames);
		return XDP_PASS;
	}
	if (arrival.now < worker->deadline &&
	    (!arrival.frames || arrival.now < worker->closed_until))
		__sync_fetch_and_add(&credit->refused, 1);
	return XDP_PASS;
}

#endif
