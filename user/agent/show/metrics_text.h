/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pages of metrics are written with. */
#ifndef XDPFRAG_METRICS_TEXT_H
#define XDPFRAG_METRICS_TEXT_H

#include <event2/buffer.h>
#include <stdint.h>

#include "agent/agent.h"

void metrics_label(struct evbuffer *out, const char *name, const char *value);
void metrics_heading(struct evbuffer *out, const char *name, const char *type, const char *help);
/* Of a NIC, with one more label: `kind`, which has `value`. */
void metrics_sample(struct evbuffer *out, const char *metric, const char *nic, const char *kind,
		    const char *value, uint64_t count);

/* metrics_reassembly.c: what `reassemble` has counted. */
void metrics_reassembly(struct evbuffer *out, const struct agent *agent);

#endif
