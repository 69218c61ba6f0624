/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words behind `capture`, and the request that they make. */
#ifndef XDPFRAG_CAPTURE_OPTIONS_H
#define XDPFRAG_CAPTURE_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/report.h"

struct capture_options {
	json_t *nics;	  /* names; empty: every steered link */
	json_t *verdicts; /* the agent's names; empty: all */
	const char *file; /* "-": stdout; NULL: lines of text */
	uint64_t count;	  /* packets, then end; 0: without end */
	uint32_t snaplen; /* bytes; 0: whole packets */
	bool decap;
	char *filter; /* "": everything */
};

/* 0, or a negative errno with a report; capture_options_free() in either case. */
int capture_options_parse(struct capture_options *options, const char *const *words, size_t n_words,
			  struct report *rep);
void capture_options_free(struct capture_options *options);

/* capture_filter.c: the filter as [[code, jt, jf, k], …]; NULL with a report. */
json_t *capture_filter_compile(const char *filter, struct report *rep);

#endif
