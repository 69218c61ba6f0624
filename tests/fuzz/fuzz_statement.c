// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any words as statements, one after the other on one config: it is sound after
 * each, and untouched by each that is refused. A line of the input is a statement.
 */
#include <string.h>

#include "config/text.h"
#include "../lib/configs.h"
#include "fuzz.h"

#define MAX_WORDS 64

/* Groups only: everything else about a config lies in the struct itself. */
static struct group *copy_groups(const struct config *config)
{
	size_t size = config->n_groups * sizeof(*config->groups);
	struct group *groups = malloc(size + 1);

	must(groups, "out of memory");
	if (size)
		memcpy(groups, config->groups, size);
	return groups;
}

static void check_refusal(const struct config *config, const struct config *before,
			  const struct group *groups, const struct report *rep)
{
	must(rep->message[0] && text_printable(rep->message), "a message that cannot be shown");
	must(text_printable(rep->word) && text_printable(rep->expected),
	     "a word that cannot be shown");
	must(!memcmp(config, before, sizeof(*config)), "refused, but changed");
	must(!config->n_groups ||
		     !memcmp(config->groups, groups, config->n_groups * sizeof(*groups)),
	     "refused, but groups changed");
}

static void apply(struct config *config, char *line)
{
	const struct config before = *config;
	const char *words[MAX_WORDS];
	struct statement statement;
	struct group *groups;
	struct report rep;
	size_t n_words;
	int err;

	memset(&rep, 0xa5, sizeof(rep));
	groups = copy_groups(config);
	n_words = configs_split(line, words, MAX_WORDS);
	err = statement_parse(&statement, words, n_words, &rep);
	must(err || statement_is_change(words, n_words), "taken, but not known to change");
	if (!err)
		err = config_change(config, &statement, &rep);
	if (err)
		check_refusal(config, &before, groups, &rep);
	free(groups);
	must_not(configs_fault(config));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *line;
	struct config config, copy;

	must(text, "out of memory");
	memcpy(text, data, size);
	text[size] = '\0';
	config_init(&config);
	while ((line = strsep(&rest, "\n")))
		apply(&config, line);
	must_not(configs_round_trip_fault(&config));
	must(!config_copy(&copy, &config), "out of memory");
	must(config_equal(&copy, &config), "a copy is another");
	config_free(&copy);
	config_free(&config);
	free(text);
	return 0;
}
