/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a trace is fed with: fragments at the XDP hook (datapath/events.h), and their fates in
 * the stack (datapath/fates.h), each before what follows from it.
 */
#ifndef XDPFRAG_AGENT_TRACE_FEED_H
#define XDPFRAG_AGENT_TRACE_FEED_H

#include "config/config.h"
#include "datapath/events.h"
#include "datapath/fates.h"
#include "diagnose/drop_reasons.h"
#include "diagnose/trace_datagram.h"

struct agent;
struct event;

/* Begins as zeroes but for the agent and the groups. */
struct trace_feed {
	struct agent *agent;
	struct group_key only;
	bool has_only; /* else all groups */
	struct trace *trace;
	struct events *events;
	struct fates *fates; /* NULL: the kernel refuses the program */
	struct event *readable, *fates_readable;
	struct drop_reasons *reasons; /* NULL: the kernel's numbers have no names */
	uint64_t events_read_at;
	int events_err, fates_err; /* why it is not, or no longer, told of them */
	bool fates_ended;	   /* it was told of them */
};

/* First this, so that no fate of a fragment that is told is missed. feed->fates says if it works.
 */
void trace_feed_open_fates(struct trace_feed *feed);
int trace_feed_open_events(struct trace_feed *feed, struct trace *trace); /* 0 or negative errno */
/*
 * All that has come in; also keeps it coming, for as long as a client would wait for the agent
 * (PROTOCOL_PATIENCE): until then nothing is missed while the agent is busy, and then a dead
 * agent's programs write no more.
 */
void trace_feed_read(struct trace_feed *feed);
void trace_feed_close(struct trace_feed *feed);

uint64_t trace_now(void); /* ns, CLOCK_MONOTONIC */

#endif
