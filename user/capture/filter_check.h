/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classic BPF as libpcap compiles it for Ethernet: which instructions there are, and which of a
 * filter's can be reached. Jumps lead forward only, so that every filter ends.
 */
#ifndef XDPFRAG_FILTER_CHECK_H
#define XDPFRAG_FILTER_CHECK_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#define FILTER_MAX 4096 /* instructions: BPF_MAXINSNS */

/*
 * Marks in `reached`, of n, what can be run. -EINVAL: more than FILTER_MAX or none, an unknown
 * instruction, or one that leads beyond the end; *at is which.
 */
int filter_check(const struct sock_filter *filter, size_t n, bool *reached, size_t *at);

#endif
