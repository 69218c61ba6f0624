// SPDX-License-Identifier: GPL-2.0-or-later
/* One request of the control socket. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/change.h"
#include "agent/log.h"
#include "agent/reconcile.h"
#include "agent/request.h"
#include "agent/sessions/doctor.h"
#include "agent/sessions/trace.h"
#include "agent/show/show.h"
#include "config/statement.h"
#include "config/text.h"
#include "protocol/protocol.h"

#define WORDS_MAX 32 /* a statement with every option has 17 */

struct request {
	const char *words[WORDS_MAX + 1];
	size_t n_words;
	json_t *body; /* owns the words */
	json_t *warnings;
	char next[160];
	const struct caller *caller;
};

json_t *request_error(const struct report *rep)
{
	json_t *error = json_pack("{s:s, s:s}", "kind", report_kind_name(rep->kind), "message",
				  rep->message);

	if (rep->word[0])
		json_object_set_new(error, "word", json_string(rep->word));
	if (rep->expected[0])
		json_object_set_new(error, "expected", json_string(rep->expected));
	if (rep->line)
		json_object_set_new(error, "line", json_integer(rep->line));
	return json_pack("{s:i, s:o}", "version", PROTOCOL_VERSION, "error", error);
}

static json_t *show_group_page(struct agent *agent, struct request *request, struct report *rep)
{
	const char *cursor = json_string_value(json_object_get(request->body, "after"));
	struct group_key only, after;
	json_t *groups;

	if (request->n_words > 3) {
		report_usage(rep, request->words[3], "nothing more", "group show takes one group");
		return NULL;
	}
	if (request->n_words == 3 && group_key_parse(&only, request->words[2], rep))
		return NULL;
	if (cursor && show_cursor(cursor, &after, rep))
		return NULL;
	groups = show_groups(agent, request->n_words == 3 ? &only : NULL, cursor ? &after : NULL,
			     request->next, sizeof(request->next));
	if (request->n_words == 3 && !cursor && !json_array_size(groups)) {
		report_refused(rep, -ENOENT, request->words[2], "there is no statement for %s",
			       request->words[2]);
		json_decref(groups);
		return NULL;
	}
	return groups;
}

static json_t *show_link_list(struct agent *agent, struct request *request, struct report *rep)
{
	const char *nic = request->n_words == 3 ? request->words[2] : NULL;

	if (request->n_words > 3) {
		report_usage(rep, request->words[3], "nothing more", "link show takes one NIC");
		return NULL;
	}
	if (nic && !show_knows_link(agent, nic)) {
		report_refused(rep, -ENODEV, nic,
			       "%s is not a link that this agent manages, and nothing is set of it",
			       nic);
		return NULL;
	}
	return show_links(agent, nic, rep);
}

static json_t *show_route_list(struct agent *agent, struct request *request, struct report *rep)
{
	if (request->n_words > 3) {
		report_usage(rep, request->words[3], "nothing more",
			     "route show takes one address");
		return NULL;
	}
	if (request->n_words == 3)
		return show_route_to(agent, request->words[2], rep);
	return show_routes(agent, rep);
}

static json_t *show_learn_page(struct agent *agent, struct request *request, struct report *rep)
{
	const char *cursor = json_string_value(json_object_get(request->body, "after"));
	struct group_key after;

	if (request->n_words > 2) {
		report_usage(rep, request->words[2], "nothing more", "learn show takes no words");
		return NULL;
	}
	if (cursor && show_cursor(cursor, &after, rep))
		return NULL;
	return show_learn(agent, cursor ? &after : NULL, request->next, sizeof(request->next));
}

static json_t *get_stats(struct agent *agent, struct request *request, struct report *rep)
{
	(void)request;
	(void)rep;
	return show_stats(agent);
}

static json_t *get_status(struct agent *agent, struct request *request, struct report *rep)
{
	(void)request;
	(void)rep;
	return show_status(agent);
}

static json_t *begin_doctor(struct agent *agent, struct request *request, struct report *rep)
{
	return doctor_begin(agent, request->body, rep);
}

