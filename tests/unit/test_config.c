// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The desired state: changed by statements, whole or not at all.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/configs.h"
#include "../lib/expect_config.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The C library's, in its place, so that a test can run out of memory. */
static bool out_of_memory;

void *reallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;

	if (out_of_memory || __builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, bytes);
}

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
	out_of_memory = false;
	config_free(&config);
	return 0;
}

static void statements_are_carried_out(void **state)
{
	(void)state;
	config_must_change(&config, "group add ff3e::1 eth1");
	config_must_change(&config,
			   "group add 239.0.0.15 eth1,eth0 source 10.84.0.73 wrong observe");
	config_must_change(&config, "group add 239.0.0.15 eth1 scope all");
	config_must_change(&config, "group add 239.1.0.0/16 eth10,eth2 wrong redirect veth9");
	config_must_change(&config, "link add eth1 mode skb");
	config_must_change(&config, "link add eth0");
	config_expect_text(&config,
			   "link add eth0\n"
			   "link add eth1 mode skb\n"
			   "group add 239.0.0.15 eth1 scope all\n"
			   "group add 239.0.0.15 eth0,eth1 source 10.84.0.73 wrong observe\n"
			   "group add 239.1.0.0/16 eth10,eth2 wrong redirect veth9\n"
			   "group add ff3e::1 eth1\n");
	config_must_change(&config, "group replace 239.0.0.15 eth0");
	config_must_change(&config, "group replace 239.0.0.16 eth0 wrong drop");
	config_must_change(&config, "group del 239.1.0.0/16");
	config_must_change(&config, "link del eth1");
	config_must_change(&config, "link add eth1 xdpcap-hook on mode native");
	config_expect_text(&config,
			   "link add eth0\n"
			   "link add eth1 mode native xdpcap-hook on\n"
			   "group add 239.0.0.15 eth0\n"
			   "group add 239.0.0.15 eth0,eth1 source 10.84.0.73 wrong observe\n"
			   "group add 239.0.0.16 eth0\n"
			   "group add ff3e::1 eth1\n");
	config_must_change(&config, "group flush");
	config_expect_text(&config, "link add eth0\n"
				    "link add eth1 mode native xdpcap-hook on\n");
	config_must_change(&config, "group add 239.0.0.15 eth1");
	config_must_change(&config, "flush");
	config_expect_text(&config, "");
	config_must_change(&config, "flush");
	config_must_change(&config, "group flush");
}

static const struct {
	const char *line;
	int err;
	struct expected_report report;
} refusals[] = {
	{ "group add 239.0.0.15 eth0",
	  -EEXIST,
	  { REPORT_REFUSED, 0, "239.0.0.15", "",
	    "group 239.0.0.15 is there already; use group replace to change it" } },
	{ "group add 239.0.0.15/32 newnic",
	  -EEXIST,
	  { REPORT_REFUSED, 0, "239.0.0.15", "",
	    "group 239.0.0.15 is there already; use group replace to change it" } },
	{ "group add ff3e::/32 eth0 source 2001:db8::1",
	  -EEXIST,
	  { REPORT_REFUSED, 0, "ff3e::/32", "",
	    "group ff3e::/32 source 2001:db8::1 is there already; use group replace to change "
	    "it" } },
	{ "group del 239.0.0.16",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "239.0.0.16", "", "there is no group 239.0.0.16" } },
	{ "group del 239.0.0.0/8",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "239.0.0.0/8", "", "there is no group 239.0.0.0/8" } },
	{ "group del 239.0.0.15 source 10.0.0.1",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "239.0.0.15", "", "there is no group 239.0.0.15 source 10.0.0.1" } },
	{ "group del ff3e::/32",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "ff3e::/32", "",
	    "there is no group ff3e::/32 without a source, but group ff3e::/32 source "
	    "2001:db8::1" } },
	{ "group del ff3e::",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "ff3e::", "", "there is no group ff3e::" } },
	{ "link add eth0 mode skb",
	  -EEXIST,
	  { REPORT_REFUSED, 0, "eth0", "",
	    "link eth0 is there already; to change it, use link del and link add" } },
	{ "link del eth1",
	  -ENOENT,
	  { REPORT_REFUSED, 0, "eth1", "", "there is no link add for eth1" } },
	{ "group add 192.0.2.1 eth1",
	  -EINVAL,
	  { REPORT_USAGE, 0, "192.0.2.1", "GROUP[/LEN]",
	    "192.0.2.1 is not a multicast group; those of IPv4 are 224.0.0.0/4" } },
};

