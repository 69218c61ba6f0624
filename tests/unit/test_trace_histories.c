// SPDX-License-Identifier: GPL-2.0-or-later
/* Which history a fragment or a fate is part of, and how many are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/socket.h>

#include "../lib/trace_rig.h"
#include "xdpfrag/event.h"
#include "xdpfrag/verdict.h"

/* --- copies and ids that come later --- */

static void a_late_copy_is_a_duplicate(void **state)
{
	(void)state;
	trace_rig_add_all(S, ETH1, 1, XDPFRAG_PASSED);
	trace_rig_queued(S + 5000, ETH1, 1);
	trace_rig_look(S + 200 * MS);
	trace_rig_add_all(S + 300 * MS, ETH0, 1, XDPFRAG_DROPPED);
	trace_rig_look(S + 500 * MS);
	assert_int_equal(trace_rig.n_told, 2);
	assert_int_equal(trace_rig.told[1].datagram.end, END_DUPLICATE);
	assert_int_equal(trace_sums(trace_rig.trace)->datagrams, 1);
}

static void an_id_used_again_is_another_datagram(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		trace_rig_add_all(S + i * 300 * MS, ETH1, 1, XDPFRAG_PASSED);
		trace_rig_queued(S + i * 300 * MS + 5000, ETH1, 1);
		trace_rig_look(S + i * 300 * MS + 200 * MS);
	}
	assert_int_equal(trace_rig.n_told, 3);
	assert_int_equal(trace_rig.told[2].datagram.end, END_DELIVERED);
	assert_false(trace_rig.told[2].datagram.tail);
	assert_int_equal(trace_sums(trace_rig.trace)->datagrams, 3);
}

/* --- IPv6: the NIC is part of the stack's key, and a whole datagram has no id --- */

static void ipv6_copies_are_datagrams_of_their_own(void **state)
{
	const struct trace_told *one;

	(void)state;
	trace_rig.family = AF_INET6;
	trace_rig_add_all(S, ETH0, 0x12345678, XDPFRAG_NO_VERDICT);
	trace_rig_add_all(S + 500, ETH1, 0x12345678, XDPFRAG_NO_VERDICT);
	trace_rig_fate(S + 2100, ETH0, 0, 0, WHOLE | XDPFRAG_FATE_ROUTED, CAUSE_NOT_JOINED);
	trace_rig_queued(S + 3000, ETH1, 0);
	trace_rig_look(S + 200 * MS);
	one = trace_rig_only(END_DELIVERED);
	assert_int_equal(one->datagram.n_whole, 2);
	assert_true(one->rows[4].completes && one->rows[5].completes);
	assert_false(one->rows[5].after);
}

static void ipv6_fates_find_the_datagram_that_was_whole_last(void **state)
{
	size_t i;

	(void)state;
	trace_rig.family = AF_INET6;
	for (i = 0; i < 3; i++) {
		trace_rig_add_all(S + i * 10000, ETH1, i, XDPFRAG_PASSED);
		trace_rig_queued(S + i * 10000 + 5000, ETH1, 0);
	}
	/* They are read later, in their order. */
	for (i = 0; i < 2; i++)
		trace_rig_fate(S + 50 * MS + i, ETH1, 0, 0, WHOLE | XDPFRAG_FATE_READ, CAUSE_NONE);
	trace_rig_look(S + 200 * MS);
	assert_int_equal(trace_rig.n_told, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(trace_rig.told[i].datagram.id, i);
		assert_int_equal(trace_rig.told[i].datagram.whole[0].time, S + i * 10000 + 5000);
		assert_int_equal(trace_rig.told[i].datagram.n_whole, i < 2 ? 2 : 1);
	}
}

static void ipv6_of_which_the_right_copy_times_out(void **state)
{
	(void)state;
	trace_rig.family = AF_INET6;
	trace_rig_add_all(S, ETH0, 1, XDPFRAG_NO_VERDICT);
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_NO_VERDICT);
	trace_rig_fate(S + 3000, ETH0, 0, 0, WHOLE | XDPFRAG_FATE_ROUTED, CAUSE_NOT_JOINED);
	trace_rig_look(2 * S);
	assert_int_equal(trace_rig.n_told, 0);
	trace_rig_fate(61 * S, ETH1, 1, 0, PURGED, CAUSE_TIMEOUT);
	trace_rig_look(61 * S + 200 * MS);
	trace_rig_only(END_TIMEOUT);
}

/* --- whose fates --- */

