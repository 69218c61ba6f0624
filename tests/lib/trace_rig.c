// SPDX-License-Identifier: GPL-2.0-or-later
/* Histories fed by a test (trace_rig.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "trace_rig.h"

struct trace_rig trace_rig;

static const uint8_t group4[16] = { 239, 0, 0, 15 }, source4[16] = { 10, 84, 0, 73 };
static const uint8_t group6[16] = { 0xff, 0x3e, [15] = 15 }, source6[16] = { 0xfd, [15] = 73 };

static void on_ended(const struct trace_datagram *datagram, void *arg)
{
	const struct trace_row *row;
	struct trace_told *to =
		&trace_rig.told[trace_rig.n_told < HISTORY ? trace_rig.n_told : HISTORY - 1];
	size_t n = 0;

	assert_ptr_equal(arg, trace_rig.told);
	to->datagram = *datagram;
	for (row = datagram->rows; row && n < 16; row = row->next)
		to->rows[n++] = *row;
	trace_rig.n_told++;
}

void trace_rig_open(bool stack_seen)
{
	struct trace_setup setup = { .stack_seen = stack_seen,
				     .timeout4 = 30 * S,
				     .timeout6 = 60 * S,
				     .timeout_agent = S,
				     .ended = on_ended,
				     .arg = trace_rig.told };

	trace_free(trace_rig.trace);
	trace_rig.trace = trace_new(&setup);
	assert_non_null(trace_rig.trace);
	trace_rig.n_told = 0;
	trace_rig.family = AF_INET;
}

int trace_rig_begin(void **state)
{
	(void)state;
	trace_rig_open(true);
	return 0;
}

int trace_rig_end(void **state)
{
	(void)state;
	trace_free(trace_rig.trace);
	trace_rig.trace = NULL;
	return 0;
}

void trace_rig_add(uint64_t time, uint32_t nic, uint32_t id, unsigned int piece, uint8_t verdict)
{
	struct trace_fragment fragment = { .time = time,
					   .nic = nic,
					   .id = id,
					   .stack_id = id,
					   .offset = piece * PIECE,
					   .len = piece == PIECES - 1 ? LAST : PIECE,
					   .more = piece < PIECES - 1,
					   .family = trace_rig.family,
					   .proto = 17,
					   .verdict = verdict,
					   .group = trace_rig.family == AF_INET ? group4 : group6,
					   .source = trace_rig.family == AF_INET ? source4
										 : source6 };

	trace_add_fragment(trace_rig.trace, &fragment);
}

void trace_rig_fate(uint64_t time, uint32_t nic, uint32_t id, unsigned int piece, uint8_t flags,
		    enum trace_cause cause)
{
	bool whole = !(flags & XDPFRAG_FATE_FRAGMENT);
	struct xdpfrag_fate fate = { .time = time,
				     .dev = flags & XDPFRAG_FATE_OURS ? nic : 0,
				     .iif = nic,
				     .id = whole && trace_rig.family == AF_INET6 ? 0 : id,
				     .offset = piece * PIECE,
				     .len = whole ? BYTES : PIECE,
				     .family = trace_rig.family,
				     .proto = 17,
				     .flags = flags,
				     .function = "ip_defrag.isra.0" };

	memcpy(fate.group, trace_rig.family == AF_INET ? group4 : group6, 16);
	memcpy(fate.source, trace_rig.family == AF_INET ? source4 : source6, 16);
	trace_add_fate(trace_rig.trace, &fate, cause);
}

void trace_rig_queued(uint64_t time, uint32_t nic, uint32_t id)
{
	trace_rig_fate(time, nic, id, 0, WHOLE | XDPFRAG_FATE_QUEUED, CAUSE_NONE);
}

void trace_rig_add_all(uint64_t time, uint32_t nic, uint32_t id, uint8_t verdict)
{
	unsigned int i;

	for (i = 0; i < PIECES; i++)
		trace_rig_add(time + i * 1000, nic, id, i, verdict);
}

void trace_rig_look(uint64_t now)
{
	trace_look(trace_rig.trace, now);
}

const struct trace_told *trace_rig_only(enum trace_end how)
{
	assert_int_equal(trace_rig.n_told, 1);
	assert_string_equal(trace_end_names[trace_rig.told[0].datagram.end], trace_end_names[how]);
	return &trace_rig.told[0];
}
