/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reconcile's part for the policy: a plane that holds it, its rows and redirect
 * targets, and the one store that puts it in force.
 */
#ifndef XDPFRAG_AGENT_POLICY_H
#define XDPFRAG_AGENT_POLICY_H

#include "agent/agent.h"
#include "netstate/links.h"

/*
 * Makes the agent's plane one that the desired state fits. When another plane is
 * needed, the policy in force moves to it first, link by link, unchanged.
 */
int policy_fit(struct agent *agent, struct report *rep);
/* Compiles the desired state for the links of the moment and publishes it. */
int policy_publish(struct agent *agent, const struct links *links, struct report *rep);
/* Takes out the redirect targets that no policy in force names any more. */
void policy_tidy(struct agent *agent);

#endif
