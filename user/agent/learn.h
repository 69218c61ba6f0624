/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `learn on`: policy from the host's own memberships, besides the statements.
 */
#ifndef XDPFRAG_LEARN_H
#define XDPFRAG_LEARN_H

#include "config/config.h"
#include "netstate/links.h"

struct agent;

struct learn {
	struct config merged; /* statements and what was learned; agent->policy while learning */
};

/* Registers what wakes the agent; 0 or negative errno. */
int learn_start(struct agent *agent);
void learn_end(struct agent *agent);

/* Reconcile's first step: sets agent->policy. On error it is as it was. */
int learn_update(struct agent *agent, const struct links *links, struct report *rep);

#endif
