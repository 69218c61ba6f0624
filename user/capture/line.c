// SPDX-License-Identifier: GPL-2.0-or-later
/* snprintf(), one piece behind the other. */
#include <stdarg.h>
#include <stdio.h>

#include "line.h"

void line_begin(struct line *line, char *buf, size_t size)
{
	*line = (struct line){ .buf = buf, .size = size };
	buf[0] = '\0';
}

void line_add(struct line *line, const char *fmt, ...)
{
	size_t left = line->size - line->used;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line->buf + line->used, left, fmt, args);
	va_end(args);
	if (n > 0)
		line->used += (size_t)n < left ? (size_t)n : left - 1;
}
