// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From frames to fragments and from a datagram to its packet: what was cut into
 * frames comes out byte for byte as it would have been sent whole. And which of the
 * groups that are put together a datagram belongs to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/frames.h"
#include "reassembly/groups.h"
#include "reassembly/parse.h"

#define LEN 5000 /* of the datagram's data */

static uint8_t data[LEN], packet[FRAME_ROOM], expected[FRAME_ROOM];
static uint32_t packet_len;

static void deliver(void *arg, const struct datagram *datagram)
{
	uint32_t i;

	(void)arg;
	packet_len = datagram_headers(datagram, packet, sizeof(packet));
	assert_int_equal(packet_len, datagram->l2_len + datagram->header_len);
	for (i = 0; i < datagram->n_pieces; i++) {
		memcpy(packet + packet_len, datagram->pieces[i].data, datagram->pieces[i].len);
		packet_len += datagram->pieces[i].len;
	}
}

static void release(void *arg, uint64_t frame)
{
	(void)arg;
	(void)frame;
}

/* Cut at MTU 1500, and put together from the last frame to the first. */
static void expect_whole_again(struct frame frame)
{
	static uint8_t frames[8][2048];
	static const uint32_t cuts[] = { 0, 1400, 2808, 4200, LEN };
	struct reassembly_ops ops = { .deliver = deliver, .release = release };
	struct reassembly_limits limits = REASSEMBLY_LIMITS;
	struct reassembly *engine = reassembly_new(&limits, &ops);
	struct fragment fragment;
	size_t len, i;

	assert_non_null(engine);
	packet_len = 0;
	for (i = 4; i-- > 0;) {
		frame.offset = cuts[i];
		frame.more = i < 3;
		frame.payload = data + cuts[i];
		frame.payload_len = cuts[i + 1] - cuts[i];
		frame.padding = i;
		len = frame_build(frames[i], sizeof(frames[i]), &frame);
		assert_int_not_equal(len, 0);
		assert_int_equal(fragment_parse(&fragment, frames[i], len), 0);
		fragment.nic = 0;
		assert_int_equal(reassembly_add(engine, &fragment, 0),
				 i ? FRAGMENT_KEPT : FRAGMENT_COMPLETED);
	}
	frame.offset = 0;
	frame.more = false;
	frame.payload = data;
	frame.payload_len = LEN;
	frame.padding = 0;
	len = frame_build(expected, sizeof(expected), &frame);
	assert_int_equal(packet_len, len);
	assert_memory_equal(packet, expected, len);
	reassembly_free(engine);
}

static int fill(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LEN; i++)
		data[i] = i * 7 + (i >> 8);
	return 0;
}

static struct frame frame_of(const char *source, const char *group)
{
	struct frame frame = { .id = 0x1234 };

	assert_true(frame_addresses(&frame, source, group));
	return frame;
}

static void ipv4_is_whole_again(void **state)
{
	struct frame frame = frame_of("10.84.0.73", "239.0.0.15");

	(void)state;
	expect_whole_again(frame);
	frame.dont_fragment = true;
	frame.ttl = 9;
	frame.protocol = IPPROTO_TCP;
	expect_whole_again(frame);
	frame.options = 40;
	expect_whole_again(frame);
	frame.n_tags = 1;
	frame.tags[0] = (struct frame_tag){ 0x8100, 0x6005 };
	expect_whole_again(frame);
}

static void ipv6_is_whole_again(void **state)
{
	struct frame frame = frame_of("fe80::73", "ff15::f");

	(void)state;
	frame.id = 0x12345678;
	expect_whole_again(frame);
	frame.n_extensions = 3;
	frame.extensions[0] = (struct frame_extension){ IPPROTO_HOPOPTS, 8 };
	frame.extensions[1] = (struct frame_extension){ IPPROTO_DSTOPTS, 24 };
	frame.extensions[2] = (struct frame_extension){ IPPROTO_AH, 24 };
	expect_whole_again(frame);
	frame.n_tags = 1;
	frame.tags[0] = (struct frame_tag){ 0x88a8, 7 };
	expect_whole_again(frame);
}

/* The frame in memory of its own size. */
static int parse(struct fragment *fragment, const struct frame *frame, void (*change)(uint8_t *ip))
{
	size_t len = frame_build(expected, sizeof(expected), frame);
	uint8_t *copy = malloc(len);
	int err;

	assert_non_null(copy);
	memcpy(copy, expected, len);
	if (change)
		change(copy + frame_ip_offset(frame));
	err = fragment_parse(fragment, copy, len);
	free(copy);
	return err;
}

static void damage_ttl(uint8_t *ip)
{
	ip[8] ^= 0x10;
}

static void claim_more(uint8_t *ip)
{
	ip[3]++;
	frame_ipv4_checksum(ip);
}

