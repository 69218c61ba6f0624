/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for what became of a packet, and why no policy had a say: one table for all. */
#ifndef XDPFRAG_VERDICTS_H
#define XDPFRAG_VERDICTS_H

#include "xdpfrag/verdict.h"

/* As keys of JSON and labels of metrics: "dropped", "no_policy". */
extern const char *const verdict_names[XDPFRAG_VERDICTS];
extern const char *const reason_names[XDPFRAG_REASONS];

#endif
