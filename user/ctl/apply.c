// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `apply FILE`: hands the text of a file to the agent, which takes all of it or
 * nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "objects.h"
#include "output.h"
#include "protocol/protocol.h"

/* Up to PROTOCOL_REQUEST_MAX bytes: more cannot be sent, whatever they are. */
static int read_text(FILE *from, char **text, size_t *len)
{
	*text = malloc(PROTOCOL_REQUEST_MAX);
	if (!*text)
		return -ENOMEM;
	/* A read of a folder fails here, not in fopen(). */
	*len = fread(*text, 1, PROTOCOL_REQUEST_MAX, from);
	if (ferror(from))
		return -errno;
	return *len == PROTOCOL_REQUEST_MAX ? -EFBIG : 0;
}

static int read_file(const char *name, char **text, size_t *len, struct report *rep)
{
	bool is_stdin = !strcmp(name, "-");
	FILE *from = is_stdin ? stdin : fopen(name, "re");
	int err = from ? read_text(from, text, len) : -errno;

	if (from && !is_stdin)
		fclose(from);
	if (err == -EFBIG)
		return report_refused(rep, err, name, "%s has %u bytes or more: too many",
				      REPORT_QUOTE(name), PROTOCOL_REQUEST_MAX);
	if (err)
		return report_failed(rep, err, name, "cannot read %s: %s", REPORT_QUOTE(name),
				     strerror(-err));
	return 0;
}

/* JSON takes UTF-8 only, and a NUL would end the text early on the other side. */
static int check_text(const char *text, size_t len, struct report *rep)
{
	const char *line = text, *end = text + len;
	unsigned int number = 1;

	for (; line < end; number++) {
		const char *newline = memchr(line, '\n', end - line);
		size_t line_len = (newline ? newline : end) - line;
		json_t *json = json_stringn(line, line_len);
		bool good = json && !memchr(line, '\0', line_len);

		json_decref(json);
		if (!good) {
			report_usage(rep, "", "UTF-8 text", "the line is not text");
			rep->line = number;
			return -EINVAL;
		}
		line += line_len + 1;
	}
	return 0;
}

int apply_run(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	json_t *request, *reply;
	char *text = NULL;
	size_t len = 0;
	int err;

	if (n_words < 2)
		return report_usage(rep, words[0], "FILE, or - for standard input",
				    "a file is missing after apply");
	err = no_more_words(words, n_words, 2, rep);
	if (!err)
		err = read_file(words[1], &text, &len, rep);
	if (!err)
		err = check_text(text, len, rep);
	if (err)
		goto out;

	request = client_words(words, 1);
	json_object_set_new(request, "config", json_stringn(text, len));
	err = client_request(&ctl->client, request, &reply, rep);
	if (!err)
		json_decref(reply);
out:
	free(text);
	return err;
}
