// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Promiscuity holders, what of it is pure: what links above hold, by what the kernel
 * does for each kind; and reading /proc.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "netstate/holders.h"
#include "netstate/socket_owner.h"
#include "netstate/uppers.h"

/* --- links above --- */

#define NIC 2 /* its ifindex; links above it are 3, 4, … */

struct above {
	const char *kind;
	bool master, down;
	uint32_t promiscuity, allmulti;
};

/* Who claims, in the order of claiming, as "34" for the links 3 and 4. */
static void on_claim(const struct link *upper, void *data)
{
	char *who = data;

	who[strlen(who)] = '0' + upper->ifindex;
}

static uint32_t claim(const struct above *above, size_t n, enum rx_mode mode, uint32_t left,
		      char *who)
{
	struct link link[4] = { { .ifindex = NIC, .name = "eth0", .flags = IFF_UP } };
	struct links links = { link, n + 1 };
	size_t i;

	for (i = 0; i < n; i++) {
		struct link *upper = &link[i + 1];

		upper->ifindex = NIC + 1 + i;
		strcpy(upper->kind, above[i].kind);
		upper->flags = above[i].down ? 0 : IFF_UP;
		upper->promiscuity = above[i].promiscuity;
		upper->allmulti = above[i].allmulti;
		if (above[i].master)
			link[0].master = upper->ifindex;
		else
			upper->lower = NIC;
	}
	memset(who, 0, 8);
	return uppers_claim(&links, &link[0], mode, left, on_claim, who);
}

static const struct {
	struct above above[3];
	size_t n;
	enum rx_mode mode;
	uint32_t left;
	const char *who;
	uint32_t rest;
} cases[] = {
	/* A port of a bridge is allmulti always, and promiscuous if anything is left. */
	{ { { "bridge", true, false, 0, 0 } }, 1, RX_ALLMULTI, 1, "3", 0 },
	{ { { "bridge", true, false, 0, 0 } }, 1, RX_PROMISC, 1, "3", 0 },
	{ { { "bridge", true, false, 0, 0 } }, 1, RX_PROMISC, 2, "3", 1 },
	{ { { "bridge", true, false, 0, 0 } }, 1, RX_PROMISC, 0, "", 0 },
	{ { { "bridge", true, true, 0, 0 } }, 1, RX_PROMISC, 1, "3", 0 },
	{ { { "macvlan", false, true, 0, 0 } }, 1, RX_PROMISC, 1, "", 1 },
	/* The one that has to be is named before the one that may be. */
	{ { { "macvlan", false, false, 0, 0 }, { "openvswitch", true, false, 0, 0 } },
	  2,
	  RX_PROMISC,
	  1,
	  "4",
	  0 },
	{ { { "openvswitch", true, false, 0, 0 } }, 1, RX_ALLMULTI, 1, "", 1 },
	/* As long as they are themselves. */
	{ { { "bond", true, false, 0, 0 } }, 1, RX_PROMISC, 1, "", 1 },
	{ { { "bond", true, false, 3, 0 } }, 1, RX_PROMISC, 2, "3", 1 },
	{ { { "team", true, false, 0, 1 } }, 1, RX_ALLMULTI, 1, "3", 0 },
	{ { { "vlan", false, false, 1, 0 } }, 1, RX_ALLMULTI, 1, "", 1 },
	{ { { "vlan", false, false, 1, 0 }, { "vlan", false, false, 2, 0 } },
	  2,
	  RX_PROMISC,
	  3,
	  "34",
	  1 },
	/* One that is down only if none that is up explains it. */
	{ { { "vlan", false, true, 1, 0 }, { "vlan", false, false, 1, 0 } },
	  2,
	  RX_PROMISC,
	  1,
	  "4",
	  0 },
	{ { { "vlan", false, true, 1, 0 } }, 1, RX_PROMISC, 1, "3", 0 },
	{ { { "macvlan", false, true, 1, 0 }, { "macvlan", false, false, 0, 0 } },
	  2,
	  RX_PROMISC,
	  1,
	  "4",
	  0 },
	/* Promiscuous, and its address does it too. */
	{ { { "macvlan", false, false, 1, 0 } }, 1, RX_PROMISC, 2, "33", 0 },
	{ { { "macvlan", false, false, 0, 0 } }, 1, RX_ALLMULTI, 1, "", 1 },
	/* Passes one of the modes on. */
	{ { { "ipvlan", false, false, 1, 1 } }, 1, RX_PROMISC, 1, "", 1 },
	{ { { "ipvlan", false, false, 1, 1 } }, 1, RX_ALLMULTI, 1, "3", 0 },
	/* Pass nothing on. */
	{ { { "vrf", true, false, 1, 1 } }, 1, RX_PROMISC, 1, "", 1 },
	{ { { "vxlan", false, false, 1, 1 } }, 1, RX_PROMISC, 1, "", 1 },
	/* Only as a master. */
	{ { { "bridge", false, false, 1, 1 } }, 1, RX_ALLMULTI, 1, "", 1 },
};

