// SPDX-License-Identifier: GPL-2.0-only
/*
 * drops: what became of multicast fragments, and of the datagrams made of them, behind
 * XDP. While a trace runs it is asked about every packet on the host that is freed, so
 * it lets go what is of no interest after a few loads, cheapest first.
 *
 * A datagram that was read: UDP frees it with consume_skb() when the program has its bytes
 * (skb_consume_udp(), net/ipv4/udp.c). Nothing else frees a packet that was put together
 * from fragments and stands behind its IP header; a packet socket's copy begins at the
 * IP header, or before.
 *
 * Whose network namespace? By its device, but a fragment that waits in a queue may have lost
 * that (`dev` shares its place with `rbnode`: NULL in each run's first when it is freed, see
 * inet_frag_rbtree_purge()), and so has a datagram in a socket's queue (udp_set_dev_scratch()).
 * For one that is read it is then that of the reader. A dropped one is reported as of unknown
 * origin, for user space to tell by what came in.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "skb.bpf.h"
#include "xdpfrag/fate.h"
#include "xdpfrag/watched.h"

#define FAMILY_IPV4 2  /* AF_INET */
#define FAMILY_IPV6 10 /* AF_INET6 */

#define SOCKET_DATAGRAM 2 /* SOCK_DGRAM */

#define IPV4_OFFSET  0x1fff /* in frag_off, in units of 8 bytes */
#define IPV4_MORE    0x2000
#define IPV6_OFFSET  0xfff8 /* in frag_off, in bytes */
#define IPV6_MORE    0x0001
#define IPV6_HEADERS 4 /* extension headers looked at; more than any real packet has */

#define NO_HEADER 0xffff /* network_header was never set */
#define NO_DST	  (~1UL) /* SKB_DST_PTRMASK, include/linux/skbuff.h */

/* Set by the agent before the program is loaded. */
const volatile __u32 netns = 0;		/* inode of its network namespace */
const volatile __u32 wanted_family = 0; /* of the groups to be told of; 0: all */
const volatile __u32 wanted[4] = {};	/* their prefix, network byte order */
const volatile __u32 wanted_mask[4] = {};

__u64 lost; /* records that the ring had no room for */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, XDPFRAG_FATES_SIZE);
} fates SEC(".maps");

struct fragment_header {
	__u8 next;
	__u8 reserved;
	__be16 frag_off;
	__be32 id;
};

/* What is to be told, before there is a record for it. */
struct seen {
	__u32 id, dev;
	__u16 offset, len;
	__u8 family, proto, flags;
	__be32 group[4], source[4];
};

static __always_inline bool is_wanted(const struct seen *seen)
{
	int i;

	if (!wanted_family)
		return true;
	if (wanted_family != seen->family)
		return false;
#pragma unroll
	for (i = 0; i < 4; i++)
		if ((seen->group[i] & wanted_mask[i]) != wanted[i])
			return false;
	return true;
}

static __always_inline bool read_ipv4(const void *at, struct seen *seen)
{
	struct iphdr ip;
	__u16 frag_off;

	if (bpf_probe_read_kernel(&ip, sizeof(ip), at) || !IN_MULTICAST(bpf_ntohl(ip.daddr)))
		return false;
	frag_off = bpf_ntohs(ip.frag_off);
	seen->family = FAMILY_IPV4;
	seen->proto = ip.protocol;
	seen->id = bpf_ntohs(ip.id);
	seen->offset = (frag_off & IPV4_OFFSET) * 8;
	seen->len = bpf_ntohs(ip.tot_len) - ip.ihl * 4;
	if (frag_off & (IPV4_OFFSET | IPV4_MORE))
		seen->flags |= XDPFRAG_FATE_FRAGMENT;
	if (frag_off & IPV4_MORE)
		seen->flags |= XDPFRAG_FATE_MORE;
	seen->group[0] = ip.daddr;
	seen->source[0] = ip.saddr;
	return true;
}

static __always_inline bool is_extension(__u8 next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS;
}

