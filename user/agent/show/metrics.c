// SPDX-License-Identifier: GPL-2.0-or-later
/* The same counters over HTTP, in the Prometheus text format (version 0.0.4). */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "agent/show/metrics.h"
#include "agent/show/metrics_text.h"
#include "agent/show/show.h"
#include "agent/steer/rows.h"
#include "config/statement.h"

#define GROUPS_MAX 10000 /* that have counted something; a scrape is not to become a burden */

static void write_links(struct evbuffer *out, const struct agent *agent)
{
	size_t i;
	int n;

	metrics_heading(out, "xdpfrag_packets_total", "counter",
			"Packets that a policy matched, by verdict.");
	for (i = 0; i < agent->n_managed; i++) {
		struct xdpfrag_counts counts = counters_total(&agent->managed[i].counters);

		for (n = 0; n < XDPFRAG_VERDICTS; n++)
			metrics_sample(out, "xdpfrag_packets_total", agent->managed[i].name,
				       "verdict", verdict_names[n], counts.packets[n]);
	}
	metrics_heading(out, "xdpfrag_unsteered_packets_total", "counter",
			"Packets passed without a policy, by reason.");
	for (i = 0; i < agent->n_managed; i++) {
		struct xdpfrag_reasons reasons = counters_reasons(&agent->managed[i].counters);

		for (n = 0; n < XDPFRAG_REASONS; n++)
			metrics_sample(out, "xdpfrag_unsteered_packets_total",
				       agent->managed[i].name, "reason", reason_names[n],
				       reasons.packets[n]);
	}
	metrics_heading(out, "xdpfrag_link_steered", "gauge",
			"1 when the link's program is attached.");
	for (i = 0; i < agent->n_managed; i++) {
		evbuffer_add_printf(out, "xdpfrag_link_steered{");
		metrics_label(out, "nic", agent->managed[i].name);
		evbuffer_add_printf(out, "} %d\n", managed_steered(&agent->managed[i]));
	}
}

/* Only what has counted: an idle policy has no series. */
static bool write_group(struct evbuffer *out, const struct agent *agent, const struct group *group)
{
	const struct xdpfrag_policy *policy = policy_in_force(&agent->plane, &group->key);
	char name[64], source[64];
	bool any = false;
	size_t i;
	int n;

	group_key_text(&group->key, name, sizeof(name));
	group_source_text(&group->key, source, sizeof(source));
	for (i = 0; policy && i < agent->n_managed; i++) {
		struct xdpfrag_counts counts =
			counters_row(&agent->managed[i].counters, policy->row);

		for (n = 0; n < XDPFRAG_VERDICTS; n++) {
			if (!counts.packets[n])
				continue;
			any = true;
			evbuffer_add_printf(
				out, "xdpfrag_group_packets_total{group=\"%s\",source=\"%s\",",
				name, source);
			metrics_label(out, "nic", agent->managed[i].name);
			evbuffer_add_printf(out, ",verdict=\"%s\"} %llu\n", verdict_names[n],
					    (unsigned long long)counts.packets[n]);
		}
	}
	return any;
}

static void write_groups(struct evbuffer *out, const struct agent *agent)
{
	size_t i, n = 0;

	metrics_heading(out, "xdpfrag_group_packets_total", "counter",
			"Packets that a group's policy matched, by link and verdict.");
	for (i = 0; agent->plane.state && i < agent->policy->n_groups && n < GROUPS_MAX; i++)
		n += write_group(out, agent, &agent->policy->groups[i]);
	metrics_heading(out, "xdpfrag_groups", "gauge", "Group statements.");
	evbuffer_add_printf(out, "xdpfrag_groups %zu\n", agent->policy->n_groups);
}

/* A sample for everything that `link set` states. */
static void each_setting(struct evbuffer *out, const struct agent *agent, const char *metric,
			 uint64_t (*value)(const struct setting_state *state))
{
	const struct link_settings *stated;
	size_t n;
	int i;

	for (n = 0; n < agent->settings.n_nics; n++) {
		const struct settings_nic *nic = &agent->settings.nics[n];

		stated = config_find_settings(&agent->config, nic->name);
		for (i = 0; stated && i < LINK_SETTINGS; i++)
			if (stated->said >> i & 1)
				metrics_sample(out, metric, nic->name, "setting", setting_name(i),
					       value(&nic->settings[i]));
	}
}

static uint64_t drift_of(const struct setting_state *state)
{
	return state->drift;
}

static uint64_t in_force(const struct setting_state *state)
{
	return state->in_force;
}

