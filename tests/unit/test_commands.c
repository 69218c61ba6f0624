// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of commands: which options a command has of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ctl/commands.h"

static bool has(const char *usage, const char *option)
{
	const struct ctl_command command = { "test", "", NULL, usage, "" };

	return command_has_option(&command, option);
}

static void an_option_is_one_with_a_value_or_without(void **state)
{
	(void)state;
	assert_true(has("[-i NIC] [-s SNAPLEN] [FILTER]", "-s"));
	assert_true(has("[-s]", "-s"));
	assert_true(has("GROUP PORT [-w FILE|-] [-j]", "-j"));
	assert_true(has("[--socket SOCKET]", "--socket"));
}

static void what_only_holds_the_word_is_none(void **state)
{
	(void)state;
	assert_false(has("", "-s"));
	assert_false(has("[-socket SOCKET] [--s SNAPLEN]", "-s"));
	assert_false(has("[-sj] [-S SNAPLEN]", "-s"));
	assert_false(has("[-s SNAPLEN]", "-"));
	/* Of another option, or of the words. */
	assert_false(has("[-w [-s SECONDS]] -s [FILE|-s]", "-s"));
}

static void only_capture_has_one_that_the_program_has_too(void **state)
{
	static const char *const options[] = { "-j", "-s", "-V" };
	const struct ctl_command *command;
	size_t i;

	(void)state;
	for (command = ctl_commands; command->object; command++)
		for (i = 0; i < sizeof(options) / sizeof(*options); i++)
			assert_int_equal(command_has_option(command, options[i]),
					 !strcmp(command->object, "capture") &&
						 !strcmp(options[i], "-s"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_option_is_one_with_a_value_or_without),
		cmocka_unit_test(what_only_holds_the_word_is_none),
		cmocka_unit_test(only_capture_has_one_that_the_program_has_too),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
