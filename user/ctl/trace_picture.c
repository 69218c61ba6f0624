// SPDX-License-Identifier: GPL-2.0-or-later
/* The columns of a datagram's picture, and what stands in them (trace_picture.h). */
#include <stdarg.h>
#include <string.h>

#include "output.h"
#include "trace_picture.h"

#define ALWAYS 4 /* so many steered NICs have a column even when it stays empty */

static const struct {
	const char *cause, *text;
} causes[] = {
	{ "not-joined", "dropped, not joined there" },
	{ "copy", "copy" },
	{ "timeout", "timed out" },
	{ "discarded", "discarded" },
	{ "no-socket", "dropped, no socket on that port" },
	{ "buffer-full", "dropped, the socket's buffer is full" },
	{ "closed", "dropped, the socket was closed before it was read" },
};

const char *trace_cause_text(const json_t *drop)
{
	const char *cause = member_text(drop, "cause");
	size_t i;

	for (i = 0; i < sizeof(causes) / sizeof(*causes); i++)
		if (!strcmp(causes[i].cause, cause))
			return causes[i].text;
	return "dropped";
}

int trace_column(const struct picture *picture, const char *link)
{
	size_t i;

	for (i = 0; i < picture->n; i++)
		if (!strcmp(picture->columns[i], link))
			return i;
	return -1;
}

static void add_column(struct picture *picture, const char *link)
{
	if (trace_column(picture, link) >= 0 || picture->n == TRACE_COLUMNS)
		return;
	picture->width[picture->n] = strlen(link);
	picture->columns[picture->n++] = link;
}

/* Cut when it is too long for the cell. */
static void append(char *cell, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(char *cell, const char *format, ...)
{
	size_t used = strlen(cell);
	va_list args;

	va_start(args, format);
	vsnprintf(cell + used, TRACE_CELL - used, format, args);
	va_end(args);
}

static const char *verdict_text(const char *verdict)
{
	if (!strcmp(verdict, "reassembled"))
		return "to the agent";
	if (!strcmp(verdict, "no-policy"))
		return "no policy";
	return verdict;
}

/* "1480+1480 passed, copy" */
void trace_cell(const json_t *fragment, char *cell)
{
	const json_t *drop = json_object_get(fragment, "stack");
	const char *reason = member_text(drop, "reason");

	*cell = '\0';
	append(cell, "%llu+%llu %s", (unsigned long long)member_count(fragment, "offset"),
	       (unsigned long long)member_count(fragment, "len"),
	       verdict_text(member_text(fragment, "verdict")));
	if (member_count(fragment, "vlan"))
		append(cell, ", vlan %llu", (unsigned long long)member_count(fragment, "vlan"));
	if (drop)
		append(cell, ", %s", trace_cause_text(drop));
	if (!strcmp(member_text(drop, "cause"), "other"))
		append(cell, " %s", reason);
	if (member_flag(fragment, "completes"))
		append(cell, ", whole");
	if (member_flag(fragment, "after"))
		append(cell, ", after completion");
	if (member_flag(fragment, "waits"))
		append(cell, ", waits");
}

const char *trace_cell_colour(const json_t *fragment)
{
	const char *verdict = member_text(fragment, "verdict");
	const char *cause = member_text(json_object_get(fragment, "stack"), "cause");

	if (!strcmp(verdict, "dropped") || !strcmp(verdict, "redirected") || !strcmp(cause, "copy"))
		return DIM;
	if (*cause)
		return RED;
	if (member_flag(fragment, "after") || member_flag(fragment, "waits"))
		return YELLOW;
	return member_flag(fragment, "completes") ? BOLD : "";
}

void trace_lay_out(struct picture *picture)
{
	const json_t *fragments = json_object_get(picture->datagram, "fragments");
	const json_t *links = picture->style->links, *item;
	char cell[TRACE_CELL];
	int column, len;
	size_t i;

	if (json_array_size(links) <= ALWAYS)
		json_array_foreach (links, i, item)
			add_column(picture, json_string_value(item));
	json_array_foreach (fragments, i, item) {
		add_column(picture, member_text(item, "link"));
		column = trace_column(picture, member_text(item, "link"));
		trace_cell(item, cell);
		len = strlen(cell);
		if (column >= 0 && len > picture->width[column])
			picture->width[column] = len;
	}
}
