/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters in their slots, with what libpcap compiled, and both asked about the same bytes. */
#ifndef XDPFRAG_TESTS_FILTER_SET_H
#define XDPFRAG_TESTS_FILTER_SET_H

#include "filter_frames.h"
#include "filter_rig.h"

struct filter_loaded {
	const char *expression; /* as it was named, not owned */
	struct pcap_filter filter;
	uint32_t slot;
	size_t matches;
};

struct filter_set {
	struct filter_rig *rig;
	struct filter_loaded all[FILTER_SLOTS];
	size_t n, pairs;
};

/*
 * Loads what `expressions` holds up to NULL; `both`: compiled with the optimiser and without,
 * where that makes a difference. How many there were. A failure is cmocka's.
 */
size_t filter_set_add(struct filter_set *set, enum filter_program program,
		      const char *const *expressions, bool both);
void filter_set_free(struct filter_set *set);

/* Every filter of the frame in the kernel, and of the view in libpcap. */
void filter_set_compare(struct filter_set *set, const struct filter_frame *frame, const void *view,
			size_t view_len);

/* For a test's message. */
void filter_print(const void *bytes, size_t len);

#endif
