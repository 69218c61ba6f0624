// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Metrics of `reassemble`: the numbers of `status`, `group show` and `link show`, from
 * the same functions. A scrape asks each socket's statistics of the kernel once.
 */
#include <event2/buffer.h>
#include <stdio.h>

#include "agent/agent.h"
#include "agent/show/metrics_text.h"
#include "config/statement.h"

static unsigned long long count_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void write_number(struct evbuffer *out, const char *metric, const char *type,
			 const char *help, unsigned long long number)
{
	metrics_heading(out, metric, type, help);
	evbuffer_add_printf(out, "%s %llu\n", metric, number);
}

/* One sample for each member of an object. */
static void write_members(struct evbuffer *out, const char *metric, const char *help,
			  const char *kind, json_t *members)
{
	const char *name;
	json_t *count;

	metrics_heading(out, metric, "counter", help);
	json_object_foreach (members, name, count)
		evbuffer_add_printf(out, "%s{%s=\"%s\"} %llu\n", metric, kind, name,
				    (unsigned long long)json_integer_value(count));
}

/* NAME, NAME_most and NAME_limit. */
static void write_use(struct evbuffer *out, const json_t *status, const char *key, const char *name,
		      const char *what)
{
	const json_t *use = json_object_get(status, key);
	char metric[64], help[128];

	snprintf(metric, sizeof(metric), "xdpfrag_reassembly_%s", name);
	snprintf(help, sizeof(help), "%s, now.", what);
	write_number(out, metric, "gauge", help, count_of(use, "now"));
	snprintf(metric, sizeof(metric), "xdpfrag_reassembly_%s_most", name);
	snprintf(help, sizeof(help), "%s, the most since reassembly runs.", what);
	write_number(out, metric, "gauge", help, count_of(use, "most"));
	snprintf(metric, sizeof(metric), "xdpfrag_reassembly_%s_limit", name);
	snprintf(help, sizeof(help), "%s, the most there can be.", what);
	write_number(out, metric, "gauge", help, count_of(use, "limit"));
}

static void write_status(struct evbuffer *out, const json_t *status)
{
	write_number(out, "xdpfrag_reassembly_completed_total", "counter",
		     "Datagrams that became whole.", count_of(status, "completed"));
	write_number(out, "xdpfrag_reassembly_bytes_total", "counter", "Bytes of their data.",
		     count_of(status, "bytes"));
	write_number(out, "xdpfrag_reassembly_delivered_total", "counter",
		     "Datagrams that were handed to the stack.", count_of(status, "delivered"));
	write_number(out, "xdpfrag_reassembly_undelivered_total", "counter",
		     "Datagrams that became whole and could not be handed to the stack.",
		     count_of(status, "undelivered"));
	write_members(out, "xdpfrag_reassembly_lost_total",
		      "Datagrams that ended without having become whole, by reason.", "reason",
		      json_object_get(status, "lost"));
	write_members(out, "xdpfrag_reassembly_fragments_total",
		      "Fragments by what became of them.", "result",
		      json_object_get(status, "fragments"));
	write_number(out, "xdpfrag_reassembly_returned_total", "counter",
		     "Packets that were handed to the agent and were no fragments to it.",
		     count_of(status, "returned"));
	write_number(out, "xdpfrag_reassembly_late_total", "counter",
		     "Packets that lay in a socket for longer than a datagram lives.",
		     count_of(status, "late"));
	write_number(out, "xdpfrag_reassembly_evicted_lingering_total", "counter",
		     "Keys of ended datagrams that had to go before their time.",
		     count_of(status, "evicted_lingering"));
	write_use(out, status, "contexts", "contexts", "Datagrams being put together");
	write_use(out, status, "lingering", "lingering", "Keys of ended datagrams that linger");
	write_use(out, status, "held", "held_fragments", "Fragments held");
	write_use(out, status, "held_bytes", "held_bytes", "Bytes of data held");
	write_number(out, "xdpfrag_reassembly_memory_bytes", "gauge",
		     "Bytes that the engine and the sockets' frames take.",
		     count_of(status, "memory"));
}

/* --- groups --- */

static void write_key(struct evbuffer *out, const char *metric, const struct group *group)
{
	char name[64], source[64];

	evbuffer_add_printf(out, "%s{group=\"%s\",source=\"%s\"", metric,
			    group_key_text(&group->key, name, sizeof(name)),
			    group_source_text(&group->key, source, sizeof(source)));
}

