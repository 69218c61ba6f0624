/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a frame to what a policy asks about: Ethernet, up to two VLAN tags
 * (802.1Q, 802.1ad), IPv4 (RFC 791) and IPv6 (RFC 8200) up to the fragment
 * header. No map is touched here, and most traffic leaves after one comparison.
 */
#ifndef XDPFRAG_PARSE_BPF_H
#define XDPFRAG_PARSE_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "xdpfrag/verdict.h"

#define VLAN_TAGS 2 /* parsed; a frame with more is XDPFRAG_TOO_DEEP */
#define EXT_HEADERS 8 /* IPv6 extension headers parsed before the fragment header */

#define IPV4_FRAGMENT 0x3fff /* MF and the offset; not DF */
#define IPV6_FRAGMENT 0xfff9 /* the offset and M; not the two reserved bits */

/* What parsing ends with, above the reasons of enum xdpfrag_reason. */
enum parsed {
	PARSED_OTHER = XDPFRAG_REASONS, /* nothing that a policy could name: pass */
	PARSED_FRAGMENT,		/* a multicast fragment */
	PARSED_WHOLE,			/* a multicast packet that is no fragment */
};

struct vlan_tag {
	__be16 tci;
	__be16 proto;
};

/* The eight bytes that every extension header has (RFC 8200, section 4). */
struct extension_header {
	__u8 nexthdr;
	__u8 len; /* beyond the first 8 bytes, in units of 8; AH (RFC 4302): in 4, less 2 */
	__be16 offset; /* fragment header only: 13 bits in units of 8 bytes, 2 reserved, M */
	__be32 id;
};

/*
 * Skips the Ethernet header and its tags. *pos is left behind them. Returns
 * false and sets *reason when the frame is too short or has too many tags.
 */
static __always_inline bool parse_ethernet(void **pos, void *end, __be16 *proto, int *reason)
{
	struct ethhdr *eth = *pos;
	int i;

	if ((void *)(eth + 1) > end) {
		*reason = XDPFRAG_TRUNCATED;
		return false;
	}
	*pos = eth + 1;
	*proto = eth->h_proto;

#pragma unroll
	for (i = 0; i <= VLAN_TAGS; i++) {
		struct vlan_tag *tag = *pos;

		if (*proto != bpf_htons(ETH_P_8021Q) && *proto != bpf_htons(ETH_P_8021AD))
			return true;
		if (i == VLAN_TAGS) {
			*reason = XDPFRAG_TOO_DEEP;
			return false;
		}
		if ((void *)(tag + 1) > end) {
			*reason = XDPFRAG_TRUNCATED;
			return false;
		}
		*proto = tag->proto;
		*pos = tag + 1;
	}
	return true;
}

/*
 * Does the frame hold `len` bytes from `pos` on? A frame of several buffers
 * (xdp.frags) shows only its first between data and data_end; its whole length
 * takes a call, which an ordinary frame is spared.
 */
static __always_inline bool frame_holds(struct xdp_md *ctx, void *pos, __u32 len)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	/* As numbers: until 6.12 the verifier forgets the bounds of a byte-swapped length. */
	if (len <= (__u64)(end - pos))
		return true;
	return (pos - data) + (__u64)len <= bpf_xdp_get_buff_len(ctx);
}

/* As ip_rcv_core() in net/ipv4/ip_input.c judges a header, but for the checksum. */
static __always_inline int parse_ipv4(struct xdp_md *ctx, struct iphdr *ip, void *end)
{
	__u32 header, total;
	int found;

	if ((void *)(ip + 1) > end)
		return XDPFRAG_TRUNCATED;
	if ((*(__u8 *)&ip->daddr & 0xf0) != 0xe0)
		return PARSED_OTHER;
	found = ip->frag_off & bpf_htons(IPV4_FRAGMENT) ? PARSED_FRAGMENT : PARSED_WHOLE;

	header = ip->ihl * 4;
	total = bpf_ntohs(ip->tot_len);
	if (ip->version != 4 || header < sizeof(*ip) || total < header)
		return XDPFRAG_MALFORMED;
	if (!frame_holds(ctx, ip, total))
		return XDPFRAG_TRUNCATED;
	return found;
}

static __always_inline int parse_ipv6(struct xdp_md *ctx, struct ipv6hdr *ip6, void *end)
{
	void *pos = ip6 + 1;
	__u8 next;
	int i;

	if (pos > end)
		return XDPFRAG_TRUNCATED;
	if (ip6->daddr.s6_addr[0] != 0xff)
		return PARSED_OTHER;
	if (ip6->version != 6)
		return XDPFRAG_MALFORMED;
	if (!frame_holds(ctx, pos, bpf_ntohs(ip6->payload_len)))
		return XDPFRAG_TRUNCATED;

	next = ip6->nexthdr;
	for (i = 0; i <= EXT_HEADERS; i++) {
		struct extension_header *header = pos;

		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS &&
		    next != IPPROTO_FRAGMENT && next != IPPROTO_AH)
			return PARSED_WHOLE;
		if (i == EXT_HEADERS)
			return XDPFRAG_TOO_DEEP;
		if ((void *)(header + 1) > end)
			return XDPFRAG_TRUNCATED;
		/* An atomic fragment (RFC 6946) is whole; nothing behind it is a fragment. */
		if (next == IPPROTO_FRAGMENT)
			return header->offset & bpf_htons(IPV6_FRAGMENT) ? PARSED_FRAGMENT
									 : PARSED_WHOLE;
		pos += next == IPPROTO_AH ? (header->len + 2) * 4 : (header->len + 1) * 8;
		next = header->nexthdr;
	}
	return XDPFRAG_TOO_DEEP;
}

#endif
