// SPDX-License-Identifier: GPL-2.0-or-later
/* The policy tables: every entry is found where the program looks, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/table.h"

static struct xdpfrag_group4 entry4(uint32_t group, uint32_t source, uint8_t len, uint32_t row)
{
	return (struct xdpfrag_group4){
		.group = htonl(group),
		.source = htonl(source),
		.policy = { .len = len, .flags = XDPFRAG_F_POLICY, .row = row }
	};
}

static const struct xdpfrag_group4 *find(const struct table *table,
					 const struct xdpfrag_group4 *entry)
{
	return table_find4(&table->half, table->groups4, table->bits4, entry->group, entry->source,
			   entry->policy.len);
}

static void test_empty(void **state)
{
	struct policy_set set = { .links = 5 };
	struct table table;

	(void)state;
	assert_int_equal(table_build(&table, &set, TABLE_BITS_MIN, TABLE_BITS_MIN), 0);
	assert_int_equal(table.half.links, 5);
	assert_int_equal(table.half.entries4, 0);
	assert_int_equal(table.half.prefixes4[0], 0);
	assert_null(table_find4(&table.half, table.groups4, table.bits4, htonl(0xef000001), 0, 32));
	table_free(&table);
}

/* Patterns that administrators use, and one made of chance. */
static uint32_t pattern(int kind, uint32_t i)
{
	switch (kind) {
	case 0: /* 239.0.0.0 upwards */
		return 0xef000000 + i;
	case 1: /* last octet fixed */
		return 0xe0000001 + (i << 8);
	case 2: /* few bits differ */
		return 0xef000000 | (i & 0xff) << 16 | i >> 8;
	default:
		return 0xe0000000 | (uint32_t)(i * 2654435761U) >> 4;
	}
}

static void test_all_found(void **state)
{
	enum { N = 100000 };
	struct xdpfrag_group4 *entries = calloc(N, sizeof(*entries));
	struct policy_set set = { .groups4 = entries, .n4 = N };
	struct table table;
	uint32_t bits = table_bits(N), i, used;
	int kind;

	(void)state;
	for (kind = 0; kind < 4; kind++) {
		for (i = 0; i < N; i++)
			entries[i] = entry4(pattern(kind, i), 0, 32, i + 1);
		assert_int_equal(table_build(&table, &set, bits, TABLE_BITS_MIN), 0);
		assert_int_equal(table.half.entries4, N);
		for (i = 0; i < N; i++)
			assert_int_equal(find(&table, &entries[i])->policy.row, i + 1);
		for (i = used = 0; i < table_slots(bits); i++)
			used += !!table.groups4[i].policy.len;
		assert_int_equal(used, N);
		table_free(&table);
	}
	free(entries);
}

static void test_not_found(void **state)
{
	struct xdpfrag_group4 entries[] = { entry4(0xef000001, 0, 32, 1),
					    entry4(0xef000000, 0, 24, 2) };
	struct xdpfrag_group4 other;
	struct policy_set set = { .groups4 = entries, .n4 = 2 };
	struct table table;

	(void)state;
	assert_int_equal(table_build(&table, &set, TABLE_BITS_MIN, TABLE_BITS_MIN), 0);
	other = entry4(0xef000001, 0, 24, 0);
	assert_null(find(&table, &other));
	other = entry4(0xef000000, 0, 32, 0);
	assert_null(find(&table, &other));
	other = entry4(0xef000001, 0x0a000001, 32, 0);
	assert_null(find(&table, &other));
	table_free(&table);
}

static void test_sources(void **state)
{
	struct xdpfrag_group4 entries[] = {
		entry4(0xef000001, 0x0a000001, 32, 1), /* no entry for any source */
		entry4(0xef000002, 0, 32, 2),	       /* with one */
		entry4(0xef000002, 0x0a000001, 32, 3), /* … and two sources */
		entry4(0xef000002, 0x0a000002, 32, 4),
		entry4(0xef000003, 0, 32, 5), /* without sources */
		entry4(0xef000000, 0x0a000001, 24, 6),
	};
	struct xdpfrag_group4 any;
	struct policy_set set = { .groups4 = entries, .n4 = 6 };
	const struct xdpfrag_group4 *found;
	struct table table;

	(void)state;
	assert_int_equal(table_build(&table, &set, TABLE_BITS_MIN, TABLE_BITS_MIN), 0);
	assert_int_equal(table.half.entries4, 8); /* two that only lead to sources */
	any = entry4(0xef000001, 0, 32, 0);
	found = find(&table, &any);
	assert_non_null(found);
	assert_int_equal(found->policy.flags, XDPFRAG_F_SOURCES);
	any = entry4(0xef000002, 0, 32, 0);
	assert_int_equal(find(&table, &any)->policy.flags, XDPFRAG_F_POLICY | XDPFRAG_F_SOURCES);
	any = entry4(0xef000003, 0, 32, 0);
	assert_int_equal(find(&table, &any)->policy.flags, XDPFRAG_F_POLICY);
	any = entry4(0xef000000, 0, 24, 0);
	assert_int_equal(find(&table, &any)->policy.flags, XDPFRAG_F_SOURCES);
	assert_int_equal(find(&table, &entries[3])->policy.row, 4);
	table_free(&table);
}

