// SPDX-License-Identifier: GPL-2.0-or-later
/* What doctor is to know of the agent itself. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/sessions/doctor.h"

static uint64_t uncounted(const struct agent *agent)
{
	uint64_t sum = agent->gone_reasons.packets[XDPFRAG_UNCOUNTED];
	size_t i;

	for (i = 0; i < agent->n_managed; i++) {
		struct xdpfrag_reasons reasons = counters_reasons(&agent->managed[i].counters);

		sum += reasons.packets[XDPFRAG_UNCOUNTED];
	}
	return sum;
}

void doctor_take_baseline(const struct agent *agent, struct doctor_baseline *baseline)
{
	size_t i, n;

	memset(baseline, 0, sizeof(*baseline));
	baseline->route_drift = agent->routes.drift;
	baseline->uncounted = uncounted(agent);
	for (i = 0; i < agent->settings.n_nics; i++) {
		const struct settings_nic *nic = &agent->settings.nics[i];

		memcpy(baseline->nics[i].name, nic->name, IFNAMSIZ);
		for (n = 0; n < LINK_SETTINGS; n++)
			baseline->nics[i].drift[n] = nic->settings[n].drift;
	}
	baseline->n_nics = agent->settings.n_nics;
}

static uint64_t drift_before(const struct doctor_baseline *baseline, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < baseline->n_nics; i++)
		if (!strcmp(baseline->nics[i].name, name))
			return baseline->nics[i].drift[n];
	return 0;
}

static enum fact_mode mode_of(const struct managed *managed)
{
	if (!managed->ifindex)
		return MODE_ABSENT;
	if (!managed->program)
		return MODE_OFF;
	return managed->hook.mode == HOOK_SKB ? MODE_SKB : MODE_NATIVE;
}

static int add_managed(const struct agent *agent, struct facts *facts)
{
	size_t i;

	facts->managed = calloc(agent->n_managed + 1, sizeof(*facts->managed));
	if (!facts->managed)
		return -ENOMEM;
	for (i = 0; i < agent->n_managed; i++) {
		const struct managed *managed = &agent->managed[i];
		struct fact_managed *fact = &facts->managed[i];

		*fact = (struct fact_managed){ .ifindex = managed->ifindex,
					       .mode = mode_of(managed),
					       .wanted = managed->wanted,
					       .xdpcap = managed->xdpcap.wanted,
					       .is_static = managed->is_static };
		memcpy(fact->name, managed->name, sizeof(fact->name));
		memcpy(fact->reason, managed->reason, sizeof(fact->reason));
		if (managed_steered(managed))
			snprintf(fact->socket_reason, sizeof(fact->socket_reason), "%s",
				 agent->reassemble.links[managed->slot].reason);
	}
	facts->n_managed = agent->n_managed;
	return 0;
}

static void add_setting(const struct doctor_baseline *baseline, struct facts *facts,
			const struct settings_nic *nic, size_t n)
{
	const struct setting_state *state = &nic->settings[n];
	struct fact_setting *fact = &facts->settings[facts->n_settings++];
	uint64_t before = drift_before(baseline, nic->name, n);

	*fact = (struct fact_setting){ .setting = n,
				       .wanted = state->wanted,
				       .in_force = state->in_force,
				       .drift = state->drift > before ? state->drift - before : 0 };
	memcpy(fact->name, nic->name, sizeof(fact->name));
	snprintf(fact->reason, sizeof(fact->reason), "%.*s", (int)sizeof(fact->reason) - 1,
		 state->reason);
}

static int add_settings(const struct agent *agent, const struct doctor_baseline *baseline,
			struct facts *facts)
{
	size_t i, n;

	facts->settings =
		calloc(agent->settings.n_nics * LINK_SETTINGS + 1, sizeof(*facts->settings));
	if (!facts->settings)
		return -ENOMEM;
	for (i = 0; i < agent->settings.n_nics; i++) {
		const struct settings_nic *nic = &agent->settings.nics[i];
		const struct link_settings *said = config_find_settings(&agent->config, nic->name);

		for (n = 0; said && nic->id && n < LINK_SETTINGS; n++)
			if (said->said >> n & 1)
				add_setting(baseline, facts, nic, n);
	}
	return 0;
}

int doctor_add_facts(const struct agent *agent, const struct doctor_baseline *baseline,
		     struct facts *facts)
{
	uint64_t now = uncounted(agent);
	int err;

	facts->config = &agent->config;
	facts->policy = agent->policy;
	facts->agent.left_out = agent->left_out;
	facts->agent.route_drift = agent->routes.drift - baseline->route_drift;
	facts->agent.uncounted = now > baseline->uncounted ? now - baseline->uncounted : 0;
	facts->agent.reassembled = agent->config.n_reassembled;
	facts->agent.reassembles = agent->reassemble.worker;
	snprintf(facts->agent.reassembly_reason, sizeof(facts->agent.reassembly_reason), "%s",
		 agent->reassemble.reason);
	snprintf(facts->agent.last_error, sizeof(facts->agent.last_error), "%s", agent->last_error);
	err = add_managed(agent, facts);
	if (!err)
		err = add_settings(agent, baseline, facts);
	return err;
}
