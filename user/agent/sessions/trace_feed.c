// SPDX-License-Identifier: GPL-2.0-or-later
/* What a trace is fed with (trace_feed.h). */
#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <time.h>

#include "agent/agent.h"
#include "agent/sessions/trace_feed.h"
#include "datapath/apart.h"
#include "protocol/protocol.h"

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

static bool is_wanted(const struct trace_feed *feed, const struct xdpfrag_event *event)
{
	const struct group_key *only = &feed->only;
	unsigned int bytes = only->len / 8, bits = only->len % 8;

	if (!feed->has_only)
		return true;
	return event->family == only->family && !memcmp(event->group, only->group, bytes) &&
	       (!bits || !((event->group[bytes] ^ only->group[bytes]) >> (8 - bits)));
}

static void on_fragment(const struct xdpfrag_event *event, void *arg)
{
	struct trace_feed *feed = arg;
	const struct plane *plane = &feed->agent->plane;
	struct trace_fragment fragment = { .time = event->time,
					   .id = event->id,
					   .offset = event->offset,
					   .len = event->len,
					   .vlan = event->vlan,
					   .family = event->family,
					   .proto = event->proto,
					   .verdict = event->verdict,
					   .more = event->more,
					   .group = event->group,
					   .source = event->source };

	if (!plane->state || event->slot >= XDPFRAG_LINKS || !is_wanted(feed, event))
		return;
	fragment.nic = plane->state->links[event->slot].ifindex;
	fragment.stack_id = apart_id(plane, event);
	if (fragment.nic)
		trace_add_fragment(feed->trace, &fragment);
}

static void stop_events(struct trace_feed *feed, int err)
{
	free_event(feed->readable);
	feed->readable = NULL;
	events_close(feed->events);
	feed->events = NULL;
	feed->events_err = err;
}

static void read_events(struct trace_feed *feed)
{
	int err;

	if (!feed->events)
		return;
	feed->events_read_at = trace_now();
	err = events_read(feed->events);
	if (err < 0)
		stop_events(feed, err);
}

/* What became of a fragment is told in another ring than that it came: first that it came. */
static void on_fate(const struct xdpfrag_fate *fate, void *arg)
{
	struct trace_feed *feed = arg;

	if (fate->time >= feed->events_read_at)
		read_events(feed);
	trace_add_fate(feed->trace, fate,
		       trace_cause(fate, drop_reason(feed->reasons, fate->reason)));
}

static void stop_fates(struct trace_feed *feed, int err)
{
	free_event(feed->fates_readable);
	feed->fates_readable = NULL;
	fates_close(feed->fates);
	feed->fates = NULL;
	feed->fates_err = err;
}

static void read_fates(struct trace_feed *feed)
{
	int err = feed->fates ? fates_read(feed->fates) : 0;

	if (feed->fates && (err || fates_lost(feed->fates)))
		trace_doubt(feed->trace);
	if (!err)
		return;
	stop_fates(feed, err);
	feed->fates_ended = true;
}

void trace_feed_read(struct trace_feed *feed)
{
	if (feed->events)
		events_renew(feed->events, PROTOCOL_PATIENCE);
	read_events(feed);
	read_fates(feed);
}

static void on_events(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	read_events(arg);
}

static void on_fates(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	read_fates(arg);
}

static struct fates_wanted wanted_of(const struct trace_feed *feed)
{
	struct fates_wanted wanted = {};
	unsigned int i;

	if (!feed->has_only)
		return wanted;
	wanted.family = feed->only.family;
	for (i = 0; i < feed->only.len; i++)
		wanted.mask[i / 8] |= 0x80 >> i % 8;
	for (i = 0; i < sizeof(wanted.group); i++)
		wanted.group[i] = feed->only.group[i] & wanted.mask[i];
	return wanted;
}

void trace_feed_open_fates(struct trace_feed *feed)
{
	struct fates_wanted wanted = wanted_of(feed);
	int err = fates_open(&feed->fates, &wanted, on_fate, feed);

	/* Without names, the kernel's numbers are all that is lost. */
	if (!err)
		drop_reasons_open(&feed->reasons);
	if (!err) {
		feed->fates_readable = event_new(feed->agent->base, fates_fd(feed->fates),
						 EV_READ | EV_PERSIST, on_fates, feed);
		if (!feed->fates_readable || event_add(feed->fates_readable, NULL))
			err = -ENOMEM;
	}
	if (err)
		stop_fates(feed, err);
}

int trace_feed_open_events(struct trace_feed *feed, struct trace *trace)
{
	struct agent *agent = feed->agent;
	int err;

	feed->trace = trace;
	err = events_open(&feed->events, &agent->plane, on_fragment, feed);

	if (err)
		return err;
	feed->readable = event_new(agent->base, events_fd(feed->events), EV_READ | EV_PERSIST,
				   on_events, feed);
	if (!feed->readable || event_add(feed->readable, NULL))
		return -ENOMEM;
	events_renew(feed->events, PROTOCOL_PATIENCE);
	return 0;
}

void trace_feed_close(struct trace_feed *feed)
{
	stop_events(feed, 0);
	stop_fates(feed, 0);
	drop_reasons_close(feed->reasons);
	feed->reasons = NULL;
}

uint64_t trace_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}
