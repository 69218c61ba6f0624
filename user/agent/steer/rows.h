/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which row counts for which policy. A policy that is in force keeps its row, as
 * the tables in the kernel say; a new one takes the lowest that is free.
 */
#ifndef XDPFRAG_ROWS_H
#define XDPFRAG_ROWS_H

#include "config/config.h"
#include "datapath/plane.h"

/* What is in force for exactly this group; NULL when nothing is. */
const struct xdpfrag_policy *policy_in_force(const struct plane *plane,
					     const struct group_key *key);

/*
 * rows[] for every group of the config, and is_new[] where the row had no
 * policy before. -ENOSPC when the plane has too few, -ENOMEM.
 */
int rows_assign(const struct plane *plane, const struct config *config, uint32_t *rows,
		bool *is_new);

#endif
