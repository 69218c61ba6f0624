// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One function for each header, outermost first. Each is handed a cursor: what of
 * the packet was captured, and how long the packet is in truth. A header is read only
 * where it was captured whole.
 */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/observe.h"

#define VLAN_TAGS	 2
#define VLAN_TAG	 4  /* bytes */
#define IPV4_HEADER	 20 /* bytes, without options */
#define IPV6_HEADER	 40
#define FRAGMENT_HEADER	 8
#define EXTENSIONS	 8 /* looked through before the payload */
#define TCP_HEADER	 20
#define TCP_SYN		 0x02
#define TCP_OPTION_END	 0
#define TCP_OPTION_NOP	 1
#define TCP_OPTION_MSS	 2
#define IGMP_QUERY	 0x11
#define IGMP_LENGTH	 8  /* bytes, of versions 1 and 2 */
#define IGMP3_LENGTH	 12 /* bytes at least */
#define MLD_QUERY	 130
#define MLD_LENGTH	 24 /* bytes at least */
#define OPTION_PAD1	 0
#define OPTION_ALERT	 5 /* RFC 2711 */
#define OPTION_ALERT_LEN 2

struct cursor {
	const uint8_t *at;
	size_t captured; /* bytes that may be read */
	size_t left;	 /* bytes of the packet from here on; as many or more */
};

static uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static bool skip(struct cursor *cursor, size_t len)
{
	if (len > cursor->captured)
		return false;
	cursor->at += len;
	cursor->captured -= len;
	cursor->left -= len;
	return true;
}

/* What is behind the packet is padding, and none of it. */
static bool cut(struct cursor *cursor, size_t len)
{
	if (len > cursor->left)
		return false;
	cursor->left = len;
	if (cursor->captured > len)
		cursor->captured = len;
	return true;
}

/*
 * A router takes one off. What comes from beyond it has another value, unless its
 * sender began with an unusual one: 64, 128 and 255 are what systems begin with.
 */
static bool unrouted(uint8_t ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255;
}

static uint16_t read_mss(struct cursor tcp)
{
	size_t header;

	if (tcp.captured < TCP_HEADER || !(tcp.at[13] & TCP_SYN))
		return 0;
	header = (tcp.at[12] >> 4) * 4;
	if (header < TCP_HEADER || !cut(&tcp, header) || !skip(&tcp, TCP_HEADER))
		return 0;
	while (tcp.captured > 0 && tcp.at[0] != TCP_OPTION_END) {
		if (tcp.at[0] == TCP_OPTION_NOP) {
			skip(&tcp, 1);
			continue;
		}
		if (tcp.captured < 2 || tcp.at[1] < 2)
			return 0;
		if (tcp.at[0] == TCP_OPTION_MSS)
			return tcp.at[1] == 4 && tcp.captured >= 4 ? get16(tcp.at + 2) : 0;
		if (!skip(&tcp, tcp.at[1]))
			return 0;
	}
	return 0;
}

/* As igmp_rcv() in net/ipv4/igmp.c tells the versions, but for the checksum. */
static bool is_igmp_query(const struct cursor *igmp)
{
	return igmp->captured >= IGMP_LENGTH && igmp->at[0] == IGMP_QUERY &&
	       (igmp->left == IGMP_LENGTH || igmp->left >= IGMP3_LENGTH);
}

static void observe_ipv4(struct observation *seen, struct cursor ip)
{
	const uint8_t *at = ip.at;
	size_t header, total;
	uint16_t fragment;

	if (ip.captured < IPV4_HEADER)
		return;
	header = (at[0] & 15) * 4;
	total = get16(at + 2);
	if (at[0] >> 4 != 4 || header < IPV4_HEADER || total < header || !cut(&ip, total))
		return;
	fragment = get16(at + 6) & (IP_MF | IP_OFFMASK);
	seen->family = AF_INET;
	seen->length = total;
	memcpy(seen->source, at + 12, 4);
	memcpy(seen->destination, at + 16, 4);
	seen->multicast = at[16] >> 4 == 0xe;
	seen->fragment = fragment != 0;
	if (!skip(&ip, header))
		return;
	if (at[9] == IPPROTO_IGMP && !fragment)
		seen->query = is_igmp_query(&ip);
	else if (at[9] == IPPROTO_TCP && !(fragment & IP_OFFMASK) && unrouted(at[8]))
		seen->mss = read_mss(ip);
}

