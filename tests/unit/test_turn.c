// SPDX-License-Identifier: GPL-2.0-or-later
/* Which groups' path changes from one policy to the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "datapath/turn.h"

#define GROUPS 8
#define WITH   (XDPFRAG_F_POLICY | XDPFRAG_F_REASSEMBLE)

/* Of both families: a group's number stands in the last byte of its address. */
static void add(struct policy_set *set, uint8_t group, uint8_t len, uint8_t flags)
{
	struct xdpfrag_group4 *entry4 = &set->groups4[set->n4++];
	struct xdpfrag_group6 *entry6 = &set->groups6[set->n6++];
	uint8_t group4[4] = { 239, 0, 0, group }, group6[16] = { 0xff, 0x3e, [15] = group };

	memcpy(&entry4->group, group4, sizeof(group4));
	memcpy(&entry6->group, group6, sizeof(group6));
	entry4->policy = (struct xdpfrag_policy){ .len = len, .flags = flags };
	entry6->policy = (struct xdpfrag_policy){ .len = 96 + len, .flags = flags };
}

static void begin(struct policy_set *set)
{
	memset(set, 0, sizeof(*set));
	set->groups4 = calloc(GROUPS, sizeof(*set->groups4));
	set->groups6 = calloc(GROUPS, sizeof(*set->groups6));
	assert_non_null(set->groups4);
	assert_non_null(set->groups6);
}

static void build(struct table *table, struct policy_set *set)
{
	assert_int_equal(table_build(table, set, TABLE_BITS_MIN, TABLE_BITS_MIN), 0);
	policy_set_free(set);
}

static bool is_marked(const struct table *table, uint8_t group, uint8_t len)
{
	uint8_t group4[4] = { 239, 0, 0, group }, group6[16] = { 0xff, 0x3e, [15] = group };
	const struct xdpfrag_group4 *entry4;
	const struct xdpfrag_group6 *entry6;
	__u64 words[2], none[2] = {};
	uint32_t word;

	memcpy(&word, group4, sizeof(word));
	memcpy(words, group6, sizeof(words));
	entry4 = table_find4(&table->half, table->groups4, table->bits4, word, 0, len);
	entry6 = table_find6(&table->half, table->groups6, table->bits6, words, none, 96 + len);
	assert_non_null(entry4);
	assert_non_null(entry6);
	assert_int_equal(entry4->policy.flags & XDPFRAG_F_TURN,
			 entry6->policy.flags & XDPFRAG_F_TURN);
	return entry4->policy.flags & XDPFRAG_F_TURN;
}

/* Group 1 stays, 2 goes, 3 loses the word, 4 comes, 5 gets the word; 6 never had it. */
static void open_tables(struct table *before, struct table *after)
{
	struct policy_set set;

	begin(&set);
	add(&set, 1, 32, WITH);
	add(&set, 2, 32, WITH);
	add(&set, 3, 32, WITH);
	add(&set, 5, 32, XDPFRAG_F_POLICY);
	add(&set, 6, 32, XDPFRAG_F_POLICY);
	build(before, &set);
	begin(&set);
	add(&set, 1, 32, WITH | XDPFRAG_F_SCOPE_ALL);
	add(&set, 3, 32, XDPFRAG_F_POLICY);
	add(&set, 4, 32, WITH);
	add(&set, 5, 32, WITH);
	add(&set, 6, 32, XDPFRAG_F_POLICY);
	build(after, &set);
}

static void what_ends_is_marked(void **state)
{
	struct table before, after;

	(void)state;
	open_tables(&before, &after);
	assert_int_equal(turn_mark(&before, &after), 2 * 2);
	assert_false(is_marked(&before, 1, 32));
	assert_true(is_marked(&before, 2, 32));
	assert_true(is_marked(&before, 3, 32));
	assert_false(is_marked(&before, 5, 32));
	assert_false(is_marked(&before, 6, 32));
	table_free(&before);
	table_free(&after);
}

static void what_begins_is_marked(void **state)
{
	struct table before, after;

	(void)state;
	open_tables(&before, &after);
	assert_int_equal(turn_mark(&after, &before), 2 * 2);
	assert_false(is_marked(&after, 1, 32));
	assert_false(is_marked(&after, 3, 32));
	assert_true(is_marked(&after, 4, 32));
	assert_true(is_marked(&after, 5, 32));
	table_free(&before);
	table_free(&after);
}

static void all_ends_where_nothing_follows(void **state)
{
	struct table before, after;

	(void)state;
	open_tables(&before, &after);
	assert_int_equal(turn_mark_all(&before), 3 * 2);
	assert_true(is_marked(&before, 1, 32));
	assert_false(is_marked(&before, 6, 32));
	table_free(&before);
	table_free(&after);
}

