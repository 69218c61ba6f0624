// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts about routes: the default ones, and those with an MTU of their own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/collect.h"
#include "netstate/routes.h"

static bool every(uint8_t family, const uint8_t prefix[16], uint8_t len, void *arg)
{
	(void)family;
	(void)prefix;
	(void)len;
	(void)arg;
	return true;
}

static bool only_default(uint8_t family, const uint8_t prefix[16], uint8_t len, void *arg)
{
	(void)family;
	(void)prefix;
	(void)arg;
	return !len;
}

static void add(struct facts *facts, const struct route *route, const struct route_hop *hop)
{
	const struct fact_link *link = facts_link(facts, hop->ifindex);
	struct fact_route *fact = &facts->routes[facts->n_routes];

	if (!link || facts->n_routes == FACT_ROUTES)
		return;
	*fact = (struct fact_route){ .mtu = route->mtu };
	fact->key.family = route->family;
	fact->key.len = route->len;
	fact->key.via_family = hop->via_family;
	memcpy(fact->key.prefix, route->prefix, sizeof(fact->key.prefix));
	memcpy(fact->key.via, hop->via, sizeof(fact->key.via));
	memcpy(fact->key.dev, link->name, sizeof(fact->key.dev));
	facts->n_routes++;
}

int collect_routes(struct facts *facts)
{
	struct route_list list;
	size_t i, n;
	int err;

	facts->routes = calloc(FACT_ROUTES, sizeof(*facts->routes));
	if (!facts->routes)
		return -ENOMEM;
	err = routes_dump(&list, every, NULL);
	if (err == -E2BIG) {
		facts_note(facts,
			   "there are more than %d routes: only the default ones were looked "
			   "at",
			   ROUTES_MAX);
		err = routes_dump(&list, only_default, NULL);
	}
	if (err)
		return err;
	for (i = 0; i < list.n; i++) {
		const struct route *route = &list.route[i];

		if (!route_has_mtu(route) || route->cloned || (route->len && !route->mtu))
			continue;
		for (n = 0; n < route->n_hops; n++)
			add(facts, route, &route->hops[n]);
	}
	routes_free(&list);
	return 0;
}
