/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reconcile's part for `route set`: the MTU of existing routes.
 */
#ifndef XDPFRAG_ROUTES_H
#define XDPFRAG_ROUTES_H

#include "config/config.h"
#include "netstate/links.h"

struct agent;

struct routes {
	uint64_t drift; /* routes put back */
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

#endif
