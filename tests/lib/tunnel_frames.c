// SPDX-License-Identifier: GPL-2.0-or-later
/* The table: an outer frame, and what stands in it before the payload, in hexadecimal. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "steer_frames.h"
#include "tunnel_frames.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define O4 .family = AF_INET, .source = { 192, 0, 2, 1 }, .group = { 192, 0, 2, 2 }, .ttl = 64
#define O6                                                                     \
	.family = AF_INET6, .source = { 0x20, 0x01, 0x0d, 0xb8, 1, [15] = 1 }, \
	.group = { 0x20, 0x01, 0x0d, 0xb8, 1, [15] = 2 }, .ttl = 64
#define IP	ETH_P_IP
#define IP6	ETH_P_IPV6
#define ETHER	0
#define NOTHING 0xffff /* the frame is its own view */
#define DST(n)                       \
	{                            \
		IPPROTO_DSTOPTS, (n) \
	}

#define UDP(port) "c000" port "0000 0000"
#define GENEVE	  UDP("17c1")
#define GUE	  UDP("17c0")
#define VXLAN	  UDP("12b5") "08000000 00012300"
#define MACS	  "0a0000000002 0a0000000001"
/* The header of an IPv4 packet of protocol %s, and of an IPv6 one. */
#define IN4(proto) "45000400 00004000 40" proto "0000 c6336401 c6336402"
#define IN6(proto)                                                   \
	"60000000 0400" proto "40 20010db8000100000000000000000009 " \
	"20010db800010000000000000000000a"
#define EIGHT "0102030405060708"
#define BYTES_124                                                                                 \
	EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT \
		"00000000"
#define BYTES_252 BYTES_124 BYTES_124 "00000000"

