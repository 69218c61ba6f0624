// SPDX-License-Identifier: GPL-2.0-or-later
/* `trace`: its sessions (trace.h). */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/agent.h"
#include "agent/sessions/trace.h"
#include "agent/sessions/trace_feed.h"
#include "agent/show_name.h"
#include "config/statement.h"
#include "diagnose/collect.h"

#define TICK_MS	      50
#define NS_PER_S      1000000000ULL
#define AGENT_TIMEOUT (NS_PER_S + NS_PER_S / 5) /* of its reassembly, and for the look at it */

struct trace_session {
	struct trace_session *next;
	struct agent *agent;
	json_int_t id;
	unsigned int unasked; /* ticks since the last request */
	uint64_t epoch;	      /* CLOCK_REALTIME at CLOCK_MONOTONIC's 0 */
	struct trace_feed feed;
	struct trace *trace;
	struct event *tick;
	json_t *pending; /* histories to be fetched */
	double tokens;	 /* histories that may be handed out now */
	uint64_t tokens_at, left_out;
};

static uint64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void session_free(struct trace_session *session)
{
	struct trace_session **at = &session->agent->traces;

	for (; *at; at = &(*at)->next) {
		if (*at != session)
			continue;
		*at = session->next;
		break;
	}
	if (session->tick)
		event_free(session->tick);
	trace_feed_close(&session->feed);
	trace_free(session->trace);
	json_decref(session->pending);
	free(session);
}

void trace_end_all(struct agent *agent)
{
	while (agent->traces)
		session_free(agent->traces);
}

/* --- what goes out --- */

static bool take_token(struct trace_session *session)
{
	uint64_t now = trace_now();

	session->tokens += (now - session->tokens_at) / 1e9 * TRACE_RATE;
	session->tokens_at = now;
	if (session->tokens > TRACE_RATE)
		session->tokens = TRACE_RATE;
	if (session->tokens < 1 || json_array_size(session->pending) >= TRACE_PENDING)
		return false;
	session->tokens--;
	return true;
}

static void on_ended(const struct trace_datagram *datagram, void *arg)
{
	struct trace_session *session = arg;

	if (take_token(session))
		json_array_append_new(session->pending,
				      trace_json(datagram, session->feed.reasons,
						 session->agent->plane.state, session->epoch));
	else
		session->left_out++;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct trace_session *session = arg;
	uint64_t now = trace_now();

	(void)fd;
	(void)what;
	/* Not by the clock: an agent that is busy cannot be asked, and does not tick. */
	if (++session->unasked > TRACE_LEASE * 1000 / TICK_MS) {
		session_free(session);
		return;
	}
	trace_feed_read(&session->feed);
	trace_look(session->trace, now);
}

/* --- begin --- */

static uint64_t seconds_ns(const char *sysctl, unsigned int otherwise)
{
	int64_t seconds = read_sysctl(sysctl);

	return (seconds > 0 ? seconds : otherwise) * NS_PER_S;
}

/* Conntrack puts IPv6 together by a time of its own. */
static uint64_t timeout6(void)
{
	uint64_t stack = seconds_ns("net/ipv6/ip6frag_time", 60);
	uint64_t conntrack = seconds_ns("net/netfilter/nf_conntrack_frag6_timeout", 60);

	return stack > conntrack ? stack : conntrack;
}

static int start(struct trace_session *session)
{
	static const struct timeval every = { .tv_usec = TICK_MS * 1000 };
	struct trace_setup setup = { .timeout4 = seconds_ns("net/ipv4/ipfrag_time", 30),
				     .timeout6 = timeout6(),
				     .timeout_agent = AGENT_TIMEOUT,
				     .ended = on_ended,
				     .arg = session };
	int err;

	trace_feed_open_fates(&session->feed);
	setup.stack_seen = session->feed.fates;
	session->trace = trace_new(&setup);
	session->pending = json_array();
	if (!session->trace || !session->pending)
		return -ENOMEM;
	err = trace_feed_open_events(&session->feed, session->trace);
	if (err)
		return err;
	session->tokens_at = trace_now();
	session->tokens = TRACE_RATE;
	session->tick = event_new(session->agent->base, -1, EV_PERSIST, on_tick, session);
	if (!session->tick || event_add(session->tick, &every))
		return -ENOMEM;
	return 0;
}

static int read_group(struct trace_session *session, const json_t *body, struct report *rep)
{
	const json_t *group = json_object_get(body, "group");

	if (!group)
		return 0;
	if (!json_is_string(group))
		return report_usage(rep, "group", "GROUP[/LEN]", "a group is text");
	session->feed.has_only = true;
	return group_key_parse(&session->feed.only, json_string_value(group), rep);
}

