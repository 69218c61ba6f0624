/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many packet sockets (tcpdump, dhclient …) read along on a NIC. XDP comes
 * before them: they do not see what it drops.
 */
#ifndef XDPFRAG_LISTENERS_H
#define XDPFRAG_LISTENERS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LISTENERS_NICS 64 /* with a socket bound to them; sockets on more are not counted */

struct listeners {
	uint32_t everywhere; /* sockets bound to no NIC */
	size_t n;
	struct {
		uint32_t ifindex, sockets;
	} nic[LISTENERS_NICS];
};

/* Of this namespace, those that take IP packets. 0 or negative errno. */
int listeners_read(struct listeners *listeners);
/* Pure: from the text of /proc/net/packet. -EPROTO, -EIO */
int listeners_parse(struct listeners *listeners, FILE *file);

uint32_t listeners_on(const struct listeners *listeners, uint32_t ifindex);

#endif
