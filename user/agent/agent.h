/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent's whole state. The desired state (config) and what is needed to
 * bring the kernel to it; everything else is read from the kernel when asked.
 * One agent in a process, one thread.
 */
#ifndef XDPFRAG_AGENT_H
#define XDPFRAG_AGENT_H

#include <stdint.h>
#include <time.h>

#include "agent/learn/learn.h"
#include "agent/managed.h"
#include "agent/routes/routes.h"
#include "agent/sessions/capture.h"
#include "agent/settings/settings.h"
#include "agent/steer/reassemble.h"
#include "config/config.h"
#include "datapath/plane.h"
#include "xdpfrag/state.h"

struct event;
struct event_base;
struct doctor;
struct found;
struct trace_session;

struct agent_options {
	const char *config; /* file */
	const char *socket; /* path */
	const char *run_dir;
	const char *pin_dir;
	const char *metrics; /* ADDR:PORT, or NULL */
	bool debug;
};

struct agent {
	struct agent_options options;
	struct event_base *base;
	struct event *settle; /* runs a reconcile when it fires: reconcile_soon() */
	struct config config; /* the desired state */
	/* The groups in force: the desired state, or that with what was learned besides. */
	const struct config *policy;
	struct learn learn;
	struct settings settings;
	struct routes routes;
	struct reassemble reassemble;
	struct found *found; /* how settings were before this agent's first touch */
	bool from_runtime;   /* the desired state came from the run folder, or was changed since */
	struct plane plane;  /* plane.state NULL: none yet */
	/* First the links to be steered; behind them those that are no longer, for as long as
	 * their programs are not off.
	 */
	struct managed managed[2 * XDPFRAG_LINKS];
	size_t n_managed, n_released;
	/* What was counted on links that are not in the table any more. */
	struct xdpfrag_counts gone_counts;
	struct xdpfrag_reasons gone_reasons;
	size_t left_out;    /* links beyond XDPFRAG_LINKS */
	uint32_t next_slot; /* slots are given out in turn, so that one is not soon used again */
	uint32_t slot_program[XDPFRAG_LINKS]; /* the last program that had a slot; 0: none */
	time_t started;			      /* CLOCK_MONOTONIC */
	uint64_t requests, reconciles;
	char last_error[160];	      /* of the last reconcile; "" */
	struct doctor *doctor;	      /* the session; NULL: none */
	struct trace_session *traces; /* a list */
	struct capture capture;
};

#endif
