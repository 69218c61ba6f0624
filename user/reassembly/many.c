// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many fragments at once. Where many datagrams are in flight, each fragment finds
 * its own out of the cache; so what all of them are going to touch is asked for
 * first, from one step of the lookup to the next, and none waits for memory alone.
 * None of it changes what becomes of a fragment.
 */
#include "internal.h"

#define BATCH 64
#define FEW   256 /* datagrams: all that is known of them is in the cache anyway */

static void prefetch_node(const struct reassembly *engine, uint32_t index)
{
	if (index != NONE)
		__builtin_prefetch(&engine->nodes[index], 1);
}

/* NONE: a new one, whose user is looked for. */
static uint32_t prefetch_context(const struct reassembly *engine, struct hash hash)
{
	uint32_t index = engine->buckets[hash.key & engine->mask];

	while (index != NONE && engine->nodes[index].hash != hash.key)
		index = engine->nodes[index].chain;
	if (index == NONE) {
		__builtin_prefetch(&engine->user_buckets[hash.source & engine->mask]);
		return NONE;
	}
	__builtin_prefetch(&engine->contexts[index], 1);
	__builtin_prefetch(&engine->contexts[index].until, 1);
	return index;
}

static bool is_completed_by(const struct context *context, const struct fragment *fragment)
{
	uint32_t received = (uint32_t)context->received + fragment->len;

	return context->end == NONE ? !fragment->more && received > fragment->offset
				    : received == context->end;
}

/* Where it will be held, and which one before it; when it leaves its lists, their neighbours. */
static void prefetch_places(const struct reassembly *engine, uint32_t index,
			    const struct fragment *fragment)
{
	const struct context *context = &engine->contexts[index];
	const struct node *node = &engine->nodes[index];

	if (node->lingering)
		return;
	__builtin_prefetch(&engine->held[context->place], 1);
	if (context->last != NONE)
		__builtin_prefetch(&engine->held[context->last], 1);
	__builtin_prefetch(&engine->users[node->user], 1);
	if (!is_completed_by(context, fragment))
		return;
	__builtin_prefetch(&engine->held[context->first]);
	prefetch_node(engine, node->age.older);
	prefetch_node(engine, node->age.newer);
	prefetch_node(engine, node->of_user.older);
	prefetch_node(engine, node->of_user.newer);
}

static void prefetch(const struct reassembly *engine, const struct fragment *fragments,
		     const struct hash *hashes, uint32_t n)
{
	uint32_t found[BATCH], i;

	for (i = 0; i < n; i++)
		__builtin_prefetch(&engine->buckets[hashes[i].key & engine->mask]);
	for (i = 0; i < n; i++)
		prefetch_node(engine, engine->buckets[hashes[i].key & engine->mask]);
	for (i = 0; i < n; i++)
		found[i] = prefetch_context(engine, hashes[i]);
	for (i = 0; i < n; i++)
		if (found[i] != NONE)
			prefetch_places(engine, found[i], &fragments[i]);
}

void reassembly_add_many(struct reassembly *engine, const struct fragment *fragments, uint32_t n,
			 uint64_t now)
{
	struct hash hashes[BATCH];

	while (n) {
		uint32_t some = n < BATCH ? n : BATCH, i;

		for (i = 0; i < some; i++)
			hashes[i] = hash_of(engine, &fragments[i].key);
		if (engine->stats.contexts > FEW)
			prefetch(engine, fragments, hashes, some);
		for (i = 0; i < some; i++)
			add_hashed(engine, &fragments[i], hashes[i], now);
		fragments += some;
		n -= some;
	}
}
