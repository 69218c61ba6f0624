/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which statement a route goes by, and how it can be given its MTU. Pure: the
 * desired state, what was found, a dump and the links in, a plan out.
 *
 * A plan is made by route_plan() and freed by route_plan_free(). Its decisions
 * point into the config, its routes into the list.
 */
#ifndef XDPFRAG_ROUTE_PLAN_H
#define XDPFRAG_ROUTE_PLAN_H

#include "config/config.h"
#include "netstate/links.h"
#include "netstate/routes.h"

/*
 * RTPROT_* of routes that this agent made, 88: in no list of the kernel
 * (linux/rtnetlink.h), of iproute2 (rt_protos) or of the routing daemons (zebra
 * 11, bird 12, babel 42, openr 99, FRR's 186 to 199; 80 is in use by Calico).
 */
#define ROUTE_PROTOCOL 88

#define ROUTE_REASON 200

struct found;

enum route_step {
	ROUTE_LEAVE,   /* nothing to do, or nothing that could be done: reason */
	ROUTE_REPLACE, /* in place */
	ROUTE_REQUEUE, /* behind its twins, and all behind it too: the order stays */
	ROUTE_REMOVE,  /* made by this agent, and not asked for any more */
};

struct route_decision {
	const struct route_config *by; /* the statement; NULL: none */
	uint32_t mtu;		       /* it is to have; 0: none */
	bool restore;		       /* to what was found before the first touch */
	enum route_step step;
	bool done;		   /* the kernel has taken it */
	char reason[ROUTE_REASON]; /* why it has not what the statement says; "" */
};

struct route_plan {
	struct route_decision *decisions; /* one for each route of the list */
};

struct route_view {
	const struct config *config;
	const struct found *found;
	const struct links *links;
	const struct route_list *routes;
	/* A change of this route to this MTU that the kernel refused a moment ago, or NULL. */
	const char *(*refused)(const char *name, uint32_t mtu, void *arg);
	void *arg;
};

/* Does the statement mean this route? */
bool route_meant(const struct route_key *key, const struct route *route, const struct links *links);
/* The most specific statement that means it; NULL: none. */
const struct route_config *route_statement(const struct config *config, const struct route *route,
					   const struct links *links);
int route_plan(struct route_plan *plan, const struct route_view *view); /* 0 or -ENOMEM */
void route_plan_free(struct route_plan *plan);

/* The smallest MTU of the links that it goes out on; 0: not known. `link`: that one, or NULL. */
uint32_t route_link_mtu(const struct route *route, const struct links *links,
			const struct link **link);
/* Has it the mark of a route that this agent made? */
bool route_is_made(const struct route *route);
/* The family in which a statement with a gateway makes a route. */
uint8_t route_made_family(const struct route_key *key);

/* Keys of what was found: how a route was, and that one was made. Freed with free(); NULL: no
 * memory.
 */
#define FOUND_ROUTE "route "
#define FOUND_MADE  "made "
char *found_key_route(const struct route *route);
char *found_key_made(uint8_t family, const uint8_t prefix[16], uint8_t len);
/* The prefix in such a key; false: it is another kind of key. */
bool found_key_prefix(const char *key, uint8_t *family, uint8_t prefix[16], uint8_t *len);

/* "default via 10.0.0.1 dev eth1 table 100 metric 5", as ip(8) would; returns buf. */
#define ROUTE_TEXT 200
const char *route_text(const struct route *route, const struct links *links, char *buf, size_t len);
/* Names of the links by their number; "" for 0, "if7" for one that is gone. */
const char *route_dev_name(uint32_t ifindex, const struct links *links, char buf[IFNAMSIZ]);

#endif
