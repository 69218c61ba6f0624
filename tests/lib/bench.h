/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measuring nanoseconds a packet through BPF_PROG_TEST_RUN, on machines that do
 * other things as well.
 *
 * - Slopes: one call has a fixed cost of its own, which the difference between
 *   two repeat counts takes out.
 * - The measured program is attached to a link meanwhile. Otherwise each call
 *   would put it into the kernel's XDP dispatcher and take it out again, which
 *   waits 10 to 40 ms for other CPUs.
 * - Of several slopes in a row the lowest counts: what else ran can only add.
 *   The median is then taken over rounds, with all subjects in every round.
 * - A bare program is measured in turns with each subject, a few milliseconds
 *   apart, because the machine's speed changes from second to second. What is
 *   said about differences and ratios comes from such pairs.
 * - A benchmark loads its programs anew in each round, because a program's
 *   place in memory, which the kernel chooses at random, is worth a nanosecond
 *   or two.
 */
#ifndef XDPFRAG_TESTS_BENCH_H
#define XDPFRAG_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_object;

#define BENCH_ROUNDS_MAX 64

/* One figure: a value for each round, with the bare program's at that time. */
struct bench_samples {
	double ns[BENCH_ROUNDS_MAX];
	double bare[BENCH_ROUNDS_MAX];
	size_t n;
};

struct bench_run {
	int prog;
	int bare; /* the program to compare with; -1: none */
	const void *frame;
	size_t len;
	bool live;  /* BPF_F_TEST_XDP_LIVE_FRAMES, received on bench0 */
	int repeat; /* packets in the longer run */
	int slopes;
	int action; /* out: the program's last verdict */
};

/* To the last CPU that it may use, with the highest priority it may have. */
void bench_pin(void);

/*
 * A network namespace of this process's own, gone when the process is, with a
 * veth pair "bench0", "bench1", both up. Exits when that fails.
 */
void bench_namespace(void);

/* Adds a round's value; exits with a message when the program cannot be run. */
void bench_measure(struct bench_run *run, struct bench_samples *samples);

/* An object file beside the executable, loaded; and a program of it. */
struct bpf_object *bench_object(const char *file);
int bench_program(const struct bpf_object *object, const char *name);

/*
 * One of xdp-filter's programs ("xdpfilt_dny_ip"), with maps of its own and an
 * IPv4 destination in its list (NULL: none). -1 when it is not installed;
 * otherwise *object is to be closed.
 */
int bench_filter(struct bpf_object **object, const char *name, const char *listed);

double bench_median(const struct bench_samples *samples);
/* How much more than the bare program, and how many times as much. */
double bench_more(const struct bench_samples *samples);
double bench_times(const struct bench_samples *samples);

double bench_now(void); /* CLOCK_MONOTONIC in nanoseconds */
void bench_die(const char *what, int err) __attribute__((noreturn));

/* Runs a shell command; exits when it fails. */
void bench_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
