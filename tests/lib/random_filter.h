/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Valid classic BPF that no compiler would write: every instruction that libpcap's interpreter
 * knows, jumps forward, and loads that mostly lie within a frame. The same from the same seed.
 */
#ifndef XDPFRAG_TESTS_RANDOM_FILTER_H
#define XDPFRAG_TESTS_RANDOM_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#define RANDOM_FILTER_MAX 96 /* instructions */

uint32_t random_below(uint64_t *seed, uint32_t n);
/* How many instructions there are. */
size_t random_filter(struct sock_filter *filter, uint64_t *seed);

#endif
