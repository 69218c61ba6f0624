// SPDX-License-Identifier: GPL-2.0-or-later
/* The frames: a table of what lies behind Ethernet and IP, in hexadecimal. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter_frames.h"
#include "steer_frames.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define HEX_ROOM      512
#define JUMBO	      9000

#define U4 .family = AF_INET, .source = { 10, 84, 0, 1 }, .group = { 10, 84, 0, 2 }
#define M4 .family = AF_INET, .source = { 10, 84, 0, 73 }, .group = { 239, 0, 0, 15 }
#define U6                                                                  \
	.family = AF_INET6, .source = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, \
	.group = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 }
#define M6 \
	.family = AF_INET6, .source = { 0xfe, 0x80, [15] = 1 }, .group = { 0xff, 0x3e, [15] = 15 }

#define SYN  "0400 0050 00000001 00000000 6002 0400 0000 0000 020405b4"
#define HTTP "0400 0050 00000007 00000008 5018 0400 0000 0000 474554202f20"
#define RST  "0016 0400 00000000 00000009 5014 0000 0000 0000"
#define DNS  "0400 0035 0010 0000 1234010000010000"
#define CALL "0400 1388 0010 0000 48656c6c6f2e2e2e"
#define IP4  "45000024 12340000 40110000 0a540001 0a540002"
#define IP6  "60000000 0010 11 40 20010db8000000000000000000000001 20010db8000000000000000000000002"
#define BOTH "020000000002 020000000001"

/* clang-format off */
static const struct {
	const char *name;
	struct frame frame;
	const char *payload;
} table[] = {
	{ "TCP SYN", { U4, .protocol = 6, .id = 0x1234, .ttl = 64, .dont_fragment = true }, SYN },
	{ "TCP GET", { U4, .protocol = 6, .ttl = 1 }, HTTP },
	{ "TCP RST", { U4, .protocol = 6, .ttl = 255 }, RST },
	{ "TCP ACK", { U4, .protocol = 6, .ttl = 255 }, "0050 0400 00000008 00000009 5010 0000 0000 0000" },
	{ "TCP, options", { U4, .protocol = 6, .options = 12 }, SYN },
	{ "TCP, 40 bytes of options", { U4, .protocol = 6, .options = 40 }, HTTP },
	{ "TCP, padded", { U4, .protocol = 6, .padding = 6, .ttl = 17 }, RST },
	{ "TCP, all flags", { U4, .protocol = 6 }, "0050 0050 00000001 00000002 50ff 0400 0000 0000" },
	{ "TCP, offset beyond", { U4, .protocol = 6 }, "0400 0050 00000001 00000002 f002 0400 0000 0000 0005" },
	{ "TCP, 5 behind", { U4, .protocol = 6 }, "0400 0050 00000001 00000002 5002 0400 0000 0000 0005" },
	{ "UDP DNS", { U4, .ttl = 64 }, DNS },
	{ "UDP multicast", { M4 }, CALL },
	{ "UDP, options", { M4, .options = 8 }, CALL },
	{ "UDP, no data", { U4 }, "0035 0035 0008 0000" },
	{ "UDP, source 80", { U4 }, "0050 ffff 0008 0000" },
	{ "UDP port 0", { U4 }, "0000 0000 0008 0000" },
	{ "broadcast", { U4, .to = { 255, 255, 255, 255, 255, 255 }, .group = { 255, 255, 255, 255 } }, CALL },
	{ "to itself", { U4, .group = { 10, 84, 0, 1 } }, DNS },
	{ "other net", { U4, .source = { 192, 168, 1, 1 }, .group = { 172, 16, 0, 1 } }, DNS },
	{ "first fragment", { M4, FIRST, .id = 0x1234 }, CALL },
	{ "middle fragment", { M4, MIDDLE, .id = 0x1234 }, CALL },
	{ "last fragment", { M4, LAST, .id = 0x1234 }, SYN },
	{ "last fragment of TCP", { U4, LAST, .protocol = 6 }, SYN },
	{ "first fragment, options", { U4, FIRST, .options = 4, .protocol = 6 }, SYN },
	{ "offset 8 of SCTP", { U4, .offset = 8, .protocol = 132 }, SYN },
	{ "ICMP echo", { U4, .protocol = 1 }, "0800 0000 0001 0001 6162636465666768" },
	{ "ICMP reply", { U4, .protocol = 1 }, "0000 0000 0001 0001 61626364" },
	{ "ICMP too big", { U4, .protocol = 1 }, "0304 0000 0000 05dc" IP4 "0400003500100000" },
	{ "ICMP time", { U4, .protocol = 1 }, "0b01 0000 0000 0000" IP4 },
	{ "ICMP redirect", { U4, .protocol = 1 }, "0501 0000 0a540009" },
	{ "ICMP timestamp", { U4, .protocol = 1 }, "0d00 0000 0a540009" },
	{ "ICMP fragment", { U4, .protocol = 1, .offset = 8 }, "0800 0000 0001 0001" },
	{ "IGMP", { M4, .protocol = 2, .options = 4 }, "1600 0000 ef00000f" },
	{ "IGMPv3", { M4, .protocol = 2, .options = 4 }, "2200 0000 0000 0001 04000000 ef00000f" },
	{ "IGRP", { U4, .protocol = 9 }, "0100 0000" },
	{ "SCTP", { U4, .protocol = 132 }, "0b59 0b59 00000001 00000000 01000014" },
	{ "SCTP port 80", { U4, .protocol = 132 }, "0400 0050 00000001 00000000 00000014" },
	{ "VRRP", { M4, .protocol = 112, .group = { 224, 0, 0, 18 }, .ttl = 255 }, "2101 6401 0001 0000" },
	{ "PIM", { M4, .protocol = 103, .group = { 224, 0, 0, 13 } }, "2000 0000 0001 0002" },
	{ "ESP", { U4, .protocol = 50 }, "00000001 00000001 0011223344556677" },
	{ "AH", { U4, .protocol = 51 }, "0604 0000 00000001 00000001 000000000000000000000000" SYN },
	{ "AH before UDP", { U4, .protocol = 51 }, "1104 0000 00000001 00000001 000000000000000000000000" DNS },
	{ "GRE", { U4, .protocol = 47 }, "0000 0800" IP4 CALL },
	{ "IP in IP", { U4, .protocol = 4 }, IP4 CALL },
	{ "6in4", { U4, .protocol = 41 }, IP6 CALL },
	{ "OSPF", { M4, .protocol = 89, .group = { 224, 0, 0, 5 } }, "0201 002c 0a540001" },
	{ "protocol 255", { U4, .protocol = 255 }, "00" },
	{ "nothing behind", { U4, .protocol = 6 }, "" },

	{ "v6 TCP", { U6, .protocol = 6, .ttl = 64 }, SYN },
	{ "v6 GET", { U6, .protocol = 6 }, HTTP },
	{ "v6 UDP", { U6 }, DNS },
	{ "v6 multicast", { M6 }, CALL },
	{ "v6 SCTP", { U6, .protocol = 132 }, "0b59 0050 00000001 00000000 01000014" },
	{ "v6 first", { M6, FIRST, .id = 7 }, CALL },
	{ "v6 middle", { M6, MIDDLE, .id = 7 }, CALL },
	{ "v6 last", { M6, LAST, .id = 7 }, SYN },
	{ "v6 fragment of TCP", { U6, FIRST, .protocol = 6 }, SYN },
	{ "v6 atomic", { U6, .atomic = true }, DNS },
	{ "v6 hop-by-hop", { U6, .n_extensions = 1, .extensions = { HBH } }, DNS },
	{ "v6 options, TCP", { U6, .protocol = 6, .n_extensions = 2, .extensions = { HBH, { IPPROTO_DSTOPTS, 16 } } }, SYN },
	{ "v6 routing", { U6, .n_extensions = 1, .extensions = { { IPPROTO_ROUTING, 24 } } }, CALL },
	{ "v6 AH", { U6, .protocol = 6, .n_extensions = 1, .extensions = { { IPPROTO_AH, 24 } } }, SYN },
	{ "v6 echo", { U6, .protocol = 58 }, "8000 0000 0001 0001 61626364" },
	{ "v6 solicitation", { M6, .protocol = 58 }, "8700 0000 00000000 20010db8000000000000000000000002" },
	{ "v6 router", { M6, .protocol = 58 }, "8600 0000 40000000" },
	{ "v6 MLD query", { M6, .protocol = 58 }, "8200 0000 00000000" },
	{ "v6 MLDv2 report", { M6, .protocol = 58, .n_extensions = 1, .extensions = { HBH } }, "8f00 0000 0000 0001" },
	{ "v6 MLDv2 report, no option", { M6, .protocol = 58 }, "8f00 0000 0000 0001" },
	{ "v6 destination options", { U6, .n_extensions = 1, .extensions = { { IPPROTO_DSTOPTS, 8 } } }, DNS },
	{ "v6 ESP", { U6, .protocol = 50 }, "00000001 00000001" },
	{ "v6 PIM", { M6, .protocol = 103 }, "2000 0000" },
	{ "v6 no next", { U6, .protocol = 59 }, "" },
	{ "v6 in v6", { U6, .protocol = 41 }, IP6 DNS },
	{ "4in6", { U6, .protocol = 4 }, IP4 DNS },

	{ "ARP request", { .proto = ETH_P_ARP, .to = { 255, 255, 255, 255, 255, 255 } },
	  "0001 0800 06 04 0001 020000000001 0a540001 000000000000 0a540002 000000000000000000000000000000000000" },
	{ "ARP reply", { .proto = ETH_P_ARP }, "0001 0800 06 04 0002 020000000002 0a540002 020000000001 0a540001" },
	{ "ARP, net 239", { .proto = ETH_P_ARP }, "0001 0800 06 04 0002 020000000002 ef000001 020000000001 ef00000f" },
	{ "RARP", { .proto = ETH_P_RARP }, "0001 0800 06 04 0003 020000000002 0a540002 020000000001 0a540001" },
	{ "LLDP", { .proto = 0x88cc }, "0207 04 020000000001 0403 05 6531 0602 0078 0000" },
	{ "LAT", { .proto = 0x6004 }, "0001" },
	{ "MOP dump", { .proto = 0x6001 }, "0001" },
	{ "MOP console", { .proto = 0x6002 }, "0001" },
	{ "loopback", { .proto = 0x9000 }, "0000 0100" },
	{ "AppleTalk 2", { .proto = 0x809b }, "0001" },
	{ "AARP", { .proto = 0x80f3 }, "0001" },
	{ "IPX, Ethernet II", { .proto = 0x8137 }, "ffff 0022 00 11" },
	{ "IPX, raw", { .proto = 0x0022 }, "ffff 0022 00 11 000000000000000000000000" },
	{ "IPX, 802.2", { .proto = 0x0025 }, "e0e003 ffff 0022 0011" },
	{ "IPX, SNAP", { .proto = 0x0025 }, "aaaa03 000000 8137 ffff0022" },
	{ "NetBEUI", { .proto = 0x0010 }, "f0f003 2c00ffef0800" },
	{ "STP", { .proto = 0x0026, .to = { 1, 0x80, 0xc2, 0, 0, 0 } }, "424203 0000 00 00 00 8000020000000001 00000000" },
	{ "CLNP", { .proto = 0x0010 }, "fefe03 81 02 03 04 05" },
	{ "ES-IS", { .proto = 0x0010 }, "fefe03 82 02 03 04 05" },
	{ "IS-IS L1 hello", { .proto = 0x0020 }, "fefe03 83 1b 01 00 0f 01 0000 01" },
	{ "IS-IS L2 hello", { .proto = 0x0020 }, "fefe03 83 1b 01 00 10 01 0000 01" },
	{ "IS-IS L1 LSP", { .proto = 0x0020 }, "fefe03 83 1b 01 00 12 01 0000 01" },
	{ "IS-IS L2 LSP", { .proto = 0x0020 }, "fefe03 83 1b 01 00 14 01 0000 01" },
	{ "IS-IS CSNP", { .proto = 0x0020 }, "fefe03 83 1b 01 00 18 01 0000 01" },
	{ "IS-IS PSNP", { .proto = 0x0020 }, "fefe03 83 1b 01 00 1b 01 0000 01" },
	{ "LLC I", { .proto = 0x0010 }, "0404 0202 0102" },
	{ "LLC RR", { .proto = 0x0010 }, "0404 0102 0102" },
	{ "LLC RNR", { .proto = 0x0010 }, "0404 0502 0102" },
	{ "LLC REJ", { .proto = 0x0010 }, "0404 0902 0102" },
	{ "LLC UA", { .proto = 0x0010 }, "0405 73 0102" },
	{ "LLC DISC", { .proto = 0x0010 }, "0404 53 0102" },
	{ "LLC SABME", { .proto = 0x0010 }, "0404 7f 0102" },
	{ "LLC TEST", { .proto = 0x0010 }, "0000 f3 0102" },
	{ "LLC 100", { .proto = 0x0010 }, "6464 03 0102" },
	{ "LLC XID", { .proto = 0x0010 }, "0000 bf 810100" },
	{ "LLC FRMR", { .proto = 0x0010 }, "0405 97 0102" },
	{ "SNAP AppleTalk", { .proto = 0x0010 }, "aaaa03 080007 809b 0102" },
	{ "SNAP AARP", { .proto = 0x0010 }, "aaaa03 000000 80f3 0102" },
	{ "SNAP IP", { .proto = 0x0040 }, "aaaa03 000000 0800" IP4 DNS },
	{ "DECnet", { .proto = 0x6003 }, "0a00 02 0304 0204 0a" },
	{ "DECnet long", { .proto = 0x6003 }, "1600 26 0000 aa000400 0304 0000 aa000400 0204 00 00" },
	{ "DECnet, padded", { .proto = 0x6003 }, "0b00 81 02 0304 0204 0a" },

	{ "VLAN 10", { M4, TAGS(1, C_TAG) }, CALL },
	{ "VLAN 10, TCP", { U4, TAGS(1, C_TAG), .protocol = 6 }, SYN },
	{ "VLAN 10, fragment", { M4, FIRST, TAGS(1, C_TAG) }, CALL },
	{ "VLAN 20 802.1ad", { U4, TAGS(1, S_TAG) }, DNS },
	{ "VLAN 20, 10", { U4, TAGS(2, S_TAG, C_TAG), .protocol = 6 }, SYN },
	{ "VLAN 10, 20", { M4, TAGS(2, C_TAG, S_TAG) }, CALL },
	{ "VLAN 10, 10, 10", { M4, TAGS(3, C_TAG, C_TAG, C_TAG) }, CALL },
	{ "four tags", { U4, TAGS(4, S_TAG, C_TAG, C_TAG, C_TAG) }, CALL },
	{ "QinQ 0x9100", { U4, TAGS(2, { 0x9100, 20 }, C_TAG) }, DNS },
	{ "priority tag", { U4, TAGS(1, { ETH_P_8021Q, 0xe000 }) }, DNS },
	{ "VLAN 4095", { U4, TAGS(1, { ETH_P_8021Q, 0xffff }) }, DNS },
	{ "VLAN 10, v6", { U6, TAGS(1, C_TAG) }, DNS },
	{ "VLAN 10, ARP", { .proto = ETH_P_ARP, TAGS(1, C_TAG) }, "0001 0800 06 04 0001 020000000001 0a540001" },
	{ "VLAN 10, LLC", { .proto = 0x0010, TAGS(1, C_TAG) }, "4242 03 0102" },
	{ "MPLS 100", { .proto = ETH_P_MPLS_UC }, "00064140" IP4 CALL },
	{ "MPLS 100, 200", { .proto = ETH_P_MPLS_UC }, "00064040 000c8140" IP4 CALL },
	{ "MPLS three labels", { .proto = ETH_P_MPLS_UC }, "00064040 000c8040 003e8140" IP4 SYN },
	{ "MPLS 100, v6", { .proto = ETH_P_MPLS_UC }, "00064140" IP6 DNS },
	{ "MPLS 200, TCP", { .proto = ETH_P_MPLS_UC }, "000c8140 45000028 12340000 40060000 0a540001 0a540002" SYN },
	{ "MPLS 1000", { .proto = ETH_P_MPLS_UC }, "003e8140" IP6 DNS },
	{ "MPLS multicast", { .proto = ETH_P_MPLS_MC }, "00064140" IP4 CALL },
	{ "VLAN, MPLS", { .proto = ETH_P_MPLS_UC, TAGS(1, C_TAG) }, "00064140" IP4 CALL },
	{ "PPPoE discovery", { .proto = ETH_P_PPP_DISC }, "1109 0000 0004 01010000" },
	{ "PPPoE IP", { .proto = ETH_P_PPP_SES }, "1100 1234 0026 0021" IP4 DNS },
	{ "PPPoE TCP", { .proto = ETH_P_PPP_SES }, "1100 1234 0026 0021 45000028 12340000 40060000 0a540001 0a540002" SYN },
	{ "PPPoE v6", { .proto = ETH_P_PPP_SES }, "1100 0001 0026 0057" IP6 DNS },
	{ "PPPoE LCP", { .proto = ETH_P_PPP_SES }, "1100 1234 0026 c021 09010008" },
	{ "VLAN, PPPoE", { .proto = ETH_P_PPP_SES, TAGS(1, C_TAG) }, "1100 1234 0026 0021" IP4 DNS },
	{ "Geneve", { U4 }, "0400 17c1 0060 0000 0000 6558 12345600" BOTH "0800" IP4 CALL },
	{ "Geneve, options", { U4 }, "0400 17c1 0060 0000 0200 6558 12345600 0102030405060708" BOTH "0800" IP4 CALL },
	{ "Geneve, VLAN", { U4 }, "0400 17c1 0060 0000 0000 6558 00000100" BOTH "8100 000a 0800" IP4 CALL },
	{ "Geneve IP", { U4 }, "0400 17c1 0060 0000 0000 0800 12345600" IP4 CALL },
	{ "Geneve ARP", { U4 }, "0400 17c1 0060 0000 0000 6558 00000100" BOTH "0806 0001 0800 0604 0001" },
	{ "Geneve TCP", { U4 }, "0400 17c1 0060 0000 0000 6558 00000100" BOTH "0800 45000028 12340000 40060000 0a540001 0a540002" SYN },
	{ "Geneve ICMP", { U4 }, "0400 17c1 0060 0000 0000 6558 00000100" BOTH "0800 45000028 12340000 40010000 0a540001 0a540002 0800 0000" },
	{ "Geneve ICMPv6", { U4 }, "0400 17c1 0060 0000 0000 6558 00000100" BOTH "86dd 60000000 0008 3a 40 20010db8000000000000000000000001 20010db8000000000000000000000002 8000 0000" },
	{ "Geneve MPLS", { U4 }, "0400 17c1 0060 0000 0000 6558 00000100" BOTH "8847 00064140" IP4 DNS },
	{ "VLAN, Geneve", { U4, TAGS(1, C_TAG) }, "0400 17c1 0060 0000 0000 6558 00000100" BOTH "0800" IP4 DNS },
	{ "Geneve over v6", { U6 }, "0400 17c1 0060 0000 0000 6558 12345600" BOTH "86dd" IP6 DNS },
	{ "Geneve, outer options", { U4, .options = 8 }, "0400 17c1 0060 0000 0000 6558 12345600" BOTH "0800" IP4 CALL },
	{ "Geneve version 1", { U4 }, "0400 17c1 0060 0000 4000 6558 12345600" BOTH "0800" IP4 CALL },
	{ "Geneve, last fragment", { U4, LAST }, "0400 17c1 0060 0000 0000 6558 12345600" BOTH "0800" IP4 },
	{ "VXLAN", { U4 }, "0400 12b5 0060 0000 08000000 00010000" BOTH "0800" IP4 CALL },
	{ "unknown type", { .proto = 0xffff }, "ffffffff ffffffff" },
	{ "type 1501", { .proto = 1501 }, "4242 03" },
	{ "type 1500", { .proto = 1500 }, "4242 03" },
	{ "type 0", { .proto = 0 }, "00000000" },
};
/* clang-format on */

