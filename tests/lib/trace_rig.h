/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Histories of datagrams (diagnose/trace_datagram.h), fed by a test and kept as they are
 * told. Each datagram is of three pieces. Needs cmocka: what does not work fails the test.
 */
#ifndef XDPFRAG_TESTS_TRACE_RIG_H
#define XDPFRAG_TESTS_TRACE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diagnose/trace_datagram.h"

#define MS	1000000ULL
#define S	(1000 * MS)
#define ETH0	2
#define ETH1	3
#define PIECE	1480
#define PIECES	3 /* the last one is shorter */
#define LAST	200
#define BYTES	(2 * PIECE + LAST)
#define HISTORY 64 /* histories that are kept; more are only counted */

#define FRAGMENT (XDPFRAG_FATE_FRAGMENT | XDPFRAG_FATE_LOCAL | XDPFRAG_FATE_OURS)
#define PURGED	 (XDPFRAG_FATE_FRAGMENT | XDPFRAG_FATE_LOCAL)
#define WHOLE	 (XDPFRAG_FATE_OURS)

/* What was reported, with copies of the rows. */
struct trace_told {
	struct trace_datagram datagram;
	struct trace_row rows[16];
};

/* One for a test program. `family` is that of what is fed from now on. */
struct trace_rig {
	struct trace *trace;
	struct trace_told told[HISTORY];
	size_t n_told;
	uint8_t family;
};

extern struct trace_rig trace_rig;

/* For each test of a group. */
int trace_rig_begin(void **state);
int trace_rig_end(void **state);

/* Anew, with nothing told, and IPv4; trace_rig_begin() has seen the stack. */
void trace_rig_open(bool stack_seen);

void trace_rig_add(uint64_t time, uint32_t nic, uint32_t id, unsigned int piece, uint8_t verdict);
/* All pieces on one NIC, a microsecond after each other. */
void trace_rig_add_all(uint64_t time, uint32_t nic, uint32_t id, uint8_t verdict);
void trace_rig_fate(uint64_t time, uint32_t nic, uint32_t id, unsigned int piece, uint8_t flags,
		    enum trace_cause cause);
void trace_rig_queued(uint64_t time, uint32_t nic, uint32_t id);
void trace_rig_look(uint64_t now);

/* The one history that was told; it ended so. */
const struct trace_told *trace_rig_only(enum trace_end how);

#endif
