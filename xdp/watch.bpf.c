// SPDX-License-Identifier: GPL-2.0-only
/*
 * watch: the filter of the packet sockets that `doctor` listens with. It lets through
 * what user space reads (multicast packets, IGMP, TCP SYN) and counts what is longer
 * than the MTU; all other traffic costs a look at its headers and no copy.
 *
 * A socket filter and no classic one, because only the former is told of `gso_size`,
 * without which a merged frame looks as if the sender had ignored the MTU. A packet
 * socket's own mark (TP_STATUS_GSO_TCP) knows TCP only, and 6.1 does not have it.
 *
 * It sees the frame from the Ethernet header on, without the outermost VLAN tag, which
 * __netif_receive_skb_core() (net/core/dev.c) has taken off.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "xdpfrag/watched.h"

#define VLAN_TAGS   2	   /* within the frame */
#define IPV4_OFFSET 0x1fff /* in frag_off, in units of 8 bytes */
#define TCP_FLAGS   13	   /* bytes from the TCP header on */
#define TCP_SYN	    0x02

/* Set by the agent before the program is loaded. */
const volatile __u32 least_mtu = 0; /* of all NICs */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* set by the agent: the number of NICs */
	__type(key, __u32);	/* ifindex */
	__type(value, struct xdpfrag_watched);
} watched SEC(".maps");

struct vlan_tag {
	__be16 tci;
	__be16 proto;
};

static __always_inline bool is_vlan(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD);
}

/* Skips the Ethernet header and its tags; false when the frame ends before. */
static __always_inline bool skip_ethernet(struct __sk_buff *skb, __u32 *at, __be16 *proto)
{
	struct vlan_tag tag;
	int i;

	if (bpf_skb_load_bytes(skb, offsetof(struct ethhdr, h_proto), proto, sizeof(*proto)))
		return false;
	*at = ETH_HLEN;
	for (i = 0; i < VLAN_TAGS && is_vlan(*proto); i++) {
		if (bpf_skb_load_bytes(skb, *at, &tag, sizeof(tag)))
			return false;
		*proto = tag.proto;
		*at += sizeof(tag);
	}
	return true;
}

/* `len`: bytes behind the tags. */
static __always_inline void count_long(struct __sk_buff *skb, __u32 len)
{
	__u32 ifindex = skb->ifindex;
	struct xdpfrag_watched *record;

	record = bpf_map_lookup_elem(&watched, &ifindex);
	if (!record || !record->mtu || len <= record->mtu)
		return;
	if (skb->gso_size) {
		__sync_fetch_and_add(&record->merged, 1);
		return;
	}
	__sync_fetch_and_add(&record->over_mtu, 1);
	/* Of two CPUs at once, the shorter one may win: evidence all the same. */
	if (len > record->longest)
		record->longest = len;
}

/* A capture takes such a frame for one that was on the wire. */
static __always_inline void count_sent(struct __sk_buff *skb, __u32 len)
{
	__u32 ifindex = skb->ifindex;
	struct xdpfrag_watched *record = bpf_map_lookup_elem(&watched, &ifindex);

	if (record && skb->gso_size && len > record->mtu)
		__sync_fetch_and_add(&record->uncut, 1);
}

static __always_inline bool is_syn(struct __sk_buff *skb, __u32 tcp)
{
	__u8 flags;

	return !bpf_skb_load_bytes(skb, tcp + TCP_FLAGS, &flags, sizeof(flags)) && flags & TCP_SYN;
}

static __always_inline bool wanted4(struct __sk_buff *skb, __u32 at)
{
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)))
		return false;
	if ((*(__u8 *)&ip.daddr & 0xf0) == 0xe0 || ip.protocol == IPPROTO_IGMP)
		return true;
	return ip.protocol == IPPROTO_TCP && !(ip.frag_off & bpf_htons(IPV4_OFFSET)) &&
	       is_syn(skb, at + ip.ihl * 4);
}

/* A TCP header behind an extension header is not looked for. */
static __always_inline bool wanted6(struct __sk_buff *skb, __u32 at)
{
	struct ipv6hdr ip6;

	if (bpf_skb_load_bytes(skb, at, &ip6, sizeof(ip6)))
		return false;
	return ip6.daddr.s6_addr[0] == 0xff ||
	       (ip6.nexthdr == IPPROTO_TCP && is_syn(skb, at + sizeof(ip6)));
}

SEC("socket")
int xdpfrag_watch(struct __sk_buff *skb)
{
	bool wanted = false;
	__be16 proto;
	__u32 at;

	if (!skip_ethernet(skb, &at, &proto))
		return 0;
	if (skb->pkt_type == PACKET_OUTGOING) {
		count_sent(skb, skb->len - at);
		return 0;
	}
	if (skb->len > least_mtu + ETH_HLEN && skb->tc_index != XDPFRAG_INJECTED)
		count_long(skb, skb->len - at);
	if (proto == bpf_htons(ETH_P_IP))
		wanted = wanted4(skb, at);
	else if (proto == bpf_htons(ETH_P_IPV6))
		wanted = wanted6(skb, at);
	return wanted ? XDPFRAG_SNAPLEN : 0;
}

char _license[] SEC("license") = "GPL";