static void fates_of_other_hosts_are_not_believed(void **state)
{
	(void)state;
	trace_rig_add_all(S, ETH1, 1, XDPFRAG_PASSED);
	/* Another NIC, and nothing else that says whose it is. */
	trace_rig_fate(S + 200 * MS, 9, 1, 0, PURGED, CAUSE_TIMEOUT);
	trace_rig_fate(S + 5000, 9, 1, 0, XDPFRAG_FATE_LOCAL, CAUSE_CLOSED);
	/* A datagram that was never seen. */
	trace_rig_fate(S + 5000, ETH1, 2, 0, WHOLE, CAUSE_NOT_JOINED);
	trace_rig_queued(S + 6000, ETH1, 1);
	trace_rig_look(S + 200 * MS);
	assert_int_equal(trace_rig_only(END_DELIVERED)->datagram.n_whole, 1);
	assert_int_equal(trace_rig.told[0].rows[0].cause, CAUSE_NONE);
}

/* The trace began between the fragments of one and those of another with its id, or its copies. */
static void what_was_whole_before_is_another_datagram(void **state)
{
	(void)state;
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_queued(S - 1000, ETH1, 1);
	trace_flush(trace_rig.trace);
	assert_int_equal(trace_rig_only(END_OPEN)->datagram.n_whole, 0);
}

/* The fragment that waits behind the completion goes on doing so. */
static void what_is_read_late_is_not_the_tail(void **state)
{
	const struct trace_told *tail = &trace_rig.told[1];

	(void)state;
	trace_rig_add_all(S, ETH1, 1, XDPFRAG_NO_VERDICT);
	trace_rig_add(S + 5000, ETH0, 1, 2, XDPFRAG_NO_VERDICT);
	trace_rig_queued(S + 6000, ETH1, 1);
	trace_rig_look(S + 200 * MS);
	trace_rig_only(END_DELIVERED);
	trace_rig_fate(S + 300 * MS, ETH1, 1, 0, WHOLE | XDPFRAG_FATE_READ, CAUSE_NONE);
	trace_rig_look(S + 500 * MS);
	assert_int_equal(trace_rig.n_told, 1);
	trace_rig_fate(31 * S, ETH0, 1, 2, PURGED, CAUSE_TIMEOUT);
	trace_rig_look(31 * S + 200 * MS);
	assert_int_equal(trace_rig.n_told, 2);
	assert_int_equal(tail->datagram.end, END_DUPLICATE);
	assert_int_equal(tail->datagram.n_whole, 0);
}

/* One that becomes whole again has fates of its own. */
static void a_tail_that_is_whole_again_is_delivered_again(void **state)
{
	const struct trace_told *tail = &trace_rig.told[1];

	(void)state;
	trace_rig_add_all(S, ETH1, 1, XDPFRAG_NO_VERDICT);
	trace_rig_queued(S + 6000, ETH1, 1);
	trace_rig_look(S + 200 * MS);
	trace_rig_only(END_DELIVERED);
	trace_rig_add_all(S + 300 * MS, ETH0, 1, XDPFRAG_NO_VERDICT);
	trace_rig_queued(S + 301 * MS, ETH0, 1);
	trace_rig_look(S + 500 * MS);
	assert_int_equal(trace_rig.n_told, 2);
	assert_true(tail->datagram.tail);
	assert_int_equal(tail->datagram.end, END_DELIVERED);
	assert_int_equal(tail->datagram.whole[0].time, S + 301 * MS);
}

/* The stack says eth0.5 where XDP saw eth0. */
static void a_vlan_devices_drop_is_its_nics(void **state)
{
	(void)state;
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_fate(S + 10, 17, 1, 0, XDPFRAG_FATE_FRAGMENT | XDPFRAG_FATE_OURS, CAUSE_OTHER);
	trace_rig_look(S + 200 * MS);
	assert_int_equal(trace_rig_only(END_DROPPED)->rows[0].cause, CAUSE_OTHER);
}

