// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values that are one of a few words.
 */
#include <string.h>

#include "choice.h"
#include "statement.h"
#include "text.h"

#define MAX_CHOICES 8

const struct choice scope_choices[] = {
	{ "fragments", false },
	{ "all", true },
	{ NULL, 0 },
};

const struct choice wrong_choices[] = {
	{ "drop", XDPFRAG_WRONG_DROP },
	{ "observe", XDPFRAG_WRONG_OBSERVE },
	{ "redirect", XDPFRAG_WRONG_REDIRECT },
	{ NULL, 0 },
};

const struct choice link_mode_choices[] = {
	{ "auto", LINK_AUTO },
	{ "native", LINK_NATIVE },
	{ "skb", LINK_SKB },
	{ NULL, 0 },
};

const struct choice switch_choices[] = {
	{ "on", true },
	{ "off", false },
	{ NULL, 0 },
};

int choice_parse(const struct choice *choices, const char *keyword, const char *word,
		 uint8_t *value, struct report *rep)
{
	const char *names[MAX_CHOICES];
	char expected[sizeof(rep->expected)];
	size_t n = 0;

	for (const struct choice *choice = choices; choice->name && n < MAX_CHOICES; choice++) {
		if (!strcmp(choice->name, word)) {
			*value = choice->value;
			return 0;
		}
		names[n++] = choice->name;
	}
	return report_usage(rep, word, text_list(expected, sizeof(expected), names, n),
			    "%s is not a value of %s", REPORT_QUOTE(word), keyword);
}

const char *choice_name(const struct choice *choices, uint8_t value)
{
	for (; choices->name; choices++)
		if (choices->value == value)
			return choices->name;
	return "unknown";
}

const char *wrong_name(uint8_t wrong)
{
	return choice_name(wrong_choices, wrong);
}

const char *link_mode_name(enum link_mode mode)
{
	return choice_name(link_mode_choices, mode);
}
