// SPDX-License-Identifier: GPL-2.0-or-later
/* Contexts: found by key, in the order of their ends. */
#include "internal.h"

_Static_assert(sizeof(struct context) == 128, "two cache lines");
_Static_assert(offsetof(struct context, until) == 64, "the second line");
_Static_assert(sizeof(struct node) == 32 && sizeof(struct held) == 32, "two in a cache line");
_Static_assert(sizeof(struct datagram_key) == 40, "no padding: keys are compared as bytes");

static struct chain by_age(const struct reassembly *engine)
{
	return (struct chain){ engine->nodes, sizeof(struct node), offsetof(struct node, age) };
}

static void ends_at(struct reassembly *engine, uint32_t index, uint64_t until)
{
	engine->contexts[index].until = until;
	if (until < engine->deadline)
		engine->deadline = until;
}

static uint32_t account_for(const struct reassembly *engine, const struct datagram_key *key)
{
	uint32_t account = 0, last = engine->limits.accounts - 1;

	if (engine->ops.account)
		account = engine->ops.account(engine->ops.arg, key);
	return account < last ? account : last;
}

uint32_t context_open(struct reassembly *engine, const struct fragment *fragment, struct hash hash,
		      uint64_t until)
{
	uint32_t index = engine->free_contexts;
	uint32_t *bucket = &engine->buckets[hash.key & engine->mask];
	struct context *context = &engine->contexts[index];
	struct node *node = &engine->nodes[index];
	struct chain chain = by_age(engine);

	engine->free_contexts = node->chain;
	memset(context, 0, sizeof(*context));
	context->key = fragment->key;
	context->first = context->last = context->end = NONE;
	context->place = index * BLOCK;
	context->account = account_for(engine, &fragment->key);
	ends_at(engine, index, until);
	node->hash = hash.key;
	node->lingering = false;
	node->chain = *bucket;
	*bucket = index;
	list_append(&chain, &engine->waiting, index);
	user_enter(engine, index, hash.source);
	engine->stats.contexts++;
	return index;
}

static void stop_waiting(struct reassembly *engine, uint32_t index)
{
	struct chain chain = by_age(engine);

	list_remove(&chain, &engine->waiting, index);
	user_leave(engine, index);
	if (engine->stats.contexts > engine->stats.contexts_max)
		engine->stats.contexts_max = engine->stats.contexts;
	engine->stats.contexts--;
}

void context_linger(struct reassembly *engine, uint32_t index, uint64_t until)
{
	struct chain chain = by_age(engine);

	stop_waiting(engine, index);
	engine->nodes[index].lingering = true;
	ends_at(engine, index, until);
	list_append(&chain, &engine->lingering, index);
	engine->stats.lingering++;
}

static void stop_lingering(struct reassembly *engine, uint32_t index)
{
	struct chain chain = by_age(engine);

	list_remove(&chain, &engine->lingering, index);
	if (engine->stats.lingering > engine->stats.lingering_max)
		engine->stats.lingering_max = engine->stats.lingering;
	engine->stats.lingering--;
}

void context_close(struct reassembly *engine, uint32_t index)
{
	struct node *node = &engine->nodes[index];
	uint32_t *link = &engine->buckets[node->hash & engine->mask];

	if (node->lingering)
		stop_lingering(engine, index);
	else
		stop_waiting(engine, index);
	while (*link != index)
		link = &engine->nodes[*link].chain;
	*link = node->chain;
	node->chain = engine->free_contexts;
	engine->free_contexts = index;
}
