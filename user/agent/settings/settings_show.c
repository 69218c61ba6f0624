// SPDX-License-Identifier: GPL-2.0-or-later
/* What is said of settings: in `link show`, and to the one who made a statement. */
#include <errno.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/log.h"
#include "config/statement.h"
#include "netstate/holders.h"

static const struct settings_nic *find_nic(const struct agent *agent, const char *name)
{
	size_t i;

	for (i = 0; i < agent->settings.n_nics; i++)
		if (!strcmp(agent->settings.nics[i].name, name))
			return &agent->settings.nics[i];
	return NULL;
}

static json_t *show_value(enum link_setting setting, uint32_t value)
{
	return setting == SETTING_MTU ? json_integer(value) : json_boolean(value);
}

static json_t *show_setting(enum link_setting setting, const struct setting_state *state)
{
	json_t *object = json_object();

	json_object_set_new(object, "wanted", show_value(setting, state->wanted));
	if (state->known)
		json_object_set_new(object, "now", show_value(setting, state->now));
	json_object_set_new(object, "in_force", json_boolean(state->in_force));
	json_object_set_new(object, "reason", json_string(state->reason));
	json_object_set_new(object, "drift", json_integer(state->drift));
	return object;
}

json_t *settings_show(const struct agent *agent, const char *nic)
{
	const struct link_settings *stated = config_find_settings(&agent->config, nic);
	const struct settings_nic *have = find_nic(agent, nic);
	json_t *object = json_object();
	int i;

	for (i = 0; stated && have && i < LINK_SETTINGS; i++)
		if (stated->said >> i & 1)
			json_object_set_new(object, setting_name(i),
					    show_setting(i, &have->settings[i]));
	return object;
}

uint64_t settings_drift(const struct agent *agent, const char *nic)
{
	const struct settings_nic *have = find_nic(agent, nic);
	uint64_t drift = 0;
	int i;

	for (i = 0; have && i < LINK_SETTINGS; i++)
		drift += have->settings[i].drift;
	return drift;
}

/* The agent gave up its own hold, and the mode ends with the last one. */
static void warn_holders(const struct links *links, const struct link *link, bool promisc,
			 bool allmulti, json_t *warnings)
{
	struct holders holders = { .ifindex = link->ifindex };
	char text[256];
	size_t i;
	int err = holders_find(links, &holders, 1);

	if (err) {
		json_array_append_new(warnings,
				      json_sprintf("cannot find out who else holds %s: %s",
						   link->name, strerror(-err)));
		return;
	}
	for (i = 0; i < holders.n; i++) {
		const struct holder *holder = &holders.holder[i];
		const char *mode = promisc && holder->promisc ? "promiscuous" : "in allmulti mode";

		if (!(promisc && holder->promisc) && !(allmulti && holder->allmulti))
			continue;
		holder_text(holder, link->name, text, sizeof(text));
		json_array_append_new(warnings,
				      json_sprintf("%s stays %s: %s%s", link->name, mode, text,
						   holder->kind == HOLDER_UNKNOWN
							   ? ""
							   : " holds it and must let go"));
	}
}

static bool turned_off(const struct link_settings *said, enum link_setting setting)
{
	return said->said >> setting & 1 && !said->values[setting];
}

void settings_warn(const struct agent *agent, const struct link_settings *said, json_t *warnings)
{
	bool promisc = turned_off(said, SETTING_PROMISC);
	bool allmulti = turned_off(said, SETTING_ALLMULTI);
	const struct settings_nic *nic = find_nic(agent, said->name);
	const struct link *link;
	struct links links;
	int err;

	if (nic && !nic->id)
		json_array_append_new(
			warnings,
			json_sprintf("%s is absent; what is set takes effect when it appears",
				     said->name));
	if (!promisc && !allmulti)
		return;
	/* Afresh: the dump of the reconcile is from before the change. */
	err = links_dump(&links);
	if (err) {
		log_warning("cannot list the links: %s", strerror(-err));
		return;
	}
	link = links_by_name(&links, said->name);
	if (link)
		warn_holders(&links, link, promisc, allmulti, warnings);
	links_free(&links);
}

void settings_warn_refused(const struct agent *agent, json_t *warnings)
{
	char value[16];
	size_t n;
	int i;

	for (n = 0; n < agent->settings.n_nics; n++) {
		const struct settings_nic *nic = &agent->settings.nics[n];

		for (i = 0; i < LINK_SETTINGS; i++)
			if (nic->settings[i].reason[0])
				json_array_append_new(
					warnings,
					json_sprintf("%s cannot have %s %s: %s", nic->name,
						     setting_name(i),
						     setting_text(i, nic->settings[i].wanted, value,
								  sizeof(value)),
						     nic->settings[i].reason));
	}
}
