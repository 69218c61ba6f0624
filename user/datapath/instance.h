/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instance: the steer program on one link. Loaded for its slot, attached by
 * way of libxdp, so that other XDP programs can share the hook, or alone where
 * the kernel has no dispatcher (no BPF trampolines) or it is refused.
 *
 * An instance lives in the kernel, attached, whether or not the agent runs; what
 * is here are the calls that put it there, find it again and take it away.
 */
#ifndef XDPFRAG_INSTANCE_H
#define XDPFRAG_INSTANCE_H

#include "datapath/counters.h"
#include "datapath/hook.h"
#include "datapath/plane.h"

struct steer_capture;

struct instance_request {
	const struct plane *plane;
	uint32_t slot;
	uint32_t ifindex;
	bool skb;			     /* generic mode; else native */
	const struct steer_capture *capture; /* NULL: it captures nothing */
	/*
	 * The program array for xdpcap, NULL when the link has none. -1: a new one, which is
	 * handed back; also handed back where the kernel takes the old one no more.
	 */
	int *xdpcap;
};

/*
 * Loads a program for the request and puts it on the link. A steer that stands
 * alone on the hook is replaced in one step; in a dispatcher the new one joins
 * first, and the caller detaches the old one with instance_detach(). One for xdpcap
 * takes the place of whatever is on the hook, which must be ours.
 *
 * `counters` that fit the plane's rows are used further; otherwise they are
 * made anew (`counters` is then the new ones; the caller still owns the old).
 * On success *program is the id. -EBUSY: another program holds the hook.
 */
int instance_attach(const struct instance_request *request, const struct hook *hook,
		    struct counters *counters, uint32_t *program);

/* Loads what instance_attach() would, and lets go of it: does the kernel take the program? */
int instance_try(const struct instance_request *request);

/* Takes one program off the hook and leaves the others there. */
int instance_detach(uint32_t ifindex, uint32_t program);

/* The counters of a program that an earlier agent attached, with as many rows as they have. */
int instance_counters(uint32_t program, struct counters *counters);

int program_open(uint32_t program); /* id to fd, or negative errno */

/*
 * libxdp pins what it puts under a dispatcher, and nothing takes the pins away
 * when the NIC goes. Removes those of a dispatcher in which ours was alone.
 */
void instance_forget(uint32_t ifindex, uint32_t dispatcher);

#endif
