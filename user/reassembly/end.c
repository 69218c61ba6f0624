// SPDX-License-Identifier: GPL-2.0-or-later
/* How datagrams end without having become whole, by time or for want of room. */
#include "internal.h"

#define LOOKED_AT 8 /* of the oldest, for one to evict */

/* The block of a context is its own for good. */
static void free_block(struct reassembly *engine, uint32_t first)
{
	if (first % BLOCK == 0 && first / BLOCK >= engine->limits.contexts)
		engine->blocks[engine->n_blocks++] = first;
}

void release_fragments(struct reassembly *engine, uint32_t index)
{
	struct context *context = &engine->contexts[index];
	struct reassembly_stats *stats = &engine->stats;
	struct user *user = &engine->users[engine->nodes[index].user];
	uint32_t i;

	for (i = context->first; i != NONE; i = engine->held[i].next) {
		engine->ops.release(engine->ops.arg, engine->held[i].frame);
		free_block(engine, i);
	}
	user_uses(engine, user, FRAGMENTS, -(int64_t)context->n);
	user_uses(engine, user, BYTES, -(int64_t)context->received);
	/* What is held grows until now: its maxima are looked at here, and when asked for. */
	if (stats->held > stats->held_max)
		stats->held_max = stats->held;
	if (stats->bytes > stats->bytes_max)
		stats->bytes_max = stats->bytes;
	stats->held -= context->n;
	stats->bytes -= context->received;
	context->first = context->last = NONE;
}

void lose(struct reassembly *engine, uint32_t index, enum datagram_loss loss)
{
	engine->stats.losses[loss]++;
	account_of(engine, &engine->contexts[index])->lost++;
	release_fragments(engine, index);
	context_close(engine, index);
}

void discard(struct reassembly *engine, uint32_t index, uint64_t now)
{
	struct context *context = &engine->contexts[index];

	engine->stats.losses[LOSS_OVERLAP]++;
	account_of(engine, context)->lost++;
	release_fragments(engine, index);
	context->n = 0;
	context_linger(engine, index, now + engine->limits.linger);
}

/* n is 0 for what was not delivered. */
void forget(struct reassembly *engine, uint32_t index)
{
	struct context *context = &engine->contexts[index];
	uint32_t nic;

	for (nic = 0; context->n && nic < REASSEMBLY_NICS; nic++)
		if (engine->expected >> nic & 1 && context->seen[nic] < context->n)
			account_of(engine, context)->nics[nic].made_good +=
				context->n - context->seen[nic];
	context_close(engine, index);
}

void reassembly_expire(struct reassembly *engine, uint64_t now)
{
	while (engine->waiting.oldest != NONE &&
	       engine->contexts[engine->waiting.oldest].until <= now)
		lose(engine, engine->waiting.oldest, LOSS_TIMEOUT);
	while (engine->lingering.oldest != NONE &&
	       engine->contexts[engine->lingering.oldest].until <= now)
		forget(engine, engine->lingering.oldest);
	engine->deadline = UINT64_MAX;
	if (engine->waiting.oldest != NONE)
		engine->deadline = engine->contexts[engine->waiting.oldest].until;
	if (engine->lingering.oldest != NONE &&
	    engine->contexts[engine->lingering.oldest].until < engine->deadline)
		engine->deadline = engine->contexts[engine->lingering.oldest].until;
}

/* All by the same: they stay in their order, and before those to come. */
void reassembly_held_up(struct reassembly *engine, uint64_t ns)
{
	uint32_t index = engine->lingering.oldest;

	for (; index != NONE; index = engine->nodes[index].age.newer)
		engine->contexts[index].until += ns;
}

/* --- room --- */

/* Of the oldest that wait, the one that has grown least. */
static uint32_t least_grown(const struct reassembly *engine, uint32_t but)
{
	uint32_t index = engine->waiting.oldest, least = NONE, seen = 0;

	for (; index != NONE && seen < LOOKED_AT; index = engine->nodes[index].age.newer) {
		if (index == but)
			continue;
		seen++;
		if (least == NONE || engine->contexts[index].n < engine->contexts[least].n)
			least = index;
	}
	return least;
}

/*
 * The largest of the sources that hold a large part of what has run out gives its
 * oldest datagram. When there is none, it is a flood from many sources, of fragments
 * that nothing follows; a datagram that grows meanwhile is none of these. `but`, the
 * one that wants the room, is not to go.
 */
static bool evict(struct reassembly *engine, enum resource resource, enum datagram_loss loss,
		  uint32_t but)
{
	uint32_t hog = user_largest_hog(engine, resource), victim;

	if (hog == NONE)
		victim = least_grown(engine, but);
	else
		victim = engine->users[hog].contexts.oldest;
	if (victim != NONE && victim == but)
		victim = engine->nodes[but].of_user.newer;
	if (victim == NONE)
		return false;
	lose(engine, victim, loss);
	return true;
}

/* The one that goes next is brought into the cache meanwhile, and what leads to the one then. */
static void evict_lingering(struct reassembly *engine)
{
	uint32_t index = engine->lingering.oldest, next = engine->nodes[index].age.newer;

	if (next != NONE) {
		const struct node *node = &engine->nodes[next];

		__builtin_prefetch(&engine->buckets[node->hash & engine->mask], 1);
		__builtin_prefetch(&engine->contexts[next], 1);
		__builtin_prefetch(&engine->contexts[next].until, 1);
		if (node->age.newer != NONE)
			__builtin_prefetch(&engine->nodes[node->age.newer], 1);
	}
	context_close(engine, index);
}

/*
 * Lingering keys take what is left over, but are not robbed of their last quarter.
 * One that goes early tells nothing of whose copies never came: they still may.
 */
void room_for_context(struct reassembly *engine)
{
	if (engine->stats.lingering > engine->limits.contexts / 4) {
		engine->stats.evicted_lingering++;
		evict_lingering(engine);
		return;
	}
	evict(engine, DATAGRAMS, LOSS_CONTEXTS, NONE);
}

bool room_for_fragment(struct reassembly *engine, uint32_t index, uint16_t len)
{
	const struct reassembly_limits *limits = &engine->limits;
	const struct node *node = &engine->nodes[index];
	const struct user *user = &engine->users[node->user];
	enum datagram_loss loss;

	/* The datagram alone is within the limit: the source has another one to lose. */
	while (user->uses[BYTES] + len > limits->bytes_per_source) {
		uint32_t oldest = user->contexts.oldest;

		lose(engine, oldest == index ? node->of_user.newer : oldest, LOSS_SOURCE);
	}
	loss = LOSS_BYTES;
	while (engine->stats.bytes + len > limits->bytes)
		if (!evict(engine, BYTES, loss, index))
			goto lost;
	loss = LOSS_FRAGMENTS;
	while (engine->stats.held >= limits->fragments)
		if (!evict(engine, FRAGMENTS, loss, index))
			goto lost;
	return true;
lost:
	lose(engine, index, loss);
	return false;
}
