// SPDX-License-Identifier: GPL-2.0-or-later
/* One setting of a NIC, and how often it may be put back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/found.h"
#include "agent/settings/drift.h"
#include "agent/settings/setting.h"
#include "agent/settings/settings_found.h"

#define BIT(feature) (1U << (feature))
#define TSO	     (BIT(NIC_TSO4) | BIT(NIC_TSO6))
#define TSO_ALL	     (TSO | BIT(NIC_TSO_ECN) | BIT(NIC_TSO_ACCECN) | BIT(NIC_TSO_MANGLEID))

static const struct link veth = {
	.name = "eth0", .kind = "veth", .mtu = 1500, .mtu_min = 68, .mtu_max = 65535
};
static const struct link narrow = {
	.name = "eth0", .kind = "veth", .mtu = 1500, .mtu_min = 68, .mtu_max = 3506
};
static const struct link over = { .name = "eth0", .mtu = 1500, .mtu_min = 68, .mtu_max = 1400 };
static const struct link silent = { .name = "eth0", .mtu = 1500 };

static const struct {
	const struct link *link;
	uint32_t mtu;
	const char *reason; /* a part of it; NULL: possible */
} mtus[] = {
	{ &veth, 68, NULL },
	{ &veth, 65535, NULL },
	{ &veth, 67, "68 to 65535 bytes" },
	{ &veth, 65536, "68 to 65535 bytes" },
	{ &narrow, 3506, NULL },
	{ &narrow, 3507, "its peer has an XDP program without multi-buffer support" },
	/* It has it already. */
	{ &over, 1500, NULL },
	/* A driver that says no limits is asked. */
	{ &silent, 1000000, NULL },
};

static void an_mtu_is_held_against_the_drivers_limits(void **state)
{
	char reason[SETTING_REASON];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(mtus) / sizeof(*mtus); i++) {
		struct nic_view view = { .link = mtus[i].link };
		bool possible = setting_possible(SETTING_MTU, mtus[i].mtu, &view, reason);

		assert_int_equal(possible, !mtus[i].reason);
		assert_int_equal(possible, !reason[0]);
		if (mtus[i].reason)
			assert_non_null(strstr(reason, mtus[i].reason));
	}
}

static void flags_are_those_of_the_administrator(void **state)
{
	/* Held by somebody, and not by the flag. */
	struct link link = { .promiscuity = 2, .allmulti = 1, .flags = IFF_UP };
	struct nic_view view = { .link = &link };

	(void)state;
	assert_true(setting_is(SETTING_PROMISC, 0, &view));
	assert_true(setting_is(SETTING_ALLMULTI, 0, &view));
	assert_false(setting_is(SETTING_PROMISC, 1, &view));
	link.flags |= IFF_ALLMULTI;
	assert_true(setting_is(SETTING_ALLMULTI, 1, &view));
	assert_true(setting_is(SETTING_PROMISC, 0, &view));
	assert_int_equal(setting_raw(SETTING_ALLMULTI, &view), 1);
}

static const struct {
	const char *what;
	enum link_setting setting;
	uint32_t wanted;
	struct nic_features features;
	bool is, possible;
	uint32_t goal;
} offloads[] = {
	{ "off as wanted", SETTING_GRO, 0, { .changeable = BIT(NIC_GRO) }, true, true, 0 },
	{ "to be turned on",
	  SETTING_GRO,
	  1,
	  { .changeable = BIT(NIC_GRO) },
	  false,
	  true,
	  BIT(NIC_GRO) },
	{ "another one is on",
	  SETTING_GRO,
	  1,
	  { BIT(NIC_GRO) | BIT(NIC_LRO), BIT(NIC_LRO), BIT(NIC_LRO) },
	  false,
	  true,
	  BIT(NIC_GRO) },
	{ "fixed off", SETTING_LRO, 1, {}, false, false, 0 },
	{ "fixed off, as wanted", SETTING_LRO, 0, {}, true, true, 0 },
	{ "fixed on",
	  SETTING_GSO,
	  0,
	  { 0, BIT(NIC_GSO), BIT(NIC_GSO) },
	  false,
	  false,
	  BIT(NIC_GSO) },
	{ "fixed on, as wanted",
	  SETTING_GSO,
	  1,
	  { 0, BIT(NIC_GSO), BIT(NIC_GSO) },
	  true,
	  true,
	  BIT(NIC_GSO) },
	{ "asked for and not on",
	  SETTING_GSO,
	  1,
	  { BIT(NIC_GSO), BIT(NIC_GSO), 0 },
	  false,
	  true,
	  BIT(NIC_GSO) },
	{ "on unasked", SETTING_GRO, 0, { BIT(NIC_GRO), 0, BIT(NIC_GRO) }, false, true, 0 },
	{ "on for one family only",
	  SETTING_TSO,
	  1,
	  { TSO_ALL, BIT(NIC_TSO4), BIT(NIC_TSO4) },
	  false,
	  true,
	  TSO_ALL & ~BIT(NIC_TSO_MANGLEID) },
	{ "one family is all there is",
	  SETTING_TSO,
	  1,
	  { BIT(NIC_TSO4), BIT(NIC_TSO4), BIT(NIC_TSO4) },
	  true,
	  true,
	  BIT(NIC_TSO4) },
	{ "mangleid stays on with the rest",
	  SETTING_TSO,
	  1,
	  { TSO_ALL, TSO_ALL, TSO_ALL },
	  true,
	  true,
	  TSO_ALL },
	{ "mangleid goes off with the rest",
	  SETTING_TSO,
	  0,
	  { TSO_ALL, TSO_ALL, TSO_ALL },
	  false,
	  true,
	  0 },
	{ "mangleid alone is on",
	  SETTING_TSO,
	  0,
	  { TSO_ALL, BIT(NIC_TSO_MANGLEID), BIT(NIC_TSO_MANGLEID) },
	  false,
	  true,
	  0 },
};

