// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a frame: parsing reads nothing outside, and what it says of a fragment
 * lies within the frame. A first fragment, completed, becomes a packet that is no
 * fragment any more and whose lengths and checksum are right.
 */
#include <string.h>
#include <sys/socket.h>

#include "../lib/reassembly_feed.h"
#include "fuzz.h"
#include "reassembly/parse.h"

#define FRAGMENT_HEADER 8
#define TAIL		24 /* bytes of the second fragment */

static const uint8_t zeros[TAIL];
static uint64_t n_released;
static uint32_t delivered;

static uint32_t be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static void on_release(void *arg, uint64_t frame)
{
	(void)arg;
	(void)frame;
	n_released++;
}

static void check_ipv4(const struct datagram *datagram, const uint8_t *ip)
{
	uint32_t sum = 0, i;

	must((ip[0] & 15) * 4 == datagram->header_len, "the header's length");
	must(be16(ip + 2) == datagram->header_len + datagram->len, "the total length");
	must(!(be16(ip + 6) & 0xbfff), "no fragment, and no flag but DF");
	for (i = 0; i < datagram->header_len; i += 2)
		sum += be16(ip + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	must(sum == 0xffff, "the checksum");
}

/* From header to header, each as long as it says, the fragment header is gone. */
static void check_ipv6(const struct datagram *datagram, const uint8_t *ip)
{
	uint32_t at = 40;
	uint8_t next = ip[6];

	must(be16(ip + 4) + 40u == datagram->header_len + datagram->len, "the payload length");
	while (at < datagram->header_len) {
		uint32_t len = (ip[at + 1] + 1) * 8;

		must(next != 44, "no fragment header");
		if (next == 51)
			len = (ip[at + 1] + 2) * 4;
		next = ip[at];
		at += len;
	}
	must(at == datagram->header_len, "headers that end where the data begins");
	must(next == datagram->next, "the type of what follows");
}

/* Into memory of just their size, and refused in less. */
static void on_deliver(void *arg, const struct datagram *datagram)
{
	uint32_t len = datagram->l2_len + datagram->header_len;
	uint8_t *headers = malloc(len);
	struct fragment again;

	(void)arg;
	delivered++;
	must(headers, "memory");
	must(datagram_headers(datagram, headers, len - 1) == 0, "headers that have no room");
	must(datagram_headers(datagram, headers, len) == len, "headers");
	if (datagram->key->family == AF_INET)
		check_ipv4(datagram, headers + datagram->l2_len);
	else
		check_ipv6(datagram, headers + datagram->l2_len);
	must(fragment_parse(&again, headers, len), "no fragment any more");
	free(headers);
}

static void check(const struct fragment *fragment, const uint8_t *frame, size_t size)
{
	uint32_t gap = fragment->key.family == AF_INET6 ? FRAGMENT_HEADER : 0;

	must(fragment->key.family == AF_INET || fragment->key.family == AF_INET6, "a family");
	must(fragment->l2_len == 14 || fragment->l2_len == 18, "one tag at most");
	must((fragment->l2_len == 18) == (fragment->key.vlan != 0), "a tag in the key");
	must(fragment->header == frame + fragment->l2_len, "a header behind Ethernet's");
	must(fragment->header_len >= (gap ? 40 : 20), "a whole header");
	must(fragment->data == fragment->header + fragment->header_len + gap, "data behind it");
	must(fragment->data + fragment->len <= frame + size, "data within the frame");
	must(fragment->more || fragment->offset, "a fragment");
	must(fragment->offset % 8 == 0, "an offset in units of 8");
	must(fragment->ecn < 4, "two bits");
	must(!gap || !fragment->key.proto, "IPv6 without protocol in its key");
}

/* Completed by a second fragment, after the first or before. */
static void complete(const struct fragment *fragment, bool before)
{
	struct reassembly_ops ops = { .deliver = on_deliver, .release = on_release };
	struct reassembly_limits limits = REASSEMBLY_LIMITS;
	struct fragment tail = *fragment;
	enum fragment_result result, last;
	struct reassembly *engine;

	limits.contexts = limits.fragments = 4;
	engine = reassembly_new(&limits, &ops);
	must(engine, "an engine");
	tail.offset = fragment->len;
	tail.more = false;
	tail.data = zeros;
	tail.len = TAIL;
	n_released = delivered = 0;
	result = reassembly_add(engine, before ? &tail : fragment, 0);
	last = reassembly_add(engine, before ? fragment : &tail, 0);
	must(delivered == (last == FRAGMENT_COMPLETED), "delivered when completed");
	must(delivered || fragment->len % 8 || fragment->len + fragment->header_len + TAIL > 65535,
	     "a datagram, unless malformed");
	must(result == FRAGMENT_KEPT || !delivered, "kept");
	reassembly_free(engine);
	must(n_released == 2, "two frames");
}

/* No mutation hits upon an IPv4 checksum: it is put right, where there is one. */
static void mend_checksum(uint8_t *frame, size_t size)
{
	size_t at =
		size > 13 && (be16(frame + 12) == 0x8100 || be16(frame + 12) == 0x88a8) ? 18 : 14;
	uint32_t sum = 0, len, i;

	if (size < at + 20)
		return;
	len = (frame[at] & 15) * 4;
	if (be16(frame + at - 2) != 0x0800 || len < 20 || size < at + len)
		return;
	frame[at + 10] = frame[at + 11] = 0;
	for (i = 0; i < len; i += 2)
		sum += be16(frame + at + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	frame[at + 10] = ~sum >> 8;
	frame[at + 11] = ~sum;
}

static void try(const uint8_t *frame, size_t size)
{
	struct fragment fragment;

	memset(&fragment, 0xa5, sizeof(fragment));
	if (fragment_parse(&fragment, frame, size))
		return;
	check(&fragment, frame, size);
	if (fragment.offset || !fragment.len)
		return;
	complete(&fragment, false);
	complete(&fragment, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* In memory of its own size, so that a read behind the end is found. */
	uint8_t *frame = malloc(size ? size : 1);

	must(frame, "memory");
	memcpy(frame, data, size);
	try(frame, size);
	mend_checksum(frame, size);
	try(frame, size);
	free(frame);
	return 0;
}
