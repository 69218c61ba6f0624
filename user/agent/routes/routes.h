/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reconcile's part for `route set`: the MTU of existing routes.
 *
 * A look is one dump of the routes (routes_dump()), a plan (route_plan()), the
 * changes it asks for, and, if there were any, a second dump which shows that
 * nothing but the MTU is another. How a route was found is kept before its first
 * change, under its name (agent->found).
 */
#ifndef XDPFRAG_ROUTES_H
#define XDPFRAG_ROUTES_H

#include <jansson.h>

#include "agent/routes/route_memory.h"
#include "agent/routes/route_watch.h"
#include "config/config.h"
#include "netstate/links.h"

struct agent;

struct route_outcome {
	uint32_t in_force, refused; /* routes that go by the statement */
};

struct routes {
	uint64_t drift; /* routes put back */
	struct route_watch watch;
	struct route_memory memory;
	/* The statements at the last look, and what became of each. */
	struct route_config applied[CONFIG_ROUTES];
	size_t n_applied;
	struct route_outcome outcomes[CONFIG_ROUTES];
	bool undoing;	   /* the statement before this look was refused: no drift */
	char trouble[160]; /* why the routes could not be looked at; "" */
};

/* Registers what wakes the agent; 0 or negative errno. */
int routes_start(struct agent *agent);
void routes_end(struct agent *agent);

/*
 * Gives every route that a statement means its MTU, and gives back what was found
 * where no statement means it any more. `must` is a statement whose routes must all
 * take it, or nothing is to change: error and rep.
 */
int routes_reconcile(struct agent *agent, const struct links *links, const struct route_key *must,
		     struct report *rep);

/* What of a statement (key NULL: of all) is not in force, as sentences. */
void routes_warn(const struct agent *agent, const struct route_key *key, json_t *warnings);

#endif
