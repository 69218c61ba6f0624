// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole file of statements into a config.
 *
 * Groups are gathered as they come, sorted once, and only then checked for
 * duplicates: to insert each in its place would move the rest every time, which
 * is quadratic for a file in descending order.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"

#define LINE_ROOM  4096 /* the longest statement names 64 NICs: 1.2 KB */
#define WORD_ROOM  32	/* the longest statement has 17 words: of more, one is refused */
#define FIRST_ROOM 64	/* groups */

struct entry {
	struct group group;
	unsigned int line;
};

struct file {
	struct config *config;
	struct entry *entries;
	size_t n_entries;
	size_t room;
	unsigned int line; /* being read */
	bool learn_said;
};

static int add_entry(struct file *file, const struct statement *statement, struct report *rep)
{
	struct entry *entry;
	int err;

	if (file->n_entries == CONFIG_GROUPS)
		return too_many_groups(&statement->key, rep);
	if (file->n_entries == file->room) {
		size_t room = file->room ? 2 * file->room : FIRST_ROOM;

		entry = reallocarray(file->entries, room, sizeof(*entry));
		if (!entry)
			return out_of_memory(rep);
		file->entries = entry;
		file->room = room;
	}
	entry = &file->entries[file->n_entries];
	err = names_take(file->config, statement, &entry->group, rep);
	if (err)
		return err;
	entry->line = file->line;
	file->n_entries++;
	return 0;
}

/* Cuts the line into words in place; blanks are space and tab. */
static size_t split(char *line, const char *words[WORD_ROOM])
{
	char *rest = NULL;
	size_t n = 0;

	for (char *word = strtok_r(line, " \t", &rest); word && n < WORD_ROOM;
	     word = strtok_r(NULL, " \t", &rest))
		words[n++] = word;
	return n;
}

/*
 * Comments are searched too: a file with bare CRs for line ends that begins with a
 * comment would otherwise be one comment, and no policy at all.
 */
static int refuse_control(const char *line, size_t len, struct report *rep)
{
	for (size_t i = 0; i < len; i++) {
		const char word[] = { line[i], '\0' };

		if (line[i] == '\0')
			return report_usage(rep, "\\x00", "", "the line holds a NUL byte");
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
			return report_usage(rep, word, "", "the line holds a control character, %s",
					    REPORT_QUOTE(word));
	}
	return 0;
}

/*
 * What on the command line takes the place of what was there would in a file be a
 * contradiction. Links refuse it themselves, groups are compared at the end.
 */
static int refuse_twice(const struct file *file, const struct statement *statement,
			struct report *rep)
{
	if (statement->object == OBJECT_LINK && statement->verb == VERB_SET)
		return settings_refuse_twice(file->config, &statement->settings, rep);
	if (statement->object == OBJECT_ROUTE)
		return route_refuse_twice(file->config, &statement->route.key, rep);
	if (statement->object == OBJECT_LEARN && file->learn_said)
		return report_refused(rep, -EEXIST, "learn", "learn stands in a line before this");
	return 0;
}

static int parse_line(struct file *file, const char *line, size_t len, struct report *rep)
{
	const char *comment, *words[WORD_ROOM];
	struct statement statement;
	char text[LINE_ROOM];
	size_t n_words;
	int err;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	err = refuse_control(line, len, rep);
	if (err)
		return err;
	comment = memchr(line, '#', len);
	if (comment)
		len = comment - line;
	if (len >= sizeof(text))
		return report_usage(rep, "", "", "the line is longer than %zu bytes",
				    sizeof(text) - 1);
	memcpy(text, line, len);
	text[len] = '\0';
	n_words = split(text, words);
	if (n_words == 0)
		return 0;

	err = statement_parse_in_file(&statement, words, n_words, rep);
	if (err)
		return err;
	if (statement.object == OBJECT_GROUP)
		return add_entry(file, &statement, rep);
	err = refuse_twice(file, &statement, rep);
	if (err)
		return err;
	file->learn_said |= statement.object == OBJECT_LEARN;
	return config_change(file->config, &statement, rep);
}

static int parse_lines(struct file *file, const char *text, size_t text_len, struct report *rep)
{
	const char *end = text + text_len;
	int err;

	while (text < end) {
		const char *newline = memchr(text, '\n', end - text);
		const char *line_end = newline ? newline : end;

		file->line++;
		err = parse_line(file, text, line_end - text, rep);
		if (err) {
			rep->line = file->line;
			return err;
		}
		text = newline ? newline + 1 : end;
	}
	return 0;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *first = a, *second = b;
	int order = group_key_compare(&first->group.key, &second->group.key);

	if (order)
		return order;
	return first->line < second->line ? -1 : first->line > second->line;
}

/* Sort, and find the first line that says again what a line before it said. */
static int sort_entries(struct file *file, struct report *rep)
{
	const struct entry *entries = file->entries, *again = NULL;
	char text[64], words[GROUP_KEY_WORDS];
	const struct group_key *key;

	if (file->n_entries > 1)
		qsort(file->entries, file->n_entries, sizeof(*file->entries), compare_entries);
	for (size_t i = 1; i < file->n_entries; i++)
		if (!group_key_compare(&entries[i - 1].group.key, &entries[i].group.key) &&
		    (!again || entries[i].line < again->line))
			again = &entries[i];
	if (!again)
		return 0;
	key = &again->group.key;
	report_refused(rep, -EEXIST, group_key_text(key, text, sizeof(text)),
		       "group %s stands in line %u already",
		       group_key_words(key, words, sizeof(words)), again[-1].line);
	rep->line = again->line;
	return -EEXIST;
}

static int store_groups(struct file *file, struct report *rep)
{
	struct config *config = file->config;

	if (file->n_entries == 0)
		return 0;
	config->groups = reallocarray(NULL, file->n_entries, sizeof(*config->groups));
	if (!config->groups)
		return out_of_memory(rep);
	config->n_groups = config->room = file->n_entries;
	for (size_t i = 0; i < file->n_entries; i++)
		config->groups[i] = file->entries[i].group;
	return 0;
}

int config_parse(struct config *config, const char *text, size_t text_len, struct report *rep)
{
	struct file file = { .config = config };
	int err, duplicate;

	/* What Windows' editors put before a text. */
	if (text_len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		text_len -= 3;
	}
	err = parse_lines(&file, text, text_len, rep);
	/* Even then: a duplicate stands before the line at which reading ended. */
	duplicate = sort_entries(&file, rep);
	if (duplicate)
		err = duplicate;
	if (!err)
		err = store_groups(&file, rep);
	if (err)
		config_free(config);
	free(file.entries);
	return err;
}