static void a_refusal_changes_nothing(void **state)
{
	(void)state;
	config_must_change(&config, "group add 239.0.0.15 eth1");
	config_must_change(&config, "group add ff3e::/32 eth1 source 2001:db8::1");
	config_must_change(&config, "link add eth0");
	for (size_t i = 0; i < LENGTH(refusals); i++)
		config_expect_refusal(&config, refusals[i].line, refusals[i].err,
				      &refusals[i].report);
}

static void an_empty_config_has_nothing(void **state)
{
	static const struct expected_report no_group = { REPORT_REFUSED, 0, "239.0.0.15", "",
							 "there is no group 239.0.0.15" };
	struct group_key key;
	struct report rep;

	(void)state;
	config_expect_refusal(&config, "group del 239.0.0.15", -ENOENT, &no_group);
	assert_int_equal(group_key_parse(&key, "239.0.0.15", &rep), 0);
	assert_null(config_find_group(&config, &key));
	assert_null(config_find_link(&config, "eth0"));
	assert_null(configs_round_trip_fault(&config));
}

static void groups_and_links_are_found(void **state)
{
	const struct group *group;
	struct group_key key;
	struct report rep;
	char text[64];

	(void)state;
	for (int i = 0; i < 256; i += 2) {
		snprintf(text, sizeof(text), "group add 239.0.0.%d eth%d", i, i % 3);
		config_must_change(&config, text);
	}
	config_must_change(&config, "link add eth7 mode native");
	for (int i = 0; i < 256; i++) {
		snprintf(text, sizeof(text), "239.0.0.%d", i);
		assert_int_equal(group_key_parse(&key, text, &rep), 0);
		group = config_find_group(&config, &key);
		assert_int_equal(group != NULL, i % 2 == 0);
		if (group)
			assert_int_equal(group_key_compare(&group->key, &key), 0);
	}
	assert_int_equal(config_find_link(&config, "eth7")->mode, LINK_NATIVE);
	assert_null(config_find_link(&config, "eth"));
}

static void names_live_as_long_as_their_last_group(void **state)
{
	(void)state;
	config_must_change(&config, "group add 239.0.0.1 a,b");
	config_must_change(&config, "group add 239.0.0.2 b wrong redirect c");
	assert_string_equal(config.nics[0], "a");
	assert_string_equal(config.nics[1], "b");
	assert_string_equal(config.nics[2], "c");
	config_must_change(&config, "group del 239.0.0.1");
	assert_string_equal(config.nics[0], "");
	assert_string_equal(config.nics[1], "b");
	config_must_change(&config, "group replace 239.0.0.2 d wrong redirect b");
	assert_string_equal(config.nics[0], "d");
	assert_string_equal(config.nics[1], "b");
	assert_string_equal(config.nics[2], "");
	config_must_change(&config, "group replace 239.0.0.2 d wrong observe");
	assert_string_equal(config.nics[1], "");
	config_must_change(&config, "link add x");
	config_must_change(&config, "group flush");
	assert_string_equal(config.nics[0], "");
	assert_int_equal(config.n_links, 1);
}

static void bounds_are_named_and_leave_all_as_it_was(void **state)
{
	static const struct expected_report no_name = {
		REPORT_REFUSED, 0, "nic-65", "",
		"nic-65 would be one name too many: all groups together name 64 NICs at most"
	};
	static const struct expected_report no_link = {
		REPORT_REFUSED, 0, "nic-65", "",
		"nic-65 would be one link too many: there are 64, the most there can be"
	};
	char line[128];

	(void)state;
	for (int i = 0; i < CONFIG_NICS; i += 2) {
		snprintf(line, sizeof(line), "group add 239.0.0.%d nic-%d wrong redirect nic-%d", i,
			 i, i + 1);
		config_must_change(&config, line);
		snprintf(line, sizeof(line), "link add nic-%d", i);
		config_must_change(&config, line);
		snprintf(line, sizeof(line), "link add nic-%d", i + 1);
		config_must_change(&config, line);
	}
	config_expect_refusal(&config, "group add 239.1.0.1 nic-65", -ENOSPC, &no_name);
	config_expect_refusal(&config, "group add 239.1.0.1 nic-5,nic-65", -ENOSPC, &no_name);
	config_expect_refusal(&config, "group add 239.1.0.1 nic-5 wrong redirect nic-65", -ENOSPC,
			      &no_name);
	/* the old group's two names go, but three come */
	config_expect_refusal(&config, "group replace 239.0.0.0 x,y wrong redirect nic-65", -ENOSPC,
			      &no_name);
	config_expect_refusal(&config, "link add nic-65", -ENOSPC, &no_link);
	config_must_change(&config, "group add 239.1.0.1 nic-5,nic-6");
	config_must_change(&config, "group replace 239.0.0.0 x wrong redirect nic-65");
	config_must_change(&config, "link del nic-3");
	config_must_change(&config, "link add nic-65");
	assert_null(configs_round_trip_fault(&config));
}

