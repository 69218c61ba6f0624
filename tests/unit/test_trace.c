// SPDX-License-Identifier: GPL-2.0-or-later
/* Histories of datagrams: how each ends, what is told of it, and what a flood does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/trace_datagram.h"
#include "xdpfrag/event.h"
#include "xdpfrag/verdict.h"

#define MS	1000000ULL
#define S	(1000 * MS)
#define ETH0	2
#define ETH1	3
#define PIECE	1480
#define PIECES	3 /* the last one is shorter */
#define LAST	200
#define BYTES	(2 * PIECE + LAST)
#define HISTORY 64

#define FRAGMENT (XDPFRAG_FATE_FRAGMENT | XDPFRAG_FATE_LOCAL | XDPFRAG_FATE_OURS)
#define PURGED	 (XDPFRAG_FATE_FRAGMENT | XDPFRAG_FATE_LOCAL)
#define WHOLE	 (XDPFRAG_FATE_OURS)

/* What was reported, with copies of the rows. */
struct told {
	struct trace_datagram datagram;
	struct trace_row rows[16];
};

static struct trace *trace;
static struct told told[HISTORY];
static size_t n_told;
static uint8_t family = AF_INET;

static void on_ended(const struct trace_datagram *datagram, void *arg)
{
	const struct trace_row *row;
	struct told *to = &told[n_told < HISTORY ? n_told : HISTORY - 1];
	size_t n = 0;

	assert_ptr_equal(arg, told);
	to->datagram = *datagram;
	for (row = datagram->rows; row && n < 16; row = row->next)
		to->rows[n++] = *row;
	n_told++;
}

static void open_trace(bool stack_seen)
{
	struct trace_setup setup = { .stack_seen = stack_seen,
				     .timeout4 = 30 * S,
				     .timeout6 = 60 * S,
				     .timeout_agent = S,
				     .ended = on_ended,
				     .arg = told };

	trace_free(trace);
	trace = trace_new(&setup);
	assert_non_null(trace);
	n_told = 0;
	family = AF_INET;
}

static int begin(void **state)
{
	(void)state;
	open_trace(true);
	return 0;
}

static int end(void **state)
{
	(void)state;
	trace_free(trace);
	trace = NULL;
	return 0;
}

static const uint8_t group4[16] = { 239, 0, 0, 15 }, source4[16] = { 10, 84, 0, 73 };
static const uint8_t group6[16] = { 0xff, 0x3e, [15] = 15 }, source6[16] = { 0xfd, [15] = 73 };

static void add(uint64_t time, uint32_t nic, uint32_t id, unsigned int piece, uint8_t verdict)
{
	struct trace_fragment fragment = { .time = time,
					   .nic = nic,
					   .id = id,
					   .stack_id = id,
					   .offset = piece * PIECE,
					   .len = piece == PIECES - 1 ? LAST : PIECE,
					   .more = piece < PIECES - 1,
					   .family = family,
					   .proto = 17,
					   .verdict = verdict,
					   .group = family == AF_INET ? group4 : group6,
					   .source = family == AF_INET ? source4 : source6 };

	trace_add_fragment(trace, &fragment);
}

static void fate(uint64_t time, uint32_t nic, uint32_t id, unsigned int piece, uint8_t flags,
		 enum trace_cause cause)
{
	bool whole = !(flags & XDPFRAG_FATE_FRAGMENT);
	struct xdpfrag_fate fate = { .time = time,
				     .dev = flags & XDPFRAG_FATE_OURS ? nic : 0,
				     .iif = nic,
				     .id = whole && family == AF_INET6 ? 0 : id,
				     .offset = piece * PIECE,
				     .len = whole ? BYTES : PIECE,
				     .family = family,
				     .proto = 17,
				     .flags = flags,
				     .function = "ip_defrag.isra.0" };

	memcpy(fate.group, family == AF_INET ? group4 : group6, 16);
	memcpy(fate.source, family == AF_INET ? source4 : source6, 16);
	trace_add_fate(trace, &fate, cause);
}

static void queued(uint64_t time, uint32_t nic, uint32_t id)
{
	fate(time, nic, id, 0, WHOLE | XDPFRAG_FATE_QUEUED, CAUSE_NONE);
}

/* All pieces on one NIC, a microsecond after each other. */
static void add_all(uint64_t time, uint32_t nic, uint32_t id, uint8_t verdict)
{
	unsigned int i;

	for (i = 0; i < PIECES; i++)
		add(time + i * 1000, nic, id, i, verdict);
}

