/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which links above a NIC hold it promiscuous or allmulti. Pure: worked out from a
 * dump of the links, by what each kind of link does in the kernel.
 */
#ifndef XDPFRAG_UPPERS_H
#define XDPFRAG_UPPERS_H

#include "netstate/links.h"

enum rx_mode { RX_PROMISC, RX_ALLMULTI, RX_MODES };

/* How many hold the link in that mode, and whether its administrator does. */
uint32_t link_held(const struct link *link, enum rx_mode mode);
bool link_flagged(const struct link *link, enum rx_mode mode);

typedef void (*upper_fn)(const struct link *upper, void *data);

/*
 * Calls `claim` once for each hold that a link above `nic` has on it, at most `left`
 * times: the count that nobody else accounts for. Those that are certain come first.
 * Returns what is left then.
 */
uint32_t uppers_claim(const struct links *links, const struct link *nic, enum rx_mode mode,
		      uint32_t left, upper_fn claim, void *data);

#endif
