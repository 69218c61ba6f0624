/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the steer program decided about a captured frame, in words and as XDP has it. The
 * same words stand on the terminal and in the comments of a file.
 */
#ifndef XDPFRAG_DECISION_H
#define XDPFRAG_DECISION_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "xdpfrag/captured.h"

#define DECISION_TEXT  192 /* room for any of the texts below, policies of IPv6 included */
#define DECISION_WIDTH 11  /* of the longest verdict's name */

/* "dropped"; "passed" as well where no policy had a say. */
const char *decision_verdict(const struct xdpfrag_captured *record);

/* "239.1.0.0/16 source 10.0.0.1"; false and "" when no policy matched. Returns through buf. */
bool decision_policy(const struct xdpfrag_captured *record, char *buf, size_t size);

/* Why there was no policy: "truncated"; "" when there is nothing to say. */
const char *decision_reason(const struct xdpfrag_captured *record, char *buf, size_t size);

/* All in one: "dropped: 239.0.0.15", "passed, no policy", "passed, truncated". */
void decision_text(const struct xdpfrag_captured *record, char *buf, size_t size);

/* What the verdict means to the kernel. */
enum xdp_action decision_action(const struct xdpfrag_captured *record);

#endif
