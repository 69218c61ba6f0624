/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which multicast came in on which NIC: counts by (NIC, group), from fragments at
 * the XDP hook and from what packet sockets saw behind it. Pure; memory is taken
 * once, about 0.6 MB, and what finds no room is only summed.
 */
#ifndef XDPFRAG_ARRIVALS_H
#define XDPFRAG_ARRIVALS_H

#include "diagnose/facts.h"

struct arrivals;

struct arrivals *arrivals_new(void);
void arrivals_free(struct arrivals *arrivals);
/* The counts of a NIC and group, to be added to; NULL when there is no room. */
struct fact_arrival *arrivals_of(struct arrivals *arrivals, uint32_t ifindex, uint8_t family,
				 const uint8_t *group);
/* In the order in which they first came. */
const struct fact_arrival *arrivals_all(const struct arrivals *arrivals, size_t *n);
uint64_t arrivals_left_out(const struct arrivals *arrivals); /* asked for, and no room */

#endif
