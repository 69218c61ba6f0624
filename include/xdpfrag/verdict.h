/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the steer program decides, and what it counts.
 *
 * Two records, both kept per CPU so that counting needs no atomic operation:
 * struct xdpfrag_counts, one for each policy (a "row"), says what became of the
 * packets that the policy matched; struct xdpfrag_reasons, one for each link,
 * says why packets that a policy might have wanted were passed without one.
 */
#ifndef XDPFRAG_VERDICT_H
#define XDPFRAG_VERDICT_H

#include <linux/types.h>

/* What became of a packet that a policy matched. Index into xdpfrag_counts. */
enum xdpfrag_verdict {
	XDPFRAG_PASSED,	     /* came in on an allowed link: on to the stack */
	XDPFRAG_DROPPED,     /* came in on a wrong link, policy says drop */
	XDPFRAG_OBSERVED,    /* came in on a wrong link, policy says observe: on to the stack */
	XDPFRAG_REDIRECTED,  /* came in on a wrong link, handed to another link's transmit */
	XDPFRAG_REASSEMBLED, /* handed to user space for reassembly */
	XDPFRAG_VERDICTS,
};

/*
 * Map "counters", one for each link: BPF_MAP_TYPE_ARRAY, mmapable. It holds
 * (possible CPUs + 1) stripes of `rows` records each; the record of a policy on
 * a CPU is at index cpu * rows + row. A plain array with stripes rather than a
 * per-CPU array, because the kernel inlines its lookup on every version, and
 * because the agent reads 100,000 rows through mmap() without a system call.
 * The last stripe is written by the agent alone: what was counted before the
 * map was made anew with more rows. Row 0 is no policy's: it keeps what was
 * counted for policies that have been deleted, so that sums never go back.
 */
struct xdpfrag_counts {
	__u64 packets[XDPFRAG_VERDICTS]; /* packets, indexed by enum xdpfrag_verdict */
};

#define XDPFRAG_ROW_DELETED 0

/* Why a packet was passed without a policy. Index into xdpfrag_reasons. */
enum xdpfrag_reason {
	XDPFRAG_NO_POLICY,	 /* a multicast fragment that no policy names */
	XDPFRAG_TRUNCATED,	 /* the frame ends before its headers do, or before the
				  * length that its IP header claims */
	XDPFRAG_MALFORMED,	 /* IP version, header length or total length contradict */
	XDPFRAG_TOO_DEEP,	 /* more VLAN tags or IPv6 extension headers than are parsed */
	XDPFRAG_REDIRECT_ABSENT, /* policy says redirect, but the link to redirect to is absent;
				  * counted as passed for the policy too */
	XDPFRAG_UNCOUNTED,	 /* verdict carried out, but its row lies outside the map */
	XDPFRAG_REASONS,
};

/* Map "reasons", one for each link: BPF_MAP_TYPE_PERCPU_ARRAY with one record. */
struct xdpfrag_reasons {
	__u64 packets[XDPFRAG_REASONS]; /* packets, indexed by enum xdpfrag_reason */
};

#endif
