// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reassembly engine: which fragments make a datagram, and which end it. What
 * the whole looks like is in test_reassembly_whole.c, the bounds are in
 * test_reassembly_limits.c, random streams in test_reassembly_random.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../lib/reassembly_feed.h"

#define MS	 1000000ULL
#define LIFETIME (1000 * MS)
#define LINGER	 (80 * MS)

static struct feed feed;
static uint64_t now;

static int begin(void **state)
{
	struct reassembly_limits limits = REASSEMBLY_LIMITS;

	(void)state;
	limits.contexts = 16;
	limits.lifetime = LIFETIME;
	limits.linger = LINGER;
	memset(&feed, 0, sizeof(feed));
	now = 77 * MS;
	return feed_begin(&feed, &limits) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	assert_null(feed_end(&feed));
	assert_int_equal(feed.releases, feed.n);
	return 0;
}

static const struct reassembly_stats *stats(void)
{
	return reassembly_stats(feed.engine);
}

static enum fragment_result add_on(uint8_t nic, uint32_t id, uint32_t offset, uint32_t len,
				   bool more)
{
	struct fragment fragment = feed_fragment(id, offset, len, more);

	fragment.nic = nic;
	return feed_add(&feed, &fragment, now);
}

static enum fragment_result add(uint32_t id, uint32_t offset, uint32_t len, bool more)
{
	return add_on(0, id, offset, len, more);
}

static void every_order_makes_the_datagram(void **state)
{
	static const uint32_t cuts[] = { 0, 8, 24, 1000, 1001 };
	uint32_t order, id = 0;

	(void)state;
	for (order = 0; order < 4 * 4 * 4 * 4; order++) {
		uint32_t places[] = { order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6 }, i;

		if ((1 << places[0] | 1 << places[1] | 1 << places[2] | 1 << places[3]) != 15)
			continue;
		id++;
		for (i = 0; i < 4; i++) {
			uint32_t at = cuts[places[i]], next = cuts[places[i] + 1];

			assert_int_equal(add(id, at, next - at, places[i] < 3),
					 i < 3 ? FRAGMENT_KEPT : FRAGMENT_COMPLETED);
			assert_int_equal(feed.n_released, i < 3 ? 0 : 4);
		}
		assert_true(feed_is_whole(&feed, id, 1001));
		assert_int_equal(feed.last.n_pieces, 4);
		now += LINGER;
	}
	assert_int_equal(id, 24);
	assert_int_equal(stats()->completed, 24);
	assert_int_equal(stats()->completed_bytes, 24 * 1001);
	assert_int_equal(stats()->held_max, 4);
	assert_int_equal(stats()->held, 0);
	assert_int_equal(stats()->bytes_max, 1001);
}

static void exact_duplicates_are_ignored(void **state)
{
	(void)state;
	assert_int_equal(add(1, 0, 16, true), FRAGMENT_KEPT);
	assert_int_equal(add(1, 0, 16, true), FRAGMENT_DUPLICATE);
	assert_int_equal(feed.n_released, 1);
	assert_int_equal(add(1, 32, 9, false), FRAGMENT_KEPT);
	assert_int_equal(add(1, 32, 9, false), FRAGMENT_DUPLICATE);
	assert_int_equal(add(1, 0, 16, true), FRAGMENT_DUPLICATE);
	assert_int_equal(add(1, 16, 16, true), FRAGMENT_COMPLETED);
	assert_true(feed_is_whole(&feed, 1, 41));
	assert_int_equal(feed.last.n_pieces, 3);
	assert_int_equal(stats()->fragments[FRAGMENT_DUPLICATE], 3);
	assert_int_equal(reassembly_account(feed.engine, 0)->nics[0].first, 3);
	assert_int_equal(reassembly_account(feed.engine, 0)->nics[0].duplicate, 3);
}

