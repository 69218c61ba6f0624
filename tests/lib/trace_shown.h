/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does what is shown of a history, as JSON and as a picture, say what the history says? */
#ifndef XDPFRAG_TESTS_TRACE_SHOWN_H
#define XDPFRAG_TESTS_TRACE_SHOWN_H

#include <jansson.h>

#include "ctl/trace_print.h"
#include "diagnose/trace_datagram.h"

/* NULL, or what does not hold. `json`: as trace_json() has made it of the datagram. */
const char *trace_shown_fault(const struct trace_datagram *datagram, const json_t *json);
/* The style is one without colours. */
const char *trace_picture_fault(const struct trace_datagram *datagram, const json_t *json,
				const struct trace_style *style);

#endif