void filter_frames_add(struct filter_frames *frames, const char *name, const void *bytes,
		       size_t len, size_t linear)
{
	struct filter_frame *frame;

	if (frames->n == frames->room) {
		frames->room = frames->room ? 2 * frames->room : 256;
		frames->all = realloc(frames->all, frames->room * sizeof(*frames->all));
	}
	frame = &frames->all[frames->n++];
	*frame = (struct filter_frame){ .bytes = malloc(len), .len = len, .linear = linear };
	snprintf(frame->name, sizeof(frame->name), "%s", name);
	memcpy(frame->bytes, bytes, len);
}

void filter_frames_free(struct filter_frames *frames)
{
	size_t i;

	for (i = 0; i < frames->n; i++)
		free(frames->all[i].bytes);
	free(frames->all);
	*frames = (struct filter_frames){};
}

void filter_frames_plain(struct filter_frames *frames)
{
	uint8_t payload[HEX_ROOM], bytes[2 * HEX_ROOM];
	size_t i;

	for (i = 0; i < LENGTH(table); i++) {
		struct frame frame = table[i].frame;

		frame.payload = payload;
		frame.payload_len = frame_from_hex(payload, table[i].payload);
		filter_frames_add(frames, table[i].name, bytes,
				  frame_build(bytes, sizeof(bytes), &frame), 0);
	}
}

