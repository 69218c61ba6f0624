// SPDX-License-Identifier: GPL-2.0-or-later
/* Reconcile's part for `link set`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/found.h"
#include "agent/log.h"
#include "agent/settings/settings_found.h"
#include "config/statement.h"

#define RETRY_SECONDS 30 /* between attempts that nothing speaks for */

/* One run over all NICs. nows[i] is what settings.nics[i] has. */
struct pass {
	struct agent *agent;
	const struct link_settings *must; /* NULL: none */
	struct report *rep;
	int keep_err; /* how it was found could not be written down: hands off */
	uint64_t ms;  /* CLOCK_MONOTONIC */
	struct nic_view nows[CONFIG_LINKS]; /* link NULL: absent */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000) + now.tv_nsec / 1000000;
}

static const struct link_settings *stated_of(const struct pass *pass,
					     const struct settings_nic *nic)
{
	return config_find_settings(&pass->agent->config, nic->name);
}

/* The table in step with the statements. */
static void follow_statements(struct agent *agent)
{
	struct settings *settings = &agent->settings;
	size_t i, n;

	for (i = n = 0; i < settings->n_nics; i++)
		if (config_find_settings(&agent->config, settings->nics[i].name) && n++ != i)
			settings->nics[n - 1] = settings->nics[i];
	settings->n_nics = n;
	for (i = 0; i < agent->config.n_settings; i++) {
		const char *name = agent->config.settings[i].name;

		for (n = 0; n < settings->n_nics; n++)
			if (!strcmp(settings->nics[n].name, name))
				break;
		if (n < settings->n_nics)
			continue;
		settings->nics[n] = (struct settings_nic){};
		memcpy(settings->nics[n].name, name, IFNAMSIZ);
		settings->n_nics++;
	}
}

static void forget_state(struct setting_state *state)
{
	*state = (struct setting_state){ .drift = state->drift };
}

/* Reads what is needed of one NIC, and forgets what was known of another with its name. */
static void look(const struct pass *pass, struct settings_nic *nic, const struct links *links,
		 struct nic_view *now)
{
	struct settings *settings = &pass->agent->settings;
	const struct link_settings *stated = stated_of(pass, nic);
	const struct link *link = links_by_name(links, nic->name);
	bool offloads = false;
	uint64_t id = 0;
	int i, err = 0;

	*now = (struct nic_view){};
	for (i = 0; i < LINK_SETTINGS; i++)
		offloads |= setting_is_offload(i) && stated->said >> i & 1;
	if (link)
		err = nic_identify(&settings->access, link, &id);
	if (link && !err && offloads)
		now->err = nic_get_features(&settings->access, link, &now->features);
	/* -ENODEV: gone since the dump, and the event for it is on its way. */
	if (err && err != -ENODEV)
		log_warning("%s: cannot find out which NIC it is: %s", nic->name, strerror(-err));
	now->link = err ? NULL : link;
	if (!now->link)
		id = 0;
	for (i = 0; i < LINK_SETTINGS; i++) {
		struct setting_state *state = &nic->settings[i];

		if (id != nic->id || state->wanted != stated->values[i] || !(stated->said >> i & 1))
			forget_state(state);
		/* A driver may turn offloads on or off for a program's sake. */
		if (now->link && now->link->program != nic->program && setting_is_offload(i))
			state->had = false;
		state->wanted = stated->values[i];
	}
	nic->id = id;
	nic->program = now->link ? now->link->program : 0;
}

static bool is_must(const struct pass *pass, const struct settings_nic *nic,
		    enum link_setting setting)
{
	return pass->must && pass->must->said >> setting & 1 &&
	       !strcmp(pass->must->name, nic->name);
}

static int refuse(const struct pass *pass, const struct settings_nic *nic,
		  enum link_setting setting, int err, const char *reason)
{
	const struct setting_state *state = &nic->settings[setting];
	char value[16];

	setting_text(setting, state->wanted, value, sizeof(value));
	return report_refused(
		pass->rep, err, setting == SETTING_MTU ? value : setting_name(setting),
		"%s cannot have %s %s: %s", nic->name, setting_name(setting), value, reason);
}