static const struct told *only(enum trace_end how)
{
	assert_int_equal(n_told, 1);
	assert_string_equal(trace_end_names[told[0].datagram.end], trace_end_names[how]);
	return &told[0];
}

/* --- ends --- */

static void one_that_reaches_a_socket_is_delivered(void **state)
{
	const struct told *one;

	(void)state;
	add_all(S, ETH1, 1, XDPFRAG_PASSED);
	add_all(S + 500, ETH0, 1, XDPFRAG_DROPPED);
	queued(S + 10000, ETH1, 1);
	trace_look(trace, S + 50 * MS);
	assert_int_equal(n_told, 0);
	trace_look(trace, S + 200 * MS);
	one = only(END_DELIVERED);
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
	const struct told *one = &told[0], *other = &told[1];
	unsigned int i;

	(void)state;
	for (i = 0; i < PIECES; i++) {
		add(S + i * 1000, ETH0, 1, i, XDPFRAG_NO_VERDICT);
		add(S + i * 1000 + 10, ETH1, 1, i, XDPFRAG_NO_VERDICT);
	}
	fate(S + 20, ETH1, 1, 0, FRAGMENT, CAUSE_COPY);
	fate(S + 1020, ETH1, 1, 1, FRAGMENT, CAUSE_COPY);
	fate(S + 2005, ETH0, 1, 0, WHOLE, CAUSE_NOT_JOINED);
	trace_look(trace, S + 200 * MS);
	only(END_WRONG_NIC);
	assert_int_equal(one->datagram.whole[0].nic, ETH0);
	assert_string_equal(one->datagram.whole[0].function, "ip_defrag");
	assert_int_equal(one->rows[1].cause, CAUSE_COPY);
	assert_int_equal(one->rows[4].completes, true);
	assert_int_equal(one->rows[4].nic, ETH0);
	assert_true(one->rows[5].after && one->rows[5].waits);
	/* 30 s later, without a device. */
	trace_look(trace, 29 * S);
	assert_int_equal(n_told, 1);
	fate(31 * S, ETH1, 1, 2, PURGED, CAUSE_TIMEOUT);
	trace_look(trace, 31 * S + 200 * MS);
	assert_int_equal(n_told, 2);
	assert_int_equal(other->datagram.end, END_DUPLICATE);
	assert_true(other->datagram.tail);
	assert_int_equal(other->datagram.n_rows, 1);
	assert_int_equal(other->datagram.ended_at, 31 * S);
	assert_int_equal(trace_sums(trace)->datagrams, 1);
	assert_int_equal(trace_sums(trace)->ends[END_DUPLICATE], 1);
}

static void a_missing_fragment_times_out(void **state)
{
	const struct told *one;

	(void)state;
	add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	add(S + 1000, ETH1, 1, 2, XDPFRAG_PASSED);
	trace_look(trace, 30 * S);
	assert_int_equal(n_told, 0);
	/* The first one keeps its device, and no reason on some kernels: it has waited for long. */
	fate(31 * S, ETH1, 1, 0, FRAGMENT, CAUSE_IN_QUEUE);
	fate(31 * S + 5, ETH1, 1, 2, PURGED, CAUSE_TIMEOUT);
	trace_look(trace, 31 * S + 200 * MS);
	one = only(END_TIMEOUT);
	assert_int_equal(one->rows[0].cause, CAUSE_TIMEOUT);
	assert_false(one->rows[0].waits);
	assert_int_equal(one->datagram.ended_at, 31 * S + 5);
}

static void a_timeout_that_nobody_told_of_is_reckoned(void **state)
{
	(void)state;
	add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_look(trace, 31 * S + 500 * MS);
	assert_int_equal(n_told, 0);
	trace_look(trace, 32 * S);
	only(END_TIMEOUT);
}

static void one_put_together_by_the_agent_is_rebuilt(void **state)
{
	const struct told *one;

	(void)state;
	add(S, ETH0, 1, 0, XDPFRAG_REASSEMBLED);
	add(S + 1000, ETH1, 1, 1, XDPFRAG_REASSEMBLED);
	add(S + 2000, ETH0, 1, 2, XDPFRAG_REASSEMBLED);
	add(S + 3000, ETH1, 1, 2, XDPFRAG_REASSEMBLED);
	fate(S + 4000, ETH1, 1, 0, WHOLE | XDPFRAG_FATE_QUEUED | XDPFRAG_FATE_INJECTED, CAUSE_NONE);
	trace_look(trace, S + 200 * MS);
	one = only(END_REBUILT);
	assert_true(one->rows[2].completes);
	assert_true(one->rows[3].after);
	assert_false(one->rows[3].waits);
}

