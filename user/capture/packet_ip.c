// SPDX-License-Identifier: GPL-2.0-or-later
/* IPv4 (RFC 791) and IPv6 (RFC 8200) packets and their fragments in words. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

#include "packet_text.h"

#define IPV4_HEADER 20
#define IPV4_DF	    0x4000
#define IPV4_MF	    0x2000
#define IPV6_HEADER 40
#define FRAGMENT    8	   /* bytes of IPv6's fragment header */
#define EXT_HEADERS 8	   /* looked through; as many as the steer program does */
#define IPV4_OFFSET 0x1fff /* in units of 8 bytes */

/* What both families have. Offsets are those of bytes in the view. */
struct ip_packet {
	int family;
	const uint8_t *source, *destination;
	uint8_t proto;
	uint8_t hops;
	bool fragment, more, dont_fragment;
	uint32_t id;
	uint32_t offset;     /* of the fragment, in the datagram */
	uint32_t transport;  /* where the transport header is, or would be */
	uint32_t payload;    /* where what `length` counts begins */
	uint32_t end;	     /* of the packet, as its header claims */
	uint32_t options;    /* IPv4: bytes */
	const char *missing; /* what stands in the way of more; NULL: nothing */
};

static const char *proto_name(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_HOPOPTS:
		return "hop-by-hop";
	case IPPROTO_ICMP:
		return "ICMP";
	case IPPROTO_IGMP:
		return "IGMP";
	case IPPROTO_IPIP:
		return "IPv4";
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_DCCP:
		return "DCCP";
	case IPPROTO_IPV6:
		return "IPv6";
	case IPPROTO_ROUTING:
		return "routing";
	case IPPROTO_FRAGMENT:
		return "fragment";
	case IPPROTO_GRE:
		return "GRE";
	case IPPROTO_ESP:
		return "ESP";
	case IPPROTO_AH:
		return "AH";
	case IPPROTO_ICMPV6:
		return "ICMPv6";
	case IPPROTO_NONE:
		return "none";
	case IPPROTO_DSTOPTS:
		return "dst-options";
	case 89:
		return "OSPF";
	case IPPROTO_PIM:
		return "PIM";
	case 112:
		return "VRRP";
	case IPPROTO_SCTP:
		return "SCTP";
	case IPPROTO_UDPLITE:
		return "UDP-Lite";
	default:
		return NULL;
	}
}

/* All of these begin with both ports. */
static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_UDP || proto == IPPROTO_TCP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_DCCP || proto == IPPROTO_UDPLITE;
}

static void add_address(struct line *line, int family, const uint8_t *address, const uint8_t *port)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(family, address, text, sizeof(text));
	line_add(line, "%s", text);
	if (port)
		line_add(line, ".%u", packet_u16(port));
}

/* The transport header's first four bytes; NULL: the packet has none, or they are not there. */
static const uint8_t *find_ports(const struct view *view, const struct ip_packet *ip)
{
	if (ip->missing || ip->offset || !has_ports(ip->proto) || ip->transport + 4 > ip->end)
		return NULL;
	return view_at(view, ip->transport, 4);
}

/* A fragment header on a whole packet: RFC 6946. */
static void add_fragment(struct line *line, const struct ip_packet *ip)
{
	const char *place = ip->more ? "MF" : ip->offset ? "last" : "atomic";

	if (ip->fragment)
		line_add(line, " id %u offset %u %s", ip->id, ip->offset, place);
	if (ip->dont_fragment)
		line_add(line, " DF");
}

static void add_packet(struct line *line, const struct view *view, struct ip_packet *ip)
{
	const uint8_t *ports = find_ports(view, ip);
	const char *name = proto_name(ip->proto);

	add_address(line, ip->family, ip->source, ports);
	line_add(line, " > ");
	add_address(line, ip->family, ip->destination, ports ? ports + 2 : NULL);
	if (name)
		line_add(line, " %s", name);
	else
		line_add(line, " protocol %u", ip->proto);
	add_fragment(line, ip);
	if (ip->payload <= ip->end)
		line_add(line, " length %u", ip->end - ip->payload);
	line_add(line, " %s %u", ip->family == AF_INET ? "ttl" : "hlim", ip->hops);
	if (ip->options)
		line_add(line, " options %u", ip->options);
	if (ip->end > view->len)
		line_add(line, " [truncated]");
	else if (ip->missing)
		line_add(line, " %s", ip->missing);
}

