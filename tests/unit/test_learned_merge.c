// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Learned groups among statements: drawn at random in a small world, where every
 * packet can be tried, and held against a slow longest match.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/configs.h"
#include "agent/learn/learned.h"

#define ROUNDS	20000
#define GROUPS	8 /* 239.0.0.0 to 239.0.0.7 */
#define SOURCES 4 /* 10.0.0.1 to 10.0.0.4 */

static struct link host[] = {
	{ .ifindex = 2, .name = "eth0", .type = ARPHRD_ETHER },
	{ .ifindex = 3, .name = "eth1", .type = ARPHRD_ETHER },
	{ .ifindex = 4, .name = "eth2", .type = ARPHRD_ETHER },
};
static const struct links links = { host, 3 };
static const uint32_t steered[] = { 2, 3, 4 };

static uint32_t seed = 1;

/* Numerical Recipes' generator: the same world on every run. */
static uint32_t draw(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % n;
}

static void draw_config(struct config *config)
{
	static const char *const wrongs[] = { "", " wrong observe", " wrong redirect eth9" };
	static const char *const nics[] = { "eth0", "eth1", "eth2", "eth0,eth1", "eth5" };
	struct report rep;
	uint32_t n = draw(6);

	config_init(config);
	while (n--) {
		uint32_t len = 29 + draw(4), group = draw(GROUPS) & ~0U << (32 - len);
		char line[128], source[32] = "";

		if (draw(2))
			snprintf(source, sizeof(source), " source 10.0.0.%u", 1 + draw(SOURCES));
		snprintf(line, sizeof(line), "group replace 239.0.0.%u/%u %s%s%s", group, len,
			 nics[draw(5)], source, wrongs[draw(3)]);
		if (configs_change(config, line, &rep))
			fail_msg("%s", rep.message);
	}
}

static int compare_member(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	int order = memcmp(a->group, b->group, 16);

	if (!order)
		order = a->has_source - b->has_source;
	if (!order)
		order = memcmp(a->source, b->source, 16);
	return order ? order : (int)a->ifindex - (int)b->ifindex;
}

/* On each NIC, a group is not joined, joined from any source, or from some. */
static void draw_members(struct members *members)
{
	static struct member member[3 * GROUPS * SOURCES];

	*members = (struct members){ .member = member };
	for (uint32_t nic = 0; nic < 3; nic++) {
		for (uint8_t group = 0; group < GROUPS; group++) {
			uint32_t how = draw(4);
			struct member one = { .family = AF_INET,
					      .group = { 239, 0, 0, group },
					      .has_source = how == 1,
					      .ifindex = steered[nic] };

			if (how == 0)
				member[members->n++] = one;
			for (uint8_t source = 1; how == 1 && source <= SOURCES; source++) {
				if (draw(2))
					continue;
				memcpy(one.source, (uint8_t[]){ 10, 0, 0, source }, 4);
				member[members->n++] = one;
			}
		}
	}
	qsort(member, members->n, sizeof(*member), compare_member);
}

/* The longest match, found by looking at everything; NULL: none. */
static const struct group *match(const struct config *config, uint8_t group, uint8_t source)
{
	const struct group *best = NULL;

	for (size_t i = 0; i < config->n_groups; i++) {
		const struct group *at = &config->groups[i];

		if ((at->key.group[3] ^ group) >> (32 - at->key.len))
			continue;
		if (at->key.has_source && at->key.source[3] != source)
			continue;
		if (!best || at->key.len > best->key.len ||
		    (at->key.len == best->key.len && at->key.has_source))
			best = at;
	}
	return best;
}

/* The steered NICs that a learned group allows, by name. */
static uint32_t allowed(const struct config *config, const struct group *group)
{
	uint32_t nics = 0;

	for (uint64_t left = group->allowed; left; left &= left - 1)
		for (uint32_t nic = 0; nic < 3; nic++)
			if (!strcmp(config->nics[__builtin_ctzll(left)], host[nic].name))
				nics |= 1U << nic;
	return nics;
}

/* By ip_check_mc_rcu(): on which NICs does the stack take the packet? */
static uint32_t taken(const struct members *members, uint8_t group, uint8_t source)
{
	uint32_t nics = 0;

	for (size_t i = 0; i < members->n; i++) {
		const struct member *member = &members->member[i];

		if (member->group[3] == group &&
		    (!member->has_source || member->source[3] == source))
			nics |= 1U << (member->ifindex - 2);
	}
	return nics;
}

static bool names_group(const struct config *config, uint8_t group)
{
	for (size_t i = 0; i < config->n_groups; i++)
		if (!((config->groups[i].key.group[3] ^ group) >> (32 - config->groups[i].key.len)))
			return true;
	return false;
}

static void try_packet(const struct config *config, const struct config *merged,
		       const struct members *members, uint8_t group, uint8_t source)
{
	const struct group *stated = match(config, group, source);
	const struct group *found = match(merged, group, source);
	uint32_t nics = taken(members, group, source);

	if (stated) {
		assert_non_null(found);
		assert_false(found->learned);
		assert_int_equal(group_key_compare(&found->key, &stated->key), 0);
		assert_int_equal(found->wrong, stated->wrong);
		assert_int_equal(found->allowed, stated->allowed);
		assert_int_equal(found->redirect, stated->redirect);
		return;
	}
	if (found) {
		assert_true(found->learned);
		assert_int_equal(allowed(merged, found) & nics, nics);
		/* What is dropped the stack would drop, and all that it would. */
		assert_int_equal(allowed(merged, found), nics);
		assert_int_equal(found->apart, !!(nics & (nics - 1)));
		return;
	}
	/* Nothing in its way, and nothing learned: nobody wants it. */
	if (!names_group(config, group))
		assert_int_equal(nics, 0);
}