static void test_prefixes(void **state)
{
	struct xdpfrag_group4 entries[] = { entry4(0xef000000, 0, 8, 1),
					    entry4(0xef010000, 0, 16, 2),
					    entry4(0xe0000000, 0, 4, 3),
					    entry4(0xef010200, 0, 24, 4),
					    entry4(0xef010201, 0, 32, 5) };
	struct policy_set set = { .groups4 = entries, .n4 = 5 };
	struct table table;

	(void)state;
	assert_int_equal(table_build(&table, &set, TABLE_BITS_MIN, TABLE_BITS_MIN), 0);
	assert_memory_equal(table.half.prefixes4, ((uint8_t[]){ 24, 16, 8, 4, 0 }), 5);
	table_free(&table);
}

static void test_ipv6(void **state)
{
	enum { N = 5000 };
	struct xdpfrag_group6 *entries = calloc(N, sizeof(*entries));
	struct policy_set set = { .groups6 = entries, .n6 = N };
	const struct xdpfrag_group6 *found;
	struct table table;
	uint32_t i;

	(void)state;
	for (i = 0; i < N; i++) {
		uint32_t low = htonl(i / 2);

		((uint8_t *)entries[i].group)[0] = 0xff;
		((uint8_t *)entries[i].group)[1] = 0x3e;
		memcpy((uint8_t *)entries[i].group + 12, &low, 4);
		((uint8_t *)entries[i].source)[0] = i & 1 ? 0xfe : 0;
		entries[i].policy = (struct xdpfrag_policy){ .len = 128,
							     .flags = XDPFRAG_F_POLICY,
							     .row = i + 1 };
	}
	assert_int_equal(table_build(&table, &set, TABLE_BITS_MIN, table_bits(N)), 0);
	for (i = 0; i < N; i++) {
		found = table_find6(&table.half, table.groups6, table.bits6, entries[i].group,
				    entries[i].source, 128);
		assert_non_null(found);
		assert_int_equal(found->policy.row, i + 1);
	}
	table_free(&table);
	free(entries);
}

static void test_too_small(void **state)
{
	enum { N = (1 << TABLE_BITS_MIN) + 1 };
	struct xdpfrag_group4 *entries = calloc(N, sizeof(*entries));
	struct policy_set set = { .groups4 = entries, .n4 = N };
	struct table table;
	uint32_t i;

	(void)state;
	for (i = 0; i < N; i++)
		entries[i] = entry4(0xef000000 + i, 0, 32, i + 1);
	assert_int_equal(table_build(&table, &set, TABLE_BITS_MIN, TABLE_BITS_MIN), -ENOSPC);
	free(entries);
}

/* Equal policies must give equal tables, or reconcile would publish for ever. */
static void test_same_again(void **state)
{
	enum { N = 3000 };
	struct xdpfrag_group4 *entries = calloc(N, sizeof(*entries));
	struct policy_set set = { .groups4 = entries, .n4 = N };
	struct table one, two;
	uint32_t i;

	(void)state;
	for (i = 0; i < N; i++)
		entries[i] = entry4(pattern(3, i), i % 3 ? 0 : 0x0a000001, 32, i + 1);
	assert_int_equal(table_build(&one, &set, 13, TABLE_BITS_MIN), 0);
	assert_int_equal(table_build(&two, &set, 13, TABLE_BITS_MIN), 0);
	assert_memory_equal(&one.half, &two.half, sizeof(one.half));
	assert_memory_equal(one.groups4, two.groups4, table_slots(13) * sizeof(*one.groups4));
	table_free(&one);
	table_free(&two);
	free(entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),	  cmocka_unit_test(test_all_found),
		cmocka_unit_test(test_not_found), cmocka_unit_test(test_sources),
		cmocka_unit_test(test_prefixes),  cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_too_small), cmocka_unit_test(test_same_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
