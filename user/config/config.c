// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The desired state as a value: made, copied, freed, searched and compared.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
}

void config_free(struct config *config)
{
	free(config->groups);
	config_init(config);
}

int config_copy(struct config *to, const struct config *from)
{
	struct group *groups = NULL;
	size_t room = 0;

	/* A copy is made to be changed, mostly by one statement: room for its group. */
	if (from->n_groups > 0) {
		room = from->n_groups + 1;
		groups = reallocarray(NULL, room, sizeof(*groups));
		if (!groups)
			return -ENOMEM;
		memcpy(groups, from->groups, from->n_groups * sizeof(*groups));
	}
	*to = *from;
	to->groups = groups;
	to->room = room;
	return 0;
}

int group_key_compare(const struct group_key *a, const struct group_key *b)
{
	int order;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	order = memcmp(a->group, b->group, sizeof(a->group));
	if (order)
		return order;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (a->has_source != b->has_source)
		return a->has_source ? 1 : -1;
	return memcmp(a->source, b->source, sizeof(a->source));
}

static int compare_key_with_group(const void *key, const void *group)
{
	return group_key_compare(key, &((const struct group *)group)->key);
}

const struct group *config_find_group(const struct config *config, const struct group_key *key)
{
	if (config->n_groups == 0)
		return NULL;
	return bsearch(key, config->groups, config->n_groups, sizeof(*config->groups),
		       compare_key_with_group);
}

const struct link_config *config_find_link(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_links; i++)
		if (!strcmp(config->links[i].name, name))
			return &config->links[i];
	return NULL;
}

/* Where each name of one config stands in the other. */
struct translation {
	uint64_t bit[CONFIG_NICS]; /* 0: not there */
};

static void translate_names(struct translation *to, const struct config *a, const struct config *b)
{
	memset(to, 0, sizeof(*to));
	for (size_t i = 0; i < CONFIG_NICS; i++)
		for (size_t j = 0; a->nics[i][0] && j < CONFIG_NICS; j++)
			if (!strcmp(a->nics[i], b->nics[j]))
				to->bit[i] = 1ULL << j;
}

static bool group_equal(const struct group *a, const struct group *b, const struct translation *to)
{
	uint64_t allowed = 0;

	if (group_key_compare(&a->key, &b->key) || a->wrong != b->wrong ||
	    a->scope_all != b->scope_all || a->reassemble != b->reassemble || a->apart != b->apart)
		return false;
	if (a->wrong == XDPFRAG_WRONG_REDIRECT && to->bit[a->redirect] != 1ULL << b->redirect)
		return false;
	for (uint64_t left = a->allowed; left; left &= left - 1) {
		uint64_t bit = to->bit[__builtin_ctzll(left)];

		if (!bit)
			return false;
		allowed |= bit;
	}
	return allowed == b->allowed;
}

static bool settings_equal(const struct config *a, const struct config *b)
{
	for (size_t i = 0; i < a->n_settings; i++)
		if (strcmp(a->settings[i].name, b->settings[i].name) ||
		    a->settings[i].said != b->settings[i].said ||
		    memcmp(a->settings[i].values, b->settings[i].values,
			   sizeof(a->settings[i].values)))
			return false;
	return true;
}

static bool routes_equal(const struct config *a, const struct config *b)
{
	for (size_t i = 0; i < a->n_routes; i++)
		if (route_key_compare(&a->routes[i].key, &b->routes[i].key) ||
		    a->routes[i].mtu != b->routes[i].mtu)
			return false;
	return true;
}

bool config_equal(const struct config *a, const struct config *b)
{
	struct translation to;

	if (a->n_groups != b->n_groups || a->n_links != b->n_links || a->learn != b->learn ||
	    a->n_settings != b->n_settings || a->n_routes != b->n_routes || !settings_equal(a, b) ||
	    !routes_equal(a, b))
		return false;
	for (size_t i = 0; i < a->n_links; i++)
		if (strcmp(a->links[i].name, b->links[i].name) ||
		    a->links[i].mode != b->links[i].mode ||
		    a->links[i].xdpcap_hook != b->links[i].xdpcap_hook)
			return false;
	translate_names(&to, a, b);
	for (size_t i = 0; i < a->n_groups; i++)
		if (!group_equal(&a->groups[i], &b->groups[i], &to))
			return false;
	return true;
}