static bool is_steered(const struct agent *agent)
{
	size_t i;

	for (i = 0; i < agent->n_managed; i++)
		if (managed_steered(&agent->managed[i]))
			return agent->plane.state;
	return false;
}

static bool is_room(const struct agent *agent, struct report *rep)
{
	const struct trace_session *session;
	size_t n = 0;

	for (session = agent->traces; session; session = session->next)
		n++;
	if (n >= TRACE_SESSIONS) {
		report_refused(rep, -EBUSY, "trace",
			       "%d traces run already; end one, or wait %d seconds where its "
			       "xdpfragctl was killed",
			       TRACE_SESSIONS, TRACE_LEASE);
		return false;
	}
	if (!is_steered(agent)) {
		report_refused(rep, -ENODEV, "trace",
			       "no NIC is steered, so no fragment is seen; `xdpfragctl link show` "
			       "says why");
		return false;
	}
	return true;
}

static json_t *links_json(const struct agent *agent)
{
	json_t *links = json_array();
	size_t i;

	for (i = 0; i < agent->n_managed; i++)
		if (managed_steered(&agent->managed[i]))
			json_array_append_new(links, show_name(agent->managed[i].name));
	return links;
}

json_t *trace_begin(struct agent *agent, const json_t *body, struct report *rep)
{
	struct trace_session *session;
	int err;

	if (!is_room(agent, rep))
		return NULL;
	session = calloc(1, sizeof(*session));
	if (!session)
		return NULL;
	session->agent = session->feed.agent = agent;
	/* Never one of an agent before. */
	session->id = trace_now();
	session->epoch = realtime_ns() - trace_now();
	err = read_group(session, body, rep);
	if (!err) {
		err = start(session);
		if (err)
			report_failed(rep, err, "", "cannot trace: %s", strerror(-err));
	}
	if (err) {
		session_free(session);
		return NULL;
	}
	session->next = agent->traces;
	agent->traces = session;
	return json_pack("{s:I, s:o, s:b, s:s, s:i}", "id", session->id, "links", links_json(agent),
			 "stack", session->feed.fates != NULL, "stack_reason",
			 session->feed.fates_err ? strerror(-session->feed.fates_err) : "", "rate",
			 TRACE_RATE);
}

/* --- report and end --- */

/* The session that is meant; NULL with a report when it is gone. */
static struct trace_session *find(struct agent *agent, const json_t *body, struct report *rep)
{
	const json_t *id = json_object_get(body, "id");
	struct trace_session *session;

	if (!json_is_integer(id)) {
		report_usage(rep, "id", "the number that `trace begin` gave",
			     "which session is meant?");
		return NULL;
	}
	for (session = agent->traces; session; session = session->next)
		if (session->id == json_integer_value(id))
			return session;
	report_refused(
		rep, -ENOENT, "id",
		"there is no trace %lld any more: nobody asked for it for %d seconds, or the "
		"agent was restarted",
		(long long)json_integer_value(id), TRACE_LEASE);
	return NULL;
}

/* Why one of the two sides is no longer seen. */
static const char *trouble(const struct trace_feed *feed)
{
	if (feed->events_err)
		return strerror(-feed->events_err);
	return feed->fates_ended ? strerror(-feed->fates_err) : "";
}

static json_t *session_json(struct trace_session *session)
{
	json_t *sums = trace_sums_json(trace_sums(session->trace));
	json_t *pending = session->pending;

	session->pending = json_array();
	json_object_set_new(sums, "left_out", json_integer(session->left_out));
	json_object_set_new(
		sums, "events_lost",
		json_integer(session->feed.events ? events_lost(session->feed.events) : 0));
	json_object_set_new(
		sums, "fates_lost",
		json_integer(session->feed.fates ? fates_lost(session->feed.fates) : 0));
	return json_pack("{s:I, s:o, s:o, s:s}", "id", session->id, "datagrams", pending, "sums",
			 sums, "trouble", trouble(&session->feed));
}

json_t *trace_report(struct agent *agent, const json_t *body, struct report *rep)
{
	struct trace_session *session = find(agent, body, rep);

	if (!session)
		return NULL;
	session->unasked = 0;
	return session_json(session);
}

json_t *trace_cancel(struct agent *agent, const json_t *body, struct report *rep)
{
	struct trace_session *session = find(agent, body, rep);
	json_t *result;

	if (!session)
		return NULL;
	trace_feed_read(&session->feed);
	session->tokens = TRACE_RATE;
	trace_look(session->trace, trace_now());
	trace_flush(session->trace);
	result = session_json(session);
	session_free(session);
	return result;
}
