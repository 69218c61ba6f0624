/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place that knows the compiled steer object: its skeleton, its maps'
 * sizes, and the constants that it is told before it is loaded.
 */
#ifndef XDPFRAG_STEER_H
#define XDPFRAG_STEER_H

#include "datapath/plane.h"

struct bpf_map;
struct steer_bpf;

#define STEER_PROGRAM "xdpfrag_steer" /* as the kernel names it */

/* Opened, sized for the shape and told its constants; not loaded. NULL with errno set. */
struct steer_bpf *steer_open(const struct plane_shape *shape, uint32_t slot);
/* The map of it that a plane shares. */
struct bpf_map *steer_map(const struct steer_bpf *skel, enum plane_map map);
uint32_t counters_stripes(void); /* stripes of "counters": possible CPUs and the agent's own */

#endif
