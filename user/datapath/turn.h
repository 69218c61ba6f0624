/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groups whose path changes from one policy to the next: what was reassembled by the
 * agent shall be by the kernel, or the other way round (XDPFRAG_F_TURN,
 * include/xdpfrag/policy.h). For a while new datagrams take the kernel's path, and those
 * of which a fragment has come in go on as they began; then no datagram has fragments on
 * both sides of the change.
 */
#ifndef XDPFRAG_TURN_H
#define XDPFRAG_TURN_H

#include "datapath/table.h"
#include "xdpfrag/credit.h"

/* Is there a worker? Without one, all fragments are on the kernel's path anyway. */
bool turn_matters(const struct xdpfrag_credit *worker);
/*
 * Marks the policies of `from` by which packets are reassembled that `to` does not
 * reassemble, whichever of its policies decides about them. How many.
 */
size_t turn_mark(struct table *from, const struct table *to);
/* Marks all that is reassembled. */
size_t turn_mark_all(struct table *table);
void turn_unmark(struct table *table);
/* Until all datagrams that had begun are over. */
void turn_wait(void);

#endif
