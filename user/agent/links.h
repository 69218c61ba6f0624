/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reconcile's part for links: the table of managed links follows the choice of
 * links, and each link's hook gets the program that the plan says.
 */
#ifndef XDPFRAG_AGENT_LINKS_H
#define XDPFRAG_AGENT_LINKS_H

#include "agent/agent.h"
#include "agent/plan.h"
#include "netstate/links.h"

/*
 * Makes the table of managed links that of the links chosen now. An instance
 * goes with its NIC through a rename, and counters wait for a NIC that is gone.
 * Links no longer chosen move to `released`; returns how many.
 */
size_t links_follow(struct agent *agent, const struct links *links, struct managed *released);
void links_release(struct agent *agent, struct managed *released, size_t n,
		   const struct links *links);

enum plan link_plan(const struct managed *managed);
/* A slot for every link that is about to get a program. */
void links_give_slots(struct agent *agent, const enum plan *plans);
/* Carries out the plan for one link. Failure is kept in managed->reason. */
void link_apply(struct agent *agent, struct managed *managed, enum plan plan);
/* Puts the same link's program under another plane. */
int link_move(struct agent *agent, struct managed *managed, struct plane *to);
void link_pin(const struct agent *agent, const struct managed *managed);

#endif
