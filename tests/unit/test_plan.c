// SPDX-License-Identifier: GPL-2.0-or-later
/* Reconcile's plan: which links, and what is to be done on each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

#include "agent/steer/choose.h"
#include "agent/steer/plan.h"
#include "xdpfrag/state.h"

#define NONE                     \
	{                        \
		.mode = HOOK_OFF \
	}
#define ALONE                                                              \
	{                                                                  \
		.mode = HOOK_NATIVE, .main = 7, .ours = { 7 }, .n_ours = 1 \
	}
#define HOOKED                                                                             \
	{                                                                                  \
		.mode = HOOK_NATIVE, .main = 7, .ours = { 7 }, .n_ours = 1, .hooked = true \
	}
#define ALONE_SKB                                                       \
	{                                                               \
		.mode = HOOK_SKB, .main = 7, .ours = { 7 }, .n_ours = 1 \
	}
#define FOREIGN                                               \
	{                                                     \
		.mode = HOOK_NATIVE, .main = 9, .n_others = 1 \
	}
#define SHARED                                                                                   \
	{                                                                                        \
		.mode = HOOK_NATIVE, .main = 20, .dispatcher = true, .ours = { 7 }, .n_ours = 1, \
		.n_others = 1                                                                    \
	}
#define DISPATCHER                                                                              \
	{                                                                                       \
		.mode = HOOK_NATIVE, .main = 20, .dispatcher = true, .ours = { 7 }, .n_ours = 1 \
	}
#define SHARED_OTHERS                                                              \
	{                                                                          \
		.mode = HOOK_NATIVE, .main = 20, .dispatcher = true, .n_others = 2 \
	}
#define TWICE                                                                                      \
	{                                                                                          \
		.mode = HOOK_NATIVE, .main = 20, .dispatcher = true, .ours = { 7, 8 }, .n_ours = 2 \
	}

static const struct {
	const char *what;
	struct hook hook;
	bool present;
	enum link_mode wanted;
	bool refused;
	uint32_t program;
	enum plan plan;
} cases[] = {
	{ "absent", NONE, false, LINK_AUTO, false, 0, PLAN_ABSENT },
	{ "absent, program remembered", ALONE, false, LINK_AUTO, false, 7, PLAN_ABSENT },
	{ "nothing there", NONE, true, LINK_AUTO, false, 0, PLAN_ATTACH },
	{ "as wanted", ALONE, true, LINK_AUTO, false, 7, PLAN_KEEP },
	{ "as wanted, native", ALONE, true, LINK_NATIVE, false, 7, PLAN_KEEP },
	{ "as wanted, generic", ALONE_SKB, true, LINK_SKB, false, 7, PLAN_KEEP },
	{ "generic will do for auto", ALONE_SKB, true, LINK_AUTO, false, 7, PLAN_KEEP },
	{ "of a dead agent", ALONE, true, LINK_AUTO, false, 0, PLAN_REPLACE },
	{ "another instance than ours", ALONE, true, LINK_AUTO, false, 6, PLAN_REPLACE },
	{ "native wanted", ALONE_SKB, true, LINK_NATIVE, false, 7, PLAN_REMODE },
	{ "generic wanted", ALONE, true, LINK_SKB, false, 7, PLAN_REMODE },
	{ "held", FOREIGN, true, LINK_AUTO, false, 0, PLAN_HELD },
	{ "held, after it was ours", FOREIGN, true, LINK_AUTO, false, 7, PLAN_HELD },
	{ "held, refused before", FOREIGN, true, LINK_AUTO, true, 0, PLAN_HELD },
	{ "joined with others", SHARED, true, LINK_AUTO, false, 7, PLAN_KEEP },
	{ "others' mode stays", SHARED, true, LINK_SKB, false, 7, PLAN_KEEP },
	{ "others can be joined", SHARED_OTHERS, true, LINK_AUTO, false, 0, PLAN_ATTACH },
	{ "left half done", TWICE, true, LINK_AUTO, false, 7, PLAN_REPLACE },
	{ "refused a moment ago", NONE, true, LINK_AUTO, true, 0, PLAN_WAIT },
};

/* And with the hook for xdpcap: wanted, or there. */
static const struct {
	const char *what;
	struct hook hook;
	enum link_mode wanted;
	bool hooked, refused;
	enum plan plan;
} hooked_cases[] = {
	{ "wanted", ALONE, LINK_AUTO, true, false, PLAN_REPLACE },
	{ "wanted, alone in a dispatcher", DISPATCHER, LINK_AUTO, true, false, PLAN_REPLACE },
	{ "wanted and there", HOOKED, LINK_AUTO, true, false, PLAN_KEEP },
	{ "wanted no more", HOOKED, LINK_AUTO, false, false, PLAN_REPLACE },
	{ "refused a moment ago", ALONE, LINK_AUTO, true, true, PLAN_WAIT },
	{ "wanted and there, in the other mode", HOOKED, LINK_SKB, true, false, PLAN_REMODE },
	{ "wanted, held", FOREIGN, LINK_AUTO, true, false, PLAN_HELD },
};

