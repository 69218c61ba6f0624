// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Builds one half of the policy tables: linear probing in the order of the home
 * slots ("Robin Hood"), which keeps the longest way short. At half load, 100,000
 * random keys lie at most about 10 slots from home; where a multiplier does
 * worse than XDPFRAG_PROBES, the next one is tried.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/table.h"

/* Odd 64-bit numbers: 2^64 / golden ratio, then steps of an LCG from it (Knuth, TAOCP 2, 3.3.4). */
#define MULTIPLIER_FIRST 0x9e3779b97f4a7c15ULL
#define MULTIPLIER_TRIES 32

static uint64_t next_multiplier(uint64_t multiplier)
{
	return (multiplier * 6364136223846793005ULL + 1442695040888963407ULL) | 1;
}

uint32_t table_bits(size_t n)
{
	uint32_t bits = TABLE_BITS_MIN;

	while (bits < TABLE_BITS_MAX && ((size_t)1 << bits) < 2 * n)
		bits++;
	return bits;
}

/*
 * From home slots to slots. order[] are the entries sorted by home slot; each
 * takes its home or the first slot behind the entry before it, so between an
 * entry and its home no slot is empty. Returns false when one lies too far off.
 */
static bool place(const uint32_t *home, const uint32_t *order, uint32_t *slot, size_t n)
{
	uint32_t next = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t entry = order[i];

		slot[entry] = home[entry] > next ? home[entry] : next;
		if (slot[entry] - home[entry] >= XDPFRAG_PROBES)
			return false;
		next = slot[entry] + 1;
	}
	return true;
}

/* Counting sort of 0 … n-1 by home slot; stable, so that equal input gives equal tables. */
static int order_by_home(const uint32_t *home, uint32_t *order, size_t n, uint32_t bits)
{
	uint32_t *first = calloc(((size_t)1 << bits) + 1, sizeof(*first));
	size_t i;

	if (!first)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		first[home[i] + 1]++;
	for (i = 1; i <= (size_t)1 << bits; i++)
		first[i] += first[i - 1];
	for (i = 0; i < n; i++)
		order[first[home[i]]++] = i;
	free(first);
	return 0;
}

/* Slots for n entries whose home slots `homes` works out under a multiplier. */
static int place_all(void (*homes)(const void *entries, size_t n, uint64_t multiplier,
				   uint32_t bits, uint32_t *home),
		     const void *entries, size_t n, uint32_t bits, uint32_t *slot,
		     __u64 *multiplier)
{
	uint32_t *home = calloc(n + 1, sizeof(*home)), *order = calloc(n + 1, sizeof(*order));
	int i, err = home && order ? -ENOSPC : -ENOMEM;

	*multiplier = MULTIPLIER_FIRST;
	for (i = 0; err == -ENOSPC && i < MULTIPLIER_TRIES && n <= (size_t)1 << bits; i++) {
		homes(entries, n, *multiplier, bits, home);
		if (order_by_home(home, order, n, bits))
			err = -ENOMEM;
		else if (place(home, order, slot, n))
			err = 0;
		else
			*multiplier = next_multiplier(*multiplier);
	}
	free(home);
	free(order);
	return err;
}

static void homes4(const void *entries, size_t n, uint64_t multiplier, uint32_t bits,
		   uint32_t *home)
{
	const struct xdpfrag_group4 *e = entries;
	size_t i;

	for (i = 0; i < n; i++)
		home[i] = xdpfrag_home4(e[i].group, e[i].source, e[i].policy.len, multiplier, bits);
}

static void homes6(const void *entries, size_t n, uint64_t multiplier, uint32_t bits,
		   uint32_t *home)
{
	const struct xdpfrag_group6 *e = entries;
	size_t i;

	for (i = 0; i < n; i++)
		home[i] = xdpfrag_home6(e[i].group, e[i].source, e[i].policy.len, multiplier, bits);
}

/* A wide key so that one sort serves both families: len, group, source. */
struct sort_key {
	uint8_t bytes[33];
	uint32_t entry;
};

static int by_bytes(const void *a, const void *b)
{
	const struct sort_key *left = a, *right = b;

	return memcmp(left->bytes, right->bytes, sizeof(left->bytes));
}

static bool is_zero(const void *bytes, size_t len)
{
	static const uint8_t zero[16];

	return !memcmp(bytes, zero, len);
}

/*
 * For every prefix that has a policy with a source: marks its entry without a
 * source, or adds one that only leads there. `size` is that of an entry, `addr`
 * of an address; both families begin with group, source, policy.
 */
static size_t add_source_marks(uint8_t *entries, size_t n, size_t size, size_t addr,
			       struct sort_key *keys)
{
	struct xdpfrag_policy *any = NULL;
	size_t i, total = n;

