/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `trace`: sessions that follow datagrams (diagnose/trace_datagram.h) and keep the histories
 * of those that have ended until they are fetched.
 *
 * Up to TRACE_SESSIONS at a time; they belong to no connection: whoever knows an id may ask.
 * One lives only while somebody asks: TRACE_LEASE seconds after the last request for it, less
 * those in which the agent was busy, it is gone, and with it its program in the kernel. Each takes
 * 10 MB.
 *
 * Packets are never held up, and all datagrams are followed; what is limited is how many
 * histories are handed out: TRACE_RATE a second. The rest is counted.
 */
#ifndef XDPFRAG_AGENT_TRACE_H
#define XDPFRAG_AGENT_TRACE_H

#include <jansson.h>

#include "config/report.h"
#include "datapath/plane.h"
#include "diagnose/drop_reasons.h"
#include "diagnose/trace_datagram.h"

#define TRACE_SESSIONS 4
#define TRACE_RATE     100 /* histories a second, and as many at once */
#define TRACE_PENDING  400 /* histories that wait to be fetched */
#define TRACE_LEASE    5

struct agent;

/* The requests' results (protocol.h); NULL with a report, or without one when memory is out. */
json_t *trace_begin(struct agent *agent, const json_t *body, struct report *rep);
json_t *trace_report(struct agent *agent, const json_t *body, struct report *rep);
json_t *trace_cancel(struct agent *agent, const json_t *body, struct report *rep);

/* The agent ends; before its plane is closed. */
void trace_end_all(struct agent *agent);

/* Its part: a history as JSON (trace_json.c). `epoch`: CLOCK_REALTIME at CLOCK_MONOTONIC's 0. */
json_t *trace_json(const struct trace_datagram *datagram, const struct drop_reasons *reasons,
		   const struct xdpfrag_state *state, uint64_t epoch);
json_t *trace_sums_json(const struct trace_sums *sums);

#endif
