// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Groups, sources and NIC names as words.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "config/statement.h"
#include "../lib/expect.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define LEN4 "a prefix length of 4 to 32"
#define LEN6 "a prefix length of 8 to 128"
#define ADDR "a unicast address"

static const struct {
	const char *word;
	const char *printed;
	int family;
	unsigned int len;
} groups[] = {
	{ "239.0.0.15", "239.0.0.15", AF_INET, 32 },
	{ "239.0.0.15/32", "239.0.0.15", AF_INET, 32 },
	{ "224.0.0.0", "224.0.0.0", AF_INET, 32 },
	{ "239.255.255.255", "239.255.255.255", AF_INET, 32 },
	{ "224.0.0.0/4", "224.0.0.0/4", AF_INET, 4 },
	{ "239.0.0.0/8", "239.0.0.0/8", AF_INET, 8 },
	{ "239.1.2.128/25", "239.1.2.128/25", AF_INET, 25 },
	{ "239.1.2.254/31", "239.1.2.254/31", AF_INET, 31 },
	{ "ff02::1", "ff02::1", AF_INET6, 128 },
	{ "FF02:0:0::0001", "ff02::1", AF_INET6, 128 },
	{ "ff3e::8000:1/128", "ff3e::8000:1", AF_INET6, 128 },
	{ "ff00::/8", "ff00::/8", AF_INET6, 8 },
	{ "ff3e::/32", "ff3e::/32", AF_INET6, 32 },
	{ "ff3e::8000/113", "ff3e::8000/113", AF_INET6, 113 },
	{ "ff05::239.1.2.3", "ff05::ef01:203", AF_INET6, 128 },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", AF_INET6, 127 },
};

static void groups_are_read_and_printed(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(groups); i++) {
		struct group_key key, again;
		struct report rep;
		char text[64], words[GROUP_KEY_WORDS];

		if (group_key_parse(&key, groups[i].word, &rep))
			fail_msg("%s: %s", groups[i].word, rep.message);
		assert_string_equal(group_key_text(&key, text, sizeof(text)), groups[i].printed);
		assert_string_equal(group_key_words(&key, words, sizeof(words)), groups[i].printed);
		assert_int_equal(key.family, groups[i].family);
		assert_int_equal(key.len, groups[i].len);
		assert_false(key.has_source);
		assert_string_equal(group_source_text(&key, text, sizeof(text)), "");
		assert_int_equal(group_key_parse(&again, groups[i].printed, &rep), 0);
		assert_memory_equal(&key, &again, sizeof(key));
	}
}

struct refusal {
	const char *word;
	const char *expected;
	const char *message;
};