void packet_ipv4(struct line *line, const struct view *view, uint32_t at)
{
	const uint8_t *header = view_at(view, at, IPV4_HEADER);
	struct ip_packet ip = { .family = AF_INET };
	uint32_t len, total;
	uint16_t fragment;

	if (!header) {
		line_add(line, "IPv4 %s", packet_missing(view, at + IPV4_HEADER));
		return;
	}
	len = (header[0] & 0xf) * 4;
	total = packet_u16(header + 2);
	if (header[0] >> 4 != 4 || len < IPV4_HEADER || total < len) {
		line_add(line, "IPv4 [malformed]");
		return;
	}
	fragment = packet_u16(header + 6);
	ip.source = header + 12;
	ip.destination = header + 16;
	ip.proto = header[9];
	ip.hops = header[8];
	ip.id = packet_u16(header + 4);
	ip.offset = (fragment & IPV4_OFFSET) * 8;
	ip.more = fragment & IPV4_MF;
	ip.fragment = ip.more || ip.offset;
	ip.dont_fragment = fragment & IPV4_DF;
	ip.options = len - IPV4_HEADER;
	ip.transport = ip.payload = at + len;
	ip.end = at + total;
	add_packet(line, view, &ip);
}

static bool is_extension(uint8_t proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING || proto == IPPROTO_DSTOPTS ||
	       proto == IPPROTO_AH || proto == IPPROTO_FRAGMENT;
}

/* AH counts in units of 4, less 2 (RFC 4302, 2.2), the others in units of 8, less 1. */
static uint32_t extension_len(const uint8_t *header, uint8_t type)
{
	if (type == IPPROTO_FRAGMENT)
		return FRAGMENT;
	return header[1] * (type == IPPROTO_AH ? 4 : 8) + 8;
}

/* Length counts from behind the first of them: later headers are the datagram's content. */
static void read_fragment_header(struct ip_packet *ip, const uint8_t *header)
{
	uint16_t bits = packet_u16(header + 2);

	ip->offset = bits & ~7;
	ip->more = bits & 1;
	ip->fragment = true;
	ip->id = packet_u32(header + 4);
	ip->payload = ip->transport + FRAGMENT;
}

/* Looks through the extension headers, up to the transport's or where there is no further. */
static void read_chain(struct ip_packet *ip, const struct view *view)
{
	const uint8_t *header;
	int i;

	for (i = 0; is_extension(ip->proto) && !ip->offset; i++) {
		uint8_t type = ip->proto;

		if (i > EXT_HEADERS) {
			ip->missing = "[too deep]";
			return;
		}
		if (ip->transport + 8 > ip->end) {
			ip->missing = "[malformed]";
			return;
		}
		header = view_at(view, ip->transport, 8);
		if (!header) {
			ip->missing = packet_missing(view, ip->transport + 8);
			return;
		}
		if (type == IPPROTO_FRAGMENT && !ip->fragment)
			read_fragment_header(ip, header);
		ip->proto = header[0];
		ip->transport += extension_len(header, type);
		if (!ip->fragment)
			ip->payload = ip->transport;
	}
	if (ip->transport > ip->end)
		ip->missing = "[malformed]";
}

void packet_ipv6(struct line *line, const struct view *view, uint32_t at)
{
	const uint8_t *header = view_at(view, at, IPV6_HEADER);
	struct ip_packet ip = { .family = AF_INET6 };

	if (!header) {
		line_add(line, "IPv6 %s", packet_missing(view, at + IPV6_HEADER));
		return;
	}
	if (header[0] >> 4 != 6) {
		line_add(line, "IPv6 [malformed]");
		return;
	}
	ip.source = header + 8;
	ip.destination = header + 24;
	ip.proto = header[6];
	ip.hops = header[7];
	ip.transport = ip.payload = at + IPV6_HEADER;
	ip.end = ip.transport + packet_u16(header + 4);
	read_chain(&ip, view);
	add_packet(line, view, &ip);
}
