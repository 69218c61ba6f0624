/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a tunnel carries: IP in IP (RFC 2003, 4213), GRE (RFC 2784, 2890), VXLAN (RFC 7348),
 * Geneve (RFC 8926) and GUE (draft-ietf-intarea-gue), one within another too. For captures
 * alone: it reads by bpf_xdp_load_bytes(), which costs more than a look at the first buffer
 * and finds every byte of the frame.
 */
#ifndef XDPFRAG_TUNNEL_BPF_H
#define XDPFRAG_TUNNEL_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "filter.bpf.h"
#include "parse.bpf.h"

#define TUNNELS	     3	  /* one within another */
#define TUNNEL_DEPTH 1023 /* bytes of headers before what a tunnel carries; further in it stays */
/* Extension headers before what IPv6 carries; a frame with more has no tunnel. */
#define TUNNEL_EXTENSIONS 4

#define PORT_GUE	 6080
#define PORT_GENEVE	 6081
#define PORT_VXLAN	 4789
#define PORT_VXLAN_LINUX 8472 /* the kernel's default (drivers/net/vxlan) */

#define GRE_CHECKSUM 0x8000
#define GRE_KEY	     0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_REFUSED  0x4007 /* routing (RFC 1701), and versions other than 0 */

#define GENEVE_VERSION 0xc0
#define GENEVE_OPTIONS 0x3f /* in units of 4 bytes */

#define VXLAN_VNI 0x08

#define GUE_DIRECT  0x40 /* version 1: an IP header stands right here */
#define GUE_VERSION 0xc0
#define GUE_CONTROL 0x20
#define GUE_OPTIONS 0x1f /* in units of 4 bytes */

/* Where something begins in the frame, and what it is. */
struct layer {
	__u32 at;
	__u16 proto; /* EtherType, host byte order; 0: Ethernet */
	__u8 next;   /* with IP behind us: its protocol, next header */
};

struct gre_header {
	__be16 flags;
	__be16 proto;
};

struct geneve_header {
	__u8 options; /* and the version */
	__u8 flags;
	__be16 proto;
};

struct gue_header {
	__u8 options; /* and the version, and whether it is for control */
	__u8 proto;   /* IP protocol */
	__be16 flags;
};

static __always_inline bool load(struct xdp_md *ctx, __u32 at, void *to, __u32 len)
{
	return at <= 0xffff && !bpf_xdp_load_bytes(ctx, at, to, len);
}

/* From an Ethernet header to what follows it and its tags. */
static __always_inline bool pass_ethernet(struct xdp_md *ctx, struct layer *layer)
{
	__be16 proto;
	int i;

	if (!load(ctx, layer->at + VIEW_TYPE, &proto, sizeof(proto)))
		return false;
	layer->at += ETH_HLEN;
#pragma unroll
	for (i = 0; i < VLAN_TAGS; i++) {
		struct vlan_tag tag;

		if (!is_vlan(proto))
			break;
		if (!load(ctx, layer->at, &tag, sizeof(tag)))
			return false;
		proto = tag.proto;
		layer->at += sizeof(tag);
	}
	layer->proto = bpf_ntohs(proto);
	return true;
}

