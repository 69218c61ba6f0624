// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `link set` and `link unset`: the words, and the settings of a few NICs kept
 * sorted by name. What is set twice has the later value; a NIC of which nothing
 * is said any more has no entry.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change.h"
#include "choice.h"
#include "number.h"
#include "parts.h"

static const char *const names[LINK_SETTINGS] = {
	[SETTING_MTU] = "mtu", [SETTING_PROMISC] = "promisc", [SETTING_ALLMULTI] = "allmulti",
	[SETTING_GRO] = "gro", [SETTING_LRO] = "lro",	      [SETTING_GSO] = "gso",
	[SETTING_TSO] = "tso",
};

const char *setting_name(enum link_setting setting)
{
	return names[setting];
}

const char *setting_text(enum link_setting setting, uint32_t value, char *buf, size_t len)
{
	if (setting == SETTING_MTU)
		snprintf(buf, len, "%u", value);
	else
		snprintf(buf, len, "%s", choice_name(switch_choices, value));
	return buf;
}

/* The setting whose keyword was read last: the word before the value, or the word itself. */
static enum link_setting setting_of(const char *keyword)
{
	int i = 0;

	while (i < LINK_SETTINGS - 1 && strcmp(names[i], keyword))
		i++;
	return i;
}

static int read_nic(struct statement *statement, const char *word, struct words *words)
{
	return nic_parse(statement->settings.name, word, words->rep);
}

static int read_mtu(struct statement *statement, const char *word, struct words *words)
{
	statement->settings.said |= 1U << SETTING_MTU;
	return mtu_parse(word, MTU_MAX_LINK, &statement->settings.values[SETTING_MTU], words->rep);
}

static int read_switch(struct statement *statement, const char *word, struct words *words)
{
	const char *keyword = words->words[words->next - 2];
	enum link_setting setting = setting_of(keyword);
	uint8_t value = 0;
	int err = choice_parse(switch_choices, keyword, word, &value, words->rep);

	statement->settings.said |= 1U << setting;
	statement->settings.values[setting] = value;
	return err;
}

static int read_unset(struct statement *statement, const char *word, struct words *words)
{
	(void)words;
	statement->settings.said |= 1U << setting_of(word);
	return 0;
}

#define SWITCH(name)                                                                      \
	{                                                                                 \
		.keyword = (name), .value = "on|off", .read = read_switch, .one_of = true \
	}

const struct statement_part settings_parts[] = {
	{ .value = "NIC", .read = read_nic },
	{ .keyword = "mtu", .value = "BYTES", .read = read_mtu, .one_of = true },
	SWITCH("promisc"),
	SWITCH("allmulti"),
	SWITCH("gro"),
	SWITCH("lro"),
	SWITCH("gso"),
	SWITCH("tso"),
	{},
};

const struct statement_part settings_unset_parts[] = {
	{ .value = "NIC", .read = read_nic },
	{ .keyword = "mtu", .read = read_unset },
	{ .keyword = "promisc", .read = read_unset },
	{ .keyword = "allmulti", .read = read_unset },
	{ .keyword = "gro", .read = read_unset },
	{ .keyword = "lro", .read = read_unset },
	{ .keyword = "gso", .read = read_unset },
	{ .keyword = "tso", .read = read_unset },
	{},
};

/* The first place whose name does not come before this one. */
static size_t find_place(const struct config *config, const char *name)
{
	size_t place = 0;

	while (place < config->n_settings && strcmp(config->settings[place].name, name) < 0)
		place++;
	return place;
}

const struct link_settings *config_find_settings(const struct config *config, const char *name)
{
	size_t place = find_place(config, name);

	if (place == config->n_settings || strcmp(config->settings[place].name, name))
		return NULL;
	return &config->settings[place];
}

static void move(struct config *config, size_t to, size_t from)
{
	memmove(&config->settings[to], &config->settings[from],
		(config->n_settings - from) * sizeof(config->settings[0]));
}

static int insert(struct config *config, size_t place, const char *name, struct report *rep)
{
	if (config->n_settings == CONFIG_LINKS)
		return report_refused(rep, -ENOSPC, name,
				      "%s would be one NIC too many: settings are kept for %d, the "
				      "most there can be",
				      REPORT_QUOTE(name), CONFIG_LINKS);
	move(config, place + 1, place);
	memset(&config->settings[place], 0, sizeof(config->settings[0]));
	strcpy(config->settings[place].name, name);
	config->n_settings++;
	return 0;
}

int settings_set(struct config *config, const struct link_settings *wanted, struct report *rep)
{
	size_t place = find_place(config, wanted->name);
	int err = 0;

	if (!config_find_settings(config, wanted->name))
		err = insert(config, place, wanted->name, rep);
	if (err)
		return err;
	for (int i = 0; i < LINK_SETTINGS; i++)
		if (wanted->said & 1U << i)
			config->settings[place].values[i] = wanted->values[i];
	config->settings[place].said |= wanted->said;
	return 0;
}

int settings_refuse_twice(const struct config *config, const struct link_settings *wanted,
			  struct report *rep)
{
	const struct link_settings *have = config_find_settings(config, wanted->name);

	for (int i = 0; have && i < LINK_SETTINGS; i++)
		if (have->said & wanted->said & 1U << i)
			return report_refused(rep, -EEXIST, names[i],
					      "%s of %s is set in a line before this", names[i],
					      REPORT_QUOTE(wanted->name));
	return 0;
}

int settings_unset(struct config *config, const struct link_settings *unwanted, struct report *rep)
{
	size_t place = find_place(config, unwanted->name);
	struct link_settings *settings = &config->settings[place];
	uint8_t which = unwanted->said;

	if (!config_find_settings(config, unwanted->name))
		return report_refused(rep, -ENOENT, unwanted->name, "nothing is set for %s",
				      REPORT_QUOTE(unwanted->name));
	if (!which)
		which = settings->said;
	for (int i = 0; i < LINK_SETTINGS; i++)
		if (which & ~settings->said & 1U << i)
			return report_refused(rep, -ENOENT, names[i], "%s of %s is not set",
					      names[i], REPORT_QUOTE(unwanted->name));
	for (int i = 0; i < LINK_SETTINGS; i++)
		if (which & 1U << i)
			settings->values[i] = 0;
	settings->said &= ~which;
	if (settings->said)
		return 0;
	move(config, place, place + 1);
	config->n_settings--;
	memset(&config->settings[config->n_settings], 0, sizeof(*settings));
	return 0;
}
