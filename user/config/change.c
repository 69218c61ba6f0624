// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carrying out one statement. Whatever can fail comes before what cannot be taken
 * back: an error leaves every byte as it was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"

#define FIRST_ROOM 16 /* groups */

int too_many_groups(const struct group_key *key, struct report *rep)
{
	char text[64];

	group_key_text(key, text, sizeof(text));
	return report_refused(rep, -ENOSPC, text,
			      "%s would be one group too many: there are %d, the most there can be",
			      text, CONFIG_GROUPS);
}

int out_of_memory(struct report *rep)
{
	return report_failed(rep, -ENOMEM, "", "out of memory");
}

/* The first place whose group does not come before key; is it key's? */
static bool find_place(const struct config *config, const struct group_key *key, size_t *place)
{
	size_t low = 0, high = config->n_groups;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = group_key_compare(&config->groups[middle].key, key);

		if (order == 0) {
			*place = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return false;
}

static int make_room(struct config *config, const struct group_key *key, struct report *rep)
{
	size_t room = config->room ? 2 * config->room : FIRST_ROOM;
	struct group *groups;

	if (config->n_groups == CONFIG_GROUPS)
		return too_many_groups(key, rep);
	if (config->n_groups < config->room)
		return 0;
	groups = reallocarray(config->groups, room, sizeof(*groups));
	if (!groups)
		return out_of_memory(rep);
	config->groups = groups;
	config->room = room;
	return 0;
}

static int refuse_existing_group(const struct group_key *key, struct report *rep)
{
	char text[64], words[GROUP_KEY_WORDS];

	return report_refused(rep, -EEXIST, group_key_text(key, text, sizeof(text)),
			      "group %s is there already; use group replace to change it",
			      group_key_words(key, words, sizeof(words)));
}

/* place: where it would be. There, the same group with a source would follow. */
static int refuse_missing_group(const struct config *config, size_t place,
				const struct group_key *key, struct report *rep)
{
	char text[64], words[GROUP_KEY_WORDS];
	struct group_key next;

	group_key_text(key, text, sizeof(text));
	if (!key->has_source && place < config->n_groups) {
		next = config->groups[place].key;
		group_key_words(&next, words, sizeof(words));
		next.has_source = false;
		memset(next.source, 0, sizeof(next.source));
		if (!group_key_compare(&next, key))
			return report_refused(rep, -ENOENT, text,
					      "there is no group %s without a source, but group %s",
					      text, words);
	}
	return report_refused(rep, -ENOENT, text, "there is no group %s",
			      group_key_words(key, words, sizeof(words)));
}

static int set_group(struct config *config, const struct statement *statement, struct report *rep)
{
	const struct config before = *config;
	struct group group;
	size_t place;
	bool exists;
	int err;

	exists = find_place(config, &statement->key, &place);
	if (exists && statement->verb == VERB_ADD)
		return refuse_existing_group(&statement->key, rep);

	/* The old group's names make room for the new one's. */
	if (exists)
		names_release(config, &config->groups[place]);
	err = names_take(config, statement, &group, rep);
	if (!err && !exists)
		err = make_room(config, &statement->key, rep);
	if (err) {
		*config = before;
		return err;
	}

	if (!exists) {
		memmove(&config->groups[place + 1], &config->groups[place],
			(config->n_groups - place) * sizeof(group));
		config->n_groups++;
	}
	config->groups[place] = group;
	return 0;
}

static int del_group(struct config *config, const struct group_key *key, struct report *rep)
{
	size_t place;

	if (!find_place(config, key, &place))
		return refuse_missing_group(config, place, key, rep);
	names_release(config, &config->groups[place]);
	config->n_groups--;
	memmove(&config->groups[place], &config->groups[place + 1],
		(config->n_groups - place) * sizeof(*config->groups));
	return 0;
}

static void flush_groups(struct config *config)
{
	free(config->groups);
	config->groups = NULL;
	config->n_groups = config->room = config->n_reassembled = 0;
	memset(config->nics, 0, sizeof(config->nics));
	memset(config->nic_uses, 0, sizeof(config->nic_uses));
}

static int change_group(struct config *config, const struct statement *statement,
			struct report *rep)
{
	switch (statement->verb) {
	case VERB_ADD:
	case VERB_REPLACE:
		return set_group(config, statement, rep);
	case VERB_DEL:
		return del_group(config, &statement->key, rep);
	default:
		break;
	}
	flush_groups(config);
	return 0;
}

static int change_link(struct config *config, const struct statement *statement, struct report *rep)
{
	switch (statement->verb) {
	case VERB_ADD:
		return link_add(config, &statement->link, rep);
	case VERB_SET:
		return settings_set(config, &statement->settings, rep);
	case VERB_UNSET:
		return settings_unset(config, &statement->settings, rep);
	default:
		return link_del(config, statement->link.name, rep);
	}
}

int config_change(struct config *config, const struct statement *statement, struct report *rep)
{
	switch (statement->object) {
	case OBJECT_GROUP:
		return change_group(config, statement, rep);
	case OBJECT_LINK:
		return change_link(config, statement, rep);
	case OBJECT_ROUTE:
		if (statement->verb == VERB_SET)
			return route_set(config, &statement->route, rep);
		return route_unset(config, &statement->route.key, rep);
	case OBJECT_LEARN:
		config->learn = statement->verb == VERB_ON;
		return 0;
	case OBJECT_ALL:
		break;
	}
	config_free(config);
	return 0;
}
