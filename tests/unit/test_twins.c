// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fragments on two NICs: what is a twin and what is not, what a flood does, and
 * random streams against a slow reference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "diagnose/twins.h"

#define MS	1000000ULL
#define STREAM	2000 /* fewer than TWINS_RECENT: nothing is evicted */
#define STREAMS 120
#define NICS	4

static struct twins *twins;

static int begin(void **state)
{
	(void)state;
	twins = twins_new();
	return twins ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	twins_free(twins);
	return 0;
}

static struct twins_fragment fragment(uint64_t time, uint32_t nic, uint32_t id)
{
	return (struct twins_fragment){ .time = time,
					.nic = nic,
					.id = id,
					.family = AF_INET,
					.group = { 239, 0, 0, 15 },
					.source = { 10, 84, 0, 73 } };
}

static void add(uint64_t time, uint32_t nic, uint32_t id)
{
	struct twins_fragment one = fragment(time, nic, id);

	twins_add(twins, &one);
}

static const struct twins_pair *only_pair(void)
{
	const struct twins_pair *pairs;
	size_t n;

	pairs = twins_pairs(twins, &n);
	assert_int_equal(n, 1);
	return pairs;
}

static void assert_pair(const struct twins_pair *pair, uint32_t nic, uint32_t other, uint64_t first,
			uint64_t other_first)
{
	assert_int_equal(pair->nics[0], nic);
	assert_int_equal(pair->nics[1], other);
	assert_int_equal(pair->first_on[0], first);
	assert_int_equal(pair->first_on[1], other_first);
	assert_int_equal(pair->fragments, first + other_first);
}

static void assert_none(void)
{
	size_t n;

	twins_pairs(twins, &n);
	assert_int_equal(n, 0);
	assert_int_equal(twins_total(twins), 0);
}

static void one_nic_has_no_twins(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		add(i, 7, i);
	for (i = 0; i < 100; i++)
		add(200 + i, 7, i);
	assert_none();
}

static void who_came_first_is_told(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 10; i++) {
		add(i * MS, i < 3 ? 9 : 2, i);
		add(i * MS + 1000, i < 3 ? 2 : 9, i);
	}
	assert_pair(only_pair(), 2, 9, 7, 3);
	assert_int_equal(only_pair()->family, AF_INET);
	assert_memory_equal(only_pair()->group, ((uint8_t[16]){ 239, 0, 0, 15 }), 16);
	assert_memory_equal(only_pair()->source, ((uint8_t[16]){ 10, 84, 0, 73 }), 16);
	assert_int_equal(twins_total(twins), 10);
}

/* Records of two CPUs may change places between clock and ring. */
static void the_clock_tells_who_came_first(void **state)
{
	(void)state;
	add(5 * MS, 2, 1);
	add(5 * MS - 300, 9, 1);
	assert_pair(only_pair(), 2, 9, 0, 1);
}

static void further_copies_are_no_further_twins(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		add(MS + i, 1, 1);
		add(MS + i, 2, 1);
	}
	assert_pair(only_pair(), 1, 2, 1, 0);
}

static void three_nics_are_three_pairs(void **state)
{
	const struct twins_pair *pairs;
	size_t n;

	(void)state;
	add(1, 30, 1);
	add(2, 10, 1);
	add(3, 20, 1);
	pairs = twins_pairs(twins, &n);
	assert_int_equal(n, 3);
	assert_pair(&pairs[0], 10, 20, 1, 0);
	assert_pair(&pairs[1], 10, 30, 0, 1);
	assert_pair(&pairs[2], 20, 30, 0, 1);
	assert_int_equal(twins_total(twins), 3);
}

static void any_differing_field_makes_no_twin(void **state)
{
	struct twins_fragment one = fragment(1, 1, 1), other;
	int i;

	(void)state;
	twins_add(twins, &one);
	for (i = 0; i < 5; i++) {
		other = fragment(2, 2, 1);
		switch (i) {
		case 0:
			other.id = 2;
			break;
		case 1:
			other.offset = 8;
			break;
		case 2:
			other.family = AF_INET6;
			break;
		case 3:
			other.group[3]++;
			break;
		case 4:
			other.source[3]++;
			break;
		}
		twins_add(twins, &other);
	}
	assert_none();
}

/* As many as there are chains, so that thousands share one: none is taken for another. */
static void in_one_chain_are_no_twins(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < TWINS_RECENT; i++) {
		struct twins_fragment one = fragment(1, i % 2, 1);

		switch (i % 8 / 2) {
		case 0:
			one.offset = i / 8 * 8;
			break;
		case 1:
			one.source[2] = 1 + i / 8 / 256;
			one.source[3] = i / 8;
			break;
		case 2:
			one.group[2] = 1 + i / 8 / 256;
			one.group[3] = i / 8;
			break;
		default:
			one.id = 2 + i;
		}
		one.source[1] = i % 2; /* never the same on both */
		twins_add(twins, &one);
	}
	assert_none();
}

