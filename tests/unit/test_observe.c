// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a watch reads from a frame, with frames made by tests/lib/frames.c and, for
 * what that cannot make, by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../lib/frames.h"
#include "diagnose/observe.h"

#define SNAPLEN 192

static uint8_t bytes[FRAME_ROOM];

/* The frame in memory of its own size, so that a read behind its end is found. */
static struct observation observed_bytes(const uint8_t *frame, size_t captured, size_t len)
{
	uint8_t *copy = malloc(captured ? captured : 1);
	struct observation seen;

	assert_non_null(copy);
	memcpy(copy, frame, captured);
	memset(&seen, 0xa5, sizeof(seen));
	observe(&seen, copy, captured, len);
	free(copy);
	return seen;
}

static struct observation observed(const struct frame *frame)
{
	size_t len = frame_build(bytes, sizeof(bytes), frame);

	assert_true(len > 0);
	return observed_bytes(bytes, len < SNAPLEN ? len : SNAPLEN, len);
}

static struct frame between(const char *source, const char *group)
{
	struct frame frame = {};

	assert_true(frame_addresses(&frame, source, group));
	return frame;
}

static void assert_address(const uint8_t *address, const char *text)
{
	uint8_t wanted[16] = {};

	inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, wanted);
	assert_memory_equal(address, wanted, 16);
}

/* A multicast packet, and nothing else about it. */
static void assert_packet(struct observation seen, bool fragment, uint32_t length)
{
	assert_int_not_equal(seen.family, 0);
	assert_true(seen.multicast);
	assert_int_equal(seen.fragment, fragment);
	assert_int_equal(seen.length, length);
	assert_false(seen.query);
	assert_int_equal(seen.mss, 0);
}

static void assert_nothing(struct observation seen)
{
	static const struct observation nothing;

	assert_memory_equal(&seen, &nothing, sizeof(seen));
}

static void ipv4_fragments_and_whole_packets(void **state)
{
	struct frame frame = between("10.84.0.73", "239.0.0.15");
	struct observation seen;

	(void)state;
	frame.payload_len = 1480;
	seen = observed(&frame);
	assert_packet(seen, false, 1500);
	assert_int_equal(seen.family, AF_INET);
	assert_address(seen.source, "10.84.0.73");
	assert_address(seen.destination, "239.0.0.15");
	frame.dont_fragment = true;
	assert_packet(observed(&frame), false, 1500);
	frame.dont_fragment = false;
	frame.more = true;
	assert_packet(observed(&frame), true, 1500);
	frame.offset = 2960;
	assert_packet(observed(&frame), true, 1500);
	frame.more = false;
	assert_packet(observed(&frame), true, 1500);
	frame.options = 40;
	assert_packet(observed(&frame), true, 1540);
}

static void ipv6_fragments_and_whole_packets(void **state)
{
	struct frame frame = between("fe80::73", "ff15::15");
	struct observation seen;

	(void)state;
	frame.payload_len = 1000;
	seen = observed(&frame);
	assert_packet(seen, false, 1040);
	assert_int_equal(seen.family, AF_INET6);
	assert_address(seen.source, "fe80::73");
	assert_address(seen.destination, "ff15::15");
	frame.atomic = true;
	assert_packet(observed(&frame), false, 1048);
	frame.more = true;
	assert_packet(observed(&frame), true, 1048);
	frame.offset = 1448;
	frame.more = false;
	assert_packet(observed(&frame), true, 1048);
	frame.n_extensions = 3;
	frame.extensions[0].type = IPPROTO_HOPOPTS;
	frame.extensions[1].type = IPPROTO_DSTOPTS;
	frame.extensions[1].bytes = 64;
	frame.extensions[2].type = IPPROTO_AH;
	assert_packet(observed(&frame), true, 1048 + 8 + 64 + 12);
}