static void shorten_header(uint8_t *ip)
{
	ip[0] = 0x44;
	ip[10] = ip[11] = 0;
}

static void claim_more6(uint8_t *ip)
{
	ip[5]++;
}

static void be_version_5(uint8_t *ip)
{
	ip[0] = (ip[0] & 15) | 5 << 4;
	frame_ipv4_checksum(ip);
}

static void frames_that_are_no_fragments(void **state)
{
	struct frame frame = frame_of("10.0.0.1", "239.0.0.15");
	struct fragment fragment;

	(void)state;
	frame.payload = data;
	frame.payload_len = 64;
	assert_int_equal(parse(&fragment, &frame, NULL), -EINVAL); /* whole */
	frame.offset = 8;
	assert_int_equal(parse(&fragment, &frame, NULL), 0);
	assert_int_equal(parse(&fragment, &frame, damage_ttl), -EINVAL);
	assert_int_equal(parse(&fragment, &frame, claim_more), -EINVAL);
	assert_int_equal(parse(&fragment, &frame, shorten_header), -EINVAL);
	assert_int_equal(parse(&fragment, &frame, be_version_5), -EINVAL);
	frame.n_tags = 2;
	frame.tags[0] = frame.tags[1] = (struct frame_tag){ 0x8100, 5 };
	assert_int_equal(parse(&fragment, &frame, NULL), -EINVAL);
	frame = frame_of("fe80::1", "ff15::f");
	frame.payload_len = 64;
	frame.atomic = true;
	assert_int_equal(parse(&fragment, &frame, NULL), -EINVAL);
	frame.more = true;
	assert_int_equal(parse(&fragment, &frame, NULL), 0);
	assert_int_equal(parse(&fragment, &frame, claim_more6), -EINVAL);
	frame.n_extensions = 8;
	frame.extensions[0].type = IPPROTO_HOPOPTS;
	for (int i = 1; i < 9; i++)
		frame.extensions[i].type = IPPROTO_DSTOPTS;
	assert_int_equal(parse(&fragment, &frame, NULL), 0);
	assert_int_equal(fragment.header_len, 40 + 8 * 8);
	frame.n_extensions = 9; /* deeper than the program parses */
	assert_int_equal(parse(&fragment, &frame, NULL), -EINVAL);
	frame = (struct frame){ .proto = 0x0806, .payload_len = 60 };
	assert_int_equal(parse(&fragment, &frame, NULL), -EINVAL);
}

/* RFC 8200 4.5, last but one of the conditions: all headers in the first fragment. */
static void ipv6_headers_cut_short(void **state)
{
	static const struct {
		uint8_t protocol;
		uint32_t least; /* bytes of data */
	} cases[] = { { IPPROTO_UDP, 8 },
		      { IPPROTO_TCP, 24 },
		      { IPPROTO_ICMPV6, 8 },
		      { IPPROTO_UDPLITE, 8 },
		      { IPPROTO_NONE, 8 } };
	struct frame frame = frame_of("fe80::1", "ff15::f");
	/* Destination options of 8 bytes, before UDP. */
	uint8_t options[24] = { IPPROTO_UDP, 0, 1, 4 };
	struct fragment fragment;
	size_t i;

	(void)state;
	frame.more = true;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		frame.protocol = cases[i].protocol;
		frame.payload_len = cases[i].least;
		assert_int_equal(parse(&fragment, &frame, NULL), 0);
		if (cases[i].least == 8)
			continue;
		frame.payload_len -= 8;
		assert_int_equal(parse(&fragment, &frame, NULL), -EINVAL);
	}
	frame.protocol = IPPROTO_DSTOPTS;
	frame.payload = options;
	frame.payload_len = 8;
	assert_int_equal(parse(&fragment, &frame, NULL), -EINVAL);
	frame.payload_len = 16;
	assert_int_equal(parse(&fragment, &frame, NULL), 0);
	options[1] = 1; /* of 16 bytes */
	assert_int_equal(parse(&fragment, &frame, NULL), -EINVAL);
	/* Of the others nothing is asked. */
	frame.offset = 8;
	assert_int_equal(parse(&fragment, &frame, NULL), 0);
}

