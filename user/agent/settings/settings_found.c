// SPDX-License-Identifier: GPL-2.0-or-later
/* How the settings of NICs were found, and the putting back. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/found.h"
#include "agent/log.h"
#include "agent/settings/settings_found.h"
#include "config/statement.h"

#define PREFIX	"link/"
#define KEY_MAX 64

struct pair {
	char key[KEY_MAX];
	uint64_t id;
	enum link_setting setting;
	uint32_t found, set;
};

static void write_key(char *key, uint64_t id, enum link_setting setting)
{
	snprintf(key, KEY_MAX, PREFIX "%" PRIu64 "/%s", id, setting_name(setting));
}

/* False for a pair that is another's, or that was not written by this program. */
static bool read_pair(struct pair *pair, const char *key, const char *value)
{
	char name[16];
	int i, end = 0;

	if (strlen(key) >= sizeof(pair->key) ||
	    sscanf(key, PREFIX "%" SCNu64 "/%15s%n", &pair->id, name, &end) != 2 || key[end])
		return false;
	end = 0;
	if (sscanf(value, "%" SCNu32 " %" SCNu32 "%n", &pair->found, &pair->set, &end) != 2 ||
	    value[end])
		return false;
	strcpy(pair->key, key);
	for (i = 0; i < LINK_SETTINGS; i++) {
		pair->setting = i;
		if (!strcmp(setting_name(i), name))
			return true;
	}
	return false;
}

bool settings_found_any(const struct found *found)
{
	const char *key, *value;
	size_t i;

	for (i = 0; found_nth(found, i, &key, &value); i++)
		if (!strncmp(key, PREFIX, strlen(PREFIX)))
			return true;
	return false;
}

int settings_found_keep(struct found *found, uint64_t id, enum link_setting setting, uint32_t raw,
			uint32_t set)
{
	char key[KEY_MAX], value[32];
	const char *kept;
	struct pair pair;

	write_key(key, id, setting);
	kept = found_get(found, key);
	if (kept && read_pair(&pair, key, kept)) {
		if (pair.set == set)
			return 0;
		raw = pair.found;
	}
	if (kept)
		found_forget(found, key);
	snprintf(value, sizeof(value), "%" PRIu32 " %" PRIu32, raw, set);
	return found_put(found, key, value);
}

static bool is_stated(const struct agent *agent, const struct pair *pair)
{
	const struct link_settings *stated;
	size_t i;

	for (i = 0; i < agent->settings.n_nics; i++) {
		const struct settings_nic *nic = &agent->settings.nics[i];

		if (nic->id != pair->id)
			continue;
		stated = config_find_settings(&agent->config, nic->name);
		return stated && stated->said & 1U << pair->setting;
	}
	return false;
}

/* Which links have which identity, asked only when a pair is to be dealt with. */
struct identities {
	uint64_t *ids; /* in the order of the links; 0: not to be had */
	bool whole;    /* every link could be identified */
};

static bool identify_all(struct identities *all, const struct nic_access *access,
			 const struct links *links)
{
	size_t i;

	if (all->ids)
		return true;
	all->ids = calloc(links->n ? links->n : 1, sizeof(*all->ids));
	all->whole = all->ids;
	for (i = 0; all->ids && i < links->n; i++)
		if (nic_identify(access, &links->link[i], &all->ids[i])) {
			all->ids[i] = 0;
			all->whole = false;
		}
	return all->ids;
}

static const struct link *link_of(const struct identities *all, const struct links *links,
				  uint64_t id)
{
	size_t i;

	for (i = 0; i < links->n; i++)
		if (all->ids[i] == id)
			return &links->link[i];
	return NULL;
}

/* May pass by itself: the pair is kept for the next reconcile. */
static bool is_passing(int err)
{
	return err == -EBUSY || err == -EAGAIN || err == -EINTR || err == -ENOMEM || err == -ENODEV;
}

/* To the log, and to whoever made the change of which this comes. */
__attribute__((format(printf, 2, 3))) static void tell(const struct agent *agent, const char *fmt,
						       ...)
{
	char line[SETTING_REASON + 128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	log_warning("%s", line);
	if (agent->settings.told)
		json_array_append_new(agent->settings.told, json_string(line));
}

/* True when the pair has served. */
static bool put_back(struct agent *agent, const struct pair *pair, const struct link *link)
{
	struct nic_access *access = &agent->settings.access;
	struct nic_view view = { .link = link };
	const char *name = setting_name(pair->setting);
	char now[16], found[16], set[16], reason[SETTING_REASON];
	uint32_t raw;
	int err = 0;

	if (setting_is_offload(pair->setting))
		err = nic_get_features(access, link, &view.features);
	/* Gone since the dump, or taken off its driver for now: the next reconcile tries again. */
	if (err)
		return false;
	raw = setting_raw(pair->setting, &view);
	if (raw == pair->found)
		return true;
	setting_raw_text(pair->setting, raw, now, sizeof(now));
	setting_raw_text(pair->setting, pair->found, found, sizeof(found));
	setting_raw_text(pair->setting, pair->set, set, sizeof(set));
	if (raw != pair->set) {
		tell(agent,
		     "%s: %s is %s, and was set to %s: somebody else changed it, so it stays",
		     link->name, name, now, set);
		return true;
	}
	err = setting_apply(access, pair->setting, pair->found, &view, reason);
	if (err) {
		tell(agent, "%s: %s cannot be put back to %s, as it was found: %s", link->name,
		     name, found, reason);
		return !is_passing(err);
	}
	if (setting_is_offload(pair->setting) && setting_raw(pair->setting, &view) != pair->found)
		tell(agent,
		     "%s: not all of %s could be put back as it was found; see ethtool -k %s",
		     link->name, name, link->name);
	else
		log_notice("%s: %s put back to %s, as it was found", link->name, name, found);
	if (pair->setting == SETTING_MTU)
		settings_note_mtu(agent, link->name, pair->found);
	return true;
}

void settings_found_restore(struct agent *agent, const struct links *links)
{
	const struct nic_access *access = &agent->settings.access;
	struct identities all = {};
	const struct link *link;
	const char *key, *value;
	struct pair pair;
	bool done;
	size_t i = 0;
	int err;

	while (found_nth(agent->found, i, &key, &value)) {
		done = false;
		if (read_pair(&pair, key, value) && !is_stated(agent, &pair) &&
		    identify_all(&all, access, links)) {
			link = link_of(&all, links, pair.id);
			if (link)
				done = put_back(agent, &pair, link);
			else
				done = all.whole && nic_same_kind(access, pair.id);
		}
		/* Another pair takes the place of one that goes. */
		if (done)
			found_forget(agent->found, pair.key);
		else
			i++;
	}
	free(all.ids);
	err = found_save(agent->found);
	if (err)
		log_warning("cannot write down what is left to put back: %s", strerror(-err));
}
