/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds one half of the policy tables (include/xdpfrag/policy.h). Pure: memory
 * in, memory out.
 */
#ifndef XDPFRAG_TABLE_H
#define XDPFRAG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xdpfrag/policy.h"
#include "xdpfrag/state.h"

/*
 * A whole policy as entries, unsorted, each (group, source, len) once. Entries
 * without XDPFRAG_F_POLICY are not wanted: table_build() adds those that lead
 * to sources itself, and sets XDPFRAG_F_SOURCES. Owns its arrays.
 */
struct policy_set {
	struct xdpfrag_group4 *groups4;
	struct xdpfrag_group6 *groups6;
	size_t n4, n6;
	uint64_t links; /* of struct xdpfrag_half */
};

/* One half of all tables in the agent's memory, laid out as in the maps. Owns its arrays. */
struct table {
	struct xdpfrag_half half;
	struct xdpfrag_group4 *groups4; /* table_slots(bits4) */
	struct xdpfrag_group6 *groups6; /* table_slots(bits6) */
	uint32_t bits4, bits6;
};

#define TABLE_BITS_MIN 11 /* 64 and 128 KiB for a half: never in the way */
#define TABLE_BITS_MAX 20

static inline size_t table_slots(uint32_t bits)
{
	return ((size_t)1 << bits) + XDPFRAG_PROBES;
}

/* The bits for n entries at most half full; a policy with a source counts as two entries. */
uint32_t table_bits(size_t n);

/* -ENOMEM, or -ENOSPC when bits4 or bits6 is too small. On error nothing is to be freed. */
int table_build(struct table *table, const struct policy_set *set, uint32_t bits4, uint32_t bits6);
void table_free(struct table *table);
void policy_set_free(struct policy_set *set);

/* As the steer program looks up one exact entry; NULL when there is none. */
const struct xdpfrag_group4 *table_find4(const struct xdpfrag_half *half,
					 const struct xdpfrag_group4 *slots, uint32_t bits,
					 uint32_t group, uint32_t source, uint32_t len);
const struct xdpfrag_group6 *table_find6(const struct xdpfrag_half *half,
					 const struct xdpfrag_group6 *slots, uint32_t bits,
					 const __u64 *group, const __u64 *source, uint32_t len);

#endif