static void tags_are_looked_through(void **state)
{
	struct frame frame = between("10.84.0.73", "239.0.0.15");

	(void)state;
	frame.payload_len = 80;
	frame.n_tags = 1;
	frame.tags[0] = (struct frame_tag){ ETH_P_8021Q, 5 };
	assert_packet(observed(&frame), false, 100);
	frame.n_tags = 2;
	frame.tags[0].proto = ETH_P_8021AD;
	frame.tags[1] = (struct frame_tag){ ETH_P_8021Q, 6 };
	frame.more = true;
	assert_packet(observed(&frame), true, 100);
	frame.n_tags = 3;
	frame.tags[2] = frame.tags[1];
	assert_nothing(observed(&frame));
}

static void unicast_and_other_protocols_are_no_multicast(void **state)
{
	struct frame frame = between("10.84.0.73", "10.84.0.42");

	(void)state;
	assert_false(observed(&frame).multicast);
	frame = between("10.84.0.73", "255.255.255.255");
	assert_false(observed(&frame).multicast);
	frame = between("10.84.0.73", "240.0.0.1");
	assert_false(observed(&frame).multicast);
	frame = between("fe80::73", "fe80::42");
	assert_false(observed(&frame).multicast);
	frame = (struct frame){ .proto = ETH_P_ARP, .payload_len = 46 };
	assert_nothing(observed(&frame));
}

/* A switch turned the group's MAC address into the host's: the packet is the group's all the same.
 */
static void a_unicast_mac_address_does_not_hide_a_group(void **state)
{
	struct frame frame = between("10.84.0.73", "239.0.0.15");

	(void)state;
	memcpy(frame.to, "\x02\x00\x00\x00\x00\x09", 6);
	assert_packet(observed(&frame), false, 20);
}

static void padding_is_no_part_of_the_packet(void **state)
{
	struct frame frame = between("10.84.0.73", "239.0.0.15");

	(void)state;
	frame.payload_len = 8;
	frame.padding = 18;
	assert_packet(observed(&frame), false, 28);
	frame = between("fe80::73", "ff15::15");
	frame.padding = 100;
	assert_packet(observed(&frame), false, 40);
}

static void what_contradicts_itself_is_nothing(void **state)
{
	struct frame frame = between("10.84.0.73", "239.0.0.15");
	size_t len;

	(void)state;
	frame.payload_len = 80;
	len = frame_build(bytes, sizeof(bytes), &frame);
	bytes[14] = 5 << 4 | 5;
	assert_nothing(observed_bytes(bytes, len, len));
	bytes[14] = 4 << 4 | 4;
	assert_nothing(observed_bytes(bytes, len, len));
	bytes[14] = 4 << 4 | 6; /* a header longer than the packet */
	bytes[16] = 0;
	bytes[17] = 23;
	assert_nothing(observed_bytes(bytes, len, len));
	bytes[14] = 4 << 4 | 5;
	bytes[17] = 101; /* a packet longer than the frame */
	assert_nothing(observed_bytes(bytes, len, len));
	bytes[17] = 100;
	assert_packet(observed_bytes(bytes, len, len), false, 100);
}

/* Whatever is cut off: nothing is read behind the end, and the packet is never another one. */
static void a_capture_may_end_anywhere(void **state)
{
	struct frame frame = between("fe80::73", "ff15::15");
	size_t len, captured;

	(void)state;
	frame.payload_len = 1400;
	frame.more = true;
	frame.n_extensions = 2;
	frame.extensions[0].type = IPPROTO_HOPOPTS;
	frame.extensions[1].type = IPPROTO_AH;
	len = frame_build(bytes, sizeof(bytes), &frame);
	for (captured = 0; captured <= SNAPLEN; captured++) {
		struct observation seen = observed_bytes(bytes, captured, len);

		if (captured < 14 + 40)
			assert_nothing(seen);
		else
			assert_packet(seen, captured >= 14 + 40 + 8 + 12 + 8,
				      40 + 8 + 12 + 8 + 1400);
		/* The frame itself was cut: no host would take it. */
		assert_nothing(observed_bytes(bytes, captured, captured));
	}
}

