// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of a watch: what is counted where, and what a full one does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/tally.h"

static struct observation packet(uint32_t group, bool fragment, uint32_t length)
{
	struct observation seen = {
		.family = AF_INET, .multicast = true, .fragment = fragment, .length = length
	};
	uint32_t number = htonl(group);

	memcpy(seen.destination, &number, 4);
	seen.source[0] = length;
	return seen;
}

static void groups_are_counted_by_nic(void **state)
{
	struct watch_seen nics[2] = { { .ifindex = 7 }, { .ifindex = 9 } };
	struct observation seen;
	struct tally tally;
	int i;

	(void)state;
	assert_int_equal(tally_init(&tally), 0);
	for (i = 1; i <= 10; i++) {
		seen = packet(0xef00000f, i % 2, 100 - i);
		tally_add(&tally, &nics[i > 6], &seen);
	}
	seen = packet(0xef00000f, false, 50);
	seen.family = AF_INET6;
	tally_add(&tally, &nics[0], &seen);
	assert_int_equal(tally.n_groups, 3);
	assert_int_equal(tally.groups[0].ifindex, 7);
	assert_int_equal(tally.groups[0].packets, 6);
	assert_int_equal(tally.groups[0].fragments, 3);
	assert_int_equal(tally.groups[0].longest, 99);
	assert_int_equal(tally.groups[0].source[0], 94); /* the last one's */
	assert_int_equal(tally.groups[1].ifindex, 9);
	assert_int_equal(tally.groups[1].packets, 4);
	assert_int_equal(tally.groups[1].fragments, 2);
	assert_int_equal(tally.groups[2].family, AF_INET6);
	assert_int_equal(tally.groups[2].packets, 1);
	assert_int_equal(nics[0].frames, 7);
	assert_int_equal(nics[1].frames, 4);
	tally_free(&tally);
}

static void groups_beyond_the_table_are_told(void **state)
{
	struct watch_seen nic = { .ifindex = 7 };
	struct observation seen;
	struct tally tally;
	uint32_t i, round;

	(void)state;
	assert_int_equal(tally_init(&tally), 0);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < WATCH_GROUPS + 100; i++) {
			seen = packet(0xef000000 + i * 4099, false, 60);
			tally_add(&tally, &nic, &seen);
		}
	}
	assert_int_equal(tally.n_groups, WATCH_GROUPS);
	for (i = 0; i < WATCH_GROUPS; i++)
		assert_int_equal(tally.groups[i].packets, 3);
	assert_int_equal(nic.uncounted, 300);
	assert_int_equal(nic.frames, 3 * (WATCH_GROUPS + 100));
	tally_free(&tally);
}

static void queriers_and_peers_are_remembered(void **state)
{
	struct watch_seen nic = { .ifindex = 7 };
	struct observation seen = { .family = AF_INET, .query = true, .source = { 10, 0, 0, 1 } };
	struct tally tally;
	uint32_t i;

	(void)state;
	assert_int_equal(tally_init(&tally), 0);
	tally_add(&tally, &nic, &seen);
	seen.source[3] = 2;
	tally_add(&tally, &nic, &seen);
	seen.family = AF_INET6;
	tally_add(&tally, &nic, &seen);
	assert_int_equal(nic.queries4, 2);
	assert_int_equal(nic.queries6, 1);
	assert_int_equal(nic.querier4[3], 2);
	assert_int_equal(nic.querier6[3], 2);

	seen = (struct observation){ .family = AF_INET };
	for (i = 0; i < WATCH_PEERS + 3; i++) {
		seen.source[0] = i;
		seen.mss = 1460;
		tally_add(&tally, &nic, &seen);
		seen.mss = 1000 + i;
		tally_add(&tally, &nic, &seen);
	}
	assert_int_equal(tally.n_peers, WATCH_PEERS);
	for (i = 0; i < WATCH_PEERS; i++) {
		assert_int_equal(tally.peers[i].address[0], i < 3 ? WATCH_PEERS + i : i);
		assert_int_equal(tally.peers[i].mss, 1000 + tally.peers[i].address[0]);
	}
	assert_int_equal(tally.n_groups, 0);
	tally_free(&tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_counted_by_nic),
		cmocka_unit_test(groups_beyond_the_table_are_told),
		cmocka_unit_test(queriers_and_peers_are_remembered),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