static void test_statements_win_and_the_rest_is_as_the_stack_would(void **state)
{
	size_t learned = 0, covered = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct config config, merged;
		struct members members;
		struct learned_input input = { &links, &members, steered, 3 };
		struct learned_set set;

		draw_config(&config);
		draw_members(&members);
		assert_int_equal(learned_resolve(&set, &input), 0);
		learned_decide(&set, &config);
		assert_int_equal(learned_merge(&merged, &config, &set), 0);
		assert_int_equal(merged.n_groups, config.n_groups + set.counts[LEARNED]);
		for (size_t i = 1; i < merged.n_groups; i++)
			assert_true(group_key_compare(&merged.groups[i - 1].key,
						      &merged.groups[i].key) < 0);
		for (uint8_t group = 0; group < GROUPS; group++)
			for (uint8_t source = 1; source <= SOURCES; source++)
				try_packet(&config, &merged, &members, group, source);
		assert_true(learned_is_merged(&merged, &config, &set));
		for (size_t i = 0; i < set.n; i++)
			assert_int_equal(set.group[i].state == LEARNED_STATIC,
					 !!learned_covered(&config, &set.group[i]));
		learned += set.counts[LEARNED];
		covered += set.counts[LEARNED_STATIC];
		config_free(&config);
		config_free(&merged);
		learned_free(&set);
	}
	/* The world was neither empty nor full. */
	assert_true(learned > ROUNDS);
	assert_true(covered > ROUNDS);
}

/* Any difference in the statements or in what was learned makes another policy. */
static void test_a_merged_policy_is_told_from_another(void **state)
{
	struct members members;
	struct learned_input input = { &links, &members, steered, 3 };

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct config config, other, merged, merged_other;
		struct learned_set set, set_other;
		bool same;

		draw_config(&config);
		draw_members(&members);
		assert_int_equal(learned_resolve(&set, &input), 0);
		learned_decide(&set, &config);
		assert_int_equal(learned_merge(&merged, &config, &set), 0);
		draw_config(&other);
		if (draw(2))
			draw_members(&members);
		assert_int_equal(learned_resolve(&set_other, &input), 0);
		learned_decide(&set_other, &other);
		assert_int_equal(learned_merge(&merged_other, &other, &set_other), 0);
		same = merged.n_groups == merged_other.n_groups &&
		       config_equal(&merged, &merged_other);
		/* Learned or stated is a difference that config_equal() does not know. */
		for (size_t i = 0; same && i < merged.n_groups; i++)
			same = merged.groups[i].learned == merged_other.groups[i].learned;
		if (!same)
			assert_false(learned_is_merged(&merged, &other, &set_other));
		assert_true(learned_is_merged(&merged_other, &other, &set_other));
		config_free(&config);
		config_free(&other);
		config_free(&merged);
		config_free(&merged_other);
		learned_free(&set);
		learned_free(&set_other);
	}
}

/* A statement that says what was learned is not the same: the origin shows. */
static void test_a_statement_takes_the_place_of_its_equal(void **state)
{
	struct member member = { .family = AF_INET, .group = { 239, 0, 0, 1 }, .ifindex = 3 };
	struct members members = { .member = &member, .n = 1 };
	struct learned_input input = { &links, &members, steered, 3 };
	struct config config, merged;
	struct learned_set set;
	struct report rep;

	(void)state;
	config_init(&config);
	assert_int_equal(learned_resolve(&set, &input), 0);
	learned_decide(&set, &config);
	assert_int_equal(learned_merge(&merged, &config, &set), 0);
	assert_int_equal(configs_change(&config, (char[]){ "group add 239.0.0.1 eth1" }, &rep), 0);
	learned_decide(&set, &config);
	assert_int_equal(set.counts[LEARNED], 0);
	assert_false(learned_is_merged(&merged, &config, &set));
	config_free(&config);
	config_free(&merged);
	learned_free(&set);
}

/* Statements hold all names but one: two learned NICs do not fit, one does. */
static void test_names_run_out(void **state)
{
	struct member member[] = {
		{ .family = AF_INET, .group = { 239, 0, 0, 1 }, .ifindex = 2 },
		{ .family = AF_INET, .group = { 239, 0, 0, 1 }, .ifindex = 3 },
		{ .family = AF_INET, .group = { 239, 0, 0, 2 }, .ifindex = 3 },
	};
	struct members members = { .member = member, .n = 3 };
	struct learned_input input = { &links, &members, steered, 3 };
	struct config config, merged;
	struct learned_set set;
	struct report rep = {};
	char text[4096] = "";
	size_t len = 0;

	(void)state;
	for (int i = 0; i < CONFIG_NICS - 1; i++)
		len += snprintf(text + len, sizeof(text) - len, "group add 239.1.0.%d veth%d\n", i,
				i);
	config_init(&config);
	assert_int_equal(config_parse(&config, text, len, &rep), 0);
	assert_int_equal(learned_resolve(&set, &input), 0);
	learned_decide(&set, &config);
	assert_int_equal(set.group[0].state, LEARNED_NAMES);
	assert_int_equal(set.group[1].state, LEARNED);
	assert_int_equal(learned_merge(&merged, &config, &set), 0);
	assert_int_equal(merged.n_groups, CONFIG_NICS);
	config_free(&merged);
	config_free(&config);
	learned_free(&set);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statements_win_and_the_rest_is_as_the_stack_would),
		cmocka_unit_test(test_a_merged_policy_is_told_from_another),
		cmocka_unit_test(test_a_statement_takes_the_place_of_its_equal),
		cmocka_unit_test(test_names_run_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
