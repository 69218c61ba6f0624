// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of routes: by which statement they go, and in which way they are changed. */
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "agent/found.h"
#include "agent/routes/route_plan.h"
#include "config/statement.h"
#include "../lib/routes.h"

static struct link all_links[] = {
	{ .ifindex = 3, .name = "eth0", .mtu = 1500 },
	{ .ifindex = 5, .name = "eth1", .mtu = 9000 },
};
static const struct links links = { .link = all_links, .n = 2 };

struct world {
	struct config config;
	struct found *found;
	struct route_list list;
	struct route_plan plan;
};

static void world_init(struct world *world)
{
	memset(world, 0, sizeof(*world));
	config_init(&world->config);
	assert_int_equal(found_open(&world->found, "/nonexistent"), 0);
}

static void world_free(struct world *world)
{
	route_plan_free(&world->plan);
	routes_free(&world->list);
	found_close(world->found);
	config_free(&world->config);
}

static void add(struct world *world, const struct given_route *given)
{
	struct route_list *list = &world->list;

	list->route = reallocarray(list->route, list->n + 1, sizeof(*list->route));
	assert_non_null(list->route);
	list->route[list->n++] = given_route(given);
}

static void say(struct world *world, const char *line)
{
	char copy[128], *words[16], *next = copy;
	struct statement statement;
	struct report rep = {};
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((words[n] = strsep(&next, " ")))
		n++;
	if (statement_parse(&statement, (const char *const *)words, n, &rep) ||
	    config_change(&world->config, &statement, &rep))
		fail_msg("%s: %s", line, rep.message);
}

static void plan(struct world *world)
{
	const struct route_view view = { .config = &world->config,
					 .found = world->found,
					 .links = &links,
					 .routes = &world->list };

	route_plan_free(&world->plan);
	assert_int_equal(route_plan(&world->plan, &view), 0);
}

static void expect_step(const struct world *world, size_t n, enum route_step step, uint32_t mtu)
{
	assert_int_equal(world->plan.decisions[n].step, step);
	assert_int_equal(world->plan.decisions[n].mtu, mtu);
}

static const char *statement_of(const struct world *world, size_t n)
{
	static char words[ROUTE_KEY_WORDS];

	return route_key_words(&world->plan.decisions[n].by->key, words, sizeof(words));
}

static void the_most_specific_statement_holds(void **state)
{
	/* Each one more specific than those before it. */
	static const char *const lines[] = {
		"route set default mtu 1401",
		"route set 0.0.0.0/0 mtu 1402",
		"route set default dev eth1 mtu 1403",
		"route set 0.0.0.0/0 dev eth1 mtu 1404",
		"route set default via 10.84.0.1 mtu 1405",
		"route set 0.0.0.0/0 via 10.84.0.1 mtu 1406",
		"route set default via 10.84.0.1 dev eth1 mtu 1407",
		"route set 0.0.0.0/0 via 10.84.0.1 dev eth1 mtu 1408",
	};
	struct world world;
	size_t i;

	(void)state;
	world_init(&world);
	add(&world, &(struct given_route){ .prefix = "0.0.0.0", .via = "10.84.0.1", .dev = 5 });
	add(&world,
	    &(struct given_route){ .prefix = "0.0.0.0", .type = RTN_BLACKHOLE, .priority = 9 });
	say(&world, "route set 0.0.0.0/1 mtu 1300");
	say(&world, "route set default via 10.84.0.2 mtu 1300");
	say(&world, "route set ::/0 mtu 1300");
	plan(&world);
	assert_null(world.plan.decisions[0].by);
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		say(&world, lines[i]);
		plan(&world);
		expect_step(&world, 0, ROUTE_REPLACE, 1401 + i);
		assert_non_null(strstr(lines[i], statement_of(&world, 0)));
		assert_null(world.plan.decisions[1].by);
	}
	world_free(&world);
}

