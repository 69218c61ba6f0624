/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The texts of the latest decisions, remembered: a packet's is nearly always that of one
 * shortly before, and making it takes longer than all else that is written of a packet.
 */
#ifndef XDPFRAG_COMMENTS_H
#define XDPFRAG_COMMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "decision.h"

#define COMMENTS 64 /* a power of two */

/* The decision in a record: all from `verdict` on. */
#define COMMENT_KEY (sizeof(struct xdpfrag_captured) - offsetof(struct xdpfrag_captured, verdict))

struct comment {
	uint8_t key[COMMENT_KEY];
	char text[DECISION_TEXT]; /* "": nothing is remembered here */
};

/* Begins as zeroes. */
struct comments {
	struct comment known[COMMENTS];
};

/* As decision_text(); good until the next call. */
const char *comments_text(struct comments *comments, const struct xdpfrag_captured *record);

#endif
