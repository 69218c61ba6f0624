/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map "state": one record, mmapable, written by the agent (but for `watch` and
 * `lost`) and read by the steer program through direct addresses (no lookup).
 *
 * It says which half of the policy tables is active and what each half holds,
 * and names the links behind the numbers. A link's program knows its own slot as
 * a constant. Slots, not ifindexes, stand in the policy: a slot belongs to one
 * attached program, so that an ifindex which the kernel gives to another NIC
 * can never be taken for the old one, and the test for "allowed" is one bit.
 */
#ifndef XDPFRAG_STATE_H
#define XDPFRAG_STATE_H

#include <linux/types.h>

#define XDPFRAG_LINKS	  64 /* link slots */
#define XDPFRAG_REDIRECTS 64 /* keys of the map "redirects" */
#define XDPFRAG_NAME	  16 /* IFNAMSIZ, with its NUL */

/* Everything about one half of the policy that is not in its tables. */
struct xdpfrag_half {
	__u64 links;	     /* bit n: the program in slot n acts; others pass everything */
	__u64 multiplier4;   /* of xdpfrag_home4() */
	__u64 multiplier6;   /* of xdpfrag_home6() */
	__u32 entries4;	     /* entries in groups4 */
	__u32 entries6;	     /* entries in groups6 */
	__u8 prefixes4[32];  /* lengths under 32 in use, longest first, 0 ends */
	__u8 prefixes6[128]; /* lengths under 128 in use, longest first, 0 ends */
};

struct xdpfrag_link {
	char name[XDPFRAG_NAME]; /* "": the slot is free */
	__u32 ifindex;		 /* where the slot's program was attached */
	__u32 program;		 /* its id; 0: not attached yet */
};

struct xdpfrag_state {
	__u32 active;  /* 0 or 1: the half in force */
	__u32 version; /* XDPFRAG_STATE_VERSION: layout of all maps */
	__u64 netns;   /* inode of the agent's network namespace: a NIC takes its program along */
	__u64 build;   /* hash of the program's object file: another one is replaced */
	/* The constants that every program of this state was loaded with. */
	__u32 bits4;
	__u32 bits6;
	__u32 rows;
	__u32 scope_all;
	__u64 capture; /* the capture that programs were loaded with; 0: none */
	/*
	 * ns of CLOCK_MONOTONIC until which programs write fragment events (event.h);
	 * 0: nobody watches. A program that finds it over sets it to 0.
	 */
	__u64 watch;
	struct xdpfrag_half half[2];
	struct xdpfrag_link links[XDPFRAG_LINKS];
	char redirects[XDPFRAG_REDIRECTS][XDPFRAG_NAME]; /* the link behind a key; "": free */
	__u64 lost; /* events that the ring had no room for; at the end: written by all CPUs */
};

#define XDPFRAG_STATE_VERSION 6

#endif
