// SPDX-License-Identifier: GPL-2.0-or-later
/* Which prefixes matter to `route set`, and when the routes are to be looked at. */
#include <errno.h>
#include <event2/event.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/agent.h"
#include "agent/found.h"
#include "agent/reconcile.h"
#include "agent/routes/route_plan.h"
#include "netstate/monitor.h"

#define SETTLE_MS   200 /* routes come in flocks, as when a link comes up */
#define PAUSE_ASKED 10	/* times the cost of a dump */
#define PAUSE_IDLE  100

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct route_prefix));
}

static int add_prefix(struct route_watch *watch, uint8_t family, const uint8_t prefix[16],
		      uint8_t len)
{
	struct route_prefix *grown;

	if (watch->n_prefixes == watch->room) {
		size_t room = watch->room ? 2 * watch->room : 64;

		grown = reallocarray(watch->prefixes, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		watch->prefixes = grown;
		watch->room = room;
	}
	grown = &watch->prefixes[watch->n_prefixes++];
	grown->family = family;
	grown->len = len;
	memcpy(grown->prefix, prefix, sizeof(grown->prefix));
	return 0;
}

static int add_statements(struct route_watch *watch, const struct config *config)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < config->n_routes; i++) {
		const struct route_key *key = &config->routes[i].key;

		if (key->family != AF_INET6)
			err = add_prefix(watch, AF_INET, key->prefix, key->len);
		if (!err && key->family != AF_INET)
			err = add_prefix(watch, AF_INET6, key->prefix, key->len);
	}
	return err;
}

static int add_found(struct route_watch *watch, const struct found *found)
{
	uint8_t family, prefix[16], len;
	const char *key, *value;
	size_t i;
	int err = 0;

	for (i = 0; !err && found_nth(found, i, &key, &value); i++)
		if (found_key_prefix(key, &family, prefix, &len))
			err = add_prefix(watch, family, prefix, len);
	return err;
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	struct agent *agent = arg;
	struct route_watch *watch = &agent->routes.watch;

	(void)fd;
	(void)what;
	if (!routes_stirred(watch->monitor, route_watch_wants, watch))
		return;
	watch->stirred = true;
	reconcile_soon(agent, SETTLE_MS);
}

static void on_later(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	reconcile_soon(arg, 0);
}

static void close_monitor(struct route_watch *watch)
{
	if (watch->event)
		event_free(watch->event);
	if (watch->later)
		event_free(watch->later);
	monitor_close(watch->monitor);
	watch->event = watch->later = NULL;
	watch->monitor = NULL;
}

static int open_monitor(struct agent *agent)
{
	static const int groups[] = { RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, 0 };
	struct route_watch *watch = &agent->routes.watch;
	int err = monitor_open(&watch->monitor, groups);

	if (err)
		return err;
	watch->event = event_new(agent->base, monitor_fd(watch->monitor), EV_READ | EV_PERSIST,
				 on_event, agent);
	watch->later = evtimer_new(agent->base, on_later, agent);
	if (!watch->event || !watch->later || event_add(watch->event, NULL)) {
		close_monitor(watch);
		return -ENOMEM;
	}
	return 0;
}

int route_watch_update(struct agent *agent)
{
	struct route_watch *watch = &agent->routes.watch;
	int err;

	watch->n_prefixes = 0;
	err = add_statements(watch, &agent->config);
	if (!err)
		err = add_found(watch, agent->found);
	if (err)
		return err;
	if (watch->n_prefixes)
		qsort(watch->prefixes, watch->n_prefixes, sizeof(*watch->prefixes), compare);
	if (!watch->n_prefixes)
		close_monitor(watch);
	else if (!watch->monitor)
		err = open_monitor(agent);
	return err;
}

void route_watch_end(struct route_watch *watch)
{
	close_monitor(watch);
	free(watch->prefixes);
	watch->prefixes = NULL;
	watch->n_prefixes = watch->room = 0;
}

bool route_watch_wants(uint8_t family, const uint8_t prefix[16], uint8_t len, void *arg)
{
	const struct route_watch *watch = arg;
	struct route_prefix key = { .family = family, .len = len };

	memcpy(key.prefix, prefix, sizeof(key.prefix));
	return watch->n_prefixes &&
	       bsearch(&key, watch->prefixes, watch->n_prefixes, sizeof(*watch->prefixes), compare);
}

bool route_watch_due(struct route_watch *watch)
{
	uint64_t pause = watch->cost * (watch->stirred ? PAUSE_ASKED : PAUSE_IDLE);
	uint64_t gone = now_us() - watch->dumped_at;
	struct timeval delay;

	if (gone >= pause)
		return true;
	delay.tv_sec = (pause - gone) / 1000000;
	delay.tv_usec = (pause - gone) % 1000000;
	event_add(watch->later, &delay);
	return false;
}

uint64_t route_watch_begin(struct route_watch *watch)
{
	watch->stirred = false;
	return now_us();
}

void route_watch_done(struct route_watch *watch, uint64_t begun)
{
	watch->dumped_at = now_us();
	watch->cost = watch->dumped_at - begun;
}
