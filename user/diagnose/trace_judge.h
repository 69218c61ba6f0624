/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fragments of a datagram have come to: a model of the stack's reassembly and of the
 * agent's, run over the rows of a history. Inside user/diagnose only. Pure.
 */
#ifndef XDPFRAG_TRACE_JUDGE_H
#define XDPFRAG_TRACE_JUDGE_H

#include "diagnose/trace_datagram.h"

struct trace_findings {
	unsigned int whole;    /* times that it became whole in the stack */
	unsigned int rebuilt;  /* and in the agent */
	uint64_t whole_first;  /* the first time, in either; 0: never */
	uint64_t whole_at;     /* and the last time */
	unsigned int went_on;  /* fragments to the stack */
	unsigned int to_agent; /* fragments for reassembly */
	unsigned int refused;  /* of those to the stack: dropped on arrival, no membership */
	unsigned int dropped;  /* dropped on arrival for another reason */
	bool stack_waits, agent_waits; /* fragments wait for others */
	bool timed_out, discarded;     /* a queue of the stack was */
	uint64_t dropped_at;	       /* the last of all drops */
	uint64_t since;		       /* when the oldest that waits came in */
};

/* Also marks in each row what it did: `completes`, `after`, `waits`. */
void trace_judge(struct trace_datagram *datagram, struct trace_findings *findings);

/* Did the fragment go on to the stack? */
bool trace_went_on(uint8_t verdict);

#endif
