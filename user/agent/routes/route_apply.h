/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One look at the routes carried out: what is missing made, what differs changed,
 * what is left over removed, and the result held against what was to come of it.
 *
 * On error, the report says why; for other statements than `must` what cannot be
 * had is remembered and logged, and no error.
 */
#ifndef XDPFRAG_ROUTE_APPLY_H
#define XDPFRAG_ROUTE_APPLY_H

#include "agent/agent.h"
#include "agent/routes/route_plan.h"

struct route_pass {
	struct agent *agent;
	const struct route_key *must; /* or NULL */
	struct report *rep;
	struct links links;
	struct route_list routes;
	struct route_plan plan;
	struct nl_sock *writer; /* NULL: not yet opened */
	size_t changed;
};

/* Routes of statements with a gateway whose prefix has no route at all. */
int route_make_missing(struct route_pass *pass);
/* Nothing is done yet: can everything be had that `must` says? */
int route_refuse_early(struct route_pass *pass);
int route_carry_out(struct route_pass *pass);
int route_verify(struct route_pass *pass, const struct route_list *after);
/* What was found of routes that are as found again, or are no more: forgotten. */
void route_forget(struct route_pass *pass, const struct route_list *now);

/* --- shared by the steps above --- */

bool route_is_must(const struct route_pass *pass, const struct route_config *by);
int route_open_writer(struct route_pass *pass);
/* Before the host is changed: without it, nothing could be put back later. */
int route_save_found(struct route_pass *pass);
/* What cannot be had. Told once, and again when the reason is another. */
void route_remember(struct route_pass *pass, const char *name, const char *text, uint32_t mtu,
		    const char *why);

#endif
