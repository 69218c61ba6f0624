// SPDX-License-Identifier: GPL-2.0-or-later
/* From names to slots: what a policy comes to on a host with these links. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "agent/steer/compile.h"
#include "config/statement.h"

static struct link host[] = {
	{ .ifindex = 2, .name = "eth0", .type = ARPHRD_ETHER },
	{ .ifindex = 3, .name = "eth1", .type = ARPHRD_ETHER },
	{ .ifindex = 4, .name = "eth1.10", .kind = "vlan", .type = ARPHRD_ETHER, .lower = 3 },
	{ .ifindex = 5, .name = "veth9", .kind = "veth", .type = ARPHRD_ETHER },
	{ .ifindex = 6, .name = "veth8", .kind = "veth", .type = ARPHRD_ETHER, .peer = 7 },
	{ .ifindex = 7, .name = "veth7", .kind = "veth", .type = ARPHRD_ETHER, .peer = 6 },
};
static const struct links links = { host, 6 };
/* eth0 in slot 4, eth1 in slot 9; veth9 steered too, in slot 30, veth8's other end in 31. */
static const struct link_slot slots[] = { { 2, 4 }, { 3, 9 }, { 5, 30 }, { 7, 31 } };
#define ETH0  (1ULL << 4)
#define ETH1  (1ULL << 9)
#define VETH9 (1ULL << 30)
#define VETH7 (1ULL << 31)
#define ALL   (ETH0 | ETH1 | VETH9 | VETH7)

/* Compiles one statement, its words parted by blanks. */
static struct xdpfrag_policy compile(const char *text, uint64_t sockets)
{
	static const uint32_t rows[] = { 17 };
	uint8_t keys[CONFIG_NICS] = {};
	struct config config;
	struct report rep = {};
	struct policy_set set;
	struct xdpfrag_policy policy;
	struct compile_input input = { .config = &config,
				       .links = &links,
				       .slots = slots,
				       .n_slots = 4,
				       .rows = rows,
				       .redirect_keys = keys,
				       .sockets = sockets };
	int n;

	config_init(&config);
	if (config_parse(&config, text, strlen(text), &rep))
		fail_msg("%s: %s", text, rep.message);
	for (n = 0; n < CONFIG_NICS; n++)
		keys[n] = 40 + n;
	assert_int_equal(compile_policy(&input, &set), 0);
	assert_int_equal(set.n4 + set.n6, 1);
	assert_int_equal(set.links, ALL);
	policy = set.n4 ? set.groups4[0].policy : set.groups6[0].policy;
	if (policy.wrong == XDPFRAG_WRONG_REDIRECT)
		assert_non_null(strstr(text, config.nics[policy.redirect - 40]));
	policy_set_free(&set);
	config_free(&config);
	return policy;
}

