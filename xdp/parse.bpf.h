/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a frame to what a policy asks about: Ethernet, up to two VLAN tags
 * (802.1Q, 802.1ad), IPv4 (RFC 791) and IPv6 (RFC 8200) up to the fragment
 * header. No map is touched here. The order of the tests is that in which
 * traffic leaves: unicast first, then what is no fragment. A header is judged
 * only when a policy could name its packet.
 */
#ifndef XDPFRAG_PARSE_BPF_H
#define XDPFRAG_PARSE_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "xdpfrag/verdict.h"

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define VLAN_TAGS   2 /* parsed; a frame with more is XDPFRAG_TOO_DEEP */
#define EXT_HEADERS 8 /* IPv6 extension headers parsed before a fragment header */

#define IPV4_FRAGMENT 0x3fff /* MF and the offset; not DF */
#define IPV4_MORE     0x2000
#define IPV4_OFFSET   0x1fff /* in units of 8 bytes */
#define IPV6_FRAGMENT 0xfff9 /* the offset and M; not the two reserved bits */
#define IPV6_MORE     0x0001
#define IPV6_OFFSET   0xfff8 /* in bytes, as it stands above the other bits */

/* What parsing ends with, above the reasons of enum xdpfrag_reason. */
enum parsed {
	PARSED_OTHER = XDPFRAG_REASONS, /* nothing that a policy could name: pass */
	PARSED_FRAGMENT,		/* a multicast fragment */
	PARSED_WHOLE,			/* a multicast packet that is no fragment */
};

/* What the fields of a PARSED_FRAGMENT say; numbers in host byte order. */
struct fragment {
	__u32 id;
	__u16 offset; /* in bytes */
	__u16 len;    /* bytes behind the IP header and the fragment header */
	__u8 proto;   /* behind them */
	__u8 more;    /* MF, M */
};

struct vlan_tag {
	__be16 tci;
	__be16 proto;
};

/* The eight bytes that every extension header has (RFC 8200, section 4). */
struct extension_header {
	__u8 nexthdr;
	__u8 len;      /* beyond the first 8 bytes, in units of 8; AH (RFC 4302): in 4, less 2 */
	__be16 offset; /* fragment header only: 13 bits in units of 8 bytes, 2 reserved, M */
	__be32 id;
};

/* Not through struct ethhdr, which is packed: the compiler would load byte by byte. */
static __always_inline __be16 ethertype(void *eth)
{
	return *(__be16 *)(eth + offsetof(struct ethhdr, h_proto));
}

static __always_inline bool is_vlan(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD);
}

/*
 * Skips the Ethernet header and its tags: *pos is left behind them, *proto is
 * what follows. PARSED_OTHER when there is something to go on with.
 */
static __always_inline int parse_ethernet(void **pos, void *end, __be16 *proto)
{
	int i;

	if (*pos + ETH_HLEN > end)
		return XDPFRAG_TRUNCATED;
	*proto = ethertype(*pos);
	*pos += ETH_HLEN;

#pragma unroll
	for (i = 0; i < VLAN_TAGS; i++) {
		struct vlan_tag *tag = *pos;

		if (!is_vlan(*proto))
			return PARSED_OTHER;
		if ((void *)(tag + 1) > end)
			return XDPFRAG_TRUNCATED;
		*proto = tag->proto;
		*pos = tag + 1;
	}
	return is_vlan(*proto) ? XDPFRAG_TOO_DEEP : PARSED_OTHER;
}

/* As numbers: until 6.12 the verifier forgets the bounds of a byte-swapped length. */
static __always_inline bool first_buffer_holds(void *pos, void *end, __u32 len)
{
	return len <= (__u64)(end - pos);
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

	if (first_buffer_holds(pos, end, len))
		return true;
	return (pos - data) + (__u64)len <= bpf_xdp_get_buff_len(ctx);
}

static __always_inline bool is_multicast4(const struct iphdr *ip)
{
	return (*(__u8 *)&ip->daddr & 0xf0) == 0xe0;
}

static __always_inline bool is_fragment4(const struct iphdr *ip)
{
	return ip->frag_off & bpf_htons(IPV4_FRAGMENT);
}

/*
 * As ip_rcv_core() in net/ipv4/ip_input.c judges a header, but for the checksum.
 * `whole`: is a packet wanted that is no fragment?
 */
