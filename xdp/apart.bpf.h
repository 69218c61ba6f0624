/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XDPFRAG_F_APART: copies of a datagram that come in on different allowed links
 * are put together apart from each other.
 *
 * The key of an IPv4 reassembly queue does not hold the interface
 * (ip4_frag_match() and ip_find() in net/ipv4/ip_fragment.c), so copies from two
 * links feed one queue: one datagram comes out of it, on the link of the fragment
 * that completed it, and what trails opens a queue that nothing completes. Here
 * the identification of each fragment is changed by a constant of its link, and
 * with it the key. The first allowed link keeps the sender's.
 *
 * IPv6 needs none of it: Linux keeps the interface in the key where the
 * destination is multicast or link-local (fq_find() in net/ipv6/reassembly.c).
 *
 * The price: with n links, a link's identifications meet another's after 65,536 / n
 * datagrams (n rounded up to a power of two) of a sender to a group, instead of
 * meeting its own after 65,536.
 */
#ifndef XDPFRAG_APART_BPF_H
#define XDPFRAG_APART_BPF_H

#include <linux/ip.h>
#include <bpf/bpf_endian.h>

#define RANK_BITS 6 /* ranks of XDPFRAG_LINKS links */

/*
 * The rank's bits from the top down, 1 -> 0x8000, 2 -> 0x4000, 3 -> 0xc000:
 * most senders count up, so the ranges of two links are as far apart as can be.
 */
static __always_inline __u16 id_change(__u32 rank)
{
	__u16 change = 0;
	int i;

#pragma unroll
	for (i = 0; i < RANK_BITS; i++)
		change |= (rank >> i & 1) << (15 - i);
	return change;
}

/*
 * The checksum by RFC 1624, equation 3, so that a wrong one stays wrong. Its sum
 * is the same in either byte order (RFC 1071, section 2 (B)).
 */
static __always_inline void set_apart(struct iphdr *ip, __u32 rank)
{
	__be16 id = ip->id ^ bpf_htons(id_change(rank));
	__u32 sum = (__u16)~ip->check + (__u16)~ip->id + id;

	if (!rank)
		return;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~sum;
	ip->id = id;
}

#endif
