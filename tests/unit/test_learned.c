// SPDX-License-Identifier: GPL-2.0-or-later
/* From memberships to policies, on a host with links of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "agent/learn/learned.h"
#include "config/statement.h"

static struct link host[] = {
	{ .ifindex = 1, .name = "lo", .type = ARPHRD_LOOPBACK, .flags = IFF_LOOPBACK },
	{ .ifindex = 2, .name = "eth0", .type = ARPHRD_ETHER },
	{ .ifindex = 3, .name = "eth1", .type = ARPHRD_ETHER },
	{ .ifindex = 4, .name = "eth1.10", .kind = "vlan", .type = ARPHRD_ETHER, .lower = 3 },
	{ .ifindex = 5, .name = "port", .type = ARPHRD_ETHER, .master = 6 },
	{ .ifindex = 6, .name = "br0", .kind = "bridge", .type = ARPHRD_ETHER },
	{ .ifindex = 7, .name = "vrf0", .kind = "vrf", .type = ARPHRD_ETHER },
	{ .ifindex = 8, .name = "eth8", .type = ARPHRD_ETHER, .master = 7 },
	{ .ifindex = 9, .name = "trunk", .type = ARPHRD_ETHER },
	{ .ifindex = 10,
	  .name = "trunk.5",
	  .kind = "vlan",
	  .type = ARPHRD_ETHER,
	  .lower = 9,
	  .master = 6 },
	{ .ifindex = 11, .name = "eth11", .type = ARPHRD_ETHER },
	{ .ifindex = 12, .name = "tap0", .kind = "macvtap", .type = ARPHRD_ETHER, .lower = 11 },
	{ .ifindex = 13, .name = "tun0", .kind = "tun", .type = ARPHRD_NONE },
};
static const struct links links = { host, sizeof(host) / sizeof(*host) };

static uint32_t index_of(const char *name)
{
	const struct link *link = links_by_name(&links, name);

	assert_non_null(link);
	return link->ifindex;
}

static int compare_member(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	int order = a->family - b->family;

	if (!order)
		order = memcmp(a->group, b->group, 16);
	if (!order)
		order = a->has_source - b->has_source;
	if (!order)
		order = memcmp(a->source, b->source, 16);
	return order ? order : (int)a->ifindex - (int)b->ifindex;
}

/* "eth1 239.0.0.15, eth0 239.0.0.15/10.0.0.1": the source behind a slash. */
static void read_members(struct members *members, char *text)
{
	static struct member member[64];
	char *word;

	members->member = member;
	for (word = strtok(text, ","); word; word = strtok(NULL, ",")) {
		struct member *to = &member[members->n++];
		char nic[32], group[64], *source;

		memset(to, 0, sizeof(*to));
		assert_int_equal(sscanf(word, "%31s %63s", nic, group), 2);
		source = strchr(group, '/');
		if (source)
			*source++ = '\0';
		to->family = strchr(group, ':') ? AF_INET6 : AF_INET;
		to->ifindex = index_of(nic);
		to->has_source = source;
		assert_int_equal(inet_pton(to->family, group, to->group), 1);
		if (source)
			assert_int_equal(inet_pton(to->family, source, to->source), 1);
	}
	qsort(member, members->n, sizeof(*member), compare_member);
}

static void print_names(const struct learned_set *set, uint64_t nics, FILE *to)
{
	for (const char *between = ""; nics; nics &= nics - 1, between = ",")
		fprintf(to, "%s%s", between, set->nics[__builtin_ctzll(nics)].name);
}

/* "239.0.0.15 eth1 left eth0 apart idle;" */
static void print_set(const struct learned_set *set, FILE *to)
{
	static const char *const states[] = { "", " static", " idle", " names", " full" };
	char text[64];

	for (size_t i = 0; i < set->n; i++) {
		const struct learned *learned = &set->group[i];

		fprintf(to, "%s%s", i ? "; " : "",
			group_key_text(&learned->key, text, sizeof(text)));
		if (learned->key.has_source)
			fprintf(to, "/%s", group_source_text(&learned->key, text, sizeof(text)));
		fputc(' ', to);
		print_names(set, learned->joined, to);
		if (learned->left_out)
			fputs(" left ", to);
		print_names(set, learned->left_out, to);
		fprintf(to, "%s%s", learned->apart ? " apart" : "", states[learned->state]);
	}
}

static void resolve(struct learned_set *set, const char *steered, const char *joined,
		    struct members *members)
{
	struct learned_input input = { .links = &links, .members = members };
	char words[256], *word;
	uint32_t ifindexes[8];

	snprintf(words, sizeof(words), "%s", joined);
	read_members(members, words);
	snprintf(words, sizeof(words), "%s", steered);
	for (word = strtok(words, " "); word; word = strtok(NULL, " "))
		ifindexes[input.n_steered++] = index_of(word);
	input.steered = ifindexes;
	assert_int_equal(learned_resolve(set, &input), 0);
}

