/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that reaches the user: JSON on stdout, errors, warnings, and small
 * helpers to read the agent's JSON, to which an absent member is "" or 0.
 */
#ifndef XDPFRAG_OUTPUT_H
#define XDPFRAG_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/report.h"

const char *member_text(const json_t *object, const char *key);
double member_number(const json_t *object, const char *key);
uint64_t member_count(const json_t *object, const char *key);
bool member_flag(const json_t *object, const char *key);

/* Length of the longest text under `key` in an array of objects, at least `width`. */
int member_width(const json_t *array, const char *key, int width);

/* Text from the command line or the kernel, of which not every byte need be UTF-8. */
json_t *text_json(const char *text);

/* Frees `object`; 0, or a negative errno when stdout takes no more. */
int output_line(json_t *object);

/* An array that comes in pages, printed as it comes. Begins as zeroes. */
struct output_array {
	bool open;   /* its bracket is printed */
	bool filled; /* an item is printed */
};
int output_array_page(struct output_array *out, const json_t *page, bool last);
int output_flush(void);
/* Nobody reads it any more, which is no error: what is left is thrown away. */
void output_abandon(void);

/* `file`: what rep->line counts the lines of; NULL: nothing. */
void output_error(bool json, const struct report *rep, const char *file);
void output_warnings(const json_t *reply);

#endif
