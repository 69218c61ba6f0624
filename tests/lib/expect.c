// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Assertions for cmocka programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "expect.h"

void expect_report(const char *of, const struct report *rep, const struct expected_report *expected)
{
	if (rep->kind == expected->kind && rep->line == expected->line &&
	    !strcmp(rep->word, expected->word) && !strcmp(rep->expected, expected->expected) &&
	    !strcmp(rep->message, expected->message))
		return;
	fail_msg("%s\n#   is  %s %u [%s] [%s] [%s]\n#   not %s %u [%s] [%s] [%s]", of,
		 report_kind_name(rep->kind), rep->line, rep->word, rep->expected, rep->message,
		 report_kind_name(expected->kind), expected->line, expected->word,
		 expected->expected, expected->message);
}
