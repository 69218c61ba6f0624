/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reconcile's part for one link: what its hook holds becomes what the plan says.
 */
#ifndef XDPFRAG_AGENT_LINKS_H
#define XDPFRAG_AGENT_LINKS_H

#include "agent/agent.h"
#include "agent/steer/plan.h"

enum plan link_plan(const struct managed *managed);
/* A slot for every link that is about to get a program. */
void links_give_slots(struct agent *agent, const enum plan *plans);
/* Carries out the plan for one link. Failure is kept in managed->reason. */
void link_apply(struct agent *agent, struct managed *managed, enum plan plan);
/* Puts the link's program under another plane, in the same slot. */
int link_move(struct agent *agent, struct managed *managed, struct plane *from, struct plane *to);
void link_pin(const struct agent *agent, struct managed *managed);

#endif
