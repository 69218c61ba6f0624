/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The links of this network namespace as the kernel has them now: one full
 * RTM_GETLINK dump, never pieced together from events.
 *
 * A struct links is filled by links_dump() and freed by links_free().
 */
#ifndef XDPFRAG_LINKS_H
#define XDPFRAG_LINKS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	char kind[IFNAMSIZ];	   /* "veth", "bridge", …; "" for hardware */
	uint16_t type;		   /* ARPHRD_* */
	uint32_t flags;		   /* IFF_*; PROMISC and ALLMULTI as an administrator set them */
	uint32_t mtu;		   /* bytes */
	uint32_t promiscuity;	   /* how many hold it promiscuous */
	uint32_t allmulti;	   /* how many hold it allmulti  */
	uint32_t mtu_min, mtu_max; /* what the driver takes, bytes; max 0: not said */
	uint32_t master;	   /* ifindex of the bridge, bond, … it is a port of; 0: none */
	uint32_t lower; /* ifindex of the link it is stacked on (vlan, macvlan, …); 0: none */
	uint32_t peer;	/* ifindex of a veth's or netkit's other end, in this namespace; 0: none */
	uint64_t rx_dropped, rx_length_errors; /* since the link was made, frames */
	uint32_t program;		       /* id of the XDP program on its hook; 0: none */
};

struct links {
	struct link *link; /* in the order of their ifindexes */
	size_t n;
};

int links_dump(struct links *links); /* 0 or negative errno */
void links_free(struct links *links);
/* NULL when there is none. */
const struct link *links_by_name(const struct links *links, const char *name);
const struct link *links_by_index(const struct links *links, uint32_t ifindex);

/* A link of that name and kind, "tun", "veth", ... */
bool link_is(const struct link *link, const char *name, const char *kind);
/*
 * Does the link hand what it receives to this host's stack itself, as Ethernet?
 * Not so: loopback, a port of a bridge, bond or team (its master does), a link
 * stacked on another (that one sees the frames first).
 */
bool link_faces_stack(const struct links *links, const struct link *link);
/* Is `upper` the link `lower` itself, or stacked on it, at any depth? */
bool link_stacked_on(const struct links *links, const struct link *upper, const struct link *lower);

/*
 * Do frames that come in for `nic` come through the hook of `link`? So when nic
 * is the link or stacked on it, or when a bridge, bond or team of which nic is a
 * port is.
 */
bool link_carries(const struct links *links, const struct link *link, const struct link *nic);
/* Do frames that are sent out on `nic` come back, at its other end, through the hook of `link`? */
bool link_returns(const struct links *links, const struct link *link, const struct link *nic);

#endif
