/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `learn on`: policy from the host's own memberships, besides the statements.
 *
 * Memberships are polled, since not every change raises an event, and where the
 * kernel tells of new ones (6.14 and later) also read at once. What was read goes
 * through learned.h into a policy, as a step of reconcile.
 */
#ifndef XDPFRAG_LEARN_H
#define XDPFRAG_LEARN_H

#include "agent/learn/learned.h"
#include "config/config.h"
#include "netstate/links.h"
#include "netstate/members.h"

#define LEARN_POLL_MS 300

struct agent;
struct event;
struct nl_sock;

struct learn {
	struct config merged;	/* statements and what was learned; agent->policy while learning */
	struct members members; /* as last read */
	struct learned_set set; /* what they came to */
	struct nl_sock *monitor;
	struct event *told, *check;
	bool by_events;	   /* joins and leaves raise an event */
	bool early;	   /* the next check was brought forward by an event */
	bool sources;	   /* some socket had a filter of sources at the last check */
	bool full_told;	   /* that not all can be learned was logged */
	char trouble[128]; /* why they could not be read the last time; "" */
	/* ms, CLOCK_MONOTONIC: no full check before that on account of events, or of none. */
	uint64_t told_at, untold_at;
};

/* Registers what wakes the agent; 0 or negative errno. */
int learn_start(struct agent *agent);
void learn_end(struct agent *agent);

/*
 * Reconcile's first step: sets agent->policy. On error (-ENOMEM) it is as it was.
 * Memberships that cannot be read are no error: what was learned last stays.
 */
int learn_update(struct agent *agent, const struct links *links, struct report *rep);

#endif
