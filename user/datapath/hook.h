/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is on a link's XDP hook now: nothing, one program, or libxdp's
 * dispatcher with several. Read afresh from the kernel; plain data.
 */
#ifndef XDPFRAG_HOOK_H
#define XDPFRAG_HOOK_H

#include <stdbool.h>
#include <stdint.h>

#define HOOK_OURS 4 /* steers on one hook: one, and what a killed agent left half done */

enum hook_mode { HOOK_OFF, HOOK_NATIVE, HOOK_SKB, HOOK_HW };

struct hook {
	enum hook_mode mode;
	uint32_t main;	 /* id of the program on the hook, the dispatcher's if there is one */
	bool dispatcher; /* other programs can join */
	bool frags;	 /* takes frames of several buffers */
	bool hooked;	 /* ours has the hook for xdpcap; then it is there alone */
	uint32_t ours[HOOK_OURS]; /* ids of steer programs */
	unsigned int n_ours;
	unsigned int n_others; /* programs of others */
	char other[64];	       /* the first of them: "NAME (id N)" */
};

int hook_read(struct hook *hook, uint32_t ifindex);
bool hook_has(const struct hook *hook, uint32_t program);
/* A program of another's is there alone, so that nobody can join it. */
static inline bool hook_held(const struct hook *hook)
{
	return hook->n_others && !hook->dispatcher;
}

#endif
