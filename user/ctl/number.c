// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Numbers on the command line (number.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

int number_parse(const char *word, const struct number_rule *rule, double *number,
		 struct report *rep)
{
	/* strtod() alone would take blanks, signs, "inf" and hexadecimal too. */
	size_t len = strspn(word, rule->whole ? "0123456789" : "0123456789.");
	char expected[sizeof(rep->expected)];
	char *end = NULL;

	if (len && !word[len])
		*number = strtod(word, &end);
	if (end && end != word && !*end && *number >= rule->min && *number <= rule->max)
		return 0;

	snprintf(expected, sizeof(expected), "a %snumber from %.16g to %.16g",
		 rule->whole ? "whole " : "", rule->min, rule->max);
	return report_usage(rep, word, expected, "%s cannot be %s", REPORT_QUOTE(word), rule->name);
}
