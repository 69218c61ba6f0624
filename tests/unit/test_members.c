// SPDX-License-Identifier: GPL-2.0-or-later
/* Memberships out of the kernel's lists: what is joined, from where, and what somebody else wants.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netstate/listeners.h"
#include "netstate/members.h"

#define IGMP	 "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
#define MCFILTER "Idx Device        MCA        SRC    INC    EXC\n"
#define MCFILTER6                                                                                 \
	"Idx Device                Multicast Address                   Source Address    INC    " \
	"EXC\n"
#define ONE  IGMP "2\teth0 :\n\t\t\t\t{239.0.0.15}     1 0:00000000\t\t0\n"
#define G15  "ff150000000000000000000000000015"
#define FD01 "fd000000000000000000000000000001"
#define FD02 "fd000000000000000000000000000002"

/* A file of this text, in which {239.0.0.15} stands for the address as igmp prints it. */
static FILE *file_of(const char *text)
{
	FILE *file = tmpfile();
	char address[INET_ADDRSTRLEN];
	struct in_addr in;

	assert_non_null(file);
	for (; *text; text++) {
		if (*text != '{') {
			fputc(*text, file);
			continue;
		}
		assert_int_equal(sscanf(text, "{%15[0-9.]}", address), 1);
		assert_int_equal(inet_pton(AF_INET, address, &in), 1);
		fprintf(file, "%08X", in.s_addr);
		text = strchr(text, '}');
	}
	rewind(file);
	return file;
}

struct texts {
	const char *igmp, *mcfilter, *igmp6, *mcfilter6, *dev_mcast;
};

static int parse(struct members *members, const struct texts *texts)
{
	struct members_files files = {
		.igmp = file_of(texts->igmp ? texts->igmp : IGMP),
		.mcfilter = file_of(texts->mcfilter ? texts->mcfilter : MCFILTER),
		.igmp6 = texts->igmp6 ? file_of(texts->igmp6) : NULL,
		.mcfilter6 = texts->igmp6 ? file_of(texts->mcfilter6 ? texts->mcfilter6 : MCFILTER6)
					  : NULL,
		.dev_mcast = file_of(texts->dev_mcast ? texts->dev_mcast : ""),
	};
	int err = members_parse(members, &files);

	fclose(files.igmp);
	fclose(files.mcfilter);
	if (files.igmp6) {
		fclose(files.igmp6);
		fclose(files.mcfilter6);
	}
	fclose(files.dev_mcast);
	return err;
}

/* A line for each: "2 239.0.0.15 from 10.0.0.1", "2 mac 01005e00000f". */
static char *print(const struct members *members)
{
	char *text, group[INET6_ADDRSTRLEN], source[INET6_ADDRSTRLEN];
	size_t len;
	FILE *to = open_memstream(&text, &len);

	for (size_t i = 0; i < members->n; i++) {
		const struct member *member = &members->member[i];

		inet_ntop(member->family, member->group, group, sizeof(group));
		inet_ntop(member->family, member->source, source, sizeof(source));
		fprintf(to, "%u %s%s%s\n", member->ifindex, group,
			member->has_source ? " from " : "", member->has_source ? source : "");
	}
	for (size_t i = 0; i < members->n_macs; i++) {
		const uint8_t *mac = members->mac[i].mac;

		fprintf(to, "%u mac %02x%02x%02x%02x%02x%02x\n", members->mac[i].ifindex, mac[0],
			mac[1], mac[2], mac[3], mac[4], mac[5]);
	}
	fclose(to);
	return text;
}