static bool is_extension(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS ||
	       next == IPPROTO_AH || next == IPPROTO_FRAGMENT;
}

/* Does a hop-by-hop header hold the router alert of MLD (RFC 2711, value 0)? */
static bool has_mld_alert(struct cursor header, size_t len)
{
	if (!cut(&header, len) || !skip(&header, 2))
		return false;
	while (header.captured > 0) {
		const uint8_t *option = header.at;

		if (option[0] == OPTION_PAD1) {
			skip(&header, 1);
			continue;
		}
		if (header.captured < 2 || header.captured < 2U + option[1])
			return false;
		if (option[0] == OPTION_ALERT && option[1] == OPTION_ALERT_LEN)
			return get16(option + 2) == 0;
		skip(&header, 2 + option[1]);
	}
	return false;
}

static bool is_link_local(const uint8_t *address)
{
	return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

/* As hosts judge it (RFC 3810, 6.2, and __mld_query_work() in net/ipv6/mcast.c). */
static bool is_mld_query(const struct observation *seen, const struct cursor *mld, uint8_t hops,
			 bool alert)
{
	return alert && hops == 1 && is_link_local(seen->source) && mld->captured >= MLD_LENGTH &&
	       mld->at[0] == MLD_QUERY;
}

/*
 * Goes behind the extension headers; *next is what is there. False at a fragment that
 * is not the first, and where nothing more can be read.
 */
static bool skip_extensions(struct observation *seen, struct cursor *ip, uint8_t *next, bool *alert)
{
	int i;

	for (i = 0; i < EXTENSIONS && is_extension(*next); i++) {
		const uint8_t *at = ip->at;
		uint16_t offset;
		size_t len;

		if (ip->captured < FRAGMENT_HEADER)
			return false;
		if (*next == IPPROTO_FRAGMENT) {
			/* An atomic fragment (RFC 6946) is whole. */
			offset = get16(at + 2);
			seen->fragment = offset & 0xfff9;
			len = FRAGMENT_HEADER;
			if (offset & 0xfff8)
				return false;
		} else {
			len = *next == IPPROTO_AH ? (at[1] + 2) * 4 : (at[1] + 1) * 8;
		}
		if (*next == IPPROTO_HOPOPTS)
			*alert = has_mld_alert(*ip, len);
		*next = at[0];
		if (!skip(ip, len))
			return false;
	}
	return !is_extension(*next);
}

static void observe_ipv6(struct observation *seen, struct cursor ip)
{
	const uint8_t *at = ip.at;
	bool alert = false;
	uint8_t next;
	size_t total;

	if (ip.captured < IPV6_HEADER || at[0] >> 4 != 6)
		return;
	total = IPV6_HEADER + get16(at + 4);
	if (!cut(&ip, total))
		return;
	seen->family = AF_INET6;
	seen->length = total;
	memcpy(seen->source, at + 8, 16);
	memcpy(seen->destination, at + 24, 16);
	seen->multicast = at[24] == 0xff;
	next = at[6];
	skip(&ip, IPV6_HEADER);
	if (!skip_extensions(seen, &ip, &next, &alert))
		return;
	if (next == IPPROTO_ICMPV6 && !seen->fragment)
		seen->query = is_mld_query(seen, &ip, at[7], alert);
	else if (next == IPPROTO_TCP && unrouted(at[7]))
		seen->mss = read_mss(ip);
}

void observe(struct observation *seen, const uint8_t *frame, size_t captured, size_t len)
{
	struct cursor cursor = { frame, captured < len ? captured : len, len };
	uint16_t proto;
	int i;

	memset(seen, 0, sizeof(*seen));
	if (!skip(&cursor, ETH_HLEN))
		return;
	proto = get16(frame + 12);
	for (i = 0; i < VLAN_TAGS && (proto == ETH_P_8021Q || proto == ETH_P_8021AD); i++) {
		if (!skip(&cursor, VLAN_TAG))
			return;
		proto = get16(cursor.at - 2);
	}
	if (proto == ETH_P_IP)
		observe_ipv4(seen, cursor);
	else if (proto == ETH_P_IPV6)
		observe_ipv6(seen, cursor);
}
