// SPDX-License-Identifier: GPL-2.0-or-later
/* The model of reassembly (trace_judge.h). */
#include <string.h>
#include <sys/socket.h>

#include "diagnose/trace_judge.h"
#include "xdpfrag/event.h"
#include "xdpfrag/verdict.h"

#define UNITS (65536 / 8) /* offsets are multiples of 8 */
#define NICS  16	  /* of one datagram, with a queue each; those of more share the last */

/* What a queue holds. One for the stack (IPv6: one a NIC), one for the agent. */
struct queue {
	uint8_t has[UNITS / 8];
	unsigned int units, total; /* total 0: the last fragment is not there */
	uint64_t since;		   /* 0: empty */
	uint64_t dead_at;	   /* when the stack gave it up; 0: it has not */
};

bool trace_went_on(uint8_t verdict)
{
	return verdict == XDPFRAG_NO_VERDICT || verdict == XDPFRAG_PASSED ||
	       verdict == XDPFRAG_OBSERVED;
}

static void queue_begin(struct queue *queue)
{
	memset(queue, 0, sizeof(*queue));
}

static void queue_add(struct queue *queue, const struct trace_row *row)
{
	unsigned int unit = row->offset / 8, end = unit + (row->len + 7) / 8;

	for (; unit < end && unit < UNITS; unit++) {
		queue->units += !(queue->has[unit / 8] >> unit % 8 & 1);
		queue->has[unit / 8] |= 1 << unit % 8;
	}
	if (!row->more)
		queue->total = end;
	if (!queue->since)
		queue->since = row->time;
}

static bool queue_is_whole(const struct queue *queue)
{
	return queue->total && queue->units == queue->total;
}

/* Was it put into a queue of the stack? */
static bool was_queued(const struct trace_row *row)
{
	return trace_went_on(row->verdict) &&
	       (row->cause == CAUSE_NONE || row->cause == CAUSE_TIMEOUT);
}

/* Which rows make up a queue: the agent's, or the stack's (of one NIC; 0: of all). */
struct which {
	bool of_agent;
	uint32_t nic;
};

static bool is_member(const struct which *which, const struct trace_row *row)
{
	if (which->of_agent)
		return row->verdict == XDPFRAG_REASSEMBLED;
	return was_queued(row) && (!which->nic || row->nic == which->nic);
}

/* One that the stack would not have, and for which it gave up what it had. */
static bool ends_queue(const struct which *which, const struct trace_row *row)
{
	return !which->of_agent && row->cause == CAUSE_DISCARDED &&
	       (!which->nic || row->nic == which->nic);
}

/* Those up to the last one that completed or ended it wait no more; nor those that were dropped. */
static void mark_waiting(struct trace_datagram *datagram, const struct which *which,
			 const struct trace_row *last)
{
	bool behind = !last;
	struct trace_row *row;

	for (row = datagram->rows; row; row = row->next) {
		if (is_member(which, row))
			row->waits = behind && !row->dropped_at;
		behind |= row == last;
	}
}

static void note_whole(struct trace_findings *findings, uint64_t time)
{
	if (time > findings->whole_at)
		findings->whole_at = time;
	if (!findings->whole_first || time < findings->whole_first)
		findings->whole_first = time;
}

static void run_queue(struct trace_datagram *datagram, const struct which *which,
		      struct trace_findings *findings)
{
	const struct trace_row *last = NULL;
	unsigned int whole = 0;
	struct queue queue;
	struct trace_row *row;

	queue_begin(&queue);
	for (row = datagram->rows; row; row = row->next) {
		if (ends_queue(which, row)) {
			queue_begin(&queue);
			last = row;
		}
		if (!is_member(which, row))
			continue;
		row->after = whole;
		/* The agent lingers; the stack begins anew. */
		if (which->of_agent && whole)
			continue;
		if (queue.dead_at && row->time > queue.dead_at)
			queue_begin(&queue);
		queue_add(&queue, row);
		if (row->dropped_at)
			queue.dead_at = row->dropped_at;
		if (!queue_is_whole(&queue))
			continue;
		row->completes = true;
		whole++;
		note_whole(findings, row->time);
		last = row;
		queue_begin(&queue);
	}
	*(which->of_agent ? &findings->rebuilt : &findings->whole) += whole;
	if (which->of_agent && whole)
		return;
	mark_waiting(datagram, which, last);
	if (!queue.since || queue.dead_at)
		return;
	*(which->of_agent ? &findings->agent_waits : &findings->stack_waits) = true;
	if (!findings->since || queue.since < findings->since)
		findings->since = queue.since;
}

static void count(const struct trace_datagram *datagram, struct trace_findings *findings)
{
	const struct trace_row *row;

	for (row = datagram->rows; row; row = row->next) {
		findings->went_on += trace_went_on(row->verdict);
		findings->to_agent += row->verdict == XDPFRAG_REASSEMBLED;
		findings->refused += row->cause == CAUSE_NOT_JOINED;
		findings->dropped += row->cause == CAUSE_OTHER;
		findings->timed_out |= row->cause == CAUSE_TIMEOUT;
		findings->discarded |= row->cause == CAUSE_DISCARDED;
		if (row->dropped_at > findings->dropped_at)
			findings->dropped_at = row->dropped_at;
	}
}

/* IPv6: the stack's key holds the NIC (fq_find() in net/ipv6/reassembly.c). */
static size_t list_nics(const struct trace_datagram *datagram, uint32_t *nics)
{
	const struct trace_row *row;
	size_t n = 0, i;

	if (datagram->family == AF_INET) {
		nics[0] = 0;
		return 1;
	}
	for (row = datagram->rows; row; row = row->next) {
		for (i = 0; i < n && nics[i] != row->nic; i++)
			;
		if (i == n && n < NICS)
			nics[n++] = row->nic;
	}
	return n;
}

void trace_judge(struct trace_datagram *datagram, struct trace_findings *findings)
{
	uint32_t nics[NICS];
	size_t n = list_nics(datagram, nics), i;
	struct trace_row *row;

	memset(findings, 0, sizeof(*findings));
	for (row = datagram->rows; row; row = row->next)
		row->completes = row->after = row->waits = false;
	count(datagram, findings);
	for (i = 0; i < n; i++)
		run_queue(datagram, &(struct which){ .nic = nics[i] }, findings);
	run_queue(datagram, &(struct which){ .of_agent = true }, findings);
}