static const struct refusal refused_groups[] = {
	{ "192.0.2.1", "GROUP[/LEN]",
	  "192.0.2.1 is not a multicast group; those of IPv4 are 224.0.0.0/4" },
	{ "223.255.255.255", "GROUP[/LEN]",
	  "223.255.255.255 is not a multicast group; those of IPv4 are 224.0.0.0/4" },
	{ "240.0.0.0", "GROUP[/LEN]",
	  "240.0.0.0 is not a multicast group; those of IPv4 are 224.0.0.0/4" },
	{ "255.255.255.255", "GROUP[/LEN]",
	  "255.255.255.255 is not a multicast group; those of IPv4 are 224.0.0.0/4" },
	{ "0.0.0.0/0", "GROUP[/LEN]",
	  "0.0.0.0/0 is not a multicast group; those of IPv4 are 224.0.0.0/4" },
	{ "192.0.2.0/24", "GROUP[/LEN]",
	  "192.0.2.0/24 is not a multicast group; those of IPv4 are 224.0.0.0/4" },
	{ "2001:db8::1", "GROUP[/LEN]",
	  "2001:db8::1 is not a multicast group; those of IPv6 are ff00::/8" },
	{ "::ffff:239.0.0.1", "GROUP[/LEN]",
	  "::ffff:239.0.0.1 is not a multicast group; those of IPv6 are ff00::/8" },
	{ "feff::1", "GROUP[/LEN]",
	  "feff::1 is not a multicast group; those of IPv6 are ff00::/8" },

	{ "224.0.0.0/3", LEN4,
	  "224.0.0.0/3 holds more than multicast groups, which are 224.0.0.0/4" },
	{ "239.0.0.15/0", LEN4,
	  "239.0.0.15/0 holds more than multicast groups, which are 224.0.0.0/4" },
	{ "ff00::/7", LEN6, "ff00::/7 holds more than multicast groups, which are ff00::/8" },
	{ "239.0.0.15/33", LEN4, "239.0.0.15/33 has a prefix length over 32" },
	{ "ff02::1/129", LEN6, "ff02::1/129 has a prefix length over 128" },
	{ "239.0.0.15/", LEN4, "239.0.0.15/ has no valid prefix length" },
	{ "239.0.0.0/08", LEN4, "239.0.0.0/08 has no valid prefix length" },
	{ "239.0.0.0/00", LEN4, "239.0.0.0/00 has no valid prefix length" },
	{ "239.0.0.0/+8", LEN4, "239.0.0.0/+8 has no valid prefix length" },
	{ "239.0.0.0/-8", LEN4, "239.0.0.0/-8 has no valid prefix length" },
	{ "239.0.0.0/ 8", LEN4, "239.0.0.0/ 8 has no valid prefix length" },
	{ "239.0.0.0/8x", LEN4, "239.0.0.0/8x has no valid prefix length" },
	{ "239.0.0.0/8/8", LEN4, "239.0.0.0/8/8 has no valid prefix length" },
	{ "239.0.0.0/255.0.0.0", LEN4, "239.0.0.0/255.0.0.0 has no valid prefix length" },
	{ "239.0.0.0/4294967304", LEN4, "239.0.0.0/4294967304 has no valid prefix length" },

	{ "239.0.0.15/24", "GROUP[/LEN]",
	  "239.0.0.15/24 has host bits set; did you mean 239.0.0.0/24" },
	{ "239.0.0.1/31", "GROUP[/LEN]",
	  "239.0.0.1/31 has host bits set; did you mean 239.0.0.0/31" },
	{ "239.0.0.0/4", "GROUP[/LEN]", "239.0.0.0/4 has host bits set; did you mean 224.0.0.0/4" },
	{ "ff3e::1/32", "GROUP[/LEN]", "ff3e::1/32 has host bits set; did you mean ff3e::/32" },
	{ "ffff::1/127", "GROUP[/LEN]", "ffff::1/127 has host bits set; did you mean ffff::/127" },

	{ "", "GROUP[/LEN]", "\"\" is not an IPv4 or IPv6 address" },
	{ "/24", "GROUP[/LEN]", "/24 is not an IPv4 or IPv6 address" },
	{ "239.0.0.015", "GROUP[/LEN]", "239.0.0.015 is not an IPv4 or IPv6 address" },
	{ "239.0.0", "GROUP[/LEN]", "239.0.0 is not an IPv4 or IPv6 address" },
	{ "239.0.0.0.1", "GROUP[/LEN]", "239.0.0.0.1 is not an IPv4 or IPv6 address" },
	{ "239.0.0.256", "GROUP[/LEN]", "239.0.0.256 is not an IPv4 or IPv6 address" },
	{ "0xef000001", "GROUP[/LEN]", "0xef000001 is not an IPv4 or IPv6 address" },
	{ " 239.0.0.1", "GROUP[/LEN]", " 239.0.0.1 is not an IPv4 or IPv6 address" },
	{ "ff02:::1", "GROUP[/LEN]", "ff02:::1 is not an IPv4 or IPv6 address" },
	{ "ff02::1%eth0", "GROUP[/LEN]",
	  "ff02::1%eth0 has a zone, but NICs are a word of their own" },
	{ "eth1", "GROUP[/LEN]", "eth1 is not an IPv4 or IPv6 address" },
};

static void wrong_groups_are_refused(void **state)
{
	struct group_key key, untouched;
	struct report rep;

	(void)state;
	memset(&untouched, 0x5a, sizeof(untouched));
	for (size_t i = 0; i < LENGTH(refused_groups); i++) {
		const struct refusal *refusal = &refused_groups[i];
		const struct expected_report expected = { REPORT_USAGE, 0, refusal->word,
							  refusal->expected, refusal->message };

		key = untouched;
		assert_int_equal(group_key_parse(&key, refusal->word, &rep), -EINVAL);
		expect_report(refusal->word, &rep, &expected);
		assert_memory_equal(&key, &untouched, sizeof(key));
	}
}