/* Before anything is touched: what can be known to be refused. */
static int check_must(const struct pass *pass)
{
	char reason[SETTING_REASON];
	size_t n;
	int i;

	for (n = 0; n < pass->agent->settings.n_nics; n++) {
		const struct settings_nic *nic = &pass->agent->settings.nics[n];

		for (i = 0; i < LINK_SETTINGS; i++)
			if (is_must(pass, nic, i) && pass->nows[n].link &&
			    !setting_possible(i, nic->settings[i].wanted, &pass->nows[n], reason))
				return refuse(pass, nic, i, -ERANGE, reason);
	}
	return 0;
}

/* How everything is that is going to be touched, on disk. */
static int keep_found(const struct pass *pass)
{
	struct found *found = pass->agent->found;
	char reason[SETTING_REASON];
	int i, err = 0;
	size_t n;

	for (n = 0; n < pass->agent->settings.n_nics; n++) {
		const struct settings_nic *nic = &pass->agent->settings.nics[n];
		const struct link_settings *stated = stated_of(pass, nic);
		const struct nic_view *now = &pass->nows[n];

		for (i = 0; now->link && i < LINK_SETTINGS && !err; i++)
			if (stated->said >> i & 1 &&
			    setting_possible(i, stated->values[i], now, reason))
				err = settings_found_keep(found, nic->id, i, setting_raw(i, now),
							  setting_goal(i, stated->values[i], now));
	}
	return err ? err : found_save(found);
}

void settings_note_mtu(struct agent *agent, const char *nic, uint32_t mtu)
{
	struct managed *managed = managed_by_name(agent->managed, agent->n_managed, nic);

	if (managed)
		managed->mtu = mtu;
}

static void keep_reason(struct settings_nic *nic, enum link_setting setting, const char *reason)
{
	struct setting_state *state = &nic->settings[setting];
	char value[16];

	state->in_force = state->had = false;
	if (!strcmp(state->reason, reason))
		return;
	snprintf(state->reason, sizeof(state->reason), "%s", reason);
	log_warning("%s: cannot have %s %s: %s", nic->name, setting_name(setting),
		    setting_text(setting, state->wanted, value, sizeof(value)), reason);
}

/* It is as stated. */
static void settle(const struct pass *pass, struct settings_nic *nic, enum link_setting setting)
{
	struct setting_state *state = &nic->settings[setting];

	if (drift_quiet(&state->pace, pass->ms))
		log_notice("%s: %s stays as it is set again", nic->name, setting_name(setting));
	state->in_force = state->had = true;
	state->reason[0] = '\0';
	state->failed_at = 0;
}

/* May a change of another's be undone now? */
static bool may_put_back(const struct pass *pass, struct settings_nic *nic,
			 enum link_setting setting)
{
	struct setting_state *state = &nic->settings[setting];

	switch (drift_found(&state->pace, pass->ms)) {
	case DRIFT_PUT_BACK:
		return true;
	case DRIFT_HOLD_BEGINS:
		log_warning("%s: another program sets %s again and again; it is put back once in "
			    "%d s from now on",
			    nic->name, setting_name(setting), DRIFT_SECONDS);
		break;
	case DRIFT_HOLD:
		break;
	}
	state->in_force = false;
	snprintf(state->reason, sizeof(state->reason),
		 "another program sets it again and again; it is put back once in %d s",
		 DRIFT_SECONDS);
	return false;
}

static bool may_retry(const struct pass *pass, const struct setting_state *state, uint32_t raw,
		      uint32_t program)
{
	return !state->failed_at || state->failed_raw != raw || state->failed_program != program ||
	       pass->ms / 1000 >= (uint64_t)state->failed_at + RETRY_SECONDS;
}

static void applied(const struct pass *pass, struct settings_nic *nic, enum link_setting setting,
		    bool drifted)
{
	struct setting_state *state = &nic->settings[setting];
	char before[16], after[16];

	setting_text(setting, state->now, before, sizeof(before));
	setting_text(setting, state->wanted, after, sizeof(after));
	if (drifted) {
		state->drift++;
		pass->agent->settings.drift++;
		log_warning("%s: %s was %s, put back to %s", nic->name, setting_name(setting),
			    before, after);
	} else {
		log_notice("%s: %s set to %s, was %s", nic->name, setting_name(setting), after,
			   before);
	}
	state->now = state->wanted;
	if (setting == SETTING_MTU)
		settings_note_mtu(pass->agent, nic->name, state->wanted);
	settle(pass, nic, setting);
}

