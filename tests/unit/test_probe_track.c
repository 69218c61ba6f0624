// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unit tests of what `probe recv` reckons: the tracker of sequence numbers, and
 * the payload that vouches for itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/probe_payload.h"
#include "ctl/probe_track.h"

static struct probe_track track;

static int begin(void **state)
{
	(void)state;
	memset(&track, 0, sizeof(track));
	return 0;
}

static struct probe_arrival add(uint32_t sequence)
{
	struct probe_arrival arrival;

	probe_track_add(&track, sequence, &arrival);
	return arrival;
}

static void add_range(uint32_t first, uint32_t last)
{
	uint32_t i;

	for (i = first; i != last + 1; i++)
		add(i);
}

static void assert_event(uint32_t sequence, enum probe_event event)
{
	assert_string_equal(probe_event_name(add(sequence).event), probe_event_name(event));
}

static void assert_sums(uint64_t received, uint64_t missing, uint64_t duplicates,
			uint64_t reordered)
{
	assert_int_equal(track.received, received);
	assert_int_equal(track.missing, missing);
	assert_int_equal(track.duplicates, duplicates);
	assert_int_equal(track.reordered, reordered);
}

static void in_order_nothing_is_remarkable(void **state)
{
	struct probe_arrival arrival;
	uint32_t i;

	(void)state;
	for (i = 0; i < 500; i++) {
		arrival = add(i);
		assert_int_equal(arrival.event, PROBE_NEW);
		assert_int_equal(arrival.sequence, i);
		assert_int_equal(arrival.gap_count, 0);
	}
	assert_int_equal(probe_track_end(&track, 500, &arrival), 0);
	assert_sums(500, 0, 0, 0);
}

static void a_gap_is_named_when_it_shows(void **state)
{
	struct probe_arrival arrival;

	(void)state;
	add_range(0, 16);
	arrival = add(20);
	assert_int_equal(arrival.event, PROBE_NEW);
	assert_int_equal(arrival.gap_first, 17);
	assert_int_equal(arrival.gap_count, 3);
	assert_sums(18, 3, 0, 0);
	assert_int_equal(add(21).gap_count, 0);
}

static void the_head_of_a_run_can_be_missing(void **state)
{
	struct probe_arrival arrival = add(5);

	(void)state;
	assert_int_equal(arrival.gap_first, 0);
	assert_int_equal(arrival.gap_count, 5);
	assert_sums(1, 5, 0, 0);
}

static void the_tail_of_a_run_can_be_missing(void **state)
{
	struct probe_arrival arrival;

	(void)state;
	add_range(0, 489);
	assert_int_equal(probe_track_end(&track, 500, &arrival), 10);
	assert_int_equal(arrival.gap_first, 490);
	assert_sums(490, 10, 0, 0);
	/* What comes after all is not lost. */
	assert_event(495, PROBE_REORDERED);
	assert_sums(491, 9, 0, 1);
}

static void a_run_of_which_nothing_came_is_all_missing(void **state)
{
	struct probe_arrival arrival;

	(void)state;
	assert_int_equal(probe_track_end(&track, 500, &arrival), 500);
	assert_sums(0, 500, 0, 0);
}

static void a_second_copy_is_a_duplicate(void **state)
{
	(void)state;
	add_range(0, 9);
	assert_event(9, PROBE_DUPLICATE);
	assert_event(0, PROBE_DUPLICATE);
	assert_event(0, PROBE_DUPLICATE);
	assert_sums(10, 0, 3, 0);
}

static void a_late_one_fills_its_gap(void **state)
{
	(void)state;
	add_range(0, 3);
	assert_event(6, PROBE_NEW);
	assert_sums(5, 2, 0, 0);
	assert_event(5, PROBE_REORDERED);
	assert_sums(6, 1, 0, 1);
	assert_event(5, PROBE_DUPLICATE);
	assert_event(4, PROBE_REORDERED);
	assert_sums(7, 0, 1, 2);
	assert_event(7, PROBE_NEW);
	assert_sums(8, 0, 1, 2);
}

static void numbers_wrap(void **state)
{
	struct probe_arrival arrival;

	(void)state;
	add(UINT32_MAX - 1);
	assert_int_equal(track.missing, UINT32_MAX - 1ULL);
	assert_event(UINT32_MAX, PROBE_NEW);
	/* 0 is lost in the wrap, and comes late. */
	arrival = add(1);
	assert_int_equal(arrival.event, PROBE_NEW);
	assert_int_equal(arrival.sequence, (1ULL << 32) + 1);
	assert_int_equal(arrival.gap_first, 1ULL << 32);
	assert_int_equal(arrival.gap_count, 1);
	assert_event(0, PROBE_REORDERED);
	assert_event(UINT32_MAX, PROBE_DUPLICATE);
	assert_sums(4, UINT32_MAX - 1ULL, 1, 1);
}

static void no_number_lies_before_zero(void **state)
{
	struct probe_arrival arrival;

	(void)state;
	add_range(0, 4);
	arrival = add(UINT32_MAX - 2);
	assert_int_equal(arrival.event, PROBE_NEW);
	assert_int_equal(arrival.sequence, UINT32_MAX - 2);
	assert_int_equal(arrival.gap_count, UINT32_MAX - 2ULL - 5);
}