/* clang-format off */
static const struct {
	const char *name;
	struct frame outer;
	const char *hex;
	uint16_t view;    /* where this ends; NOTHING: there is none */
	uint16_t payload; /* with NOTHING: what is put behind it nevertheless */
} table[] = {
	{ "IPIP", { O4, .protocol = 4 }, "", IP, 0 },
	{ "6in4", { O4, .protocol = 41 }, "", IP6, 0 },
	{ "4in6", { O6, .protocol = 4 }, "", IP, 0 },
	{ "6in6", { O6, .protocol = 41 }, "", IP6, 0 },
	{ "IPIP, options", { O4, .protocol = 4, .options = 40 }, "", IP, 0 },
	{ "IPIP, VLAN", { O4, .protocol = 4, TAGS(1, C_TAG) }, "", IP, 0 },
	{ "6in4, two tags", { O4, .protocol = 41, TAGS(2, S_TAG, C_TAG) }, "", IP6, 0 },
	{ "IPIP, first fragment", { O4, FIRST, .protocol = 4 }, "", IP, 0 },
	{ "4in6, hop-by-hop", { O6, .protocol = 4, .n_extensions = 1, .extensions = { HBH } }, "", IP, 0 },
	{ "4in6, AH", { O6, .protocol = 4, .n_extensions = 1, .extensions = { { IPPROTO_AH, 24 } } }, "", IP, 0 },
	{ "6in6, four headers", { O6, .protocol = 41, .n_extensions = 4, .extensions = { HBH, DST(16), { IPPROTO_ROUTING, 24 }, DST(8) } }, "", IP6, 0 },
	{ "4in6, atomic", { O6, .protocol = 4, .atomic = true }, "", IP, 0 },
	{ "4in6, first fragment", { O6, FIRST, .protocol = 4, .n_extensions = 1, .extensions = { HBH } }, "", IP, 0 },
	{ "GRE", { O4, .protocol = 47 }, "0000 0800", IP, 0 },
	{ "GRE, v6", { O4, .protocol = 47 }, "0000 86dd", IP6, 0 },
	{ "GRE C", { O4, .protocol = 47 }, "8000 0800 12340000", IP, 0 },
	{ "GRE K", { O4, .protocol = 47 }, "2000 86dd 00000007", IP6, 0 },
	{ "GRE S", { O4, .protocol = 47 }, "1000 0800 00000001", IP, 0 },
	{ "GRE CK", { O4, .protocol = 47 }, "a000 0800 12340000 00000007", IP, 0 },
	{ "GRE CS", { O4, .protocol = 47 }, "9000 86dd 12340000 00000001", IP6, 0 },
	{ "GRE KS", { O4, .protocol = 47 }, "3000 0800 00000007 00000001", IP, 0 },
	{ "GRE CKS", { O4, .protocol = 47 }, "b000 0800 12340000 00000007 00000001", IP, 0 },
	{ "GRE TEB", { O4, .protocol = 47 }, "0000 6558", ETHER, 0 },
	{ "GRE TEB CKS", { O4, .protocol = 47 }, "b000 6558 12340000 00000007 00000001", ETHER, 0 },
	{ "GRE over v6", { O6, .protocol = 47 }, "2000 0800 00000007", IP, 0 },
	{ "GRE TEB over v6", { O6, .protocol = 47, .n_extensions = 1, .extensions = { DST(8) } }, "2000 6558 00000007", ETHER, 0 },
	{ "GRE, options, VLAN", { O4, .protocol = 47, .options = 4, TAGS(1, C_TAG) }, "0000 0800", IP, 0 },
	{ "VXLAN", { O4 }, VXLAN, ETHER, 0 },
	{ "VXLAN 8472", { O4 }, UDP("2118") "08000000 ffffff00", ETHER, 0 },
	{ "VXLAN, group policy", { O4 }, UDP("12b5") "88000001 00012300", ETHER, 0 },
	{ "VXLAN over v6", { O6 }, VXLAN, ETHER, 0 },
	{ "VXLAN, VLAN", { O4, TAGS(1, S_TAG) }, VXLAN, ETHER, 0 },
	{ "Geneve", { O4 }, GENEVE "0000 6558 12345600", ETHER, 0 },
	{ "Geneve IP", { O4 }, GENEVE "0000 0800 12345600", IP, 0 },
	{ "Geneve v6", { O6 }, GENEVE "0040 86dd 12345600", IP6, 0 },
	{ "Geneve, an option", { O4 }, GENEVE "0200 6558 12345600" EIGHT, ETHER, 0 },
	{ "Geneve, all options", { O4 }, GENEVE "3f00 0800 12345600" BYTES_252, IP, 0 },
	{ "GUE", { O4 }, GUE "0004 0000", IP, 0 },
	{ "GUE, v6", { O4 }, GUE "0029 0000", IP6, 0 },
	{ "GUE, an option", { O4 }, GUE "0104 0000 00000000", IP, 0 },
	{ "GUE, all options", { O6 }, GUE "1f29 8000" BYTES_124, IP6, 0 },
	{ "GUE GRE", { O4 }, GUE "002f 0000 2000 6558 00000007", ETHER, 0 },
	{ "GUE direct", { O4 }, GUE, IP, 0 },
	{ "GUE direct, v6", { O6 }, GUE, IP6, 0 },
	{ "IPIP in IPIP", { O4, .protocol = 4 }, IN4("04"), IP, 0 },
	{ "6in4 in 4in6", { O6, .protocol = 4 }, IN4("29"), IP6, 0 },
	{ "GRE in VXLAN", { O4 }, VXLAN MACS "0800" IN4("2f") "0000 0800", IP, 0 },
	{ "VXLAN in GRE TEB, tagged", { O4, .protocol = 47 }, "0000 6558" MACS "8100 000a 0800" IN4("11") VXLAN, ETHER, 0 },
	{ "Geneve in VXLAN over v6", { O6 }, VXLAN MACS "86dd" IN6("11") GENEVE "0000 86dd 12345600", IP6, 0 },
	{ "three of them", { O4, .protocol = 47 }, "0000 86dd" IN6("2f") "2000 6558 00000007" MACS "0800" IN4("11") VXLAN, ETHER, 0 },
	{ "as deep as it goes", { O6, .protocol = 4, .n_extensions = 1, .extensions = { DST(968) } }, "", IP, 0 },

	{ "too deep", { O6, .protocol = 4, .n_extensions = 1, .extensions = { DST(976) } }, "", NOTHING, IP },
	{ "five headers", { O6, .protocol = 4, .n_extensions = 5, .extensions = { HBH, HBH, HBH, HBH, HBH } }, "", NOTHING, IP },
	{ "three tags", { O4, .protocol = 4, TAGS(3, C_TAG, C_TAG, C_TAG) }, "", NOTHING, IP },
	{ "IPIP, middle fragment", { O4, MIDDLE, .protocol = 4 }, "", NOTHING, IP },
	{ "IPIP, last fragment", { O4, LAST, .protocol = 4 }, "", NOTHING, IP },
	{ "4in6, last fragment", { O6, LAST, .protocol = 4 }, "", NOTHING, IP },
	{ "VXLAN, middle fragment", { O4, MIDDLE }, VXLAN, NOTHING, ETHER },
	{ "GRE, routing", { O4, .protocol = 47 }, "4000 0800 00000000 00000000", NOTHING, IP },
	{ "GRE version 1", { O4, .protocol = 47 }, "3081 880b 00100001 00000001 00000001", NOTHING, IP },
	{ "GRE version 2", { O4, .protocol = 47 }, "0002 0800", NOTHING, IP },
	{ "GRE version 4", { O4, .protocol = 47 }, "0004 0800", NOTHING, IP },
	{ "GRE, other", { O4, .protocol = 47 }, "0000 880b", NOTHING, IP },
	{ "GRE, type 0", { O4, .protocol = 47 }, "0000 0000", NOTHING, ETHER },
	{ "ERSPAN", { O4, .protocol = 47 }, "1000 88be 00000001", NOTHING, ETHER },
	{ "VXLAN, source port", { O4 }, "12b5 c000 0000 0000 08000000 00012300", NOTHING, ETHER },
	{ "VXLAN without I", { O4 }, UDP("12b5") "f7000000 00012300", NOTHING, ETHER },
	{ "VXLAN over TCP", { O4, .protocol = 6 }, VXLAN, NOTHING, ETHER },
	{ "Geneve version 1", { O4 }, GENEVE "4000 6558 12345600", NOTHING, ETHER },
	{ "Geneve, other", { O4 }, GENEVE "0000 8847 12345600", NOTHING, IP },
	{ "GUE, control", { O4 }, GUE "2004 0000", NOTHING, IP },
	{ "GUE version 2", { O4 }, GUE "8004 0000", NOTHING, IP },
	{ "GUE version 3", { O4 }, GUE "c004 0000", NOTHING, IP },
	{ "GUE direct, version 5", { O4 }, GUE "55000000", NOTHING, IP },
	{ "GUE direct, version 7", { O4 }, GUE "70000000", NOTHING, IP },
	{ "GUE, UDP", { O4 }, GUE "0011 0000", NOTHING, IP },
	{ "FOU", { O4 }, UDP("15b3"), NOTHING, IP },
	{ "GTP", { O4 }, UDP("0868") "30ff 0020 00000001", NOTHING, IP },
	{ "MPLS", { .proto = ETH_P_MPLS_UC }, "00064140", NOTHING, IP },
	{ "PPPoE", { .proto = ETH_P_PPP_SES }, "1100 1234 0026 0021", NOTHING, IP },
	{ "AH in v4", { O4, .protocol = 51 }, "0404 0000 00000001 00000001 000000000000000000000000", NOTHING, IP },
};
/* clang-format on */

size_t tunnel_count(void)
{
	return LENGTH(table);
}

void tunnel_make(struct tunnel *tunnel, size_t number)
{
	struct frame outer = table[number].outer;
	uint8_t hex[512];

	outer.payload = hex;
	outer.payload_len = frame_from_hex(hex, table[number].hex);
	*tunnel = (struct tunnel){ .name = table[number].name, .carries = table[number].view };
	tunnel->len = frame_build(tunnel->bytes, sizeof(tunnel->bytes), &outer);
	tunnel->is_none = tunnel->carries == NOTHING;
	if (tunnel->is_none)
		tunnel->carries = table[number].payload;
}

void tunnel_wrap(struct filter_frame *frame, const struct tunnel *tunnel, const void *payload,
		 size_t len)
{
	*frame = (struct filter_frame){ .bytes = malloc(tunnel->len + len),
					.len = tunnel->len + len };
	strncpy(frame->name, tunnel->name, sizeof(frame->name) - 1);
	memcpy(frame->bytes, tunnel->bytes, tunnel->len);
	memcpy(frame->bytes + tunnel->len, payload, len);
}
