// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading words by a table of parts: what must be there, then options in any
 * order, each once.
 */
#include <errno.h>
#include <string.h>

#include "parts.h"
#include "text.h"

#define MAX_PARTS 16 /* in a table */

static const struct statement_part *find_option(const struct statement_part *parts,
						const char *word)
{
	for (; parts->keyword || parts->value; parts++)
		if (parts->keyword && !strcmp(parts->keyword, word))
			return parts;
	return NULL;
}

/*
 * An option's keyword in place of a value means that the value was forgotten: to
 * take `scope` for a NIC that is not there would help nobody.
 */
const char *words_take(struct words *words, const char *value)
{
	const char *before = words->words[words->next - 1], *word = "";

	if (words->next < words->n_words) {
		word = words->words[words->next];
		if (!find_option(words->parts, word)) {
			words->next++;
			return word;
		}
	}
	report_usage(words->rep, word, value, "%s is missing after %s", value,
		     REPORT_QUOTE(before));
	return NULL;
}

/* A word that is no option, or one too often. `seen` has a bit for each part. */
static int refuse_word(const struct words *words, const char *word, unsigned int seen)
{
	const struct statement_part *parts = words->parts;
	const char *left[MAX_PARTS];
	char expected[sizeof(words->rep->expected)];
	size_t n = 0;

	for (size_t i = 0; parts[i].keyword || parts[i].value; i++)
		if (parts[i].keyword && !(seen & 1U << i))
			left[n++] = parts[i].keyword;
	text_list(expected, sizeof(expected), left, n);

	if (find_option(parts, word))
		return report_usage(words->rep, word, expected, "%s is given twice",
				    REPORT_QUOTE(word));
	if (n == 0)
		return report_usage(words->rep, word, "",
				    "%s is one word too many: the statement is complete before it",
				    REPORT_QUOTE(word));
	return report_usage(words->rep, word, expected, "%s is not an option of this statement",
			    REPORT_QUOTE(word));
}

static int read_part(const struct statement_part *part, struct statement *statement,
		     struct words *words)
{
	const char *word = part->keyword;

	if (part->value) {
		word = words_take(words, part->value);
		if (!word)
			return -EINVAL;
	}
	return part->read(statement, word, words);
}

/* None was given of those of which one is needed. */
static int refuse_end(const struct words *words, unsigned int seen)
{
	const struct statement_part *parts = words->parts;
	const char *before = words->words[words->n_words - 1];
	const char *needed[MAX_PARTS];
	char expected[sizeof(words->rep->expected)];
	size_t n = 0;

	for (size_t i = 0; parts[i].keyword || parts[i].value; i++) {
		if (parts[i].one_of && seen & 1U << i)
			return 0;
		if (parts[i].one_of)
			needed[n++] = parts[i].keyword;
	}
	if (n == 0)
		return 0;
	text_list(expected, sizeof(expected), needed, n);
	return report_usage(words->rep, "", expected, "%s is missing after %s", expected,
			    REPORT_QUOTE(before));
}

int parts_read(struct statement *statement, struct words *words)
{
	const struct statement_part *part = words->parts;
	unsigned int seen = 0;
	int err;

	for (; part->value && !part->keyword; part++) {
		err = read_part(part, statement, words);
		if (err)
			return err;
	}
	while (words->next < words->n_words) {
		const char *word = words->words[words->next];

		part = find_option(words->parts, word);
		if (!part || seen & 1U << (part - words->parts))
			return refuse_word(words, word, seen);
		seen |= 1U << (part - words->parts);
		words->next++;
		err = read_part(part, statement, words);
		if (err)
			return err;
	}
	err = refuse_end(words, seen);
	for (part = words->parts; part->keyword || part->value;)
		part++;
	return err || !part->read ? err : part->read(statement, NULL, words);
}
