// SPDX-License-Identifier: GPL-2.0-or-later
/* stats: what the links counted. */
#include "agent/show/show.h"
#include "agent/show_name.h"

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
