/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which prefixes matter to `route set`, and when the routes are to be looked at.
 *
 * Looking costs a dump of all routes of the host, so that a host with a full table
 * must not do it whenever something changes there: an event wakes only when it is
 * about a prefix that matters, and a dump waits until at least ten times what the
 * last one took has gone by, a hundred times when nothing spoke for it.
 */
#ifndef XDPFRAG_ROUTE_WATCH_H
#define XDPFRAG_ROUTE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent;
struct event;
struct nl_sock;

struct route_prefix {
	uint8_t family;
	uint8_t len;
	uint8_t prefix[16];
};

struct route_watch {
	struct route_prefix *prefixes; /* sorted; those of the statements and of what was found */
	size_t n_prefixes, room;
	struct nl_sock *monitor; /* open while there are prefixes */
	struct event *event;	 /* of the monitor */
	struct event *later;	 /* for a dump that waits */
	bool stirred;		 /* something happened to a prefix since the last dump */
	uint64_t dumped_at;	 /* when the last dump ended, CLOCK_MONOTONIC in microseconds */
	uint64_t cost;		 /* of the last dump, microseconds */
};

/* Takes the prefixes from agent->config and agent->found; listens as long as there are any. */
int route_watch_update(struct agent *agent);
void route_watch_end(struct route_watch *watch);
/* A route_wanted_fn; arg is the struct route_watch. */
bool route_watch_wants(uint8_t family, const uint8_t prefix[16], uint8_t len, void *arg);
/* May a dump be made now? If not, a reconcile comes when it may. */
bool route_watch_due(struct route_watch *watch);
/* Around a dump. */
uint64_t route_watch_begin(struct route_watch *watch);
void route_watch_done(struct route_watch *watch, uint64_t begun);

#endif
