/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one link's program counted (include/xdpfrag/verdict.h), read through
 * memory. Outlives the program: a NIC that goes and comes counts on.
 */
#ifndef XDPFRAG_COUNTERS_H
#define XDPFRAG_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "xdpfrag/verdict.h"

struct counters {
	int fd; /* map "counters"; -1: none yet */
	int reasons_fd;
	uint32_t rows;
	uint32_t stripes;
	struct xdpfrag_counts *counts; /* mapped */
};

void counters_init(struct counters *counters);
/* Takes ownership of both fds, also on error. */
int counters_open(struct counters *counters, int fd, int reasons_fd, uint32_t rows);
void counters_close(struct counters *counters);

/* One policy's, over all CPUs; zeros where there are no counters. */
struct xdpfrag_counts counters_row(const struct counters *counters, uint32_t row);
struct xdpfrag_counts counters_total(const struct counters *counters);
struct xdpfrag_reasons counters_reasons(const struct counters *counters);

/*
 * Makes a row that no policy in force uses ready for a new one: what it still
 * holds of a deleted policy goes to XDPFRAG_ROW_DELETED.
 */
void counters_retire(struct counters *counters, uint32_t row);
/* Adds what `old` counted to `to`, row by row; `old` must have come to rest. */
void counters_carry(struct counters *to, const struct counters *old);

#endif
