// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ring of fragment events: for how long the steer program writes into it,
 * what happens when it is full, and its reader, user/datapath/events.c.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "../lib/steer_frames.h"
#include "../lib/event_rig.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct frame one = { V4, FIRST, .id = 0x1234 };
static const struct frame other = { V4, MIDDLE, .id = 0xffff };
static const struct frame of_ipv6 = { V6, LAST };

/* The program's fast way, and the other. */
static const uint8_t wrong[] = { XDPFRAG_WRONG_DROP, XDPFRAG_WRONG_OBSERVE };

/* ---- For how long ---- */

static void nothing_is_written_unless_somebody_watches(void **state)
{
	struct event_rig watch;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(wrong); i++) {
		event_rig_open(&watch, false, (struct xdpfrag_policy){ .wrong = wrong[i] });
		event_rig_open_reader(&watch);
		event_rig_run(&watch, &one);
		event_rig_run(&watch, &other);
		event_rig_run(&watch, &of_ipv6);
		assert_int_equal(event_rig_told(&watch), 0);
		assert_int_equal(events_lost(watch.events), 0);
		event_rig_close(&watch);
	}
}

static void a_watch_that_is_not_renewed_ends(void **state)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	struct event_rig watch;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(wrong); i++) {
		event_rig_open(&watch, false, (struct xdpfrag_policy){ .wrong = wrong[i] });
		event_rig_open_reader(&watch);
		watch.rig.state->watch = event_rig_now() + 60000000000;
		event_rig_run(&watch, &one);
		assert_int_equal(event_rig_told(&watch), 1);
		watch.rig.state->watch = event_rig_now() + 10000000;
		nanosleep(&pause, NULL);
		event_rig_run(&watch, &one);
		assert_int_equal(event_rig_told(&watch), 0);
		/* Taken back, so that no clock is read any more. */
		assert_int_equal(watch.rig.state->watch, 0);
		events_renew(watch.events, 3600);
		event_rig_run(&watch, &one);
		assert_int_equal(event_rig_told(&watch), 1);
		event_rig_close(&watch);
	}
}

static void a_full_ring_loses_and_counts(void **state)
{
	const uint64_t sent = XDPFRAG_EVENTS_SIZE / 64;
	struct event_rig watch;
	uint64_t kept, i;

	(void)state;
	event_rig_open_watched(&watch, false);
	for (i = 0; i < sent; i++)
		assert_int_equal(event_rig_run(&watch, &one), XDP_PASS);
	/* 8 bytes more than a record take room for each. */
	kept = (XDPFRAG_EVENTS_SIZE - 1) / (sizeof(struct xdpfrag_event) + 8);
	assert_int_equal(events_lost(watch.events), sent - kept);
	assert_int_equal(rig_count(&watch.rig, EVENT_RIG_ROW, XDPFRAG_PASSED), sent);
	assert_int_equal(event_rig_told(&watch), kept);
	/* There is room again. */
	event_rig_run(&watch, &other);
	assert_int_equal(event_rig_told(&watch), 1);
	assert_int_equal(watch.last.id, 0xffff);
	assert_int_equal(events_lost(watch.events), sent - kept);
	events_close(watch.events);
	/* The next one counts from its own beginning. */
	event_rig_open_reader(&watch);
	assert_int_equal(events_lost(watch.events), 0);
	event_rig_close(&watch);
}

/* ---- The reader ---- */

static bool readable(const struct event_rig *watch)
{
	struct pollfd poll_fd = { .fd = events_fd(watch->events), .events = POLLIN };

	return poll(&poll_fd, 1, 0) == 1;
}

static void the_fd_is_readable_when_there_are_records(void **state)
{
	struct event_rig watch;

	(void)state;
	event_rig_open_watched(&watch, false);
	assert_false(readable(&watch));
	event_rig_run(&watch, &one);
	event_rig_run(&watch, &other);
	assert_true(readable(&watch));
	assert_int_equal(event_rig_told(&watch), 2);
	assert_false(readable(&watch));
	event_rig_close(&watch);
}

static void on_second(const struct xdpfrag_event *event, void *arg)
{
	struct xdpfrag_event *last = arg;

	assert_int_not_equal(last->id, event->id);
	*last = *event;
}

