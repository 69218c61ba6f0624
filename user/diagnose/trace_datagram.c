// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of histories (trace_datagram.h), and what is added to them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "diagnose/multilinear.h"
#include "diagnose/trace_decide.h"
#include "diagnose/trace_judge.h"
#include "diagnose/trace_table.h"

/* A fragment that the stack drops for no stated reason so long after it came in has waited. */
#define WAITED 100000000ULL /* ns */

const char *const trace_end_names[TRACE_ENDS] = {
	[END_DELIVERED] = "delivered", [END_REBUILT] = "rebuilt",     [END_WRONG_NIC] = "wrong-nic",
	[END_TIMEOUT] = "timeout",     [END_DUPLICATE] = "duplicate", [END_DISCARDED] = "discarded",
	[END_DROPPED] = "dropped",     [END_POLICY] = "policy",	      [END_UNKNOWN] = "unknown",
	[END_OPEN] = "open",
};

/* --- fragments --- */

static const struct trace_row *same_fragment(const struct trace_datagram *datagram,
					     const struct trace_fragment *fragment)
{
	const struct trace_row *row;

	for (row = datagram->rows; row; row = row->next)
		if (row->nic == fragment->nic && row->offset == fragment->offset)
			return row;
	return NULL;
}

/* Where a fragment belongs that comes behind the report of its datagram: to a tail, or a new one.
 */
static struct entry *reopen(struct trace *trace, struct entry *entry,
			    const struct trace_fragment *fragment)
{
	/* This NIC has had it: the sender has used the id again. */
	if (same_fragment(&entry->datagram, fragment)) {
		table_forget(trace, entry);
		return NULL;
	}
	table_make_tail(trace, entry);
	return entry;
}

static void add_row(struct trace *trace, struct entry *entry, const struct trace_fragment *fragment)
{
	struct trace_datagram *datagram = &entry->datagram;
	struct trace_row *row, **at;

	row = datagram->n_rows < TRACE_ROWS_EACH ? table_new_row(trace, entry) : NULL;
	if (!row) {
		datagram->rows_left_out++;
		return;
	}
	*row = (struct trace_row){ .time = fragment->time,
				   .function = "",
				   .nic = fragment->nic,
				   .offset = fragment->offset,
				   .len = fragment->len,
				   .vlan = fragment->vlan,
				   .verdict = fragment->verdict,
				   .more = fragment->more };
	/* Records of two CPUs may change places between clock and ring. */
	for (at = &datagram->rows; *at && (*at)->time <= row->time; at = &(*at)->next)
		;
	row->next = *at;
	*at = row;
	datagram->n_rows++;
	entry->judged = false;
	if (!row->more)
		datagram->bytes = row->offset + row->len;
}

static void touch(struct entry *entry, uint64_t time)
{
	if (time > entry->last)
		entry->last = time;
	entry->due = entry->last + TRACE_QUIET;
}

void trace_add_fragment(struct trace *trace, const struct trace_fragment *fragment)
{
	struct table_key key = table_key(fragment->family, fragment->proto, fragment->group,
					 fragment->source, fragment->stack_id);
	struct entry *entry = table_find(trace, &key);

	trace->sums.fragments++;
	if (entry && entry->reported)
		entry = reopen(trace, entry, fragment);
	if (!entry) {
		entry = table_new(trace, &key);
		entry->datagram.id = fragment->id;
		trace->sums.datagrams++;
	}
	add_row(trace, entry, fragment);
	touch(entry, fragment->time);
}

/* --- fates of fragments --- */

static bool came_in_on(const struct trace_datagram *datagram, const struct xdpfrag_fate *fate)
{
	const struct trace_row *row;

	for (row = datagram->rows; row; row = row->next)
		if (row->nic == fate->dev || row->nic == fate->iif)
			return true;
	return false;
}

/*
 * The last of its offset that could have met this fate, on its NIC. A VLAN device is none that
 * anything came in on, and then any NIC's will do; but not for what is another host's.
 */