static void words_without_end_are_refused(void **state)
{
	static char word[100000];
	struct group_key key;
	struct report rep;

	(void)state;
	memset(word, '1', sizeof(word) - 1);
	assert_int_equal(group_key_parse(&key, word, &rep), -EINVAL);
	assert_non_null(strstr(rep.message, "1... is not an IPv4 or IPv6 address"));
	memcpy(word, "239.0.0.0/", 10);
	assert_int_equal(group_key_parse(&key, word, &rep), -EINVAL);
	assert_string_equal(rep.expected, LEN4);
}

static const struct {
	const char *group;
	const char *source;
	const char *printed;
} sources[] = {
	{ "239.0.0.15", "10.84.0.73", "239.0.0.15 source 10.84.0.73" },
	{ "239.0.0.0/8", "192.0.2.255", "239.0.0.0/8 source 192.0.2.255" },
	{ "239.0.0.15", "0.0.0.1", "239.0.0.15 source 0.0.0.1" },
	{ "239.0.0.15", "255.255.255.254", "239.0.0.15 source 255.255.255.254" },
	{ "ff3e::1", "2001:DB8::1", "ff3e::1 source 2001:db8::1" },
	{ "ff3e::1", "fe80::0:1", "ff3e::1 source fe80::1" },
	{ "ff3e::1", "::1", "ff3e::1 source ::1" },
	{ "ff3e::/32", "::ffff:10.0.0.1", "ff3e::/32 source ::ffff:10.0.0.1" },
};

static void sources_are_read_and_printed(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(sources); i++) {
		struct group_key key, again;
		char words[GROUP_KEY_WORDS], text[64];
		struct report rep;

		assert_int_equal(group_key_parse(&key, sources[i].group, &rep), 0);
		again = key;
		if (group_source_parse(&key, sources[i].source, &rep))
			fail_msg("%s: %s", sources[i].source, rep.message);
		assert_true(key.has_source);
		assert_string_equal(group_key_words(&key, words, sizeof(words)),
				    sources[i].printed);
		group_source_text(&key, text, sizeof(text));
		assert_int_equal(group_source_parse(&again, text, &rep), 0);
		assert_memory_equal(&key, &again, sizeof(key));
	}
}

static const struct {
	const char *group;
	struct refusal refusal;
} refused_sources[] = {
	{ "239.0.0.15",
	  { "0.0.0.0", ADDR,
	    "0.0.0.0 is the unspecified address, which is never a source; without one, any is "
	    "meant" } },
	{ "ff3e::1",
	  { "::", ADDR,
	    ":: is the unspecified address, which is never a source; without one, any is meant" } },
	{ "239.0.0.15",
	  { "239.1.1.1", ADDR,
	    "239.1.1.1 is a multicast group, which is never a source; without one, any is "
	    "meant" } },
	{ "ff3e::1",
	  { "ff02::1", ADDR,
	    "ff02::1 is a multicast group, which is never a source; without one, any is meant" } },
	{ "239.0.0.15",
	  { "255.255.255.255", ADDR,
	    "255.255.255.255 is the broadcast address, which is never a source; without one, any "
	    "is meant" } },
	{ "239.0.0.15",
	  { "2001:db8::1", ADDR, "2001:db8::1 is IPv6, but the group 239.0.0.15 is IPv4" } },
	{ "ff3e::/32", { "10.0.0.1", ADDR, "10.0.0.1 is IPv4, but the group ff3e::/32 is IPv6" } },
	{ "239.0.0.15",
	  { "10.0.0.0/8", ADDR, "10.0.0.0/8 is a prefix, but a source is one address" } },
	{ "239.0.0.15",
	  { "10.0.0.1/32", ADDR, "10.0.0.1/32 is a prefix, but a source is one address" } },
	{ "239.0.0.15", { "10.0.0.01", ADDR, "10.0.0.01 is not an IPv4 or IPv6 address" } },
	{ "239.0.0.15", { "", ADDR, "\"\" is not an IPv4 or IPv6 address" } },
	{ "239.0.0.15", { "sender", ADDR, "sender is not an IPv4 or IPv6 address" } },
	{ "ff3e::1",
	  { "fe80::1%eth0", ADDR, "fe80::1%eth0 has a zone, but NICs are a word of their own" } },
};