/* Every way in which a group may begin or cease to be one to reassemble. */
static void groups_to_reassemble_are_counted(void **state)
{
	struct config copy;

	(void)state;
	config_must_change(&config, "group add 239.0.0.1 a reassemble");
	config_must_change(&config, "group add 239.0.0.2 a");
	assert_int_equal(config.n_reassembled, 1);
	config_must_change(&config, "group replace 239.0.0.2 a reassemble");
	config_must_change(&config, "group replace 239.0.0.1 b reassemble wrong observe");
	config_must_change(&config, "group replace 239.0.0.3 b reassemble");
	assert_int_equal(config.n_reassembled, 3);
	config_must_change(&config, "group replace 239.0.0.2 a");
	assert_int_equal(config.n_reassembled, 2);
	config_must_change(&config, "group del 239.0.0.2");
	assert_int_equal(config.n_reassembled, 2);
	config_must_change(&config, "group del 239.0.0.1");
	assert_int_equal(config.n_reassembled, 1);
	assert_int_equal(config_copy(&copy, &config), 0);
	assert_null(configs_fault(&copy));
	config_must_change(&copy, "group flush");
	assert_int_equal(copy.n_reassembled, 0);
	assert_int_equal(config.n_reassembled, 1);
	config_free(&copy);
	config_must_change(&config, "flush");
	assert_int_equal(config.n_reassembled, 0);
	config_must_change(&config, "group add 239.0.0.1 a reassemble");
}

static void groups_to_reassemble_are_bounded(void **state)
{
	static const struct expected_report too_many = {
		REPORT_REFUSED, 0, "reassemble", "",
		"this would be one group too many to reassemble: there are 1024, the most there "
		"can be"
	};
	static const struct expected_report no_name = {
		REPORT_REFUSED, 0, "nic-63", "",
		"nic-63 would be one name too many: all groups together name 64 NICs at most"
	};
	char line[1024];

	(void)state;
	for (int i = 0; i < CONFIG_REASSEMBLED; i++) {
		snprintf(line, sizeof(line), "group add 239.0.%d.%d a reassemble", i >> 8, i & 255);
		config_must_change(&config, line);
	}
	config_must_change(&config, "group add 239.1.0.1 a");
	config_expect_refusal(&config, "group add 239.1.0.2 b reassemble", -ENOSPC, &too_many);
	config_expect_refusal(&config, "group replace 239.1.0.2 a reassemble", -ENOSPC, &too_many);
	config_expect_refusal(&config, "group replace 239.1.0.1 a reassemble", -ENOSPC, &too_many);
	/* In its own place there is room for it. */
	config_must_change(&config, "group replace 239.0.0.0 b reassemble scope all");
	config_must_change(&config, "group replace 239.0.0.1 b");
	config_must_change(&config, "group replace 239.1.0.1 b reassemble");
	config_expect_refusal(&config, "group add 239.1.0.2 a reassemble", -ENOSPC, &too_many);
	config_must_change(&config, "group del 239.0.0.2");
	assert_int_equal(config.n_reassembled, CONFIG_REASSEMBLED - 1);
	/* Refused for another reason, it is not counted. */
	sprintf(line, "group add 239.1.0.2 ");
	for (int i = 0; i < CONFIG_NICS; i++)
		sprintf(line + strlen(line), "%snic-%d", i ? "," : "", i);
	strcat(line, " reassemble");
	config_must_change(&config, "group replace 239.0.0.0 a reassemble");
	config_must_change(&config, "group replace 239.0.0.1 a");
	config_must_change(&config, "group replace 239.1.0.1 a reassemble");
	config_expect_refusal(&config, line, -ENOSPC, &no_name);
	config_must_change(&config, "group add 239.1.0.2 a reassemble");
	assert_null(configs_round_trip_fault(&config));
}