/* It is not as stated, and can be had as far as is known. */
static int apply(const struct pass *pass, struct settings_nic *nic, struct nic_view *now,
		 enum link_setting setting)
{
	struct setting_state *state = &nic->settings[setting];
	bool must = is_must(pass, nic, setting), drifted = state->had;
	uint32_t raw = setting_raw(setting, now);
	char reason[SETTING_REASON];
	int err;

	if (!must && !may_retry(pass, state, raw, nic->program))
		return 0;
	if (!must && drifted && !may_put_back(pass, nic, setting))
		return 0;
	err = setting_apply(&pass->agent->settings.access, setting,
			    setting_goal(setting, state->wanted, now), now, reason);
	if (!err && setting_is_offload(setting) && !setting_is(setting, state->wanted, now)) {
		setting_unmet(setting, state->wanted, now, reason);
		err = -EOPNOTSUPP;
	}
	if (!err) {
		applied(pass, nic, setting, drifted);
		return 0;
	}
	if (must)
		return refuse(pass, nic, setting, err, reason);
	state->failed_at = pass->ms / 1000 + 1;
	state->failed_raw = setting_raw(setting, now);
	state->failed_program = nic->program;
	keep_reason(nic, setting, reason);
	return 0;
}

static int enforce(const struct pass *pass, struct settings_nic *nic, struct nic_view *now,
		   enum link_setting setting)
{
	struct setting_state *state = &nic->settings[setting];
	char reason[SETTING_REASON];

	state->now = setting_now(setting, now);
	state->known = true;
	if (setting_is(setting, state->wanted, now)) {
		settle(pass, nic, setting);
		return 0;
	}
	if (!setting_possible(setting, state->wanted, now, reason)) {
		keep_reason(nic, setting, reason);
		return 0;
	}
	if (pass->keep_err) {
		snprintf(reason, sizeof(reason), "how it was found cannot be kept in %s: %s",
			 pass->agent->options.run_dir, strerror(-pass->keep_err));
		if (is_must(pass, nic, setting))
			return refuse(pass, nic, setting, pass->keep_err, reason);
		keep_reason(nic, setting, reason);
		return 0;
	}
	return apply(pass, nic, now, setting);
}

static int enforce_all(struct pass *pass)
{
	struct settings *settings = &pass->agent->settings;
	int i, err = 0;
	size_t n;

	for (n = 0; n < settings->n_nics; n++) {
		struct settings_nic *nic = &settings->nics[n];
		uint8_t said = stated_of(pass, nic)->said;

		for (i = 0; pass->nows[n].link && i < LINK_SETTINGS && !err; i++)
			if (said >> i & 1)
				err = enforce(pass, nic, &pass->nows[n], i);
	}
	return err;
}

static int open_access(struct nic_access *access)
{
	bool was_open = access->open;
	int err = nic_open(access);

	if (!err && !was_open && access->sysfs < 0)
		log_notice("this namespace's sysfs cannot be had: a NIC whose address changes is "
			   "taken for another one");
	return err;
}

int settings_reconcile(struct agent *agent, const struct links *links,
		       const struct link_settings *must, struct report *rep)
{
	struct settings *settings = &agent->settings;
	struct pass pass = { .agent = agent, .must = must, .rep = rep, .ms = now_ms() };
	size_t n;
	int err;

	follow_statements(agent);
	if (!settings->n_nics && !settings_found_any(agent->found))
		return 0;
	err = open_access(&settings->access);
	if (err && must)
		return report_failed(rep, err, "", "cannot read the settings of NICs: %s",
				     strerror(-err));
	if (err) {
		log_warning("cannot read the settings of NICs: %s", strerror(-err));
		return 0;
	}
	for (n = 0; n < settings->n_nics; n++)
		look(&pass, &settings->nics[n], links, &pass.nows[n]);
	err = check_must(&pass);
	if (err)
		return err;
	pass.keep_err = keep_found(&pass);
	err = enforce_all(&pass);
	if (!err)
		settings_found_restore(agent, links);
	return err;
}

void settings_end(struct agent *agent)
{
	nic_close(&agent->settings.access);
}
