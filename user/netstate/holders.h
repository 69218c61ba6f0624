/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who holds a NIC in promiscuous or allmulti mode. The kernel keeps a count only;
 * this puts names to it: the flag an administrator set, the links above, packet
 * sockets and the processes that have them open.
 */
#ifndef XDPFRAG_HOLDERS_H
#define XDPFRAG_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netstate/links.h"

enum holder_kind {
	HOLDER_FLAG,	/* ip link set NIC promisc on */
	HOLDER_LINK,	/* a bridge, bond, macvlan … above */
	HOLDER_SOCKET,	/* a packet socket */
	HOLDER_UNKNOWN, /* counted by the kernel, and found nowhere: another namespace, a driver */
};

struct holder {
	enum holder_kind kind;
	bool promisc, allmulti; /* which of the two it holds */
	uint32_t count;		/* how often; of HOLDER_UNKNOWN: how many are not found */
	char link[IFNAMSIZ];	/* HOLDER_LINK */
	int pid;		/* HOLDER_SOCKET; 0: no process that can be seen has it open */
	char program[16];	/* HOLDER_SOCKET: comm; "" with pid 0 */
};

#define HOLDERS_MAX 64 /* per NIC; a last HOLDER_UNKNOWN sums up the rest */

struct holders {
	uint32_t ifindex;
	struct holder holder[HOLDERS_MAX];
	size_t n;
};

/*
 * Fills in holders[i].holder for each of n NICs, whose ifindexes the caller has set.
 * One socket dump and one walk through /proc for all of them, and neither when no
 * NIC is promiscuous or allmulti. 0 or negative errno.
 */
int holders_find(const struct links *links, struct holders *holders, size_t n);

/* "tcpdump (pid 4711)", "bridge br0", "the flag (ip link set eth0 promisc off)"; returns buf. */
const char *holder_text(const struct holder *holder, const char *nic, char *buf, size_t len);

#endif
