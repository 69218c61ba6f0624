// SPDX-License-Identifier: GPL-2.0-or-later
/* From a frame to a fragment. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>

#include "parse.h"

#define VLAN_8021AD 0x88a8
#define EXT_HEADERS 8 /* before a fragment header, as in xdp/parse.bpf.h */

/* What no VLAN id has: a priority tag (VLAN 0) is not no tag, and 802.1ad not 802.1Q. */
#define TAGGED_8021Q  0x1000
#define TAGGED_8021AD 0x2000

static uint16_t be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)be16(at) << 16 | be16(at + 2);
}

/*
 * RFC 1071, in words of four bytes, whose order does not matter. Looked at because the
 * whole datagram's header gets a new checksum, which would make good what was damaged.
 */
static bool is_checksum_right(const uint8_t *header, uint32_t len)
{
	uint64_t sum = 0;
	uint32_t word, i;

	for (i = 0; i < len; i += sizeof(word)) {
		memcpy(&word, header + i, sizeof(word));
		sum += word;
	}
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16) == 0xffff;
}

static int parse_ipv4(struct fragment *fragment, const uint8_t *ip, uint32_t len)
{
	uint32_t header, total, frag;

	if (len < 20)
		return -EINVAL;
	header = (ip[0] & 15) * 4;
	total = be16(ip + 2);
	frag = be16(ip + 6);
	if (ip[0] >> 4 != 4 || header < 20 || total < header || total > len || !(frag & 0x3fff) ||
	    !is_checksum_right(ip, header))
		return -EINVAL;
	fragment->key.family = AF_INET;
	fragment->key.proto = ip[9];
	fragment->key.id = be16(ip + 4);
	memcpy(fragment->key.source, ip + 12, 4);
	memcpy(fragment->key.group, ip + 16, 4);
	fragment->header = ip;
	fragment->header_len = header;
	fragment->data = ip + header;
	fragment->len = total - header;
	fragment->offset = (frag & IP_OFFMASK) * 8;
	fragment->more = frag & IP_MF;
	fragment->df = frag & IP_DF;
	fragment->ecn = ip[1] & 3;
	return 0;
}

static bool is_extension(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS ||
	       next == IPPROTO_AH;
}

/* AH counts in units of 4, less 2 (RFC 4302), the others in units of 8, less 1. */
static uint32_t extension_len(const uint8_t *header, uint8_t type)
{
	return header[1] * (type == IPPROTO_AH ? 4 : 8) + 8;
}

/* Where the fragment header begins, from the IPv6 header on; 0: nowhere. */
static uint32_t find_fragment_header(const uint8_t *ip, uint32_t end)
{
	uint32_t at = 40;
	uint8_t next = ip[6], type;
	int i;

	for (i = 0; i <= EXT_HEADERS && at + 8 <= end; i++) {
		if (next == IPPROTO_FRAGMENT)
			return at;
		if (!is_extension(next))
			return 0;
		type = next;
		next = ip[at];
		at += extension_len(ip + at, type);
	}
	return 0;
}

/*
 * The first fragment has all headers up to and with the upper layer's, or is to be
 * discarded (RFC 8200 4.5; ipv6frag_thdr_truncated() in net/ipv6/reassembly.c).
 */
static bool is_chain_whole(const uint8_t *data, uint32_t len, uint8_t next)
{
	uint32_t at = 0, least = 1;

	while (is_extension(next)) {
		uint8_t type = next;

		if (at + 8 > len)
			return false;
		next = data[at];
		at += extension_len(data + at, type);
	}
	if (next == IPPROTO_TCP)
		least = 20;
	else if (next == IPPROTO_UDP || next == IPPROTO_ICMPV6)
		least = 8;
	else if (next == IPPROTO_NONE)
		least = 0;
	return at + least <= len;
}

static int parse_ipv6(struct fragment *fragment, const uint8_t *ip, uint32_t len)
{
	uint32_t end, at, frag;

	if (len < 40 || ip[0] >> 4 != 6)
		return -EINVAL;
	end = 40 + be16(ip + 4);
	if (end > len)
		return -EINVAL;
	at = find_fragment_header(ip, end);
	if (!at)
		return -EINVAL;
	frag = be16(ip + at + 2);
	if (!(frag & 0xfff9)) /* atomic: whole (RFC 6946) */
		return -EINVAL;
	if (!(frag & 0xfff8) && !is_chain_whole(ip + at + 8, end - at - 8, ip[at]))
		return -EINVAL;
	fragment->key.family = AF_INET6;
	fragment->key.id = be32(ip + at + 4);
	memcpy(fragment->key.source, ip + 8, 16);
	memcpy(fragment->key.group, ip + 24, 16);
	fragment->header = ip;
	fragment->header_len = at;
	fragment->next = ip[at];
	fragment->data = ip + at + 8;
	fragment->len = end - at - 8;
	fragment->offset = frag & 0xfff8;
	fragment->more = frag & 1;
	fragment->ecn = be16(ip) >> 4 & 3;
	return 0;
}

int fragment_parse(struct fragment *fragment, const uint8_t *frame, uint32_t len)
{
	uint32_t at = ETHER_HDR_LEN;
	uint16_t proto;

	memset(fragment, 0, sizeof(*fragment));
	if (len < at)
		return -EINVAL;
	proto = be16(frame + 12);
	if (proto == ETHERTYPE_VLAN || proto == VLAN_8021AD) {
		if (len < at + 4)
			return -EINVAL;
		fragment->key.vlan = (be16(frame + at) & 0xfff) |
				     (proto == ETHERTYPE_VLAN ? TAGGED_8021Q : TAGGED_8021AD);
		proto = be16(frame + at + 2);
		at += 4;
	}
	fragment->l2_len = at;
	if (proto == ETHERTYPE_IP)
		return parse_ipv4(fragment, frame + at, len - at);
	if (proto == ETHERTYPE_IPV6)
		return parse_ipv6(fragment, frame + at, len - at);
	return -EINVAL;
}
