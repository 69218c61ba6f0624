/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for xdpcap: does what that does with a hook, call by call, and counts where
 * it would copy packets.
 *
 * As cmd/xdpcap/filter.go and program.go have it: the hook is a program array with keys
 * and values of 4 bytes; its size says for how many actions to attach. A program is of
 * type XDP, in raw instructions, GPL, loaded without expected_attach_type and flags; if
 * the hook refuses the first one with EINVAL, all are loaded with
 * BPF_F_XDP_HAS_FRAGS. It returns its action. In the end each is deleted.
 */
#ifndef XDPFRAG_TESTS_STANDIN_H
#define XDPFRAG_TESTS_STANDIN_H

#include <stdbool.h>
#include <stdint.h>

#define STANDIN_ACTIONS 5

struct standin {
	int hook; /* the array; not owned */
	int counts;
	int programs[STANDIN_ACTIONS];
	bool frags; /* refused without */
};

/* Of one action. */
struct standin_count {
	uint64_t packets;   /* all */
	uint64_t fragments; /* IPv4 multicast fragments among them, untagged */
};

/* Functions give 0 or a negative errno. */

/* Is this a hook by xdpcap's lights? -EPROTOTYPE: not so. */
int standin_check(int hook);
/* One program, not yet in a hook: its fd. */
int standin_program(int counts, uint32_t action, bool frags);
int standin_counts(void); /* the map for its counts: its fd */
int standin_attach(struct standin *standin, int hook);
int standin_read(const struct standin *standin, uint32_t action, struct standin_count *count);
void standin_detach(struct standin *standin);

#endif