static void test_what_is_joined(void **state)
{
	static const struct {
		struct texts texts;
		const char *expected;
	} cases[] = {
		{ {}, "" },
		/* A NIC, its groups below it, the next NIC. */
		{ { .igmp = IGMP "1\tlo        :     1      V3\n"
				 "\t\t\t\t{224.0.0.1}     1 0:00000000\t\t0\n"
				 "3\teth0      :     2      V2\n"
				 "\t\t\t\t{239.0.0.15}    12 1:000001F4\t\t1\n"
				 "\t\t\t\t{224.0.0.1}     1 0:00000000\t\t0\n" },
		  "1 224.0.0.1\n3 224.0.0.1\n3 239.0.0.15\n" },
		/* Without snooping queriers' timers, and with a name of 15 characters. */
		{ { .igmp = IGMP "12\tlongestname0123:     1      V3\n"
				 "\t\t\t\t{239.255.255.255} 65535 0:00000000\t\t0\n" },
		  "12 239.255.255.255\n" },
		/* IPv6, and no header there. */
		{ { .igmp6 = "2    eth0            " G15 "     1 00000004 0\n"
			     "3    eth1            " G15 "     2 00000006 17\n" },
		  "2 ff15::15\n3 ff15::15\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct members members;
		char *text;

		assert_int_equal(parse(&members, &cases[i].texts), 0);
		text = print(&members);
		assert_string_equal(text, cases[i].expected);
		free(text);
		members_free(&members);
	}
}

/* One NIC, one group, so many sockets; and what they include and exclude. */
static void test_sources(void **state)
{
	static const struct {
		int users;
		const char *mcfilter, *expected;
	} cases[] = {
		{ 1, "", "2 239.0.0.15\n" },
		{ 1, "  2   eth0 0xef00000f 0x0a000001      1      0\n",
		  "2 239.0.0.15 from 10.0.0.1\n" },
		/* One socket, two sources; then a second one with the later source. */
		{ 1,
		  "  2   eth0 0xef00000f 0x0a000002      1      0\n"
		  "  2   eth0 0xef00000f 0x0a000001      1      0\n",
		  "2 239.0.0.15 from 10.0.0.1\n2 239.0.0.15 from 10.0.0.2\n" },
		{ 2,
		  "  2   eth0 0xef00000f 0x0a000001      1      0\n"
		  "  2   eth0 0xef00000f 0x0a000002      2      0\n",
		  "2 239.0.0.15 from 10.0.0.1\n2 239.0.0.15 from 10.0.0.2\n" },
		/* One source-specific and one any-source socket. */
		{ 2, "  2   eth0 0xef00000f 0x0a000001      1      0\n", "2 239.0.0.15\n" },
		/* Two with a source each, or one with both and one with any: not to be told. */
		{ 2,
		  "  2   eth0 0xef00000f 0x0a000001      1      0\n"
		  "  2   eth0 0xef00000f 0x0a000002      1      0\n",
		  "2 239.0.0.15\n" },
		/* All but one source, and one socket that includes just that. */
		{ 1, "  2   eth0 0xef00000f 0x0a000001      0      1\n", "2 239.0.0.15\n" },
		{ 2, "  2   eth0 0xef00000f 0x0a000001      1      1\n", "2 239.0.0.15\n" },
		/* More include than have joined: two lists of different moments. */
		{ 1, "  2   eth0 0xef00000f 0x0a000001      2      0\n", "2 239.0.0.15\n" },
		/* The same group elsewhere, another group, a group that is not joined. */
		{ 1, "  3   eth1 0xef00000f 0x0a000001      1      0\n", "2 239.0.0.15\n" },
		{ 1, "  2   eth0 0xef000010 0x0a000001      1      0\n", "2 239.0.0.15\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char igmp[256], mcfilter[512], *text;
		struct texts texts = { .igmp = igmp, .mcfilter = mcfilter };
		struct members members;

		snprintf(igmp, sizeof(igmp),
			 IGMP "2\teth0      :     1      V3\n\t\t\t\t{239.0.0.15} %5d "
			      "0:00000000\t\t0\n",
			 cases[i].users);
		snprintf(mcfilter, sizeof(mcfilter), MCFILTER "%s", cases[i].mcfilter);
		assert_int_equal(parse(&members, &texts), 0);
		text = print(&members);
		assert_string_equal(text, cases[i].expected);
		free(text);
		members_free(&members);
	}
}

static void test_sources_of_ipv6(void **state)
{
	static const struct texts texts = {
		.igmp6 = "2    eth0            " G15 "     1 00000004 0\n"
			 "3    eth1            " G15 "     2 00000004 0\n",
		.mcfilter6 = MCFILTER6 "  2   eth0 " G15 " " FD01 "      1      0\n"
				       "  3   eth1 " G15 " " FD02 "      1      0\n",
	};
	struct members members;
	char *text;

	(void)state;
	assert_int_equal(parse(&members, &texts), 0);
	text = print(&members);
	assert_string_equal(text, "3 ff15::15\n2 ff15::15 from fd00::1\n");
	free(text);
	members_free(&members);
}

/* A NIC's filter has an address once for each of its groups; more is for somebody else. */
static void test_who_else_wants_an_address(void **state)
{
	static const char igmp[] = IGMP "2\teth0      :     3      V3\n"
					"\t\t\t\t{239.0.0.15}     5 0:00000000\t\t0\n"
					"\t\t\t\t{239.128.0.15}     1 0:00000000\t\t0\n"
					"\t\t\t\t{224.0.0.1}     1 0:00000000\t\t0\n";
	static const struct {
		const char *dev_mcast, *expected;
	} cases[] = {
		{ "2    eth0            2     0     01005e00000f\n", "" },
		{ "2    eth0            3     0     01005e00000f\n", "2 mac 01005e00000f\n" },
		{ "2    eth0            1     0     01005e000010\n", "2 mac 01005e000010\n" },
		{ "3    eth1            1     1     01005e00000f\n", "3 mac 01005e00000f\n" },
		/* A NIC that is down has an empty filter, InfiniBand has longer addresses. */
		{ "", "" },
		{ "2    ib0             1     0     00ffffffff12401bffff00000000000000000001\n",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct texts texts = { .igmp = igmp, .dev_mcast = cases[i].dev_mcast };
		struct members members;
		char *text;

		assert_int_equal(parse(&members, &texts), 0);
		members.n = 0;
		text = print(&members);
		assert_string_equal(text, cases[i].expected);
		free(text);
		members_free(&members);
	}
}

static void test_addresses_on_Ethernet(void **state)
{
	static const struct {
		const char *group, *mac;
	} cases[] = {
		{ "239.0.0.15", "\x01\x00\x5e\x00\x00\x0f" },
		{ "239.255.1.2", "\x01\x00\x5e\x7f\x01\x02" },
		{ "ff15::1:2:3", "\x33\x33\x00\x02\x00\x03" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int family = strchr(cases[i].group, ':') ? AF_INET6 : AF_INET;
		uint8_t group[16], mac[6];

		assert_int_equal(inet_pton(family, cases[i].group, group), 1);
		members_mac(mac, family, group);
		assert_memory_equal(mac, cases[i].mac, 6);
	}
}

/* What is not understood is not guessed at. */
static void test_other_formats_are_refused(void **state)
{
	static const struct texts cases[] = {
		{ .igmp = IGMP "\t\t\t\t{239.0.0.15}     1 0:00000000\t\t0\n" },
		{ .igmp = IGMP "2\teth0 :\n  {239.0.0.15} 1\n" },
		{ .igmp = IGMP "2\teth0 :\n\t\t\t\t{239.0.0.15}\n" },
		{ .mcfilter = MCFILTER "  2   eth0 239.0.0.15 10.0.0.1 1 0\n" },
		{ .igmp6 = "2    eth0            ff15     1 00000004 0\n" },
		{ .igmp6 = "2    eth0            " G15 "00     1 00000004 0\n" },
		{ .igmp6 = "", .mcfilter6 = MCFILTER6 "  2 eth0 " G15 " fd 1 0\n" },
		{ .dev_mcast = "eth0 1 0 01005e000001\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct members members;

		assert_int_equal(parse(&members, &cases[i]), -EPROTO);
		assert_null(members.member);
	}
}

static void test_too_many_are_refused(void **state)
{
	FILE *dev_mcast = tmpfile();
	struct members_files files = { .igmp = file_of(IGMP),
				       .mcfilter = file_of(MCFILTER),
				       .dev_mcast = dev_mcast };
	struct members members;

	(void)state;
	for (int i = 0; i <= MEMBERS_MAX; i++)
		fprintf(dev_mcast, "2    eth0            1     0     01005e%06x\n", i);
	rewind(dev_mcast);
	assert_int_equal(members_parse(&members, &files), -E2BIG);
	fclose(files.igmp);
	fclose(files.mcfilter);
	fclose(dev_mcast);
}

static void test_equal_only_when_equal(void **state)
{
	static const struct texts one = { .igmp = ONE };
	/* The timer of a report that is due, and a second socket: nothing new. */
	static const struct texts same = {
		.igmp = IGMP "2\teth0 :\n\t\t\t\t{239.0.0.15}     2 1:00000020\t\t1\n",
	};
	static const struct texts others[] = {
		{ .igmp = IGMP "3\teth1 :\n\t\t\t\t{239.0.0.15}     1 0:00000000\t\t0\n" },
		{ .igmp = IGMP "2\teth0 :\n\t\t\t\t{239.0.0.16}     1 0:00000000\t\t0\n" },
		{ .igmp = ONE,
		  .mcfilter = MCFILTER "  2   eth0 0xef00000f 0x0a000001      1      0\n" },
		{ .igmp = ONE, .dev_mcast = "2    eth0            1     0     01005e000010\n" },
		{},
	};
	struct members a, b;

	(void)state;
	assert_int_equal(parse(&a, &one), 0);
	assert_int_equal(parse(&b, &same), 0);
	assert_true(members_equal(&a, &b));
	members_free(&b);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_int_equal(parse(&b, &others[i]), 0);
		assert_false(members_equal(&a, &b));
		members_free(&b);
	}
	members_free(&a);
}

static void test_packet_sockets(void **state)
{
	FILE *file = file_of("sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"
			     "00000000e0221244 3      3    0003   2     1 0      0      1413915\n"
			     "00000000e0221245 3      10   0800   2     1 0      0      1413916\n"
			     "00000000e0221246 3      3    0003   0     1 0      0      1413917\n"
			     "00000000e0221247 3      3    88cc   3     1 0      0      1413918\n"
			     "00000000e0221248 2      3    0000   3     0 0      0      1413919\n");
	struct listeners listeners;

	(void)state;
	assert_int_equal(listeners_parse(&listeners, file), 0);
	assert_int_equal(listeners_on(&listeners, 2), 3);
	assert_int_equal(listeners_on(&listeners, 3), 1);
	fclose(file);
	file = file_of("sk RefCnt\nsomething else\n");
	assert_int_equal(listeners_parse(&listeners, file), -EPROTO);
	fclose(file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_joined),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_sources_of_ipv6),
		cmocka_unit_test(test_who_else_wants_an_address),
		cmocka_unit_test(test_addresses_on_Ethernet),
		cmocka_unit_test(test_other_formats_are_refused),
		cmocka_unit_test(test_too_many_are_refused),
		cmocka_unit_test(test_equal_only_when_equal),
		cmocka_unit_test(test_packet_sockets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