/* A prefix and a group in it are two: whichever of them loses the word. */
static void a_prefix_is_not_its_group(void **state)
{
	struct table before, after;
	struct policy_set set;

	(void)state;
	begin(&set);
	add(&set, 0, 24, WITH);
	add(&set, 1, 32, WITH);
	build(&before, &set);
	begin(&set);
	add(&set, 0, 24, WITH);
	add(&set, 1, 32, XDPFRAG_F_POLICY);
	build(&after, &set);
	assert_int_equal(turn_mark(&before, &after), 2);
	assert_false(is_marked(&before, 0, 24));
	assert_true(is_marked(&before, 1, 32));
	table_free(&before);
	table_free(&after);
}

static void marks_go_and_leave_the_rest_as_it_was(void **state)
{
	struct table before, after, copy, other;

	(void)state;
	open_tables(&before, &after);
	open_tables(&copy, &other);
	turn_mark_all(&before);
	turn_unmark(&before);
	assert_memory_equal(before.groups4, copy.groups4,
			    table_slots(before.bits4) * sizeof(*before.groups4));
	assert_memory_equal(before.groups6, copy.groups6,
			    table_slots(before.bits6) * sizeof(*before.groups6));
	table_free(&before);
	table_free(&copy);
	table_free(&other);
	table_free(&after);
}

static void without_a_worker_there_is_no_turn(void **state)
{
	struct xdpfrag_credit worker = {};

	(void)state;
	assert_false(turn_matters(&worker));
	worker.deadline = 1; /* late, but there */
	assert_true(turn_matters(&worker));
}

/* A group in a prefix that is reassembled comes, and goes: the prefix changes for it. */
static void a_group_takes_itself_out_of_a_prefix(void **state)
{
	struct table without, with;
	struct policy_set set;

	(void)state;
	begin(&set);
	add(&set, 0, 24, WITH);
	add(&set, 0, 16, WITH);
	add(&set, 3, 32, WITH);
	build(&without, &set);
	begin(&set);
	add(&set, 0, 24, WITH);
	add(&set, 0, 16, WITH);
	add(&set, 3, 32, WITH);
	add(&set, 1, 32, XDPFRAG_F_POLICY);
	build(&with, &set);
	/* It comes: for its packets reassembly by the /24 ends, and begins for none. */
	assert_int_equal(turn_mark(&without, &with), 2);
	assert_true(is_marked(&without, 0, 24));
	assert_int_equal(turn_mark(&with, &without), 0);
	turn_unmark(&without);
	/* It goes, the other way round. */
	assert_int_equal(turn_mark(&with, &without), 0);
	assert_int_equal(turn_mark(&without, &with), 2);
	assert_true(is_marked(&without, 0, 24));
	assert_false(is_marked(&without, 0, 16));
	assert_false(is_marked(&without, 3, 32));
	table_free(&without);
	table_free(&with);
}

/* One source of a group, with and without. */
static void a_source_takes_itself_out_of_a_group(void **state)
{
	struct table without, with;
	struct policy_set set;

	(void)state;
	begin(&set);
	add(&set, 1, 32, WITH);
	build(&without, &set);
	begin(&set);
	add(&set, 1, 32, WITH);
	add(&set, 1, 32, XDPFRAG_F_POLICY);
	set.groups4[1].source = 1;
	set.groups6[1].source[1] = 1;
	build(&with, &set);
	assert_int_equal(turn_mark(&without, &with), 2);
	assert_true(is_marked(&without, 1, 32));
	assert_int_equal(turn_mark(&with, &without), 0);
	table_free(&without);
	table_free(&with);
}

/* A group that a prefix reassembles as well: nothing changes with it. */
static void one_for_another_that_does_the_same_is_no_change(void **state)
{
	struct table without, with;
	struct policy_set set;

	(void)state;
	begin(&set);
	add(&set, 0, 24, WITH);
	build(&without, &set);
	begin(&set);
	add(&set, 0, 24, WITH);
	add(&set, 1, 32, WITH);
	build(&with, &set);
	assert_int_equal(turn_mark(&without, &with), 0);
	assert_int_equal(turn_mark(&with, &without), 0);
	table_free(&without);
	table_free(&with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ends_is_marked),
		cmocka_unit_test(what_begins_is_marked),
		cmocka_unit_test(all_ends_where_nothing_follows),
		cmocka_unit_test(a_prefix_is_not_its_group),
		cmocka_unit_test(marks_go_and_leave_the_rest_as_it_was),
		cmocka_unit_test(a_group_takes_itself_out_of_a_prefix),
		cmocka_unit_test(a_source_takes_itself_out_of_a_group),
		cmocka_unit_test(one_for_another_that_does_the_same_is_no_change),
		cmocka_unit_test(without_a_worker_there_is_no_turn),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
