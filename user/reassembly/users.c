// SPDX-License-Identifier: GPL-2.0-or-later
/* Sources, and how much of the engine's memory each of them holds. */
#include "internal.h"

_Static_assert(sizeof(struct user) == 64, "one cache line");

static struct chain by_user(const struct reassembly *engine)
{
	return (struct chain){ engine->nodes, sizeof(struct node), offsetof(struct node, of_user) };
}

static struct chain by_idleness(const struct reassembly *engine)
{
	return (struct chain){ engine->users, sizeof(struct user), offsetof(struct user, idle) };
}

static bool is_user(const struct user *user, const struct datagram_key *key)
{
	return user->family == key->family && !memcmp(user->source, key->source, 16);
}

/* One that has been idle for longest, out of its bucket. */
static uint32_t take_idle(struct reassembly *engine)
{
	uint32_t index = engine->idle_users.oldest, *link;
	struct user *user = &engine->users[index];
	struct datagram_key key = {};
	struct chain idle = by_idleness(engine);

	memcpy(key.source, user->source, sizeof(key.source));
	link = &engine->user_buckets[hash_of(engine, &key).source & engine->mask];
	while (*link != index)
		link = &engine->users[*link].chain;
	*link = user->chain;
	list_remove(&idle, &engine->idle_users, index);
	return index;
}

/* As many users as contexts: one is free or idle. */
static uint32_t new_user(struct reassembly *engine, const struct datagram_key *key, uint32_t hash)
{
	uint32_t index = engine->free_users, *bucket = &engine->user_buckets[hash & engine->mask];
	struct user *user;

	if (index != NONE)
		engine->free_users = engine->users[index].chain;
	else
		index = take_idle(engine);
	user = &engine->users[index];
	memset(user, 0, sizeof(*user));
	memcpy(user->source, key->source, 16);
	user->family = key->family;
	user->contexts = (struct list){ NONE, NONE };
	user->chain = *bucket;
	*bucket = index;
	return index;
}

void user_enter(struct reassembly *engine, uint32_t index, uint32_t hash)
{
	const struct datagram_key *key = &engine->contexts[index].key;
	uint32_t found = engine->user_buckets[hash & engine->mask];
	struct chain contexts = by_user(engine), idle = by_idleness(engine);

	while (found != NONE && !is_user(&engine->users[found], key))
		found = engine->users[found].chain;
	if (found == NONE)
		found = new_user(engine, key, hash);
	else if (engine->users[found].contexts.oldest == NONE)
		list_remove(&idle, &engine->idle_users, found);
	engine->nodes[index].user = found;
	list_append(&contexts, &engine->users[found].contexts, index);
	user_uses(engine, &engine->users[found], DATAGRAMS, 1);
}

void user_leave(struct reassembly *engine, uint32_t index)
{
	uint32_t its = engine->nodes[index].user;
	struct user *user = &engine->users[its];
	struct chain contexts = by_user(engine), idle = by_idleness(engine);

	list_remove(&contexts, &user->contexts, index);
	user_uses(engine, user, DATAGRAMS, -1);
	if (user->contexts.oldest == NONE)
		list_append(&idle, &engine->idle_users, its);
}

void user_is_hog(struct reassembly *engine, uint32_t index, enum resource resource, bool hog)
{
	struct hogs *hogs = &engine->hogs[resource];
	uint32_t i;

	engine->users[index].hog[resource] = hog;
	if (hog) {
		hogs->user[hogs->n++] = index;
		return;
	}
	for (i = 0; hogs->user[i] != index; i++)
		;
	hogs->user[i] = hogs->user[--hogs->n];
}

uint32_t user_largest_hog(const struct reassembly *engine, enum resource resource)
{
	const struct hogs *hogs = &engine->hogs[resource];
	uint32_t largest = NONE, i;

	for (i = 0; i < hogs->n; i++)
		if (largest == NONE || engine->users[hogs->user[i]].uses[resource] >
					       engine->users[largest].uses[resource])
			largest = hogs->user[i];
	return largest;
}
