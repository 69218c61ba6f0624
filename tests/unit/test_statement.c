// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Statements: what the grammar takes, and what it says to what it does not.
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
#include "../lib/expect.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define LONG_NAME \
	"eth12345678901234567890123456789012345678901234567890123456789012345678901234567890"
#define LONG_CUT "eth123456789012345678901234567890123456789012345678901234567..."

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

struct refusal {
	const char *line;
	const char *word;
	const char *expected;
	const char *message;
};

static void expect_refusal(const struct refusal *refusal)
{
	const struct expected_report expected = { REPORT_USAGE, 0, refusal->word, refusal->expected,
						  refusal->message };
	struct statement statement;
	struct report rep;
	int err;

	memset(&rep, 0xa5, sizeof(rep));
	err = parse(&statement, refusal->line, &rep);
	if (err != -EINVAL)
		fail_msg("%s: returned %d", refusal->line, err);
	expect_report(refusal->line, &rep, &expected);
}

#define OBJECTS	    "group, link or flush"
#define GROUP_VERBS "add, replace, del or flush"
#define OPTIONS	    "source, scope or wrong"

static const struct refusal refusals[] = {
	/* object and verb */
	{ "", "", OBJECTS, "a statement is missing" },
	{ "''", "", OBJECTS, "\"\" is not known here" },
	{ "groups add", "groups", OBJECTS, "groups is not known here" },
	{ "g add", "g", OBJECTS, "g is not known here" },
	{ "Group add", "Group", OBJECTS, "Group is not known here" },
	{ "add", "add", OBJECTS, "add is not known here" },
	{ "group", "", GROUP_VERBS, "a command is missing after group" },
	{ "link", "", "add or del", "a command is missing after link" },
	{ "group show", "show", GROUP_VERBS, "show is not a command that changes a group" },
	{ "group delete 239.0.0.15", "delete", GROUP_VERBS,
	  "delete is not a command that changes a group" },
	{ "group ad 239.0.0.15 eth1", "ad", GROUP_VERBS,
	  "ad is not a command that changes a group" },
	{ "link replace eth0", "replace", "add or del",
	  "replace is not a command that changes a link" },
	{ "link flush", "flush", "add or del", "flush is not a command that changes a link" },
	{ "flush now", "now", "", "now is one word too many: the statement is complete before it" },
	{ "group flush 239.0.0.15", "239.0.0.15", "",
	  "239.0.0.15 is one word too many: the statement is complete before it" },

	/* what must be there */
	{ "group add", "", "GROUP[/LEN]", "GROUP[/LEN] is missing after add" },
	{ "group replace", "", "GROUP[/LEN]", "GROUP[/LEN] is missing after replace" },
	{ "group del", "", "GROUP[/LEN]", "GROUP[/LEN] is missing after del" },
	{ "group add eth1 239.0.0.15", "eth1", "GROUP[/LEN]",
	  "eth1 is not an IPv4 or IPv6 address" },
	{ "group add 192.0.2.1 eth1", "192.0.2.1", "GROUP[/LEN]",
	  "192.0.2.1 is not a multicast group; those of IPv4 are 224.0.0.0/4" },
	{ "group replace 239.0.0.15/24 eth1", "239.0.0.15/24", "GROUP[/LEN]",
	  "239.0.0.15/24 has host bits set; did you mean 239.0.0.0/24" },
	{ "group add 239.0.0.15", "", "NIC[,NIC...]", "NIC[,NIC...] is missing after 239.0.0.15" },
	{ "group add 239.0.0.15 scope all", "scope", "NIC[,NIC...]",
	  "NIC[,NIC...] is missing after 239.0.0.15" },
	{ "group add 239.0.0.15 source 10.0.0.1", "source", "NIC[,NIC...]",
	  "NIC[,NIC...] is missing after 239.0.0.15" },
	{ "group add 239.0.0.15 reassemble", "reassemble", "NIC[,NIC...]",
	  "NIC[,NIC...] is missing after 239.0.0.15" },
	{ "link add", "", "NIC", "NIC is missing after add" },
	{ "link add mode skb", "mode", "NIC", "NIC is missing after add" },
	{ "link del", "", "NIC", "NIC is missing after del" },
	{ "link del eth0 eth1", "eth1", "",
	  "eth1 is one word too many: the statement is complete before it" },

	/* NICs */
	{ "group add 239.0.0.15 ''", "", "a NIC's name", "\"\" cannot be a NIC's name" },
	{ "group add 239.0.0.15 ,", ",", "NIC[,NIC...]", ", has a comma without a NIC beside it" },
	{ "group add 239.0.0.15 eth1,", "eth1,", "NIC[,NIC...]",
	  "eth1, has a comma without a NIC beside it" },
	{ "group add 239.0.0.15 ,eth1", ",eth1", "NIC[,NIC...]",
	  ",eth1 has a comma without a NIC beside it" },
	{ "group add 239.0.0.15 eth1,,eth2", "eth1,,eth2", "NIC[,NIC...]",
	  "eth1,,eth2 has a comma without a NIC beside it" },
	{ "group add 239.0.0.15 eth0,eth1,eth0", "eth0", "another NIC", "eth0 is named twice" },
	{ "group add 239.0.0.15 eth0,eth1/2", "eth1/2", "a NIC's name",
	  "eth1/2 cannot be a NIC's name" },
	{ "group add 239.0.0.15 ..", "..", "a NIC's name", ".. cannot be a NIC's name" },
	{ "group add 239.0.0.15 1234567890123456", "1234567890123456", "a NIC's name",
	  "1234567890123456 is longer than a NIC's name, which is 15 bytes at most" },
	{ "group add 239.0.0.15 eth0," LONG_NAME, LONG_CUT, "a NIC's name",
	  LONG_CUT " is longer than a NIC's name, which is 15 bytes at most" },
	{ "group add 239.0.0.15 eth0,eth\x1b[1m", "eth\\x1b[1m", "a NIC's name",
	  "eth\\x1b[1m holds a character that no statement can hold" },
	{ "group add 239.0.0.15 eth\xff", "eth\\xff", "a NIC's name",
	  "eth\\xff holds a character that no statement can hold" },
	{ "group add 239.0.0.15 eth#1", "eth#1", "a NIC's name",
	  "eth#1 holds a character that no statement can hold" },
	{ "link add eth0,eth1", "eth0,eth1", "a NIC's name",
	  "eth0,eth1 holds a character that no statement can hold" },
	{ "link del eth0:1", "eth0:1", "a NIC's name", "eth0:1 cannot be a NIC's name" },

	/* options */
	{ "group add 239.0.0.15 eth1 eth2", "eth2", OPTIONS,
	  "eth2 is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 Scope all", "Scope", OPTIONS,
	  "Scope is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 sc all", "sc", OPTIONS,
	  "sc is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 ''", "", OPTIONS, "\"\" is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 scope all mode", "mode", "source or wrong",
	  "mode is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 scope all source 10.0.0.1 x", "x", "wrong",
	  "x is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 scope all source 10.0.0.1 wrong drop x", "x", "",
	  "x is one word too many: the statement is complete before it" },
	{ "group del 239.0.0.15 eth1", "eth1", "source",
	  "eth1 is not an option of this statement" },
	{ "group del 239.0.0.15 scope all", "scope", "source",
	  "scope is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 scope", "", "fragments|all",
	  "fragments|all is missing after scope" },
	{ "group add 239.0.0.15 eth1 scope wrong drop", "wrong", "fragments|all",
	  "fragments|all is missing after scope" },
	{ "group add 239.0.0.15 eth1 scope everything", "everything", "fragments or all",
	  "everything is not a value of scope" },
	{ "group add 239.0.0.15 eth1 scope ALL", "ALL", "fragments or all",
	  "ALL is not a value of scope" },
	{ "group add 239.0.0.15 eth1 source", "", "ADDR", "ADDR is missing after source" },
	{ "group add 239.0.0.15 eth1 source ff3e::1", "ff3e::1", "a unicast address",
	  "ff3e::1 is IPv6, but the group 239.0.0.15 is IPv4" },
	{ "group del 239.0.0.15 source", "", "ADDR", "ADDR is missing after source" },
	{ "group add 239.0.0.15 eth1 wrong", "", "drop|observe|redirect NIC",
	  "drop|observe|redirect NIC is missing after wrong" },
	{ "group add 239.0.0.15 eth1 wrong pass", "pass", "drop, observe or redirect",
	  "pass is not a value of wrong" },
	{ "group add 239.0.0.15 eth1 wrong redirect", "", "NIC", "NIC is missing after redirect" },
	{ "group add 239.0.0.15 eth1 wrong redirect scope all", "scope", "NIC",
	  "NIC is missing after redirect" },
	{ "group add 239.0.0.15 eth0,eth1 wrong redirect eth1", "eth1", "another NIC",
	  "eth1 is allowed already, so nothing is redirected to it" },
	{ "group add 239.0.0.15 eth0 wrong redirect eth1,eth2", "eth1,eth2", "a NIC's name",
	  "eth1,eth2 holds a character that no statement can hold" },
	{ "group add 239.0.0.15 eth0 wrong redirect eth1 eth2", "eth2", "source or scope",
	  "eth2 is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 scope all scope all", "scope", "source or wrong",
	  "scope is given twice" },
	{ "group add 239.0.0.15 eth1 scope all source 10.0.0.1 scope fragments", "scope", "wrong",
	  "scope is given twice" },
	{ "group del 239.0.0.15 source 10.0.0.1 source 10.0.0.1", "source", "",
	  "source is given twice" },
	{ "group add 239.0.0.15 eth1 reassemble", "reassemble", "",
	  "this version does not reassemble" },
	{ "group add 239.0.0.15 eth1 scope all reassemble", "reassemble", "",
	  "this version does not reassemble" },
	{ "link add eth0 mode", "", "auto|native|skb", "auto|native|skb is missing after mode" },
	{ "link add eth0 mode generic", "generic", "auto, native or skb",
	  "generic is not a value of mode" },
	{ "link add eth0 mode skb mode skb", "mode", "", "mode is given twice" },
	{ "link add eth0 mtu 9000", "mtu", "mode", "mtu is not an option of this statement" },
};

