/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A builder of Ethernet frames for tests, benchmarks and tools: VLAN tags, IPv4
 * with options and fragment fields, IPv6 with a chain of extension headers, a
 * payload. Pure: a description and a buffer in, bytes out. What it builds is
 * valid; tests that want something else spoil the bytes afterwards.
 */
#ifndef XDPFRAG_TESTS_FRAMES_H
#define XDPFRAG_TESTS_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_TAGS	 4
#define FRAME_EXTENSIONS 16
#define FRAME_ROOM	 (65535 + 14 + 4 * FRAME_TAGS + 40) /* the largest frame */

struct frame_tag {
	uint16_t proto; /* ETH_P_8021Q, ETH_P_8021AD; host byte order */
	uint16_t tci;	/* host byte order */
};

/* An IPv6 extension header before the fragment header. */
struct frame_extension {
	uint8_t type;	/* IPPROTO_HOPOPTS, IPPROTO_AH, … */
	uint16_t bytes; /* whole length: a multiple of 8 (AH: of 4, 12 at least); 0: the least */
};

/*
 * All numbers in host byte order, addresses in network byte order. Zero is a
 * sensible value of everything but `family`, so that a designated initialiser
 * names just what matters.
 */
struct frame {
	uint8_t to[6];	 /* all zero: the group's MAC address, or 02:… for unicast */
	uint8_t from[6]; /* all zero: 02:00:00:00:00:01 */
	unsigned int n_tags;
	struct frame_tag tags[FRAME_TAGS]; /* outermost first */
	int family;			   /* AF_INET, AF_INET6; 0: `proto` and the payload only */
	uint16_t proto;			   /* ethertype, with family 0 */
	uint8_t source[16];		   /* IPv4 in the first four bytes */
	uint8_t group[16];		   /* destination, multicast or not */
	uint8_t ttl;			   /* 0: 1 */
	uint8_t protocol;		   /* of the payload; 0: IPPROTO_UDP */
	uint32_t id;			   /* identification; IPv4: 16 bits */
	uint16_t offset;		   /* of this fragment in the datagram, in bytes */
	bool more;			   /* MF, M */
	bool dont_fragment;		   /* IPv4 */
	bool evil;			   /* IPv4: the reserved flag (RFC 3514) */
	bool atomic;			   /* IPv6: a fragment header though offset and M are 0 */
	uint8_t fragment_reserved;	   /* IPv6: the two reserved bits */
	uint8_t options;	   /* IPv4: bytes of options, a multiple of 4, filled with NOP */
	unsigned int n_extensions; /* IPv6 */
	struct frame_extension extensions[FRAME_EXTENSIONS];
	const void *payload; /* NULL: zeros */
	size_t payload_len;
	size_t padding; /* bytes behind the IP packet, as in a short frame */
};

/* Both families; false when `text` is no address. Sets family. */
bool frame_addresses(struct frame *frame, const char *source, const char *group);

/* Is this a fragment by the fields above? */
bool frame_is_fragment(const struct frame *frame);

/* Where the IP header begins, and how long all headers are that a parser must read. */
size_t frame_ip_offset(const struct frame *frame);
size_t frame_headers_len(const struct frame *frame);

/* Returns the frame's length, or 0 when `size` is too small. */
size_t frame_build(void *buf, size_t size, const struct frame *frame);

/* The Internet checksum of an IPv4 header within a frame, computed anew. */
void frame_ipv4_checksum(void *ip_header);

/*
 * A UDP datagram (header, checksum, data) for the addresses of `frame`, to be
 * cut into the payloads of its fragments. Returns its length, or 0 when `size`
 * or UDP's own bound is too small.
 */
size_t frame_udp(void *buf, size_t size, const struct frame *frame, uint16_t source_port,
		 uint16_t port, const void *data, size_t data_len);

/* A TCP segment without data: header and checksum; 20 bytes. */
size_t frame_tcp(void *buf, size_t size, const struct frame *frame, uint16_t source_port,
		 uint16_t port);

/* What lower-case hexadecimal digits say, spaces between them or not. How many bytes. */
size_t frame_from_hex(void *buf, const char *hex);

#endif
