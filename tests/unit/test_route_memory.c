// SPDX-License-Identifier: GPL-2.0-or-later
/* What the agent remembers of routes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "agent/routes/route_memory.h"

static void notes_are_kept_by_name(void **state)
{
	struct route_memory memory = {};
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%d", i * 37 % 100);
		assert_non_null(route_note_get(&memory, name));
	}
	assert_int_equal(memory.n, 100);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_string_equal(route_note_find(&memory, name)->name, name);
		route_note_find(&memory, name)->here = i % 2;
	}
	route_note_refuse(route_note_find(&memory, "7"), 1300, "why not");
	assert_string_equal(route_note_refused("7", 1300, &memory), "why not");
	assert_null(route_note_refused("7", 1301, &memory));
	route_memory_tidy(&memory);
	assert_int_equal(memory.n, 50);
	assert_null(route_note_find(&memory, "8"));
	assert_non_null(route_note_find(&memory, "7"));
	for (i = 0; i < 3; i++) {
		assert_null(route_note_refused("9", 1300, &memory));
		route_note_drift(route_note_find(&memory, "9"));
	}
	assert_non_null(strstr(route_note_refused("9", 1300, &memory), "again and again"));
	route_memory_free(&memory);
}

static void notes_are_bounded(void **state)
{
	struct route_memory memory = {};
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < ROUTE_MEMORY; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_non_null(route_note_get(&memory, name));
	}
	assert_null(route_note_get(&memory, "one more"));
	route_note_find(&memory, "1234")->here = false;
	assert_non_null(route_note_get(&memory, "one more"));
	assert_null(route_note_find(&memory, "1234"));
	route_memory_free(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_are_kept_by_name),
		cmocka_unit_test(notes_are_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