static void links_above_claim_what_they_hold(void **state)
{
	char who[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t rest =
			claim(cases[i].above, cases[i].n, cases[i].mode, cases[i].left, who);

		if (strcmp(who, cases[i].who) || rest != cases[i].rest)
			fail_msg("case %zu (%s): claimed by \"%s\", %u left", i,
				 cases[i].above[0].kind, who, rest);
	}
}

/* --- processes --- */

#define FIELDS "S 1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0"

static void a_process_is_read_whatever_its_name(void **state)
{
	struct process process;

	(void)state;
	assert_true(process_parse(&process, "4711 (tcpdump) " FIELDS " 8812345 1 2 3\n"));
	assert_int_equal(process.pid, 4711);
	assert_string_equal(process.program, "tcpdump");
	assert_int_equal(process.started, 8812345);
	assert_true(process_parse(&process, "1 (a) b (c d) " FIELDS " 7 1\n"));
	assert_string_equal(process.program, "a) b (c d");
	assert_int_equal(process.started, 7);
	assert_true(process_parse(&process, "1 () " FIELDS " 7 1\n"));
	assert_string_equal(process.program, "");
	/* A kernel thread's may be longer. */
	assert_true(process_parse(&process, "9 (kworker/u8:2-events_unbound) " FIELDS " 7 1\n"));
	assert_string_equal(process.program, "kworker/u8:2-ev");
}

static void what_is_no_process_is_refused(void **state)
{
	static const char *const texts[] = { "",
					     "4711",
					     "4711 (tcpdump",
					     "4711 tcpdump) S 1",
					     "4711 )tcpdump(",
					     "4711 (tcpdump) " FIELDS,
					     "x (tcpdump) " FIELDS " 7" };
	struct process process;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (process_parse(&process, texts[i]))
			fail_msg("\"%s\" was taken", texts[i]);
}

/* --- words --- */

static void holders_have_names(void **state)
{
	static const struct {
		struct holder holder;
		const char *text;
	} texts[] = {
		{ { .kind = HOLDER_FLAG, .promisc = true, .count = 1 },
		  "the flag (ip link set dev eth0 promisc off)" },
		{ { .kind = HOLDER_FLAG, .allmulti = true, .count = 1 },
		  "the flag (ip link set dev eth0 allmulticast off)" },
		{ { .kind = HOLDER_LINK, .link = "br0", .link_kind = "bridge", .count = 1 },
		  "bridge br0" },
		{ { .kind = HOLDER_LINK, .link = "eth9", .count = 1 }, "link eth9" },
		{ { .kind = HOLDER_SOCKET, .pid = 4711, .program = "tcpdump", .count = 1 },
		  "tcpdump (pid 4711)" },
		{ { .kind = HOLDER_SOCKET, .pid = 4711, .program = "tcpdump", .count = 3 },
		  "tcpdump (pid 4711), 3 times" },
		{ { .kind = HOLDER_SOCKET, .pid = 1, .program = "\x1b[2J", .count = 1 },
		  "\\x1b[2J (pid 1)" },
		{ { .kind = HOLDER_UNKNOWN, .count = 2, .why = UNKNOWN_NO_PACKET_DIAG },
		  "not found: perhaps packet sockets, which this kernel does not list (no "
		  "packet_diag), 2 times" },
		{ { .kind = HOLDER_SOCKET, .count = 1 },
		  "a packet socket of no process that can be seen" },
	};
	char text[256], small[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_string_equal(holder_text(&texts[i].holder, "eth0", text, sizeof(text)),
				    texts[i].text);
	assert_string_equal(holder_text(&texts[5].holder, "eth0", small, sizeof(small)), "tcpdump");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_above_claim_what_they_hold),
		cmocka_unit_test(a_process_is_read_whatever_its_name),
		cmocka_unit_test(what_is_no_process_is_refused),
		cmocka_unit_test(holders_have_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
