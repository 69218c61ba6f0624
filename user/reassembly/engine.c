// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine as a whole: its memory, taken and given back. */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "internal.h"

#define TIME_MAX (1ULL << 62) /* ns: a time in it added to now is a time still */

static uint32_t log2_up(uint32_t n)
{
	uint32_t bits = 1;

	while (bits < 31 && 1U << bits < n)
		bits++;
	return bits;
}

/* Two buckets for each context: seldom more than one in a bucket. */
static uint32_t bucket_bits(const struct reassembly_limits *limits)
{
	return log2_up(limits->contexts) + 1;
}

static bool limits_valid(const struct reassembly_limits *limits)
{
	return limits->contexts && limits->contexts <= 1U << 24 && limits->fragments &&
	       limits->fragments <= 1U << 24 && limits->bytes && limits->bytes_per_source &&
	       limits->datagram_fragments && limits->datagram_fragments <= 8192 &&
	       limits->accounts <= 65535 && limits->lifetime && limits->lifetime <= TIME_MAX &&
	       limits->linger <= TIME_MAX;
}

/* Besides each context's own: enough for all fragments, however they are spread. */
static uint32_t spare_blocks(const struct reassembly_limits *limits)
{
	return limits->fragments / BLOCK + 1;
}

/* How many bytes of each of its arrays, in the order of struct arrays. */
enum array {
	NODES,
	CONTEXTS,
	USERS,
	HELD,
	BLOCKS,
	PIECES,
	ACCOUNTS,
	BUCKETS,
	USER_BUCKETS,
	ARRAYS
};

static void sizes_of(const struct reassembly_limits *limits, size_t size[ARRAYS])
{
	size_t contexts = limits->contexts;

	size[NODES] = contexts * sizeof(struct node);
	size[CONTEXTS] = contexts * sizeof(struct context);
	size[USERS] = contexts * sizeof(struct user);
	size[HELD] = (contexts + spare_blocks(limits)) * BLOCK * sizeof(struct held);
	size[BLOCKS] = spare_blocks(limits) * sizeof(uint32_t);
	size[PIECES] = limits->datagram_fragments * sizeof(struct piece);
	size[ACCOUNTS] = (limits->accounts + !limits->accounts) * sizeof(struct reassembly_account);
	size[BUCKETS] = size[USER_BUCKETS] = sizeof(uint32_t) << bucket_bits(limits);
}

size_t reassembly_memory(const struct reassembly_limits *limits)
{
	size_t size[ARRAYS], sum = sizeof(struct reassembly);
	int i;

	sizes_of(limits, size);
	for (i = 0; i < ARRAYS; i++)
		sum += size[i];
	return sum;
}

/*
 * Cache lines begin where the array does. Huge pages are wished for, since it is read
 * all over; written at once, so that the memory is there when it is wanted.
 */
static void *take(size_t size, int fill)
{
	uintptr_t page = sysconf(_SC_PAGESIZE);
	char *array = aligned_alloc(64, (size + 63) & ~63UL);

	if (!array)
		return NULL;
	madvise((void *)(((uintptr_t)array + page - 1) & -page), size & -page, MADV_HUGEPAGE);
	return memset(array, fill, size);
}

static bool take_arrays(struct reassembly *engine)
{
	void **const arrays[ARRAYS] = {
		(void **)&engine->nodes,	(void **)&engine->contexts,
		(void **)&engine->users,	(void **)&engine->held,
		(void **)&engine->blocks,	(void **)&engine->pieces,
		(void **)&engine->accounts,	(void **)&engine->buckets,
		(void **)&engine->user_buckets,
	};
	size_t size[ARRAYS];
	int i;

	sizes_of(&engine->limits, size);
	for (i = 0; i < ARRAYS; i++) {
		/* Empty buckets: NONE. */
		*arrays[i] = take(size[i], i == BUCKETS || i == USER_BUCKETS ? 0xff : 0);
		if (!*arrays[i])
			return false;
	}
	return true;
}

