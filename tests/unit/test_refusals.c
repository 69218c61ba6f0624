// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Statements that the grammar does not take: which word is named, and what it says.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/configs.h"
#include "../lib/expect.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define LONG_NAME \
	"eth12345678901234567890123456789012345678901234567890123456789012345678901234567890"
#define LONG_CUT "eth123456789012345678901234567890123456789012345678901234567..."

struct refusal {
	const char *line;
	const char *word;
	const char *expected;
	const char *message;
};

static void expect_refusal(const struct refusal *refusal)
{
	const struct expected_report expected = { REPORT_USAGE, 0, refusal->word, refusal->expected,
						  refusal->message };
	struct statement statement;
	const char *words[256];
	struct report rep;
	char line[8192];
	int err;

	memset(&rep, 0xa5, sizeof(rep));
	snprintf(line, sizeof(line), "%s", refusal->line);
	err = statement_parse(&statement, words, configs_split(line, words, LENGTH(words)), &rep);
	if (err != -EINVAL)
		fail_msg("%s: returned %d", refusal->line, err);
	expect_report(refusal->line, &rep, &expected);
}

#define OBJECTS	    "group, link, route, learn or flush"
#define GROUP_VERBS "add, replace, del or flush"
#define LINK_VERBS  "add, del, set or unset"
#define OPTIONS	    "source, scope, wrong, apart or reassemble"
#define CONTRADICTION                                                                      \
	"apart delivers a datagram once for each NIC, reassemble once from the copies of " \
	"all: only one of them can be"
#define SETTINGS  "mtu, promisc, allmulti, gro, lro, gso or tso"
#define LINK_MTU  "BYTES, 68 to 65536"
#define ROUTE_MTU "BYTES, 68 to 65520"
#define PREFIX	  "PREFIX|default"
#define ADDR	  "a unicast address"

