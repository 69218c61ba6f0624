// SPDX-License-Identifier: GPL-2.0-or-later
/* Which statement a route goes by, and how it can be given its MTU. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/found.h"
#include "agent/routes/route_plan.h"

uint8_t route_made_family(const struct route_key *key)
{
	return key->family ? key->family : key->via_family;
}

static bool hop_meant(const struct route_key *key, const struct route_hop *hop,
		      const struct links *links)
{
	const struct link *link = links_by_index(links, hop->ifindex);

	if (key->dev[0] && (!link || strcmp(link->name, key->dev)))
		return false;
	return !key->via_family || (key->via_family == hop->via_family &&
				    !memcmp(key->via, hop->via, sizeof(key->via)));
}

bool route_meant(const struct route_key *key, const struct route *route, const struct links *links)
{
	size_t i;

	if (!route_has_mtu(route) || (key->family && key->family != route->family) ||
	    key->len != route->len || memcmp(key->prefix, route->prefix, sizeof(key->prefix)))
		return false;
	if (!key->dev[0] && !key->via_family)
		return true;
	for (i = 0; i < route->n_hops; i++)
		if (hop_meant(key, &route->hops[i], links))
			return true;
	return false;
}

/* The gateway says more than the device, and both more than the family. */
static int specificity(const struct route_key *key)
{
	return 4 * !!key->via_family + 2 * !!key->dev[0] + !!key->family;
}

const struct route_config *route_statement(const struct config *config, const struct route *route,
					   const struct links *links)
{
	const struct route_config *best = NULL;
	size_t i;

	for (i = 0; i < config->n_routes; i++) {
		const struct route_config *one = &config->routes[i];

		if (route_meant(&one->key, route, links) &&
		    (!best || specificity(&one->key) > specificity(&best->key)))
			best = one;
	}
	return best;
}

uint32_t route_link_mtu(const struct route *route, const struct links *links,
			const struct link **smallest)
{
	const struct link *least = NULL;
	size_t i;

	for (i = 0; i < route->n_hops; i++) {
		const struct link *link = links_by_index(links, route->hops[i].ifindex);

		if (link && (!least || link->mtu < least->mtu))
			least = link;
	}
	if (smallest)
		*smallest = least;
	return least ? least->mtu : 0;
}

bool route_is_made(const struct route *route)
{
	return route->protocol == ROUTE_PROTOCOL && route->table == RT_TABLE_MAIN;
}

/* Made by this agent, and by no statement with a gateway to be there? */
static bool is_leftover(const struct route_view *view, const struct route *route,
			const struct route_config *by)
{
	char *key;
	bool ours;

	if (!route_is_made(route) || (by && by->key.via_family))
		return false;
	key = found_key_made(route->family, route->prefix, route->len);
	ours = key && found_get(view->found, key);
	free(key);
	return ours;
}

/* A statement that the route cannot follow: it is as if there were none. */
static bool is_unfit(struct route_decision *decision, const struct route *route,
		     const struct links *links)
{
	const struct link *link;
	uint32_t mtu = decision->by->mtu;

	if (route_link_mtu(route, links, &link) && mtu > link->mtu)
		snprintf(decision->reason, sizeof(decision->reason),
			 "%s has an MTU of %u, and would lose what is larger; first raise it "
			 "(xdpfragctl link set %s mtu %u)",
			 link->name, link->mtu, link->name, mtu);
	return decision->reason[0];
}

static int decide(struct route_decision *decision, const struct route_view *view,
		  const struct route *route)
{
	const char *value;
	char *key;

	decision->mtu = route->mtu;
	if (!route_has_mtu(route))
		return 0;
	decision->by = route_statement(view->config, route, view->links);
	if (is_leftover(view, route, decision->by)) {
		decision->step = ROUTE_REMOVE;
		return 0;
	}
	if (decision->by && !is_unfit(decision, route, view->links)) {
		decision->mtu = decision->by->mtu;
		return 0;
	}
	key = found_key_route(route);
	if (!key)
		return -ENOMEM;
	value = found_get(view->found, key);
	free(key);
	if (!value && !(decision->by && route_is_made(route)))
		return 0;
	decision->restore = true;
	decision->mtu = value ? strtoul(value, NULL, 10) : 0;
	return 0;
}

static void leave(struct route_decision *decision, const char *reason)
{
	decision->step = ROUTE_LEAVE;
	/* What makes the statement impossible says more than why it cannot be undone. */
	if (!decision->reason[0])
		snprintf(decision->reason, sizeof(decision->reason), "%s", reason);
}

/* Neighbours in a dump; those of one place are among them. */
static bool same_prefix(const struct route *a, const struct route *b)
{
	return a->family == b->family && a->table == b->table && a->len == b->len &&
	       !memcmp(a->prefix, b->prefix, sizeof(a->prefix));
}

static bool has_one_before(const struct route_list *routes, size_t n)
{
	size_t i;

	for (i = n; i-- > 0 && same_prefix(&routes->route[i], &routes->route[n]);)
		if (route_same_place(&routes->route[i], &routes->route[n]))
			return true;
	return false;
}

static bool one_behind_stays(const struct route_plan *plan, const struct route_list *routes,
			     size_t n)
{
	size_t i;

	for (i = n + 1; i < routes->n && same_prefix(&routes->route[i], &routes->route[n]); i++)
		if (plan->decisions[i].step == ROUTE_LEAVE &&
		    route_same_place(&routes->route[i], &routes->route[n]))
			return true;
	return false;
}

/*
 * The kernel replaces the first of several routes of one place, and adds behind the
 * last. So one can be changed without another changing place when it is the first,
 * or when all that are behind it are changed as well, one after the other.
 */
static void place(struct route_plan *plan, const struct route_view *view, size_t n)
{
	struct route_decision *decision = &plan->decisions[n];
	const struct route *route = &view->routes->route[n];
	const char *refused;

	if (decision->step == ROUTE_REMOVE || decision->mtu == route->mtu)
		return;
	/* Made anew it would lose its lifetime, and the kernel its own mark of it
	 * (RTF_ADDRCONF), without which it takes no further advertisement of that router.
	 */
	if (route->expires) {
		leave(decision, "it expires, as one of a router advertisement; its MTU is the "
				"router's to say");
		return;
	}
	refused = view->refused ? view->refused(route->name, decision->mtu, view->arg) : NULL;
	if (refused)
		leave(decision, refused);
	else if (!has_one_before(view->routes, n))
		decision->step = ROUTE_REPLACE;
	else if (!one_behind_stays(plan, view->routes, n))
		decision->step = ROUTE_REQUEUE;
	else
		leave(decision, "of several routes with its prefix, table and metric the kernel "
				"replaces the first and moves the last; this one is between");
}

int route_plan(struct route_plan *plan, const struct route_view *view)
{
	size_t i;
	int err = 0;

	plan->decisions = calloc(view->routes->n + 1, sizeof(*plan->decisions));
	if (!plan->decisions)
		return -ENOMEM;
	for (i = 0; !err && i < view->routes->n; i++)
		err = decide(&plan->decisions[i], view, &view->routes->route[i]);
	if (err) {
		route_plan_free(plan);
		return err;
	}
	/* From the last to the first: what becomes of those behind decides. */
	for (i = view->routes->n; i-- > 0;)
		place(plan, view, i);
	return 0;
}

void route_plan_free(struct route_plan *plan)
{
	free(plan->decisions);
	plan->decisions = NULL;
}
