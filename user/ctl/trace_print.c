// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The picture of a datagram:
 *
 *   10.84.0.73 > 239.0.0.15  udp  id 4711  8008 bytes                 21:03:11.123456
 *              eth0                 eth1
 *        0 us                       0+1480 passed
 *        9 us  0+1480 passed, copy
 *   ...
 *       95 us  whole on eth0: dropped, not joined there (ip_rcv_finish_core: NOT_SPECIFIED)
 *     = delivered on the wrong NIC and lost
 */
#include <string.h>
#include <time.h>

#include "output.h"
#include "trace_picture.h"

#define TIME_WIDTH   12
#define HEADER_WIDTH 72
#define NS_PER_S     1000000000LL

static void put_colour(const struct trace_style *style, const char *colour)
{
	if (style->colour)
		fputs(colour, stdout);
}

/* --- words --- */

static const struct {
	const char *end, *text, *colour;
} ends[] = {
	{ "delivered", "delivered", GREEN },
	{ "rebuilt", "rebuilt by us and delivered", GREEN },
	{ "wrong-nic", "delivered on the wrong NIC and lost", RED },
	{ "timeout", "timed out", RED },
	{ "duplicate", "duplicate after completion", YELLOW },
	{ "discarded", "discarded: a fragment overlapped another, or was malformed", RED },
	{ "dropped", "dropped by the stack", RED },
	{ "policy", "kept out by the policy", YELLOW },
	{ "unknown", "whole; what the stack did with it cannot be seen", YELLOW },
	{ "open", "not ended yet when the trace ended", YELLOW },
};

static size_t end_of(const char *end)
{
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends) - 1 && strcmp(ends[i].end, end); i++)
		;
	return i;
}

/* " (ip_rcv_finish_core: NOT_SPECIFIED)": the kernel's own words. */
static void print_kernel_words(const json_t *drop)
{
	const char *function = member_text(drop, "function");
	const char *reason = member_text(drop, "reason");

	if (*function || *reason)
		printf(" (%s%s%s)", function, *function && *reason ? ": " : "", reason);
}

/* --- lines --- */

static void print_time(const struct picture *picture, uint64_t ns)
{
	const char *unit = picture->style->utf8 ? "µs" : "us";
	char text[32];
	int len;

	if (ns < 1000000)
		len = snprintf(text, sizeof(text), "%.0f", ns / 1e3);
	else if (ns < (uint64_t)NS_PER_S)
		len = snprintf(text, sizeof(text), "%.2f", ns / 1e6);
	else
		len = snprintf(text, sizeof(text), "%.3f", ns / 1e9);
	printf("%*s%s %-2s  ", TIME_WIDTH - 5 - len, "", text,
	       ns < 1000000		 ? unit
	       : ns < (uint64_t)NS_PER_S ? "ms"
					 : "s");
}

