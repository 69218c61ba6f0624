/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link that is to be steered, and how far that has come. Made and dropped by
 * reconcile as the choice of links changes; the program itself lives in the kernel.
 */
#ifndef XDPFRAG_MANAGED_H
#define XDPFRAG_MANAGED_H

#include "agent/steer/xdpcap.h"
#include "config/config.h"
#include "datapath/counters.h"
#include "datapath/hook.h"

#define NO_SLOT UINT32_MAX

struct managed {
	char name[IFNAMSIZ];
	bool is_static;
	enum link_mode wanted;
	uint32_t ifindex; /* 0: absent */
	uint32_t mtu;
	uint32_t promiscuity;
	uint32_t slot;	  /* of the instance; NO_SLOT: none */
	uint32_t program; /* id of the instance; 0: none */
	struct hook hook;
	struct counters counters; /* kept while the NIC is absent */
	struct xdpcap xdpcap;
	char reason[256]; /* why not native, or why not steered; "" when as wanted */
	/* An attach that failed is not tried again until one of these changes, or a while has
	 * passed.
	 */
	uint32_t failed_ifindex, failed_mtu, failed_hook;
	uint64_t failed_at; /* CLOCK_MONOTONIC, seconds; 0: has not failed */
};

static inline bool managed_steered(const struct managed *managed)
{
	return managed->ifindex && managed->program;
}

void managed_init(struct managed *managed);
struct managed *managed_by_name(struct managed *table, size_t n, const char *name);
/* Its NIC is gone, and the program with it. The counters stay. */
void managed_lose_instance(struct managed *managed);
/*
 * Takes every steer off the link's hook but one; 0: every one. What fails is
 * logged, but for -EEXIST: a link stacked on this one has a program, and the
 * kernel touches no lower hook then.
 */
int managed_detach(struct managed *managed, uint32_t but);

#endif
