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

/* Room for a word in a report, quoted. */
#define REPORT_WORD sizeof(((struct report *)0)->word)

/*
 * A word of the user's as it may stand in a message: control characters and
 * bytes that are not UTF-8 escaped, cut to fit ("..."), and seen when empty.
 * Messages hold such words as REPORT_QUOTE(word), good until the end of the block.
 */
const char *report_quote(char *buf, size_t size, const char *word);
#define REPORT_QUOTE(word) report_quote((char[REPORT_WORD]){ 0 }, REPORT_WORD, (word))

/*
 * Fill in a report and return err (negative errno), so that a caller can write
 * `return report_refused(rep, -EEXIST, word, "…")`. What is filled in is escaped and
 * cut like a quoted word; the arguments may point into the report itself. NULL for
 * word or expected is "".
 */
int report_usage(struct report *rep, const char *word, const char *expected, const char *fmt, ...)
	__attribute__((format(printf, 4, 5))); /* returns -EINVAL */
int report_refused(struct report *rep, int err, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int report_failed(struct report *rep, int err, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