/* Of every group that is put together now. */
static void each_group(struct evbuffer *out, const struct agent *agent, const char *metric,
		       const char *key)
{
	const struct config *policy = agent->policy;
	size_t i;

	for (i = 0; i < policy->n_groups; i++) {
		json_t *counted;

		if (!policy->groups[i].reassemble)
			continue;
		counted = reassemble_show_group(agent, &policy->groups[i]);
		if (counted) {
			write_key(out, metric, &policy->groups[i]);
			evbuffer_add_printf(out, "} %llu\n", count_of(counted, key));
		}
		json_decref(counted);
	}
}

static void write_share(struct evbuffer *out, const struct agent *agent, const char *metric,
			const struct group *group, const struct managed *managed)
{
	static const char *const kinds[] = { "first", "duplicate", "made_good" };
	json_t *share = json_object();
	size_t i;

	reassemble_show_share(agent, group, managed->slot, share);
	for (i = 0; json_object_size(share) && i < sizeof(kinds) / sizeof(*kinds); i++) {
		write_key(out, metric, group);
		evbuffer_add(out, ",", 1);
		metrics_label(out, "nic", managed->name);
		evbuffer_add_printf(out, ",kind=\"%s\"} %llu\n", kinds[i],
				    count_of(share, kinds[i]));
	}
	json_decref(share);
}

static void write_groups(struct evbuffer *out, const struct agent *agent)
{
	const struct config *policy = agent->policy;
	const char *metric = "xdpfrag_group_reassembly_completed_total";
	size_t i, n;

	metrics_heading(out, metric, "counter", "Datagrams of a group that became whole.");
	each_group(out, agent, metric, "completed");
	metric = "xdpfrag_group_reassembly_bytes_total";
	metrics_heading(out, metric, "counter", "Bytes of their data.");
	each_group(out, agent, metric, "bytes");
	metric = "xdpfrag_group_reassembly_lost_total";
	metrics_heading(out, metric, "counter",
			"Datagrams of a group that ended without having become whole.");
	each_group(out, agent, metric, "lost");
	metric = "xdpfrag_group_reassembly_fragments_total";
	metrics_heading(out, metric, "counter",
			"Fragments of a group by link: those that came first here, those that "
			"were there already, and those that other links made good.");
	for (i = 0; i < policy->n_groups; i++)
		for (n = 0; policy->groups[i].reassemble && n < agent->n_managed; n++)
			write_share(out, agent, metric, &policy->groups[i], &agent->managed[n]);
}

/* --- sockets --- */

static void write_socket(struct evbuffer *out, const char *metric, const char *nic,
			 const json_t *socket, const char *key)
{
	evbuffer_add_printf(out, "%s{", metric);
	metrics_label(out, "nic", nic);
	evbuffer_add_printf(out, ",queue=\"%llu\"} %llu\n", count_of(socket, "queue"),
			    count_of(socket, key));
}

static void write_sockets(struct evbuffer *out, const struct agent *agent)
{
	static const struct {
		const char *key, *metric, *help;
	} counters[] = {
		{ "received", "xdpfrag_socket_received_total",
		  "Frames that an AF_XDP socket received." },
		{ "dropped", "xdpfrag_socket_dropped_total",
		  "Packets that it dropped for other reasons than full rings." },
		{ "ring_full", "xdpfrag_socket_ring_full_total",
		  "Packets that it lost because its receive ring was full." },
		{ "fill_empty", "xdpfrag_socket_fill_empty_total",
		  "Packets that found its fill ring empty." },
		{ "refused", "xdpfrag_socket_refused_total",
		  "Packets that took the kernel's path for want of credit." },
	};
	json_t *links = json_array(), *link, *socket;
	size_t i, n, at;

	for (i = 0; i < agent->n_managed; i++) {
		link = json_object();
		reassemble_show_link(agent, agent->managed[i].slot, link);
		json_array_append_new(links, link);
	}
	for (n = 0; n < sizeof(counters) / sizeof(*counters); n++) {
		metrics_heading(out, counters[n].metric, "counter", counters[n].help);
		json_array_foreach (links, i, link)
			json_array_foreach (json_object_get(link, "sockets"), at, socket)
				write_socket(out, counters[n].metric, agent->managed[i].name,
					     socket, counters[n].key);
	}
	json_decref(links);
}

void metrics_reassembly(struct evbuffer *out, const struct agent *agent)
{
	json_t *status = reassemble_show_status(agent);

	write_number(out, "xdpfrag_reassembly_groups", "gauge", "Groups to be reassembled.",
		     agent->config.n_reassembled);
	write_number(out, "xdpfrag_reassembly_running", "gauge",
		     "1 while the agent reassembles; else fragments take the kernel's path.",
		     status != NULL);
	if (status) {
		write_status(out, status);
		write_groups(out, agent);
		write_sockets(out, agent);
	}
	json_decref(status);
}
