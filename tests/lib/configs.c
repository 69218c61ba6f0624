// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configs in unit tests and fuzzers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "configs.h"

#define MAX_WORDS 256

size_t configs_split(char *line, const char **words, size_t room)
{
	char *rest = NULL;
	size_t n = 0;

	for (char *word = strtok_r(line, " \t", &rest); word && n < room;
	     word = strtok_r(NULL, " \t", &rest))
		words[n++] = strcmp(word, "''") ? word : "";
	return n;
}

int configs_change(struct config *config, const char *line, struct report *rep)
{
	char *copy = strdup(line);
	const char *words[MAX_WORDS];
	struct statement statement;
	int err = -ENOMEM;

	if (copy) {
		size_t n = configs_split(copy, words, MAX_WORDS);

		err = statement_parse(&statement, words, n, rep);
		if (!err)
			err = config_change(config, &statement, rep);
	}
	free(copy);
	return err;
}

static const char *names_fault(const struct config *config)
{
	static const char zero[IFNAMSIZ];
	uint32_t uses[CONFIG_NICS] = { 0 };

	for (size_t i = 0; i < config->n_groups; i++) {
		const struct group *group = &config->groups[i];

		for (int bit = 0; bit < CONFIG_NICS; bit++)
			uses[bit] += group->allowed >> bit & 1;
		if (group->wrong == XDPFRAG_WRONG_REDIRECT) {
			if (group->redirect >= CONFIG_NICS)
				return "redirect is no index";
			if (group->allowed >> group->redirect & 1)
				return "redirected to an allowed NIC";
			uses[group->redirect]++;
		}
	}
	if (memcmp(uses, config->nic_uses, sizeof(uses)))
		return "uses of names are miscounted";
	for (int i = 0; i < CONFIG_NICS; i++) {
		if (!uses[i] && memcmp(config->nics[i], zero, IFNAMSIZ))
			return "a name is not free although nothing uses it";
		if (uses[i] && !nic_name_valid(config->nics[i]))
			return "a name in use is not valid";
		for (int j = 0; uses[i] && j < i; j++)
			if (!strcmp(config->nics[i], config->nics[j]))
				return "a name is interned twice";
	}
	return NULL;
}

const char *configs_fault(const struct config *config)
{
	if (config->n_groups > config->room || config->n_groups > CONFIG_GROUPS)
		return "more groups than room";
	if (config->n_links > CONFIG_LINKS)
		return "too many links";
	for (size_t i = 0; i < config->n_groups; i++) {
		if (!config->groups[i].allowed)
			return "a group without allowed NICs";
		if (config->groups[i].reassemble)
			return "a group to reassemble";
	}
	for (size_t i = 1; i < config->n_groups; i++)
		if (group_key_compare(&config->groups[i - 1].key, &config->groups[i].key) >= 0)
			return "groups not in order, or twice";
	for (size_t i = 1; i < config->n_links; i++)
		if (strcmp(config->links[i - 1].name, config->links[i].name) >= 0)
			return "links not in order, or twice";
	return names_fault(config);
}

char *configs_text(const struct config *config, size_t *len)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, len);
	int err;

	if (!to)
		return NULL;
	err = config_print(config, to);
	if (fclose(to) == 0 && !err)
		return text;
	free(text);
	return NULL;
}

const char *configs_round_trip_fault(const struct config *config)
{
	char *text = NULL, *again = NULL;
	const char *fault = NULL;
	struct report rep;
	struct config parsed;
	size_t len, len_again;

	config_init(&parsed);
	text = configs_text(config, &len);
	if (!text)
		fault = "it cannot be printed";
	else if (config_parse(&parsed, text, len, &rep))
		fault = "what was printed is refused";
	else if (!config_equal(config, &parsed) || !config_equal(&parsed, config))
		fault = "parsed again it is another";
	else if (configs_fault(&parsed))
		fault = "parsed again it is not sound";
	if (!fault) {
		again = configs_text(&parsed, &len_again);
		if (!again || len != len_again || memcmp(text, again, len))
			fault = "printed again it is another text";
	}
	config_free(&parsed);
	free(text);
	free(again);
	return fault;
}
