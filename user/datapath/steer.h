/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place that knows the compiled steer object: its skeleton, its maps'
 * sizes, and the constants that it is told before it is loaded.
 */
#ifndef XDPFRAG_STEER_H
#define XDPFRAG_STEER_H

#include "datapath/image.h"
#include "datapath/plane.h"

struct bpf_map;
struct bpf_program;
struct steer_bpf;

/* As the kernel names them. */
#define STEER_PROGRAM  "xdpfrag_steer"
#define HOOKED_PROGRAM "xdpfrag_hooked" /* the same, and ends in the hook for xdpcap */

/* A capture, as a program is loaded with it. */
struct steer_capture {
	struct image image; /* the object, with the filter in it */
	uint32_t snaplen;   /* bytes */
	uint32_t verdicts;  /* bits of capture_verdicts in xdp/capture.bpf.h */
	bool decap;
};

/* Makes the image; the rest is the caller's to set. Errors as image_make() gives them. */
int steer_capture_make(struct steer_capture *capture, const struct sock_filter *filter, size_t n,
		       size_t *at);

/*
 * Opened, sized for the shape and told its constants; not loaded. NULL with errno set.
 * `capture` NULL: a program that captures nothing.
 */
struct steer_bpf *steer_open(const struct plane_shape *shape, uint32_t slot,
			     const struct steer_capture *capture);
/* The map of it that a plane shares. */
struct bpf_map *steer_map(const struct steer_bpf *skel, enum plane_map map);
/*
 * From now on the program with the hook for xdpcap is the one that is loaded: with the
 * program array `hook`, or a new one when that is -1. 0 or negative errno.
 */
int steer_hook(struct steer_bpf *skel, int hook);
struct bpf_program *steer_program(const struct steer_bpf *skel); /* that is loaded */
uint32_t counters_stripes(void); /* stripes of "counters": possible CPUs and the agent's own */

#endif