static struct trace_row *row_of(struct trace_datagram *datagram, const struct xdpfrag_fate *fate)
{
	bool any = fate->flags & XDPFRAG_FATE_OURS && !came_in_on(datagram, fate);
	struct trace_row *row, *found = NULL;

	for (row = datagram->rows; row; row = row->next)
		if (row->offset == fate->offset && !row->dropped_at && row->time <= fate->time &&
		    trace_went_on(row->verdict) &&
		    (any || row->nic == fate->dev || row->nic == fate->iif))
			found = row;
	return found;
}

static bool is_copy(const struct trace_datagram *datagram, const struct trace_row *of)
{
	const struct trace_row *row;

	for (row = datagram->rows; row != of; row = row->next)
		if (row->offset == of->offset && row->len == of->len && !row->dropped_at &&
		    trace_went_on(row->verdict) &&
		    (datagram->family == AF_INET || row->nic == of->nic))
			return true;
	return false;
}

/* Has the stack given up the queue in which it waited? */
static bool was_given_up(const struct trace_datagram *datagram, const struct trace_row *of)
{
	const struct trace_row *row;

	for (row = datagram->rows; row; row = row->next)
		if (row->cause == CAUSE_DISCARDED && row->dropped_at >= of->time &&
		    (datagram->family == AF_INET || row->nic == of->nic))
			return true;
	return false;
}

static enum trace_cause cause_in_queue(const struct trace_datagram *datagram,
				       const struct trace_row *row, uint64_t time)
{
	if (was_given_up(datagram, row))
		return CAUSE_DISCARDED;
	if (time - row->time >= WAITED)
		return CAUSE_TIMEOUT;
	return is_copy(datagram, row) ? CAUSE_COPY : CAUSE_DISCARDED;
}

static void add_drop(struct trace *trace, struct entry *entry, const struct xdpfrag_fate *fate,
		     enum trace_cause cause)
{
	struct trace_row *row = row_of(&entry->datagram, fate);

	if (!row)
		return;
	if (cause == CAUSE_IN_QUEUE)
		cause = cause_in_queue(&entry->datagram, row, fate->time);
	row->dropped_at = fate->time;
	row->reason = fate->reason;
	row->cause = cause;
	row->function = table_function(trace, fate->function);
	entry->judged = false;
	touch(entry, fate->time);
}

/* --- fates of datagrams --- */

static unsigned int count_whole(const struct trace_datagram *datagram, uint8_t flags)
{
	unsigned int i, n = 0;

	for (i = 0; i < datagram->n_whole; i++)
		n += !!(datagram->whole[i].flags & flags);
	return n;
}

/* Kept, because all that are open are asked for each whole IPv6 datagram. */
static uint64_t whole_first(struct entry *entry)
{
	struct trace_findings findings;

	if (!entry->judged) {
		trace_judge(&entry->datagram, &findings);
		entry->whole_first = findings.whole_first;
		entry->judged = true;
	}
	return entry->whole_first;
}

/*
 * A whole IPv6 datagram has no id any more. What happens when it has become whole is of the
 * one that became so last; what happens to it in a socket's buffer, where the order is kept,
 * of the first one that it did not happen to yet.
 */
static struct entry *find_whole6(struct trace *trace, const struct xdpfrag_fate *fate,
				 enum trace_cause cause)
{
	bool in_socket = fate->flags & XDPFRAG_FATE_READ || cause == CAUSE_CLOSED;
	struct entry *entry, *found = NULL;
	uint64_t latest = 0, first;

	TAILQ_FOREACH(entry, &trace->open, list)
	{
		struct trace_datagram *datagram = &entry->datagram;

		if (datagram->family != AF_INET6 || datagram->bytes > fate->len ||
		    memcmp(datagram->group, fate->group, 16) ||
		    memcmp(datagram->source, fate->source, 16) || !came_in_on(datagram, fate))
			continue;
		first = whole_first(entry);
		if (!first || first > fate->time)
			continue;
		if (in_socket && !count_whole(datagram, XDPFRAG_FATE_READ))
			return entry;
		if (!in_socket && first >= latest) {
			latest = first;
			found = entry;
		}
	}
	return found;
}

