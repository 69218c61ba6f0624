// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of statements: what is taken, where the first fault is, and how long it
 * takes with very many groups.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "../lib/configs.h"
#include "../lib/expect.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define MANY 100000

/* A string literal with its length, for the sake of NUL bytes in it. */
#define TEXT(literal) (literal), sizeof(literal) - 1

static const struct {
	const char *text;
	size_t len;
	const char *printed;
} files[] = {
	{ TEXT(""), "" },
	{ TEXT("\n\n \t\n"), "" },
	{ TEXT("# nothing\n\t# more of it"), "" },
	{ TEXT("group add 239.0.0.15 eth1"), "group add 239.0.0.15 eth1\n" },
	{ TEXT("group add 239.0.0.15 eth1\r\n\r\nlink add eth1\r\n"),
	  "link add eth1\ngroup add 239.0.0.15 eth1\n" },
	{ TEXT("link add eth1\r"), "link add eth1\n" },
	{ TEXT("  group\tadd  239.0.0.15 \t eth1   # the feed\n"), "group add 239.0.0.15 eth1\n" },
	{ TEXT("link add eth1#2\n"), "link add eth1\n" },
	{ TEXT("# \xc3\xbc \xff\nlink add eth1\n"), "link add eth1\n" },
	{ TEXT("\xef\xbb\xbflink add eth1\r\n"), "link add eth1\n" },
	{ TEXT("group add ff3e::1 b,a\ngroup add 239.0.0.15 a\nlink add b\nlink add a mode skb\n"),
	  "link add a mode skb\nlink add b\ngroup add 239.0.0.15 a\ngroup add ff3e::1 a,b\n" },
	{ TEXT("learn off\n"), "" },
	{ TEXT("group add 239.0.0.15 b,a apart scope all\nlearn on\n"
	       "route set ::/0 dev eth0 mtu 1400 via fe80::1\nroute set default mtu 1500\n"
	       "route set 0.0.0.0/0 mtu 1400\n"
	       "link set eth1 tso off\nlink set eth0 lro off mtu 9000\n"
	       "link set eth1 promisc off allmulti on\nlink add eth1\n"),
	  "link add eth1\n"
	  "link set eth0 mtu 9000 lro off\nlink set eth1 promisc off allmulti on tso off\n"
	  "route set default mtu 1500\nroute set 0.0.0.0/0 mtu 1400\n"
	  "route set ::/0 via fe80::1 dev eth0 mtu 1400\n"
	  "learn on\ngroup add 239.0.0.15 a,b scope all apart\n" },
	{ TEXT("group add 239.0.0.16 b reassemble wrong observe source 10.0.0.1\n"
	       "group add ff3e::1 b,a reassemble scope all\n"),
	  "group add 239.0.0.16 b source 10.0.0.1 wrong observe reassemble\n"
	  "group add ff3e::1 a,b scope all reassemble\n" },
};

static void files_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(files); i++) {
		struct config config;
		struct report rep;
		size_t len;
		char *text;

		config_init(&config);
		if (config_parse(&config, files[i].text, files[i].len, &rep))
			fail_msg("%s: %s", files[i].text, rep.message);
		assert_null(configs_fault(&config));
		text = configs_text(&config, &len);
		assert_string_equal(text, files[i].printed);
		free(text);
		config_free(&config);
	}
}

#define OBJECTS "group, link, route or learn"
#define GOOD	"group add 239.0.0.15 eth1\n"
#define CONTROL(line, word)                                                               \
	{                                                                                 \
		REPORT_USAGE, line, word, "", "the line holds a control character, " word \
	}

