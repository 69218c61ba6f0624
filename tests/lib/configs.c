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

static const char *settings_fault(const struct config *config)
{
	static const struct link_settings zero;

	if (config->n_settings > CONFIG_LINKS)
		return "too many NICs with settings";
	for (size_t i = 0; i < CONFIG_LINKS; i++) {
		const struct link_settings *settings = &config->settings[i];

		if (i >= config->n_settings) {
			if (memcmp(settings, &zero, sizeof(zero)))
				return "settings behind the last ones";
			continue;
		}
		if (!nic_name_valid(settings->name))
			return "settings of a NIC whose name is not valid";
		if (!settings->said || settings->said >> LINK_SETTINGS)
			return "settings that say nothing, or what there is not";
		for (int j = 0; j < LINK_SETTINGS; j++)
			if (settings->values[j] && !(settings->said & 1U << j))
				return "a value of a setting of which nothing is said";
			else if (j != SETTING_MTU && settings->values[j] > 1)
				return "a switch that is neither on nor off";
		if (i > 0 && strcmp(config->settings[i - 1].name, settings->name) >= 0)
			return "settings not in order, or twice";
	}
	return NULL;
}

static const char *routes_fault(const struct config *config)
{
	static const struct route_config zero;

	if (config->n_routes > CONFIG_ROUTES)
		return "too many routes";
	for (size_t i = 0; i < CONFIG_ROUTES; i++) {
		const struct route_config *route = &config->routes[i];

		if (i >= config->n_routes) {
			if (memcmp(route, &zero, sizeof(zero)))
				return "a route behind the last one";
			continue;
		}
		if (!route->mtu)
			return "a route without MTU";
		if (route->key.dev[0] && !nic_name_valid(route->key.dev))
			return "a route with a NIC whose name is not valid";
		if (i > 0 && route_key_compare(&config->routes[i - 1].key, &route->key) >= 0)
			return "routes not in order, or twice";
	}
	return NULL;
}

const char *configs_fault(const struct config *config)
{
	size_t n_reassembled = 0;
	const char *fault;

	if (config->n_groups > config->room || config->n_groups > CONFIG_GROUPS)
		return "more groups than room";
	if (config->n_links > CONFIG_LINKS)
		return "too many links";
	for (size_t i = 0; i < config->n_groups; i++) {
		if (!config->groups[i].allowed)
			return "a group without allowed NICs";
		n_reassembled += config->groups[i].reassemble;
		if (config->groups[i].reassemble && config->groups[i].apart)
			return "a group to reassemble, apart";
		if (config->groups[i].learned)
			return "a learned group";
		if (config->groups[i].apart &&
		    !(config->groups[i].allowed & (config->groups[i].allowed - 1)))
			return "a group with one NIC, apart";
	}
	if (n_reassembled != config->n_reassembled)
		return "groups to reassemble are miscounted";
	if (n_reassembled > CONFIG_REASSEMBLED)
		return "too many groups to reassemble";
	for (size_t i = 1; i < config->n_groups; i++)
		if (group_key_compare(&config->groups[i - 1].key, &config->groups[i].key) >= 0)
			return "groups not in order, or twice";
	for (size_t i = 1; i < config->n_links; i++)
		if (strcmp(config->links[i - 1].name, config->links[i].name) >= 0)
			return "links not in order, or twice";
	fault = settings_fault(config);
	if (!fault)
		fault = routes_fault(config);
	return fault ? fault : names_fault(config);
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