static void the_agent_waits_no_longer_than_it_does(void **state)
{
	(void)state;
	add(S, ETH0, 1, 0, XDPFRAG_REASSEMBLED);
	trace_look(trace, 1900 * MS);
	assert_int_equal(n_told, 0);
	trace_look(trace, 2 * S);
	only(END_TIMEOUT);
}

static void an_overlap_ends_the_queue(void **state)
{
	const struct told *one;

	(void)state;
	add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	add(S + 1000, ETH1, 1, 1, XDPFRAG_PASSED);
	fate(S + 1010, ETH1, 1, 1, FRAGMENT, CAUSE_IN_QUEUE);
	trace_look(trace, S + 200 * MS);
	one = only(END_DISCARDED);
	assert_int_equal(one->rows[1].cause, CAUSE_DISCARDED);
	assert_false(one->rows[0].waits);
}

/* Before 6.2 what waited goes without a reason too, and not because of its age. */
static void what_waited_is_given_up_with_the_queue(void **state)
{
	const struct told *one;

	(void)state;
	add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	add(S + 500 * MS, ETH1, 1, 1, XDPFRAG_PASSED);
	fate(S + 500 * MS + 10, ETH1, 1, 1, FRAGMENT, CAUSE_IN_QUEUE);
	fate(S + 500 * MS + 20, ETH1, 1, 0, PURGED, CAUSE_IN_QUEUE);
	trace_look(trace, S + 700 * MS);
	one = only(END_DISCARDED);
	assert_int_equal(one->rows[0].cause, CAUSE_DISCARDED);
}

/* Before 6.2 a copy is dropped without a reason. */
static void a_copy_is_known_without_a_reason(void **state)
{
	const struct told *one;

	(void)state;
	add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	add(S + 10, ETH0, 1, 0, XDPFRAG_PASSED);
	fate(S + 20, ETH0, 1, 0, FRAGMENT, CAUSE_IN_QUEUE);
	add(S + 1000, ETH1, 1, 1, XDPFRAG_PASSED);
	add(S + 2000, ETH1, 1, 2, XDPFRAG_PASSED);
	queued(S + 3000, ETH1, 1);
	trace_look(trace, S + 200 * MS);
	one = only(END_DELIVERED);
	assert_int_equal(one->rows[0].cause, CAUSE_NONE);
	assert_int_equal(one->rows[1].cause, CAUSE_COPY);
}

static void fragments_that_nobody_joined_are_lost_one_by_one(void **state)
{
	unsigned int i;

	(void)state;
	add_all(S, ETH0, 1, XDPFRAG_NO_VERDICT);
	for (i = 0; i < PIECES; i++)
		fate(S + i * 1000 + 5, ETH0, 1, i, XDPFRAG_FATE_FRAGMENT | XDPFRAG_FATE_OURS,
		     CAUSE_NOT_JOINED);
	trace_look(trace, S + 200 * MS);
	only(END_WRONG_NIC);
}

static void what_the_policy_keeps_out_has_an_end(void **state)
{
	(void)state;
	add_all(S, ETH0, 1, XDPFRAG_DROPPED);
	trace_look(trace, S + 200 * MS);
	only(END_POLICY);
}

static void a_full_socket_drops(void **state)
{
	const struct told *one;

	(void)state;
	add_all(S, ETH1, 1, XDPFRAG_PASSED);
	fate(S + 3000, ETH1, 1, 0, WHOLE | XDPFRAG_FATE_LOCAL, CAUSE_BUFFER_FULL);
	trace_look(trace, S + 200 * MS);
	one = only(END_DROPPED);
	assert_int_equal(one->datagram.whole[0].cause, CAUSE_BUFFER_FULL);
}

static void one_socket_of_two_is_delivered(void **state)
{
	(void)state;
	add_all(S, ETH1, 1, XDPFRAG_PASSED);
	fate(S + 3000, ETH1, 1, 0, WHOLE | XDPFRAG_FATE_LOCAL, CAUSE_BUFFER_FULL);
	queued(S + 3001, ETH1, 1);
	trace_look(trace, S + 200 * MS);
	assert_int_equal(only(END_DELIVERED)->datagram.n_whole, 2);
}

static void whole_and_unseen_is_given_a_second(void **state)
{
	(void)state;
	add_all(S, ETH1, 1, XDPFRAG_PASSED);
	trace_look(trace, S + 900 * MS);
	assert_int_equal(n_told, 0);
	trace_look(trace, 2 * S + MS);
	only(END_DELIVERED);
	/* Where nothing of the stack is seen there is nothing to be said. */
	open_trace(false);
	add_all(S, ETH1, 1, XDPFRAG_PASSED);
	trace_look(trace, 2 * S + MS);
	only(END_UNKNOWN);
}

