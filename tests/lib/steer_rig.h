/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One steer program by itself: loaded from its skeleton with given sizes, given
 * a policy by hand, run on frames without a link, its counters read.
 *
 * Policies are collected with rig_add() and written into one half of the maps by
 * rig_commit(), with the agent's own table builder. rig_activate() puts a half
 * in force. Half 0 is active at first.
 *
 * Functions that give an int return 0 or a negative errno.
 */
#ifndef XDPFRAG_TESTS_STEER_RIG_H
#define XDPFRAG_TESTS_STEER_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/table.h"
#include "xdpfrag/credit.h"
#include "xdpfrag/policy.h"
#include "xdpfrag/state.h"
#include "xdpfrag/verdict.h"

struct steer_capture;

struct rig_sizes {
	uint32_t bits4, bits6; /* 0: TABLE_BITS_MIN */
	uint32_t rows;	       /* 0: 64 */
	uint32_t link_slot;
	bool scope_all;
	const struct steer_capture *capture; /* NULL: none */
	bool hooked;			     /* the program with the hook for xdpcap */
};

/* A policy with its key; plain data. */
struct rig_policy {
	int family;
	uint8_t group[16]; /* network byte order, IPv4 in the first four bytes */
	uint8_t source[16];
	struct xdpfrag_policy policy;
};

struct rig {
	struct rig_sizes sizes;
	struct steer_bpf *skel;
	int prog;
	int events_fd;	/* map "events" */
	int sockets_fd; /* map "sockets" */
	int credits_fd; /* map "credits" */
	int socket_fd;	/* rig_socket()'s; -1: none */
	int hook_fd;	/* map "xdpcap_hook" */
	unsigned int cpus;
	/* The maps in memory, and their lengths in bytes. */
	struct xdpfrag_state *state;
	struct xdpfrag_group4 *groups4;
	struct xdpfrag_group6 *groups6;
	struct xdpfrag_counts *counters;
	struct xdpfrag_credit *credits;
	size_t groups4_len, groups6_len, counters_len, credits_len;
	/* What the next commit writes. */
	struct policy_set set;
	size_t room4, room6;
};

int rig_open(struct rig *rig, const struct rig_sizes *sizes);
void rig_close(struct rig *rig); /* also what a failed rig_open() left behind */

/*
 * `group` is "239.0.0.15", "239.1.0.0/16", "ff3e::/32" …; `source` NULL or an
 * address; `allowed` a bit for each link slot. family is 0 when a text is no address.
 */
struct rig_policy rig_policy(const char *group, const char *source, uint64_t allowed, uint8_t wrong,
			     uint32_t row);

/* Policies for the next commit; `links` is struct xdpfrag_half's. */
int rig_add(struct rig *rig, const struct rig_policy *policy);
void rig_clear(struct rig *rig);
int rig_commit(struct rig *rig, int half, uint64_t links);
void rig_activate(struct rig *rig, int half);

/* Runs the program once on a frame. The action, or a negative errno. */
int rig_run(struct rig *rig, const void *frame, size_t len);
/* The same; `out` gets the frame as the program left it, `len` bytes long. */
int rig_run_out(struct rig *rig, const void *frame, size_t len, void *out);

uint64_t rig_count(const struct rig *rig, uint32_t row, enum xdpfrag_verdict verdict);
uint64_t rig_reason(const struct rig *rig, enum xdpfrag_reason reason);
void rig_reset_counts(struct rig *rig);

/*
 * A socket that the program finds on queue 0 of its link, which is where test frames
 * come in. It has no ring, since nothing is handed on. Its credit stays as it is.
 */
int rig_socket(struct rig *rig);
/* Of that queue, and the worker's. */
struct xdpfrag_credit *rig_credit(const struct rig *rig);
struct xdpfrag_credit *rig_worker(const struct rig *rig);

/* The link behind a key of "redirects"; ifindex 0 takes it out. */
int rig_redirect(struct rig *rig, uint32_t key, uint32_t ifindex);

#endif
