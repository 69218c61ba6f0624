/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groups whose path changes: what was reassembled by the agent shall be by the kernel,
 * or the other way round (XDPFRAG_F_TURN, include/xdpfrag/policy.h). For a while new
 * datagrams take the kernel's path, and those of which a fragment has come in go on as
 * they began; then no datagram has fragments on both sides of the change.
 */
#ifndef XDPFRAG_TURN_H
#define XDPFRAG_TURN_H

#include "datapath/table.h"
#include "xdpfrag/credit.h"

/* Is there a worker? Without one, all fragments are on the kernel's path anyway. */
bool turn_matters(const struct xdpfrag_credit *worker);
/* In `table`, what is reassembled there and not in `other` (NULL: nothing is). How many. */
size_t turn_mark(struct table *table, const struct table *other);
void turn_unmark(struct table *table);
/* Until all datagrams that had begun are over. */
void turn_wait(void);

#endif
