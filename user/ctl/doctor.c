// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `doctor`: has the agent look at the host for some seconds, shows how far that is,
 * and prints what was found. Ends with 0 when nothing was, 1 on warnings, 2 on faults.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "number.h"
#include "objects.h"
#include "output.h"

#define SECONDS_DEFAULT 3
#define POLL_NS		500000000LL /* of the agent, which forgets a session that nobody asks for */
#define COLUMNS		100	    /* what evidence is wrapped to */

struct session {
	double seconds;
	bool probe;
	bool progress; /* somebody looks at stderr */
	json_t *id;
};

static int parse(struct session *session, const char *const *words, size_t n_words,
		 struct report *rep)
{
	static const struct number_rule rule = { "SECONDS", 1, 3600, false };
	bool timed = false;
	size_t i;
	int err;

	for (i = 1; i < n_words; i++) {
		if (!strcmp(words[i], "probe") && !session->probe) {
			session->probe = true;
		} else if (!strcmp(words[i], "-w") && !timed) {
			timed = true;
			if (++i == n_words)
				return report_usage(rep, "-w", "SECONDS",
						    "SECONDS is missing after -w");
			err = number_parse(words[i], &rule, &session->seconds, rep);
			if (err)
				return err;
		} else {
			return report_usage(rep, words[i], "-w SECONDS or probe",
					    "%s is not expected here", REPORT_QUOTE(words[i]));
		}
	}
	return 0;
}

static int ask(struct ctl *ctl, const char *command, const struct session *session, json_t **reply,
	       struct report *rep)
{
	const char *words[] = { "doctor", command };
	json_t *request = client_words(words, 2);

	if (session->id) {
		json_object_set(request, "id", session->id);
	} else {
		json_object_set_new(request, "seconds", json_real(session->seconds));
		json_object_set_new(request, "probe", json_boolean(session->probe));
	}
	return client_request(&ctl->client, request, reply, rep);
}

static void show_progress(const struct session *session, const json_t *state)
{
	double left = member_number(state, "left");

	if (!session->progress)
		return;
	fprintf(stderr,
		"\rlooking: %.0f of %.0f s, %llu fragments of multicast, %llu of them on two "
		"NICs\033[K",
		session->seconds - left, session->seconds,
		(unsigned long long)member_count(state, "fragments"),
		(unsigned long long)member_count(state, "on_two_nics"));
	fflush(stderr);
}

static void end_progress(const struct session *session)
{
	if (session->progress)
		fputs("\r\033[K", stderr);
}

static int64_t next_poll(double left)
{
	int64_t wait = left * 1e9 + 50000000;

	return monotonic_ns() + (wait < POLL_NS ? wait : POLL_NS);
}

/* Until the report is there: *reply holds it. */
static int wait_for_report(struct ctl *ctl, struct session *session, json_t **reply,
			   struct report *rep)
{
	for (;;) {
		const json_t *result;
		int err = ask(ctl, "report", session, reply, rep);

		if (err)
			return err;
		result = json_object_get(*reply, "result");
		if (json_object_get(result, "findings"))
			return 0;
		show_progress(session, result);
		err = interrupt_wait(-1, next_poll(member_number(result, "left")));
		json_decref(*reply);
		*reply = NULL;
		if (err < 0)
			return report_failed(rep, err, "", "interrupted");
	}
}

