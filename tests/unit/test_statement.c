// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Statements: what the grammar takes. What it says to what it does not is in
 * test_refusals.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "config/parts.h"
#include "../lib/configs.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static int parse(struct statement *statement, const char *line, struct report *rep)
{
	const char *words[256];
	char copy[8192];

	snprintf(copy, sizeof(copy), "%s", line);
	return statement_parse(statement, words, configs_split(copy, words, LENGTH(words)), rep);
}

static void must_parse(struct statement *statement, const char *line)
{
	struct report rep;

	if (parse(statement, line, &rep))
		fail_msg("%s: %s", line, rep.message);
}

static void defaults_hold_where_nothing_is_said(void **state)
{
	struct statement statement;

	(void)state;
	must_parse(&statement, "group add 239.0.0.15 eth1");
	assert_int_equal(statement.object, OBJECT_GROUP);
	assert_int_equal(statement.verb, VERB_ADD);
	assert_int_equal(statement.key.family, AF_INET);
	assert_int_equal(statement.key.len, 32);
	assert_false(statement.key.has_source);
	assert_int_equal(statement.n_nics, 1);
	assert_string_equal(statement.nics[0], "eth1");
	assert_int_equal(statement.wrong, XDPFRAG_WRONG_DROP);
	assert_string_equal(statement.redirect, "");
	assert_false(statement.scope_all);
	assert_false(statement.reassemble);
	assert_false(statement.apart);

	must_parse(&statement, "link add eth0");
	assert_int_equal(statement.object, OBJECT_LINK);
	assert_int_equal(statement.verb, VERB_ADD);
	assert_string_equal(statement.link.name, "eth0");
	assert_int_equal(statement.link.mode, LINK_AUTO);
	assert_false(statement.link.xdpcap_hook);
}

/* In every order of the options, the same statement. */
static void options_come_in_any_order(void **state)
{
	static const char *const options[] = { "source fe80::73", "scope all reassemble",
					       "wrong redirect veth9" };
	static const int orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					 { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	struct statement first, statement;
	char line[256];

	(void)state;
	for (size_t i = 0; i < LENGTH(orders); i++) {
		snprintf(line, sizeof(line), "group replace ff3e::/32 eth1,eth0 %s %s %s",
			 options[orders[i][0]], options[orders[i][1]], options[orders[i][2]]);
		must_parse(&statement, line);
		if (i == 0)
			first = statement;
		assert_memory_equal(&statement, &first, sizeof(first));
	}
	assert_int_equal(first.verb, VERB_REPLACE);
	assert_int_equal(first.key.family, AF_INET6);
	assert_int_equal(first.key.len, 32);
	assert_true(first.key.has_source);
	assert_int_equal(first.key.source[15], 0x73);
	assert_int_equal(first.n_nics, 2);
	assert_string_equal(first.nics[0], "eth1");
	assert_string_equal(first.nics[1], "eth0");
	assert_int_equal(first.wrong, XDPFRAG_WRONG_REDIRECT);
	assert_string_equal(first.redirect, "veth9");
	assert_true(first.scope_all);
	assert_true(first.reassemble);
	assert_false(first.apart);
}

static void words_of_a_route_come_in_any_order(void **state)
{
	static const char *const lines[] = {
		"route set fd00::/8 via fe80::1 dev eth1 mtu 1400",
		"route set fd00::/8 mtu 1400 via fe80::1 dev eth1",
		"route set fd00::/8 dev eth1 mtu 1400 via fe80::1",
	};
	struct statement first, statement;

	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		must_parse(&statement, lines[i]);
		if (i == 0)
			first = statement;
		assert_memory_equal(&statement, &first, sizeof(first));
	}
	assert_int_equal(first.object, OBJECT_ROUTE);
	assert_int_equal(first.verb, VERB_SET);
	assert_int_equal(first.route.key.family, AF_INET6);
	assert_int_equal(first.route.key.len, 8);
	assert_int_equal(first.route.key.prefix[0], 0xfd);
	assert_int_equal(first.route.key.via_family, AF_INET6);
	assert_int_equal(first.route.key.via[15], 1);
	assert_string_equal(first.route.key.dev, "eth1");
	assert_int_equal(first.route.mtu, 1400);
}