static void expect(const char *steered, const char *joined, struct members *members,
		   const char *expected)
{
	struct learned_set set;
	size_t len;
	char *text;
	FILE *to = open_memstream(&text, &len);

	resolve(&set, steered, joined, members);
	print_set(&set, to);
	fclose(to);
	assert_string_equal(text, expected);
	free(text);
	learned_free(&set);
}

static void test_which_NICs(void **state)
{
	static const struct {
		const char *steered, *joined, *expected;
	} cases[] = {
		{ "eth0 eth1", "", "" },
		{ "eth0 eth1", "eth1 239.0.0.15", "239.0.0.15 eth1" },
		{ "eth0 eth1", "eth1 239.0.0.15, eth0 239.0.0.16",
		  "239.0.0.15 eth1; 239.0.0.16 eth0" },
		{ "eth0 eth1", "eth1 239.0.0.15, eth0 239.0.0.15", "239.0.0.15 eth0,eth1 apart" },
		{ "eth0 eth1 eth8", "eth1 239.0.0.15, eth0 239.0.0.15",
		  "239.0.0.15 eth0,eth1 apart" },
		/* Nothing that it could collide with. */
		{ "eth1", "eth1 239.0.0.15", "239.0.0.15 eth1 idle" },
		{ "", "eth1 239.0.0.15", "239.0.0.15 eth1 idle" },
		/* On a VLAN device, on one NIC twice, on a link that is not steered. */
		{ "eth0 eth1", "eth1.10 239.0.0.15", "239.0.0.15 eth1.10" },
		{ "eth0 eth1", "eth1 239.0.0.15, eth1.10 239.0.0.15", "239.0.0.15 eth1,eth1.10" },
		{ "eth0 eth1", "tun0 239.0.0.15", "239.0.0.15 tun0" },
		{ "eth0 eth1", "lo 239.0.0.15", "239.0.0.15 lo" },
		/* On a bridge, whose ports are not steered; on a VRF's device, for its ports. */
		{ "eth0 br0", "br0 239.0.0.15", "239.0.0.15 br0" },
		{ "eth0 eth8", "vrf0 239.0.0.15", "239.0.0.15 eth8,vrf0" },
		{ "eth0 eth8", "eth8 239.0.0.15", "239.0.0.15 eth8" },
		/* What every host joins everywhere, and what belongs to one link by nature. */
		{ "eth0 eth1", "eth1 224.0.0.1, eth1 224.0.0.5", "224.0.0.5 eth1" },
		{ "eth0 eth1", "eth1 ff02::1, eth1 ff01::1, eth1 ff12::1, eth1 ff05::1",
		  "ff05::1 eth1" },
		/* IPv6 keeps the NICs apart by itself. */
		{ "eth0 eth1", "eth1 ff15::15", "ff15::15 eth1" },
		{ "eth0 eth1 eth8", "eth1 ff15::15, eth0 ff15::15", "ff15::15 eth0,eth1" },
		{ "eth0 eth1", "eth1 ff15::15, eth0 ff15::15", "ff15::15 eth0,eth1 idle" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct members members = {};

		expect(cases[i].steered, cases[i].joined, &members, cases[i].expected);
	}
}

static void test_which_sources(void **state)
{
	static const struct {
		const char *joined, *expected;
	} cases[] = {
		{ "eth1 239.0.0.15/10.0.0.1", "239.0.0.15/10.0.0.1 eth1" },
		{ "eth1 239.0.0.15/10.0.0.1, eth0 239.0.0.15/10.0.0.2",
		  "239.0.0.15/10.0.0.1 eth1; 239.0.0.15/10.0.0.2 eth0" },
		/* The source's packets are wanted where it is joined from any source, too. */
		{ "eth1 239.0.0.15/10.0.0.1, eth0 239.0.0.15",
		  "239.0.0.15 eth0; 239.0.0.15/10.0.0.1 eth0,eth1 apart" },
		/* IPv6 asks a NIC for the group alone, and its sockets for the source on all. */
		{ "eth1 ff35::15/fd00::1, eth0 ff35::15/fd00::2",
		  "ff35::15/fd00::1 eth0,eth1; ff35::15/fd00::2 eth0,eth1" },
		{ "eth1 ff35::15/fd00::1, eth0 ff35::15",
		  "ff35::15 eth0,eth1; ff35::15/fd00::1 eth0,eth1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct members members = {};

		expect("eth0 eth1 eth8", cases[i].joined, &members, cases[i].expected);
	}
}

static void test_who_else_wants_the_packets(void **state)
{
	static struct member_router routers[] = { { 2, AF_INET }, { 4, AF_INET } };
	static struct member_mac macs[] = { { 2, { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x0f } } };
	struct members members;

	(void)state;
	members = (struct members){};
	/* A bridge's port that is steered by name, also the bridge; a VLAN of it in a bridge. */
	expect("port eth1", "eth1 239.0.0.15", &members, "239.0.0.15 eth1 left port apart");
	members = (struct members){};
	expect("trunk eth1", "eth1 239.0.0.15", &members, "239.0.0.15 eth1 left trunk apart");
	members = (struct members){};
	expect("eth11 eth1", "eth1 239.0.0.15", &members, "239.0.0.15 eth1 left eth11 apart");
	/* Multicast routers, of the family that is routed; one on a VLAN device. */
	members = (struct members){ .router = routers, .n_routers = 1 };
	expect("eth0 eth1", "eth1 239.0.0.15, eth1 ff15::15", &members,
	       "239.0.0.15 eth1 left eth0 apart; ff15::15 eth1");
	members = (struct members){ .router = routers, .n_routers = 2 };
	expect("eth1 eth8", "eth8 239.0.0.15", &members, "239.0.0.15 eth8 left eth1 apart");
	/* 32 groups share a MAC address. */
	members = (struct members){ .mac = macs, .n_macs = 1 };
	expect("eth0 eth1", "eth1 239.0.0.15, eth1 239.128.0.15, eth1 239.0.0.16", &members,
	       "239.0.0.15 eth1 left eth0 apart; 239.0.0.16 eth1; 239.128.0.15 eth1 left eth0 "
	       "apart");
}

/* A NIC that is gone since the memberships were read brings nothing, and allows nothing. */
static void test_a_NIC_that_is_gone(void **state)
{
	struct member member = { .family = AF_INET, .group = { 239, 0, 0, 15 }, .ifindex = 99 };
	struct members members = { .member = &member, .n = 1 };
	uint32_t steered[] = { 2, 3 };
	struct learned_input input = { &links, &members, steered, 2 };
	struct learned_set set;

	(void)state;
	assert_int_equal(learned_resolve(&set, &input), 0);
	assert_int_equal(set.n, 0);
	learned_free(&set);
}

/* More NICs than fit: what is joined on one of the rest is not learned, whole. */
static void test_too_many_NICs(void **state)
{
	enum { NICS = 100 };
	static struct link many[NICS];
	static struct member member[NICS + 1];
	struct links all = { many, NICS };
	struct members members = { .member = member, .n = NICS + 1 };
	uint32_t steered[] = { 1, 2 };
	struct learned_input input = { &all, &members, steered, 2 };
	struct learned_set set;
	struct config config;

	(void)state;
	for (int i = 0; i < NICS; i++) {
		many[i] = (struct link){ .ifindex = i + 1, .type = ARPHRD_ETHER };
		snprintf(many[i].name, sizeof(many[i].name), "nic%d", i + 1);
		member[i] = (struct member){ .family = AF_INET,
					     .group = { 239, 0, 0, i },
					     .ifindex = i + 1 };
	}
	/* On one that fits and one that does not. */
	member[NICS] = member[NICS - 1];
	member[NICS - 1].ifindex = 1;
	assert_int_equal(learned_resolve(&set, &input), 0);
	config_init(&config);
	learned_decide(&set, &config);
	assert_int_equal(set.n, NICS);
	assert_int_equal(set.counts[LEARNED], LEARNED_NICS);
	assert_int_equal(set.counts[LEARNED_NAMES], NICS - LEARNED_NICS);
	assert_int_equal(set.group[NICS - 1].state, LEARNED_NAMES);
	learned_free(&set);
}

static void test_too_many_groups(void **state)
{
	enum { GROUPS = LEARNED_MAX + 10 };
	struct member *member = calloc(GROUPS, sizeof(*member));
	struct members members = { .member = member, .n = GROUPS };
	uint32_t steered[] = { 2, 3 };
	struct learned_input input = { &links, &members, steered, 2 };
	struct learned_set set;
	struct config config, merged;

	(void)state;
	assert_non_null(member);
	for (int i = 0; i < GROUPS; i++)
		member[i] = (struct member){ .family = AF_INET,
					     .group = { 239, 1, i >> 8, i },
					     .ifindex = 3 };
	assert_int_equal(learned_resolve(&set, &input), 0);
	config_init(&config);
	learned_decide(&set, &config);
	assert_int_equal(set.counts[LEARNED], LEARNED_MAX);
	assert_int_equal(set.counts[LEARNED_FULL], 10);
	assert_int_equal(learned_merge(&merged, &config, &set), 0);
	assert_int_equal(merged.n_groups, LEARNED_MAX);
	config_free(&merged);
	learned_free(&set);
	free(member);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_NICs),
		cmocka_unit_test(test_which_sources),
		cmocka_unit_test(test_who_else_wants_the_packets),
		cmocka_unit_test(test_a_NIC_that_is_gone),
		cmocka_unit_test(test_too_many_NICs),
		cmocka_unit_test(test_too_many_groups),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
