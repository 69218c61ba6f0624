// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `status`: the agent and what it manages, in a few lines, and a few about
 * reassembly where a group wants it.
 */
#include <stdio.h>
#include <string.h>

#include "objects.h"
#include "output.h"

static unsigned long long count_of(const json_t *object, const char *key)
{
	return member_count(object, key);
}

/* "3d 04:05:06" */
static void print_uptime(uint64_t seconds)
{
	if (seconds >= 86400)
		printf("%llud ", (unsigned long long)(seconds / 86400));
	printf("%02u:%02u:%02u", (unsigned int)(seconds / 3600 % 24),
	       (unsigned int)(seconds / 60 % 60), (unsigned int)(seconds % 60));
}

static void print_agent(const json_t *status, const char *socket)
{
	const char *config = member_text(status, "config");
	bool runtime = !strcmp(member_text(status, "origin"), "runtime");

	printf("agent     xdpfragd %s, pid %llu, up ", member_text(status, "program_version"),
	       count_of(status, "pid"));
	print_uptime(member_number(status, "uptime"));
	printf(", kernel %s\n", member_text(status, "kernel"));
	printf("socket    %s\n", socket);
	printf("config    %s%s\n", *config ? config : "none",
	       runtime ? ", changed at runtime since (`xdpfragctl save` prints it)" : "");
	printf("maps      %s, %.1f MiB\n", member_text(status, "pin_dir"),
	       member_number(status, "memory") / (1024 * 1024));
}

static void print_capture(const json_t *status)
{
	const json_t *capture = json_object_get(status, "capture");

	if (!capture)
		return;
	printf("capture   of uid %llu, for ", count_of(capture, "uid"));
	print_uptime(member_number(capture, "seconds"));
	printf(": %llu packets, %llu lost; filter %s\n", count_of(capture, "captured"),
	       count_of(capture, "lost"), member_text(capture, "filter"));
}

static void print_policy(const json_t *status)
{
	const json_t *capacity = json_object_get(status, "capacity");

	printf("groups    %llu, of which absent %llu\n", count_of(status, "groups"),
	       count_of(status, "groups_absent"));
	printf("links     %llu, of which off %llu", count_of(status, "links"),
	       count_of(status, "links_off"));
	if (count_of(status, "links_left_out"))
		printf("; %llu more than can be managed", count_of(status, "links_left_out"));
	putchar('\n');
	printf("capacity  %llu IPv4, %llu IPv6, %llu counted; grows as needed\n",
	       count_of(capacity, "groups4"), count_of(capacity, "groups6"),
	       count_of(capacity, "rows"));
	printf("handled   %llu requests, %llu reconciles\n", count_of(status, "requests"),
	       count_of(status, "reconciles"));
	if (*member_text(status, "last_error"))
		printf("error     %s\n", member_text(status, "last_error"));
}

/* " (timeout 2, overlap 1)": the reasons there were. */
static void print_losses(json_t *lost)
{
	const char *reason;
	json_t *count;
	int n = 0;

	json_object_foreach (lost, reason, count)
		if (json_integer_value(count))
			printf("%s%s %llu", n++ ? ", " : " (", reason,
			       (unsigned long long)json_integer_value(count));
	if (n)
		putchar(')');
}

static uint64_t sum_of(json_t *counts)
{
	const char *key;
	json_t *count;
	uint64_t sum = 0;

	json_object_foreach (counts, key, count)
		sum += json_integer_value(count);
	return sum;
}

/* "3 datagrams (most 12, limit 16384)" */
static void print_use(const json_t *reassembly, const char *key, const char *what)
{
	const json_t *use = json_object_get(reassembly, key);

	printf("%llu %s (most %llu, limit %llu)", count_of(use, "now"), what, count_of(use, "most"),
	       count_of(use, "limit"));
}

static double mebibytes(const json_t *object, const char *key)
{
	return member_number(object, key) / (1024 * 1024);
}

/* Nothing unless reassembly runs. */
static void print_reassembly(const json_t *status)
{
	const json_t *reassembly = json_object_get(status, "reassembly"), *bytes;
	json_t *lost = json_object_get(reassembly, "lost");

	if (!reassembly)
		return;
	printf("datagrams %llu completed, %llu delivered", count_of(reassembly, "completed"),
	       count_of(reassembly, "delivered"));
	if (count_of(reassembly, "undelivered"))
		printf(", %llu not to be delivered", count_of(reassembly, "undelivered"));
	printf("; lost %llu", (unsigned long long)sum_of(lost));
	print_losses(lost);
	printf("\nheld      ");
	print_use(reassembly, "contexts", "datagrams");
	printf("; ");
	print_use(reassembly, "held", "fragments");
	bytes = json_object_get(reassembly, "held_bytes");
	printf("; %.1f MiB (most %.1f, limit %.1f)\n", mebibytes(bytes, "now"),
	       mebibytes(bytes, "most"), mebibytes(bytes, "limit"));
	printf("sockets   %llu AF_XDP; memory of reassembly %.1f MiB\n",
	       count_of(reassembly, "sockets"), mebibytes(reassembly, "memory"));
}

int status_run(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	json_t *reply, *status;
	int err;

	err = no_more_words(words, n_words, 1, rep);
	if (!err)
		err = client_ask(&ctl->client, words, n_words, &reply, rep);
	if (err)
		return err;

	status = json_object_get(reply, "result");
	if (ctl->json) {
		err = output_line(json_incref(status));
	} else {
		print_agent(status, ctl->client.path);
		print_policy(status);
		print_capture(status);
		print_reassembly(status);
		err = output_flush();
	}
	json_decref(reply);
	return err;
}
