// SPDX-License-Identifier: GPL-2.0-or-later
/* What is shown of a history (trace_shown.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/text.h"
#include "ctl/trace_picture.h"
#include "trace_shown.h"

/* --- JSON --- */

static bool is_time(const json_t *object, const char *key)
{
	const json_t *time = json_object_get(object, key);

	return json_is_integer(time) && json_integer_value(time) >= 0;
}

static bool has_times(const json_t *array)
{
	const json_t *item, *drop;
	size_t i;

	json_array_foreach (array, i, item) {
		drop = json_object_get(item, "stack");
		if (!is_time(item, "at") || (drop && !is_time(drop, "at")))
			return false;
	}
	return true;
}

/* Ranges in order, with something between them; the last may have no end. */
static bool is_missing(const json_t *missing, uint32_t bytes)
{
	json_int_t before = -1, from, to;
	const json_t *range;
	bool open = false;
	size_t i;

	json_array_foreach (missing, i, range) {
		from = json_integer_value(json_array_get(range, 0));
		to = json_integer_value(json_array_get(range, 1));
		if (open || from <= before || from % 8)
			return false;
		open = to == -1;
		if (!open && to <= from)
			return false;
		before = to;
	}
	return open == !bytes;
}

const char *trace_shown_fault(const struct trace_datagram *datagram, const json_t *json)
{
	const json_t *fragments = json_object_get(json, "fragments");
	const json_t *whole = json_object_get(json, "whole");

	if (json_array_size(fragments) != datagram->n_rows)
		return "all fragments";
	if (json_array_size(whole) != datagram->n_whole)
		return "all that became of it";
	if (!is_time(json, "ended") || !has_times(fragments) || !has_times(whole))
		return "a time behind the beginning";
	if (!is_missing(json_object_get(json, "missing"), datagram->bytes))
		return "what is missing, in order and apart";
	return NULL;
}

/* --- the picture --- */

static bool is_cut(const json_t *fragments)
{
	char cell[TRACE_CELL];
	const json_t *item;
	size_t i;

	json_array_foreach (fragments, i, item) {
		trace_cell(item, cell);
		if (strlen(cell) >= sizeof(cell) - 1)
			return true;
	}
	return false;
}

/* In memory of its own; NULL when that is out. */
static char *picture(const json_t *json, const struct trace_style *style, size_t *size)
{
	FILE *real = stdout;
	char *text = NULL;

	stdout = open_memstream(&text, size);
	if (stdout) {
		trace_print(style, json);
		fclose(stdout);
	}
	stdout = real;
	return text;
}

static size_t take_newlines(char *text)
{
	size_t n = 0;

	for (; *text; text++)
		if (*text == '\n') {
			*text = ' ';
			n++;
		}
	return n;
}

const char *trace_picture_fault(const struct trace_datagram *datagram, const json_t *json,
				const struct trace_style *style)
{
	/* Two above, one and an empty one below. */
	size_t wanted =
		4 + datagram->n_rows + datagram->n_whole + (datagram->rows_left_out ? 1 : 0);
	const char *fault = NULL;
	size_t size, lines;
	char *text;

	if (is_cut(json_object_get(json, "fragments")))
		return "a text that fits its column";
	text = picture(json, style, &size);
	if (!text)
		return "memory";
	lines = take_newlines(text);
	if (strlen(text) != size || !text_printable(text))
		fault = "a picture that can be shown";
	else if (lines != wanted)
		fault = "a line for each";
	free(text);
	return fault;
}