static void test_policies(void **state)
{
	static const struct {
		const char *text;
		uint64_t allowed;
		uint8_t flags, wrong, len;
	} cases[] = {
		{ "group add 239.0.0.15 eth1", ETH1, XDPFRAG_F_POLICY, XDPFRAG_WRONG_DROP, 32 },
		{ "group add 239.0.0.15 eth0,eth1", ETH0 | ETH1, XDPFRAG_F_POLICY,
		  XDPFRAG_WRONG_DROP, 32 },
		{ "group add 239.0.0.0/24 eth1 wrong observe", ETH1, XDPFRAG_F_POLICY,
		  XDPFRAG_WRONG_OBSERVE, 24 },
		{ "group add ff3e::/32 eth0 scope all", ETH0,
		  XDPFRAG_F_POLICY | XDPFRAG_F_SCOPE_ALL, XDPFRAG_WRONG_DROP, 32 },
		/* Joined on the VLAN device: its frames are judged on eth1. */
		{ "group add 239.0.0.15 eth1.10", ETH1, XDPFRAG_F_POLICY, XDPFRAG_WRONG_DROP, 32 },
		{ "group add 239.0.0.15 eth7", 0, XDPFRAG_F_POLICY | XDPFRAG_F_OUT_OF_USE,
		  XDPFRAG_WRONG_DROP, 32 },
		/* One of two is enough. */
		{ "group add 239.0.0.15 eth7,eth0", ETH0, XDPFRAG_F_POLICY, XDPFRAG_WRONG_DROP,
		  32 },
		{ "group add 239.0.0.15 eth0,eth1 apart", ETH0 | ETH1,
		  XDPFRAG_F_POLICY | XDPFRAG_F_APART, XDPFRAG_WRONG_DROP, 32 },
		{ "group add 239.0.0.15 eth0,eth7 wrong observe apart", ETH0,
		  XDPFRAG_F_POLICY | XDPFRAG_F_APART, XDPFRAG_WRONG_OBSERVE, 32 },
		/* Linux keeps IPv6 copies apart by itself. */
		{ "group add ff3e::15 eth0,eth1 apart", ETH0 | ETH1, XDPFRAG_F_POLICY,
		  XDPFRAG_WRONG_DROP, 128 },
		/* Nor is what comes in at its other end. */
		{ "group add 239.0.0.15 eth1 wrong redirect veth8", ETH1 | VETH7, XDPFRAG_F_POLICY,
		  XDPFRAG_WRONG_REDIRECT, 32 },
		/* What comes in at the target is not sent back. */
		{ "group add 239.0.0.15 eth1 wrong redirect veth9", ETH1 | VETH9, XDPFRAG_F_POLICY,
		  XDPFRAG_WRONG_REDIRECT, 32 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct xdpfrag_policy policy = compile(cases[i].text, ALL);

		if (policy.allowed != cases[i].allowed || policy.flags != cases[i].flags ||
		    policy.wrong != cases[i].wrong || policy.len != cases[i].len ||
		    policy.row != 17)
			fail_msg("%s: allowed %llx flags %x wrong %u len %u row %u", cases[i].text,
				 (unsigned long long)policy.allowed, policy.flags, policy.wrong,
				 policy.len, policy.row);
	}
}

/* While every allowed link that is there has its sockets. */
static void test_reassemble(void **state)
{
	static const struct {
		const char *text;
		uint64_t sockets;
		bool reassembles;
	} cases[] = {
		{ "group add 239.0.0.15 eth1", ALL, false },
		{ "group add 239.0.0.15 eth1 reassemble", ALL, true },
		{ "group add ff3e::15 eth0,eth1 reassemble wrong observe scope all", ALL, true },
		/* The wrong link's fragments then take the kernel's path, and are dropped. */
		{ "group add 239.0.0.15 eth1 reassemble", ETH1, true },
		{ "group add 239.0.0.15 eth1 reassemble", ETH0 | VETH9, false },
		{ "group add 239.0.0.15 eth0,eth1 reassemble", ETH1, false },
		{ "group add 239.0.0.15 eth0,eth1 reassemble", ETH0 | ETH1, true },
		{ "group add 239.0.0.15 eth1 reassemble", 0, false },
		/* One that is absent has none to have. */
		{ "group add 239.0.0.15 eth1,eth7 reassemble", ETH1, true },
		/* Joined on the VLAN device: those of eth1 count. */
		{ "group add 239.0.0.15 eth1.10 reassemble", ETH1, true },
		{ "group add 239.0.0.15 eth1.10 reassemble", ETH0, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct xdpfrag_policy policy = compile(cases[i].text, cases[i].sockets);

		if (!!(policy.flags & XDPFRAG_F_REASSEMBLE) != cases[i].reassembles)
			fail_msg("%s: flags %x with sockets %llx", cases[i].text, policy.flags,
				 (unsigned long long)cases[i].sockets);
	}
}

static void test_shape(void **state)
{
	enum { N = 3000 };
	struct config config;
	struct plane_shape shape;
	size_t i;

	(void)state;
	config_init(&config);
	shape = compile_shape(&config);
	assert_int_equal(shape.bits4, TABLE_BITS_MIN);
	assert_int_equal(shape.rows, 1024);
	assert_false(shape.scope_all);
	config.groups = calloc(N, sizeof(*config.groups));
	config.n_groups = config.room = N;
	for (i = 0; i < N; i++) {
		config.groups[i].key.family = i < 2000 ? AF_INET : AF_INET6;
		config.groups[i].key.has_source = i < 1000;
	}
	config.groups[5].scope_all = true;
	shape = compile_shape(&config);
	/* 1,000 with a source count twice: 3,000 entries at most half full. */
	assert_int_equal(shape.bits4, 13);
	assert_int_equal(shape.bits6, TABLE_BITS_MIN);
	assert_int_equal(shape.rows, 8192);
	assert_true(shape.scope_all);
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_reassemble),
		cmocka_unit_test(test_shape),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
