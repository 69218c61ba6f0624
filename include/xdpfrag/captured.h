/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map "captured": a BPF ring buffer with a record for each frame that a capture's filter
 * matched, as it came to the XDP hook, and what the steer program decided about it. While
 * no capture runs it is as small as can be, and nothing is written.
 *
 * A record is struct xdpfrag_captured and `caplen` bytes of the frame behind it. The space
 * that it takes in the ring is one of a few sizes (the verifier wants constants); what lies
 * behind caplen is zero or of an earlier record: each capture has a ring of its own. A full
 * ring loses records, never packets, and each loss is counted in map "capture_counts".
 *
 * With `decap`, the filter was asked about the packet within a tunnel, its *view*: the frame
 * from `inner` on when inner_proto is 0 (the tunnel carries Ethernet); otherwise the first
 * twelve bytes of the frame, the EtherType inner_proto, and the frame from `inner` on. A
 * frame without a tunnel is its own view. What is captured is the frame, so that the reader makes
 * the view.
 */
#ifndef XDPFRAG_CAPTURED_H
#define XDPFRAG_CAPTURED_H

#include <linux/types.h>

#define XDPFRAG_CAPTURED_SIZE (1U << 25) /* bytes of the ring while a capture runs */
#define XDPFRAG_CAPTURED_IDLE (1U << 12) /* and otherwise; a page at least */
#define XDPFRAG_CAPTURED_MAX  65664	 /* bytes of a frame in a record at most */

#define XDPFRAG_NO_REASON 255

struct xdpfrag_captured {
	__u64 time;	   /* ns, CLOCK_MONOTONIC (bpf_ktime_get_ns) */
	__u32 slot;	   /* of the link it came in on */
	__u32 ifindex;	   /* of that link, as the frame came in */
	__u32 queue;	   /* receive queue */
	__u32 len;	   /* bytes of the whole frame */
	__u32 caplen;	   /* bytes that follow; at most len */
	__u16 inner;	   /* offset of what the tunnel carries; 0: there is none */
	__u16 inner_proto; /* its EtherType, host byte order; 0: what it carries is Ethernet */
	__u8 verdict;	   /* enum xdpfrag_verdict, or XDPFRAG_NO_VERDICT (event.h) */
	__u8 reason; /* enum xdpfrag_reason, when there was no policy; else XDPFRAG_NO_REASON */
	__u8 policy_family; /* of the policy that matched: AF_INET, AF_INET6; 0: none */
	__u8 policy_len;    /* bits of its prefix */
	__u32 reserved;
	__u8 policy_group[16];	/* network byte order, IPv4 in the first four bytes */
	__u8 policy_source[16]; /* same; all 0: any source */
};

/*
 * Map "capture_counts": BPF_MAP_TYPE_PERCPU_ARRAY, a record for each link slot. Frames that
 * the filter did not match are not counted: that is the way of almost all of them.
 */
struct xdpfrag_capture_counts {
	__u64 captured; /* records written */
	__u64 lost;	/* records that the ring had no room for */
};

#endif
