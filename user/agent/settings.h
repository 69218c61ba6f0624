/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reconcile's part for `link set`: MTU, promiscuous and allmulti flag, offloads.
 */
#ifndef XDPFRAG_SETTINGS_H
#define XDPFRAG_SETTINGS_H

#include "config/config.h"
#include "netstate/links.h"

struct agent;

struct settings {
	uint64_t drift; /* settings put back, all NICs */
};

/*
 * Brings every NIC to what is said of it, and back to what was found where nothing
 * is said any more. `must` names a NIC whose settings must all be had, or nothing
 * is to change (the caller goes back to the desired state of before): error and
 * rep. For the others what is refused is kept as a reason, and shown.
 */
int settings_reconcile(struct agent *agent, const struct links *links, const char *must,
		       struct report *rep);

#endif
