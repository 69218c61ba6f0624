// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reassembly engine's bounds: each is kept, counted when hit, and paid for by
 * who holds most, not by who comes next; and its memory is what it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../lib/reassembly_feed.h"

#define LINGER 1000

static struct feed feed;
static struct reassembly_limits limits;

static int begin(void **state)
{
	(void)state;
	memset(&feed, 0, sizeof(feed));
	limits = REASSEMBLY_LIMITS;
	limits.linger = LINGER;
	return 0;
}

static int end(void **state)
{
	(void)state;
	assert_null(feed_end(&feed));
	assert_int_equal(feed.releases, feed.n);
	return 0;
}

static void start(void)
{
	assert_true(feed_begin(&feed, &limits));
}

static const struct reassembly_stats *stats(void)
{
	return reassembly_stats(feed.engine);
}

static enum fragment_result add_at(uint64_t now, uint8_t source, uint32_t id, uint32_t offset,
				   uint32_t len, bool more)
{
	struct fragment fragment = feed_fragment(id, offset, len, more);

	fragment.key.source[3] = source;
	return feed_add(&feed, &fragment, now);
}

static enum fragment_result add(uint8_t source, uint32_t id, uint32_t offset, uint32_t len,
				bool more)
{
	return add_at(0, source, id, offset, len, more);
}

/* Has it been kept until now? Then this completes it. */
static bool is_there(uint8_t source, uint32_t id, uint32_t held)
{
	return add(source, id, held, 8, false) == FRAGMENT_COMPLETED;
}

