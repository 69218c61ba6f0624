// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filling in of reports. The one place through which everything passes that is
 * said to the user, and so the place where it is made safe to show.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "report.h"
#include "text.h"

const char *report_kind_name(enum report_kind kind)
{
	switch (kind) {
	case REPORT_USAGE:
		return "usage";
	case REPORT_REFUSED:
		return "refused";
	case REPORT_FAILED:
		return "failed";
	case REPORT_NONE:
		break;
	}
	return "none";
}

const char *report_quote(char *buf, size_t size, const char *word)
{
	text_escape(buf, size, word[0] ? word : "\"\"");
	return buf;
}

/* Made apart from *rep: the arguments may point into it. */
static void fill(struct report *rep, enum report_kind kind, const char *word, const char *expected,
		 const char *fmt, va_list args)
{
	struct report made = { .kind = kind };
	char message[2 * sizeof(made.message)];

	vsnprintf(message, sizeof(message), fmt, args);
	text_escape(made.message, sizeof(made.message), message);
	text_escape(made.word, sizeof(made.word), word ? word : "");
	text_escape(made.expected, sizeof(made.expected), expected ? expected : "");
	*rep = made;
}

int report_usage(struct report *rep, const char *word, const char *expected, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fill(rep, REPORT_USAGE, word, expected, fmt, args);
	va_end(args);
	return -EINVAL;
}

int report_refused(struct report *rep, int err, const char *word, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fill(rep, REPORT_REFUSED, word, NULL, fmt, args);
	va_end(args);
	return err;
}

int report_failed(struct report *rep, int err, const char *word, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fill(rep, REPORT_FAILED, word, NULL, fmt, args);
	va_end(args);
	return err;
}
