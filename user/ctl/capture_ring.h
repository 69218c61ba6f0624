/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the ring of captured frames (xdpfrag/captured.h), whose descriptor the agent gave. */
#ifndef XDPFRAG_CAPTURE_RING_H
#define XDPFRAG_CAPTURE_RING_H

#include <stddef.h>

#include "xdpfrag/captured.h"

/* The frame is record->caplen bytes. Negative: no more. */
typedef int (*capture_ring_fn)(const struct xdpfrag_captured *record, const void *frame, void *arg);

struct capture_ring;

/* 0 or negative errno. fd stays the caller's, and may be closed. */
int capture_ring_open(struct capture_ring **ring, int fd, capture_ring_fn fn, void *arg);
/*
 * Hands on what there is, at most CAPTURE_RING_READ records in one call. How many, or what fn
 * returned; -EBADMSG: the agent writes other records than these.
 */
int capture_ring_read(struct capture_ring *ring);
void capture_ring_close(struct capture_ring *ring); /* NULL: nothing */

#define CAPTURE_RING_READ 4096

#endif
