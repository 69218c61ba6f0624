// SPDX-License-Identifier: GPL-2.0-or-later
/* Log lines. Under systemd stderr is the journal, which takes the priority off again. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/log.h"

static void line(int priority, const char *fmt, va_list args)
{
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>", priority);
	else
		fputs("xdpfragd: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

void log_warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line(4, fmt, args);
	va_end(args);
}

void log_notice(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line(5, fmt, args);
	va_end(args);
}