static void only_the_first_and_the_last_can_be_changed_alone(void **state)
{
	struct given_route given = { .prefix = "10.0.0.0", .len = 8, .dev = 5 };
	static const char *const via[] = { "10.84.0.1", "10.84.0.2", "10.84.0.3" };
	struct world world;
	size_t i;

	(void)state;
	world_init(&world);
	for (i = 0; i < 3; i++) {
		given.via = via[i];
		add(&world, &given);
	}
	/* Of another place, though of this prefix. */
	given.priority = 1;
	add(&world, &given);
	say(&world, "route set 10.0.0.0/8 mtu 1300");
	plan(&world);
	expect_step(&world, 0, ROUTE_REPLACE, 1300);
	expect_step(&world, 1, ROUTE_REQUEUE, 1300);
	expect_step(&world, 2, ROUTE_REQUEUE, 1300);
	expect_step(&world, 3, ROUTE_REPLACE, 1300);
	say(&world, "route unset 10.0.0.0/8");
	say(&world, "route set 10.0.0.0/8 via 10.84.0.2 mtu 1300");
	plan(&world);
	expect_step(&world, 1, ROUTE_LEAVE, 1300);
	assert_non_null(strstr(world.plan.decisions[1].reason, "between"));
	say(&world, "route set 10.0.0.0/8 via 10.84.0.3 mtu 1300");
	plan(&world);
	expect_step(&world, 1, ROUTE_REQUEUE, 1300);
	world_free(&world);
}

static void an_IPv6_multipath_route_is_apart_from_one_without_gateway(void **state)
{
	struct given_route given = { .prefix = "2001:db8::", .len = 32, .dev = 5, .priority = 7 };
	struct world world;

	(void)state;
	world_init(&world);
	add(&world, &given);
	given.via = "fe80::1";
	add(&world, &given);
	say(&world, "route set 2001:db8::/32 via fe80::1 mtu 1300");
	plan(&world);
	expect_step(&world, 0, ROUTE_LEAVE, 0);
	expect_step(&world, 1, ROUTE_REPLACE, 1300);
	world_free(&world);
}

static void what_cannot_be_had_is_as_it_was_found(void **state)
{
	struct given_route given = { .prefix = "10.0.0.0", .len = 8, .dev = 3, .mtu = 1400 };
	struct world world;
	char *key;

	(void)state;
	world_init(&world);
	add(&world, &given);
	say(&world, "route set 10.0.0.0/8 mtu 1501");
	plan(&world);
	/* Never touched: it stays as it is. */
	expect_step(&world, 0, ROUTE_LEAVE, 1400);
	assert_non_null(strstr(world.plan.decisions[0].reason, "eth0 has an MTU of 1500"));
	key = found_key_route(&world.list.route[0]);
	assert_int_equal(found_put(world.found, key, "1350"), 0);
	free(key);
	plan(&world);
	expect_step(&world, 0, ROUTE_REPLACE, 1350);
	assert_true(world.plan.decisions[0].restore);
	say(&world, "route set 10.0.0.0/8 mtu 1500");
	plan(&world);
	expect_step(&world, 0, ROUTE_REPLACE, 1500);
	say(&world, "route unset 10.0.0.0/8");
	plan(&world);
	expect_step(&world, 0, ROUTE_REPLACE, 1350);
	world_free(&world);
}

static void what_expires_is_left_alone(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	add(&world,
	    &(struct given_route){ .prefix = "::", .via = "fe80::1", .dev = 5, .expires = 6000 });
	say(&world, "route set default mtu 1300");
	plan(&world);
	expect_step(&world, 0, ROUTE_LEAVE, 1300);
	assert_non_null(strstr(world.plan.decisions[0].reason, "expires"));
	world_free(&world);
}

static void only_what_was_made_here_is_removed(void **state)
{
	struct given_route given = { .prefix = "10.0.0.0",
				     .len = 8,
				     .dev = 5,
				     .via = "10.84.0.1",
				     .protocol = ROUTE_PROTOCOL };
	struct world world;
	char *key;

	(void)state;
	world_init(&world);
	add(&world, &given);
	plan(&world);
	/* The number alone does not make it ours. */
	expect_step(&world, 0, ROUTE_LEAVE, 0);
	key = found_key_made(AF_INET, world.list.route[0].prefix, 8);
	assert_int_equal(found_put(world.found, key, "1"), 0);
	free(key);
	plan(&world);
	expect_step(&world, 0, ROUTE_REMOVE, 0);
	say(&world, "route set 10.0.0.0/8 via 10.84.0.1 mtu 1300");
	plan(&world);
	expect_step(&world, 0, ROUTE_REPLACE, 1300);
	world_free(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_specific_statement_holds),
		cmocka_unit_test(only_the_first_and_the_last_can_be_changed_alone),
		cmocka_unit_test(an_IPv6_multipath_route_is_apart_from_one_without_gateway),
		cmocka_unit_test(what_cannot_be_had_is_as_it_was_found),
		cmocka_unit_test(what_expires_is_left_alone),
		cmocka_unit_test(only_what_was_made_here_is_removed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