/* The text broken at blanks, each line behind the first as far in as the first. */
static void print_wrapped(const char *first, const char *text)
{
	int indent = strlen(first), column = indent;

	fputs(first, stdout);
	while (*text) {
		int len = strcspn(text, " ");

		if (column > indent && column + 1 + len > COLUMNS) {
			printf("\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			putchar(' ');
			column++;
		}
		printf("%.*s", len, text);
		column += len;
		text += len + (text[len] == ' ');
	}
	putchar('\n');
}

static void print_finding(const json_t *finding)
{
	const json_t *line;
	char first[32];
	size_t i;

	snprintf(first, sizeof(first), "%s: ", member_text(finding, "severity"));
	print_wrapped(first, member_text(finding, "title"));
	json_array_foreach (json_object_get(finding, "evidence"), i, line)
		print_wrapped("    ", json_string_value(line));
	/* Never wrapped: it is to be copied. */
	json_array_foreach (json_object_get(finding, "remedy"), i, line)
		printf("  # %s\n", json_string_value(line));
	putchar('\n');
}

static size_t count(const json_t *findings, const char *severity)
{
	const json_t *finding;
	size_t i, n = 0;

	json_array_foreach (findings, i, finding)
		n += !strcmp(member_text(finding, "severity"), severity);
	return n;
}

/* "a, b" */
static void print_list(const json_t *texts, const char *between)
{
	const json_t *text;
	size_t i;

	json_array_foreach (texts, i, text)
		printf("%s%s", i ? between : "", json_string_value(text));
}

static void print_host(const json_t *report)
{
	const json_t *reassembly = json_object_get(report, "reassembly");
	const json_t *pair, *note;
	size_t i;

	printf("datagrams are put together before routing: %s",
	       member_text(reassembly, "before_routing"));
	if (json_array_size(json_object_get(reassembly, "asked_by")))
		fputs("; ", stdout);
	print_list(json_object_get(reassembly, "asked_by"), "; ");
	putchar('\n');
	if (member_flag(report, "probed") && !json_array_size(json_object_get(report, "segments")))
		puts("no probe frame came in on another NIC");
	json_array_foreach (json_object_get(report, "segments"), i, pair)
		printf("a probe frame from %s came in on %s\n",
		       json_string_value(json_array_get(pair, 0)),
		       json_string_value(json_array_get(pair, 1)));
	json_array_foreach (json_object_get(report, "notes"), i, note)
		printf("not looked at: %s\n", json_string_value(note));
}

static int print_report(const json_t *report)
{
	const json_t *findings = json_object_get(report, "findings"), *finding;
	size_t faults = count(findings, "fault"), warnings = count(findings, "warning");
	size_t i;

	json_array_foreach (findings, i, finding)
		print_finding(finding);
	if (member_count(report, "left_out"))
		printf("%llu more findings are not shown\n",
		       (unsigned long long)member_count(report, "left_out"));
	print_host(report);
	if (faults + warnings)
		printf("%zu fault%s, %zu warning%s", faults, faults == 1 ? "" : "s", warnings,
		       warnings == 1 ? "" : "s");
	else
		fputs("nothing found", stdout);
	printf(" in %.1f s on ", member_number(report, "sampled"));
	if (json_array_size(json_object_get(report, "watched")))
		print_list(json_object_get(report, "watched"), ", ");
	else
		fputs("no NIC", stdout);
	putchar('\n');
	return output_flush();
}

static int run_session(struct ctl *ctl, struct session *session, struct report *rep)
{
	json_t *reply, *report;
	int err;

	err = wait_for_report(ctl, session, &reply, rep);
	end_progress(session);
	if (err)
		return err;
	report = json_object_get(reply, "result");
	if (count(json_object_get(report, "findings"), "fault"))
		ctl->status = 2;
	else if (json_array_size(json_object_get(report, "findings")))
		ctl->status = 1;
	err = ctl->json ? output_line(json_incref(report)) : print_report(report);
	json_decref(reply);
	return err;
}

int doctor_run(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	struct session session = { .seconds = SECONDS_DEFAULT, .progress = isatty(STDERR_FILENO) };
	struct report ignored = {};
	json_t *reply;
	int err;

	err = parse(&session, words, n_words, rep);
	if (err)
		return err;
	interrupt_catch();
	err = ask(ctl, "begin", &session, &reply, rep);
	if (err)
		return err;
	session.id = json_incref(json_object_get(json_object_get(reply, "result"), "id"));
	json_decref(reply);
	err = run_session(ctl, &session, rep);
	/* Nobody else has to wait for the end of a sample that nobody wants. */
	if (interrupted() && !ask(ctl, "end", &session, &reply, &ignored))
		json_decref(reply);
	json_decref(session.id);
	return err;
}