/* --- the same, cut short, long, in pieces, and noise --- */

static void add_cut(struct filter_frames *frames, size_t of, size_t step)
{
	const struct filter_frame whole = frames->all[of];
	char name[sizeof(whole.name) + 32];
	size_t len;

	for (len = ETH_HLEN; len < whole.len; len += step) {
		snprintf(name, sizeof(name), "%.30s, %zu bytes", whole.name, len);
		filter_frames_add(frames, name, whole.bytes, len, 0);
	}
}

/* The number at offset k is k: words and bytes tell where they were read. */
static void add_jumbo(struct filter_frames *frames, const struct frame *like, size_t len,
		      size_t linear)
{
	struct frame frame = *like;
	static uint8_t bytes[FRAME_ROOM];
	char name[32];
	size_t i;

	frame.payload_len = len - frame_headers_len(&frame);
	frame_build(bytes, sizeof(bytes), &frame);
	for (i = frame_headers_len(&frame) + 8; i + 1 < len; i += 2) {
		bytes[i] = i >> 8;
		bytes[i + 1] = i;
	}
	snprintf(name, sizeof(name), "%zu bytes, linear %zu", len, linear);
	filter_frames_add(frames, name, bytes, len, linear);
}

static void add_jumbos(struct filter_frames *frames)
{
	static const size_t lengths[] = { 60,	98,   1514, 3519, 3520, 3521, 3522, 3523,  3524,
					  5002, 7616, 7618, 8192, 9000, 9001, 9014, 40000, 65535 };
	static const struct frame like[] = { { M4, FIRST },
					     { U6, .protocol = 6 },
					     { U4, TAGS(1, C_TAG) } };
	size_t i, j;

	for (i = 0; i < LENGTH(lengths); i++)
		for (j = 0; j < LENGTH(like); j++)
			if (lengths[i] > frame_headers_len(&like[j]) + 8)
				add_jumbo(frames, &like[j], lengths[i], 0);
}

