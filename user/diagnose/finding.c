// SPDX-License-Identifier: GPL-2.0-or-later
/* What doctor has to say (finding.h). */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/finding.h"

/* Whole characters only: a text that was cut must still be UTF-8. */
static void format(char *buf, size_t size, const char *fmt, va_list args)
{
	size_t len;

	if (vsnprintf(buf, size, fmt, args) < (int)size)
		return;
	len = size - 1;
	while (len && ((unsigned char)buf[len - 1] & 0xc0) == 0x80)
		len--;
	if (len && (unsigned char)buf[len - 1] >= 0xc0)
		len--;
	buf[len] = '\0';
}

struct finding *finding_add(struct findings *findings, const char *id, enum severity severity,
			    const char *fmt, ...)
{
	struct finding *finding;
	va_list args;

	if (findings->n == FINDINGS_MAX) {
		findings->left_out++;
		return NULL;
	}
	finding = &findings->finding[findings->n++];
	*finding = (struct finding){ .id = id, .severity = severity };
	va_start(args, fmt);
	format(finding->title, sizeof(finding->title), fmt, args);
	va_end(args);
	return finding;
}

void evidence(struct finding *finding, const char *fmt, ...)
{
	va_list args;

	if (!finding || finding->n_evidence == FINDING_EVIDENCE)
		return;
	va_start(args, fmt);
	format(finding->evidence[finding->n_evidence], sizeof(*finding->evidence), fmt, args);
	va_end(args);
	finding->n_evidence++;
}

void remedy(struct finding *finding, const char *fmt, ...)
{
	char *line;
	va_list args;
	size_t i;

	if (!finding || finding->n_remedies == FINDING_REMEDIES)
		return;
	line = finding->remedy[finding->n_remedies];
	va_start(args, fmt);
	format(line, sizeof(*finding->remedy), fmt, args);
	va_end(args);
	for (i = 0; i < finding->n_remedies; i++)
		if (!strcmp(finding->remedy[i], line))
			return;
	finding->n_remedies++;
}

bool findings_have(const struct findings *findings, const char *id, enum severity severity)
{
	size_t i;

	for (i = 0; i < findings->n; i++)
		if (!strcmp(findings->finding[i].id, id) &&
		    findings->finding[i].severity >= severity)
			return true;
	return false;
}

/* By insertion, which keeps the order of equals: there are few. */
void findings_sort(struct findings *findings)
{
	size_t i, to;

	for (i = 1; i < findings->n; i++) {
		struct finding moved = findings->finding[i];

		for (to = i; to && findings->finding[to - 1].severity < moved.severity; to--)
			findings->finding[to] = findings->finding[to - 1];
		findings->finding[to] = moved;
	}
}

const char *severity_name(enum severity severity)
{
	return severity == SEVERITY_FAULT ? "fault" : "warning";
}