static __always_inline int parse_ipv4(struct xdp_md *ctx, struct iphdr *ip, void *end, bool whole,
				      struct fragment *fragment)
{
	__u32 header, total;
	__u16 frag_off;

	if ((void *)(ip + 1) > end)
		return XDPFRAG_TRUNCATED;
	if (!is_multicast4(ip) || (!whole && !is_fragment4(ip)))
		return PARSED_OTHER;

	header = ip->ihl * 4;
	total = bpf_ntohs(ip->tot_len);
	if (ip->version != 4 || header < sizeof(*ip) || total < header)
		return XDPFRAG_MALFORMED;
	if (!frame_holds(ctx, ip, total))
		return XDPFRAG_TRUNCATED;
	if (!is_fragment4(ip))
		return PARSED_WHOLE;
	frag_off = bpf_ntohs(ip->frag_off);
	fragment->id = bpf_ntohs(ip->id);
	fragment->offset = (frag_off & IPV4_OFFSET) * 8;
	fragment->more = !!(frag_off & IPV4_MORE);
	fragment->len = total - header;
	fragment->proto = ip->protocol;
	return PARSED_FRAGMENT;
}

/* A header that may stand before the fragment header, or that itself. */
static __always_inline bool is_extension(__u8 next)
{
	return next == IPPROTO_FRAGMENT || next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING ||
	       next == IPPROTO_DSTOPTS || next == IPPROTO_AH;
}

/* An atomic fragment (RFC 6946) is whole. */
static __always_inline bool is_fragment6(const struct extension_header *header)
{
	return header->offset & bpf_htons(IPV6_FRAGMENT);
}

/* `left` bytes of the packet from the fragment header on. */
static __always_inline int parse_fragment6(const struct extension_header *header, __u32 left,
					   struct fragment *fragment)
{
	__u16 offset = bpf_ntohs(header->offset);

	if (!is_fragment6(header))
		return PARSED_WHOLE;
	fragment->id = bpf_ntohl(header->id);
	fragment->offset = offset & IPV6_OFFSET;
	fragment->more = offset & IPV6_MORE;
	fragment->len = left - sizeof(*header);
	fragment->proto = header->nexthdr;
	return PARSED_FRAGMENT;
}

/*
 * The headers between the IPv6 header and the payload, which are `left` bytes
 * together with it. Nothing behind a fragment header is looked at.
 */
static __always_inline int parse_extensions(void *pos, void *end, __u8 next, __u32 left,
					    struct fragment *fragment)
{
	int i;

#pragma unroll
	for (i = 0; i <= EXT_HEADERS; i++) {
		struct extension_header *header = pos;
		__u32 len;

		if (!is_extension(next))
			return PARSED_WHOLE;
		if (i == EXT_HEADERS && next != IPPROTO_FRAGMENT)
			return XDPFRAG_TOO_DEEP;
		if (left < sizeof(*header))
			return XDPFRAG_MALFORMED;
		if ((void *)(header + 1) > end)
			return XDPFRAG_TRUNCATED;
		if (next == IPPROTO_FRAGMENT)
			return parse_fragment6(header, left, fragment);
		len = next == IPPROTO_AH ? (header->len + 2) * 4 : (header->len + 1) * 8;
		if (left < len)
			return XDPFRAG_MALFORMED;
		next = header->nexthdr;
		left -= len;
		pos += len;
	}
	return XDPFRAG_TOO_DEEP;
}

static __always_inline int parse_ipv6(struct xdp_md *ctx, struct ipv6hdr *ip6, void *end,
				      bool whole, struct fragment *fragment)
{
	__u32 left;
	int found;

	if ((void *)(ip6 + 1) > end)
		return XDPFRAG_TRUNCATED;
	if (ip6->daddr.s6_addr[0] != 0xff || (!whole && !is_extension(ip6->nexthdr)))
		return PARSED_OTHER;
	if (ip6->version != 6)
		return XDPFRAG_MALFORMED;
	left = bpf_ntohs(ip6->payload_len);
	if (!frame_holds(ctx, ip6 + 1, left))
		return XDPFRAG_TRUNCATED;
	found = parse_extensions(ip6 + 1, end, ip6->nexthdr, left, fragment);
	return found == PARSED_WHOLE && !whole ? PARSED_OTHER : found;
}

#endif
