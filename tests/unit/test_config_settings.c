// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Link settings, routes and learning in the desired state: what is set twice has
 * the later value, and an error changes nothing.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/configs.h"
#include "../lib/expect_config.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Filled and left by each test. */
static struct config config;

static int set_up(void **state)
{
	(void)state;
	config_init(&config);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	config_free(&config);
	return 0;
}

static void expect(const char *line, const char *text)
{
	config_must_change(&config, line);
	config_expect_text(&config, text);
	assert_null(configs_round_trip_fault(&config));
}

static void a_setting_has_the_last_value(void **state)
{
	(void)state;
	expect("link set eth1 mtu 9000 gro off", "link set eth1 mtu 9000 gro off\n");
	expect("link set eth1 mtu 1500 promisc off",
	       "link set eth1 mtu 1500 promisc off gro off\n");
	expect("link set eth0 lro off", "link set eth0 lro off\n"
					"link set eth1 mtu 1500 promisc off gro off\n");
	expect("link set eth1 gro on", "link set eth0 lro off\n"
				       "link set eth1 mtu 1500 promisc off gro on\n");
	/* one word, some, all that is left */
	expect("link unset eth1 mtu", "link set eth0 lro off\n"
				      "link set eth1 promisc off gro on\n");
	expect("link set eth1 tso on", "link set eth0 lro off\n"
				       "link set eth1 promisc off gro on tso on\n");
	expect("link unset eth1 tso promisc", "link set eth0 lro off\nlink set eth1 gro on\n");
	expect("link unset eth1 gro", "link set eth0 lro off\n");
	assert_null(config_find_settings(&config, "eth1"));
	assert_int_equal(config_find_settings(&config, "eth0")->said, 1 << SETTING_LRO);
	expect("link set eth0 allmulti off gso off",
	       "link set eth0 allmulti off lro off gso off\n");
	expect("link unset eth0", "");
}

static void a_route_has_the_last_mtu(void **state)
{
	(void)state;
	expect("route set default mtu 1400", "route set default mtu 1400\n");
	expect("route set default mtu 1500", "route set default mtu 1500\n");
	/* other words, another route */
	expect("route set default mtu 1400 dev eth0", "route set default mtu 1500\n"
						      "route set default dev eth0 mtu 1400\n");
	expect("route set default mtu 1401 via 10.0.0.1",
	       "route set default mtu 1500\n"
	       "route set default dev eth0 mtu 1400\n"
	       "route set default via 10.0.0.1 mtu 1401\n");
	expect("route set 0.0.0.0/0 mtu 1402", "route set default mtu 1500\n"
					       "route set default dev eth0 mtu 1400\n"
					       "route set default via 10.0.0.1 mtu 1401\n"
					       "route set 0.0.0.0/0 mtu 1402\n");
	expect("route unset default dev eth0", "route set default mtu 1500\n"
					       "route set default via 10.0.0.1 mtu 1401\n"
					       "route set 0.0.0.0/0 mtu 1402\n");
	expect("route unset default", "route set default via 10.0.0.1 mtu 1401\n"
				      "route set 0.0.0.0/0 mtu 1402\n");
	expect("route unset default via 10.0.0.1", "route set 0.0.0.0/0 mtu 1402\n");
	expect("route unset 0.0.0.0/0", "");
}

static void learning_is_on_or_off(void **state)
{
	(void)state;
	expect("learn off", "");
	expect("learn on", "learn on\n");
	expect("learn on", "learn on\n");
	expect("learn off", "");
}

static void flush_is_for_all_and_group_flush_for_groups(void **state)
{
	static const char rest[] = "link add eth0\nlink set eth0 mtu 9000\n"
				   "route set default mtu 1400\nlearn on\n";

	(void)state;
	config_must_change(&config, "group add 239.0.0.1 eth0,eth1 apart");
	config_must_change(&config, "link add eth0");
	config_must_change(&config, "link set eth0 mtu 9000");
	config_must_change(&config, "route set default mtu 1400");
	config_must_change(&config, "learn on");
	expect("group flush", rest);
	/* `link add` and `link set` do not know of each other */
	expect("link del eth0", rest + strlen("link add eth0\n"));
	expect("flush", "");
}