static const struct {
	const char *text;
	size_t len;
	int err;
	struct expected_report report;
} refusals[] = {
	{ TEXT("group"),
	  -EINVAL,
	  { REPORT_USAGE, 1, "", "add", "a command is missing after group" } },
	{ TEXT(GOOD "\n# x\nstatus\n"),
	  -EINVAL,
	  { REPORT_USAGE, 4, "status", OBJECTS, "status is not known here" } },
	{ TEXT(GOOD "group del 239.0.0.15\n"),
	  -EINVAL,
	  { REPORT_USAGE, 2, "del", "add", "a file says what is, so it holds no del, only add" } },
	{ TEXT(GOOD "group replace 239.0.0.15 eth0\n"),
	  -EINVAL,
	  { REPORT_USAGE, 2, "replace", "add",
	    "a file says what is, so it holds no replace, only add" } },
	{ TEXT("flush\n" GOOD),
	  -EINVAL,
	  { REPORT_USAGE, 1, "flush", OBJECTS,
	    "a file says what is, so it holds no flush, only " OBJECTS } },
	{ TEXT("link del eth0\n"),
	  -EINVAL,
	  { REPORT_USAGE, 1, "del", "add or set",
	    "a file says what is, so it holds no del, only add or set" } },
	{ TEXT("link unset eth0\n"),
	  -EINVAL,
	  { REPORT_USAGE, 1, "unset", "add or set",
	    "a file says what is, so it holds no unset, only add or set" } },
	{ TEXT(GOOD "route unset default\n"),
	  -EINVAL,
	  { REPORT_USAGE, 2, "unset", "set",
	    "a file says what is, so it holds no unset, only set" } },
	{ TEXT("learn maybe\n"),
	  -EINVAL,
	  { REPORT_USAGE, 1, "maybe", "on or off", "maybe is not a command of learn here" } },
	{ TEXT("group flush\n"),
	  -EINVAL,
	  { REPORT_USAGE, 1, "flush", "add",
	    "a file says what is, so it holds no flush, only add" } },
	{ TEXT("group show\n"),
	  -EINVAL,
	  { REPORT_USAGE, 1, "show", "add", "show is not a command of group here" } },
	{ TEXT(GOOD "group add 239.0.0.16 eth1 x # y\n"),
	  -EINVAL,
	  { REPORT_USAGE, 2, "x", "source, scope, wrong, apart or reassemble",
	    "x is not an option of this statement" } },
	{ TEXT("a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m\n"),
	  -EINVAL,
	  { REPORT_USAGE, 1, "a", OBJECTS, "a is not known here" } },

	/* twice */
	{ TEXT(GOOD GOOD),
	  -EEXIST,
	  { REPORT_REFUSED, 2, "239.0.0.15", "", "group 239.0.0.15 stands in line 1 already" } },
	{ TEXT("group add 239.0.0.9 a\ngroup add 239.0.0.1 a\ngroup add 239.0.0.5 a\n"
	       "group add 239.0.0.5 a\ngroup add 239.0.0.1 a\ngroup add 239.0.0.5 a\n"),
	  -EEXIST,
	  { REPORT_REFUSED, 4, "239.0.0.5", "", "group 239.0.0.5 stands in line 3 already" } },
	{ TEXT(GOOD "group add ff3e::1 a source 2001:db8::1\n\n"
		    "group add ff3e::1 b source 2001:DB8::1 wrong observe"),
	  -EEXIST,
	  { REPORT_REFUSED, 4, "ff3e::1", "",
	    "group ff3e::1 source 2001:db8::1 stands in line 2 already" } },
	{ TEXT("link add a\nlink add a\n"),
	  -EEXIST,
	  { REPORT_REFUSED, 2, "a", "",
	    "link a is there already; to change it, use link del and link add" } },
	{ TEXT("link set a mtu 9000 gro off\nlink set b mtu 9000\nlink set a tso off\n"
	       "link set a promisc off gro off\n"),
	  -EEXIST,
	  { REPORT_REFUSED, 4, "gro", "", "gro of a is set in a line before this" } },
	{ TEXT("route set 10.0.0.0/8 mtu 1400\nroute set 10.0.0.0/9 mtu 1400\n"
	       "route set 10.0.0.0/8 dev a mtu 1400\nroute set 10.0.0.0/8 mtu 1500\n"),
	  -EEXIST,
	  { REPORT_REFUSED, 4, "10.0.0.0/8", "",
	    "route 10.0.0.0/8 is set in a line before this" } },
	{ TEXT("route set default via FE80::1 dev a mtu 1400\n"
	       "route set default mtu 1400 dev a via fe80::1\n"),
	  -EEXIST,
	  { REPORT_REFUSED, 2, "default via fe80::1 dev a", "",
	    "route default via fe80::1 dev a is set in a line before this" } },
	{ TEXT("learn on\nlearn off\n"),
	  -EEXIST,
	  { REPORT_REFUSED, 2, "learn", "", "learn stands in a line before this" } },
	{ TEXT("learn off\n\nlearn off\n"),
	  -EEXIST,
	  { REPORT_REFUSED, 3, "learn", "", "learn stands in a line before this" } },
	/* the first fault, though it is found last */
	{ TEXT(GOOD GOOD "foo\n"),
	  -EEXIST,
	  { REPORT_REFUSED, 2, "239.0.0.15", "", "group 239.0.0.15 stands in line 1 already" } },
	{ TEXT(GOOD "foo\n" GOOD),
	  -EINVAL,
	  { REPORT_USAGE, 2, "foo", OBJECTS, "foo is not known here" } },

	/* bytes that are no text */
	{ TEXT(GOOD "group add 239.0.0.16 eth\0\n"),
	  -EINVAL,
	  { REPORT_USAGE, 2, "\\x00", "", "the line holds a NUL byte" } },
	{ TEXT("\0"), -EINVAL, { REPORT_USAGE, 1, "\\x00", "", "the line holds a NUL byte" } },
	{ TEXT("# \0\n"), -EINVAL, { REPORT_USAGE, 1, "\\x00", "", "the line holds a NUL byte" } },
	{ TEXT(GOOD "link add \x1b[2J\n"), -EINVAL, CONTROL(2, "\\x1b") },
	{ TEXT("link\vadd eth0\n"), -EINVAL, CONTROL(1, "\\x0b") },
	{ TEXT("link add eth0\x7f\n"), -EINVAL, CONTROL(1, "\\x7f") },
	{ TEXT("# old\rgroup add 239.0.0.15 eth1\r"), -EINVAL, CONTROL(1, "\\x0d") },
	{ TEXT("link add eth0\r\r\n"), -EINVAL, CONTROL(1, "\\x0d") },
	{ TEXT("link add eth\xff\n"),
	  -EINVAL,
	  { REPORT_USAGE, 1, "eth\\xff", "a NIC's name",
	    "eth\\xff holds a character that no statement can hold" } },
};

