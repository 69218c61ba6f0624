/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What it means that the stack dropped a packet where it did, for the reason that it gave.
 * Pure. Goes by the packet's state (xdpfrag/fate.h) and by the reason's name where it says
 * something; never by a function's name, which changes with kernel and compiler.
 */
#ifndef XDPFRAG_TRACE_CAUSE_H
#define XDPFRAG_TRACE_CAUSE_H

#include "xdpfrag/fate.h"

enum trace_cause {
	CAUSE_NONE,	   /* not dropped */
	CAUSE_NOT_JOINED,  /* at the route look-up: no membership on its NIC, the fault itself */
	CAUSE_COPY,	   /* a fragment that the queue has already */
	CAUSE_TIMEOUT,	   /* waited in a queue that never became whole */
	CAUSE_DISCARDED,   /* the queue would not have it, and is gone: overlap, malformed */
	CAUSE_IN_QUEUE,	   /* one of the three above; the kernel does not say which */
	CAUSE_NO_SOCKET,   /* joined, and nobody listens on the port */
	CAUSE_BUFFER_FULL, /* the socket's */
	CAUSE_CLOSED,	   /* the socket, before anybody read it */
	CAUSE_OTHER,	   /* the reason says it: NETFILTER_DROP, UDP_CSUM, ... */
};

/* `reason`: its name in the running kernel, "DUP_FRAG"; "" when that has none. */
enum trace_cause trace_cause(const struct xdpfrag_fate *fate, const char *reason);

#endif
