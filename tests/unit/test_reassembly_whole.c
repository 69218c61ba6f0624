// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reassembly engine: what the whole datagram is, of fragments that belong
 * together: key, length, header, ECN and DF.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "../lib/reassembly_feed.h"

#define LINGER 1000

static struct feed feed;
static uint64_t now;

static int begin(void **state)
{
	struct reassembly_limits limits = REASSEMBLY_LIMITS;

	(void)state;
	limits.contexts = 16;
	limits.fragments = limits.datagram_fragments = 8192;
	limits.linger = LINGER;
	memset(&feed, 0, sizeof(feed));
	now = 0;
	return feed_begin(&feed, &limits) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	assert_null(feed_end(&feed));
	assert_int_equal(feed.releases, feed.n);
	return 0;
}

static enum fragment_result add(struct fragment fragment)
{
	return feed_add(&feed, &fragment, now);
}

static void the_largest_in_the_smallest_fragments(void **state)
{
	uint32_t at;

	(void)state;
	/* 65,515 bytes and a header of 20. */
	for (at = 0; at < 65512; at += 8)
		assert_int_equal(add(feed_fragment(1, at, 8, true)), FRAGMENT_KEPT);
	assert_int_equal(add(feed_fragment(1, 65512, 4, false)), FRAGMENT_MALFORMED);
	assert_int_equal(add(feed_fragment(1, 65512, 3, false)), FRAGMENT_COMPLETED);
	assert_true(feed_is_whole(&feed, 1, 65515));
	assert_int_equal(feed.last.n_pieces, 8190);
	assert_int_equal(add(feed_fragment(2, 65512, 3, false)), FRAGMENT_KEPT);
	for (at = 65504; at > 0; at -= 8)
		assert_int_equal(add(feed_fragment(2, at, 8, true)), FRAGMENT_KEPT);
	assert_int_equal(add(feed_fragment(2, 0, 8, true)), FRAGMENT_COMPLETED);
	assert_true(feed_is_whole(&feed, 2, 65515));
}

static void the_first_header_decides_what_is_too_long(void **state)
{
	struct fragment first = feed_fragment(1, 0, 8, true);
	struct fragment second = feed_fragment(1, 8, 65496, true);
	struct fragment last = feed_fragment(1, 65504, 11, false);

	(void)state;
	second.header_len = 24;
	add(last);
	add(second);
	assert_int_equal(add(first), FRAGMENT_COMPLETED);
	assert_true(feed_is_whole(&feed, 1, 65515));
	first.key.id = second.key.id = last.key.id = 2;
	first.header_len = 24;
	add(last);
	add(second);
	assert_int_equal(add(first), FRAGMENT_MALFORMED);
	assert_false(feed.delivered);
	assert_int_equal(feed.n_released, 3);
	assert_int_equal(reassembly_stats(feed.engine)->losses[LOSS_OVERLAP], 1);
	assert_int_equal(add(first), FRAGMENT_LINGERED);
}

static void ipv6_counts_what_follows_its_header(void **state)
{
	struct fragment first = feed_fragment(1, 0, 8, true);
	struct fragment last = feed_fragment(1, 8, 65527, false);

	(void)state;
	first.key.family = last.key.family = AF_INET6;
	first.header_len = last.header_len = 40;
	first.next = 17;
	last.next = 58; /* the first one's counts (RFC 8200 4.5) */
	add(last);
	assert_int_equal(add(first), FRAGMENT_COMPLETED);
	assert_true(feed_is_whole(&feed, 1, 65535));
	assert_int_equal(feed.last.next, 17);
	/* With an extension header before the fragment header it is too long. */
	first.key.id = last.key.id = 2;
	first.header_len = 48;
	add(last);
	assert_int_equal(add(first), FRAGMENT_MALFORMED);
	assert_int_equal(add(last), FRAGMENT_LINGERED);
	last.len += 1;
	assert_int_equal(add(last), FRAGMENT_MALFORMED);
}

static void the_header_is_the_first_ones(void **state)
{
	uint8_t header[24] = { 0x46, 0xb8 };
	struct fragment first = feed_fragment(1, 0, 16, true);

	(void)state;
	memcpy(header + 20, "\x94\x04\0\0", 4); /* router alert */
	first.header = header;
	first.header_len = sizeof(header);
	first.l2_len = 18;
	add(feed_fragment(1, 16, 8, false));
	assert_int_equal(add(first), FRAGMENT_COMPLETED);
	assert_true(feed_is_whole(&feed, 1, 24));
	assert_int_equal(feed.last.header_len, 24);
	assert_int_equal(feed.last.l2_len, 18);
	assert_memory_equal(feed.last.header, header, sizeof(header));
	/* Of two copies it is that of the one that came first. */
	first.key.id = 2;
	add(first);
	first.header_len = 20;
	assert_int_equal(add(first), FRAGMENT_DUPLICATE);
	assert_int_equal(add(feed_fragment(2, 16, 8, false)), FRAGMENT_COMPLETED);
	assert_int_equal(feed.last.header_len, 24);
}

