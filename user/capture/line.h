/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of text that grows in a caller's buffer, and is cut where that ends. */
#ifndef XDPFRAG_LINE_H
#define XDPFRAG_LINE_H

#include <stddef.h>

struct line {
	char *buf; /* always terminated */
	size_t size;
	size_t used; /* without the terminating zero */
};

void line_begin(struct line *line, char *buf, size_t size); /* size: 1 at least */
void line_add(struct line *line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