static void what_is_no_statement_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refusals); i++)
		expect_refusal(&refusals[i]);
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

	must_parse(&statement, "link add eth0");
	assert_int_equal(statement.object, OBJECT_LINK);
	assert_int_equal(statement.verb, VERB_ADD);
	assert_string_equal(statement.link.name, "eth0");
	assert_int_equal(statement.link.mode, LINK_AUTO);
}

/* In every order of the options, the same statement. */
static void options_come_in_any_order(void **state)
{
	static const char *const options[] = { "source fe80::73", "scope all",
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
	assert_false(first.reassemble);
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
	must_parse(&statement, "link add eth0 mode native");
	assert_int_equal(statement.link.mode, LINK_NATIVE);
	must_parse(&statement, "link del b\xc3\xbcro0");
	assert_int_equal(statement.verb, VERB_DEL);
	assert_string_equal(statement.link.name, "b\xc3\xbcro0");
	/* words of the grammar are names where the form has no such option */
	must_parse(&statement, "link add scope");
	must_parse(&statement, "group add 239.0.0.15 add,group,mode wrong redirect drop");
}

static void a_group_takes_64_nics(void **state)
{
	char line[2048] = "group add 239.0.0.15 ";
	struct statement statement;
	const struct refusal refusal = { line, "nic-number-064", "",
					 "nic-number-064 is one NIC too many: a group takes 64" };

	(void)state;
	for (int i = 0; i < CONFIG_NICS; i++)
		sprintf(line + strlen(line), "%snic-number-%03d", i ? "," : "", i);
	must_parse(&statement, line);
	assert_int_equal(statement.n_nics, CONFIG_NICS);
	assert_string_equal(statement.nics[CONFIG_NICS - 1], "nic-number-063");
	strcat(line, ",nic-number-064");
	expect_refusal(&refusal);
}

static void changes_are_known_by_their_first_words(void **state)
{
	static const char *const changes[] = {
		"group add", "group add x y z", "group replace", "group del",	    "group flush",
		"link add",  "link del x",	"flush",	 "flush everything"
	};
	static const char *const others[] = { "",	  "''",	       "group",	     "group show",
					      "group ad", "link",      "link flush", "link set",
					      "add",	  "Group add", "Flush",	     "status",
					      "save",	  "'' flush",  "'' add" };
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

/* The usage is written out for printing; the parts are what is parsed. */
static void usage_says_what_is_parsed(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct statement_form *form = statement_forms; form->object; form++, n++) {
		char usage[256] = "";

		for (const struct statement_part *part = form->parts; part->value; part++)
			sprintf(usage + strlen(usage), part->keyword ? "%s[%s %s]" : "%s%s%s",
				usage[0] ? " " : "", part->keyword ? part->keyword : "",
				part->value);
		assert_string_equal(form->usage, usage);
		assert_true(form->help[0]);
	}
	assert_int_equal(n, 7);
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
		cmocka_unit_test(what_is_no_statement_is_refused),
		cmocka_unit_test(defaults_hold_where_nothing_is_said),
		cmocka_unit_test(options_come_in_any_order),
		cmocka_unit_test(other_forms_are_read),
		cmocka_unit_test(a_group_takes_64_nics),
		cmocka_unit_test(changes_are_known_by_their_first_words),
		cmocka_unit_test(usage_says_what_is_parsed),
		cmocka_unit_test(values_have_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
