/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one path by which anything changes: compares the desired state with what
 * the kernel has (a full dump, the hooks, the maps) and applies the difference.
 * Idempotent. Nothing else attaches, detaches or writes maps.
 *
 * `must` says what has to be had, or nothing is to change; NULL: nothing has.
 * On error the policy in force is the one from before, and rep (which may be
 * NULL) says why. A link that cannot be steered is no error: its reason is kept
 * in struct managed and shown.
 */
#ifndef XDPFRAG_RECONCILE_H
#define XDPFRAG_RECONCILE_H

#include "agent/agent.h"

struct must {
	const char *steer;		 /* this NIC steered */
	const struct link_settings *set; /* what this statement says of its NIC */
	const struct route_key *route;	 /* every route that this statement means */
};

int reconcile(struct agent *agent, const struct must *must, struct report *rep);

/* The links as they are now, in one piece; links_free() ends it. On error rep says why. */
int dump_links(struct links *links, struct report *rep);

/* After `ms` milliseconds, together with whatever else asks for one until then. */
void reconcile_soon(struct agent *agent, unsigned int ms);

/* Finds what an earlier agent left attached in this namespace, before the first reconcile. */
int adopt(struct agent *agent);

/* Detaches every program of ours and removes every pin. */
void withdraw(struct agent *agent);

#endif
