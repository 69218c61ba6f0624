// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `trace`: has the agent follow datagrams, and prints each when it has ended, until it is
 * interrupted, the time is over, or so many were printed. Then a summary, on stderr, so
 * that with -j stdout holds datagrams and nothing else.
 */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/statement.h"
#include "interrupt.h"
#include "number.h"
#include "objects.h"
#include "output.h"
#include "trace_print.h"

#define POLL_NS 200000000LL /* of the agent, which forgets a session that nobody asks for */

struct session {
	const char *group; /* NULL: all */
	double count;	   /* datagrams to print; 0: no end */
	double seconds;	   /* 0: no end */
	double printed;
	bool json;
	struct trace_style style;
	json_t *begun; /* the reply that began it */
	json_t *id;
};

/* --- words --- */

/* The value behind an option, once. */
static int parse_option(const char *const *words, size_t n_words, size_t *i,
			const struct number_rule *rule, double *value, struct report *rep)
{
	const char *option = words[*i];

	if (*value)
		return report_usage(rep, option, "each option once", "%s stands there twice",
				    REPORT_QUOTE(option));
	if (++*i == n_words)
		return report_usage(rep, option, rule->name, "%s is missing after %s", rule->name,
				    option);
	return number_parse(words[*i], rule, value, rep);
}

static int parse(struct session *session, const char *const *words, size_t n_words,
		 struct report *rep)
{
	static const struct number_rule count = { "COUNT", 1, 1000000000, true };
	static const struct number_rule seconds = { "SECONDS", 0.1, 86400, false };
	struct group_key key;
	int err = 0;
	size_t i;

	for (i = 1; i < n_words && !err; i++) {
		if (!strcmp(words[i], "-c")) {
			err = parse_option(words, n_words, &i, &count, &session->count, rep);
		} else if (!strcmp(words[i], "-w")) {
			err = parse_option(words, n_words, &i, &seconds, &session->seconds, rep);
		} else if (*words[i] == '-' || session->group) {
			err = report_usage(rep, words[i], "GROUP[/LEN], -c COUNT or -w SECONDS",
					   "%s is not expected here", REPORT_QUOTE(words[i]));
		} else {
			session->group = words[i];
			err = group_key_parse(&key, words[i], rep);
		}
	}
	return err;
}

/* --- the agent --- */

static int ask(struct ctl *ctl, const char *command, const struct session *session, json_t **reply,
	       struct report *rep)
{
	const char *words[] = { "trace", command };
	json_t *request = client_words(words, 2);

	if (session->id)
		json_object_set(request, "id", session->id);
	else if (session->group)
		json_object_set_new(request, "group", json_string(session->group));
	return client_request(&ctl->client, request, reply, rep);
}

static bool has_enough(const struct session *session)
{
	return session->count && session->printed >= session->count;
}

static int print_datagrams(struct session *session, const json_t *datagrams)
{
	json_t *datagram;
	int err = 0;
	size_t i;

	json_array_foreach (datagrams, i, datagram) {
		if (has_enough(session) || err)
			break;
		session->printed++;
		if (session->json) {
			err = output_line(json_incref(datagram));
			continue;
		}
		trace_print(&session->style, datagram);
		err = output_flush();
	}
	return err;
}

/* That from now on nothing is missed, and what cannot be shown; on stderr like the summary. */
static void print_begin(const struct session *session)
{
	const json_t *begun = json_object_get(session->begun, "result"), *link;
	size_t i;

	if (session->json) {
		json_dumpf(begun, stderr, JSON_COMPACT);
		fputc('\n', stderr);
		return;
	}
	if (!member_flag(begun, "stack"))
		fprintf(stderr,
			"xdpfragctl: warning: this kernel refuses the tracing program (%s): "
			"what its stack does with fragments and datagrams is not shown\n",
			member_text(begun, "stack_reason"));
	fputs("tracing fragments on ", stderr);
	json_array_foreach (session->style.links, i, link)
		fprintf(stderr, "%s%s", i ? ", " : "", json_string_value(link));
	fputs("; a datagram is shown when it has ended. Ctrl-C ends.\n\n", stderr);
}

static int print_end(const struct session *session, const json_t *result)
{
	const json_t *sums = json_object_get(result, "sums");

	if (!session->json) {
		trace_print_sums(stderr, sums);
		return 0;
	}
	json_dumpf(sums, stderr, JSON_COMPACT);
	fputc('\n', stderr);
	return 0;
}

/* --- the course of it --- */

static int follow(struct ctl *ctl, struct session *session, struct report *rep)
{
	int64_t now = monotonic_ns();
	int64_t until = session->seconds ? now + (int64_t)(session->seconds * 1e9) : WAIT_FOREVER;
	json_t *reply;
	int err = 0;

	while (!err && now < until && !has_enough(session)) {
		int64_t next = now + POLL_NS < until ? now + POLL_NS : until;

		if (interrupt_wait(-1, next) < 0)
			break;
		err = ask(ctl, "report", session, &reply, rep);
		if (err)
			break;
		err = print_datagrams(
			session, json_object_get(json_object_get(reply, "result"), "datagrams"));
		if (!err && *member_text(json_object_get(reply, "result"), "trouble"))
			err = report_failed(
				rep, -EIO, "", "cannot go on: %s",
				member_text(json_object_get(reply, "result"), "trouble"));
		json_decref(reply);
		now = monotonic_ns();
	}
	if (err && interrupted()) {
		/* The reply that it did not wait for would be taken for that of the end. */
		client_close(&ctl->client);
		rep->kind = REPORT_NONE;
		err = 0;
	}
	return err;
}

static int finish(struct ctl *ctl, struct session *session, struct report *rep)
{
	json_t *reply;
	int err = ask(ctl, "end", session, &reply, rep);

	if (err)
		return err;
	err = print_datagrams(session,
			      json_object_get(json_object_get(reply, "result"), "datagrams"));
	if (!err)
		err = print_end(session, json_object_get(reply, "result"));
	json_decref(reply);
	return err;
}

static struct trace_style style_of(void)
{
	const char *no_colour = getenv("NO_COLOR");

	setlocale(LC_CTYPE, "");
	return (struct trace_style){ .colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour),
				     .utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8") };
}

int trace_run(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	struct session session = { .json = ctl->json, .style = style_of() };
	json_t *begun;
	int err;

	err = parse(&session, words, n_words, rep);
	if (err)
		return err;
	interrupt_catch();
	err = ask(ctl, "begin", &session, &session.begun, rep);
	if (err)
		return err;
	begun = json_object_get(session.begun, "result");
	session.id = json_object_get(begun, "id");
	session.style.links = json_object_get(begun, "links");
	print_begin(&session);
	err = follow(ctl, &session, rep);
	if (!err)
		err = finish(ctl, &session, rep);
	json_decref(session.begun);
	return err;
}