static void test_plan_hooked(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hooked_cases) / sizeof(*hooked_cases); i++) {
		struct plan_view view = { .present = true,
					  .wanted = hooked_cases[i].wanted,
					  .hook = &hooked_cases[i].hook,
					  .refused = hooked_cases[i].refused,
					  .program = 7,
					  .hooked = hooked_cases[i].hooked };

		if (plan_link(&view) != hooked_cases[i].plan)
			fail_msg("%s: plan %d, not %d", hooked_cases[i].what, plan_link(&view),
				 hooked_cases[i].plan);
	}
}

static void test_plan(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct plan_view view = { .present = cases[i].present,
					  .wanted = cases[i].wanted,
					  .hook = &cases[i].hook,
					  .refused = cases[i].refused,
					  .program = cases[i].program };

		if (plan_link(&view) != cases[i].plan)
			fail_msg("%s: plan %d, not %d", cases[i].what, plan_link(&view),
				 cases[i].plan);
	}
}

/* A host: lo, two NICs, a bridge with a port, a VLAN, a bond's port, a VRF's, a veth, a tunnel. */
static struct link host[] = {
	{ .ifindex = 1, .name = "lo", .type = ARPHRD_LOOPBACK, .flags = IFF_LOOPBACK },
	{ .ifindex = 2, .name = "eth0", .type = ARPHRD_ETHER },
	{ .ifindex = 3, .name = "eth1", .type = ARPHRD_ETHER },
	{ .ifindex = 4, .name = "br0", .kind = "bridge", .type = ARPHRD_ETHER },
	{ .ifindex = 5, .name = "port", .type = ARPHRD_ETHER, .master = 4 },
	{ .ifindex = 6, .name = "eth0.10", .kind = "vlan", .type = ARPHRD_ETHER, .lower = 2 },
	{ .ifindex = 7, .name = "bond0", .kind = "bond", .type = ARPHRD_ETHER },
	{ .ifindex = 8, .name = "slave", .type = ARPHRD_ETHER, .master = 7 },
	{ .ifindex = 9, .name = "vrf0", .kind = "vrf", .type = ARPHRD_NONE },
	{ .ifindex = 10, .name = "eth2", .type = ARPHRD_ETHER, .master = 9 },
	{ .ifindex = 11, .name = "veth0", .kind = "veth", .type = ARPHRD_ETHER },
	{ .ifindex = 12, .name = "tun0", .kind = "tun", .type = ARPHRD_NONE },
};
static const struct links links = { host, sizeof(host) / sizeof(*host) };

static void test_choose_auto(void **state)
{
	static const char *const expected[] = { "eth0", "eth1", "br0", "bond0", "eth2", "veth0" };
	struct chosen_link chosen[XDPFRAG_LINKS];
	struct config config;
	size_t left_out, i, n;

	(void)state;
	config_init(&config);
	n = choose_links(&config, &links, chosen, &left_out);
	assert_int_equal(n, sizeof(expected) / sizeof(*expected));
	assert_int_equal(left_out, 0);
	for (i = 0; i < n; i++) {
		assert_string_equal(chosen[i].name, expected[i]);
		assert_false(chosen[i].is_static);
		assert_int_equal(chosen[i].mode, LINK_AUTO);
	}
	/* A NIC that a group allows is waited for. */
	strcpy(config.nics[3], "eth9");
	strcpy(config.nics[4], "eth1");
	n = choose_links(&config, &links, chosen, &left_out);
	assert_int_equal(n, sizeof(expected) / sizeof(*expected) + 1);
	assert_string_equal(chosen[n - 1].name, "eth9");
	assert_int_equal(chosen[n - 1].ifindex, 0);
	config_free(&config);
}

static void test_choose_static(void **state)
{
	struct chosen_link chosen[XDPFRAG_LINKS];
	struct config config;
	size_t left_out;

	(void)state;
	config_init(&config);
	config.n_links = 2;
	config.links[0] = (struct link_config){ .name = "port", .mode = LINK_SKB };
	config.links[1] =
		(struct link_config){ .name = "eth9", .mode = LINK_NATIVE, .xdpcap_hook = true };
	assert_int_equal(choose_links(&config, &links, chosen, &left_out), 2);
	assert_int_equal(chosen[0].ifindex, 5);
	assert_int_equal(chosen[0].mode, LINK_SKB);
	assert_true(chosen[0].is_static);
	assert_false(chosen[0].xdpcap_hook);
	assert_int_equal(chosen[1].ifindex, 0);
	assert_true(chosen[1].xdpcap_hook);
	config_free(&config);
}

static void test_choose_many(void **state)
{
	static struct link many[XDPFRAG_LINKS + 3];
	struct links all = { many, XDPFRAG_LINKS + 3 };
	struct chosen_link chosen[XDPFRAG_LINKS];
	struct config config;
	size_t left_out, i;

	(void)state;
	for (i = 0; i < all.n; i++) {
		many[i].ifindex = i + 1;
		many[i].type = ARPHRD_ETHER;
		snprintf(many[i].name, IFNAMSIZ, "eth%u", (unsigned int)i & 0xff);
	}
	config_init(&config);
	assert_int_equal(choose_links(&config, &all, chosen, &left_out), XDPFRAG_LINKS);
	assert_int_equal(left_out, 3);
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan),	    cmocka_unit_test(test_plan_hooked),
		cmocka_unit_test(test_choose_auto), cmocka_unit_test(test_choose_static),
		cmocka_unit_test(test_choose_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
