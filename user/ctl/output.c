// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything that reaches the user (output.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

/* 15 digits: what a double can keep, so that 0.1 is not printed as 0.10000000000000001. */
#define JSON_STYLE (JSON_COMPACT | JSON_REAL_PRECISION(15))

const char *member_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

double member_number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

uint64_t member_count(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool member_flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

int member_width(const json_t *array, const char *key, int width)
{
	const json_t *object;
	size_t i;

	json_array_foreach (array, i, object) {
		int len = strlen(member_text(object, key));

		if (len > width)
			width = len;
	}
	return width;
}

json_t *text_json(const char *text)
{
	json_t *json = json_string(text);
	char *copy, *p;

	if (json)
		return json;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (p = copy; *p; p++) {
		if (*p & 0x80)
			*p = '?';
	}
	json = json_string(copy);
	free(copy);
	return json;
}

int output_flush(void)
{
	int err = 0;

	/* Of an earlier write that failed, stdio keeps only the fact. */
	errno = EIO;
	if (fflush(stdout) || ferror(stdout))
		err = -errno;
	return err;
}

void output_abandon(void)
{
	__fpurge(stdout);
	clearerr(stdout);
}

int output_line(json_t *object)
{
	json_dumpf(object, stdout, JSON_STYLE);
	putchar('\n');
	json_decref(object);
	return output_flush();
}

int output_array_page(struct output_array *out, const json_t *page, bool last)
{
	const json_t *item;
	size_t i;

	if (!out->open)
		putchar('[');
	out->open = !last;
	json_array_foreach (page, i, item) {
		if (out->filled)
			fputs(",\n", stdout);
		json_dumpf(item, stdout, JSON_STYLE);
		out->filled = true;
	}
	if (last)
		fputs("]\n", stdout);
	return output_flush();
}

static void error_json(const struct report *rep)
{
	json_t *error = json_pack("{s:s, s:o}", "kind", report_kind_name(rep->kind), "message",
				  text_json(rep->message));

	if (*rep->word)
		json_object_set_new(error, "word", text_json(rep->word));
	if (*rep->expected)
		json_object_set_new(error, "expected", text_json(rep->expected));
	if (rep->line)
		json_object_set_new(error, "line", json_integer(rep->line));
	output_line(json_pack("{s:o}", "error", error));
}

/* Says word and expectation only where the message has not said them already. */
static void error_text(const struct report *rep, const char *file)
{
	fputs("xdpfragctl: ", stderr);
	if (file && rep->line)
		fprintf(stderr, "%s:%u: ", file, rep->line);
	if (*rep->word && !strstr(rep->message, rep->word))
		fprintf(stderr, "%s: ", rep->word);
	fputs(rep->message, stderr);
	if (*rep->expected && !strstr(rep->message, rep->expected))
		fprintf(stderr, "; expected %s", rep->expected);
	fputc('\n', stderr);
}

void output_error(bool json, const struct report *rep, const char *file)
{
	if (json)
		error_json(rep);
	else
		error_text(rep, file);
}

void output_warnings(const json_t *reply)
{
	const json_t *warning;
	size_t i;

	json_array_foreach (json_object_get(reply, "warnings"), i, warning)
		fprintf(stderr, "xdpfragctl: warning: %s\n",
			json_is_string(warning) ? json_string_value(warning) : "?");
}
