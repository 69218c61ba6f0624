// SPDX-License-Identifier: GPL-2.0-or-later
/* The builder of frames: one function for each header, outermost first. */
#include <arpa/inet.h>
#include <ctype.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "frames.h"

#define FRAGMENT_HEADER 8

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* The sum of RFC 1071 over one piece; pieces but the last must be of even length. */
static uint32_t sum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *at = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += at[i] << 8 | at[i + 1];
	if (len & 1)
		sum += at[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

bool frame_addresses(struct frame *frame, const char *source, const char *group)
{
	frame->family = strchr(group, ':') ? AF_INET6 : AF_INET;
	return inet_pton(frame->family, source, frame->source) == 1 &&
	       inet_pton(frame->family, group, frame->group) == 1;
}

bool frame_is_fragment(const struct frame *frame)
{
	return frame->offset || frame->more;
}

static bool has_fragment_header(const struct frame *frame)
{
	return frame->family == AF_INET6 && (frame_is_fragment(frame) || frame->atomic);
}

static size_t extension_len(const struct frame_extension *extension)
{
	if (extension->bytes)
		return extension->bytes;
	return extension->type == IPPROTO_AH ? 12 : 8;
}

size_t frame_ip_offset(const struct frame *frame)
{
	return ETH_HLEN + 4 * frame->n_tags;
}

size_t frame_headers_len(const struct frame *frame)
{
	size_t len = frame_ip_offset(frame);
	unsigned int i;

	if (frame->family == AF_INET)
		return len + sizeof(struct iphdr) + frame->options;
	if (frame->family != AF_INET6)
		return len;
	len += sizeof(struct ip6_hdr);
	for (i = 0; i < frame->n_extensions; i++)
		len += extension_len(&frame->extensions[i]);
	return len + (has_fragment_header(frame) ? FRAGMENT_HEADER : 0);
}

static const uint8_t *mac_to(const struct frame *frame, uint8_t mac[6])
{
	static const uint8_t unset[6];

	if (memcmp(frame->to, unset, sizeof(unset)) != 0)
		return frame->to;
	if (frame->family == AF_INET && frame->group[0] >> 4 == 0xe) { /* RFC 1112 */
		memcpy(mac, "\x01\x00\x5e", 3);
		mac[3] = frame->group[1] & 0x7f;
		memcpy(mac + 4, frame->group + 2, 2);
	} else if (frame->family == AF_INET6 && frame->group[0] == 0xff) { /* RFC 2464 */
		memcpy(mac, "\x33\x33", 2);
		memcpy(mac + 2, frame->group + 12, 4);
	} else {
		memcpy(mac, "\x02\x00\x00\x00\x00\x02", 6);
	}
	return mac;
}

static uint8_t *put_ethernet(uint8_t *at, const struct frame *frame)
{
	static const uint8_t unset[6];
	uint8_t mac[6];
	unsigned int i;

	memcpy(at, mac_to(frame, mac), 6);
	memcpy(at + 6,
	       memcmp(frame->from, unset, 6) != 0 ? frame->from
						  : (const uint8_t *)"\x02\x00\x00\x00\x00\x01",
	       6);
	at += 12;
	for (i = 0; i < frame->n_tags; i++, at += 4) {
		put16(at, frame->tags[i].proto);
		put16(at + 2, frame->tags[i].tci);
	}
	put16(at, frame->family == AF_INET    ? ETH_P_IP
		  : frame->family == AF_INET6 ? ETH_P_IPV6
					      : frame->proto);
	return at + 2;
}

void frame_ipv4_checksum(void *ip_header)
{
	uint8_t *at = ip_header;

	put16(at + 10, 0);
	put16(at + 10, ~sum_add(0, at, (at[0] & 15) * 4));
}

static uint8_t *put_ipv4(uint8_t *at, const struct frame *frame)
{
	size_t header = sizeof(struct iphdr) + frame->options;

	memset(at, 0, sizeof(struct iphdr));
	at[0] = 4 << 4 | header / 4;
	put16(at + 2, header + frame->payload_len);
	put16(at + 4, frame->id);
	put16(at + 6, frame->offset / 8 | (frame->more ? IP_MF : 0) |
			      (frame->dont_fragment ? IP_DF : 0) | (frame->evil ? IP_RF : 0));
	at[8] = frame->ttl ? frame->ttl : 1;
	at[9] = frame->protocol ? frame->protocol : IPPROTO_UDP;
	memcpy(at + 12, frame->source, 4);
	memcpy(at + 16, frame->group, 4);
	memset(at + sizeof(struct iphdr), IPOPT_NOP, frame->options);
	frame_ipv4_checksum(at);
	return at + header;
}

static uint8_t *put_ipv6(uint8_t *at, const struct frame *frame)
{
	size_t headers = frame_headers_len(frame) - frame_ip_offset(frame) - sizeof(struct ip6_hdr);
	uint8_t *next = at + 6; /* where the next header's type is to be written */
	unsigned int i;

	memset(at, 0, sizeof(struct ip6_hdr) + headers);
	at[0] = 6 << 4;
	put16(at + 4, headers + frame->payload_len);
	at[7] = frame->ttl ? frame->ttl : 1;
	memcpy(at + 8, frame->source, 16);
	memcpy(at + 24, frame->group, 16);
	at += sizeof(struct ip6_hdr);

	for (i = 0; i < frame->n_extensions; i++) {
		const struct frame_extension *extension = &frame->extensions[i];
		size_t len = extension_len(extension);

		*next = extension->type;
		next = at;
		at[1] = extension->type == IPPROTO_AH ? len / 4 - 2 : len / 8 - 1;
		if (extension->type == IPPROTO_HOPOPTS || extension->type == IPPROTO_DSTOPTS) {
			/* One padding option (RFC 8200, 4.2), its data up to 253 bytes. */
			at[2] = 1;
			at[3] = len - 4 < 254 ? len - 4 : 253;
		}
		at += len;
	}
	if (has_fragment_header(frame)) {
		*next = IPPROTO_FRAGMENT;
		next = at;
		put16(at + 2, (frame->offset & ~7) | (frame->fragment_reserved & 3) << 1 |
				      (frame->more ? 1 : 0));
		put32(at + 4, frame->id);
		at += FRAGMENT_HEADER;
	}
	*next = frame->protocol ? frame->protocol : IPPROTO_UDP;
	return at;
}

size_t frame_build(void *buf, size_t size, const struct frame *frame)
{
	size_t len = frame_headers_len(frame) + frame->payload_len + frame->padding;
	uint8_t *at = buf;

	if (len > size)
		return 0;
	at = put_ethernet(at, frame);
	if (frame->family == AF_INET)
		at = put_ipv4(at, frame);
	else if (frame->family == AF_INET6)
		at = put_ipv6(at, frame);
	if (frame->payload)
		memcpy(at, frame->payload, frame->payload_len);
	else
		memset(at, 0, frame->payload_len);
	memset(at + frame->payload_len, 0, frame->padding);
	return len;
}

/* The pseudo header of RFC 768 and RFC 8200, 8.1; the same sum in both shapes. */
static uint32_t pseudo_sum(const struct frame *frame, uint8_t protocol, size_t len)
{
	size_t address = frame->family == AF_INET ? 4 : 16;
	uint32_t sum;

	sum = sum_add(0, frame->source, address);
	sum = sum_add(sum, frame->group, address);
	return sum + protocol + len;
}

size_t frame_udp(void *buf, size_t size, const struct frame *frame, uint16_t source_port,
		 uint16_t port, const void *data, size_t data_len)
{
	size_t len = sizeof(struct udphdr) + data_len;
	uint8_t *at = buf;
	uint16_t checksum;

	if (len > size || len > UINT16_MAX)
		return 0;
	put16(at, source_port);
	put16(at + 2, port);
	put16(at + 4, len);
	put16(at + 6, 0);
	memcpy(at + sizeof(struct udphdr), data, data_len);
	checksum = ~sum_add(pseudo_sum(frame, IPPROTO_UDP, len), at, len);
	put16(at + 6, checksum ? checksum : 0xffff); /* 0 would mean: none */
	return len;
}

size_t frame_tcp(void *buf, size_t size, const struct frame *frame, uint16_t source_port,
		 uint16_t port)
{
	size_t len = sizeof(struct tcphdr);
	uint8_t *at = buf;

	if (len > size)
		return 0;
	memset(at, 0, len);
	put16(at, source_port);
	put16(at + 2, port);
	put32(at + 4, 1);
	put32(at + 8, 1);
	at[12] = len / 4 << 4;
	at[13] = TH_ACK;
	put16(at + 14, 1024);
	put16(at + 16, ~sum_add(pseudo_sum(frame, IPPROTO_TCP, len), at, len));
	return len;
}

size_t frame_from_hex(void *buf, const char *hex)
{
	uint8_t *out = buf;
	size_t n = 0;

	for (; *hex; hex++) {
		int digit = isdigit(*hex) ? *hex - '0' : *hex - 'a' + 10;

		if (*hex == ' ')
			continue;
		if (n % 2)
			out[n / 2] |= digit;
		else
			out[n / 2] = digit << 4;
		n++;
	}
	return n / 2;
}
