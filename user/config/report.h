/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said to the user about a statement that cannot be taken: which word,
 * what was expected, and a message with the remedy. Filled in by whoever finds
 * the fault, printed once, at the boundary. Plain data without ownership.
 */
#ifndef XDPFRAG_REPORT_H
#define XDPFRAG_REPORT_H

#include <stddef.h>

enum report_kind {
	REPORT_NONE,
	REPORT_USAGE,	/* words that are not in the grammar: exit status 2 */
	REPORT_REFUSED, /* well-formed, but not to be had: exit status 1 */
	REPORT_FAILED,	/* the kernel or the host refused: exit status 1 */
};

struct report {
	enum report_kind kind;
	unsigned int line;  /* of the file, from 1; 0: no file */
	char word[64];	    /* the offending word, "" when there is none */
	char expected[160]; /* what the grammar has in its place, "" when nothing */
	char message[320];  /* a whole sentence without full stop or newline */
};

const char *report_kind_name(enum report_kind kind); /* "usage", "refused", "failed" */

/*
 * Fill in a report and return err (negative errno), so that a caller can write
 * `return report_refused(rep, -EEXIST, word, "…")`.
 */
int report_usage(struct report *rep, const char *word, const char *expected, const char *fmt, ...)
	__attribute__((format(printf, 4, 5))); /* returns -EINVAL */
int report_refused(struct report *rep, int err, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int report_failed(struct report *rep, int err, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
