// SPDX-License-Identifier: GPL-2.0-or-later
/* Slopes, medians, and the small world in which the benchmarks measure. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

/* The flag of xdp-filter's map values for a destination address. */
#define FILTER_DESTINATION 2

void bench_die(const char *what, int err)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(1);
}

void bench_shell(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command)) {
		fprintf(stderr, "bench: failed: %s\n", command);
		exit(1);
	}
}

void bench_pin(void)
{
	cpu_set_t may, last;
	int cpu;

	if (sched_getaffinity(0, sizeof(may), &may))
		bench_die("sched_getaffinity", errno);
	for (cpu = CPU_SETSIZE - 1; cpu > 0 && !CPU_ISSET(cpu, &may); cpu--)
		;
	CPU_ZERO(&last);
	CPU_SET(cpu, &last);
	if (sched_setaffinity(0, sizeof(last), &last))
		bench_die("sched_setaffinity", errno);
	setpriority(PRIO_PROCESS, 0, -20); /* if it may */
}

static int ifindexes[2];

void bench_namespace(void)
{
	if (unshare(CLONE_NEWNET))
		bench_die("a network namespace (root?)", errno);
	bench_shell("ip link set lo up && ip link add bench0 type veth peer name bench1 && "
		    "ip link set bench0 up && ip link set bench1 up");
	ifindexes[0] = if_nametoindex("bench0");
	ifindexes[1] = if_nametoindex("bench1");
	if (!ifindexes[0] || !ifindexes[1])
		bench_die("a veth pair", errno);
}

double bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static double time_packets(struct bench_run *run, int prog, int repeat)
{
	struct xdp_md context = { .data_end = run->len, .ingress_ifindex = ifindexes[0] };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = run->frame, .data_size_in = run->len,
		    .repeat = repeat);
	double start;
	int err;

	if (run->live) {
		opts.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
		opts.ctx_in = &context;
		opts.ctx_size_in = sizeof(context);
	}
	start = bench_now();
	err = bpf_prog_test_run_opts(prog, &opts);
	start = bench_now() - start;
	if (err)
		bench_die("BPF_PROG_TEST_RUN", err);
	run->action = opts.retval;
	return start;
}

/* Lowers *lowest to the slope of two runs, when that is less. */
static void slope(struct bench_run *run, int prog, double *lowest)
{
	int few = run->repeat / 10;
	double ns = -time_packets(run, prog, few);

	ns = (ns + time_packets(run, prog, few + run->repeat)) / run->repeat;
	if (ns > 0 && (!*lowest || ns < *lowest))
		*lowest = ns;
}

static void attach(int link, int prog)
{
	int err = bpf_xdp_attach(ifindexes[link], prog, XDP_FLAGS_DRV_MODE, NULL);

	if (err)
		bench_die("attach", err);
}

void bench_measure(struct bench_run *run, struct bench_samples *samples)
{
	double ns = 0, bare = 0;
	int i;

	attach(0, run->prog);
	if (run->bare >= 0)
		attach(1, run->bare);
	time_packets(run, run->prog, run->repeat / 10); /* warm */
	for (i = 0; i < run->slopes; i++) {
		if (run->bare >= 0)
			slope(run, run->bare, &bare);
		slope(run, run->prog, &ns);
	}
	attach(0, -1);
	attach(1, -1);
	if (samples->n < BENCH_ROUNDS_MAX) {
		samples->ns[samples->n] = ns;
		samples->bare[samples->n++] = bare;
	}
}

struct bpf_object *bench_object(const char *file)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	struct bpf_object *object;
	char *slash;

	if (len < 0)
		bench_die("/proc/self/exe", errno);
	path[len] = '\0';
	slash = strrchr(path, '/');
	snprintf(slash, path + sizeof(path) - slash, "/%s", file);
	object = bpf_object__open_file(path, NULL);
	if (!object || bpf_object__load(object))
		bench_die(path, errno);
	return object;
}

int bench_program(const struct bpf_object *object, const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	if (!program)
		bench_die(name, ENOENT);
	return bpf_program__fd(program);
}

int bench_filter(struct bpf_object **object, const char *name, const char *listed)
{
	uint64_t values[libbpf_num_possible_cpus()];
	char pattern[PATH_MAX];
	struct bpf_map *map;
	glob_t found;
	uint32_t key;
	size_t i;

	snprintf(pattern, sizeof(pattern), "/usr/lib/*/bpf/%s.o", name);
	if (glob(pattern, 0, NULL, &found))
		return -1;
	*object = bpf_object__open_file(found.gl_pathv[0], NULL);
	globfree(&found);
	if (!*object)
		bench_die(name, errno);
	/* It pins its maps, and would share those of an xdp-filter in use. */
	bpf_object__for_each_map(map, *object) bpf_map__set_pin_path(map, NULL);
	if (bpf_object__load(*object))
		bench_die(name, errno);
	if (listed) {
		for (i = 0; i < sizeof(values) / sizeof(*values); i++)
			values[i] = FILTER_DESTINATION;
		inet_pton(AF_INET, listed, &key);
		if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(*object, "filter_ipv4"),
					&key, values, BPF_ANY))
			bench_die("xdp-filter's map", errno);
	}
	return bpf_program__fd(bpf_object__next_program(*object, NULL));
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *values, size_t n)
{
	if (!n)
		return 0;
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double bench_median(const struct bench_samples *samples)
{
	struct bench_samples copy = *samples;

	return median(copy.ns, copy.n);
}

double bench_more(const struct bench_samples *samples)
{
	double values[BENCH_ROUNDS_MAX];
	size_t i;

	for (i = 0; i < samples->n; i++)
		values[i] = samples->ns[i] - samples->bare[i];
	return median(values, samples->n);
}

double bench_times(const struct bench_samples *samples)
{
	double values[BENCH_ROUNDS_MAX];
	size_t i;

	for (i = 0; i < samples->n; i++)
		values[i] = samples->ns[i] / samples->bare[i];
	return median(values, samples->n);
}
