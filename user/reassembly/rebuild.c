// SPDX-License-Identifier: GPL-2.0-or-later
/* From a whole datagram to the headers of its packet. */
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>

#include "parse.h"

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* RFC 1071, over the header alone. */
static uint16_t checksum(const uint8_t *header, uint32_t len)
{
	uint32_t sum = 0, i;

	for (i = 0; i < len; i += 2)
		sum += header[i] << 8 | header[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

/* As ip_frag_reasm() in net/ipv4/ip_fragment.c: TTL, options and id of the first fragment. */
static void finish_ipv4(const struct datagram *datagram, uint8_t *ip)
{
	ip[1] = (ip[1] & ~3) | datagram->ecn;
	put16(ip + 2, datagram->header_len + datagram->len);
	put16(ip + 6, datagram->df ? IP_DF : 0);
	put16(ip + 10, 0);
	put16(ip + 10, checksum(ip, datagram->header_len));
}

/* The last header before the fragment header names what follows now (RFC 8200 4.5). */
static void relink(uint8_t *ip, uint32_t header_len, uint8_t next)
{
	uint32_t at = 40, where = 6;
	uint8_t type = ip[6];

	while (at < header_len) {
		where = at;
		at += ip[at + 1] * (type == IPPROTO_AH ? 4 : 8) + 8;
		type = ip[where];
	}
	ip[where] = next;
}

static void finish_ipv6(const struct datagram *datagram, uint8_t *ip)
{
	ip[1] = (ip[1] & ~0x30) | datagram->ecn << 4;
	put16(ip + 4, datagram->header_len - 40 + datagram->len);
	relink(ip, datagram->header_len, datagram->next);
}

uint32_t datagram_headers(const struct datagram *datagram, uint8_t *to, uint32_t room)
{
	uint32_t len = datagram->l2_len + datagram->header_len;

	if (len > room)
		return 0;
	memcpy(to, datagram->header - datagram->l2_len, len);
	if (datagram->key->family == AF_INET)
		finish_ipv4(datagram, to + datagram->l2_len);
	else
		finish_ipv6(datagram, to + datagram->l2_len);
	return len;
}