static __always_inline bool read_ipv6(const void *at, struct seen *seen)
{
	const void *begin = at;
	struct fragment_header header;
	struct ipv6hdr ip6;
	int i;

	if (bpf_probe_read_kernel(&ip6, sizeof(ip6), at) || ip6.daddr.s6_addr[0] != 0xff)
		return false;
	seen->family = FAMILY_IPV6;
	__builtin_memcpy(seen->group, &ip6.daddr, sizeof(seen->group));
	__builtin_memcpy(seen->source, &ip6.saddr, sizeof(seen->source));
	seen->proto = ip6.nexthdr;
	begin += sizeof(ip6);
	at = begin;
#pragma unroll
	for (i = 0; i < IPV6_HEADERS && is_extension(seen->proto); i++) {
		if (bpf_probe_read_kernel(&header, sizeof(header), at))
			return false;
		seen->proto = header.next;
		at += (header.reserved + 1) * 8;
	}
	if (seen->proto == IPPROTO_FRAGMENT) {
		if (bpf_probe_read_kernel(&header, sizeof(header), at))
			return false;
		at += sizeof(header);
		seen->flags |= XDPFRAG_FATE_FRAGMENT;
		if (bpf_ntohs(header.frag_off) & IPV6_MORE)
			seen->flags |= XDPFRAG_FATE_MORE;
		seen->proto = header.next;
		seen->id = bpf_ntohl(header.id);
		seen->offset = bpf_ntohs(header.frag_off) & IPV6_OFFSET;
	}
	seen->len = bpf_ntohs(ip6.payload_len) - (at - begin);
	return true;
}

static __always_inline bool was_in_fragments(const struct sk_buff *skb)
{
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return ((const struct inet_skb_parm *)skb->cb)->frag_max_size;
	return ((const struct inet6_skb_parm *)skb->cb)->frag_max_size;
}

static __always_inline bool was_injected(const struct sk_buff *skb)
{
	return bpf_core_field_exists(skb->tc_index) && skb->tc_index == XDPFRAG_INJECTED;
}

/* Cheap: is it an IP packet that came in, with its header where it should be? */
static __always_inline bool came_in(const struct sk_buff *skb)
{
	return (skb->protocol == bpf_htons(ETH_P_IP) || skb->protocol == bpf_htons(ETH_P_IPV6)) &&
	       skb->skb_iif && skb->network_header && skb->network_header != NO_HEADER;
}

static __always_inline bool is_local(const struct sk_buff *skb)
{
	return skb->data > skb->head + skb->network_header;
}

static __always_inline bool look(const struct sk_buff *skb, struct seen *seen)
{
	const void *at = skb->head + skb->network_header;

	if (skb->protocol == bpf_htons(ETH_P_IP) ? !read_ipv4(at, seen) : !read_ipv6(at, seen))
		return false;
	if (was_injected(skb))
		seen->flags |= XDPFRAG_FATE_INJECTED;
	else if (!(seen->flags & XDPFRAG_FATE_FRAGMENT) && !was_in_fragments(skb))
		return false;
	if (skb->_skb_refdst & NO_DST)
		seen->flags |= XDPFRAG_FATE_ROUTED;
	if (is_local(skb))
		seen->flags |= XDPFRAG_FATE_LOCAL;
	return is_wanted(seen);
}

/* False when it is another namespace's. What is no kernel address is no device (see above). */
static __always_inline bool look_at_device(const struct sk_buff *skb, struct seen *seen)
{
	struct net_device *dev = skb->dev;

	if ((long)dev >= 0)
		return true;
	if (BPF_CORE_READ(dev, nd_net.net, ns.inum) != netns)
		return false;
	seen->dev = BPF_CORE_READ(dev, ifindex);
	seen->flags |= XDPFRAG_FATE_OURS;
	return true;
}

static __always_inline struct xdpfrag_fate *fate_new(const struct sk_buff *skb,
						     const struct seen *seen)
{
	struct xdpfrag_fate *fate = bpf_ringbuf_reserve(&fates, sizeof(*fate), 0);

	if (!fate) {
		__sync_fetch_and_add(&lost, 1);
		return NULL;
	}
	__builtin_memset(fate, 0, sizeof(*fate));
	fate->time = bpf_ktime_get_ns();
	fate->dev = seen->dev;
	fate->iif = skb->skb_iif;
	fate->id = seen->id;
	fate->offset = seen->offset;
	fate->len = seen->len;
	fate->family = seen->family;
	fate->proto = seen->proto;
	fate->flags = seen->flags;
	__builtin_memcpy(fate->group, seen->group, sizeof(fate->group));
	__builtin_memcpy(fate->source, seen->source, sizeof(fate->source));
	return fate;
}

