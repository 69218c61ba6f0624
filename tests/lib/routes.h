/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes as the kernel would dump them, for tests. What goes wrong fails the test.
 */
#ifndef TESTS_LIB_ROUTES_H
#define TESTS_LIB_ROUTES_H

#include "netstate/routes.h"

#define GIVEN_UNKNOWN 77 /* an attribute that no kernel has yet: "of a later kernel" */

/* What a test says of a route; the rest is as the kernel would fill it in. */
struct given_route {
	const char *prefix, *via;
	uint8_t len, tos;
	uint32_t dev, table, priority, mtu, advmss, expires, nexthop;
	uint8_t protocol, type;
	bool locked;
};

struct nl_msg *given_message(const struct given_route *given);
struct route given_route(const struct given_route *given);

#endif