static const struct {
	const char *line;
	int err;
	struct expected_report report;
} refusals[] = {
	{ "link unset eth1",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "eth1", "", "nothing is set for eth1" } },
	{ "link unset eth1 mtu",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "eth1", "", "nothing is set for eth1" } },
	{ "link unset eth0 mtu gso gro",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "gro", "", "gro of eth0 is not set" } },
	{ "link unset zzz", -ENOENT, { REPORT_REFUSED, 0, "zzz", "", "nothing is set for zzz" } },
	{ "route unset default",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "default", "", "there is no route set for default" } },
	{ "route unset 10.0.0.0/8",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "10.0.0.0/8", "", "there is no route set for 10.0.0.0/8" } },
	{ "route unset fd00::/8 via fe80::1 dev eth0",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "fd00::/8 via fe80::1 dev eth0", "",
	    "there is no route set for fd00::/8 via fe80::1 dev eth0" } },
};

static void a_refusal_changes_nothing(void **state)
{
	(void)state;
	config_must_change(&config, "link set eth0 mtu 9000 gso off");
	config_must_change(&config, "route set default via 10.0.0.1 mtu 1400");
	config_must_change(&config, "route set 10.0.0.0/9 mtu 1400");
	config_must_change(&config, "route set fd00::/8 mtu 1400");
	for (size_t i = 0; i < LENGTH(refusals); i++)
		config_expect_refusal(&config, refusals[i].line, refusals[i].err,
				      &refusals[i].report);
}

/* Bounds, and room again for what takes the place of what went. */
static void bounds_are_named(void **state)
{
	static const struct expected_report no_settings = {
		REPORT_REFUSED, 0, "new", "",
		"new would be one NIC too many: settings are kept for 64, the most there can be"
	};
	static const struct expected_report no_route = {
		REPORT_REFUSED, 0, "default dev new", "",
		"default dev new would be one route too many: there are 256, the most there can be"
	};
	char line[64];

	(void)state;
	for (int i = 0; i < CONFIG_LINKS; i++) {
		snprintf(line, sizeof(line), "link set nic%d mtu 1500", i * 37 % CONFIG_LINKS);
		config_must_change(&config, line);
	}
	for (int i = 0; i < CONFIG_ROUTES; i++) {
		snprintf(line, sizeof(line), "route set 10.0.%d.0/24 dev eth0 mtu 1400",
			 i * 37 % CONFIG_ROUTES);
		config_must_change(&config, line);
	}
	config_expect_refusal(&config, "link set new gro off", -ENOSPC, &no_settings);
	config_expect_refusal(&config, "route set default dev new mtu 1400", -ENOSPC, &no_route);
	assert_null(configs_round_trip_fault(&config));
	/* what is there may change */
	config_must_change(&config, "link set nic63 gro off");
	config_must_change(&config, "link unset nic0");
	config_must_change(&config, "link set new gro off");
	config_must_change(&config, "route set 10.0.255.0/24 dev eth0 mtu 1300");
	config_must_change(&config, "route unset 10.0.255.0/24 dev eth0");
	config_must_change(&config, "route set default dev new mtu 1400");
	assert_null(configs_round_trip_fault(&config));
}

static void a_copy_is_on_its_own(void **state)
{
	struct config copy;

	(void)state;
	config_must_change(&config, "link set eth0 mtu 9000");
	config_must_change(&config, "route set default mtu 1400");
	config_must_change(&config, "learn on");
	assert_int_equal(config_copy(&copy, &config), 0);
	assert_true(config_equal(&copy, &config));
	config_must_change(&copy, "link set eth0 mtu 9001");
	config_must_change(&copy, "route unset default");
	config_must_change(&copy, "learn off");
	config_expect_text(&copy, "link set eth0 mtu 9001\n");
	config_expect_text(&config,
			   "link set eth0 mtu 9000\nroute set default mtu 1400\nlearn on\n");
	config_free(&copy);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_setting_has_the_last_value),
		TEST(a_route_has_the_last_mtu),
		TEST(learning_is_on_or_off),
		TEST(flush_is_for_all_and_group_flush_for_groups),
		TEST(a_refusal_changes_nothing),
		TEST(bounds_are_named),
		TEST(a_copy_is_on_its_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