/* RFC 3168 5.3: what the fields of two fragments make of the whole; -1: nothing. */
static void ecn_of_the_whole(void **state)
{
	static const int whole[4][4] = {
		/* not-ECT ECT(1) ECT(0) CE: the second one's */
		{ 0, 0, 0, -1 },
		{ 0, 1, 1, 3 },
		{ 0, 2, 2, 3 },
		{ -1, 3, 3, 3 },
	};
	uint32_t a, b, reversed;

	(void)state;
	for (a = 0; a < 4; a++)
		for (b = 0; b < 4; b++)
			for (reversed = 0; reversed < 2; reversed++) {
				struct fragment first = feed_fragment(1, 0, 8, true);
				struct fragment last = feed_fragment(1, 8, 8, false);

				first.ecn = a;
				last.ecn = b;
				add(reversed ? last : first);
				assert_int_equal(add(reversed ? first : last),
						 whole[a][b] < 0 ? FRAGMENT_ECN
								 : FRAGMENT_COMPLETED);
				assert_int_equal(feed.delivered, whole[a][b] >= 0);
				if (feed.delivered)
					assert_int_equal(feed.last.ecn, whole[a][b]);
				assert_int_equal(add(first), FRAGMENT_LINGERED);
				now += LINGER;
			}
	assert_int_equal(reassembly_stats(feed.engine)->losses[LOSS_OVERLAP], 4);
}

/* What a copy that is ignored says does not count. */
static void ecn_of_a_copy(void **state)
{
	struct fragment first = feed_fragment(1, 0, 8, true);

	(void)state;
	first.ecn = 2;
	add(first);
	first.ecn = 3;
	assert_int_equal(add(first), FRAGMENT_DUPLICATE);
	first = feed_fragment(1, 8, 8, false);
	first.ecn = 2;
	assert_int_equal(add(first), FRAGMENT_COMPLETED);
	assert_int_equal(feed.last.ecn, 2);
}

static void df_is_the_largest_packets(void **state)
{
	static const struct {
		uint32_t header, len;
		bool df[3], whole;
	} cases[] = {
		{ 20, 16, { true, true, true }, true },
		{ 20, 16, { true, false, false }, true },
		{ 20, 16, { false, true, true }, true },
		{ 20, 24, { false, true, true }, false },
		{ 20, 24, { true, false, false }, true },
		{ 20, 8, { true, false, true }, false },
		{ 20, 16, { false, false, true }, false },
		{ 20, 16, { false, false, false }, false },
		{ 24, 16, { false, true, true }, false }, /* larger by its options */
		{ 24, 16, { true, false, false }, true },
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fragment first = feed_fragment(i, 0, cases[i].len, true);
		struct fragment second = feed_fragment(i, cases[i].len, 16, true);
		struct fragment last = feed_fragment(i, cases[i].len + 16, 5, false);

		first.header_len = cases[i].header;
		first.df = cases[i].df[0];
		second.df = cases[i].df[1];
		last.df = cases[i].df[2];
		add(second);
		add(last);
		add(first);
		assert_true(feed.delivered);
		if (feed.last.df != cases[i].whole)
			fail_msg("case %u", i);
	}
}

static void every_part_of_the_key_keeps_apart(void **state)
{
	uint32_t i;

	(void)state;
	assert_int_equal(add(feed_fragment(1, 0, 8, true)), FRAGMENT_KEPT);
	for (i = 0; i < 6; i++) {
		struct fragment other = feed_fragment(1, 8, 8, false);

		other.key.source[3] += i == 0;
		other.key.group[3] += i == 1;
		other.key.id += i == 2;
		other.key.vlan += i == 3;
		other.key.proto += i == 4;
		other.key.family = i == 5 ? AF_INET6 : AF_INET;
		other.header_len += i == 5 ? 20 : 0;
		assert_int_equal(add(other), FRAGMENT_KEPT);
	}
	assert_int_equal(reassembly_stats(feed.engine)->contexts, 7);
	assert_int_equal(add(feed_fragment(1, 8, 8, false)), FRAGMENT_COMPLETED);
	assert_true(feed_is_whole(&feed, 1, 16));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_largest_in_the_smallest_fragments),
		TEST(the_first_header_decides_what_is_too_long),
		TEST(ipv6_counts_what_follows_its_header),
		TEST(the_header_is_the_first_ones),
		TEST(ecn_of_the_whole),
		TEST(ecn_of_a_copy),
		TEST(df_is_the_largest_packets),
		TEST(every_part_of_the_key_keeps_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
