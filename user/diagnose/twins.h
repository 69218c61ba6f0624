/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragments that came in on two NICs: the same (family, source, group, id, offset)
 * within TWINS_NS of its first copy. Pure: fragments with their times in, counts
 * out. Memory is taken once, in twins_new(), 1.1 MB; when a table is full the oldest
 * entry goes, so that a flood hides twins but never invents one.
 *
 * An id that is used again later than TWINS_NS is another fragment's. So is one
 * used again sooner, but then it cannot be told from a copy.
 */
#ifndef XDPFRAG_TWINS_H
#define XDPFRAG_TWINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TWINS_NS     100000000ULL /* 100 ms */
#define TWINS_RECENT 16384	  /* fragments remembered, all NICs together */
#define TWINS_PAIRS  256	  /* (NIC, NIC, group, source) counted; more are only summed */

struct twins;

struct twins_fragment {
	uint64_t time; /* ns; may lag a little behind an earlier one's, as from another CPU */
	uint32_t nic;  /* any number that stands for it; the ifindex */
	uint32_t id;
	uint16_t offset;
	uint8_t family;		       /* AF_INET or AF_INET6 */
	uint8_t group[16], source[16]; /* IPv4 in the first four bytes */
};

struct twins_pair {
	uint32_t nics[2]; /* the smaller first */
	uint8_t family;
	uint8_t group[16], source[16];
	uint64_t fragments;   /* that came in on both; each counted once for a pair of NICs */
	uint64_t first_on[2]; /* of those: whose copy came first */
};

struct twins *twins_new(void); /* NULL and errno */
void twins_free(struct twins *twins);
void twins_add(struct twins *twins, const struct twins_fragment *fragment);
/* The pairs in the order of their counts, most first; good until the next call of this. */
const struct twins_pair *twins_pairs(struct twins *twins, size_t *n);
uint64_t twins_total(const struct twins *twins); /* also those beyond TWINS_PAIRS */

#endif
