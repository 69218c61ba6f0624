// SPDX-License-Identifier: GPL-2.0-or-later
/* Histories as JSON: what is missing of a datagram, and names that others have chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../lib/trace_rig.h"
#include "agent/sessions/trace.h"
#include "xdpfrag/event.h"
#include "xdpfrag/verdict.h"

/* The first history that was told, of one row or two, which are changed by then. */
static json_t *first_json(void)
{
	struct trace_told *one = &trace_rig.told[0];

	assert_true(trace_rig.n_told > 0);
	one->datagram.rows = &one->rows[0];
	one->rows[0].next = one->datagram.n_rows > 1 ? &one->rows[1] : NULL;
	one->rows[1].next = NULL;
	return trace_json(&one->datagram, NULL, NULL, 0);
}

static void expect_missing(const char *wanted)
{
	json_t *json = first_json();
	char *got = json_dumps(json_object_get(json, "missing"), JSON_COMPACT);

	assert_string_equal(got, wanted);
	free(got);
	json_decref(json);
}

static void what_did_not_come_is_missing(void **state)
{
	(void)state;
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_add(S + 1000, ETH1, 1, 2, XDPFRAG_PASSED);
	trace_flush(trace_rig.trace);
	expect_missing("[[1480,2960]]");
}

static void what_the_policy_kept_out_is_missing(void **state)
{
	(void)state;
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_rig_add(S + 1000, ETH1, 1, 2, XDPFRAG_DROPPED);
	trace_flush(trace_rig.trace);
	expect_missing("[[1480,3160]]");
}

static void without_the_last_one_the_end_is_not_known(void **state)
{
	(void)state;
	trace_rig_add(S, ETH1, 1, 0, XDPFRAG_PASSED);
	trace_flush(trace_rig.trace);
	expect_missing("[[1480,-1]]");
}

/* It ends nothing that is missing. */
static void a_fragment_without_payload_brings_nothing(void **state)
{
	(void)state;
	trace_rig_add(S, ETH1, 1, 1, XDPFRAG_PASSED);
	trace_flush(trace_rig.trace);
	trace_rig.told[0].rows[0].len = 0;
	expect_missing("[[0,-1]]");
}

/* Each process may give itself a name that does things to a terminal, or is no text. */
static void a_process_name_is_made_safe_to_show(void **state)
{
	static const struct {
		const char *name, *shown;
	} names[] = {
		{ "app", "app" },
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "\x1b[31mred\n", "\\x1b[31mred\\x0a" },
		{ "\xff", "\\xff" },
	};
	struct trace_whole *whole = &trace_rig.told[0].datagram.whole[0];
	json_t *json;
	size_t i;

	(void)state;
	trace_rig_add_all(S, ETH1, 1, XDPFRAG_PASSED);
	trace_rig_fate(S + 5000, ETH1, 1, 0, WHOLE | XDPFRAG_FATE_READ, CAUSE_NONE);
	trace_rig_look(S + 200 * MS);
	trace_rig_only(END_DELIVERED);
	whole->pid = 1;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		strcpy(whole->program, names[i].name);
		json = first_json();
		assert_string_equal(
			json_string_value(json_object_get(
				json_array_get(json_object_get(json, "whole"), 0), "program")),
			names[i].shown);
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, trace_rig_begin, trace_rig_end)
		TEST(what_did_not_come_is_missing),
		TEST(what_the_policy_kept_out_is_missing),
		TEST(without_the_last_one_the_end_is_not_known),
		TEST(a_fragment_without_payload_brings_nothing),
		TEST(a_process_name_is_made_safe_to_show),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
