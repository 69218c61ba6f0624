// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `route show`: each statement, the routes that go by it, and what the kernel would
 * use to the first address of its prefix; with an address, only that for it.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "objects.h"
#include "output.h"

#define TABLE_MAIN 254 /* RT_TABLE_MAIN */

static unsigned long long count_of(const json_t *object, const char *key)
{
	return member_count(object, key);
}

static void print_word(const char *keyword, const json_t *object, const char *key)
{
	if (*member_text(object, key))
		printf(" %s %s", keyword, member_text(object, key));
}

static void print_number(const char *keyword, const json_t *object, const char *key)
{
	if (member_count(object, key))
		printf(" %s %llu", keyword, count_of(object, key));
}

static void print_table(const json_t *object)
{
	if (member_count(object, "table") != TABLE_MAIN)
		print_number("table", object, "table");
}

static const char *prefix_of(const json_t *object)
{
	const char *prefix = member_text(object, "prefix");

	return strcmp(prefix, "0.0.0.0/0") && strcmp(prefix, "::/0") ? prefix : "default";
}

/* "drift 2 (put back so often)" only when there was some. */
static void print_statement(const json_t *statement)
{
	printf("%s", member_text(statement, "prefix"));
	print_word("via", statement, "via");
	print_word("dev", statement, "dev");
	printf(" mtu %llu state %s", count_of(statement, "mtu"), member_text(statement, "state"));
	print_number("drift", statement, "drift");
	if (*member_text(statement, "reason"))
		printf(": %s", member_text(statement, "reason"));
	putchar('\n');
}

/* As ip(8) has it, and behind it the link's MTU, and what was there before the first touch. */
static void print_route(const json_t *route)
{
	const json_t *hops = json_object_get(route, "nexthops"), *hop;
	const json_t *found = json_object_get(route, "found");
	size_t i;

	printf("    %s", prefix_of(route));
	json_array_foreach (hops, i, hop) {
		if (json_array_size(hops) > 1)
			printf(" nexthop");
		print_word("via", hop, "via");
		print_word("dev", hop, "dev");
	}
	print_number("nhid", route, "nhid");
	print_table(route);
	print_word("src", route, "source");
	print_number("tos", route, "tos");
	print_number("metric", route, "metric");
	if (member_count(route, "mtu"))
		printf(" mtu %s%llu", member_flag(route, "locked") ? "lock " : "",
		       count_of(route, "mtu"));
	print_number("link", route, "link_mtu");
	if (member_flag(route, "made"))
		printf(" made");
	else if (json_is_integer(found) && !json_integer_value(found))
		printf(" found none");
	else if (json_is_integer(found))
		print_number("found", route, "found");
	print_number("drift", route, "drift");
	if (*member_text(route, "reason"))
		printf(" %s: %s", member_text(route, "state"), member_text(route, "reason"));
	putchar('\n');
}

static void print_lookup(const json_t *lookup, const char *indent)
{
	printf("%sto %s:", indent, member_text(lookup, "to"));
	if (*member_text(lookup, "error")) {
		printf(" %s\n", member_text(lookup, "error"));
		return;
	}
	print_word("via", lookup, "via");
	print_word("dev", lookup, "dev");
	print_table(lookup);
	print_word("src", lookup, "source");
	if (member_count(lookup, "mtu"))
		print_number("mtu", lookup, "mtu");
	printf(" (route %s", prefix_of(lookup));
	if (member_count(lookup, "route_mtu"))
		print_number("mtu", lookup, "route_mtu");
	else
		printf(" mtu none");
	printf(", link %llu", count_of(lookup, "link_mtu"));
	if (member_count(lookup, "path_mtu"))
		printf(", path %llu for %llu s", count_of(lookup, "path_mtu"),
		       count_of(lookup, "path_mtu_expires"));
	printf(")");
	if (*member_text(lookup, "statement"))
		printf(" by route set %s", member_text(lookup, "statement"));
	putchar('\n');
}

static void print_statements(const json_t *statements)
{
	const json_t *statement, *item;
	size_t i, j;

	json_array_foreach (statements, i, statement) {
		print_statement(statement);
		json_array_foreach (json_object_get(statement, "routes"), j, item)
			print_route(item);
		json_array_foreach (json_object_get(statement, "lookups"), j, item)
			print_lookup(item, "    ");
	}
}

static int check_address(const char *word, struct report *rep)
{
	uint8_t address[16];

	if (inet_pton(strchr(word, ':') ? AF_INET6 : AF_INET, word, address) == 1)
		return 0;
	return report_usage(rep, word, "ADDR", "%s is not an IPv4 or IPv6 address",
			    REPORT_QUOTE(word));
}

int route_show(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	json_t *reply, *result;
	int err;

	err = no_more_words(words, n_words, 3, rep);
	if (!err && n_words == 3)
		err = check_address(words[2], rep);
	if (!err)
		err = client_ask(&ctl->client, words, n_words, &reply, rep);
	if (err)
		return err;

	result = json_object_get(reply, "result");
	if (ctl->json) {
		err = output_line(json_incref(result));
	} else {
		if (json_is_array(result))
			print_statements(result);
		else
			print_lookup(result, "");
		err = output_flush();
	}
	json_decref(reply);
	return err;
}