static void routes_are_read(void **state)
{
	static const char *const lines[] = {
		"route set default mtu 65520",
		"route set default dev eth0 mtu 1280",
		"route set default via 10.0.0.1 mtu 68", /* of IPv4, as its gateway is */
		"route set default mtu 1279 via 10.0.0.1",
		"route set 0.0.0.0/0 mtu 1279",
		"route set 10.0.0.0/8 via fe80::1 mtu 1000", /* RFC 5549 */
		"route set ::/0 mtu 1280",
		"route set 192.0.2.1 mtu 1400",
		/* fragments of what is sent to a group are as large as its route says */
		"route set 239.0.0.0/8 dev eth1 mtu 1400",
		"route set 224.0.0.0/4 mtu 68",
	};
	struct statement statement;

	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++)
		must_parse(&statement, lines[i]);

	must_parse(&statement, "route set default mtu 1400");
	assert_int_equal(statement.route.key.family, AF_UNSPEC);
	assert_int_equal(statement.route.key.via_family, AF_UNSPEC);
	assert_string_equal(statement.route.key.dev, "");
	must_parse(&statement, "route set 192.0.2.1 mtu 1400");
	assert_int_equal(statement.route.key.len, 32);
	must_parse(&statement, "route unset default dev eth0 via fe80::1");
	assert_int_equal(statement.verb, VERB_UNSET);
	assert_int_equal(statement.route.mtu, 0);
}

static void settings_are_read(void **state)
{
	static const char *const words[LINK_SETTINGS] = { "mtu 9000", "promisc on", "allmulti on",
							  "gro on",   "lro on",	    "gso on",
							  "tso on" };
	struct statement statement, all;
	char line[256] = "link set eth0", text[16];

	(void)state;
	for (int i = 0; i < LINK_SETTINGS; i++) {
		char one[64];

		snprintf(one, sizeof(one), "link set eth0 %s", words[i]);
		must_parse(&statement, one);
		assert_int_equal(statement.settings.said, 1 << i);
		for (int j = 0; j < LINK_SETTINGS; j++)
			assert_int_equal(statement.settings.values[j], i != j		  ? 0
								       : i == SETTING_MTU ? 9000
											  : 1);
		snprintf(one, sizeof(one), "%s %s", setting_name(i),
			 setting_text(i, statement.settings.values[i], text, sizeof(text)));
		assert_string_equal(one, words[i]);
		snprintf(one, sizeof(one), "link unset eth0 %s", setting_name(i));
		must_parse(&statement, one);
		assert_int_equal(statement.settings.said, 1 << i);
	}
	for (int i = LINK_SETTINGS; i-- > 0;)
		sprintf(line + strlen(line), " %s", words[i]);
	must_parse(&all, line);
	assert_int_equal(all.object, OBJECT_LINK);
	assert_int_equal(all.verb, VERB_SET);
	assert_string_equal(all.settings.name, "eth0");
	assert_int_equal(all.settings.said, (1 << LINK_SETTINGS) - 1);
	must_parse(&statement, "link set eth0 promisc off tso off");
	assert_int_equal(statement.settings.said, 1 << SETTING_PROMISC | 1 << SETTING_TSO);
	assert_int_equal(statement.settings.values[SETTING_PROMISC], 0);
	must_parse(&statement, "link unset eth0");
	assert_int_equal(statement.verb, VERB_UNSET);
	assert_int_equal(statement.settings.said, 0);
	must_parse(&statement, "link set lo mtu 65536");
	must_parse(&statement, "link set lo mtu 68");
}

static void other_forms_are_read(void **state)
{
	struct statement statement;

	(void)state;
	must_parse(&statement, "group add 239.0.0.15 eth1 scope fragments wrong observe");
	assert_false(statement.scope_all);
	assert_int_equal(statement.wrong, XDPFRAG_WRONG_OBSERVE);
	must_parse(&statement, "group del 239.0.0.15 source 10.0.0.1");
	assert_int_equal(statement.verb, VERB_DEL);
	assert_true(statement.key.has_source);
	must_parse(&statement, "group flush");
	assert_int_equal(statement.object, OBJECT_GROUP);
	assert_int_equal(statement.verb, VERB_FLUSH);
	must_parse(&statement, "flush");
	assert_int_equal(statement.object, OBJECT_ALL);
	assert_int_equal(statement.verb, VERB_FLUSH);
	must_parse(&statement, "learn on");
	assert_int_equal(statement.object, OBJECT_LEARN);
	assert_int_equal(statement.verb, VERB_ON);
	must_parse(&statement, "learn off");
	assert_int_equal(statement.verb, VERB_OFF);
	must_parse(&statement, "link add eth0 mode native");
	assert_int_equal(statement.link.mode, LINK_NATIVE);
	must_parse(&statement, "link add eth0 xdpcap-hook on mode skb");
	assert_true(statement.link.xdpcap_hook);
	assert_int_equal(statement.link.mode, LINK_SKB);
	must_parse(&statement, "link add eth0 xdpcap-hook off");
	assert_false(statement.link.xdpcap_hook);
	must_parse(&statement, "link del b\xc3\xbcro0");
	assert_int_equal(statement.verb, VERB_DEL);
	assert_string_equal(statement.link.name, "b\xc3\xbcro0");
	/* words of the grammar are names where the form has no such option */
	must_parse(&statement, "link add scope");
	must_parse(&statement, "group add 239.0.0.15 add,group,mode wrong redirect drop");
	must_parse(&statement, "group add 239.0.0.15 mtu,apart apart");
	assert_true(statement.apart);
	assert_false(statement.reassemble);
	must_parse(&statement, "group replace 239.0.0.0/8 reassemble,eth1 reassemble");
	assert_true(statement.reassemble);
	assert_false(statement.apart);
	must_parse(&statement, "link set mode mtu 1500");
	must_parse(&statement, "route set default dev default mtu 1500");
}

