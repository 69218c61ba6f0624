/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who holds a NIC in promiscuous or allmulti mode. The kernel keeps a count only;
 * this puts names to it: the flag an administrator set, the links above, multicast
 * routing, packet sockets and the processes that have them open.
 *
 * Plain data without ownership, true for the moment of asking: a holder that comes
 * or goes between the caller's dump of the links and this one's own look at the
 * sockets is seen in one of the two only.
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
	HOLDER_ROUTING, /* the kernel's multicast routing: the NIC is a vif of it; allmulti only */
	HOLDER_SOCKET,	/* packet sockets of a process */
	HOLDER_UNKNOWN, /* counted by the kernel, and found nowhere: another namespace, a driver */
};

enum holder_unknown {
	UNKNOWN_ELSEWHERE,	/* nothing on this host tells */
	UNKNOWN_NO_PACKET_DIAG, /* this kernel does not list packet sockets */
	UNKNOWN_NO_ROOM,	/* among them are more than HOLDERS_MAX */
};

struct holder {
	enum holder_kind kind;
	bool promisc, allmulti;	  /* which of the two it holds: one of them; who holds both is
				   * in the list twice
				   */
	uint32_t count;		  /* how often; of HOLDER_UNKNOWN: how many are not found */
	char link[IFNAMSIZ];	  /* HOLDER_LINK */
	char link_kind[IFNAMSIZ]; /* HOLDER_LINK: "bridge", …; "" for hardware */
	int pid;		  /* HOLDER_SOCKET; 0: no process that can be seen has it open */
	char program[16];	  /* HOLDER_SOCKET: comm, any bytes; "" with pid 0 */
	enum holder_unknown why;  /* HOLDER_UNKNOWN */
};

#define HOLDERS_MAX 64 /* per NIC; a last HOLDER_UNKNOWN sums up the rest */

struct holders {
	uint32_t ifindex;
	struct holder holder[HOLDERS_MAX];
	size_t n;
};

/*
 * Fills in holders[i].holder for each of n NICs, whose ifindexes the caller has set.
 * One dump of the sockets for all of them, and of the routers, when one is held by
 * more than its flag; and one walk through /proc, when packet sockets hold one.
 * Negative errno when one of these could not be read: what was found then
 * stands in the lists, and the rest as HOLDER_UNKNOWN.
 */
int holders_find(const struct links *links, struct holders *holders, size_t n);

/*
 * "tcpdump (pid 4711)", "bridge br0", "the flag (ip link set dev eth0 promisc off)", with
 * ", 2 times" behind it where that is so; returns buf.
 */
const char *holder_text(const struct holder *holder, const char *nic, char *buf, size_t len);

#endif