static void wrong_sources_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused_sources); i++) {
		const struct refusal *refusal = &refused_sources[i].refusal;
		const struct expected_report expected = { REPORT_USAGE, 0, refusal->word,
							  refusal->expected, refusal->message };
		struct group_key key, untouched;
		struct report rep;

		assert_int_equal(group_key_parse(&key, refused_sources[i].group, &rep), 0);
		untouched = key;
		assert_int_equal(group_source_parse(&key, refusal->word, &rep), -EINVAL);
		expect_report(refusal->word, &rep, &expected);
		assert_memory_equal(&key, &untouched, sizeof(key));
	}
}

/* Every prefix length, of random groups: the printed form reads back as the same. */
static void random_groups_survive_the_round_trip(void **state)
{
	(void)state;
	srandom(1);
	for (int i = 0; i < 100000; i++) {
		bool six = random() & 1;
		unsigned int min = six ? 8 : 4, bits = six ? 128 : 32;
		struct group_key key = { .family = six ? AF_INET6 : AF_INET }, again;
		char text[64], source[64];
		struct report rep;

		key.len = min + random() % (bits - min + 1);
		for (unsigned int bit = min; bit < key.len; bit++)
			key.group[bit / 8] |= (random() & 1) << (7 - bit % 8);
		key.group[0] |= six ? 0xff : 0xe0;
		if (random() & 1) {
			key.has_source = true;
			for (unsigned int byte = 0; byte < bits / 8; byte++)
				key.source[byte] = random() % 4 ? random() & 0x7f : 0;
			key.source[bits / 8 - 1] |= 1;
		}
		group_key_text(&key, text, sizeof(text));
		group_source_text(&key, source, sizeof(source));
		if (group_key_parse(&again, text, &rep) ||
		    (key.has_source && group_source_parse(&again, source, &rep)))
			fail_msg("%s %s: %s", text, source, rep.message);
		assert_memory_equal(&key, &again, sizeof(key));
		assert_int_equal(group_key_compare(&key, &again), 0);
	}
}

static void groups_sort_as_people_do(void **state)
{
	static const char *const sorted[][2] = {
		{ "224.0.0.0/4" },
		{ "224.0.0.0" },
		{ "239.0.0.0/8" },
		{ "239.0.0.0/24" },
		{ "239.0.0.0" },
		{ "239.0.0.15" },
		{ "239.0.0.15", "10.0.0.1" },
		{ "239.0.0.15", "10.0.0.2" },
		{ "239.0.0.128" },
		{ "ff02::1" },
		{ "ff3e::/32" },
		{ "ff3e::/32", "2001:db8::1" },
		{ "ff3e::" },
	};
	struct group_key keys[LENGTH(sorted)];
	struct report rep;

	(void)state;
	for (size_t i = 0; i < LENGTH(sorted); i++) {
		assert_int_equal(group_key_parse(&keys[i], sorted[i][0], &rep), 0);
		if (sorted[i][1])
			assert_int_equal(group_source_parse(&keys[i], sorted[i][1], &rep), 0);
	}
	for (int i = 0; i < (int)LENGTH(sorted); i++)
		for (int j = 0; j < (int)LENGTH(sorted); j++) {
			int order = group_key_compare(&keys[i], &keys[j]);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
}

static void nic_names_are_the_kernels(void **state)
{
	static const char *const valid[] = { "e",	 "eth0",     "eth0.100", "123456789012345",
					     "...",	 "a,b",	     "#",	 "-",
					     "eth0@if3", "\xc3\xbc", "\x01" };
	static const char *const invalid[] = { "",	 ".",	    "..",   "a/b",
					       "eth0:1", "a b",	    "a\tb", "a\n",
					       "a\v",	 "a\f",	    "a\r",  "1234567890123456",
					       "a\xa0",	 "\xc3\xa0" };
	(void)state;
	for (size_t i = 0; i < LENGTH(valid); i++)
		if (!nic_name_valid(valid[i]))
			fail_msg("%s", valid[i]);
	for (size_t i = 0; i < LENGTH(invalid); i++)
		if (nic_name_valid(invalid[i]))
			fail_msg("%s", invalid[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_read_and_printed),
		cmocka_unit_test(wrong_groups_are_refused),
		cmocka_unit_test(words_without_end_are_refused),
		cmocka_unit_test(sources_are_read_and_printed),
		cmocka_unit_test(wrong_sources_are_refused),
		cmocka_unit_test(random_groups_survive_the_round_trip),
		cmocka_unit_test(groups_sort_as_people_do),
		cmocka_unit_test(nic_names_are_the_kernels),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