static void fields_of_a_fragment(void **state)
{
	struct frame frame = frame_of("10.84.0.73", "239.0.0.15");
	struct fragment plain, tagged, other;

	(void)state;
	frame.payload = data;
	frame.payload_len = 24;
	frame.offset = 65528 - 1480;
	frame.more = frame.dont_fragment = true;
	assert_int_equal(parse(&plain, &frame, NULL), 0);
	assert_int_equal(plain.key.family, AF_INET);
	assert_memory_equal(plain.key.source, "\x0a\x54\0\x49\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(plain.key.group, "\xef\0\0\x0f\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(plain.key.id, 0x1234);
	assert_int_equal(plain.key.proto, IPPROTO_UDP);
	assert_int_equal(plain.key.vlan, 0);
	assert_int_equal(plain.offset, 65528 - 1480);
	assert_int_equal(plain.len, 24);
	assert_true(plain.more && plain.df);
	/* VLAN 0 is not untagged, 802.1ad not 802.1Q; the priority is no part of the key. */
	frame.n_tags = 1;
	frame.tags[0] = (struct frame_tag){ 0x8100, 0 };
	assert_int_equal(parse(&tagged, &frame, NULL), 0);
	assert_int_not_equal(tagged.key.vlan, 0);
	frame.tags[0].proto = 0x88a8;
	assert_int_equal(parse(&other, &frame, NULL), 0);
	assert_int_not_equal(other.key.vlan, tagged.key.vlan);
	frame.tags[0] = (struct frame_tag){ 0x8100, 0xe000 };
	assert_int_equal(parse(&other, &frame, NULL), 0);
	assert_int_equal(other.key.vlan, tagged.key.vlan);
}

static void headers_that_have_no_room(void **state)
{
	uint8_t header[20] = { 0x45 }, room[64];
	struct datagram_key key = { .family = AF_INET };
	struct datagram datagram = { .key = &key, .header = header, .header_len = 20, .len = 8 };

	(void)state;
	assert_int_equal(datagram_headers(&datagram, room, 19), 0);
	assert_int_equal(datagram_headers(&datagram, room, 20), 20);
}

/* --- groups --- */

static struct reassembled_groups groups;

static void add_group(const char *group, uint8_t len, const char *source, uint32_t account)
{
	struct reassembled_group *new = &groups.group[groups.n++];
	struct frame frame = frame_of(source		   ? source
				      : strchr(group, ':') ? "::1"
							   : "10.0.0.1",
				      group);

	memset(new, 0, sizeof(*new));
	new->family = frame.family;
	new->len = len;
	new->has_source = source;
	memcpy(new->group, frame.group, 16);
	if (source)
		memcpy(new->source, frame.source, 16);
	new->account = account;
}

static int account_of(const char *group, const char *source)
{
	struct frame frame = frame_of(source, group);
	struct datagram_key key = { .family = frame.family };
	const struct reassembled_group *found;

	memcpy(key.group, frame.group, 16);
	memcpy(key.source, frame.source, 16);
	found = groups_find(&groups, &key);
	return found ? (int)found->account : -1;
}

static void the_longest_group_is_found(void **state)
{
	uint32_t i;

	(void)state;
	groups.n = 0;
	groups_sort(&groups);
	assert_int_equal(account_of("239.1.2.3", "10.0.0.2"), -1);
	add_group("239.0.0.0", 8, NULL, 1);
	add_group("239.1.0.0", 16, NULL, 2);
	add_group("239.1.2.3", 32, NULL, 3);
	add_group("239.1.2.3", 32, "10.0.0.2", 4);
	add_group("239.1.0.0", 16, "10.0.0.2", 5);
	add_group("224.0.0.0", 4, NULL, 6);
	add_group("ff15::f", 128, NULL, 7);
	add_group("ff15::", 17, NULL, 8);
	for (i = 0; i < 256; i++) {
		char group[32];

		snprintf(group, sizeof(group), "238.%u.%u.9", i % 7, i);
		add_group(group, 32, i % 2 ? "10.9.9.9" : NULL, 100 + i);
	}
	groups_sort(&groups);
	assert_int_equal(account_of("239.9.9.9", "10.0.0.2"), 1);
	assert_int_equal(account_of("239.1.9.9", "10.0.0.3"), 2);
	assert_int_equal(account_of("239.1.9.9", "10.0.0.2"), 5);
	assert_int_equal(account_of("239.1.2.3", "10.0.0.3"), 3);
	assert_int_equal(account_of("239.1.2.3", "10.0.0.2"), 4);
	assert_int_equal(account_of("225.1.2.3", "10.0.0.2"), 6);
	assert_int_equal(account_of("ff15::f", "::1"), 7);
	assert_int_equal(account_of("ff15:7fff::f", "::1"), 8);
	assert_int_equal(account_of("ff15:8000::f", "::1"), -1);
	for (i = 0; i < 256; i++) {
		char group[32];

		snprintf(group, sizeof(group), "238.%u.%u.9", i % 7, i);
		assert_int_equal(account_of(group, "10.9.9.9"), 100 + i);
		assert_int_equal(account_of(group, "10.9.9.8"), i % 2 ? 6 : 100 + i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_whole_again),
		cmocka_unit_test(ipv6_is_whole_again),
		cmocka_unit_test(frames_that_are_no_fragments),
		cmocka_unit_test(ipv6_headers_cut_short),
		cmocka_unit_test(fields_of_a_fragment),
		cmocka_unit_test(headers_that_have_no_room),
		cmocka_unit_test(the_longest_group_is_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, fill, NULL);
}
