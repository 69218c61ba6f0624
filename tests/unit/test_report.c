// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reports: whatever the user or a file said, what is shown is safe and fits.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "config/report.h"
#include "config/text.h"

static const struct {
	const char *raw;
	const char *shown;
} words[] = {
	{ "eth1", "eth1" },
	{ "", "\"\"" },
	{ "a b", "a b" },
	{ "\x1b[31mred", "\\x1b[31mred" },
	{ "a\nb\tc\rd\x7f", "a\\x0ab\\x09c\\x0dd\\x7f" },
	{ "b\xc3\xbcro0", "b\xc3\xbcro0" },
	{ "\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80" },
	/* not UTF-8: a byte on its own, cut off, overlong, a surrogate, beyond Unicode */
	{ "\xa0", "\\xa0" },
	{ "x\xc3", "x\\xc3" },
	{ "\xc0\xaf", "\\xc0\\xaf" },
	{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
	{ "\xff\xfe", "\\xff\\xfe" },
	/* U+009B, which begins a command to a terminal */
	{ "\xc2\x9b", "\\xc2\\x9b" },
	/* escaped already */
	{ "\\x1b", "\\x1b" },
};

static void words_are_safe_to_show(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *shown = REPORT_QUOTE(words[i].raw);

		assert_string_equal(shown, words[i].shown);
		assert_true(text_printable(shown));
		assert_string_equal(REPORT_QUOTE(shown), shown);
		if (words[i].raw[0] && words[i].raw[0] != '\\')
			assert_int_equal(text_printable(words[i].raw), !strchr(shown, '\\'));
	}
}

/* Of every length, and with each kind of character at the cut. */
static void words_are_cut_to_fit(void **state)
{
	static const char *const units[] = { "a", "\xc3\xbc", "\xf0\x9f\x98\x80", "\x01" };
	char raw[512], small[16];

	(void)state;
	for (size_t u = 0; u < 4; u++) {
		for (size_t n = 1; n < 100; n++) {
			size_t width = units[u][0] == 1 ? 4 : strlen(units[u]);

			raw[0] = '\0';
			for (size_t i = 0; i < n; i++)
				strcat(raw, units[u]);
			report_quote(small, sizeof(small), raw);
			assert_true(text_printable(small));
			if (n * width < sizeof(small)) {
				assert_int_equal(strlen(small), n * width);
				continue;
			}
			assert_true(strlen(small) + width >= sizeof(small) - 1);
			assert_string_equal(small + strlen(small) - 3, "...");
		}
	}
}

static void reports_are_filled_in_whole(void **state)
{
	struct report rep;

	(void)state;
	memset(&rep, 0xa5, sizeof(rep));
	assert_int_equal(report_usage(&rep, "w\x01", "a or b", "%s and %d", "x\n", 7), -EINVAL);
	assert_int_equal(rep.kind, REPORT_USAGE);
	assert_int_equal(rep.line, 0);
	assert_string_equal(rep.word, "w\\x01");
	assert_string_equal(rep.expected, "a or b");
	assert_string_equal(rep.message, "x\\x0a and 7");

	assert_int_equal(report_refused(&rep, -EEXIST, NULL, "there"), -EEXIST);
	assert_int_equal(rep.kind, REPORT_REFUSED);
	assert_string_equal(rep.word, "");
	assert_string_equal(rep.expected, "");
	assert_string_equal(rep.message, "there");

	assert_int_equal(report_failed(&rep, -ENOMEM, "eth0", "no"), -ENOMEM);
	assert_int_equal(rep.kind, REPORT_FAILED);
	assert_string_equal(rep.word, "eth0");
}

static void a_report_can_be_made_from_itself(void **state)
{
	struct report rep;

	(void)state;
	report_failed(&rep, -EPERM, "eth0", "no");
	report_failed(&rep, -EPERM, rep.word, "%s: %s", rep.word, rep.message);
	assert_string_equal(rep.message, "eth0: no");
	assert_string_equal(rep.word, "eth0");
}

static void long_reports_are_cut(void **state)
{
	static char longest[100000];
	struct report rep;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	report_usage(&rep, longest, longest, "%s%s", longest, longest);
	assert_int_equal(strlen(rep.word), sizeof(rep.word) - 1);
	assert_int_equal(strlen(rep.expected), sizeof(rep.expected) - 1);
	assert_int_equal(strlen(rep.message), sizeof(rep.message) - 1);
	assert_string_equal(rep.message + sizeof(rep.message) - 5, "x...");
}

static void kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(report_kind_name(REPORT_NONE), "none");
	assert_string_equal(report_kind_name(REPORT_USAGE), "usage");
	assert_string_equal(report_kind_name(REPORT_REFUSED), "refused");
	assert_string_equal(report_kind_name(REPORT_FAILED), "failed");
}

static void lists_read_as_a_sentence(void **state)
{
	static const char *const list[] = { "one", "two", "three" };
	char text[64];

	(void)state;
	assert_string_equal(text_list(text, sizeof(text), list, 0), "");
	assert_string_equal(text_list(text, sizeof(text), list, 1), "one");
	assert_string_equal(text_list(text, sizeof(text), list, 2), "one or two");
	assert_string_equal(text_list(text, sizeof(text), list, 3), "one, two or three");
	assert_string_equal(text_list(text, 8, list, 3), "one, tw");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_safe_to_show),
		cmocka_unit_test(words_are_cut_to_fit),
		cmocka_unit_test(reports_are_filled_in_whole),
		cmocka_unit_test(a_report_can_be_made_from_itself),
		cmocka_unit_test(long_reports_are_cut),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(lists_read_as_a_sentence),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