static void offloads_are_known_by_what_can_be_changed(void **state)
{
	char reason[SETTING_REASON];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(offloads) / sizeof(*offloads); i++) {
		struct nic_view view = { .link = &veth, .features = offloads[i].features };
		enum link_setting setting = offloads[i].setting;
		uint32_t wanted = offloads[i].wanted;

		if (setting_is(setting, wanted, &view) != offloads[i].is ||
		    setting_possible(setting, wanted, &view, reason) != offloads[i].possible ||
		    setting_goal(setting, wanted, &view) != offloads[i].goal)
			fail_msg("%s: %d %d %#x", offloads[i].what,
				 setting_is(setting, wanted, &view),
				 setting_possible(setting, wanted, &view, reason),
				 setting_goal(setting, wanted, &view));
		assert_int_equal(offloads[i].possible, !reason[0]);
	}
}

static void offloads_that_cannot_be_read_are_not_taken_for_granted(void **state)
{
	struct nic_view view = { .link = &veth, .err = -EPERM };
	char reason[SETTING_REASON];

	(void)state;
	assert_false(setting_is(SETTING_GRO, 0, &view));
	assert_false(setting_possible(SETTING_GRO, 0, &view, reason));
	assert_non_null(strstr(reason, strerror(EPERM)));
	assert_true(setting_is(SETTING_MTU, 1500, &view));
}

/* --- drift --- */

static void a_burst_is_put_back_and_a_fight_is_not(void **state)
{
	struct drift drift = {};
	uint64_t now = 5000;
	int i;

	(void)state;
	for (i = 0; i < DRIFT_BURST; i++)
		assert_int_equal(drift_found(&drift, now += 30), DRIFT_PUT_BACK);
	assert_int_equal(drift_found(&drift, now += 30), DRIFT_HOLD_BEGINS);
	assert_int_equal(drift_found(&drift, now += 30), DRIFT_HOLD);
	/* From here on once in a while, for as long as it lasts. */
	for (i = 0; i < 5; i++) {
		assert_int_equal(drift_found(&drift, now += DRIFT_SECONDS * 1000), DRIFT_PUT_BACK);
		assert_false(drift_quiet(&drift, now += 20));
		assert_int_equal(drift_found(&drift, now += 20), DRIFT_HOLD);
	}
	/* It has stayed. */
	assert_int_equal(drift_found(&drift, now += DRIFT_SECONDS * 1000), DRIFT_PUT_BACK);
	assert_false(drift_quiet(&drift, now += DRIFT_SECONDS * 1000 - 1));
	assert_true(drift_quiet(&drift, now += 1));
	assert_false(drift_quiet(&drift, now += DRIFT_SECONDS * 1000));
	assert_int_equal(drift_found(&drift, now), DRIFT_PUT_BACK);
}

static void a_change_now_and_then_is_always_put_back(void **state)
{
	struct drift drift = {};
	uint64_t now = 0;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_int_equal(drift_found(&drift, now += DRIFT_SECONDS * 1000 / DRIFT_BURST + 1),
				 DRIFT_PUT_BACK);
}

/* --- what was found --- */

static void the_first_was_how_it_was_found(void **state)
{
	char dir[] = "/tmp/xdpfrag-test.XXXXXX", path[64];
	struct found *found;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(found_open(&found, dir), 0);
	assert_false(settings_found_any(found));
	assert_int_equal(found_put(found, "route/x", "1"), 0);
	assert_false(settings_found_any(found));
	assert_int_equal(settings_found_keep(found, UINT64_MAX, SETTING_MTU, 1500, 9000), 0);
	assert_true(settings_found_any(found));
	assert_string_equal(found_get(found, "link/18446744073709551615/mtu"), "1500 9000");
	/* Set to something else: that is new, what was found is not. */
	assert_int_equal(settings_found_keep(found, UINT64_MAX, SETTING_MTU, 9000, 8000), 0);
	assert_string_equal(found_get(found, "link/18446744073709551615/mtu"), "1500 8000");
	/* Another NIC, another setting. */
	assert_int_equal(settings_found_keep(found, 7, SETTING_MTU, 1400, 8000), 0);
	assert_int_equal(settings_found_keep(found, 7, SETTING_TSO, 248, 0), 0);
	assert_string_equal(found_get(found, "link/7/mtu"), "1400 8000");
	assert_string_equal(found_get(found, "link/7/tso"), "248 0");
	assert_int_equal(found_save(found), 0);
	found_close(found);
	assert_int_equal(found_open(&found, dir), 0);
	assert_string_equal(found_get(found, "link/18446744073709551615/mtu"), "1500 8000");
	found_close(found);
	snprintf(path, sizeof(path), "%s/found", dir);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_mtu_is_held_against_the_drivers_limits),
		cmocka_unit_test(flags_are_those_of_the_administrator),
		cmocka_unit_test(offloads_are_known_by_what_can_be_changed),
		cmocka_unit_test(offloads_that_cannot_be_read_are_not_taken_for_granted),
		cmocka_unit_test(a_burst_is_put_back_and_a_fight_is_not),
		cmocka_unit_test(a_change_now_and_then_is_always_put_back),
		cmocka_unit_test(the_first_was_how_it_was_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
