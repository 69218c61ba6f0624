/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map "fates" of the program `drops`: a BPF ring buffer with a record for each multicast
 * fragment that the network stack drops, and for each datagram put together from
 * fragments that it drops, puts into a socket's buffer, or hands to a program. Exists while a trace
 * runs. A full ring loses records, never packets, and counts what it lost (`lost` in the program's
 * data).
 */
#ifndef XDPFRAG_FATE_H
#define XDPFRAG_FATE_H

#include <linux/types.h>

#define XDPFRAG_FATES_SIZE (1U << 20) /* bytes of the ring */

/* Flags. */
#define XDPFRAG_FATE_READ     0x01 /* a program has read it; otherwise the stack dropped it */
#define XDPFRAG_FATE_FRAGMENT 0x02 /* one fragment; otherwise a whole datagram */
#define XDPFRAG_FATE_MORE     0x04 /* its MF (M) is set */
#define XDPFRAG_FATE_OURS     0x08 /* of the agent's network namespace for certain; else unknown */
#define XDPFRAG_FATE_ROUTED   0x10 /* it has a route: dropped behind the look-up */
#define XDPFRAG_FATE_LOCAL    0x20 /* its IP header was taken off: it was handed to its protocol */
#define XDPFRAG_FATE_INJECTED 0x40 /* put together by the agent (XDPFRAG_INJECTED) */
#define XDPFRAG_FATE_QUEUED   0x80 /* it was put into a socket's buffer */

struct xdpfrag_fate {
	__u64 time;   /* ns, CLOCK_MONOTONIC (bpf_ktime_get_ns) */
	__u32 reason; /* enum skb_drop_reason of the running kernel; read: 0 */
	__u32 dev;    /* ifindex of the device that it belonged to then; 0: it had none any more */
	__u32 iif;    /* ifindex on which it came in; of a datagram: its first fragment */
	__u32 id;     /* as a number, host byte order; of a whole IPv6 datagram: 0, it has none */
	__u32 pid;    /* read: the process */
	__u16 offset; /* of a fragment, in bytes, host byte order */
	__u16 len;    /* bytes of payload behind the IP (and fragment) header, host byte order */
	__u8 family;  /* AF_INET or AF_INET6 */
	__u8 proto;   /* IPv4 protocol, IPv6 next header behind the fragment header */
	__u8 flags;   /* XDPFRAG_FATE_* */
	__u8 reserved[3];
	__u16 port;	   /* queued: the socket's, host byte order */
	__u8 group[16];	   /* network byte order, IPv4 in the first four bytes */
	__u8 source[16];   /* same */
	char program[16];  /* read: the process' name */
	char function[48]; /* dropped: where, "ip_rcv_finish_core"; "" when not known */
};

#endif