static void every_reader_is_told(void **state)
{
	struct xdpfrag_event last = {};
	struct event_rig watch;
	struct events *second;
	uint64_t until;

	(void)state;
	event_rig_open_watched(&watch, false);
	event_rig_run(&watch, &one);
	watch.n = 0;
	assert_int_equal(events_open(&second, &watch.plane, on_second, &last), 0);
	/* What came before the second one is the first one's alone. */
	assert_int_equal(watch.n, 1);
	assert_int_equal(last.id, 0);
	event_rig_run(&watch, &other);
	assert_true(readable(&watch));
	/* Whoever of them asks. */
	watch.n = 0;
	assert_int_equal(events_read(second), 1);
	assert_int_equal(watch.n, 1);
	assert_int_equal(watch.last.id, 0xffff);
	assert_int_equal(last.id, 0xffff);
	event_rig_run(&watch, &one);
	assert_int_equal(event_rig_told(&watch), 1);
	assert_int_equal(last.id, 0x1234);
	/* The longest watch counts, and what is left of it when its owner goes. */
	until = watch.rig.state->watch;
	events_renew(second, 1);
	assert_int_equal(watch.rig.state->watch, until);
	events_renew(second, 7200);
	assert_true(watch.rig.state->watch > until);
	events_close(second);
	assert_int_equal(watch.rig.state->watch, until);
	event_rig_run(&watch, &other);
	assert_int_equal(event_rig_told(&watch), 1);
	assert_int_equal(last.id, 0x1234);
	events_close(watch.events);
	assert_int_equal(watch.rig.state->watch, 0);
	assert_null(watch.plane.reader);
	event_rig_open_reader(&watch);
	event_rig_close(&watch);
	events_close(NULL);
}

static void what_nobody_read_is_not_told_to_the_next_one(void **state)
{
	struct event_rig watch;

	(void)state;
	event_rig_open_watched(&watch, false);
	event_rig_run(&watch, &one);
	events_close(watch.events);
	event_rig_open_reader(&watch);
	events_renew(watch.events, 3600);
	event_rig_run(&watch, &other);
	assert_int_equal(event_rig_told(&watch), 1);
	assert_int_equal(watch.last.id, 0xffff);
	event_rig_close(&watch);
}

/* Another plane in its place, with other programs: the ring and the watch go on. */
static void a_reader_outlives_a_move_of_the_plane(void **state)
{
	struct plane_shape shape = { .bits4 = TABLE_BITS_MIN, .bits6 = TABLE_BITS_MIN, .rows = 64 };
	struct event_rig watch;
	struct plane to;
	uint64_t i;

	(void)state;
	event_rig_open_watched(&watch, false);
	for (i = 0; i < XDPFRAG_EVENTS_SIZE / 64; i++)
		event_rig_run(&watch, &one);
	assert_int_not_equal(events_lost(watch.events), 0);
	assert_int_equal(plane_create(&to, &shape), 0);
	assert_int_equal(plane_share(&to, &watch.plane), 0);
	assert_int_equal(to.state->watch, watch.rig.state->watch);
	plane_carry_lost(&to, &watch.plane);
	assert_int_equal(to.state->lost, watch.rig.state->lost);
	watch.plane = to;
	assert_int_equal(events_lost(watch.events), to.state->lost);
	watch.n = 0;
	assert_int_not_equal(events_read(watch.events), 0);
	/* The rig's program stands for one of the new plane: it writes into the same ring. */
	event_rig_run(&watch, &other);
	assert_int_equal(event_rig_told(&watch), 1);
	assert_int_equal(watch.last.id, 0xffff);
	events_renew(watch.events, 7200);
	assert_true(to.state->watch > watch.rig.state->watch);
	events_close(watch.events);
	assert_int_equal(to.state->watch, 0);
	assert_null(watch.plane.reader);
	plane_close(&watch.plane);
	rig_close(&watch.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_written_unless_somebody_watches),
		cmocka_unit_test(a_watch_that_is_not_renewed_ends),
		cmocka_unit_test(a_full_ring_loses_and_counts),
		cmocka_unit_test(the_fd_is_readable_when_there_are_records),
		cmocka_unit_test(every_reader_is_told),
		cmocka_unit_test(what_nobody_read_is_not_told_to_the_next_one),
		cmocka_unit_test(a_reader_outlives_a_move_of_the_plane),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
