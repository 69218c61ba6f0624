/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map "events": a BPF ring buffer, one for all links of an agent, with a record
 * for each multicast fragment that came in while somebody watches (xdpfrag_state,
 * `watch`). When nobody does, nothing is written and no clock is read. A full ring
 * loses records, never packets, and counts what it lost (xdpfrag_state, `lost`).
 */
#ifndef XDPFRAG_EVENT_H
#define XDPFRAG_EVENT_H

#include <linux/types.h>

#define XDPFRAG_EVENTS_SIZE (1U << 20) /* bytes of the ring */

#define XDPFRAG_NO_VERDICT 255 /* no policy names the group; else enum xdpfrag_verdict */

struct xdpfrag_event {
	__u64 time;	 /* ns, CLOCK_MONOTONIC (bpf_ktime_get_ns) */
	__u32 slot;	 /* of the link it came in on */
	__u32 row;	 /* of the policy that named it; XDPFRAG_ROW_DELETED: none */
	__u8 family;	 /* AF_INET or AF_INET6 */
	__u8 verdict;	 /* enum xdpfrag_verdict or XDPFRAG_NO_VERDICT */
	__u8 proto;	 /* IPv4 protocol, IPv6 next header behind the fragment header */
	__u8 more;	 /* 1: MF (M) is set */
	__u16 offset;	 /* of the fragment, in bytes, host byte order */
	__u16 len;	 /* bytes of payload behind the IP (and fragment) header, host byte order */
	__u32 id;	 /* as a number, host byte order; as it came, before `apart` changes it */
	__u16 vlan;	 /* VLAN id of the outer tag; 0: none */
	__u16 frame_len; /* bytes from the Ethernet header on */
	__u8 group[16];	 /* network byte order, IPv4 in the first four bytes */
	__u8 source[16]; /* same */
};

#endif
