// SPDX-License-Identifier: GPL-2.0-or-later
/* link show and stats: the links, and what they counted. */
#include <string.h>

#include "agent/show.h"
#include "config/statement.h"

const char *const verdict_names[XDPFRAG_VERDICTS] = {
	[XDPFRAG_PASSED] = "passed",	       [XDPFRAG_DROPPED] = "dropped",
	[XDPFRAG_OBSERVED] = "observed",       [XDPFRAG_REDIRECTED] = "redirected",
	[XDPFRAG_REASSEMBLED] = "reassembled",
};

const char *const reason_names[XDPFRAG_REASONS] = {
	[XDPFRAG_NO_POLICY] = "no_policy",
	[XDPFRAG_TRUNCATED] = "truncated",
	[XDPFRAG_MALFORMED] = "malformed",
	[XDPFRAG_TOO_DEEP] = "too_deep",
	[XDPFRAG_REDIRECT_ABSENT] = "redirect_absent",
	[XDPFRAG_UNCOUNTED] = "uncounted",
};

json_t *show_name(const char *name)
{
	json_t *string = json_string(name);

	return string ? string : json_string(REPORT_QUOTE(name));
}

static const char *mode_of(const struct managed *managed)
{
	if (!managed->ifindex)
		return "absent";
	if (!managed->program)
		return "off";
	return managed->hook.mode == HOOK_SKB ? "skb" : "native";
}

static json_t *show_link(const struct managed *managed)
{
	json_t *object = json_object();
	bool steered = managed_steered(managed);

	json_object_set_new(object, "name", show_name(managed->name));
	json_object_set_new(object, "ifindex", json_integer(managed->ifindex));
	json_object_set_new(object, "origin", json_string(managed->is_static ? "static" : "auto"));
	json_object_set_new(object, "wanted", json_string(link_mode_name(managed->wanted)));
	json_object_set_new(object, "mode", json_string(mode_of(managed)));
	json_object_set_new(object, "frags", json_boolean(steered && managed->hook.frags));
	json_object_set_new(object, "dispatcher",
			    json_boolean(steered && managed->hook.dispatcher));
	json_object_set_new(object, "program", json_integer(managed->program));
	json_object_set_new(object, "mtu", json_integer(managed->mtu));
	json_object_set_new(object, "promiscuity", json_integer(managed->promiscuity));
	json_object_set_new(object, "reason", json_string(managed->reason));
	return object;
}

json_t *show_links(const struct agent *agent, const char *nic)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < agent->n_managed; i++)
		if (!nic || !strcmp(agent->managed[i].name, nic))
			json_array_append_new(array, show_link(&agent->managed[i]));
	return array;
}

static void set_counts(json_t *object, const struct xdpfrag_counts *counts,
		       const struct xdpfrag_reasons *reasons)
{
	int i;

	for (i = 0; i < XDPFRAG_VERDICTS; i++)
		json_object_set_new(object, verdict_names[i], json_integer(counts->packets[i]));
	for (i = 0; i < XDPFRAG_REASONS; i++)
		json_object_set_new(object, reason_names[i], json_integer(reasons->packets[i]));
}

json_t *show_stats(const struct agent *agent)
{
	json_t *object = json_object(), *array = json_array(), *total = json_object();
	struct xdpfrag_counts all_counts = agent->gone_counts;
	struct xdpfrag_reasons all_reasons = agent->gone_reasons;
	size_t i;
	int n;

	for (i = 0; i < agent->n_managed; i++) {
		const struct counters *counters = &agent->managed[i].counters;
		struct xdpfrag_counts counts = counters_total(counters);
		struct xdpfrag_reasons reasons = counters_reasons(counters);
		json_t *link = json_object();

		json_object_set_new(link, "name", show_name(agent->managed[i].name));
		set_counts(link, &counts, &reasons);
		json_array_append_new(array, link);
		for (n = 0; n < XDPFRAG_VERDICTS; n++)
			all_counts.packets[n] += counts.packets[n];
		for (n = 0; n < XDPFRAG_REASONS; n++)
			all_reasons.packets[n] += reasons.packets[n];
	}
	set_counts(total, &all_counts, &all_reasons);
	json_object_set_new(object, "links", array);
	json_object_set_new(object, "total", total);
	return object;
}