static void the_first_fault_is_reported(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refusals); i++) {
		/* behind its last byte lies nothing that may be read */
		char *text = malloc(refusals[i].len);
		struct config config, empty;
		struct report rep;

		assert_non_null(text);
		memcpy(text, refusals[i].text, refusals[i].len);
		memset(&rep, 0xa5, sizeof(rep));
		config_init(&config);
		config_init(&empty);
		if (config_parse(&config, text, refusals[i].len, &rep) != refusals[i].err)
			fail_msg("%s", refusals[i].text);
		expect_report(refusals[i].text, &rep, &refusals[i].report);
		assert_memory_equal(&config, &empty, sizeof(config));
		free(text);
	}
}

/* The longest statement fits; a line without end does not. */
static void lines_are_as_long_as_a_statement_can_be(void **state)
{
	static char text[1 << 20];
	struct config config;
	struct report rep;
	char *end = text;

	(void)state;
	end += sprintf(end, "group add ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127 ");
	for (int i = 0; i < CONFIG_NICS - 1; i++)
		end += sprintf(end, "%snic-number-%04d", i ? "," : "", i);
	end += sprintf(end, " source 2001:1111:1111:1111:1111:1111:1111:1111 scope all"
			    " wrong redirect nic-number-0063 reassemble #");
	memset(end, 'x', text + sizeof(text) - end);
	config_init(&config);
	assert_int_equal(config_parse(&config, text, sizeof(text), &rep), 0);
	assert_null(configs_fault(&config));
	assert_null(configs_round_trip_fault(&config));
	config_free(&config);

	memset(text, 'x', sizeof(text));
	assert_int_equal(config_parse(&config, text, sizeof(text), &rep), -EINVAL);
	assert_string_equal(rep.message, "the line is longer than 4095 bytes");
	assert_int_equal(rep.line, 1);
}

