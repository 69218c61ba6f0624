/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames for filters: a protocol each that pcap-filter(7) knows, these cut short wherever a
 * header may end, large ones, and some of noise.
 */
#ifndef XDPFRAG_TESTS_FILTER_FRAMES_H
#define XDPFRAG_TESTS_FILTER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct filter_frame {
	char name[48];
	uint8_t *bytes;
	size_t len;
	size_t linear; /* of it in the first buffer; 0: as the kernel likes it */
};

struct filter_frames {
	struct filter_frame *all;
	size_t n, room;
};

/* `splits`: with frames whose first buffer ends early. */
void filter_frames_make(struct filter_frames *frames, bool splits);
/* Those of which each is a protocol of its own; they make up the first part of the above. */
void filter_frames_plain(struct filter_frames *frames);
void filter_frames_add(struct filter_frames *frames, const char *name, const void *bytes,
		       size_t len, size_t linear);
void filter_frames_free(struct filter_frames *frames);

#endif