static void fill_pools(struct reassembly *engine)
{
	uint32_t n = engine->limits.contexts, i;

	for (i = 0; i < n; i++)
		engine->nodes[i].chain = engine->users[i].chain = i + 1 < n ? i + 1 : NONE;
	while (engine->n_blocks < spare_blocks(&engine->limits)) {
		engine->blocks[engine->n_blocks] = (n + engine->n_blocks) * BLOCK;
		engine->n_blocks++;
	}
	engine->waiting = engine->lingering = engine->idle_users = (struct list){ NONE, NONE };
}

static void set_most_pieces(struct reassembly *engine)
{
	const struct reassembly_limits *limits = &engine->limits;

	engine->most_pieces = limits->datagram_fragments < limits->fragments
				      ? limits->datagram_fragments
				      : limits->fragments;
}

void reassembly_hold_at_most(struct reassembly *engine, uint32_t fragments)
{
	if (!fragments || fragments >= engine->limits.fragments)
		return;
	engine->limits.fragments = fragments;
	set_most_pieces(engine);
}

static void set_limits(struct reassembly *engine)
{
	const struct reassembly_limits *limits = &engine->limits;

	engine->deadline = UINT64_MAX;
	set_most_pieces(engine);
	engine->hogs[DATAGRAMS].over = limits->contexts / HOG_SHARE;
	engine->hogs[FRAGMENTS].over = limits->fragments / HOG_SHARE;
	engine->hogs[BYTES].over = limits->bytes / HOG_SHARE;
	engine->most_bytes =
		limits->bytes < limits->bytes_per_source ? limits->bytes : limits->bytes_per_source;
	/* A multiply-shift wants odd ones. */
	engine->secrets[6] |= 1;
	engine->secrets[7] |= 1;
}

struct reassembly *reassembly_new(const struct reassembly_limits *limits,
				  const struct reassembly_ops *ops)
{
	struct reassembly *engine;

	if (!limits_valid(limits))
		return NULL;
	engine = calloc(1, sizeof(*engine));
	if (!engine)
		return NULL;
	engine->limits = *limits;
	engine->limits.accounts += !limits->accounts;
	engine->ops = *ops;
	engine->mask = (1U << bucket_bits(limits)) - 1;
	if (!take_arrays(engine) || getrandom(engine->secrets, sizeof(engine->secrets),
					      GRND_INSECURE) != sizeof(engine->secrets)) {
		reassembly_free(engine);
		return NULL;
	}
	fill_pools(engine);
	set_limits(engine);
	return engine;
}

void reassembly_free(struct reassembly *engine)
{
	if (!engine)
		return;
	while (engine->stats.contexts) {
		uint32_t index = engine->waiting.oldest;

		release_fragments(engine, index);
		context_close(engine, index);
	}
	free(engine->nodes);
	free(engine->contexts);
	free(engine->users);
	free(engine->held);
	free(engine->blocks);
	free(engine->pieces);
	free(engine->accounts);
	free(engine->buckets);
	free(engine->user_buckets);
	free(engine);
}

void reassembly_expect(struct reassembly *engine, uint32_t nics)
{
	engine->expected = nics;
}

static void raise(uint32_t *most, uint32_t now)
{
	if (now > *most)
		*most = now;
}

/* The maxima are kept up to date only where something becomes less. */
const struct reassembly_stats *reassembly_stats(struct reassembly *engine)
{
	struct reassembly_stats *stats = &engine->stats;

	raise(&stats->contexts_max, stats->contexts);
	raise(&stats->lingering_max, stats->lingering);
	raise(&stats->held_max, stats->held);
	if (stats->bytes > stats->bytes_max)
		stats->bytes_max = stats->bytes;
	return stats;
}

const struct reassembly_account *reassembly_account(const struct reassembly *engine,
						    uint32_t account)
{
	return &engine->accounts[account];
}

static void move_accounts(struct reassembly *engine, uint32_t index, uint32_t from)
{
	for (; index != NONE; index = engine->nodes[index].age.newer)
		if (engine->contexts[index].account == from)
			engine->contexts[index].account = engine->limits.accounts - 1;
}

void reassembly_clear_account(struct reassembly *engine, uint32_t account)
{
	move_accounts(engine, engine->waiting.oldest, account);
	move_accounts(engine, engine->lingering.oldest, account);
	memset(&engine->accounts[account], 0, sizeof(engine->accounts[account]));
}
