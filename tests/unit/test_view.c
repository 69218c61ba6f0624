// SPDX-License-Identifier: GPL-2.0-or-later
/* What is shown of a captured frame: itself, or what its tunnel carries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "capture/view.h"

#define FRAME 100
#define INNER 60

/* Each byte says where it stands. In memory of its own size, so that a read behind it is found. */
static uint8_t *frame_of(size_t captured)
{
	uint8_t *frame = malloc(captured ? captured : 1);
	size_t i;

	assert_non_null(frame);
	for (i = 0; i < captured; i++)
		frame[i] = i;
	return frame;
}

/* The view's bytes in one piece; its lengths agree with each other. */
static size_t flatten(uint8_t *to, const struct view *view)
{
	assert_int_equal(view->caplen, view->head_len + view->data_len);
	assert_true(view->caplen <= view->len);
	memcpy(to, view->head, view->head_len);
	memcpy(to + view->head_len, view->data, view->data_len);
	return view->caplen;
}

static void a_frame_is_its_own_view(void **state)
{
	struct xdpfrag_captured record = { .len = FRAME, .caplen = FRAME };
	uint8_t *frame = frame_of(FRAME), flat[FRAME + VIEW_HEAD];
	struct view view;

	(void)state;
	view_make(&view, &record, frame, 0);
	assert_int_equal(view.len, FRAME);
	assert_int_equal(flatten(flat, &view), FRAME);
	assert_memory_equal(flat, frame, FRAME);
	view_make(&view, &record, frame, 99);
	assert_int_equal(view.len, FRAME);
	assert_int_equal(flatten(flat, &view), 99);
	free(frame);
}

/* What stands in the view when `captured` bytes of the frame were, and `snaplen` are wanted. */
static void check_inner(uint16_t proto, uint32_t captured, uint32_t snaplen)
{
	struct xdpfrag_captured record = {
		.len = FRAME, .caplen = captured, .inner = INNER, .inner_proto = proto
	};
	uint8_t *frame = frame_of(captured), wanted[FRAME + VIEW_HEAD], flat[FRAME + VIEW_HEAD];
	uint32_t n = 0, len = FRAME - INNER, i;
	struct view view;

	if (proto) {
		for (n = 0; n < 12 && n < captured; n++)
			wanted[n] = n;
		if (n == 12) {
			wanted[n++] = proto >> 8;
			wanted[n++] = proto & 0xff;
		}
		len += VIEW_HEAD;
	}
	for (i = INNER; i < captured; i++)
		wanted[n++] = i;
	if (snaplen && n > snaplen)
		n = snaplen;
	view_make(&view, &record, frame, snaplen);
	assert_int_equal(view.len, len);
	assert_int_equal(flatten(flat, &view), n);
	assert_memory_equal(flat, wanted, n);
	free(frame);
}

static void what_a_tunnel_carries_is_the_view(void **state)
{
	uint32_t captured, snaplen;

	(void)state;
	for (captured = 0; captured <= FRAME; captured++) {
		for (snaplen = 0; snaplen <= FRAME; snaplen++) {
			check_inner(0, captured, snaplen);
			check_inner(0x86dd, captured, snaplen);
		}
	}
}

static void a_record_that_contradicts_itself_is_read_no_further(void **state)
{
	struct xdpfrag_captured record = { .len = FRAME, .caplen = FRAME, .inner = FRAME + 1 };
	uint8_t *frame = frame_of(FRAME);
	struct view view;

	(void)state;
	view_make(&view, &record, frame, 0);
	assert_int_equal(view.len, FRAME);
	assert_int_equal(view.caplen, FRAME);
	record.inner = VIEW_HEAD - 1;
	record.inner_proto = 0x0800;
	view_make(&view, &record, frame, 0);
	assert_int_equal(view.len, FRAME);
	assert_int_equal(view.caplen, FRAME);
	assert_int_equal(view.head_len, 0);
	record.inner = FRAME;
	record.inner_proto = 0;
	view_make(&view, &record, frame, 0);
	assert_int_equal(view.len, 0);
	assert_int_equal(view.caplen, 0);
	record = (struct xdpfrag_captured){ .len = 50, .caplen = FRAME };
	view_make(&view, &record, frame, 0);
	assert_int_equal(view.len, 50);
	assert_int_equal(view.caplen, 50);
	free(frame);
}

static void bytes_are_found_on_either_side_of_the_header(void **state)
{
	struct xdpfrag_captured record = {
		.len = FRAME, .caplen = 80, .inner = INNER, .inner_proto = 0x0800
	};
	uint8_t *frame = frame_of(80);
	struct view view;

	(void)state;
	view_make(&view, &record, frame, 0);
	assert_ptr_equal(view_at(&view, 0, 14), view.head);
	assert_ptr_equal(view_at(&view, 12, 2), view.head + 12);
	assert_null(view_at(&view, 12, 3));
	assert_ptr_equal(view_at(&view, 14, 20), frame + INNER);
	assert_ptr_equal(view_at(&view, 33, 1), frame + INNER + 19);
	assert_null(view_at(&view, 33, 2));
	assert_null(view_at(&view, 34, 1));
	assert_null(view_at(&view, 1, UINT32_MAX));
	assert_null(view_at(&view, UINT32_MAX, 1));
	free(frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_its_own_view),
		cmocka_unit_test(what_a_tunnel_carries_is_the_view),
		cmocka_unit_test(a_record_that_contradicts_itself_is_read_no_further),
		cmocka_unit_test(bytes_are_found_on_either_side_of_the_header),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