static const struct refusal refusals[] = {
	/* object and verb */
	{ "", "", OBJECTS, "a statement is missing" },
	{ "''", "", OBJECTS, "\"\" is not known here" },
	{ "groups add", "groups", OBJECTS, "groups is not known here" },
	{ "g add", "g", OBJECTS, "g is not known here" },
	{ "Group add", "Group", OBJECTS, "Group is not known here" },
	{ "add", "add", OBJECTS, "add is not known here" },
	{ "group", "", GROUP_VERBS, "a command is missing after group" },
	{ "link", "", LINK_VERBS, "a command is missing after link" },
	{ "group show", "show", GROUP_VERBS, "show is not a command of group here" },
	{ "group delete 239.0.0.15", "delete", GROUP_VERBS,
	  "delete is not a command of group here" },
	{ "group ad 239.0.0.15 eth1", "ad", GROUP_VERBS, "ad is not a command of group here" },
	{ "link replace eth0", "replace", LINK_VERBS, "replace is not a command of link here" },
	{ "link flush", "flush", LINK_VERBS, "flush is not a command of link here" },
	{ "flush now", "now", "", "now is one word too many: the statement is complete before it" },
	{ "group flush 239.0.0.15", "239.0.0.15", "",
	  "239.0.0.15 is one word too many: the statement is complete before it" },

	/* what must be there */
	{ "group add", "", "GROUP[/LEN]", "GROUP[/LEN] is missing after add" },
	{ "group replace", "", "GROUP[/LEN]", "GROUP[/LEN] is missing after replace" },
	{ "group del", "", "GROUP[/LEN]", "GROUP[/LEN] is missing after del" },
	{ "group add eth1 239.0.0.15", "eth1", "GROUP[/LEN]",
	  "eth1 is not an IPv4 or IPv6 address" },
	{ "group add 192.0.2.1 eth1", "192.0.2.1", "GROUP[/LEN]",
	  "192.0.2.1 is not a multicast group; those of IPv4 are 224.0.0.0/4" },
	{ "group replace 239.0.0.15/24 eth1", "239.0.0.15/24", "GROUP[/LEN]",
	  "239.0.0.15/24 has host bits set; did you mean 239.0.0.0/24" },
	{ "group add 239.0.0.15", "", "NIC[,NIC...]", "NIC[,NIC...] is missing after 239.0.0.15" },
	{ "group add 239.0.0.15 scope all", "scope", "NIC[,NIC...]",
	  "NIC[,NIC...] is missing after 239.0.0.15" },
	{ "group add 239.0.0.15 source 10.0.0.1", "source", "NIC[,NIC...]",
	  "NIC[,NIC...] is missing after 239.0.0.15" },
	{ "group add 239.0.0.15 reassemble", "reassemble", "NIC[,NIC...]",
	  "NIC[,NIC...] is missing after 239.0.0.15" },
	{ "link add", "", "NIC", "NIC is missing after add" },
	{ "link add mode skb", "mode", "NIC", "NIC is missing after add" },
	{ "link del", "", "NIC", "NIC is missing after del" },
	{ "link del eth0 eth1", "eth1", "",
	  "eth1 is one word too many: the statement is complete before it" },

	/* NICs */
	{ "group add 239.0.0.15 ''", "", "a NIC's name", "\"\" cannot be a NIC's name" },
	{ "group add 239.0.0.15 ,", ",", "NIC[,NIC...]", ", has a comma without a NIC beside it" },
	{ "group add 239.0.0.15 eth1,", "eth1,", "NIC[,NIC...]",
	  "eth1, has a comma without a NIC beside it" },
	{ "group add 239.0.0.15 ,eth1", ",eth1", "NIC[,NIC...]",
	  ",eth1 has a comma without a NIC beside it" },
	{ "group add 239.0.0.15 eth1,,eth2", "eth1,,eth2", "NIC[,NIC...]",
	  "eth1,,eth2 has a comma without a NIC beside it" },
	{ "group add 239.0.0.15 eth0,eth1,eth0", "eth0", "another NIC", "eth0 is named twice" },
	{ "group add 239.0.0.15 eth0,eth1/2", "eth1/2", "a NIC's name",
	  "eth1/2 cannot be a NIC's name" },
	{ "group add 239.0.0.15 ..", "..", "a NIC's name", ".. cannot be a NIC's name" },
	{ "group add 239.0.0.15 1234567890123456", "1234567890123456", "a NIC's name",
	  "1234567890123456 is longer than a NIC's name, which is 15 bytes at most" },
	{ "group add 239.0.0.15 eth0," LONG_NAME, LONG_CUT, "a NIC's name",
	  LONG_CUT " is longer than a NIC's name, which is 15 bytes at most" },
	{ "group add 239.0.0.15 eth0,eth\x1b[1m", "eth\\x1b[1m", "a NIC's name",
	  "eth\\x1b[1m holds a character that no statement can hold" },
	{ "group add 239.0.0.15 eth\xff", "eth\\xff", "a NIC's name",
	  "eth\\xff holds a character that no statement can hold" },
	{ "group add 239.0.0.15 eth#1", "eth#1", "a NIC's name",
	  "eth#1 holds a character that no statement can hold" },
	{ "link add eth0,eth1", "eth0,eth1", "a NIC's name",
	  "eth0,eth1 holds a character that no statement can hold" },
	{ "link del eth0:1", "eth0:1", "a NIC's name", "eth0:1 cannot be a NIC's name" },

	/* options */
	{ "group add 239.0.0.15 eth1 eth2", "eth2", OPTIONS,
	  "eth2 is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 Scope all", "Scope", OPTIONS,
	  "Scope is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 sc all", "sc", OPTIONS,
	  "sc is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 ''", "", OPTIONS, "\"\" is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 scope all mode", "mode", "source, wrong, apart or reassemble",
	  "mode is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 scope all source 10.0.0.1 x", "x",
	  "wrong, apart or reassemble", "x is not an option of this statement" },
	{ "group add 239.0.0.15 eth1,eth2 scope all source 10.0.0.1 wrong drop x", "x",
	  "apart or reassemble", "x is not an option of this statement" },
	{ "group add 239.0.0.15 eth1,eth2 scope all source 10.0.0.1 wrong drop apart x", "x",
	  "reassemble", "x is not an option of this statement" },
	{ "group del 239.0.0.15 eth1", "eth1", "source",
	  "eth1 is not an option of this statement" },
	{ "group del 239.0.0.15 scope all", "scope", "source",
	  "scope is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 scope", "", "fragments|all",
	  "fragments|all is missing after scope" },
	{ "group add 239.0.0.15 eth1 scope wrong drop", "wrong", "fragments|all",
	  "fragments|all is missing after scope" },
	{ "group add 239.0.0.15 eth1 scope everything", "everything", "fragments or all",
	  "everything is not a value of scope" },
	{ "group add 239.0.0.15 eth1 scope ALL", "ALL", "fragments or all",
	  "ALL is not a value of scope" },
	{ "group add 239.0.0.15 eth1 source", "", "ADDR", "ADDR is missing after source" },
	{ "group add 239.0.0.15 eth1 source fd00::1", "fd00::1", ADDR,
	  "fd00::1 is IPv6, but the group 239.0.0.15 is IPv4" },
	{ "group del 239.0.0.15 source", "", "ADDR", "ADDR is missing after source" },
	{ "group add 239.0.0.15 eth1 wrong", "", "drop|observe|redirect NIC",
	  "drop|observe|redirect NIC is missing after wrong" },
	{ "group add 239.0.0.15 eth1 wrong pass", "pass", "drop, observe or redirect",
	  "pass is not a value of wrong" },
	{ "group add 239.0.0.15 eth1 wrong redirect", "", "NIC", "NIC is missing after redirect" },
	{ "group add 239.0.0.15 eth1 wrong redirect scope all", "scope", "NIC",
	  "NIC is missing after redirect" },
	{ "group add 239.0.0.15 eth0,eth1 wrong redirect eth1", "eth1", "another NIC",
	  "eth1 is allowed already, so nothing is redirected to it" },
	{ "group add 239.0.0.15 eth0 wrong redirect eth1,eth2", "eth1,eth2", "a NIC's name",
	  "eth1,eth2 holds a character that no statement can hold" },
	{ "group add 239.0.0.15 eth0 wrong redirect eth1 eth2", "eth2",
	  "source, scope, apart or reassemble", "eth2 is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 scope all scope all", "scope",
	  "source, wrong, apart or reassemble", "scope is given twice" },
	{ "group add 239.0.0.15 eth1 scope all source 10.0.0.1 scope fragments", "scope",
	  "wrong, apart or reassemble", "scope is given twice" },
	{ "group del 239.0.0.15 source 10.0.0.1 source 10.0.0.1", "source", "",
	  "source is given twice" },
	{ "group add 239.0.0.15 eth1 reassemble reassemble", "reassemble",
	  "source, scope, wrong or apart", "reassemble is given twice" },
	{ "group add 239.0.0.15 eth1 reassemble on", "on", "source, scope, wrong or apart",
	  "on is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 Reassemble", "Reassemble", OPTIONS,
	  "Reassemble is not an option of this statement" },
	{ "group del 239.0.0.15 reassemble", "reassemble", "source",
	  "reassemble is not an option of this statement" },
	{ "group add 239.0.0.15 eth1 scope reassemble", "reassemble", "fragments|all",
	  "fragments|all is missing after scope" },
	{ "group add 239.0.0.15 eth0,eth1 reassemble apart", "apart", "", CONTRADICTION },
	{ "group add 239.0.0.15 eth0,eth1 apart scope all reassemble", "reassemble", "",
	  CONTRADICTION },
	{ "group add 239.0.0.15 eth1 apart", "apart", "",
	  "only eth1 is allowed, so there is nothing to put together apart; allow another NIC as "
	  "well" },
	{ "group add 239.0.0.15 eth0,eth1 apart apart", "apart",
	  "source, scope, wrong or reassemble", "apart is given twice" },
	{ "group add 239.0.0.15 apart", "apart", "NIC[,NIC...]",
	  "NIC[,NIC...] is missing after 239.0.0.15" },
	{ "group add 239.0.0.15 eth0,eth1 wrong apart", "apart", "drop|observe|redirect NIC",
	  "drop|observe|redirect NIC is missing after wrong" },
	{ "group del 239.0.0.15 apart", "apart", "source",
	  "apart is not an option of this statement" },
	{ "link add eth0 mode", "", "auto|native|skb", "auto|native|skb is missing after mode" },
	{ "link add eth0 mode generic", "generic", "auto, native or skb",
	  "generic is not a value of mode" },
	{ "link add eth0 mode skb mode skb", "mode", "xdpcap-hook", "mode is given twice" },
	{ "link add eth0 mtu 9000", "mtu", "mode or xdpcap-hook",
	  "mtu is not an option of this statement" },
	{ "link add eth0 xdpcap-hook", "", "on|off", "on|off is missing after xdpcap-hook" },
	{ "link add eth0 xdpcap-hook mode", "mode", "on|off",
	  "on|off is missing after xdpcap-hook" },
	{ "link add eth0 xdpcap-hook yes", "yes", "on or off",
	  "yes is not a value of xdpcap-hook" },
	{ "link add eth0 xdpcap-hook on xdpcap-hook off", "xdpcap-hook", "mode",
	  "xdpcap-hook is given twice" },
	{ "link add eth0 xdpcap on", "xdpcap", "mode or xdpcap-hook",
	  "xdpcap is not an option of this statement" },

	/* link set, link unset */
	{ "link set", "", "NIC", "NIC is missing after set" },
	{ "link set eth0", "", SETTINGS, SETTINGS " is missing after eth0" },
	{ "link set mtu 9000", "mtu", "NIC", "NIC is missing after set" },
	{ "link set eth0,eth1 mtu 9000", "eth0,eth1", "a NIC's name",
	  "eth0,eth1 holds a character that no statement can hold" },
	{ "link set eth0 mtu", "", "BYTES", "BYTES is missing after mtu" },
	{ "link set eth0 mtu promisc off", "promisc", "BYTES", "BYTES is missing after mtu" },
	{ "link set eth0 mtu abc", "abc", LINK_MTU, "abc is not a number of bytes" },
	{ "link set eth0 mtu ''", "", LINK_MTU, "\"\" is not a number of bytes" },
	{ "link set eth0 mtu +1500", "+1500", LINK_MTU, "+1500 is not a number of bytes" },
	{ "link set eth0 mtu -1", "-1", LINK_MTU, "-1 is not a number of bytes" },
	{ "link set eth0 mtu 0x5dc", "0x5dc", LINK_MTU, "0x5dc is not a number of bytes" },
	{ "link set eth0 mtu 01500", "01500", LINK_MTU, "01500 is not a number of bytes" },
	{ "link set eth0 mtu 1500.5", "1500.5", LINK_MTU, "1500.5 is not a number of bytes" },
	{ "link set eth0 mtu 0", "0", LINK_MTU, "0 is not an MTU" },
	{ "link set eth0 mtu 67", "67", LINK_MTU, "67 is not an MTU" },
	{ "link set eth0 mtu 65537", "65537", LINK_MTU, "65537 is not an MTU" },
	{ "link set eth0 mtu 4294968796", "4294968796", LINK_MTU, "4294968796 is not an MTU" },
	{ "link set eth0 mtu 18446744073709553116", "18446744073709553116", LINK_MTU,
	  "18446744073709553116 is not an MTU" },
	{ "link set eth0 mtu 9000 mtu 1500", "mtu", "promisc, allmulti, gro, lro, gso or tso",
	  "mtu is given twice" },
	{ "link set eth0 gro on lro off gro on", "gro", "mtu, promisc, allmulti, gso or tso",
	  "gro is given twice" },
	{ "link set eth0 gro", "", "on|off", "on|off is missing after gro" },
	{ "link set eth0 gro tso off", "tso", "on|off", "on|off is missing after gro" },
	{ "link set eth0 gro maybe", "maybe", "on or off", "maybe is not a value of gro" },
	{ "link set eth0 promisc 0", "0", "on or off", "0 is not a value of promisc" },
	{ "link set eth0 allmulti OFF", "OFF", "on or off", "OFF is not a value of allmulti" },
	{ "link set eth0 mode skb", "mode", SETTINGS, "mode is not an option of this statement" },
	{ "link set eth0 mtu 9000 on", "on", "promisc, allmulti, gro, lro, gso or tso",
	  "on is not an option of this statement" },
	{ "link set eth0 mtu 9000 promisc off allmulti off gro on lro off gso on tso on x", "x", "",
	  "x is one word too many: the statement is complete before it" },
	{ "link unset", "", "NIC", "NIC is missing after unset" },
	{ "link unset promisc", "promisc", "NIC", "NIC is missing after unset" },
	{ "link unset eth0 mtu 9000", "9000", "promisc, allmulti, gro, lro, gso or tso",
	  "9000 is not an option of this statement" },
	{ "link unset eth0 mtu mtu", "mtu", "promisc, allmulti, gro, lro, gso or tso",
	  "mtu is given twice" },
	{ "link unset eth0 eth1", "eth1", SETTINGS, "eth1 is not an option of this statement" },

	/* route */
	{ "route", "", "set or unset", "a command is missing after route" },
	{ "route add default mtu 1400", "add", "set or unset",
	  "add is not a command of route here" },
	{ "route set", "", PREFIX, "PREFIX|default is missing after set" },
	{ "route set default", "", "mtu", "mtu is missing after default" },
	{ "route set default via 10.0.0.1", "", "mtu", "mtu is missing after 10.0.0.1" },
	{ "route set mtu 1400", "mtu", PREFIX, "PREFIX|default is missing after set" },
	{ "route set dev eth0 mtu 1400", "dev", PREFIX, "PREFIX|default is missing after set" },
	{ "route set eth0 mtu 1400", "eth0", PREFIX, "eth0 is not an IPv4 or IPv6 address" },
	{ "route set Default mtu 1400", "Default", PREFIX,
	  "Default is not an IPv4 or IPv6 address" },
	{ "route set '' mtu 1400", "", PREFIX, "\"\" is not an IPv4 or IPv6 address" },
	{ "route set 10/8 mtu 1400", "10/8", PREFIX, "10/8 is not an IPv4 or IPv6 address" },
	{ "route set fe80::%eth0/64 mtu 1400", "fe80::%eth0/64", PREFIX,
	  "fe80::%eth0/64 has a zone, but NICs are a word of their own" },
	{ "route set 10.0.0.1/8 mtu 1400", "10.0.0.1/8", PREFIX,
	  "10.0.0.1/8 has host bits set; did you mean 10.0.0.0/8" },
	{ "route set 10.0.0.0/0 mtu 1400", "10.0.0.0/0", PREFIX,
	  "10.0.0.0/0 has host bits set; did you mean 0.0.0.0/0" },
	{ "route set fd00::1/64 mtu 1400", "fd00::1/64", PREFIX,
	  "fd00::1/64 has host bits set; did you mean fd00::/64" },
	{ "route set 10.0.0.0/33 mtu 1400", "10.0.0.0/33", "a prefix length of 0 to 32",
	  "10.0.0.0/33 has a prefix length over 32" },
	{ "route set ::/129 mtu 1400", "::/129", "a prefix length of 0 to 128",
	  "::/129 has a prefix length over 128" },
	{ "route set 10.0.0.0/ mtu 1400", "10.0.0.0/", "a prefix length of 0 to 32",
	  "10.0.0.0/ has no valid prefix length" },
	{ "route set 10.0.0.0/08 mtu 1400", "10.0.0.0/08", "a prefix length of 0 to 32",
	  "10.0.0.0/08 has no valid prefix length" },
	{ "route set 0.0.0.0 mtu 1400", "0.0.0.0", PREFIX,
	  "no route leads to 0.0.0.0 alone; did you mean default or 0.0.0.0/0" },
	{ "route set :: mtu 1400", "::", PREFIX,
	  "no route leads to :: alone; did you mean default or ::/0" },
	{ "route set ff3e::/32 dev eth0 mtu 1400", "ff3e::/32", PREFIX,
	  "ff3e::/32 is multicast, which IPv6 sends by routes of the kernel's own that are left "
	  "alone; it has the MTU of the link" },
	{ "route set default via mtu 1400", "mtu", "ADDR", "ADDR is missing after via" },
	{ "route set default via eth0 mtu 1400", "eth0", ADDR,
	  "eth0 is not an IPv4 or IPv6 address" },
	{ "route set default via 10.0.0.1/24 mtu 1400", "10.0.0.1/24", ADDR,
	  "10.0.0.1/24 is a prefix, but a gateway is one address" },
	{ "route set default via 0.0.0.0 mtu 1400", "0.0.0.0", ADDR,
	  "0.0.0.0 is the unspecified address, which is never a gateway; without one, any is "
	  "meant" },
	{ "route set default via ff02::1 mtu 1400", "ff02::1", ADDR,
	  "ff02::1 is a multicast group, which is never a gateway; without one, any is meant" },
	{ "route set 10.0.0.0/8 via fe80::1%eth0 mtu 1400", "fe80::1%eth0", ADDR,
	  "fe80::1%eth0 has a zone, but NICs are a word of their own" },
	{ "route set fd00::/8 via 10.0.0.1 mtu 1400", "10.0.0.1", "ADDR",
	  "10.0.0.1 is IPv4, which is no gateway of an IPv6 prefix" },
	{ "route set default dev mtu 1400", "mtu", "NIC", "NIC is missing after dev" },
	{ "route set default dev eth/0 mtu 1400", "eth/0", "a NIC's name",
	  "eth/0 cannot be a NIC's name" },
	{ "route set default mtu", "", "BYTES", "BYTES is missing after mtu" },
	{ "route set default mtu lock 1400", "lock", ROUTE_MTU, "lock is not a number of bytes" },
	{ "route set default mtu 65521", "65521", ROUTE_MTU, "65521 is not an MTU" },
	{ "route set 10.0.0.0/8 mtu 67", "67", ROUTE_MTU, "67 is not an MTU" },
	{ "route set fd00::/8 mtu 1279", "1279", "", "1279 is less than an MTU of IPv6, 1280" },
	{ "route set default mtu 1279", "1279", "",
	  "default means that of IPv6 too, whose MTU is 1280 at least; 0.0.0.0/0 is that of IPv4 "
	  "alone" },
	{ "route set default mtu 1279 via fe80::1", "1279", "",
	  "default means that of IPv6 too, whose MTU is 1280 at least; 0.0.0.0/0 is that of IPv4 "
	  "alone" },
	{ "route set default mtu 1400 metric 5", "metric", "via or dev",
	  "metric is not an option of this statement" },
	{ "route set default mtu 1400 mtu 1400", "mtu", "via or dev", "mtu is given twice" },
	{ "route unset", "", PREFIX, "PREFIX|default is missing after unset" },
	{ "route unset default mtu 1400", "mtu", "via or dev",
	  "mtu is not an option of this statement" },

	/* learn */
	{ "learn", "", "on or off", "a command is missing after learn" },
	{ "learn maybe", "maybe", "on or off", "maybe is not a command of learn here" },
	{ "learn on on", "on", "", "on is one word too many: the statement is complete before it" },
	{ "learn off eth0", "eth0", "",
	  "eth0 is one word too many: the statement is complete before it" },
};

static void what_is_no_statement_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refusals); i++)
		expect_refusal(&refusals[i]);
}

static void a_group_takes_no_65_nics(void **state)
{
	char line[2048] = "group add 239.0.0.15 ";
	const struct refusal refusal = { line, "nic-number-064", "",
					 "nic-number-064 is one NIC too many: a group takes 64" };

	(void)state;
	for (int i = 0; i <= CONFIG_NICS; i++)
		sprintf(line + strlen(line), "%snic-number-%03d", i ? "," : "", i);
	expect_refusal(&refusal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_statement_is_refused),
		cmocka_unit_test(a_group_takes_no_65_nics),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