/* --- copies and ids that come later --- */

static void a_late_copy_is_a_duplicate(void **state)
{
	(void)state;
	add_all(S, ETH1, 1, XDPFRAG_PASSED);
	queued(S + 5000, ETH1, 1);
	trace_look(trace, S + 200 * MS);
	add_all(S + 300 * MS, ETH0, 1, XDPFRAG_DROPPED);
	trace_look(trace, S + 500 * MS);
	assert_int_equal(n_told, 2);
	assert_int_equal(told[1].datagram.end, END_DUPLICATE);
	assert_int_equal(trace_sums(trace)->datagrams, 1);
}

static void an_id_used_again_is_another_datagram(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		add_all(S + i * 300 * MS, ETH1, 1, XDPFRAG_PASSED);
		queued(S + i * 300 * MS + 5000, ETH1, 1);
		trace_look(trace, S + i * 300 * MS + 200 * MS);
	}
	assert_int_equal(n_told, 3);
	assert_int_equal(told[2].datagram.end, END_DELIVERED);
	assert_false(told[2].datagram.tail);
	assert_int_equal(trace_sums(trace)->datagrams, 3);
}

/* --- IPv6: the NIC is part of the stack's key, and a whole datagram has no id --- */

static void ipv6_copies_are_datagrams_of_their_own(void **state)
{
	const struct told *one;

	(void)state;
	family = AF_INET6;
	add_all(S, ETH0, 0x12345678, XDPFRAG_NO_VERDICT);
	add_all(S + 500, ETH1, 0x12345678, XDPFRAG_NO_VERDICT);
	fate(S + 2100, ETH0, 0, 0, WHOLE | XDPFRAG_FATE_ROUTED, CAUSE_NOT_JOINED);
	queued(S + 3000, ETH1, 0);
	trace_look(trace, S + 200 * MS);
	one = only(END_DELIVERED);
	assert_int_equal(one->datagram.n_whole, 2);
	assert_true(one->rows[4].completes && one->rows[5].completes);
	assert_false(one->rows[5].after);
}

static void ipv6_fates_find_the_datagram_that_was_whole_last(void **state)
{
	size_t i;

	(void)state;
	family = AF_INET6;
	for (i = 0; i < 3; i++) {
		add_all(S + i * 10000, ETH1, i, XDPFRAG_PASSED);
		queued(S + i * 10000 + 5000, ETH1, 0);
	}
	/* They are read later, in their order. */
	for (i = 0; i < 2; i++)
		fate(S + 50 * MS + i, ETH1, 0, 0, WHOLE | XDPFRAG_FATE_READ, CAUSE_NONE);
	trace_look(trace, S + 200 * MS);
	assert_int_equal(n_told, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(told[i].datagram.id, i);
		assert_int_equal(told[i].datagram.whole[0].time, S + i * 10000 + 5000);
		assert_int_equal(told[i].datagram.n_whole, i < 2 ? 2 : 1);
	}
}

static void ipv6_of_which_the_right_copy_times_out(void **state)
{
	(void)state;
	family = AF_INET6;
	add_all(S, ETH0, 1, XDPFRAG_NO_VERDICT);
	add(S, ETH1, 1, 0, XDPFRAG_NO_VERDICT);
	fate(S + 3000, ETH0, 0, 0, WHOLE | XDPFRAG_FATE_ROUTED, CAUSE_NOT_JOINED);
	trace_look(trace, 2 * S);
	assert_int_equal(n_told, 0);
	fate(61 * S, ETH1, 1, 0, PURGED, CAUSE_TIMEOUT);
	trace_look(trace, 61 * S + 200 * MS);
	only(END_TIMEOUT);
}

/* --- whose fates --- */

static void fates_of_other_hosts_are_not_believed(void **state)
{
	(void)state;
	add_all(S, ETH1, 1, XDPFRAG_PASSED);
	/* Another NIC, and nothing else that says whose it is. */
	fate(S + 200 * MS, 9, 1, 0, PURGED, CAUSE_TIMEOUT);
	fate(S + 5000, 9, 1, 0, XDPFRAG_FATE_LOCAL, CAUSE_CLOSED);
	/* A datagram that was never seen. */
	fate(S + 5000, ETH1, 2, 0, WHOLE, CAUSE_NOT_JOINED);
	queued(S + 6000, ETH1, 1);
	trace_look(trace, S + 200 * MS);
	assert_int_equal(only(END_DELIVERED)->datagram.n_whole, 1);
	assert_int_equal(told[0].rows[0].cause, CAUSE_NONE);
}

