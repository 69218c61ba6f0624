// SPDX-License-Identifier: GPL-2.0-or-later
/* How a datagram ends, and what is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include "../lib/trace_rig.h"
#include "xdpfrag/event.h"
#include "xdpfrag/verdict.h"

static void one_that_reaches_a_socket_is_delivered(void **state)
{
	const struct trace_told *one;

	(void)state;
	trace_rig_add_all(S, ETH1, 1, XDPFRAG_PASSED);
	trace_rig_add_all(S + 500, ETH0, 1, XDPFRAG_DROPPED);
	trace_rig_queued(S + 10000, ETH1, 1);
	trace_rig_look(S + 50 * MS);
	assert_int_equal(trace_rig.n_told, 0);
	trace_rig_look(S + 200 * MS);
	one = trace_rig_only(END_DELIVERED);
	assert_int_equal(one->datagram.n_rows, 2 * PIECES);
	assert_int_equal(one->datagram.bytes, BYTES);
	assert_int_equal(one->datagram.ended_at, S + 10000);
	assert_int_equal(one->rows[0].nic, ETH1);
	assert_int_equal(one->rows[1].nic, ETH0);
	assert_true(one->rows[4].completes);
	assert_false(one->rows[5].completes || one->rows[5].after || one->rows[5].waits);
}

/* The fault: copies of both in one queue, the wrong one completes it, the last trails. */
static void on_the_wrong_nic_it_is_lost_and_what_trails_is_a_duplicate(void **state)
{
	const struct trace_told *one = &trace_rig.told[0], *other = &trace_rig.told[1];
	unsigned int i;

	(void)state;
	for (i = 0; i < PIECES; i++) {
		trace_rig_add(S + i * 1000, ETH0, 1, i, XDPFRAG_NO_VERDICT);
		trace_rig_add(S + i * 1000 + 10, ETH1, 1, i, XDPFRAG_NO_VERDICT);
	}
	trace_rig_fate(S + 20, ETH1, 1, 0, FRAGMENT, CAUSE_COPY);
	trace_rig_fate(S + 1020, ETH1, 1, 1, FRAGMENT, CAUSE_COPY);
	trace_rig_fate(S + 2005, ETH0, 1, 0, WHOLE, CAUSE_NOT_JOINED);
	trace_rig_look(S + 200 * MS);
	trace_rig_only(END_WRONG_NIC);
	assert_int_equal(one->datagram.whole[0].nic, ETH0);
	assert_string_equal(one->datagram.whole[0].function, "ip_defrag");
	assert_int_equal(one->rows[1].cause, CAUSE_COPY);
	assert_int_equal(one->rows[4].completes, true);
	assert_int_equal(one->rows[4].nic, ETH0);
	assert_true(one->rows[5].after && one->rows[5].waits);
	/* 30 s later, without a device. */
	trace_rig_look(29 * S);
	assert_int_equal(trace_rig.n_told, 1);
	trace_rig_fate(31 * S, ETH1, 1, 2, PURGED, CAUSE_TIMEOUT);
	trace_rig_look(31 * S + 200 * MS);
	assert_int_equal(trace_rig.n_told, 2);
	assert_int_equal(other->datagram.end, END_DUPLICATE);
	assert_true(other->datagram.tail);
	assert_int_equal(other->datagram.n_rows, 1);
	assert_int_equal(other->datagram.ended_at, 31 * S);
	assert_int_equal(trace_sums(trace_rig.trace)->datagrams, 1);
	assert_int_equal(trace_sums(trace_rig.trace)->ends[END_DUPLICATE], 1);
}

