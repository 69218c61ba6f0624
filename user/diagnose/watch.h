/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes in on some NICs, seen by packet sockets for a few seconds: multicast
 * by group, IGMP and MLD queries, frames over the MTU, the MSS in SYNs of peers on
 * the link. Passive: no membership, no promiscuous mode, so that nothing changes
 * on the host. XDP comes before: what it drops is not seen here.
 *
 * Opened, fed by the event loop, asked, closed. Memory is taken when it is opened.
 */
#ifndef XDPFRAG_WATCH_H
#define XDPFRAG_WATCH_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct watch;

#define WATCH_GROUPS 4096 /* (NIC, group) counted */
#define WATCH_PEERS  64	  /* (NIC, peer) whose SYN was seen */

struct watch_nic {
	uint32_t ifindex;
	uint32_t mtu;
};

struct watch_group {
	uint32_t ifindex;
	uint8_t family;
	uint8_t group[16];
	uint8_t source[16]; /* of the last packet */
	uint64_t packets;   /* fragments too */
	uint64_t fragments;
	uint32_t longest; /* bytes of the longest IP packet or fragment */
};

struct watch_peer {
	uint32_t ifindex;
	uint8_t family;
	uint8_t address[16];
	uint16_t mss; /* in its last SYN or SYN-ACK, bytes */
};

struct watch_seen {
	uint32_t ifindex;
	uint64_t frames;      /* that the filter let through */
	uint64_t lost;	      /* frames that the ring had no room for */
	uint64_t over_mtu;    /* frames longer than the NIC's MTU that no offload has merged */
	uint32_t longest;     /* bytes behind the Ethernet header and tags, of those */
	uint64_t merged;      /* frames that GRO or LRO has merged */
	uint64_t queries4;    /* IGMP membership queries */
	uint64_t queries6;    /* MLD queries */
	uint8_t querier4[16]; /* who sent the last one */
	uint8_t querier6[16];
};

/* A socket for each NIC; events are taken on base. Negative errno, and nothing is left open. */
int watch_open(struct watch **watch, struct event_base *base, const struct watch_nic *nics,
	       size_t n);
const struct watch_seen *watch_seen(const struct watch *watch, size_t *n);
const struct watch_group *watch_groups(const struct watch *watch, size_t *n);
const struct watch_peer *watch_peers(const struct watch *watch, size_t *n);
void watch_close(struct watch *watch); /* NULL: nothing */

#endif