/* --- IGMP --- */

static struct observation igmp(uint8_t type, uint8_t code, size_t len, uint8_t options)
{
	struct frame frame = between("10.84.0.1", "224.0.0.1");
	uint8_t payload[64] = { type, code };

	frame.protocol = IPPROTO_IGMP;
	frame.options = options;
	frame.payload = payload;
	frame.payload_len = len;
	return observed(&frame);
}

static void igmp_queries_of_all_versions(void **state)
{
	struct observation seen = igmp(0x11, 100, 8, 4);

	(void)state;
	assert_true(seen.query);
	assert_true(seen.multicast);
	assert_address(seen.source, "10.84.0.1");
	assert_true(igmp(0x11, 0, 8, 0).query);	   /* version 1 */
	assert_true(igmp(0x11, 100, 8, 0).query);  /* version 2 without router alert */
	assert_true(igmp(0x11, 100, 12, 4).query); /* version 3 */
	assert_true(igmp(0x11, 100, 40, 4).query); /* version 3 with sources */
}

static void other_igmp_is_no_query(void **state)
{
	(void)state;
	assert_false(igmp(0x16, 0, 8, 4).query);  /* a report */
	assert_false(igmp(0x17, 0, 8, 4).query);  /* a leave */
	assert_false(igmp(0x22, 0, 40, 4).query); /* a report of version 3 */
	assert_false(igmp(0x11, 0, 7, 4).query);
	assert_false(igmp(0x11, 0, 10, 4).query);
	assert_false(igmp(0x11, 0, 0, 4).query);
}

static void fragments_and_other_protocols_are_no_igmp(void **state)
{
	struct frame frame = between("10.84.0.1", "224.0.0.1");
	uint8_t payload[8] = { 0x11 };

	(void)state;
	frame.payload = payload;
	frame.payload_len = 8;
	assert_false(observed(&frame).query);
	frame.protocol = IPPROTO_IGMP;
	assert_true(observed(&frame).query);
	frame.more = true;
	assert_false(observed(&frame).query);
	frame.more = false;
	frame.offset = 8;
	assert_false(observed(&frame).query);
}

/* --- MLD --- */

struct mld {
	const char *source;
	uint8_t hops;
	uint8_t options[6]; /* of the hop-by-hop header */
	uint8_t type;
	size_t len;
};

static const struct mld mld_query = { "fe80::1", 1, { 5, 2, 0, 0, 1, 0 }, 130, 28 };

static struct observation mld(const struct mld *mld)
{
	struct frame frame = between(mld->source, "ff02::1");
	uint8_t payload[64] = { mld->type };
	size_t len;

	frame.ttl = mld->hops;
	frame.protocol = IPPROTO_ICMPV6;
	frame.n_extensions = 1;
	frame.extensions[0].type = IPPROTO_HOPOPTS;
	frame.payload = payload;
	frame.payload_len = mld->len;
	len = frame_build(bytes, sizeof(bytes), &frame);
	memcpy(bytes + 14 + 40 + 2, mld->options, sizeof(mld->options));
	return observed_bytes(bytes, len, len);
}

static void mld_queries_of_both_versions(void **state)
{
	struct mld query = mld_query;
	struct observation seen = mld(&query);

	(void)state;
	assert_true(seen.query);
	assert_address(seen.source, "fe80::1");
	query.len = 24; /* version 1 */
	assert_true(mld(&query).query);
	query.len = 60; /* version 2 with sources */
	assert_true(mld(&query).query);
	memcpy(query.options, "\x00\x00\x05\x02\x00\x00", 6); /* behind two Pad1 */
	assert_true(mld(&query).query);
	query.source = "febf::1";
	assert_true(mld(&query).query);
}

