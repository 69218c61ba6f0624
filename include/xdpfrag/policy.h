/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maps "groups4" and "groups6": the policy as the steer program looks it up.
 *
 * The maps are hash tables that the agent builds whole and the program only
 * reads: BPF_MAP_TYPE_ARRAY, mmapable. Each holds two halves. The active half
 * (struct xdpfrag_state) serves packets while the agent fills the other one;
 * one store of `active` then puts a whole new policy in force. The kernel's own
 * hash map costs about 8 ns a lookup and cannot be swapped under two programs
 * at once without a second lookup; this table costs about 3 ns, the same with
 * 10 as with 100,000 groups.
 *
 * A half has (1 << bits) + XDPFRAG_PROBES slots. An entry lies at most
 * XDPFRAG_PROBES - 1 slots behind its home slot, xdpfrag_home4() or
 * xdpfrag_home6(), with no empty slot between: a lookup ends at the entry, at an
 * empty slot (len 0), or after XDPFRAG_PROBES slots. The extra slots at the end
 * save the wrap-around. The agent tries other multipliers until every entry
 * lies near enough.
 *
 * Longest match over (group, source): the longest group prefix first, and for
 * that prefix the packet's source before any source. So exact groups never pay
 * for prefixes: the program asks for length 32 (128) first, and then for the
 * lengths listed in the half's header, longest first.
 */
#ifndef XDPFRAG_POLICY_H
#define XDPFRAG_POLICY_H

#include <linux/types.h>

#define XDPFRAG_PROBES 16

/* Entry flags. */
#define XDPFRAG_F_POLICY     0x01 /* a policy; without it only a pointer to sources */
#define XDPFRAG_F_SOURCES    0x02 /* this prefix has entries with a source: look for one */
#define XDPFRAG_F_SCOPE_ALL  0x04 /* every packet of the group, not only fragments */
#define XDPFRAG_F_OUT_OF_USE 0x08 /* every allowed link is absent: match, count, pass */
/*
 * IPv4: a fragment that comes in on an allowed link gets another identification,
 * so that the stack puts the copies of each link together by themselves. By XOR
 * with the link's rank among the allowed ones, its bits reversed into the top of
 * the 16: rank 0 changes nothing, 1 -> 0x8000, 2 -> 0x4000, 3 -> 0xc000, ...
 */
#define XDPFRAG_F_APART 0x10
/* Fragments go to user space, whatever link they come in on (credit.h), where that keeps up. */
#define XDPFRAG_F_REASSEMBLE 0x20
/*
 * It is about to begin, or to end: datagrams of which nothing has come in yet take the
 * kernel's path, the others go on as they began (credit.h, "paths").
 */
#define XDPFRAG_F_TURN 0x40

/* What becomes of a packet on a wrong link. */
enum xdpfrag_wrong {
	XDPFRAG_WRONG_DROP,
	XDPFRAG_WRONG_OBSERVE,
	XDPFRAG_WRONG_REDIRECT,
};

/* What an entry says; the same for both families. */
struct xdpfrag_policy {
	__u8 len;      /* bits of the group prefix: 4 to 32, 8 to 128; 0: the slot is empty */
	__u8 flags;    /* XDPFRAG_F_* */
	__u8 wrong;    /* enum xdpfrag_wrong */
	__u8 redirect; /* XDPFRAG_WRONG_REDIRECT: key in the map "redirects" */
	__u32 row;     /* row in every link's "counters" */
	__u64 allowed; /* bit n: link slot n (struct xdpfrag_state) is allowed */
};

/* Padded to a power of two: the index then takes a shift, and no entry straddles a cache line. */
struct xdpfrag_group4 {
	__u32 group;  /* network byte order; host bits beyond len are 0 */
	__u32 source; /* network byte order; 0: any source */
	struct xdpfrag_policy policy;
	__u64 reserved;
};

struct xdpfrag_group6 {
	__u64 group[2];	 /* network byte order; host bits beyond len are 0 */
	__u64 source[2]; /* network byte order; 0: any source */
	struct xdpfrag_policy policy;
	__u64 reserved[2];
};

/*
 * The home slot within a half: the upper `bits` bits of a multiplicative hash
 * (Knuth, TAOCP 3, 6.4). `multiplier` is odd and chosen by the agent. IPv4 groups
 * enter as numbers: administrators hand them out in sequences, and those such a
 * hash spreads evenly, nearly without collisions. IPv6 addresses are mixed, and
 * used as they lie in memory: both sides run on one host.
 */
static inline __u32 xdpfrag_home4(__u32 group, __u32 source, __u32 len, __u64 multiplier,
				  __u32 bits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	group = __builtin_bswap32(group);
#endif
	return ((((__u64)source << 32 | group) + len) * multiplier) >> (64 - bits);
}

static inline __u32 xdpfrag_home6(const __u64 *group, const __u64 *source, __u32 len,
				  __u64 multiplier, __u32 bits)
{
	__u64 hash = (group[0] + source[0] + len) * multiplier;

	hash ^= hash >> 32;
	hash = (hash + group[1]) * multiplier;
	hash ^= hash >> 32;
	return ((hash + source[1]) * multiplier) >> (64 - bits);
}

#endif