static void a_missing_fragment_times_out(void **state)
{
	const struct trace_told *one;

	(void)state;
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_add(S + 1000, ETH1, 1, 2, XDPFRAG_PASSED);
	trace_rig_look(30 * S);
	assert_int_equal(trace_rig.n_told, 0);
	/* The first one keeps its device, and no reason on some kernels: it has waited for long. */
	trace_rig_fate(31 * S, ETH1, 1, 0, FRAGMENT, CAUSE_IN_QUEUE);
	trace_rig_fate(31 * S + 5, ETH1, 1, 2, PURGED, CAUSE_TIMEOUT);
	trace_rig_look(31 * S + 200 * MS);
	one = trace_rig_only(END_TIMEOUT);
	assert_int_equal(one->rows[0].cause, CAUSE_TIMEOUT);
	assert_false(one->rows[0].waits);
	assert_int_equal(one->datagram.ended_at, 31 * S + 5);
}

static void a_timeout_that_nobody_told_of_is_reckoned(void **state)
{
	(void)state;
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_look(31 * S + 500 * MS);
	assert_int_equal(trace_rig.n_told, 0);
	trace_rig_look(32 * S);
	trace_rig_only(END_TIMEOUT);
}

static void one_put_together_by_the_agent_is_rebuilt(void **state)
{
	const struct trace_told *one;

	(void)state;
	trace_rig_add(S, ETH0, 1, 0, XDPFRAG_REASSEMBLED);
	trace_rig_add(S + 1000, ETH1, 1, 1, XDPFRAG_REASSEMBLED);
	trace_rig_add(S + 2000, ETH0, 1, 2, XDPFRAG_REASSEMBLED);
	trace_rig_add(S + 3000, ETH1, 1, 2, XDPFRAG_REASSEMBLED);
	trace_rig_fate(S + 4000, ETH1, 1, 0, WHOLE | XDPFRAG_FATE_QUEUED | XDPFRAG_FATE_INJECTED,
		       CAUSE_NONE);
	trace_rig_look(S + 200 * MS);
	one = trace_rig_only(END_REBUILT);
	assert_true(one->rows[2].completes);
	assert_true(one->rows[3].after);
	assert_false(one->rows[3].waits);
}

static void the_agent_waits_no_longer_than_it_does(void **state)
{
	(void)state;
	trace_rig_add(S, ETH0, 1, 0, XDPFRAG_REASSEMBLED);
	trace_rig_look(1900 * MS);
	assert_int_equal(trace_rig.n_told, 0);
	trace_rig_look(2 * S);
	trace_rig_only(END_TIMEOUT);
}

static void an_overlap_ends_the_queue(void **state)
{
	const struct trace_told *one;

	(void)state;
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_add(S + 1000, ETH1, 1, 1, XDPFRAG_PASSED);
	trace_rig_fate(S + 1010, ETH1, 1, 1, FRAGMENT, CAUSE_IN_QUEUE);
	trace_rig_look(S + 200 * MS);
	one = trace_rig_only(END_DISCARDED);
	assert_int_equal(one->rows[1].cause, CAUSE_DISCARDED);
	assert_false(one->rows[0].waits);
}

/* Before 6.2 what waited goes without a reason too, and not because of its age. */
static void what_waited_is_given_up_with_the_queue(void **state)
{
	const struct trace_told *one;

	(void)state;
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_add(S + 500 * MS, ETH1, 1, 1, XDPFRAG_PASSED);
	trace_rig_fate(S + 500 * MS + 10, ETH1, 1, 1, FRAGMENT, CAUSE_IN_QUEUE);
	trace_rig_fate(S + 500 * MS + 20, ETH1, 1, 0, PURGED, CAUSE_IN_QUEUE);
	trace_rig_look(S + 700 * MS);
	one = trace_rig_only(END_DISCARDED);
	assert_int_equal(one->rows[0].cause, CAUSE_DISCARDED);
}

/* Before 6.2 a copy is dropped without a reason. */
static void a_copy_is_known_without_a_reason(void **state)
{
	const struct trace_told *one;

	(void)state;
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_add(S + 10, ETH0, 1, 0, XDPFRAG_PASSED);
	trace_rig_fate(S + 20, ETH0, 1, 0, FRAGMENT, CAUSE_IN_QUEUE);
	trace_rig_add(S + 1000, ETH1, 1, 1, XDPFRAG_PASSED);
	trace_rig_add(S + 2000, ETH1, 1, 2, XDPFRAG_PASSED);
	trace_rig_queued(S + 3000, ETH1, 1);
	trace_rig_look(S + 200 * MS);
	one = trace_rig_only(END_DELIVERED);
	assert_int_equal(one->rows[0].cause, CAUSE_NONE);
	assert_int_equal(one->rows[1].cause, CAUSE_COPY);
}