/* A later fragment has nothing of the header that would follow. */
static __always_inline bool pass_ipv4(struct xdp_md *ctx, struct layer *layer)
{
	struct iphdr ip;

	if (!load(ctx, layer->at, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5 ||
	    ip.frag_off & bpf_htons(IPV4_OFFSET))
		return false;
	layer->at += ip.ihl * 4;
	layer->next = ip.protocol;
	return true;
}

static __always_inline bool pass_ipv6(struct xdp_md *ctx, struct layer *layer)
{
	struct extension_header header;
	struct ipv6hdr ip6;
	int i;

	if (!load(ctx, layer->at, &ip6, sizeof(ip6)) || ip6.version != 6)
		return false;
	layer->at += sizeof(ip6);
	layer->next = ip6.nexthdr;
#pragma unroll
	for (i = 0; i < TUNNEL_EXTENSIONS; i++) {
		if (!is_extension(layer->next))
			return true;
		if (!load(ctx, layer->at, &header, sizeof(header)))
			return false;
		if (layer->next == IPPROTO_FRAGMENT) {
			if (header.offset & bpf_htons(IPV6_OFFSET))
				return false;
			layer->at += sizeof(header);
		} else if (layer->next == IPPROTO_AH) {
			layer->at += (header.len + 2) * 4;
		} else {
			layer->at += (header.len + 1) * 8;
		}
		layer->next = header.nexthdr;
	}
	return !is_extension(layer->next);
}

/* What an IP protocol number says of the bytes behind it, where that is a packet. */
static __always_inline bool enter_ip(struct layer *layer, __u8 proto)
{
	layer->proto = proto == IPPROTO_IPIP ? ETH_P_IP : ETH_P_IPV6;
	return proto == IPPROTO_IPIP || proto == IPPROTO_IPV6;
}

/* And an EtherType. */
static __always_inline bool enter_type(struct layer *layer, __be16 proto)
{
	layer->proto = proto == bpf_htons(ETH_P_TEB) ? 0 : bpf_ntohs(proto);
	return proto == bpf_htons(ETH_P_TEB) || proto == bpf_htons(ETH_P_IP) ||
	       proto == bpf_htons(ETH_P_IPV6);
}

static __always_inline bool enter_gre(struct xdp_md *ctx, struct layer *layer)
{
	struct gre_header gre;

	if (!load(ctx, layer->at, &gre, sizeof(gre)) || gre.flags & bpf_htons(GRE_REFUSED))
		return false;
	layer->at += sizeof(gre);
	if (gre.flags & bpf_htons(GRE_CHECKSUM))
		layer->at += 4;
	if (gre.flags & bpf_htons(GRE_KEY))
		layer->at += 4;
	if (gre.flags & bpf_htons(GRE_SEQUENCE))
		layer->at += 4;
	return enter_type(layer, gre.proto);
}

static __always_inline bool enter_geneve(struct xdp_md *ctx, struct layer *layer)
{
	struct geneve_header geneve;

	if (!load(ctx, layer->at, &geneve, sizeof(geneve)) || geneve.options & GENEVE_VERSION)
		return false;
	layer->at += 8 + (geneve.options & GENEVE_OPTIONS) * 4;
	return enter_type(layer, geneve.proto);
}

static __always_inline bool enter_vxlan(struct xdp_md *ctx, struct layer *layer)
{
	__u8 flags;

	if (!load(ctx, layer->at, &flags, sizeof(flags)) || !(flags & VXLAN_VNI))
		return false;
	layer->at += 8;
	layer->proto = 0;
	return true;
}

static __always_inline bool enter_gue(struct xdp_md *ctx, struct layer *layer)
{
	struct gue_header gue;

	if (!load(ctx, layer->at, &gue, sizeof(gue)))
		return false;
	if ((gue.options & GUE_VERSION) == GUE_DIRECT)
		return enter_ip(layer, gue.options >> 4 == 4   ? IPPROTO_IPIP
				       : gue.options >> 4 == 6 ? IPPROTO_IPV6
							       : 0);
	if (gue.options & (GUE_VERSION | GUE_CONTROL))
		return false;
	layer->at += sizeof(gue) + (gue.options & GUE_OPTIONS) * 4;
	if (gue.proto == IPPROTO_GRE)
		return enter_gre(ctx, layer);
	return enter_ip(layer, gue.proto);
}

static __always_inline bool enter_udp(struct xdp_md *ctx, struct layer *layer)
{
	struct udphdr udp;

	if (!load(ctx, layer->at, &udp, sizeof(udp)))
		return false;
	layer->at += sizeof(udp);
	switch (bpf_ntohs(udp.dest)) {
	case PORT_GUE:
		return enter_gue(ctx, layer);
	case PORT_GENEVE:
		return enter_geneve(ctx, layer);
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
		return enter_vxlan(ctx, layer);
	default:
		return false;
	}
}

/*
 * One tunnel further in; 0, with the layer undefined, when there is none. Global, so that the
 * verifier reads it once.
 */
__noinline int enter(struct xdp_md *ctx, struct layer *layer)
{
	if (!layer)
		return false;
	if (!layer->proto && !pass_ethernet(ctx, layer))
		return false;
	if (layer->proto == ETH_P_IP	 ? !pass_ipv4(ctx, layer)
	    : layer->proto == ETH_P_IPV6 ? !pass_ipv6(ctx, layer)
					 : true)
		return false;
	switch (layer->next) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		return enter_ip(layer, layer->next);
	case IPPROTO_GRE:
		return enter_gre(ctx, layer);
	case IPPROTO_UDP:
		return enter_udp(ctx, layer);
	default:
		return false;
	}
}

/* What the innermost tunnel carries; at is 0 when the frame has none. */
static __always_inline struct layer innermost(struct xdp_md *ctx)
{
	struct layer found = {}, layer = {};
	__u32 len = bpf_xdp_get_buff_len(ctx);
	int i;

	for (i = 0; i < TUNNELS; i++) {
		if (!enter(ctx, &layer) || layer.at >= len || layer.at > TUNNEL_DEPTH)
			break;
		found = layer;
	}
	return found;
}

/* And the view of it, as a filter takes it. */
static __always_inline __u64 view_of(const struct layer *inner)
{
	if (!inner->at)
		return 0;
	return VIEW(inner->proto ? inner->at - ETH_HLEN : inner->at, inner->proto);
}

#endif
