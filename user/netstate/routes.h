/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The routes of this network namespace: dumped, asked for by destination, and
 * given another MTU. To change a route without losing anything of it, the
 * kernel's own message is sent back with the one metric edited, so each route
 * keeps the message it came in (route_message.c).
 *
 * A struct route_list is filled by routes_dump() and freed by routes_free(); a
 * single struct route by route_read() or route_lookup() and route_release().
 */
#ifndef XDPFRAG_NETSTATE_ROUTES_H
#define XDPFRAG_NETSTATE_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROUTES_MAX 4096 /* kept of a dump */
#define ROUTE_WHY  160	/* room for what the kernel says of a refusal */

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

struct route_hop {
	uint8_t via_family; /* AF_UNSPEC: no gateway */
	uint8_t via[16];    /* network byte order, IPv4 in the first four bytes */
	uint32_t ifindex;   /* 0: not said */
};

struct route {
	uint8_t family; /* AF_INET or AF_INET6 */
	uint8_t len;	/* bits of the prefix */
	uint8_t source_len;
	uint8_t tos;
	uint8_t protocol;    /* RTPROT_* */
	uint8_t type;	     /* RTN_* */
	uint8_t prefix[16];  /* network byte order, IPv4 in the first four bytes */
	uint8_t source[16];  /* of a source-specific IPv6 route */
	uint8_t prefsrc[16]; /* all zeros: none */
	uint32_t table;
	uint32_t priority; /* what ip(8) calls metric */
	uint32_t nexthop;  /* id of a nexthop object; 0: the hops are its own */
	uint32_t mtu;	   /* the route's own, bytes; 0: it has none, and the link's holds */
	bool locked;	   /* path MTU discovery does not lower it */
	bool cloned;	   /* an answer about one destination, not an entry of a table */
	uint32_t expires;  /* hundredths of a second until the kernel removes it; 0: never */
	struct route_hop *hops;
	size_t n_hops;
	char *name;	      /* what tells it from all others: route_read() */
	struct nlmsghdr *msg; /* as the kernel sent it */
};

struct route_list {
	struct route *route; /* in the kernel's order, which decides which one is replaced */
	size_t n, room;
};

/*
 * A copy of one RTM_NEWROUTE message. The name is text without tab or newline that
 * begins with the prefix, and does not hold the MTU. 0, -EINVAL, -ENOMEM.
 */
int route_read(struct route *route, const struct nlmsghdr *msg);
void route_release(struct route *route);
/* An entry that can have an MTU: unicast, and not of the table of local addresses. */
bool route_has_mtu(const struct route *route);
/* Do they differ in nothing but the MTU (and in what the kernel says of their links' state)? */
bool route_alike(const struct route *a, const struct route *b);
/* Of those the kernel cannot tell which one is to be replaced: it takes the first. */
bool route_same_place(const struct route *a, const struct route *b);
/* A request with this MTU (0: without) of RTM_NEWROUTE or RTM_DELROUTE; NULL: no memory. */
struct nl_msg *route_request(const struct route *route, uint32_t mtu, int type, int flags);

/*
 * Of both families, those of which wanted() says so by prefix, without exceptions
 * (cached destinations). -EAGAIN: changed meanwhile; -E2BIG: more than ROUTES_MAX. A dump costs
 * about 0.7 microseconds of CPU for each route that the host has, kept or not.
 */
typedef bool (*route_wanted_fn)(uint8_t family, const uint8_t prefix[16], uint8_t len, void *arg);
int routes_dump(struct route_list *list, route_wanted_fn wanted, void *arg);
void routes_free(struct route_list *list);

/* The prefix of a message about a route; false when it is about something else. */
bool route_message_prefix(const struct nlmsghdr *msg, uint8_t *family, uint8_t prefix[16],
			  uint8_t *len);

/*
 * Reads what has come in on a monitor_open() socket, and says whether wanted() wants
 * one of the prefixes, or whether something was lost. At most a few hundred kilobytes
 * at a time; the socket stays readable for the rest.
 */
bool routes_stirred(struct nl_sock *monitor, route_wanted_fn wanted, void *arg);

/* A socket for changes; 0 or negative errno. Freed with route_writer_close(). */
int route_writer_open(struct nl_sock **writer);
void route_writer_close(struct nl_sock *writer);
/* Sends a request and frees it; NULL is -ENOMEM. 0, or negative errno and why. */
int route_write(struct nl_sock *writer, struct nl_msg *request, char why[ROUTE_WHY]);
/*
 * Gives a route another MTU (0: none). `first`: it is the first of its place, and is
 * replaced at once. Else it becomes the last one, and there is never a moment without it.
 */
int route_change(struct nl_sock *writer, const struct route *route, uint32_t mtu, bool first,
		 char why[ROUTE_WHY]);

/* What the kernel would do with a packet of this host to one address. */
struct route_answer {
	struct route used;  /* one hop; its mtu with what was learned of the path */
	struct route entry; /* of the table, by which it came about */
	bool learned;	    /* path MTU discovery found `used.mtu` */
	uint32_t mtu;	    /* what a socket would get, bytes; 0: not to be had */
};
/* 0 or negative errno, -ENETUNREACH and the like as the kernel has it. */
int route_lookup(struct route_answer *answer, uint8_t family, const uint8_t address[16]);
void route_answer_release(struct route_answer *answer);

#endif
