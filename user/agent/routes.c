// SPDX-License-Identifier: GPL-2.0-or-later
/* Reconcile's part for `route set`. */
#include "agent/agent.h"

int routes_start(struct agent *agent)
{
	(void)agent;
	return 0;
}

void routes_end(struct agent *agent)
{
	(void)agent;
}

int routes_reconcile(struct agent *agent, const struct links *links, const struct route_key *must,
		     struct report *rep)
{
	(void)agent;
	(void)links;
	(void)must;
	(void)rep;
	return 0;
}