static void write_settings(struct evbuffer *out, const struct agent *agent)
{
	metrics_heading(out, "xdpfrag_settings_drift_total", "counter",
			"Settings of links that were found changed and put back.");
	evbuffer_add_printf(out, "xdpfrag_settings_drift_total %llu\n",
			    (unsigned long long)agent->settings.drift);
	metrics_heading(out, "xdpfrag_link_drift_total", "counter",
			"The same by link and setting, for as long as it is stated.");
	each_setting(out, agent, "xdpfrag_link_drift_total", drift_of);
	metrics_heading(out, "xdpfrag_link_setting_in_force", "gauge", "1 when it is as stated.");
	each_setting(out, agent, "xdpfrag_link_setting_in_force", in_force);
}

/* Of all captures since the agent's start. */
static void write_captures(struct evbuffer *out, const struct agent *agent)
{
	const struct xdpfrag_capture_counts counts = capture_totals(agent);

	metrics_heading(out, "xdpfrag_captured_packets_total", "counter",
			"Packets that a capture's filter matched, handed to its reader.");
	evbuffer_add_printf(out, "xdpfrag_captured_packets_total %llu\n",
			    (unsigned long long)counts.captured);
	metrics_heading(out, "xdpfrag_capture_lost_packets_total", "counter",
			"Packets that it matched, and that its ring had no room for.");
	evbuffer_add_printf(out, "xdpfrag_capture_lost_packets_total %llu\n",
			    (unsigned long long)counts.lost);
}

/* What `route set` states. */
static void write_routes(struct evbuffer *out, const struct agent *agent)
{
	char words[ROUTE_KEY_WORDS];
	size_t i;
	int n;

	metrics_heading(out, "xdpfrag_route_drift_total", "counter",
			"Routes whose MTU was found changed and put back.");
	evbuffer_add_printf(out, "xdpfrag_route_drift_total %llu\n",
			    (unsigned long long)agent->routes.drift);
	metrics_heading(out, "xdpfrag_routes", "gauge",
			"Routes that go by a statement, with its MTU in force or refused.");
	for (i = 0; i < agent->config.n_routes; i++) {
		const struct route_outcome *outcome = &agent->routes.outcomes[i];

		route_key_words(&agent->config.routes[i].key, words, sizeof(words));
		for (n = 0; n < 2; n++) {
			evbuffer_add_printf(out, "xdpfrag_routes{");
			metrics_label(out, "route", words);
			evbuffer_add_printf(out, ",state=\"%s\"} %u\n", n ? "refused" : "active",
					    n ? outcome->refused : outcome->in_force);
		}
	}
}

static void on_request(struct evhttp_request *request, void *arg)
{
	const struct agent *agent = arg;
	struct evbuffer *out = evbuffer_new();

	if (!out) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	write_links(out, agent);
	write_groups(out, agent);
	write_settings(out, agent);
	write_routes(out, agent);
	write_captures(out, agent);
	metrics_reassembly(out, agent);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "text/plain; version=0.0.4");
	evhttp_send_reply(request, HTTP_OK, "OK", out);
	evbuffer_free(out);
}

/* "127.0.0.1:9100" or "[::1]:9100", cut in two in place. */
static int split(char *text, char **address, uint16_t *port)
{
	char *colon = strrchr(text, ':'), *end;
	unsigned long number;

	if (!colon || colon == text)
		return -EINVAL;
	*colon = '\0';
	number = strtoul(colon + 1, &end, 10);
	if (!colon[1] || *end || !number || number > UINT16_MAX)
		return -EINVAL;
	*port = number;
	*address = text;
	if (*text == '[') {
		if (colon[-1] != ']')
			return -EINVAL;
		colon[-1] = '\0';
		++*address;
	}
	return 0;
}

int metrics_open(struct evhttp **out, struct agent *agent)
{
	char *text = strdup(agent->options.metrics), *address;
	struct evhttp *http = NULL;
	uint16_t port;
	int err = text ? split(text, &address, &port) : -ENOMEM;

	if (err)
		goto out;
	http = evhttp_new(agent->base);
	err = -ENOMEM;
	if (!http)
		goto out;
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(http, 8192);
	evhttp_set_max_body_size(http, 0);
	evhttp_set_timeout(http, 10);
	evhttp_set_cb(http, "/metrics", on_request, agent);
	errno = EADDRNOTAVAIL;
	err = evhttp_bind_socket(http, address, port) < 0 ? -errno : 0;
	if (err)
		evhttp_free(http);
	else
		*out = http;
out:
	free(text);
	return err;
}

void metrics_close(struct evhttp *http)
{
	if (http)
		evhttp_free(http);
}