static void out_of_the_window_is_late(void **state)
{
	(void)state;
	add(0);
	add(2);
	assert_int_equal(add(PROBE_WINDOW).gap_count, PROBE_WINDOW - 3);
	/* The window now ends before PROBE_WINDOW + 1: 1 is its oldest number. */
	assert_event(0, PROBE_LATE);
	assert_event(1, PROBE_REORDERED);
	assert_event(2, PROBE_DUPLICATE);
	assert_int_equal(track.late, 1);
	assert_sums(4, PROBE_WINDOW - 3, 1, 1);
}

static void an_old_bit_is_not_taken_for_a_new_number(void **state)
{
	(void)state;
	add_range(0, 99);
	/* Number PROBE_WINDOW + 50 shares its bit with 50, but did not arrive. */
	assert_event(PROBE_WINDOW + 60, PROBE_NEW);
	assert_event(PROBE_WINDOW + 50, PROBE_REORDERED);
	/* A jump over more than a whole window. */
	assert_event(4 * PROBE_WINDOW, PROBE_NEW);
	assert_event(3 * PROBE_WINDOW + 60, PROBE_REORDERED);
	assert_sums(104, 4ULL * PROBE_WINDOW + 1 - 104, 0, 2);
}

static const struct probe_header example = {
	.run = 0x0123456789abcdef,
	.sequence = 17,
	.total = 500,
	.size = 8000,
	.interval = 10000,
};

static enum probe_verdict read_back(const uint8_t *payload, size_t len)
{
	struct probe_header header;

	return probe_payload_read(payload, len, &header);
}

static void a_payload_is_read_back(void **state)
{
	static const uint32_t sizes[] = { PROBE_HEADER, PROBE_HEADER + 1, 8000, PROBE_SIZE_MAX };
	static uint8_t payload[PROBE_SIZE_MAX];
	struct probe_header header = example, read;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		header.size = sizes[i];
		probe_payload_write(payload, &header);
		assert_int_equal(probe_payload_read(payload, sizes[i], &read), PROBE_INTACT);
		assert_memory_equal(&read, &header, sizeof(read));
	}
}

static void any_flipped_bit_shows(void **state)
{
	uint8_t payload[200];
	struct probe_header header = example;
	size_t i;

	(void)state;
	header.size = sizeof(payload);
	probe_payload_write(payload, &header);
	for (i = 0; i < sizeof(payload) * 8; i++) {
		payload[i / 8] ^= 1 << i % 8;
		assert_int_equal(read_back(payload, sizeof(payload)),
				 i < 64 ? PROBE_FOREIGN : PROBE_CORRUPT);
		payload[i / 8] ^= 1 << i % 8;
	}
	assert_int_equal(read_back(payload, sizeof(payload)), PROBE_INTACT);
}

static void parts_of_two_datagrams_show(void **state)
{
	static uint8_t one[8000], two[8000];
	struct probe_header header = example;

	(void)state;
	probe_payload_write(one, &header);
	header.sequence++;
	probe_payload_write(two, &header);
	memcpy(one + 2960, two + 2960, 1480);
	assert_int_equal(read_back(one, sizeof(one)), PROBE_CORRUPT);
	/* The same fragment at another place of its own datagram. */
	memcpy(two + 2960, two + 1480, 1480);
	assert_int_equal(read_back(two, sizeof(two)), PROBE_CORRUPT);
}

static void a_cut_or_foreign_payload_is_told(void **state)
{
	static uint8_t payload[8001];
	struct probe_header header = example;

	(void)state;
	probe_payload_write(payload, &header);
	assert_int_equal(read_back(payload, 7999), PROBE_CORRUPT);
	assert_int_equal(read_back(payload, 8001), PROBE_CORRUPT);
	assert_int_equal(read_back(payload, PROBE_HEADER - 1), PROBE_FOREIGN);
	assert_int_equal(read_back(payload, 0), PROBE_FOREIGN);
	header.sequence = header.total;
	probe_payload_write(payload, &header);
	assert_int_equal(read_back(payload, 8000), PROBE_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(in_order_nothing_is_remarkable, begin),
		cmocka_unit_test_setup(a_gap_is_named_when_it_shows, begin),
		cmocka_unit_test_setup(the_head_of_a_run_can_be_missing, begin),
		cmocka_unit_test_setup(the_tail_of_a_run_can_be_missing, begin),
		cmocka_unit_test_setup(a_run_of_which_nothing_came_is_all_missing, begin),
		cmocka_unit_test_setup(a_second_copy_is_a_duplicate, begin),
		cmocka_unit_test_setup(a_late_one_fills_its_gap, begin),
		cmocka_unit_test_setup(numbers_wrap, begin),
		cmocka_unit_test_setup(no_number_lies_before_zero, begin),
		cmocka_unit_test_setup(out_of_the_window_is_late, begin),
		cmocka_unit_test_setup(an_old_bit_is_not_taken_for_a_new_number, begin),
		cmocka_unit_test(a_payload_is_read_back),
		cmocka_unit_test(any_flipped_bit_shows),
		cmocka_unit_test(parts_of_two_datagrams_show),
		cmocka_unit_test(a_cut_or_foreign_payload_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
