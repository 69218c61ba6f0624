// SPDX-License-Identifier: GPL-2.0-or-later
/* How a datagram ended (trace_decide.h). */
#include <sys/socket.h>

#include "diagnose/trace_decide.h"

/* Behind the time that a queue waits: timers are late, and another fragment renews nothing. */
#define GRACE 1000000000ULL /* ns */

static bool end(struct trace_datagram *datagram, enum trace_end how, uint64_t when)
{
	datagram->end = how;
	datagram->ended_at = when;
	return true;
}

static bool wait_until(struct entry *entry, uint64_t when)
{
	entry->due = when;
	return false;
}

/* The first of its fates as a whole that has one of the flags, or with 0 none of the good ones. */
static const struct trace_whole *find(const struct trace_datagram *datagram, uint8_t flags)
{
	const uint8_t good = XDPFRAG_FATE_QUEUED | XDPFRAG_FATE_READ;
	unsigned int i;

	for (i = 0; i < datagram->n_whole; i++) {
		uint8_t has = datagram->whole[i].flags & good;

		if (flags ? has & flags : !has)
			return &datagram->whole[i];
	}
	return NULL;
}

static bool end_delivered(struct trace_datagram *datagram, const struct trace_whole *whole)
{
	return end(datagram, whole->flags & XDPFRAG_FATE_INJECTED ? END_REBUILT : END_DELIVERED,
		   whole->time);
}

/* Nobody has dropped it, and it is not seen in a socket: read there before it was looked at. */
static bool end_unseen(const struct trace_setup *setup, struct trace_datagram *datagram,
		       const struct trace_findings *findings)
{
	enum trace_end how = END_DELIVERED;

	if (findings->rebuilt)
		how = END_REBUILT;
	else if (!setup->stack_seen)
		how = END_UNKNOWN;
	return end(datagram, how, findings->whole_at);
}

static uint64_t deadline(const struct trace_setup *setup, const struct trace_datagram *datagram,
			 const struct trace_findings *findings)
{
	uint64_t stack = datagram->family == AF_INET ? setup->timeout4 : setup->timeout6;

	return findings->since + (findings->stack_waits ? stack : setup->timeout_agent) +
	       (setup->stack_seen && findings->stack_waits ? GRACE : 0);
}

static bool decide_whole(const struct trace_setup *setup, struct entry *entry, uint64_t now,
			 const struct trace_findings *findings)
{
	struct trace_datagram *datagram = &entry->datagram;
	const struct trace_whole *dropped = find(datagram, 0);
	const struct trace_whole *read = find(datagram, XDPFRAG_FATE_READ);
	const struct trace_whole *queued = find(datagram, XDPFRAG_FATE_QUEUED);
	uint64_t unread = entry->last + TRACE_UNREAD;

	if (queued)
		return end_delivered(datagram, queued);
	if (read)
		return end_delivered(datagram, read);
	/* Whole more often than it was dropped: there is one more to come. */
	if (findings->whole + findings->rebuilt > datagram->n_whole + datagram->whole_left_out &&
	    now < unread)
		return wait_until(entry, unread);
	/* To IPv6 each NIC's copy is a datagram of its own: the right one may still come. */
	if (dropped && datagram->family == AF_INET6 && findings->stack_waits &&
	    now < deadline(setup, datagram, findings))
		return wait_until(entry, deadline(setup, datagram, findings));
	if (dropped && datagram->family == AF_INET6 && findings->timed_out)
		return end(datagram, END_TIMEOUT, findings->dropped_at);
	if (dropped)
		return end(datagram,
			   dropped->cause == CAUSE_NOT_JOINED ? END_WRONG_NIC : END_DROPPED,
			   dropped->time);
	return end_unseen(setup, datagram, findings);
}

static bool decide_parts(const struct trace_setup *setup, struct entry *entry, uint64_t now,
			 const struct trace_findings *findings)
{
	struct trace_datagram *datagram = &entry->datagram;
	uint64_t until = deadline(setup, datagram, findings);
	bool waits = findings->stack_waits || findings->agent_waits;

	if (waits && now < until)
		return wait_until(entry, until);
	if (datagram->tail)
		return end(datagram, END_DUPLICATE,
			   waits		  ? until
			   : findings->dropped_at ? findings->dropped_at
						  : entry->last);
	if (findings->discarded)
		return end(datagram, END_DISCARDED, findings->dropped_at);
	if (findings->timed_out)
		return end(datagram, END_TIMEOUT, findings->dropped_at);
	if (waits)
		return end(datagram, END_TIMEOUT, until);
	if (!findings->went_on && !findings->to_agent)
		return end(datagram, END_POLICY, entry->last);
	return end(datagram, findings->dropped ? END_DROPPED : END_WRONG_NIC, findings->dropped_at);
}

bool trace_decide(const struct trace_setup *setup, struct entry *entry, uint64_t now,
		  struct trace_findings *findings)
{
	trace_judge(&entry->datagram, findings);
	if (now < entry->last + TRACE_QUIET)
		return wait_until(entry, entry->last + TRACE_QUIET);
	if (findings->whole || findings->rebuilt || entry->datagram.n_whole)
		return decide_whole(setup, entry, now, findings);
	return decide_parts(setup, entry, now, findings);
}
