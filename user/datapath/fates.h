/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program `drops`, for as long as a trace runs, and its ring of fates
 * (xdpfrag/fate.h). Nothing is pinned: what a killed agent had attached goes with it.
 */
#ifndef XDPFRAG_FATES_H
#define XDPFRAG_FATES_H

#include <stdint.h>

#include "xdpfrag/fate.h"

struct fates;

/* Must not close the reader. */
typedef void (*fate_fn)(const struct xdpfrag_fate *fate, void *arg);

/* Groups to be told of: those within a prefix. */
struct fates_wanted {
	uint8_t family; /* 0: all groups */
	uint8_t group[16], mask[16];
};

/* 0 or negative errno: the kernel's refusal of the program, -EPERM most of all. */
int fates_open(struct fates **out, const struct fates_wanted *wanted, fate_fn fn, void *arg);
int fates_fd(const struct fates *fates); /* readable when there are records */
int fates_read(struct fates *fates); /* 0 or negative errno; some may be left for the next call */
uint64_t fates_lost(const struct fates *fates);
void fates_close(struct fates *fates); /* NULL: nothing */

#endif
