// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The forms of the grammar, found by object and verb, and the reading of one
 * statement. What follows the verb is read by the form's parts.
 */
#include <string.h>

#include "parts.h"
#include "text.h"

const struct statement_form statement_forms[] = {
	{ "group", "add", GROUP_USAGE, "name the NICs on which a group may arrive", OBJECT_GROUP,
	  VERB_ADD, true, group_parts },
	{ "group", "replace", GROUP_USAGE, "the same, whether the group is there or not",
	  OBJECT_GROUP, VERB_REPLACE, false, group_parts },
	{ "group", "del", GROUP_DEL_USAGE, "forget a group", OBJECT_GROUP, VERB_DEL, false,
	  group_del_parts },
	{ "group", "flush", "", "forget all groups", OBJECT_GROUP, VERB_FLUSH, false, no_parts },
	{ "link", "add", LINK_USAGE, "manage this NIC, and only those that are added", OBJECT_LINK,
	  VERB_ADD, true, link_parts },
	{ "link", "del", LINK_DEL_USAGE, "forget a link", OBJECT_LINK, VERB_DEL, false,
	  link_del_parts },
	{ "link", "set", SETTINGS_USAGE, "keep a NIC as it is said here", OBJECT_LINK, VERB_SET,
	  true, settings_parts },
	{ "link", "unset", SETTINGS_UNSET_USAGE,
	  "keep it so no longer, put back what was found; no word means all", OBJECT_LINK,
	  VERB_UNSET, false, settings_unset_parts },
	{ "route", "set", ROUTE_USAGE, "keep the MTU of the routes to a prefix", OBJECT_ROUTE,
	  VERB_SET, true, route_parts },
	{ "route", "unset", ROUTE_UNSET_USAGE, "keep it no longer, and put back what was found",
	  OBJECT_ROUTE, VERB_UNSET, false, route_unset_parts },
	{ "learn", "on", "", "allow groups on the NICs where this host has joined them",
	  OBJECT_LEARN, VERB_ON, true, no_parts },
	{ "learn", "off", "", "forget what was learned", OBJECT_LEARN, VERB_OFF, true, no_parts },
	{ "", "flush", "", "forget all statements", OBJECT_ALL, VERB_FLUSH, false, no_parts },
	{ NULL, NULL, NULL, NULL, OBJECT_ALL, VERB_FLUSH, false, NULL },
};

/* The words of a form before its parts: 2, or 1 for one without object. */
static size_t head_words(const struct statement_form *form)
{
	return form->object[0] ? 2 : 1;
}

static const char *first_word(const struct statement_form *form)
{
	return form->object[0] ? form->object : form->verb;
}

static bool has_head(const struct statement_form *form, const char *const *words, size_t n_words)
{
	if (n_words < head_words(form) || strcmp(words[0], first_word(form)))
		return false;
	return head_words(form) == 1 || !strcmp(words[1], form->verb);
}

static const struct statement_form *find_form(const char *const *words, size_t n_words)
{
	for (const struct statement_form *form = statement_forms; form->object; form++)
		if (has_head(form, words, n_words))
			return form;
	return NULL;
}

bool statement_is_change(const char *const *words, size_t n_words)
{
	return find_form(words, n_words) != NULL;
}

static size_t collect(const char *list[STATEMENT_WORDS], const char *object, bool file)
{
	const struct statement_form *form;
	size_t n = 0;

	for (form = statement_forms; form->object && n < STATEMENT_WORDS; form++) {
		const char *word = object ? form->verb : first_word(form);

		if ((object && strcmp(form->object, object)) || (file && !form->in_file))
			continue;
		if (n == 0 || strcmp(list[n - 1], word)) /* an object's forms stand together */
			list[n++] = word;
	}
	return n;
}

size_t statement_words(const char *list[STATEMENT_WORDS], const char *object)
{
	return collect(list, object, false);
}

/* Object and verb name no form. */
static int refuse_head(const char *const *words, size_t n_words, bool file, struct report *rep)
{
	const char *list[STATEMENT_WORDS];
	char expected[sizeof(rep->expected)];
	size_t n = 0;

	if (n_words > 0 && words[0][0])
		n = collect(list, words[0], file);
	if (n == 0) {
		n = collect(list, NULL, file);
		text_list(expected, sizeof(expected), list, n);
		if (n_words == 0)
			return report_usage(rep, "", expected, "a statement is missing");
		return report_usage(rep, words[0], expected, "%s is not known here",
				    REPORT_QUOTE(words[0]));
	}
	text_list(expected, sizeof(expected), list, n);
	if (n_words == 1)
		return report_usage(rep, "", expected, "a command is missing after %s",
				    REPORT_QUOTE(words[0]));
	return report_usage(rep, words[1], expected, "%s is not a command of %s here",
			    REPORT_QUOTE(words[1]), words[0]);
}

/* What a command does, a file cannot say. */
static int refuse_in_file(const struct statement_form *form, struct report *rep)
{
	const char *list[STATEMENT_WORDS];
	char expected[sizeof(rep->expected)];
	size_t n = collect(list, form->object[0] ? form->object : NULL, true);

	text_list(expected, sizeof(expected), list, n);
	return report_usage(rep, form->verb, expected,
			    "a file says what is, so it holds no %s, only %s", form->verb,
			    expected);
}

static int parse(struct statement *statement, const char *const *words, size_t n_words, bool file,
		 struct report *rep)
{
	const struct statement_form *form = find_form(words, n_words);
	struct words rest = { .words = words, .n_words = n_words, .rep = rep };

	if (!form)
		return refuse_head(words, n_words, file, rep);
	if (file && !form->in_file)
		return refuse_in_file(form, rep);

	memset(statement, 0, sizeof(*statement));
	statement->object = form->object_id;
	statement->verb = form->verb_id;
	rest.next = head_words(form);
	rest.parts = form->parts;
	return parts_read(statement, &rest);
}

int statement_parse(struct statement *statement, const char *const *words, size_t n_words,
		    struct report *rep)
{
	return parse(statement, words, n_words, false, rep);
}

int statement_parse_in_file(struct statement *statement, const char *const *words, size_t n_words,
			    struct report *rep)
{
	return parse(statement, words, n_words, true, rep);
}
