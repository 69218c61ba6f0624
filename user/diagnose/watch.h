/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes in on some NICs, seen by packet sockets for a few seconds: multicast
 * by group, IGMP and MLD queries, frames over the MTU, the MSS in SYNs of peers on
 * the link. Passive: no membership, no promiscuous mode, so that nothing changes
 * on the host. XDP comes before: what it drops is not seen here. Frames with a VLAN
 * tag are counted on the NIC that they came in on.
 *
 * Opened, fed by the event loop, asked, closed. Memory is taken when it is opened:
 * 256 KiB of ring for each NIC, 16 MiB for WATCH_NICS of them, and 0.4 MB for the
 * tables. What is shown is up to WATCH_LAG_MS old. The ring holds some 900 frames, and
 * of a trickle all that comes in 16 times WATCH_LAG_MS.
 */
#ifndef XDPFRAG_WATCH_H
#define XDPFRAG_WATCH_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct watch;

#define WATCH_NICS   64
#define WATCH_GROUPS 4096 /* (NIC, group) counted */
#define WATCH_PEERS  64	  /* (NIC, peer) whose SYN was seen; the one seen last replaces the first */
#define WATCH_LAG_MS 50

struct watch_nic {
	uint32_t ifindex;
	uint32_t mtu;
	bool sent; /* what goes out is looked at too */
};

struct watch_group {
	uint32_t ifindex;
	uint8_t family;
	uint8_t group[16];  /* IPv4 in the first four bytes */
	uint8_t source[16]; /* of the last packet */
	uint64_t packets;   /* fragments too; what GRO has merged is one */
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
	bool was_down;	      /* or gone, for some of the time: what came then is not known */
	uint64_t frames;      /* that the filter let through */
	uint64_t lost;	      /* frames that the ring had no room for */
	uint64_t uncounted;   /* multicast packets of groups that WATCH_GROUPS had no room for */
	uint64_t over_mtu;    /* frames longer than the NIC's MTU that no offload has merged */
	uint32_t longest;     /* bytes behind the Ethernet header and tags, of those */
	uint64_t merged;      /* frames longer than the MTU that GRO or LRO has merged */
	uint64_t uncut;	      /* frames longer than the MTU that were sent, for TSO to cut */
	uint64_t queries4;    /* IGMP membership queries */
	uint64_t queries6;    /* MLD queries */
	uint8_t querier4[16]; /* who sent the last one; 0.0.0.0: a switch without an address */
	uint8_t querier6[16];
};

/*
 * A socket for each NIC; events are taken on base. One that is gone already is told by
 * `was_down`. Negative errno, and nothing is left open: -E2BIG for more than WATCH_NICS.
 */
int watch_open(struct watch **watch, struct event_base *base, const struct watch_nic *nics,
	       size_t n);
/* In the order of the NICs at watch_open(). All three are good until the next event. */
const struct watch_seen *watch_seen(struct watch *watch, size_t *n);
const struct watch_group *watch_groups(const struct watch *watch, size_t *n);
const struct watch_peer *watch_peers(const struct watch *watch, size_t *n);
void watch_close(struct watch *watch); /* NULL: nothing */

#endif