static void what_hosts_do_not_heed_is_no_mld_query(void **state)
{
	struct mld query;

	(void)state;
	query = mld_query;
	query.source = "2001:db8::1";
	assert_false(mld(&query).query);
	query.source = "::";
	assert_false(mld(&query).query);
	query.source = "fec0::1";
	assert_false(mld(&query).query);
	query = mld_query;
	query.hops = 64;
	assert_false(mld(&query).query);
	query = mld_query;
	query.len = 23;
	assert_false(mld(&query).query);
	query = mld_query;
	query.type = 131;
	assert_false(mld(&query).query);
	query = mld_query;
	query.options[3] = 1; /* the router alert of RSVP */
	assert_false(mld(&query).query);
	memcpy(query.options, "\x01\x04\x05\x02\x00\x00", 6); /* in the data of a PadN */
	assert_false(mld(&query).query);
	memcpy(query.options, "\x01\x09\x05\x02\x00\x00", 6); /* an option that is too long */
	assert_false(mld(&query).query);
	memcpy(query.options, "\x00\x00\x00\x00\x00\x05", 6); /* and one that has no length */
	assert_false(mld(&query).query);
}

static void an_mld_query_without_hop_by_hop_header_is_none(void **state)
{
	struct frame frame = between("fe80::1", "ff02::1");
	uint8_t payload[28] = { 130 };

	(void)state;
	frame.protocol = IPPROTO_ICMPV6;
	frame.payload = payload;
	frame.payload_len = sizeof(payload);
	assert_false(observed(&frame).query);
}

/* --- TCP --- */

struct syn {
	const char *source, *to;
	uint8_t ttl, flags;
	size_t options;
	uint8_t option[40];
};

static const struct syn plain_syn = { "10.84.0.73", "10.84.0.42", 64, 0x02, 4, { 2, 4, 5, 180 } };

static struct observation syn(const struct syn *syn)
{
	struct frame frame = between(syn->source, syn->to);
	uint8_t segment[60];
	size_t len;

	frame.ttl = syn->ttl;
	frame.protocol = IPPROTO_TCP;
	frame.options = strchr(syn->source, ':') ? 0 : 40; /* the longest there can be */
	len = frame_tcp(segment, sizeof(segment), &frame, 1000, 2000);
	segment[12] = (len + syn->options) / 4 << 4;
	segment[13] = syn->flags;
	memcpy(segment + len, syn->option, syn->options);
	frame.payload = segment;
	frame.payload_len = len + syn->options;
	return observed(&frame);
}

static void the_mss_of_a_syn_is_read(void **state)
{
	struct syn with = plain_syn;
	struct observation seen = syn(&with);

	(void)state;
	assert_int_equal(seen.mss, 1460);
	assert_address(seen.source, "10.84.0.73");
	assert_false(seen.multicast);
	with.flags = 0x12; /* SYN-ACK */
	assert_int_equal(syn(&with).mss, 1460);
	with.flags = 0xc2; /* with ECN */
	with.ttl = 128;
	assert_int_equal(syn(&with).mss, 1460);
	with.ttl = 255;
	with.source = "2001:db8::73";
	with.to = "2001:db8::42";
	assert_int_equal(syn(&with).mss, 1460);
}

static void the_mss_may_stand_anywhere_among_the_options(void **state)
{
	struct syn with = plain_syn;

	(void)state;
	with.options = 40;
	memset(with.option, 1, 40);
	memcpy(with.option + 36, "\x02\x04\x23\x00", 4); /* behind NOPs */
	assert_int_equal(syn(&with).mss, 0x2300);
	memset(with.option, 1, 40);
	memcpy(with.option, "\x08\x0a........\x04\x02\x01\x02\x04\x02\x18", 17);
	assert_int_equal(syn(&with).mss, 0x218);
}

