/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of managed links, kept in step with the choice of links. */
#ifndef XDPFRAG_FOLLOW_H
#define XDPFRAG_FOLLOW_H

#include "agent/agent.h"
#include "netstate/links.h"

/*
 * Makes the table of managed links that of the links chosen now. An instance
 * goes with its NIC through a rename, and counters wait for a NIC that is gone.
 * Links no longer chosen stand behind the others, still steered.
 */
void links_follow(struct agent *agent, const struct links *links);
/* Takes our programs off the links no longer chosen, and drops them from the table. */
void links_release(struct agent *agent, const struct links *links);

#endif