/* In generic mode XDP's own drop is the stack's too. */
static void a_taken_fragment_has_no_fate(void **state)
{
	(void)state;
	trace_rig_add(S, ETH0, 1, 0, XDPFRAG_DROPPED);
	trace_rig_add(S + 5, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_fate(S + 10, ETH0, 1, 0, XDPFRAG_FATE_FRAGMENT | XDPFRAG_FATE_OURS, CAUSE_OTHER);
	trace_flush(trace_rig.trace);
	assert_int_equal(trace_rig_only(END_OPEN)->rows[0].dropped_at, 0);
	assert_int_equal(trace_rig.told[0].rows[1].dropped_at, 0);
}

/* --- bounds --- */

static void rows_are_in_the_order_of_time(void **state)
{
	const struct trace_told *one;
	size_t i;

	(void)state;
	trace_rig_add(S + 2000, ETH1, 1, 2, XDPFRAG_PASSED);
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_add(S + 1000, ETH1, 1, 1, XDPFRAG_PASSED);
	trace_rig_queued(S + 3000, ETH1, 1);
	trace_rig_look(S + 200 * MS);
	one = trace_rig_only(END_DELIVERED);
	for (i = 0; i < PIECES; i++)
		assert_int_equal(one->rows[i].offset, i * PIECE);
	assert_true(one->rows[2].completes);
}

static void one_datagram_does_not_take_all_the_room(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < TRACE_ROWS_EACH + 10; i++)
		trace_rig_add(S + i, ETH0, 1, 0, XDPFRAG_DROPPED);
	trace_rig_look(2 * S);
	assert_int_equal(trace_rig_only(END_POLICY)->datagram.n_rows, TRACE_ROWS_EACH);
	assert_int_equal(trace_rig.told[0].datagram.rows_left_out, 10);
}

static void a_flood_forgets_the_oldest_and_counts_them(void **state)
{
	const uint32_t sent = TRACE_DATAGRAMS + 1000;
	uint32_t id;

	(void)state;
	for (id = 0; id < sent; id++)
		trace_rig_add(S + id, ETH1, id, 0, XDPFRAG_PASSED);
	assert_int_equal(trace_sums(trace_rig.trace)->forgotten, 1000);
	assert_int_equal(trace_sums(trace_rig.trace)->datagrams, sent);
	trace_flush(trace_rig.trace);
	assert_int_equal(trace_rig.n_told, TRACE_DATAGRAMS);
	assert_int_equal(trace_rig.told[0].datagram.id, 1000);
	assert_int_equal(trace_sums(trace_rig.trace)->ends[END_OPEN], TRACE_DATAGRAMS);
}

/* Whatever comes in whatever order: nothing leaks, and everything is counted once. */
static void random_streams_add_up(void **state)
{
	uint64_t ends = 0, now = S;
	int i, how;

	(void)state;
	srandom(1);
	for (i = 0; i < 100000; i++) {
		uint32_t nic = ETH0 + random() % 2, id = random() % 3000;
		unsigned int piece = random() % PIECES;

		now += random() % 100000;
		trace_rig.family = random() % 4 ? AF_INET : AF_INET6;
		if (random() % 3)
			trace_rig_add(now, nic, id, piece,
				      random() % 6 ? random() % 5 : XDPFRAG_NO_VERDICT);
		else
			trace_rig_fate(now, nic, id, piece, random(), random() % (CAUSE_OTHER + 1));
		if (random() % 100 == 0)
			trace_rig_look(now);
	}
	trace_flush(trace_rig.trace);
	for (how = 0; how < TRACE_ENDS; how++)
		ends += trace_sums(trace_rig.trace)->ends[how];
	assert_int_equal(ends, trace_rig.n_told);
	assert_true(ends + trace_sums(trace_rig.trace)->forgotten >=
		    trace_sums(trace_rig.trace)->datagrams);
	/* All of its memory is there again. */
	trace_rig.n_told = 0;
	trace_rig.family = AF_INET;
	for (i = 0; i < TRACE_DATAGRAMS; i++)
		trace_rig_add_all(now + 10 * S, ETH1, i, XDPFRAG_DROPPED);
	trace_flush(trace_rig.trace);
	assert_int_equal(trace_rig.n_told, TRACE_DATAGRAMS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, trace_rig_begin, trace_rig_end)
		TEST(a_late_copy_is_a_duplicate),
		TEST(an_id_used_again_is_another_datagram),
		TEST(ipv6_copies_are_datagrams_of_their_own),
		TEST(ipv6_fates_find_the_datagram_that_was_whole_last),
		TEST(ipv6_of_which_the_right_copy_times_out),
		TEST(fates_of_other_hosts_are_not_believed),
		TEST(what_was_whole_before_is_another_datagram),
		TEST(what_is_read_late_is_not_the_tail),
		TEST(a_tail_that_is_whole_again_is_delivered_again),
		TEST(a_vlan_devices_drop_is_its_nics),
		TEST(a_taken_fragment_has_no_fate),
		TEST(rows_are_in_the_order_of_time),
		TEST(one_datagram_does_not_take_all_the_room),
		TEST(a_flood_forgets_the_oldest_and_counts_them),
		TEST(random_streams_add_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