	for (i = 0; i < n; i++) {
		uint8_t *entry = entries + i * size;
		struct xdpfrag_policy *policy = (void *)(entry + 2 * addr);

		memset(&keys[i], 0, sizeof(keys[i]));
		keys[i].bytes[0] = policy->len;
		memcpy(keys[i].bytes + 1, entry, addr);
		memcpy(keys[i].bytes + 17, entry + addr, addr);
		keys[i].entry = i;
	}
	qsort(keys, n, sizeof(*keys), by_bytes);
	for (i = 0; i < n; i++) {
		uint8_t *entry = entries + keys[i].entry * size;
		struct xdpfrag_policy *policy = (void *)(entry + 2 * addr);
		/* Sorted, an entry without source stands before those that have one. */
		bool same = i && !memcmp(keys[i].bytes, keys[i - 1].bytes, 17);

		if (!same)
			any = NULL;
		if (is_zero(entry + addr, addr)) {
			any = policy;
			continue;
		}
		if (!any) {
			uint8_t *stub = entries + total++ * size;

			memset(stub, 0, size);
			memcpy(stub, entry, addr);
			any = (void *)(stub + 2 * addr);
			any->len = policy->len;
		}
		any->flags |= XDPFRAG_F_SOURCES;
	}
	return total;
}

/* The lengths in use under `full`, longest first. */
static void list_prefixes(uint8_t *prefixes, const uint8_t *entries, size_t n, size_t size,
			  size_t addr)
{
	bool used[129] = {};
	int len, full = addr * 8;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct xdpfrag_policy *policy = (void *)(entries + i * size + 2 * addr);

		used[policy->len] = true;
	}
	for (len = full - 1; len > 0; len--)
		if (used[len])
			*prefixes++ = len;
}

/* A copy of the entries with their source marks; *n grows by the entries added. */
static int mark_sources(const void *from, size_t *n, size_t size, size_t addr, void **out)
{
	struct sort_key *keys = calloc(*n + 1, sizeof(*keys));
	uint8_t *entries = calloc(2 * *n + 1, size);

	if (!keys || !entries) {
		free(keys);
		free(entries);
		return -ENOMEM;
	}
	if (*n)
		memcpy(entries, from, *n * size);
	*n = add_source_marks(entries, *n, size, addr, keys);
	free(keys);
	*out = entries;
	return 0;
}

static int build_family(const void *from, size_t n, size_t size, size_t addr, uint32_t bits,
			void (*homes)(const void *, size_t, uint64_t, uint32_t, uint32_t *),
			uint8_t *slots, __u64 *multiplier, __u32 *count, uint8_t *prefixes)
{
	uint32_t *slot = NULL;
	void *entries = NULL;
	size_t i;
	int err;

	err = mark_sources(from, &n, size, addr, &entries);
	if (err)
		return err;
	err = -ENOMEM;
	slot = calloc(n + 1, sizeof(*slot));
	if (slot)
		err = place_all(homes, entries, n, bits, slot, multiplier);
	if (err)
		goto out;
	for (i = 0; i < n; i++)
		memcpy(slots + slot[i] * size, (uint8_t *)entries + i * size, size);
	list_prefixes(prefixes, entries, n, size, addr);
	*count = n;
out:
	free(slot);
	free(entries);
	return err;
}

int table_build(struct table *table, const struct policy_set *set, uint32_t bits4, uint32_t bits6)
{
	struct xdpfrag_half *half = &table->half;
	int err;

	memset(table, 0, sizeof(*table));
	table->bits4 = bits4;
	table->bits6 = bits6;
	half->links = set->links;
	table->groups4 = calloc(table_slots(bits4), sizeof(*table->groups4));
	table->groups6 = calloc(table_slots(bits6), sizeof(*table->groups6));
	if (!table->groups4 || !table->groups6) {
		err = -ENOMEM;
		goto out;
	}
	err = build_family(set->groups4, set->n4, sizeof(*set->groups4), 4, bits4, homes4,
			   (uint8_t *)table->groups4, &half->multiplier4, &half->entries4,
			   half->prefixes4);
	if (!err)
		err = build_family(set->groups6, set->n6, sizeof(*set->groups6), 16, bits6, homes6,
				   (uint8_t *)table->groups6, &half->multiplier6, &half->entries6,
				   half->prefixes6);
out:
	if (err)
		table_free(table);
	return err;
}

void table_free(struct table *table)
{
	free(table->groups4);
	free(table->groups6);
	memset(table, 0, sizeof(*table));
}

void policy_set_free(struct policy_set *set)
{
	free(set->groups4);
	free(set->groups6);
	memset(set, 0, sizeof(*set));
}

const struct xdpfrag_group4 *table_find4(const struct xdpfrag_half *half,
					 const struct xdpfrag_group4 *slots, uint32_t bits,
					 uint32_t group, uint32_t source, uint32_t len)
{
	uint32_t slot = xdpfrag_home4(group, source, len, half->multiplier4, bits);
	int i;

	for (i = 0; i < XDPFRAG_PROBES && slots[slot].policy.len; i++, slot++)
		if (slots[slot].group == group && slots[slot].source == source &&
		    slots[slot].policy.len == len)
			return &slots[slot];
	return NULL;
}

const struct xdpfrag_group6 *table_find6(const struct xdpfrag_half *half,
					 const struct xdpfrag_group6 *slots, uint32_t bits,
					 const __u64 *group, const __u64 *source, uint32_t len)
{
	uint32_t slot = xdpfrag_home6(group, source, len, half->multiplier6, bits);
	int i;

	for (i = 0; i < XDPFRAG_PROBES && slots[slot].policy.len; i++, slot++)
		if (!memcmp(slots[slot].group, group, 16) &&
		    !memcmp(slots[slot].source, source, 16) && slots[slot].policy.len == len)
			return &slots[slot];
	return NULL;
}