static void fragments_that_nobody_joined_are_lost_one_by_one(void **state)
{
	unsigned int i;

	(void)state;
	trace_rig_add_all(S, ETH0, 1, XDPFRAG_NO_VERDICT);
	for (i = 0; i < PIECES; i++)
		trace_rig_fate(S + i * 1000 + 5, ETH0, 1, i,
			       XDPFRAG_FATE_FRAGMENT | XDPFRAG_FATE_OURS, CAUSE_NOT_JOINED);
	trace_rig_look(S + 200 * MS);
	trace_rig_only(END_WRONG_NIC);
}

static void what_the_policy_keeps_out_has_an_end(void **state)
{
	(void)state;
	trace_rig_add_all(S, ETH0, 1, XDPFRAG_DROPPED);
	trace_rig_look(S + 200 * MS);
	trace_rig_only(END_POLICY);
}

static void a_full_socket_drops(void **state)
{
	const struct trace_told *one;

	(void)state;
	trace_rig_add_all(S, ETH1, 1, XDPFRAG_PASSED);
	trace_rig_fate(S + 3000, ETH1, 1, 0, WHOLE | XDPFRAG_FATE_LOCAL, CAUSE_BUFFER_FULL);
	trace_rig_look(S + 200 * MS);
	one = trace_rig_only(END_DROPPED);
	assert_int_equal(one->datagram.whole[0].cause, CAUSE_BUFFER_FULL);
}

static void one_socket_of_two_is_delivered(void **state)
{
	(void)state;
	trace_rig_add_all(S, ETH1, 1, XDPFRAG_PASSED);
	trace_rig_fate(S + 3000, ETH1, 1, 0, WHOLE | XDPFRAG_FATE_LOCAL, CAUSE_BUFFER_FULL);
	trace_rig_queued(S + 3001, ETH1, 1);
	trace_rig_look(S + 200 * MS);
	assert_int_equal(trace_rig_only(END_DELIVERED)->datagram.n_whole, 2);
}

static void whole_and_unseen_is_given_a_second(void **state)
{
	(void)state;
	trace_rig_add_all(S, ETH1, 1, XDPFRAG_PASSED);
	trace_rig_look(S + 900 * MS);
	assert_int_equal(trace_rig.n_told, 0);
	trace_rig_look(2 * S + MS);
	trace_rig_only(END_DELIVERED);
	/* Where nothing of the stack is seen there is nothing to be said. */
	trace_rig_open(false);
	trace_rig_add_all(S, ETH1, 1, XDPFRAG_PASSED);
	trace_rig_look(2 * S + MS);
	trace_rig_only(END_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, trace_rig_begin, trace_rig_end)
		TEST(one_that_reaches_a_socket_is_delivered),
		TEST(on_the_wrong_nic_it_is_lost_and_what_trails_is_a_duplicate),
		TEST(a_missing_fragment_times_out),
		TEST(a_timeout_that_nobody_told_of_is_reckoned),
		TEST(one_put_together_by_the_agent_is_rebuilt),
		TEST(the_agent_waits_no_longer_than_it_does),
		TEST(an_overlap_ends_the_queue),
		TEST(what_waited_is_given_up_with_the_queue),
		TEST(a_copy_is_known_without_a_reason),
		TEST(fragments_that_nobody_joined_are_lost_one_by_one),
		TEST(what_the_policy_keeps_out_has_an_end),
		TEST(a_full_socket_drops),
		TEST(one_socket_of_two_is_delivered),
		TEST(whole_and_unseen_is_given_a_second),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
