/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same counters over HTTP, in the Prometheus text format: GET /metrics. */
#ifndef XDPFRAG_METRICS_H
#define XDPFRAG_METRICS_H

#include "agent/agent.h"

struct evhttp;

/* Listens on agent->options.metrics, ADDR:PORT or [ADDR]:PORT. -EINVAL when it is neither. */
int metrics_open(struct evhttp **http, struct agent *agent);
void metrics_close(struct evhttp *http);

#endif