static json_t *report_doctor(struct agent *agent, struct request *request, struct report *rep)
{
	return doctor_report(agent, request->body, rep);
}

static json_t *end_doctor(struct agent *agent, struct request *request, struct report *rep)
{
	return doctor_cancel(agent, request->body, rep);
}

static json_t *begin_trace(struct agent *agent, struct request *request, struct report *rep)
{
	return trace_begin(agent, request->body, rep);
}

static json_t *report_trace(struct agent *agent, struct request *request, struct report *rep)
{
	return trace_report(agent, request->body, rep);
}

static json_t *end_trace(struct agent *agent, struct request *request, struct report *rep)
{
	return trace_cancel(agent, request->body, rep);
}

static json_t *save(struct agent *agent, struct request *request, struct report *rep)
{
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	json_t *result = NULL;
	int err = file ? config_print(&agent->config, file) : -ENOMEM;

	(void)request;
	if (file && fclose(file) && !err)
		err = -errno;
	if (err)
		report_failed(rep, err, "", "cannot print the state: %s", strerror(-err));
	else
		result = json_pack("{s:s%}", "config", text, len);
	free(text);
	return result;
}

/* What the state consists of now: a file says all of it. */
static void log_applied(const struct agent *agent, const struct request *request, size_t bytes)
{
	const struct config *config = &agent->config;

	log_notice("uid %u: apply, %zu bytes: %zu group, %zu link add, %zu link set and %zu route "
		   "statements, learn %s",
		   request->caller->uid, bytes, config->n_groups, config->n_links,
		   config->n_settings, config->n_routes, config->learn ? "on" : "off");
}

static json_t *apply(struct agent *agent, struct request *request, struct report *rep)
{
	json_t *config = json_object_get(request->body, "config");

	if (!json_is_string(config)) {
		report_usage(rep, "apply", "the file's text as \"config\"", "apply without a file");
		return NULL;
	}
	if (change_apply(agent, json_string_value(config), json_string_length(config),
			 request->warnings, rep)) {
		log_notice("uid %u: apply, %zu bytes: refused: %s", request->caller->uid,
			   json_string_length(config), rep->message);
		return NULL;
	}
	log_applied(agent, request, json_string_length(config));
	return json_object();
}

static json_t *change(struct agent *agent, struct request *request, struct report *rep)
{
	char line[256] = "", safe[256];
	size_t i, used = 0;

	for (i = 0; i < request->n_words && used < sizeof(line); i++)
		used += snprintf(line + used, sizeof(line) - used, "%s%s", i ? " " : "",
				 request->words[i]);
	/* A word may hold anything, and the log is read as lines. */
	report_quote(safe, sizeof(safe), line);
	if (change_statement(agent, request->words, request->n_words, request->warnings, rep)) {
		log_notice("uid %u: %s: refused: %s", request->caller->uid, safe, rep->message);
		return NULL;
	}
	log_notice("uid %u: %s", request->caller->uid, safe);
	return json_object();
}

static json_t *begin_capture(struct agent *agent, struct request *request, struct report *rep)
{
	return capture_begin(agent, request->body, request->caller, rep);
}

static json_t *get_capture(struct agent *agent, struct request *request, struct report *rep)
{
	(void)request;
	(void)rep;
	return capture_show(agent);
}

static const struct {
	const char *object;
	const char *command; /* NULL: the object has none */
	json_t *(*handle)(struct agent *agent, struct request *request, struct report *rep);
} handlers[] = {
	{ "group", "show", show_group_page },
	{ "link", "show", show_link_list },
	{ "route", "show", show_route_list },
	{ "learn", "show", show_learn_page },
	{ "stats", NULL, get_stats },
	{ "status", NULL, get_status },
	{ "save", NULL, save },
	{ "apply", NULL, apply },
	{ "doctor", "begin", begin_doctor },
	{ "doctor", "report", report_doctor },
	{ "doctor", "end", end_doctor },
	{ "capture", "begin", begin_capture },
	{ "capture", "show", get_capture },
	{ "trace", "begin", begin_trace },
	{ "trace", "report", report_trace },
	{ "trace", "end", end_trace },
};

