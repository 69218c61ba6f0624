/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What cmocka's assertions lack: a report compared as a whole, saying which case
 * of a table failed.
 */
#ifndef TESTS_EXPECT_H
#define TESTS_EXPECT_H

#include "config/report.h"

struct expected_report {
	enum report_kind kind;
	unsigned int line;
	const char *word;
	const char *expected;
	const char *message;
};

/* `of` says what was tried. */
void expect_report(const char *of, const struct report *rep,
		   const struct expected_report *expected);

#endif
