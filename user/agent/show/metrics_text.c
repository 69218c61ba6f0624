// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of the Prometheus text format (version 0.0.4). */
#include "agent/show/metrics_text.h"
#include "config/report.h"

/* A label's value: backslash, quote and newline are escaped. NIC names may hold the first two. */
void metrics_label(struct evbuffer *out, const char *name, const char *value)
{
	/* The page must be UTF-8; the kernel takes names that are not. */
	const char *shown = REPORT_QUOTE(value);

	evbuffer_add_printf(out, "%s=\"", name);
	for (value = shown; *value; value++) {
		if (*value == '\\' || *value == '"')
			evbuffer_add(out, "\\", 1);
		evbuffer_add(out, value, 1);
	}
	evbuffer_add(out, "\"", 1);
}

void metrics_heading(struct evbuffer *out, const char *name, const char *type, const char *help)
{
	evbuffer_add_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_sample(struct evbuffer *out, const char *metric, const char *nic, const char *kind,
		    const char *value, uint64_t count)
{
	evbuffer_add_printf(out, "%s{", metric);
	metrics_label(out, "nic", nic);
	evbuffer_add(out, ",", 1);
	metrics_label(out, kind, value);
	evbuffer_add_printf(out, "} %llu\n", (unsigned long long)count);
}
