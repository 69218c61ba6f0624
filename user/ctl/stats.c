// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `stats`: the counters of every link, once, or as rates until interrupted.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "interrupt.h"
#include "number.h"
#include "objects.h"
#include "output.h"

struct column {
	const char *key;
	const char *title;
};

/* Two tables, so that neither is wider than a terminal. */
static const struct column verdicts[] = {
	{ "passed", "passed" },		  { "dropped", "dropped" },
	{ "observed", "observed" },	  { "redirected", "redirected" },
	{ "reassembled", "reassembled" }, { NULL, NULL },
};

static const struct column reasons[] = {
	{ "no_policy", "no-policy" },
	{ "truncated", "truncated" },
	{ "malformed", "malformed" },
	{ "too_deep", "too-deep" },
	{ "redirect_absent", "redirect-absent" },
	{ "uncounted", "uncounted" },
	{ NULL, NULL },
};

#define COLUMN 10 /* characters, at least */

static void print_row(const struct column *columns, const char *name, const json_t *object,
		      int width)
{
	const struct column *column;

	printf("%-*s", width, name);
	for (column = columns; column->key; column++) {
		int len = strlen(column->title);
		const json_t *value = json_object_get(object, column->key);

		if (len < COLUMN)
			len = COLUMN;
		if (json_is_real(value))
			printf("  %*.1f", len, json_real_value(value));
		else
			printf("  %*llu", len, (unsigned long long)json_integer_value(value));
	}
	putchar('\n');
}

static void print_table(const struct column *columns, const char *title, const json_t *stats)
{
	const json_t *links = json_object_get(stats, "links");
	int width = member_width(links, "name", strlen(title));
	const struct column *column;
	const json_t *link;
	size_t i;

	printf("%-*s", width, title);
	for (column = columns; column->key; column++)
		printf("  %*s", COLUMN, column->title);
	putchar('\n');
	json_array_foreach (links, i, link)
		print_row(columns, member_text(link, "name"), link, width);
	print_row(columns, "total", json_object_get(stats, "total"), width);
}

static int print_stats(const json_t *stats)
{
	print_table(verdicts, "verdict", stats);
	putchar('\n');
	print_table(reasons, "reason", stats);
	return output_flush();
}

static const json_t *find_link(const json_t *links, const char *name)
{
	const json_t *link;
	size_t i;

	json_array_foreach (links, i, link) {
		if (!strcmp(member_text(link, "name"), name))
			return link;
	}
	return NULL;
}

/* To three digits: more would be noise. */
static double per_second(uint64_t packets, double seconds)
{
	return (uint64_t)(packets / seconds * 1000 + 0.5) / 1000.0;
}

static void set_rates(json_t *rates, const struct column *columns, const json_t *before,
		      const json_t *after, double seconds)
{
	const struct column *column;

	for (column = columns; column->key; column++) {
		uint64_t old = member_count(before, column->key);
		uint64_t new = member_count(after, column->key);

		/* Counters begin again when the agent's maps were removed in between. */
		if (new < old)
			old = 0;
		json_object_set_new(rates, column->key, json_real(per_second(new - old, seconds)));
	}
}

/* One link, or the total. Without a `before`, nothing can be said yet: zero. */
static json_t *link_rates(const json_t *before, const json_t *after, double seconds)
{
	const char *name = member_text(after, "name");
	json_t *rates = json_object();

	if (*name)
		json_object_set_new(rates, "name", json_string(name));
	if (!before)
		before = after;
	set_rates(rates, verdicts, before, after, seconds);
	set_rates(rates, reasons, before, after, seconds);
	return rates;
}

static json_t *stats_rates(const json_t *before, const json_t *after, double seconds)
{
	const json_t *links = json_object_get(before, "links"), *link;
	json_t *rates = json_array();
	struct timespec now;
	size_t i;

	json_array_foreach (json_object_get(after, "links"), i, link)
		json_array_append_new(rates, link_rates(find_link(links, member_text(link, "name")),
							link, seconds));
	clock_gettime(CLOCK_REALTIME, &now);
	return json_pack("{s:f, s:f, s:o, s:o}", "time", now.tv_sec + now.tv_nsec / 1e9, "seconds",
			 seconds, "links", rates, "total",
			 link_rates(json_object_get(before, "total"),
				    json_object_get(after, "total"), seconds));
}

/* Reasons are rare: while nothing happens there, the screen is left to the verdicts. */
static bool any_above_zero(const struct column *columns, const json_t *object)
{
	const struct column *column;

	for (column = columns; column->key; column++) {
		if (member_number(object, column->key) > 0)
			return true;
	}
	return false;
}

static int print_rates(json_t *rates, bool json)
{
	int err;

	if (json)
		return output_line(rates);
	print_table(verdicts, "verdict/s", rates);
	if (any_above_zero(reasons, json_object_get(rates, "total")))
		print_table(reasons, "reason/s", rates);
	putchar('\n');
	err = output_flush();
	json_decref(rates);
	return err;
}

static int ask_stats(struct ctl *ctl, json_t **reply, json_t **stats, struct report *rep)
{
	static const char *const words[] = { "stats" };
	int err = client_ask(&ctl->client, words, 1, reply, rep);

	*stats = err ? NULL : json_object_get(*reply, "result");
	return err;
}

/* Until interrupted. Times are taken where the replies come in: the rate is per real second. */
static int watch(struct ctl *ctl, double seconds, struct report *rep)
{
	json_t *reply, *stats, *reply_before, *before;
	int64_t next, taken, taken_before;
	int err;

	interrupt_catch();
	err = ask_stats(ctl, &reply_before, &before, rep);
	next = taken_before = monotonic_ns();

	while (!err) {
		next += seconds * 1e9;
		if (interrupt_wait(-1, next) < 0)
			break;
		err = ask_stats(ctl, &reply, &stats, rep);
		if (err)
			break;
		taken = monotonic_ns();
		err = print_rates(stats_rates(before, stats, (taken - taken_before) / 1e9),
				  ctl->json);
		json_decref(reply_before);
		reply_before = reply;
		before = stats;
		taken_before = taken;
		/* After a pause (a stopped shell, a busy agent) do not catch up in a burst. */
		if (taken - next > seconds * 1e9)
			next = taken;
	}
	json_decref(reply_before);
	if (interrupted()) {
		rep->kind = REPORT_NONE;
		err = 0;
	}
	return err;
}

static int show_once(struct ctl *ctl, struct report *rep)
{
	json_t *reply, *stats;
	int err = ask_stats(ctl, &reply, &stats, rep);

	if (err)
		return err;
	if (ctl->json)
		err = output_line(json_incref(stats));
	else
		err = print_stats(stats);
	json_decref(reply);
	return err;
}

int stats_run(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	static const struct number_rule rule = { "SECONDS", 0.1, 86400, false };
	double seconds;
	int err;

	if (n_words == 1)
		return show_once(ctl, rep);
	if (strcmp(words[1], "-w"))
		return report_usage(rep, words[1], "-w SECONDS",
				    "%s is not an option of this command", REPORT_QUOTE(words[1]));
	if (n_words == 2)
		return report_usage(rep, words[1], "SECONDS", "SECONDS is missing after -w");
	err = no_more_words(words, n_words, 3, rep);
	if (!err)
		err = number_parse(words[2], &rule, &seconds, rep);
	return err ? err : watch(ctl, seconds, rep);
}