static void without_memory_nothing_changes(void **state)
{
	static const struct expected_report expected = { REPORT_FAILED, 0, "", "",
							 "out of memory" };
	const char file[] = "group add 239.0.0.1 eth0\n";
	struct config other;
	struct report rep;
	char line[64];

	(void)state;
	out_of_memory = true;
	config_expect_refusal(&config, "group add 239.1.0.1 new reassemble", -ENOMEM, &expected);
	assert_int_equal(config_parse(&config, file, strlen(file), &rep), -ENOMEM);
	assert_int_equal(rep.kind, REPORT_FAILED);
	out_of_memory = false;

	for (int i = 0; i == 0 || config.n_groups < config.room; i++) {
		snprintf(line, sizeof(line), "group add 239.0.0.%d eth0", i);
		config_must_change(&config, line);
	}
	out_of_memory = true;
	config_expect_refusal(&config, "group add 239.1.0.1 new", -ENOMEM, &expected);
	assert_int_equal(config_copy(&other, &config), -ENOMEM);
	config_must_change(&config, "group replace 239.0.0.1 new"); /* needs none */
	out_of_memory = false;
	config_must_change(&config, "group add 239.1.0.1 newer");
}

static void a_copy_is_on_its_own(void **state)
{
	struct config copy;

	(void)state;
	config_must_change(&config, "link add eth0");
	assert_int_equal(config_copy(&copy, &config), 0);
	assert_true(config_equal(&copy, &config));
	config_free(&copy);
	config_must_change(&config, "group add 239.0.0.1 eth0");
	assert_int_equal(config_copy(&copy, &config), 0);
	assert_true(config_equal(&copy, &config));
	config_must_change(&copy, "group add 239.0.0.0 eth1");
	config_must_change(&copy, "group add 239.0.0.2 eth1");
	config_must_change(&copy, "link del eth0");
	assert_false(config_equal(&copy, &config));
	config_expect_text(&config, "link add eth0\ngroup add 239.0.0.1 eth0\n");
	config_free(&copy);
	assert_int_equal(copy.n_groups, 0);
	config_free(&copy);
}

/* Each differs from all others in meaning. */
static void equal_means_equal_in_meaning(void **state)
{
	static const char *const lines[] = {
		"flush",
		"group add 239.0.0.1 a",
		"group add 239.0.0.2 a",
		"group add 239.0.0.1 b",
		"group add 239.0.0.1 a,b",
		"group add 239.0.0.1 a scope all",
		"group add 239.0.0.1 a source 10.0.0.1",
		"group add 239.0.0.1 a wrong observe",
		"group add 239.0.0.1 a wrong redirect b",
		"group add 239.0.0.1 a wrong redirect c",
		"group add 239.0.0.0/24 a",
		"link add a",
		"link add b",
		"link add a mode skb",
		"learn on",
		"group add 239.0.0.1 a,b apart",
		"group add 239.0.0.1 a,b reassemble",
		"group add 239.0.0.1 a reassemble",
		"link set a mtu 1500",
		"link set a mtu 1501",
		"link set b mtu 1500",
		"link set a promisc off",
		"link set a promisc on",
		"link set a allmulti off",
		"link set a gro off",
		"link set a lro off",
		"link set a gso off",
		"link set a tso off",
		"link set a tso off gso off",
		"route set default mtu 1400",
		"route set default mtu 1401",
		"route set default via 10.0.0.1 mtu 1400",
		"route set default via fe80::1 mtu 1400",
		"route set default dev a mtu 1400",
		"route set default dev b mtu 1400",
		"route set 0.0.0.0/0 mtu 1400",
		"route set ::/0 mtu 1400",
		"route set 10.0.0.0/8 mtu 1400",
		"route set 10.0.0.0/9 mtu 1400",
		/* the same bytes in the other family */
		"route set a00::/8 mtu 1400",
		"route set 10.0.0.0/8 via 10.0.0.1 mtu 1400",
		"route set 10.0.0.0/8 via a00:1:: mtu 1400",
	};
	static struct config configs[LENGTH(lines)];

	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		config_init(&configs[i]);
		config_must_change(&configs[i], lines[i]);
	}
	for (size_t i = 0; i < LENGTH(lines); i++)
		for (size_t j = 0; j < LENGTH(lines); j++)
			if (config_equal(&configs[i], &configs[j]) != (i == j))
				fail_msg("%s and %s", lines[i], lines[j]);
	for (size_t i = 0; i < LENGTH(lines); i++)
		config_free(&configs[i]);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(statements_are_carried_out),
		TEST(a_refusal_changes_nothing),
		TEST(an_empty_config_has_nothing),
		TEST(groups_and_links_are_found),
		TEST(names_live_as_long_as_their_last_group),
		TEST(bounds_are_named_and_leave_all_as_it_was),
		TEST(groups_to_reassemble_are_counted),
		TEST(groups_to_reassemble_are_bounded),
		TEST(without_memory_nothing_changes),
		TEST(a_copy_is_on_its_own),
		TEST(equal_means_equal_in_meaning),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
