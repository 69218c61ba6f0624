/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers on the command line: decimal, whole word, within bounds.
 */
#ifndef XDPFRAG_NUMBER_H
#define XDPFRAG_NUMBER_H

#include <stdbool.h>

#include "config/report.h"

/* What a number may be, and what it is called in usage texts. */
struct number_rule {
	const char *name; /* "SECONDS" */
	double min;
	double max;
	bool whole; /* no fraction */
};

/* 0, or -EINVAL with a usage report. */
int number_parse(const char *word, const struct number_rule *rule, double *number,
		 struct report *rep);

#endif