static void a_discarded_key_is_refused_for_a_while(void **state)
{
	struct fragment twin = feed_fragment(1, 8, 8, true);
	uint8_t bytes[8];
	uint32_t i;

	(void)state;
	for (i = 0; i < 8; i++)
		bytes[i] = feed_byte(1, 8 + i);
	bytes[7] ^= 1;
	add(1, 0, 8, true);
	add(1, 8, 8, true);
	twin.data = bytes;
	assert_int_equal(feed_add(&feed, &twin, now), FRAGMENT_OVERLAP);
	assert_int_equal(feed.n_released, 3);
	assert_int_equal(stats()->losses[LOSS_OVERLAP], 1);
	assert_int_equal(reassembly_account(feed.engine, 0)->lost, 1);

	/* Whoever brings it, however often; and no longer than told. */
	for (i = 0; i < 4; i++) {
		assert_int_equal(add_on(i, 1, 0, 8, true), FRAGMENT_LINGERED);
		assert_int_equal(add_on(i, 1, 16, 8, false), FRAGMENT_LINGERED);
		now += i < 3 ? LINGER / 4 : LINGER / 4 - 1;
	}
	assert_int_equal(add(1, 0, 8, true), FRAGMENT_LINGERED);
	now += 1;
	assert_int_equal(add(1, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(add(1, 8, 8, false), FRAGMENT_COMPLETED);
	assert_true(feed_is_whole(&feed, 1, 16));
}

static void every_partial_overlap_discards_it(void **state)
{
	static const struct {
		uint32_t offset, len;
		bool more;
		enum fragment_result result;
	} cases[] = {
		{ 16, 16, true, FRAGMENT_OVERLAP },   { 24, 16, true, FRAGMENT_OVERLAP },
		{ 16, 8, true, FRAGMENT_OVERLAP },    { 24, 8, true, FRAGMENT_OVERLAP },
		{ 8, 48, true, FRAGMENT_OVERLAP },    { 8, 16, true, FRAGMENT_OVERLAP },
		{ 16, 17, false, FRAGMENT_OVERLAP },  { 0, 24, true, FRAGMENT_OVERLAP },
		{ 0, 80, true, FRAGMENT_OVERLAP },    { 40, 32, true, FRAGMENT_OVERLAP },
		{ 40, 16, true, FRAGMENT_OVERLAP },   { 48, 8, true, FRAGMENT_OVERLAP },
		{ 56, 8, true, FRAGMENT_OVERLAP },    { 48, 24, true, FRAGMENT_OVERLAP },
		{ 16, 24, false, FRAGMENT_OVERLAP },  { 16, 24, true, FRAGMENT_DUPLICATE },
		{ 48, 16, true, FRAGMENT_DUPLICATE }, { 8, 8, true, FRAGMENT_KEPT },
		{ 0, 16, true, FRAGMENT_KEPT },	      { 40, 8, true, FRAGMENT_KEPT },
		{ 64, 3, false, FRAGMENT_KEPT },      { 64, 8, true, FRAGMENT_KEPT },
		{ 72, 3, false, FRAGMENT_KEPT },
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t offset = cases[i].offset, len = cases[i].len;
		enum fragment_result result;

		/* [16, 40) and [48, 64) are there. */
		add(i, 48, 16, true);
		add(i, 16, 24, true);
		result = add(i, offset, len, cases[i].more);
		if (result != cases[i].result)
			fail_msg("[%u, %u): %d", offset, offset + len, result);
		now += LIFETIME;
	}
}

static void two_ends_discard_it(void **state)
{
	(void)state;
	add(1, 8, 8, false);
	assert_int_equal(add(1, 16, 8, true), FRAGMENT_OVERLAP); /* behind the end */
	add(2, 32, 8, false);
	assert_int_equal(add(2, 16, 8, false), FRAGMENT_OVERLAP); /* an earlier end */
	add(3, 8, 8, false);
	assert_int_equal(add(3, 16, 8, false), FRAGMENT_OVERLAP); /* a later one */
	add(4, 32, 8, true);
	assert_int_equal(add(4, 8, 8, false), FRAGMENT_OVERLAP); /* before what is there */
	/* The same bytes, once with more to come and once without. */
	add(5, 8, 8, true);
	assert_int_equal(add(5, 8, 8, false), FRAGMENT_OVERLAP);
	add(6, 8, 8, false);
	assert_int_equal(add(6, 8, 8, true), FRAGMENT_OVERLAP);
	assert_int_equal(stats()->losses[LOSS_OVERLAP], 6);
	assert_int_equal(stats()->held, 0);
}

static void trailing_copies_open_nothing(void **state)
{
	(void)state;
	add(1, 0, 8, true);
	assert_int_equal(add(1, 8, 8, false), FRAGMENT_COMPLETED);
	now += LINGER - 1;
	assert_int_equal(add_on(1, 1, 0, 8, true), FRAGMENT_LINGERED);
	assert_int_equal(add_on(1, 1, 8, 8, false), FRAGMENT_LINGERED);
	assert_int_equal(stats()->contexts, 0);
	assert_int_equal(stats()->lingering, 1);
	assert_int_equal(stats()->lingering_max, 1);
	/* Copies do not make the key linger any longer. */
	now += 1;
	assert_int_equal(add_on(1, 1, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->lingering, 0);
}

static void an_id_used_again_is_a_new_datagram(void **state)
{
	(void)state;
	add(1, 0, 8, true);
	add_on(1, 1, 0, 8, true);
	assert_int_equal(add(1, 8, 8, false), FRAGMENT_COMPLETED);
	/* NIC 0 has brought it all, but that is too short a time ago. */
	now += LINGER / 8 - 1;
	assert_int_equal(add(1, 0, 8, true), FRAGMENT_LINGERED);
	/* NIC 1 still owes one, which this may be; NIC 2 all. */
	now += 1;
	assert_int_equal(add_on(1, 1, 8, 8, false), FRAGMENT_LINGERED);
	assert_int_equal(add_on(2, 1, 8, 8, false), FRAGMENT_LINGERED);
	assert_int_equal(add(1, 8, 24, false), FRAGMENT_KEPT);
	assert_int_equal(add_on(1, 1, 0, 8, true), FRAGMENT_COMPLETED);
	assert_true(feed_is_whole(&feed, 1, 32));
	assert_int_equal(stats()->completed, 2);
	assert_int_equal(stats()->lingering, 1);
}

/* The caller could not look while copies waited: they are not taken for something new. */
static void keys_linger_for_longer_when_the_caller_was_held_up(void **state)
{
	(void)state;
	add(1, 0, 8, true);
	assert_int_equal(add(1, 8, 8, false), FRAGMENT_COMPLETED);
	add(2, 0, 8, true);
	now += 3 * LINGER;
	reassembly_held_up(feed.engine, 3 * LINGER);
	assert_int_equal(add_on(1, 1, 0, 8, true), FRAGMENT_LINGERED);
	assert_int_equal(add_on(1, 1, 8, 8, false), FRAGMENT_LINGERED);
	/* What ends now lingers no shorter than that, and both in their order. */
	assert_int_equal(add(2, 8, 8, false), FRAGMENT_COMPLETED);
	now += LINGER - 1;
	assert_int_equal(add_on(1, 2, 0, 8, true), FRAGMENT_LINGERED);
	feed_expire(&feed, now);
	assert_int_equal(stats()->lingering, 2);
	now += 1;
	feed_expire(&feed, now);
	assert_int_equal(stats()->lingering, 0);
}

static void arrivals_do_not_extend_the_lifetime(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(add(1, 8 * i, 8, true), FRAGMENT_KEPT);
		now += i < 3 ? LIFETIME / 4 : LIFETIME / 4 - 1;
	}
	feed_expire(&feed, now);
	assert_int_equal(feed.n_released, 0);
	now += 1;
	feed_expire(&feed, now);
	assert_int_equal(feed.n_released, 4);
	assert_int_equal(stats()->losses[LOSS_TIMEOUT], 1);
	assert_int_equal(stats()->bytes, 0);
	/* Nothing lingers: what comes now begins anew. */
	assert_int_equal(stats()->lingering, 0);
	assert_int_equal(add(1, 32, 8, false), FRAGMENT_KEPT);
	/* A fragment alone ends what is over, its own datagram too. */
	now += LIFETIME;
	assert_int_equal(add(1, 0, 32, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->losses[LOSS_TIMEOUT], 2);
}

static void what_cannot_be_a_fragment_is_ignored(void **state)
{
	(void)state;
	add(1, 0, 8, true);
	assert_int_equal(add(1, 8, 0, true), FRAGMENT_MALFORMED);
	assert_int_equal(add(1, 8, 0, false), FRAGMENT_MALFORMED);
	assert_int_equal(add(1, 8, 9, true), FRAGMENT_MALFORMED);
	assert_int_equal(add(1, 65528, 8, true), FRAGMENT_MALFORMED);
	assert_int_equal(add(2, 8, 15, true), FRAGMENT_MALFORMED);
	assert_int_equal(stats()->fragments[FRAGMENT_MALFORMED], 5);
	assert_int_equal(stats()->contexts, 1);
	assert_int_equal(add(1, 8, 9, false), FRAGMENT_COMPLETED);
	assert_true(feed_is_whole(&feed, 1, 17));
}

/* Of each NIC: how many came first there, how many later, how many never. */
static void expect_share(uint32_t nic, uint64_t first, uint64_t duplicate, uint64_t made_good)
{
	const struct nic_share *share = &reassembly_account(feed.engine, 0)->nics[nic];

	if (share->first != first || share->duplicate != duplicate || share->made_good != made_good)
		fail_msg("NIC %u: %lu, %lu, %lu", nic, share->first, share->duplicate,
			 share->made_good);
}

static void each_nic_is_told_its_share(void **state)
{
	(void)state;
	reassembly_expect(feed.engine, 1 << 0 | 1 << 1 | 1 << 3);
	add_on(0, 1, 0, 8, true);
	add_on(1, 1, 0, 8, true);
	add_on(1, 1, 0, 8, true); /* twice: no second fragment */
	add_on(1, 1, 8, 8, true);
	add_on(2, 1, 16, 8, false);
	assert_int_equal(feed.last.nics, 1 << 0 | 1 << 1 | 1 << 2);
	assert_true(feed_is_whole(&feed, 1, 24));
	add_on(1, 1, 16, 8, false); /* that trails */
	expect_share(0, 1, 0, 0);
	expect_share(1, 1, 3, 0);
	expect_share(2, 1, 0, 0);
	/* Until the key has lingered, the others may still come. */
	now += LINGER;
	feed_expire(&feed, now);
	expect_share(0, 1, 0, 2);
	expect_share(1, 1, 3, 0);
	expect_share(2, 1, 0, 0); /* from which nothing was expected */
	expect_share(3, 0, 0, 3);
	/* Of what was not delivered nothing was made good. */
	add_on(0, 2, 0, 8, true);
	now += LIFETIME;
	add_on(0, 3, 0, 8, true);
	add_on(0, 3, 0, 16, true);
	now += LINGER;
	feed_expire(&feed, now);
	expect_share(0, 3, 0, 2);
	expect_share(3, 0, 0, 3);
	assert_int_equal(reassembly_account(feed.engine, 0)->lost, 2);
}

static void deliver(void *arg, const struct datagram *datagram)
{
	*(uint64_t *)arg += datagram->len * (datagram->key->id + 1);
}

static void release(void *arg, uint64_t frame)
{
	*(uint64_t *)arg += frame << 32;
}

/* More datagrams than the cache is trusted with. */
static void many_at_once_are_as_one_by_one(void **state)
{
	enum { MANY = 2700, DATAGRAMS = 300 };
	struct fragment *fragments = calloc(MANY, sizeof(*fragments));
	struct reassembly_limits limits = REASSEMBLY_LIMITS;
	struct reassembly_stats seen[2];
	uint64_t sums[2] = {};
	uint8_t bytes[100] = {};
	uint32_t i, k;

	(void)state;
	assert_non_null(fragments);
	for (i = 0; i < MANY; i++) {
		uint32_t cut = i / DATAGRAMS % 3, id = i % DATAGRAMS + i / (3 * DATAGRAMS) * 1000;

		if (i % 10 == 9) /* that nothing follows */
			id = i, cut = 0;
		fragments[i] = feed_fragment(id, cut * 24, 24, cut != 2);
		fragments[i].key.source[2] = id % 10;
		fragments[i].key.source[1] = i % 10 == 9 ? i / 10 : 0;
		fragments[i].data = bytes + 20;
		fragments[i].header = bytes;
		fragments[i].nic = i % 2;
		fragments[i].frame = i;
	}
	limits.contexts = 400;
	for (k = 0; k < 2; k++) {
		struct reassembly_ops ops = { .deliver = deliver,
					      .release = release,
					      .arg = &sums[k] };
		struct reassembly *engine = reassembly_new(&limits, &ops);

		assert_non_null(engine);
		for (i = 0; i < MANY && !k; i++)
			reassembly_add(engine, &fragments[i], 5);
		if (k)
			reassembly_add_many(engine, fragments, MANY, 5);
		seen[k] = *reassembly_stats(engine);
		reassembly_free(engine);
	}
	assert_memory_equal(&seen[0], &seen[1], sizeof(seen[0]));
	assert_int_equal(sums[0], sums[1]);
	assert_int_not_equal(seen[0].completed, 0);
	assert_int_not_equal(seen[0].losses[LOSS_CONTEXTS], 0);
	assert_true(seen[0].contexts_max > 256);
	free(fragments);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_order_makes_the_datagram),
		TEST(exact_duplicates_are_ignored),
		TEST(a_discarded_key_is_refused_for_a_while),
		TEST(every_partial_overlap_discards_it),
		TEST(two_ends_discard_it),
		TEST(trailing_copies_open_nothing),
		TEST(an_id_used_again_is_a_new_datagram),
		TEST(keys_linger_for_longer_when_the_caller_was_held_up),
		TEST(arrivals_do_not_extend_the_lifetime),
		TEST(what_cannot_be_a_fragment_is_ignored),
		TEST(each_nic_is_told_its_share),
		TEST(many_at_once_are_as_one_by_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
