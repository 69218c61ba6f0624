// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * standin: stands in for xdpcap at a pinned hook until a signal ends it. A line of JSON
 * when it has attached, and whenever a count has changed:
 *
 *   {"frags": true, "actions": [{"packets": 0, "fragments": 0}, …]}
 *
 * "frags": its programs were refused without multi-buffer support. One entry for each
 * XDP action, from XDP_ABORTED on.
 *
 * With --stale, makes a hook there that belongs to programs without multi-buffer
 * support, and ends.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../lib/standin.h"

static volatile sig_atomic_t ended;

static void on_signal(int signal)
{
	(void)signal;
	ended = 1;
}

static int read_all(const struct standin *standin, struct standin_count *counts)
{
	uint32_t action;
	int err = 0;

	for (action = 0; !err && action < STANDIN_ACTIONS; action++)
		err = standin_read(standin, action, &counts[action]);
	return err;
}

static void print(const struct standin *standin, const struct standin_count *counts)
{
	uint32_t action;

	printf("{\"frags\": %s, \"actions\": [", standin->frags ? "true" : "false");
	for (action = 0; action < STANDIN_ACTIONS; action++)
		printf("%s{\"packets\": %llu, \"fragments\": %llu}", action ? ", " : "",
		       (unsigned long long)counts[action].packets,
		       (unsigned long long)counts[action].fragments);
	puts("]}");
	fflush(stdout);
}

/* Until a signal. */
static int watch(const struct standin *standin)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	struct standin_count counts[STANDIN_ACTIONS], before[STANDIN_ACTIONS];
	bool first = true;
	int err;

	while (!ended) {
		err = read_all(standin, counts);
		if (err)
			return err;
		if (first || memcmp(counts, before, sizeof(counts)))
			print(standin, counts);
		memcpy(before, counts, sizeof(counts));
		first = false;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* A program array's first program is its owner; that stays when the program goes. */
static int make_stale(const char *path)
{
	uint32_t action = 0;
	int hook, program, err;

	hook = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "stale", 4, 4, STANDIN_ACTIONS, NULL);
	program = standin_program(standin_counts(), action, false);
	if (hook < 0 || program < 0)
		return -errno;
	err = bpf_map_update_elem(hook, &action, &program, BPF_ANY);
	return err ? err : bpf_obj_pin(hook, path);
}

static int capture(const char *path)
{
	struct standin standin;
	int err, hook = bpf_obj_get(path);

	if (hook < 0)
		return hook;
	err = standin_attach(&standin, hook);
	if (err)
		return err;
	err = watch(&standin);
	standin_detach(&standin);
	return err;
}

int main(int argc, char **argv)
{
	bool stale = argc == 3 && !strcmp(argv[1], "--stale");
	int err;

	if (argc != 2 && !stale) {
		fputs("Usage: standin [--stale] HOOK\n", stderr);
		return 2;
	}
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	err = stale ? make_stale(argv[2]) : capture(argv[1]);
	if (err)
		fprintf(stderr, "standin: %s: %s\n", argv[argc - 1], strerror(-err));
	return err ? 1 : 0;
}
