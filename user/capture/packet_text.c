// SPDX-License-Identifier: GPL-2.0-or-later
/* Ethernet and VLAN tags in words. */
#include <linux/if_ether.h>

#include "packet_text.h"

#define TAGS 4 /* told; what a further one holds is an EtherType like any other */

const char *packet_missing(const struct view *view, uint32_t end)
{
	return end > view->len ? "[truncated]" : "[not captured]";
}

static void add_mac(struct line *line, const uint8_t *mac)
{
	line_add(line, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
}

static void add_mac_addresses(struct line *line, const uint8_t *ethernet)
{
	add_mac(line, ethernet + ETH_ALEN);
	line_add(line, " > ");
	add_mac(line, ethernet);
	line_add(line, " ");
}

/* An EtherType below 0x600 is the length of an 802.3 frame (IEEE 802.3, 3.2.6). */
static void add_other(struct line *line, const struct view *view, uint16_t type, uint32_t at)
{
	add_mac_addresses(line, view_at(view, 0, 2 * ETH_ALEN));
	if (type == ETH_P_ARP)
		line_add(line, "ARP");
	else if (type < ETH_P_802_3_MIN)
		line_add(line, "802.3");
	else
		line_add(line, "ethertype 0x%04x", type);
	line_add(line, " length %u", view->len - at);
}

static const char *tag_name(uint16_t type)
{
	switch (type) {
	case ETH_P_8021Q:
		return "vlan";
	case ETH_P_8021AD:
		return "svlan";
	default:
		return NULL;
	}
}

void packet_text(struct line *line, const struct view *view)
{
	const uint8_t *type = view_at(view, 2 * ETH_ALEN, 2), *tag;
	uint32_t at = ETH_HLEN;
	int i;

	for (i = 0; type && i < TAGS && tag_name(packet_u16(type)); i++) {
		tag = view_at(view, at, 4);
		if (tag)
			line_add(line, "%s %u ", tag_name(packet_u16(type)),
				 packet_u16(tag) & 0xfff);
		type = tag ? tag + 2 : NULL;
		at += 4;
	}
	if (!type)
		line_add(line, "Ethernet %s", packet_missing(view, at));
	else if (packet_u16(type) == ETH_P_IP)
		packet_ipv4(line, view, at);
	else if (packet_u16(type) == ETH_P_IPV6)
		packet_ipv6(line, view, at);
	else
		add_other(line, view, packet_u16(type), at);
}