static void add_splits(struct filter_frames *frames, size_t n)
{
	size_t i, linear;

	for (i = 0; i < n; i += 23)
		for (linear = ETH_HLEN; linear < frames->all[i].len && linear < 64;
		     linear += 1 + linear / 24)
			filter_frames_add(frames, frames->all[i].name, frames->all[i].bytes,
					  frames->all[i].len, linear);
	add_jumbo(frames, &(struct frame){ M4, FIRST }, JUMBO, 20);
	add_jumbo(frames, &(struct frame){ M4, FIRST }, JUMBO, 1001);
	add_jumbo(frames, &(struct frame){ M4, FIRST }, JUMBO, 3001);
}

static void add_noise(struct filter_frames *frames)
{
	static const uint16_t types[] = { ETH_P_IP,	 ETH_P_IPV6,	ETH_P_8021Q, ETH_P_ARP,
					  ETH_P_MPLS_UC, ETH_P_PPP_SES, 100,	     0 };
	uint8_t bytes[128];
	uint32_t random = 20240607;
	size_t i, k;

	for (i = 0; i < 8 * LENGTH(types); i++) {
		for (k = 0; k < sizeof(bytes); k++) {
			random = random * 1664525 + 1013904223; /* Knuth's */
			bytes[k] = random >> 24;
		}
		bytes[12] = types[i % LENGTH(types)] >> 8;
		bytes[13] = types[i % LENGTH(types)];
		if (i % LENGTH(types) < 2)
			bytes[14] = i % LENGTH(types) ? 0x60 : 0x45 + i / 16;
		filter_frames_add(frames, "noise", bytes, ETH_HLEN + random % 115, 0);
	}
}

void filter_frames_make(struct filter_frames *frames, bool splits)
{
	size_t plain, i;

	filter_frames_plain(frames);
	plain = frames->n;
	for (i = 0; i < plain; i++)
		add_cut(frames, i, i % 31 ? 37 : 1);
	add_jumbos(frames);
	add_noise(frames);
	if (splits)
		add_splits(frames, plain);
}
