/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reconcile's plan for one link: what is wanted against what its XDP hook holds.
 * Pure, so that every case can stand in a table of a test.
 */
#ifndef XDPFRAG_PLAN_H
#define XDPFRAG_PLAN_H

#include "config/config.h"
#include "datapath/hook.h"

enum plan {
	PLAN_KEEP,   /* as wanted */
	PLAN_WAIT,   /* was refused a moment ago, and nothing has changed since */
	PLAN_ABSENT, /* no such link now */
	PLAN_HELD,   /* another's program holds the hook alone: leave it */
	PLAN_ATTACH, /* nothing of ours there: attach */
	/* a steer of another plane, of a dead agent, or with an xdpcap hook that is not wanted
	 * or without one that is: put ours in its place */
	PLAN_REPLACE,
	PLAN_REMODE, /* ours, in the other mode: the kernel wants it off before it comes on */
};

struct plan_view {
	bool present;
	enum link_mode wanted;
	bool hooked; /* the program is to be the one with the hook for xdpcap */
	const struct hook *hook;
	bool refused;	  /* the last attempt failed, and nothing has changed since */
	uint32_t program; /* the instance of this agent's plane; 0: none */
};

enum plan plan_link(const struct plan_view *view);

#endif
