/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture of a datagram that `trace` draws, and its summary. */
#ifndef XDPFRAG_TRACE_PRINT_H
#define XDPFRAG_TRACE_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct trace_style {
	bool colour;
	bool utf8; /* the terminal takes "µs" */
	/* Of the steered NICs: a column each, also where nothing came in. */
	const json_t *links;
};

/* A datagram's history as `trace report` has it (protocol.h). */
void trace_print(const struct trace_style *style, const json_t *datagram);
/* The sums of a trace. */
void trace_print_sums(FILE *to, const json_t *sums);

#endif