static void without_a_good_mss_option_there_is_none(void **state)
{
	static const char *const options[] = {
		"\x01\x01\x01\x01\x01\x01\x01\x01", /* no option */
		"\x00\x02\x04\x05\xb4\x01\x01\x01", /* behind the end */
		"\x02\x03\x05\xb4\x01\x01\x01\x01", /* a wrong length */
		"\x02\x05\x05\xb4\x01\x01\x01\x01", /* another one */
		"\x08\x00\x02\x04\x05\xb4\x01\x01", /* an option of no length */
		"\x08\x01\x02\x04\x05\xb4\x01\x01", /* and less than its head's */
		"\x08\x0a\x02\x04\x05\xb4\x01\x01", /* longer than the options */
		"\x01\x01\x01\x01\x01\x02\x04\x05", /* cut by the end of the header */
		"\x01\x01\x01\x01\x01\x01\x01\x02", /* the same */
	};
	struct syn with = plain_syn;
	size_t i;

	(void)state;
	with.options = 8;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		memcpy(with.option, options[i], 8);
		assert_int_equal(syn(&with).mss, 0);
	}
	with.options = 0;
	assert_int_equal(syn(&with).mss, 0);
}

static void what_is_no_syn_of_a_peer_has_no_mss(void **state)
{
	struct syn with = plain_syn;
	struct frame frame = between("10.84.0.73", "10.84.0.42");
	uint8_t segment[24];

	(void)state;
	with.flags = 0x10;
	assert_int_equal(syn(&with).mss, 0);
	with = plain_syn;
	with.ttl = 63; /* has come through a router */
	assert_int_equal(syn(&with).mss, 0);

	frame_tcp(segment, sizeof(segment), &frame, 1000, 2000);
	segment[12] = 6 << 4;
	segment[13] = 2;
	memcpy(segment + 20, "\x02\x04\x05\xb4", 4);
	frame.protocol = IPPROTO_TCP;
	frame.ttl = 64;
	frame.payload = segment;
	frame.payload_len = sizeof(segment);
	assert_int_equal(observed(&frame).mss, 1460);
	frame.more = true; /* its first fragment is as good */
	assert_int_equal(observed(&frame).mss, 1460);
	frame.offset = 8;
	assert_int_equal(observed(&frame).mss, 0);
	frame.offset = 0;
	frame.protocol = IPPROTO_UDP;
	assert_int_equal(observed(&frame).mss, 0);
	frame.protocol = IPPROTO_TCP;
	segment[12] = 4 << 4; /* a header shorter than there are */
	assert_int_equal(observed(&frame).mss, 0);
	segment[12] = 7 << 4; /* longer than the segment */
	assert_int_equal(observed(&frame).mss, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_fragments_and_whole_packets),
		cmocka_unit_test(ipv6_fragments_and_whole_packets),
		cmocka_unit_test(tags_are_looked_through),
		cmocka_unit_test(unicast_and_other_protocols_are_no_multicast),
		cmocka_unit_test(a_unicast_mac_address_does_not_hide_a_group),
		cmocka_unit_test(padding_is_no_part_of_the_packet),
		cmocka_unit_test(what_contradicts_itself_is_nothing),
		cmocka_unit_test(a_capture_may_end_anywhere),
		cmocka_unit_test(igmp_queries_of_all_versions),
		cmocka_unit_test(other_igmp_is_no_query),
		cmocka_unit_test(fragments_and_other_protocols_are_no_igmp),
		cmocka_unit_test(mld_queries_of_both_versions),
		cmocka_unit_test(what_hosts_do_not_heed_is_no_mld_query),
		cmocka_unit_test(an_mld_query_without_hop_by_hop_header_is_none),
		cmocka_unit_test(the_mss_of_a_syn_is_read),
		cmocka_unit_test(the_mss_may_stand_anywhere_among_the_options),
		cmocka_unit_test(without_a_good_mss_option_there_is_none),
		cmocka_unit_test(what_is_no_syn_of_a_peer_has_no_mss),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