static void a_group_takes_64_nics(void **state)
{
	char line[2048] = "group add 239.0.0.15 ";
	struct statement statement;

	(void)state;
	for (int i = 0; i < CONFIG_NICS; i++)
		sprintf(line + strlen(line), "%snic-number-%03d", i ? "," : "", i);
	must_parse(&statement, line);
	assert_int_equal(statement.n_nics, CONFIG_NICS);
	assert_string_equal(statement.nics[CONFIG_NICS - 1], "nic-number-063");
}

static void changes_are_known_by_their_first_words(void **state)
{
	static const char *const changes[] = {
		"group add",	"group add x y z", "group replace",   "group del",
		"group flush",	"link add",	   "link del x",      "link set",
		"link unset x", "route set",	   "route unset",     "learn on",
		"learn off x",	"flush",	   "flush everything"
	};
	static const char *const others[] = {
		"",	     "''",	   "group",	  "group show", "group ad",
		"link",	     "link flush", "link show",	  "route",	"route show",
		"route add", "learn",	   "learn maybe", "add",	"Group add",
		"Flush",     "status",	   "save",	  "'' flush",	"'' add"
	};
	const char *words[8];
	char line[64];

	(void)state;
	for (size_t i = 0; i < LENGTH(changes); i++) {
		strcpy(line, changes[i]);
		if (!statement_is_change(words, configs_split(line, words, LENGTH(words))))
			fail_msg("%s", changes[i]);
	}
	for (size_t i = 0; i < LENGTH(others); i++) {
		strcpy(line, others[i]);
		if (statement_is_change(words, configs_split(line, words, LENGTH(words))))
			fail_msg("%s", others[i]);
	}
}

/* As usage has it: what must be there bare, what may be there in brackets. */
static void append_part(char *usage, const struct statement_part *part, bool needed)
{
	const char *keyword = part->keyword ? part->keyword : "", *value = part->value;

	needed = needed || !part->keyword;
	sprintf(usage + strlen(usage), "%s%s%s%s%s%s", usage[0] ? " " : "", needed ? "" : "[",
		keyword, value && *keyword ? " " : "", value ? value : "", needed ? "" : "]");
}

/* The usage is written out for printing; the parts are what is parsed. */
static void usage_says_what_is_parsed(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct statement_form *form = statement_forms; form->object; form++, n++) {
		const struct statement_part *part;
		char usage[256] = "";
		int one_of = 0;

		for (part = form->parts; part->keyword || part->value; part++)
			one_of += part->one_of;
		for (part = form->parts; part->keyword || part->value; part++)
			append_part(usage, part, part->one_of && one_of == 1);
		assert_string_equal(form->usage, usage);
		assert_true(form->help[0]);
	}
	assert_int_equal(n, 13);
}

static void values_have_names(void **state)
{
	(void)state;
	assert_string_equal(wrong_name(XDPFRAG_WRONG_DROP), "drop");
	assert_string_equal(wrong_name(XDPFRAG_WRONG_OBSERVE), "observe");
	assert_string_equal(wrong_name(XDPFRAG_WRONG_REDIRECT), "redirect");
	assert_string_equal(wrong_name(77), "unknown");
	assert_string_equal(link_mode_name(LINK_AUTO), "auto");
	assert_string_equal(link_mode_name(LINK_NATIVE), "native");
	assert_string_equal(link_mode_name(LINK_SKB), "skb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_hold_where_nothing_is_said),
		cmocka_unit_test(options_come_in_any_order),
		cmocka_unit_test(words_of_a_route_come_in_any_order),
		cmocka_unit_test(routes_are_read),
		cmocka_unit_test(settings_are_read),
		cmocka_unit_test(other_forms_are_read),
		cmocka_unit_test(a_group_takes_64_nics),
		cmocka_unit_test(changes_are_known_by_their_first_words),
		cmocka_unit_test(usage_says_what_is_parsed),
		cmocka_unit_test(values_have_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