static void a_hog_gives_its_oldest_context(void **state)
{
	uint32_t id;

	(void)state;
	limits.contexts = 16;
	start();
	add(1, 0, 0, 8, true); /* older than all of the hog's */
	for (id = 0; id < 14; id++)
		add(2, id, 0, 8, true);
	add(3, 0, 0, 8, true);
	assert_int_equal(add(4, 0, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(add(2, 14, 0, 8, true), FRAGMENT_KEPT); /* itself as well */
	assert_int_equal(stats()->losses[LOSS_CONTEXTS], 2);
	assert_int_equal(stats()->contexts_max, 16);
	assert_true(is_there(1, 0, 8));
	assert_true(is_there(3, 0, 8));
	assert_true(is_there(4, 0, 8));
	for (id = 2; id < 15; id++)
		assert_true(is_there(2, id, 8));
	assert_false(is_there(2, 0, 8));
	assert_false(is_there(2, 1, 8));
}

/* Who has few datagrams of many fragments is no hog where contexts have run out. */
static void of_a_flood_from_everywhere_the_oldest_go(void **state)
{
	uint32_t i;

	(void)state;
	limits.contexts = 64;
	start();
	for (i = 0; i < 63; i++)
		add(10 + i, 0, 0, 8, true);
	for (i = 0; i < 40; i++)
		add(1, 0, 8 * i, 8, true);
	for (i = 63; i < 126; i++)
		assert_int_equal(add(10 + i, 0, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->losses[LOSS_CONTEXTS], 63);
	assert_true(is_there(10 + 125, 0, 8));
	assert_true(is_there(10 + 63, 0, 8));
	assert_false(is_there(10 + 62, 0, 8));
	/* It is the oldest by now, but it has grown. */
	for (i = 126; i < 240; i++)
		assert_int_equal(add(10 + i, 0, 0, 8, true), FRAGMENT_KEPT);
	assert_true(is_there(1, 0, 320));
}

static void a_hog_gives_its_oldest_fragments(void **state)
{
	uint32_t i;

	(void)state;
	limits.fragments = 32;
	start();
	add(1, 0, 0, 8, true);
	for (i = 0; i < 30; i++)
		add(2, i / 3, 8 * (i % 3), 8, true);
	add(1, 0, 8, 8, true);
	assert_int_equal(add(1, 0, 16, 8, true), FRAGMENT_KEPT);
	assert_int_equal(feed.n_released, 3);
	assert_int_equal(stats()->losses[LOSS_FRAGMENTS], 1);
	assert_int_equal(stats()->held, 30);
	assert_true(is_there(1, 0, 24));
	assert_true(is_there(2, 1, 24));
	assert_false(is_there(2, 0, 24));
}

/* What is held already may be more than the new limit: the next one makes room for itself. */
static void the_limit_on_fragments_can_be_lowered(void **state)
{
	uint32_t i;

	(void)state;
	limits.fragments = 64;
	start();
	for (i = 0; i < 60; i++)
		add(10 + i % 20, i / 20, 0, 8, true);
	reassembly_hold_at_most(feed.engine, 16);
	assert_int_equal(stats()->held, 60);
	assert_int_equal(add(1, 0, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->held, 16);
	assert_int_equal(stats()->losses[LOSS_FRAGMENTS], 45);
	/* No higher again, and not to none. */
	reassembly_hold_at_most(feed.engine, 64);
	reassembly_hold_at_most(feed.engine, 0);
	assert_int_equal(add(2, 0, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->held, 16);
}

/* One that has more already is discarded with the next. */
static void a_datagram_over_a_lowered_limit_goes(void **state)
{
	uint32_t i;

	(void)state;
	limits.fragments = 64;
	start();
	for (i = 0; i < 40; i++)
		add(1, 0, 8 * i, 8, true);
	reassembly_hold_at_most(feed.engine, 16);
	assert_int_equal(add(1, 0, 320, 8, true), FRAGMENT_TOO_MANY);
	assert_int_equal(stats()->held, 0);
}

/* The datagram that wants the room is not what goes, though it is the hog's oldest. */
static void a_hog_goes_on_with_its_datagram(void **state)
{
	uint32_t i;

	(void)state;
	limits.fragments = 32;
	start();
	add(1, 7, 0, 8, true);
	for (i = 0; i < 30; i++)
		add(1, 0, 8 * i, 8, true);
	add(1, 8, 0, 8, true);
	assert_int_equal(add(1, 0, 240, 8, true), FRAGMENT_KEPT); /* 7 goes */
	assert_int_equal(add(1, 0, 248, 8, true), FRAGMENT_KEPT); /* and 8 */
	/* One datagram alone over all: that one is refused. */
	assert_int_equal(add(1, 0, 256, 8, true), FRAGMENT_TOO_MANY);
	assert_int_equal(stats()->losses[LOSS_FRAGMENTS], 2);
	assert_int_equal(stats()->losses[LOSS_OVERLAP], 1);
	assert_int_equal(stats()->held, 0);
	assert_int_equal(add(1, 0, 0, 8, true), FRAGMENT_LINGERED);
}

/* A datagram that alone holds most of what is full is not fed at the cost of others. */
static void a_hog_with_one_datagram_loses_it(void **state)
{
	uint32_t i;

	(void)state;
	limits.fragments = 32;
	start();
	add(1, 0, 0, 8, true);
	for (i = 0; i < 30; i++)
		add(2, 0, 8 * i, 8, true);
	add(3, 0, 0, 8, true);
	assert_int_equal(add(2, 0, 240, 8, true), FRAGMENT_TOO_MANY);
	assert_int_equal(feed.n_released, 31);
	assert_int_equal(stats()->losses[LOSS_FRAGMENTS], 1);
	assert_true(is_there(1, 0, 8));
	assert_true(is_there(3, 0, 8));
}

static void bytes_of_all(void **state)
{
	uint32_t i;

	(void)state;
	limits.bytes = 64000;
	start();
	add(1, 0, 0, 800, true);
	/* Few fragments, but most of the bytes. */
	for (i = 0; i < 7; i++)
		add(2, i, 0, 8000, true);
	for (i = 0; i < 80; i++)
		add(3, 0, 8 * i, 8, true);
	assert_int_equal(add(1, 0, 800, 8000, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->losses[LOSS_BYTES], 1);
	assert_true(stats()->bytes <= 64000 && stats()->bytes_max <= 64000);
	assert_true(is_there(1, 0, 8800));
	assert_true(is_there(3, 0, 640));
	assert_true(is_there(2, 1, 8000));
	assert_false(is_there(2, 0, 8000));
	/* A datagram that is more than all costs nobody else anything. */
	add(1, 9, 0, 60000, true);
	assert_int_equal(add(1, 9, 60000, 4008, true), FRAGMENT_TOO_MANY);
	assert_int_equal(feed.n_released, 2);
	assert_int_equal(stats()->losses[LOSS_OVERLAP], 1);
}

static void bytes_of_one_source(void **state)
{
	uint32_t i;

	(void)state;
	limits.bytes_per_source = 8000;
	start();
	add(2, 0, 0, 8000, true);
	for (i = 0; i < 10; i++)
		add(1, i, 0, 800, true);
	assert_int_equal(stats()->losses[LOSS_SOURCE], 0);
	/* The oldest of this source goes, but not the one that wants the room. */
	assert_int_equal(add(1, 0, 800, 808, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->losses[LOSS_SOURCE], 2);
	assert_int_equal(add(1, 10, 0, 800, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->losses[LOSS_SOURCE], 3);
	assert_true(is_there(1, 3, 800));
	assert_int_equal(add(2, 0, 8000, 8, false), FRAGMENT_TOO_MANY);
	assert_int_equal(stats()->losses[LOSS_OVERLAP], 1);
	assert_int_equal(stats()->losses[LOSS_SOURCE], 3);
}

static void fragments_of_one_datagram(void **state)
{
	uint32_t i;

	(void)state;
	limits.datagram_fragments = 4;
	start();
	for (i = 0; i < 4; i++)
		assert_int_equal(add(1, 0, 8 * i, 8, true), FRAGMENT_KEPT);
	assert_int_equal(add(1, 0, 0, 8, true), FRAGMENT_DUPLICATE);
	assert_int_equal(add(1, 0, 32, 8, false), FRAGMENT_TOO_MANY);
	assert_int_equal(feed.n_released, 5);
	assert_int_equal(add(1, 0, 32, 8, false), FRAGMENT_LINGERED);
	assert_int_equal(stats()->losses[LOSS_OVERLAP], 1);
	for (i = 0; i < 3; i++)
		add(1, 1, 8 * i, 8, true);
	assert_int_equal(add(1, 1, 24, 8, false), FRAGMENT_COMPLETED);
}

static void lingering_keys_have_what_is_left(void **state)
{
	uint32_t id;

	(void)state;
	limits.contexts = 16;
	start();
	reassembly_expect(feed.engine, 1 << 0 | 1 << 1);
	for (id = 0; id < 16; id++) {
		add_at(id, 1, id, 0, 8, true);
		assert_int_equal(add_at(id, 1, id, 8, 8, false), FRAGMENT_COMPLETED);
	}
	assert_int_equal(stats()->lingering, 16);
	for (id = 16; id < 28; id++)
		assert_int_equal(add_at(id, 1, id, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->evicted_lingering, 12);
	/* The last quarter stays, and who waits has to give. */
	assert_int_equal(add_at(28, 1, 28, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->evicted_lingering, 12);
	assert_int_equal(stats()->losses[LOSS_CONTEXTS], 1);
	assert_int_equal(stats()->lingering, 4);
	assert_int_equal(add_at(28, 1, 12, 0, 8, true), FRAGMENT_LINGERED);
	/* What NIC 1 never brought is told only of keys that lingered to the end. */
	feed_expire(&feed, 10000);
	assert_int_equal(reassembly_account(feed.engine, 0)->nics[1].made_good, 4 * 2);
}

static void no_linger_is_none(void **state)
{
	(void)state;
	limits.linger = 0;
	start();
	add(1, 0, 0, 8, true);
	assert_int_equal(add(1, 0, 8, 8, false), FRAGMENT_COMPLETED);
	assert_int_equal(add(1, 0, 0, 8, true), FRAGMENT_KEPT);
}

static void limits_of_one(void **state)
{
	(void)state;
	limits.contexts = limits.fragments = limits.datagram_fragments = 1;
	limits.bytes = limits.bytes_per_source = 8;
	start();
	assert_int_equal(add(1, 0, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(add(2, 0, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->losses[LOSS_CONTEXTS], 1);
	assert_int_equal(add(2, 0, 8, 8, false), FRAGMENT_TOO_MANY);
	assert_int_equal(add(3, 0, 0, 8, true), FRAGMENT_KEPT);
	assert_int_equal(stats()->evicted_lingering, 1);
	assert_int_equal(add(4, 0, 0, 16, true), FRAGMENT_TOO_MANY);
	assert_int_equal(add(5, 0, 0, 8, false), FRAGMENT_COMPLETED);
}

static uint32_t by_id(void *arg, const struct datagram_key *key)
{
	(void)arg;
	return key->id;
}

static void accounts_are_apart(void **state)
{
	(void)state;
	limits.accounts = 3;
	feed.account = by_id;
	start();
	add(1, 1, 0, 8, true);
	add(1, 1, 8, 16, false);
	assert_int_equal(feed.last.account, 1);
	add(1, 65536 + 1, 0, 8, true); /* beyond the last: the last */
	add(1, 65536 + 1, 8, 9, false);
	assert_int_equal(feed.last.account, 2);
	assert_int_equal(reassembly_account(feed.engine, 0)->completed, 0);
	assert_int_equal(reassembly_account(feed.engine, 1)->completed, 1);
	assert_int_equal(reassembly_account(feed.engine, 1)->bytes, 24);
	assert_int_equal(reassembly_account(feed.engine, 2)->bytes, 17);

	/* What is on its way when an account is cleared counts on the last one. */
	add(2, 1, 0, 8, true);
	reassembly_clear_account(feed.engine, 1);
	assert_int_equal(reassembly_account(feed.engine, 1)->nics[0].first, 0);
	assert_int_equal(add(2, 1, 8, 8, false), FRAGMENT_COMPLETED);
	assert_int_equal(add(1, 1, 0, 8, true), FRAGMENT_LINGERED);
	assert_int_equal(reassembly_account(feed.engine, 1)->completed, 0);
	assert_int_equal(reassembly_account(feed.engine, 1)->nics[0].duplicate, 0);
	assert_int_equal(reassembly_account(feed.engine, 2)->completed, 2);
	assert_int_equal(stats()->completed, 3);
}

static void memory_is_what_is_said(void **state)
{
	size_t before, taken, said;

	(void)state;
	limits.contexts = 5000;
	limits.fragments = 70000;
	limits.accounts = 100;
	said = reassembly_memory(&limits);
	before = feed_allocated();
	start();
	taken = feed_allocated() - before;
	/* malloc()'s own: 8 blocks, some of whole pages. */
	assert_in_range(taken, said, said + 8 * 4096 + 64);
}

static void limits_that_are_none_are_refused(void **state)
{
	static const struct reassembly_ops ops;
	struct reassembly_limits wrong[12];
	uint32_t i;

	(void)state;
	for (i = 0; i < 12; i++)
		wrong[i] = limits;
	wrong[0].contexts = 0;
	wrong[1].contexts = (1 << 24) + 1;
	wrong[2].fragments = 0;
	wrong[3].fragments = (1 << 24) + 1;
	wrong[4].bytes = 0;
	wrong[5].bytes_per_source = 0;
	wrong[6].datagram_fragments = 0;
	wrong[7].datagram_fragments = 8193;
	wrong[8].lifetime = 0;
	wrong[9].lifetime = UINT64_MAX;
	wrong[10].linger = UINT64_MAX;
	wrong[11].accounts = 65536;
	for (i = 0; i < 12; i++)
		if (reassembly_new(&wrong[i], &ops))
			fail_msg("limits %u", i);
	start();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hog_gives_its_oldest_context),
		TEST(of_a_flood_from_everywhere_the_oldest_go),
		TEST(a_hog_gives_its_oldest_fragments),
		TEST(the_limit_on_fragments_can_be_lowered),
		TEST(a_datagram_over_a_lowered_limit_goes),
		TEST(a_hog_goes_on_with_its_datagram),
		TEST(a_hog_with_one_datagram_loses_it),
		TEST(bytes_of_all),
		TEST(bytes_of_one_source),
		TEST(fragments_of_one_datagram),
		TEST(lingering_keys_have_what_is_left),
		TEST(no_linger_is_none),
		TEST(limits_of_one),
		TEST(accounts_are_apart),
		TEST(memory_is_what_is_said),
		TEST(limits_that_are_none_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
