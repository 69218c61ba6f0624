/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packet sockets of this network namespace that hold a NIC promiscuous or
 * allmulti, from one dump of packet socket diagnosis.
 */
#ifndef XDPFRAG_PACKET_DIAG_H
#define XDPFRAG_PACKET_DIAG_H

#include <stddef.h>
#include <stdint.h>

#include "netstate/uppers.h"

struct membership {
	uint32_t inode; /* of the socket */
	uint32_t ifindex;
	enum rx_mode mode;
	uint32_t count; /* as the NIC counts it */
};

#define MEMBERSHIPS_MAX 1024 /* 16 kB; more are left out */

struct memberships {
	struct membership membership[MEMBERSHIPS_MAX];
	size_t n;
};

/*
 * 0 or negative errno; -EPROTONOSUPPORT when the kernel has no packet_diag, neither
 * built in nor as a module. What was read until then stands in the list.
 */
int memberships_dump(struct memberships *memberships);

#endif
