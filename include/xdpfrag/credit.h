/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map "credits": BPF_MAP_TYPE_ARRAY, mmapable, one record for each link slot and
 * receive queue, and one for the worker behind them all; and map "sockets":
 * BPF_MAP_TYPE_XSKMAP with the same keys; and map "paths": BPF_MAP_TYPE_ARRAY, one
 * word for each hash of a datagram.
 *
 * Fragments of a `reassemble` group go to the AF_XDP socket of the queue they came
 * in on, but only while the worker behind it keeps up. bpf_redirect_map() tells
 * nothing of a full ring: what does not fit is gone. So the worker grants credit,
 * one for each frame that it has put into the socket's fill ring, and the program
 * spends it. Out of credit, or past the deadline that the worker renews, fragments
 * take the kernel's path under the same policy.
 *
 * All links together do: were one on the kernel's path and another not, a datagram
 * would be split between the two, or delivered by both. Hence one deadline; and
 * the queue that is out of credit closes all for a while. When the path changes,
 * the datagrams that are on their way stay whole: where the first fragment went that
 * came in of one, on whatever link, the others follow. What is remembered of it is
 * short, and lost to another datagram of the same hash: then the next fragment is a
 * first one again.
 *
 * Generic XDP may handle a queue's packets on several CPUs at once: `spent` is
 * changed atomically.
 */
#ifndef XDPFRAG_CREDIT_H
#define XDPFRAG_CREDIT_H

#include <linux/types.h>

#include "xdpfrag/state.h"

#define XDPFRAG_QUEUES 64 /* receive queues of a link that can have a socket */

#define XDPFRAG_SOCKET(slot, queue) ((slot)*XDPFRAG_QUEUES + (queue)) /* key in both maps */
#define XDPFRAG_WORKER		    (XDPFRAG_LINKS * XDPFRAG_QUEUES)  /* key in "credits" */
#define XDPFRAG_CREDITS		    (XDPFRAG_WORKER + 1)	      /* entries of both maps */

#define XDPFRAG_CLOSED_NS 10000000 /* for so long, once a queue was out of credit */
#define XDPFRAG_FOLLOWERS 64	   /* frames of credit that are left to fragments that follow */

#define XDPFRAG_PATHS	   16384 /* entries of map "paths"; a power of two */
#define XDPFRAG_PATH_SHIFT 20	 /* log2 of the ns in a tick: about a millisecond */
#define XDPFRAG_PATH_TICKS 256	 /* after the first fragment, in which others follow it */

struct xdpfrag_credit {
	__u64 spent;   /* frames, by the program */
	__u64 granted; /* frames, by the worker; under spent: what it keeps for other packets */
	/* Packets that went the kernel's way for want of credit, or while a queue's want of it
	 * had closed all; by the program.
	 */
	__u64 refused;
	__u32 ifindex; /* of the NIC that the socket is bound to; 0: no socket */
	__u32 chunk;   /* bytes of a packet that go into one frame */
	__u32 frames;  /* that a packet may take; 1: and lies in one buffer */
	__u32 reserved;
	/* In the worker's record, ns of CLOCK_MONOTONIC. */
	__u64 deadline;	    /* by the worker; 0: there is none */
	__u64 closed_until; /* by the program */
	__u64 reserved2;
};

#endif
