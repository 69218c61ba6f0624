/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters of captures in the kernel, hundreds of them side by side, each to be run on a frame:
 * tests/prog/filter.bpf.c with a filter in it, reached through tests/prog/drive.bpf.c.
 *
 * In a network namespace of the process's own. What cannot be set up ends the program with a
 * message; a filter that is refused is the caller's affair.
 */
#ifndef XDPFRAG_TESTS_FILTER_RIG_H
#define XDPFRAG_TESTS_FILTER_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap_filter.h"

struct bpf_object;

#define FILTER_SLOTS 2048

/* A program of tests/prog/filter.bpf.c. */
enum filter_program { FILTER_FRAME, FILTER_VIEW, FIND_INNER };

/* One for a test program. */
struct filter_rig {
	struct bpf_object *driver;
	int drive, programs; /* descriptors */
	uint64_t *asked;
	void *object; /* filter.bpf.o */
	size_t object_len;
	uint32_t n;  /* slots in use */
	bool splits; /* the kernel takes frames whose first buffer is as short as one likes */
};

extern struct filter_rig filter_rig;

/* For a test program's group. */
int filter_rig_begin(void **state);
int filter_rig_end(void **state);

/* The slot of a program with the filter in it (FIND_INNER: none), or a negative errno. */
int filter_rig_load(struct filter_rig *rig, enum filter_program program,
		    const struct pcap_filter *filter, size_t *at);

/*
 * What the program in the slot returns. The frame's first buffer holds `linear` bytes of it;
 * 0: as many as the kernel likes.
 */
uint32_t filter_rig_run(const struct filter_rig *rig, uint32_t slot, const void *frame, size_t len,
			size_t linear);

#endif