static void bounds_are_reported_with_their_line(void **state)
{
	static char text[CONFIG_GROUPS * 40];
	static const struct expected_report no_group = {
		REPORT_REFUSED, CONFIG_GROUPS + 1, "ff3e::1", "",
		"ff3e::1 would be one group too many: there are 262144, the most there can be"
	};
	static const struct expected_report no_name = {
		REPORT_REFUSED, 65, "nic64", "",
		"nic64 would be one name too many: all groups together name 64 NICs at most"
	};
	static const struct expected_report no_link = {
		REPORT_REFUSED, 65, "nic64", "",
		"nic64 would be one link too many: there are 64, the most there can be"
	};
	static const struct expected_report no_settings = {
		REPORT_REFUSED, 129, "nic64", "",
		"nic64 would be one NIC too many: settings are kept for 64, the most there can be"
	};
	static const struct expected_report no_route = {
		REPORT_REFUSED, 257, "10.1.0.0/24", "",
		"10.1.0.0/24 would be one route too many: there are 256, the most there can be"
	};
	static const struct expected_report no_reassembly = {
		REPORT_REFUSED, 1026, "reassemble", "",
		"this would be one group too many to reassemble: there are 1024, the most there "
		"can be"
	};
	struct config config;
	struct report rep;
	char *end = text;

	(void)state;
	config_init(&config);
	for (int i = 0; i < CONFIG_GROUPS; i++)
		end += sprintf(end, "group add 239.%d.%d.%d eth0\n", i >> 16, i >> 8 & 255,
			       i & 255);
	assert_int_equal(config_parse(&config, text, end - text, &rep), 0);
	assert_int_equal(config.n_groups, CONFIG_GROUPS);
	assert_int_equal(configs_change(&config, "group add ff3e::1 eth0", &rep), -ENOSPC);
	config_free(&config);
	end += sprintf(end, "group add ff3e::1 eth0\n");
	assert_int_equal(config_parse(&config, text, end - text, &rep), -ENOSPC);
	expect_report("groups", &rep, &no_group);

	end = text;
	for (int i = 0; i <= CONFIG_NICS; i++)
		end += sprintf(end, "group add 239.0.0.%d nic%d\n", i, i);
	assert_int_equal(config_parse(&config, text, end - text, &rep), -ENOSPC);
	expect_report("names", &rep, &no_name);

	end = text;
	for (int i = 0; i <= CONFIG_LINKS; i++)
		end += sprintf(end, "link add nic%d\n", i);
	assert_int_equal(config_parse(&config, text, end - text, &rep), -ENOSPC);
	expect_report("links", &rep, &no_link);

	end = text;
	for (int i = 0; i <= CONFIG_LINKS; i++)
		end += sprintf(end, "link set nic%d mtu 1500\nlink set nic%d gro off\n", i, i);
	assert_int_equal(config_parse(&config, text, end - text, &rep), -ENOSPC);
	expect_report("settings", &rep, &no_settings);

	end = text;
	for (int i = 0; i <= CONFIG_ROUTES; i++)
		end += sprintf(end, "route set 10.%d.%d.0/24 mtu 1400\n", i >> 8, i & 255);
	assert_int_equal(config_parse(&config, text, end - text, &rep), -ENOSPC);
	expect_report("routes", &rep, &no_route);

	end = text + sprintf(text, "group add ff3e::1 eth0\n");
	for (int i = 0; i < CONFIG_REASSEMBLED; i++)
		end += sprintf(end, "group add 239.0.%d.%d eth0 reassemble\n", i >> 8, i & 255);
	assert_int_equal(config_parse(&config, text, end - text, &rep), 0);
	assert_null(configs_fault(&config));
	assert_int_equal(config.n_reassembled, CONFIG_REASSEMBLED);
	config_free(&config);
	end += sprintf(end, "group add ff3e::2 eth0 reassemble\n");
	assert_int_equal(config_parse(&config, text, end - text, &rep), -ENOSPC);
	expect_report("reassembled", &rep, &no_reassembly);
}

/* A short text fails only when flushed, a long one before. */
static void a_full_disk_is_noticed(void **state)
{
	struct config config;
	struct report rep;
	char line[64];

	(void)state;
	config_init(&config);
	for (int i = 0; i < 10000; i++) {
		snprintf(line, sizeof(line), "group add 239.0.%d.%d eth0", i >> 8, i & 255);
		assert_int_equal(configs_change(&config, line, &rep), 0);
		if (i == 0 || i == 9999) {
			FILE *full = fopen("/dev/full", "w");

			assert_non_null(full);
			assert_int_equal(config_print(&config, full), -EIO);
			fclose(full);
		}
	}
	config_free(&config);
}

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

/* step is coprime to MANY: each number once, in another order. */
static void parse_many(unsigned long step, const char *order)
{
	static char text[MANY * 64];
	struct config config;
	struct report rep;
	char *end = text;
	double begin;

	config_init(&config);
	for (unsigned long i = 0; i < MANY; i++) {
		unsigned long n = i * step % MANY;

		end += sprintf(end, "group add 239.%lu.%lu.%lu eth%lu wrong observe\n", n >> 16,
			       n >> 8 & 255, n & 255, n % 60);
	}
	begin = milliseconds();
	if (config_parse(&config, text, end - text, &rep))
		fail_msg("%s", rep.message);
	printf("# %d groups %s: parsed in %.0f ms", MANY, order, milliseconds() - begin);
	/* Insertion in place would take minutes; sanitizers and slow machines do not. */
	assert_true(milliseconds() - begin < 5000);
	assert_null(configs_fault(&config));
	assert_int_equal(config.n_groups, MANY);
	begin = milliseconds();
	assert_null(configs_round_trip_fault(&config));
	printf(", printed, parsed and printed in %.0f ms\n", milliseconds() - begin);
	config_free(&config);
}

static void many_groups_are_read_in_no_time(void **state)
{
	(void)state;
	parse_many(1, "ascending");
	parse_many(MANY - 1, "descending");
	parse_many(61803, "in disorder");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(the_first_fault_is_reported),
		cmocka_unit_test(lines_are_as_long_as_a_statement_can_be),
		cmocka_unit_test(bounds_are_reported_with_their_line),
		cmocka_unit_test(a_full_disk_is_noticed),
		cmocka_unit_test(many_groups_are_read_in_no_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