static void behind_an_ipv4_address_nothing_counts(void **state)
{
	struct twins_fragment one = fragment(1, 1, 1), other = fragment(2, 2, 1);

	(void)state;
	memset(one.group + 4, 0xaa, 12);
	memset(other.source + 4, 0xbb, 12);
	twins_add(twins, &one);
	twins_add(twins, &other);
	assert_pair(only_pair(), 1, 2, 1, 0);
	one.family = other.family = AF_INET6;
	twins_add(twins, &one);
	twins_add(twins, &other);
	assert_pair(only_pair(), 1, 2, 1, 0);
}

static void an_id_used_again_later_does_not_match(void **state)
{
	(void)state;
	add(MS, 1, 1);
	add(MS + TWINS_NS + 1, 2, 1);
	assert_none();
	add(MS + 2 * TWINS_NS + 1, 1, 1); /* still near the second one */
	assert_pair(only_pair(), 1, 2, 0, 1);
}

static void each_use_of_an_id_is_counted_by_itself(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 0; i < 50; i++) {
		add(i * 150 * MS, 1, 1);
		add(i * 150 * MS + 90 * MS, 2, 1); /* nearer to the next one of NIC 1 */
	}
	assert_pair(only_pair(), 1, 2, 50, 0);
}

static void flood(uint64_t time, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		add(time, 1, 1000 + i);
}

/*
 * The same id over and over, each time too late: were they kept in one chain, each would
 * cost a walk over all that are remembered. Against as many that share nothing.
 */
static void what_is_too_old_leaves_its_chain(void **state)
{
	const uint32_t n = 4 * TWINS_RECENT;
	clock_t start, spread, same;
	uint64_t i;

	(void)state;
	start = clock();
	flood(1, n);
	spread = clock() - start;
	start = clock();
	for (i = 1; i <= n; i++)
		add(i * (TWINS_NS + 1), i & 1, 1);
	same = clock() - start;
	assert_none();
	assert_true(same < 20 * spread);
}

static void the_last_one_before_a_flood_is_still_known(void **state)
{
	(void)state;
	add(1, 1, 1);
	flood(2, TWINS_RECENT - 1);
	add(3, 2, 1);
	assert_pair(only_pair(), 1, 2, 1, 0);
}

static void a_flood_hides_twins_but_invents_none(void **state)
{
	(void)state;
	add(1, 1, 1);
	flood(2, TWINS_RECENT);
	add(3, 2, 1);
	assert_none();
}

static void what_is_half_forgotten_is_not_counted_again(void **state)
{
	(void)state;
	add(1, 1, 1);
	add(1, 2, 1);
	flood(2, TWINS_RECENT - 1); /* takes the place of NIC 1's copy, not of NIC 2's */
	add(3, 1, 1);
	assert_pair(only_pair(), 1, 2, 1, 0);
	assert_int_equal(twins_total(twins), 1);
}

static void pairs_beyond_the_table_are_summed(void **state)
{
	const struct twins_pair *pairs;
	uint32_t i, copy;
	size_t n, k;

	(void)state;
	for (i = 0; i < TWINS_PAIRS + 50; i++) {
		for (copy = 0; copy < 2 * (1 + (i == 77)); copy++) {
			struct twins_fragment one = fragment(i, 1 + copy % 2, copy / 2);

			one.group[2] = i >> 8;
			one.group[3] = i;
			twins_add(twins, &one);
		}
	}
	pairs = twins_pairs(twins, &n);
	assert_int_equal(n, TWINS_PAIRS);
	assert_int_equal(pairs[0].fragments, 2);
	assert_int_equal(pairs[0].group[3], 77);
	for (k = 1; k < n; k++)
		assert_int_equal(pairs[k].fragments, 1);
	assert_int_equal(twins_total(twins), TWINS_PAIRS + 51);
}

/* --- the reference: every earlier fragment is looked at --- */

struct past {
	struct twins_fragment fragment;
	uint64_t start;
};

static struct past past[STREAM];
static size_t n_past;
static uint64_t want[NICS][NICS][2][2]; /* by NICs, by group; whose copy came first */
static uint64_t want_total;

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static bool same(const struct twins_fragment *a, const struct twins_fragment *b)
{
	return a->family == b->family && a->id == b->id && a->offset == b->offset &&
	       !memcmp(a->group, b->group, 16) && !memcmp(a->source, b->source, 16);
}

