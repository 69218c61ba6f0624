/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a datagram's picture is laid out: a column for each NIC. Inside `trace` only. */
#ifndef XDPFRAG_TRACE_PICTURE_H
#define XDPFRAG_TRACE_PICTURE_H

#include "trace_print.h"

#define TRACE_COLUMNS 16 /* NICs side by side; what comes in on more is left out */
#define TRACE_CELL    96 /* bytes of a text in a column */

#define BOLD   "\033[1m"
#define DIM    "\033[2m"
#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

struct picture {
	const struct trace_style *style;
	const json_t *datagram;
	const char *columns[TRACE_COLUMNS];
	int width[TRACE_COLUMNS];
	size_t n;
};

/* The columns that the datagram needs, as wide as what is to stand there. */
void trace_lay_out(struct picture *picture);
int trace_column(const struct picture *picture, const char *link); /* -1: it has none */
/* "1480+1480 passed, copy" into `cell`, which has room for TRACE_CELL bytes. */
void trace_cell(const json_t *fragment, char *cell);
const char *trace_cell_colour(const json_t *fragment);
/* What a drop by the stack means: "dropped, not joined there". */
const char *trace_cause_text(const json_t *drop);

#endif