/* Where in the kernel: "ip_rcv_finish_core". */
union function {
	char name[sizeof(((struct xdpfrag_fate *)0)->function)];
	__u64 begin;
};

/* Two functions, whose names begin so, free the parts of a datagram when it is freed itself. */
static __always_inline bool frees_parts(const union function *function)
{
	__u64 begin = *(const volatile __u64 *)&function->begin;

	return begin == *(const __u64 *)"skb_rele" || /* skb_release_data() */
	       begin == *(const __u64 *)"kfree_sk";   /* before 6.3: kfree_skb_list_reason() */
}

/* (skb, location, reason), from 6.13 on one more. */
SEC("tp_btf/kfree_skb")
int xdpfrag_dropped(__u64 *ctx)
{
	static const char format[] = "%ps";
	const struct sk_buff *skb = (void *)ctx[0];
	union function function = {};
	struct xdpfrag_fate *fate;
	struct seen seen = {};
	__u64 location = ctx[1];

	if (!came_in(skb) || !look(skb, &seen) || !look_at_device(skb, &seen))
		return 0;
	bpf_snprintf(function.name, sizeof(function.name), format, &location, sizeof(location));
	/* Before there is a record for it, since one that finds no room counts as lost. */
	if (seen.flags & XDPFRAG_FATE_FRAGMENT && frees_parts(&function))
		return 0;
	fate = fate_new(skb, &seen);
	if (!fate)
		return 0;
	fate->reason = ctx[2];
	__builtin_memcpy(fate->function, function.name, sizeof(fate->function));
	bpf_ringbuf_submit(fate, 0);
	return 0;
}

/* Cheap: has it been in fragments, and is it on its way to a socket, or waiting in one? */
static __always_inline bool is_datagram(const struct sk_buff *skb)
{
	return came_in(skb) && is_local(skb) && (was_in_fragments(skb) || was_injected(skb));
}

/* Whoever runs now is reading it. */
static __always_inline int tell_read(const struct sk_buff *skb)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct xdpfrag_fate *fate;
	struct seen seen = {};

	if (!is_datagram(skb) || !look(skb, &seen) || seen.flags & XDPFRAG_FATE_FRAGMENT ||
	    BPF_CORE_READ(task, nsproxy, net_ns, ns.inum) != netns)
		return 0;
	seen.flags |= XDPFRAG_FATE_READ | XDPFRAG_FATE_OURS;
	fate = fate_new(skb, &seen);
	if (!fate)
		return 0;
	fate->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(fate->program, sizeof(fate->program));
	bpf_ringbuf_submit(fate, 0);
	return 0;
}

SEC("tp_btf/skb_copy_datagram_iovec")
int xdpfrag_copied(__u64 *ctx)
{
	return tell_read((void *)ctx[0]);
}

SEC("tp_btf/consume_skb")
int xdpfrag_consumed(__u64 *ctx)
{
	return tell_read((void *)ctx[0]);
}

/* (sk): something was put into its buffer, at the end, and may have been taken out already. */
SEC("tp_btf/sk_data_ready")
int xdpfrag_queued(__u64 *ctx)
{
	const struct sock *sk = (void *)ctx[0];
	const struct sk_buff *skb;
	struct xdpfrag_fate *fate;
	struct seen seen = {};

	if ((sk->__sk_common.skc_family != FAMILY_IPV4 &&
	     sk->__sk_common.skc_family != FAMILY_IPV6) ||
	    sk->sk_type != SOCKET_DATAGRAM || sk->__sk_common.skc_net.net->ns.inum != netns)
		return 0;
	skb = sk->sk_receive_queue.prev;
	if ((void *)skb == (void *)&sk->sk_receive_queue || !is_datagram(skb) ||
	    !look(skb, &seen) || seen.flags & XDPFRAG_FATE_FRAGMENT)
		return 0;
	seen.flags |= XDPFRAG_FATE_QUEUED | XDPFRAG_FATE_OURS;
	fate = fate_new(skb, &seen);
	if (!fate)
		return 0;
	fate->port = sk->__sk_common.skc_num;
	bpf_ringbuf_submit(fate, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
