/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a datagram ended, from all that happened to it. Inside user/diagnose only. */
#ifndef XDPFRAG_TRACE_DECIDE_H
#define XDPFRAG_TRACE_DECIDE_H

#include "diagnose/trace_judge.h"
#include "diagnose/trace_table.h"

/*
 * True when its end can be told at `now`: `end` and `ended_at` are set then; otherwise `due`
 * is when to look again, if nothing happens before. *findings in either case.
 */
bool trace_decide(const struct trace_setup *setup, struct entry *entry, uint64_t now,
		  struct trace_findings *findings);

#endif