/* The stack says eth0.5 where XDP saw eth0. */
static void a_vlan_devices_drop_is_its_nics(void **state)
{
	(void)state;
	add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	fate(S + 10, 17, 1, 0, XDPFRAG_FATE_FRAGMENT | XDPFRAG_FATE_OURS, CAUSE_OTHER);
	trace_look(trace, S + 200 * MS);
	assert_int_equal(only(END_DROPPED)->rows[0].cause, CAUSE_OTHER);
}

/* In generic mode XDP's own drop is the stack's too. */
static void a_taken_fragment_has_no_fate(void **state)
{
	(void)state;
	add(S, ETH0, 1, 0, XDPFRAG_DROPPED);
	add(S + 5, ETH1, 1, 0, XDPFRAG_PASSED);
	fate(S + 10, ETH0, 1, 0, XDPFRAG_FATE_FRAGMENT | XDPFRAG_FATE_OURS, CAUSE_OTHER);
	trace_flush(trace);
	assert_int_equal(only(END_OPEN)->rows[0].dropped_at, 0);
	assert_int_equal(told[0].rows[1].dropped_at, 0);
}

/* --- bounds --- */

static void rows_are_in_the_order_of_time(void **state)
{
	const struct told *one;
	size_t i;

	(void)state;
	add(S + 2000, ETH1, 1, 2, XDPFRAG_PASSED);
	add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	add(S + 1000, ETH1, 1, 1, XDPFRAG_PASSED);
	queued(S + 3000, ETH1, 1);
	trace_look(trace, S + 200 * MS);
	one = only(END_DELIVERED);
	for (i = 0; i < PIECES; i++)
		assert_int_equal(one->rows[i].offset, i * PIECE);
	assert_true(one->rows[2].completes);
}

static void one_datagram_does_not_take_all_the_room(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < TRACE_ROWS_EACH + 10; i++)
		add(S + i, ETH0, 1, 0, XDPFRAG_DROPPED);
	trace_look(trace, 2 * S);
	assert_int_equal(only(END_POLICY)->datagram.n_rows, TRACE_ROWS_EACH);
	assert_int_equal(told[0].datagram.rows_left_out, 10);
}

static void a_flood_forgets_the_oldest_and_counts_them(void **state)
{
	const uint32_t sent = TRACE_DATAGRAMS + 1000;
	uint32_t id;

	(void)state;
	for (id = 0; id < sent; id++)
		add(S + id, ETH1, id, 0, XDPFRAG_PASSED);
	assert_int_equal(trace_sums(trace)->forgotten, 1000);
	assert_int_equal(trace_sums(trace)->datagrams, sent);
	trace_flush(trace);
	assert_int_equal(n_told, TRACE_DATAGRAMS);
	assert_int_equal(told[0].datagram.id, 1000);
	assert_int_equal(trace_sums(trace)->ends[END_OPEN], TRACE_DATAGRAMS);
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
		family = random() % 4 ? AF_INET : AF_INET6;
		if (random() % 3)
			add(now, nic, id, piece, random() % 6 ? random() % 5 : XDPFRAG_NO_VERDICT);
		else
			fate(now, nic, id, piece, random(), random() % (CAUSE_OTHER + 1));
		if (random() % 100 == 0)
			trace_look(trace, now);
	}
	trace_flush(trace);
	for (how = 0; how < TRACE_ENDS; how++)
		ends += trace_sums(trace)->ends[how];
	assert_int_equal(ends, n_told);
	assert_true(ends + trace_sums(trace)->forgotten >= trace_sums(trace)->datagrams);
	/* All of its memory is there again. */
	n_told = 0;
	family = AF_INET;
	for (i = 0; i < TRACE_DATAGRAMS; i++)
		add_all(now + 10 * S, ETH1, i, XDPFRAG_DROPPED);
	trace_flush(trace);
	assert_int_equal(n_told, TRACE_DATAGRAMS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
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
		TEST(a_late_copy_is_a_duplicate),
		TEST(an_id_used_again_is_another_datagram),
		TEST(ipv6_copies_are_datagrams_of_their_own),
		TEST(ipv6_fates_find_the_datagram_that_was_whole_last),
		TEST(ipv6_of_which_the_right_copy_times_out),
		TEST(fates_of_other_hosts_are_not_believed),
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