static void reference_add(const struct twins_fragment *one)
{
	uint64_t start = one->time;
	bool known = false;
	size_t i;

	for (i = n_past; i-- > 0 && !known;) {
		known = same(&past[i].fragment, one) && apart(past[i].start, one->time) <= TWINS_NS;
		if (known)
			start = past[i].start;
	}
	for (i = 0; known && i < n_past; i++)
		if (same(&past[i].fragment, one) && past[i].start == start &&
		    past[i].fragment.nic == one->nic)
			return;
	for (i = 0; known && i < n_past; i++) {
		const struct twins_fragment *other = &past[i].fragment;
		uint32_t first = one->time < other->time ? one->nic : other->nic;
		uint32_t low = one->nic < other->nic ? one->nic : other->nic;
		uint32_t high = one->nic < other->nic ? other->nic : one->nic;

		if (!same(other, one) || past[i].start != start)
			continue;
		want[low][high][one->group[3] & 1][first == high]++;
		want_total++;
	}
	past[n_past].fragment = *one;
	past[n_past++].start = start;
}

static uint64_t seed = 20240607;

/* xorshift64* (Vigna): the same on every machine. */
static uint32_t below(uint32_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return ((seed * 2685821657736338717ULL) >> 32) * n >> 32;
}

static void compare(void)
{
	const struct twins_pair *pairs;
	uint64_t sum = 0;
	size_t i, n;

	pairs = twins_pairs(twins, &n);
	for (i = 0; i < n; i++) {
		const uint64_t *wanted =
			want[pairs[i].nics[0]][pairs[i].nics[1]][pairs[i].group[3] & 1];

		assert_int_equal(pairs[i].first_on[0], wanted[0]);
		assert_int_equal(pairs[i].first_on[1], wanted[1]);
		assert_int_equal(pairs[i].fragments, wanted[0] + wanted[1]);
		if (i)
			assert_true(pairs[i - 1].fragments >= pairs[i].fragments);
		sum += pairs[i].fragments;
	}
	assert_int_equal(sum, want_total);
	assert_int_equal(twins_total(twins), want_total);
}

/* From nearly no id twice to hardly another, with a clock that now and then lags. */
static void random_streams_are_counted_as_by_the_reference(void **state)
{
	uint64_t time, counted = 0;
	int stream, i;

	for (stream = 0; stream < STREAMS; stream++) {
		uint32_t ids = 2 << stream % 10, step = 1 + (stream % 7) * MS;

		begin(state);
		n_past = want_total = 0;
		memset(want, 0, sizeof(want));
		for (i = 0, time = TWINS_NS; i < STREAM; i++) {
			struct twins_fragment one;

			time += below(step);
			one = fragment(time - (below(8) ? 0 : below(5000)), below(NICS),
				       below(ids));
			one.group[3] = below(2);
			one.offset = below(3) * 1480;
			twins_add(twins, &one);
			reference_add(&one);
		}
		compare();
		counted += want_total;
		end(state);
	}
	assert_true(counted > 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_nic_has_no_twins, begin, end),
		cmocka_unit_test_setup_teardown(who_came_first_is_told, begin, end),
		cmocka_unit_test_setup_teardown(the_clock_tells_who_came_first, begin, end),
		cmocka_unit_test_setup_teardown(further_copies_are_no_further_twins, begin, end),
		cmocka_unit_test_setup_teardown(three_nics_are_three_pairs, begin, end),
		cmocka_unit_test_setup_teardown(any_differing_field_makes_no_twin, begin, end),
		cmocka_unit_test_setup_teardown(in_one_chain_are_no_twins, begin, end),
		cmocka_unit_test_setup_teardown(behind_an_ipv4_address_nothing_counts, begin, end),
		cmocka_unit_test_setup_teardown(an_id_used_again_later_does_not_match, begin, end),
		cmocka_unit_test_setup_teardown(each_use_of_an_id_is_counted_by_itself, begin, end),
		cmocka_unit_test_setup_teardown(what_is_too_old_leaves_its_chain, begin, end),
		cmocka_unit_test_setup_teardown(the_last_one_before_a_flood_is_still_known, begin,
						end),
		cmocka_unit_test_setup_teardown(a_flood_hides_twins_but_invents_none, begin, end),
		cmocka_unit_test_setup_teardown(what_is_half_forgotten_is_not_counted_again, begin,
						end),
		cmocka_unit_test_setup_teardown(pairs_beyond_the_table_are_summed, begin, end),
		cmocka_unit_test(random_streams_are_counted_as_by_the_reference),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