/* No such object, or none of its commands; what there is follows from the tables. */
static void refuse_words(const char *object, const char *command, struct report *rep)
{
	const size_t n_handlers = sizeof(handlers) / sizeof(*handlers);
	const char *list[STATEMENT_WORDS + sizeof(handlers) / sizeof(*handlers)];
	char expected[sizeof(rep->expected)];
	size_t i, j, n = statement_words(list, command ? object : NULL);

	for (i = 0; i < n_handlers; i++) {
		const char *word = command ? handlers[i].command : handlers[i].object;

		if (command && strcmp(handlers[i].object, object))
			continue;
		for (j = 0; j < n && strcmp(list[j], word); j++)
			;
		if (j == n)
			list[n++] = word;
	}
	text_list(expected, sizeof(expected), list, n);
	if (command)
		report_usage(rep, command, expected, "%s has no command \"%s\"", object, command);
	else
		report_usage(rep, object, expected, "there is no object \"%s\"", object);
}

static json_t *dispatch(struct agent *agent, struct request *request, struct report *rep)
{
	const char *object = request->n_words ? request->words[0] : "";
	const char *command = request->n_words > 1 ? request->words[1] : "show";
	bool known = false;
	size_t i;

	if (statement_is_change(request->words, request->n_words))
		return change(agent, request, rep);
	for (i = 0; i < sizeof(handlers) / sizeof(*handlers); i++) {
		if (strcmp(object, handlers[i].object))
			continue;
		if (!handlers[i].command && request->n_words > 1) {
			report_usage(rep, request->words[1], "nothing more", "%s takes no words",
				     object);
			return NULL;
		}
		if (!handlers[i].command || !strcmp(command, handlers[i].command))
			return handlers[i].handle(agent, request, rep);
		known = true;
	}
	refuse_words(object, known ? command : NULL, rep);
	return NULL;
}

/* The words as they lie in the body; -EINVAL with a report when they are none. */
static int read_words(struct request *request, struct report *rep)
{
	json_t *words = json_object_get(request->body, "words"), *word;
	json_t *version = json_object_get(request->body, "version");
	size_t i;

	if (!json_is_integer(version) || json_integer_value(version) != PROTOCOL_VERSION)
		return report_usage(rep, "version", "1", "this agent speaks version %d",
				    PROTOCOL_VERSION);
	if (!json_is_array(words) || json_array_size(words) > WORDS_MAX)
		return report_usage(rep, "words", "an array of at most 32 strings",
				    "a request needs \"words\"");
	json_array_foreach (words, i, word) {
		/* A string with a NUL would be another one to whoever reads it as C does. */
		if (!json_is_string(word) ||
		    strlen(json_string_value(word)) != json_string_length(word))
			return report_usage(rep, "words", "strings", "word %zu is not a string", i);
		request->words[request->n_words++] = json_string_value(word);
	}
	return 0;
}

json_t *request_handle(struct agent *agent, const char *line, size_t len,
		       const struct caller *caller)
{
	struct request request = { .caller = caller };
	struct report rep = {};
	json_error_t error;
	json_t *result = NULL, *reply;

	agent->requests++;
	request.body = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	request.warnings = json_array();
	if (!json_is_object(request.body))
		report_usage(&rep, "", "one JSON object a line", "not a request: %s",
			     request.body ? "not an object" : error.text);
	else if (!read_words(&request, &rep))
		result = dispatch(agent, &request, &rep);
	if (!result) {
		if (rep.kind == REPORT_NONE)
			report_failed(&rep, -ENOMEM, "", "out of memory");
		reply = request_error(&rep);
	} else {
		reply = json_pack("{s:i, s:o}", "version", PROTOCOL_VERSION, "result", result);
		if (json_array_size(request.warnings))
			json_object_set(reply, "warnings", request.warnings);
		if (request.next[0])
			json_object_set_new(reply, "next", json_string(request.next));
	}
	json_decref(request.warnings);
	json_decref(request.body);
	return reply;
}
