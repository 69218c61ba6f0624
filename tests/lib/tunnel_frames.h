/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames in tunnels, put together from the RFCs without the steer program's headers: what
 * stands before the packet that is carried, byte by byte.
 */
#ifndef XDPFRAG_TESTS_TUNNEL_FRAMES_H
#define XDPFRAG_TESTS_TUNNEL_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter_frames.h"

struct tunnel {
	const char *name;
	uint16_t carries; /* EtherType, host byte order; 0: Ethernet */
	bool is_none;	  /* though it looks like one: the frame is its own view */
	size_t len;	  /* of what stands before the payload */
	uint8_t bytes[2048];
};

/* How many there are, and each. */
size_t tunnel_count(void);
void tunnel_make(struct tunnel *tunnel, size_t number);

/* The payload in it: a frame or an IP packet, as it carries. frame->bytes is to be freed. */
void tunnel_wrap(struct filter_frame *frame, const struct tunnel *tunnel, const void *payload,
		 size_t len);

#endif