/*
 * Or of one with the same id before it: that had its fragments when nobody looked yet, or it was
 * told, and what is here is the tail of it.
 */
static bool can_be_of(struct entry *entry, const struct xdpfrag_fate *fate)
{
	const struct trace_datagram *datagram = &entry->datagram;
	uint64_t since = datagram->tail ? whole_first(entry) : datagram->rows->time;

	return since && since <= fate->time &&
	       (fate->flags & XDPFRAG_FATE_OURS || came_in_on(datagram, fate));
}

static void add_whole(struct trace *trace, struct entry *entry, const struct xdpfrag_fate *fate,
		      enum trace_cause cause)
{
	struct trace_datagram *datagram = &entry->datagram;
	struct trace_whole *whole;

	if (!can_be_of(entry, fate))
		return;
	touch(entry, fate->time);
	if (datagram->n_whole == TRACE_FATES) {
		datagram->whole_left_out++;
		return;
	}
	whole = &datagram->whole[datagram->n_whole++];
	*whole = (struct trace_whole){ .time = fate->time,
				       .function = table_function(trace, fate->function),
				       .nic = fate->dev,
				       .reason = fate->reason,
				       .pid = fate->pid,
				       .port = fate->port,
				       .flags = fate->flags,
				       .cause = cause };
	memcpy(whole->program, fate->program, sizeof(whole->program));
	whole->program[sizeof(whole->program) - 1] = '\0';
}

void trace_add_fate(struct trace *trace, const struct xdpfrag_fate *fate, enum trace_cause cause)
{
	struct table_key key =
		table_key(fate->family, fate->proto, fate->group, fate->source, fate->id);
	bool whole = !(fate->flags & XDPFRAG_FATE_FRAGMENT);
	struct entry *entry;

	if (!cause && !(fate->flags & (XDPFRAG_FATE_READ | XDPFRAG_FATE_QUEUED)))
		return;
	entry = whole && fate->family == AF_INET6 ? find_whole6(trace, fate, cause)
						  : table_find(trace, &key);
	if (!entry || entry->reported)
		return;
	if (whole)
		add_whole(trace, entry, fate, cause);
	else
		add_drop(trace, entry, fate, cause);
}

/* --- ends --- */

static void report(struct trace *trace, struct entry *entry)
{
	trace->sums.ends[entry->datagram.end]++;
	trace->setup.ended(&entry->datagram, trace->setup.arg);
}

/* Copies that wait in the kernel behind the completion have an end of their own. */
static void close_history(struct trace *trace, struct entry *entry,
			  const struct trace_findings *findings)
{
	report(trace, entry);
	if (findings->whole && findings->stack_waits)
		table_keep_waiting(trace, entry);
	else
		table_linger(trace, entry);
}

void trace_look(struct trace *trace, uint64_t now)
{
	struct trace_findings findings;
	struct entry *entry, *next;

	for (entry = TAILQ_FIRST(&trace->open); entry; entry = next) {
		next = TAILQ_NEXT(entry, list);
		if (now < entry->due)
			continue;
		if (trace_decide(&trace->setup, entry, now, &findings))
			close_history(trace, entry, &findings);
	}
	while ((entry = TAILQ_FIRST(&trace->lingering)) && now >= entry->due)
		table_forget(trace, entry);
}

void trace_flush(struct trace *trace)
{
	struct trace_findings findings;
	struct entry *entry;

	while ((entry = TAILQ_FIRST(&trace->open))) {
		if (!trace_decide(&trace->setup, entry, entry->last + TRACE_QUIET, &findings)) {
			entry->datagram.end = END_OPEN;
			entry->datagram.ended_at = entry->last;
		}
		report(trace, entry);
		table_forget(trace, entry);
	}
}

const struct trace_sums *trace_sums(const struct trace *trace)
{
	return &trace->sums;
}