static void print_header(const struct picture *picture)
{
	const json_t *datagram = picture->datagram;
	long long time = member_count(datagram, "time");
	time_t seconds = time / NS_PER_S;
	char line[160], clock[16] = "";
	struct tm tm;

	snprintf(line, sizeof(line), "%s > %s  %s  id %llu", member_text(datagram, "source"),
		 member_text(datagram, "group"), member_text(datagram, "protocol"),
		 (unsigned long long)member_count(datagram, "id"));
	if (member_count(datagram, "bytes"))
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "  %llu bytes",
			 (unsigned long long)member_count(datagram, "bytes"));
	if (localtime_r(&seconds, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	put_colour(picture->style, BOLD);
	printf("%-*s  %s.%06lld", HEADER_WIDTH - 2, line, clock, time % NS_PER_S / 1000);
	put_colour(picture->style, PLAIN);
	putchar('\n');
}

static void print_links(const struct picture *picture)
{
	size_t i;

	printf("%*s", TIME_WIDTH, "");
	put_colour(picture->style, DIM);
	for (i = 0; i < picture->n; i++)
		printf("%-*s", i + 1 < picture->n ? picture->width[i] + 3 : 0, picture->columns[i]);
	put_colour(picture->style, PLAIN);
	putchar('\n');
}

static void print_fragment(const struct picture *picture, const json_t *fragment)
{
	int column = trace_column(picture, member_text(fragment, "link")), i;
	char cell[TRACE_CELL];

	print_time(picture, member_count(fragment, "at"));
	for (i = 0; i < column; i++)
		printf("%*s", picture->width[i] + 3, "");
	trace_cell(fragment, cell);
	put_colour(picture->style, trace_cell_colour(fragment));
	fputs(cell, stdout);
	put_colour(picture->style, PLAIN);
	putchar('\n');
}

static void print_whole(const struct picture *picture, const json_t *whole)
{
	const char *what = member_text(whole, "what");
	const char *rebuilt = member_flag(whole, "rebuilt") ? ", rebuilt by us" : "";

	print_time(picture, member_count(whole, "at"));
	if (!strcmp(what, "read")) {
		printf("read by %s (pid %llu)\n", member_text(whole, "program"),
		       (unsigned long long)member_count(whole, "pid"));
		return;
	}
	printf("whole%s%s%s: ", *member_text(whole, "link") ? " on " : "",
	       member_text(whole, "link"), rebuilt);
	if (!strcmp(what, "queued")) {
		printf("into a socket on port %llu\n",
		       (unsigned long long)member_count(whole, "port"));
		return;
	}
	put_colour(picture->style, RED);
	fputs(trace_cause_text(whole), stdout);
	put_colour(picture->style, PLAIN);
	print_kernel_words(whole);
	putchar('\n');
}

/* Fragments and what became of the whole, in the order of time. */
static void print_rows(const struct picture *picture)
{
	const json_t *fragments = json_object_get(picture->datagram, "fragments");
	const json_t *whole = json_object_get(picture->datagram, "whole");
	size_t i = 0, j = 0;

	while (i < json_array_size(fragments) || j < json_array_size(whole)) {
		const json_t *row = json_array_get(fragments, i), *event = json_array_get(whole, j);

		if (row && (!event || member_count(row, "at") <= member_count(event, "at"))) {
			print_fragment(picture, row);
			i++;
		} else {
			print_whole(picture, event);
			j++;
		}
	}
	if (member_count(picture->datagram, "fragments_left_out"))
		printf("%*s%llu more fragments are not shown\n", TIME_WIDTH, "",
		       (unsigned long long)member_count(picture->datagram, "fragments_left_out"));
}

static void print_missing(const json_t *datagram)
{
	const json_t *missing = json_object_get(datagram, "missing"), *range;
	size_t i;

	json_array_foreach (missing, i, range) {
		json_int_t from = json_integer_value(json_array_get(range, 0));
		json_int_t to = json_integer_value(json_array_get(range, 1));

		fputs(i ? ", " : "; missing: ", stdout);
		if (to < 0)
			printf("%lld and what follows", (long long)from);
		else
			printf("%lld+%lld", (long long)from, (long long)(to - from));
	}
}

/* The first drop of a fragment for this cause, for the kernel's words. */
static const json_t *first_drop(const json_t *datagram, const char *cause)
{
	const json_t *fragment;
	size_t i;

	json_array_foreach (json_object_get(datagram, "fragments"), i, fragment) {
		const json_t *drop = json_object_get(fragment, "stack");

		if (drop && !strcmp(member_text(drop, "cause"), cause))
			return drop;
	}
	return NULL;
}

static void print_end(const struct picture *picture)
{
	const json_t *datagram = picture->datagram;
	const char *name = member_text(datagram, "end");
	const json_t *whole = json_object_get(datagram, "whole");
	size_t end = end_of(name);

	print_time(picture, member_count(datagram, "ended"));
	put_colour(picture->style, ends[end].colour);
	put_colour(picture->style, BOLD);
	printf("= %s", ends[end].text);
	put_colour(picture->style, PLAIN);
	if (!strcmp(name, "timeout") || !strcmp(name, "open"))
		print_missing(datagram);
	if (!strcmp(name, "timeout") || !strcmp(name, "duplicate"))
		print_kernel_words(first_drop(datagram, "timeout"));
	else if (!strcmp(name, "wrong-nic") && !json_array_size(whole))
		print_kernel_words(first_drop(datagram, "not-joined"));
	else if (!strcmp(name, "discarded"))
		print_kernel_words(first_drop(datagram, "discarded"));
	else if ((!strcmp(name, "delivered") || !strcmp(name, "rebuilt")) &&
		 !json_array_size(whole))
		fputs("; the stack has not dropped it, and was not seen to hand it on", stdout);
	fputs("\n\n", stdout);
}

void trace_print(const struct trace_style *style, const json_t *datagram)
{
	struct picture picture = { .style = style, .datagram = datagram };

	trace_lay_out(&picture);
	print_header(&picture);
	print_links(&picture);
	print_rows(&picture);
	print_end(&picture);
}

void trace_print_sums(FILE *to, const json_t *sums)
{
	static const struct {
		const char *key, *text;
	} others[] = {
		{ "left_out", "not shown, more than can be shown in a second" },
		{ "forgotten", "not followed to their end, too many at once" },
		{ "events_lost", "fragments that came too fast to be looked at" },
		{ "fates_lost", "records of the stack that were lost" },
	};
	const json_t *counts = json_object_get(sums, "ends");
	size_t i;

	fprintf(to, "%llu datagram%s in %llu fragment%s\n",
		(unsigned long long)member_count(sums, "datagrams"),
		member_count(sums, "datagrams") == 1 ? "" : "s",
		(unsigned long long)member_count(sums, "fragments"),
		member_count(sums, "fragments") == 1 ? "" : "s");
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (member_count(counts, ends[i].end))
			fprintf(to, "%10llu  %s\n",
				(unsigned long long)member_count(counts, ends[i].end),
				ends[i].text);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (member_count(sums, others[i].key))
			fprintf(to, "%10llu  %s\n",
				(unsigned long long)member_count(sums, others[i].key),
				others[i].text);
}
