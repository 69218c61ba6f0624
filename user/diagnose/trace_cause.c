// SPDX-License-Identifier: GPL-2.0-or-later
/* Causes (trace_cause.h). */
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/trace_cause.h"

/* Before 6.2 hardly any place where fragments are dropped has a reason of its own. */
static bool says_nothing(const char *reason)
{
	return !*reason || !strcmp(reason, "NOT_SPECIFIED");
}

static enum trace_cause of_fragment(const struct xdpfrag_fate *fate, const char *reason)
{
	/* Reassembly takes the header off, so that what still has it was no part of a queue. */
	if (!(fate->flags & XDPFRAG_FATE_LOCAL))
		return says_nothing(reason) ? CAUSE_NOT_JOINED : CAUSE_OTHER;
	if (!strcmp(reason, "DUP_FRAG"))
		return CAUSE_COPY;
	if (!strcmp(reason, "FRAG_REASM_TIMEOUT"))
		return CAUSE_TIMEOUT;
	/* Of conntrack's reassembly of IPv6, netfilter drops what its queue refuses. */
	return CAUSE_IN_QUEUE;
}

static enum trace_cause at_route(const struct xdpfrag_fate *fate, const char *reason)
{
	if (!says_nothing(reason))
		return CAUSE_OTHER;
	/* IPv6 asks for the membership behind the look-up (ip6_mc_input()), IPv4 in it. */
	if (fate->family == AF_INET && fate->flags & XDPFRAG_FATE_ROUTED)
		return CAUSE_OTHER;
	return CAUSE_NOT_JOINED;
}

static enum trace_cause at_socket(const struct xdpfrag_fate *fate, const char *reason)
{
	if (!strcmp(reason, "SOCKET_RCVBUFF"))
		return CAUSE_BUFFER_FULL;
	if (!strcmp(reason, "QUEUE_PURGE"))
		return CAUSE_CLOSED;
	if (!strcmp(reason, "NO_SOCKET"))
		return CAUSE_NO_SOCKET;
	if (!says_nothing(reason))
		return CAUSE_OTHER;
	/* One that waited in a socket has no device any more. */
	return fate->flags & XDPFRAG_FATE_OURS ? CAUSE_NO_SOCKET : CAUSE_CLOSED;
}

enum trace_cause trace_cause(const struct xdpfrag_fate *fate, const char *reason)
{
	if (fate->flags & (XDPFRAG_FATE_READ | XDPFRAG_FATE_QUEUED))
		return CAUSE_NONE;
	/* A capture's own copy, for which it had no room. */
	if (!strcmp(reason, "PACKET_SOCK_ERROR"))
		return CAUSE_NONE;
	if (fate->flags & XDPFRAG_FATE_FRAGMENT)
		return of_fragment(fate, reason);
	return fate->flags & XDPFRAG_FATE_LOCAL ? at_socket(fate, reason) : at_route(fate, reason);
}
