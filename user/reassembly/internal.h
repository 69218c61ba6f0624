/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's memory: contexts, held fragments and users, each a pool that is
 * taken whole at the start and addressed by index (NONE ends every list). Inside
 * user/reassembly only.
 *
 * A context is free, waiting (for fragments) or lingering (its datagram has ended).
 * Waiting ones are in the age list of the waiting and in their user's list;
 * lingering ones in the age list of the lingering alone. Since lifetime and linger
 * time are the same for all, both age lists are in the order of their ends.
 *
 * Where many datagrams are in flight, memory is what takes the time. So what binds
 * contexts together stands apart from them, small and dense; a datagram's first
 * fragments have places of their own, side by side, and more of them come in blocks.
 */
#ifndef XDPFRAG_REASSEMBLY_INTERNAL_H
#define XDPFRAG_REASSEMBLY_INTERNAL_H

#include <string.h>

#include "reassembly.h"

#define NONE  UINT32_MAX
#define BLOCK 8 /* fragments in one */

struct held {
	const uint8_t *data;
	uint64_t frame;
	uint32_t next; /* by offset */
	uint16_t offset, len;
	uint16_t header_len;
	uint16_t nics; /* bit n: NIC n brought a copy */
	uint8_t nic;   /* that brought this one, the first */
	uint8_t next_header, l2_len, ecn;
};

struct links {
	uint32_t older, newer;
};

struct list {
	uint32_t oldest, newest;
};

/* How a context is bound to others. */
struct node {
	uint32_t hash;	/* of the key; some of its bits say which bucket */
	uint32_t chain; /* in its bucket; in the free list */
	struct links age, of_user;
	uint32_t user;
	bool lingering;
};

/* What the lookup and the check of an arriving fragment want stands in the first cache line. */
struct context {
	struct datagram_key key;
	uint32_t first, last; /* held, by offset */
	uint32_t place;	      /* of the next one that is held, unless a block ends before it */
	uint32_t end;	      /* the datagram's length; NONE: the last fragment has not come */
	uint16_t received;    /* bytes of data */
	uint16_t n;	      /* fragments */
	uint16_t account;
	uint8_t ecn; /* the combinations seen: bit n for the ECN field n */
	/* second line */
	uint64_t until; /* ns: end of life, or of lingering */
	/* bytes with the IP header: the longest fragment, and the longest one with DF */
	uint16_t longest, longest_df;
	uint16_t seen[REASSEMBLY_NICS]; /* fragments that came in on each NIC, first or not */
} __attribute__((aligned(64)));

/* What a user can hold much of. */
enum resource { DATAGRAMS, FRAGMENTS, BYTES, RESOURCES };

/*
 * A source, known while one of its datagrams waits; kept as it is after that, idle,
 * until another source wants its place. One cache line.
 */
struct user {
	uint8_t source[16];
	uint64_t uses[RESOURCES];
	struct list contexts; /* that wait */
	uint32_t chain;	      /* in its bucket; in the free list */
	uint8_t family;
	bool hog[RESOURCES];
	struct links idle;
} __attribute__((aligned(64)));

#define HOG_SHARE 8 /* who holds over an eighth of a limit is a hog: there are seven at most */

struct hogs {
	uint64_t over; /* the eighth */
	uint32_t n, user[HOG_SHARE];
};

struct reassembly {
	struct reassembly_limits limits;
	struct reassembly_ops ops;
	struct reassembly_stats stats;
	uint64_t secrets[8];
	uint64_t deadline;    /* ns: nothing ends before */
	uint32_t expected;    /* NICs */
	uint32_t mask;	      /* of the buckets, both kinds */
	uint32_t most_pieces; /* fragments and bytes that one datagram may have at all */
	uint64_t most_bytes;
	uint32_t *buckets, *user_buckets;
	struct node *nodes; /* of the contexts, one each */
	struct context *contexts;
	struct held *held; /* a block for each context, then the others */
	uint32_t *blocks;  /* that are free: n_blocks of them */
	uint32_t n_blocks;
	struct user *users;
	struct piece *pieces;
	struct reassembly_account *accounts;
	uint32_t free_contexts, free_users;
	struct list waiting, lingering, idle_users;
	struct hogs hogs[RESOURCES];
};

static inline struct reassembly_account *account_of(struct reassembly *engine,
						    const struct context *context)
{
	return &engine->accounts[context->account];
}

/* --- where a key is looked for --- */

struct hash {
	uint32_t key, source;
};

/*
 * NH (RFC 4418 5.2.2) and a multiply-shift, with secrets: whoever chooses addresses and
 * ids cannot aim at one bucket, whatever the differences between them.
 */
static inline unsigned __int128 nh(const uint64_t *secrets, uint64_t a, uint64_t b)
{
	return (unsigned __int128)(a + secrets[0]) * (b + secrets[1]);
}

static inline uint32_t hash_from(const struct reassembly *engine, unsigned __int128 sum)
{
	uint64_t high = sum >> 64, low = sum;

	return (high * engine->secrets[6] + low * engine->secrets[7]) >> 32;
}

/* One of a key's five words. */
static inline uint64_t word(const struct datagram_key *key, size_t i)
{
	uint64_t value;

	memcpy(&value, (const char *)key + i * sizeof(value), sizeof(value));
	return value;
}

static inline struct hash hash_of(const struct reassembly *engine, const struct datagram_key *key)
{
	const uint64_t *secrets = engine->secrets;
	unsigned __int128 source = nh(secrets, word(key, 0), word(key, 1));
	unsigned __int128 all = source + nh(secrets + 2, word(key, 2), word(key, 3)) +
				nh(secrets + 4, word(key, 4), 0);

	return (struct hash){ hash_from(engine, all), hash_from(engine, source) };
}

static inline bool is_key(const struct context *context, const struct datagram_key *key)
{
	const struct datagram_key *own = &context->key;

	return !((word(own, 0) ^ word(key, 0)) | (word(own, 1) ^ word(key, 1)) |
		 (word(own, 2) ^ word(key, 2)) | (word(own, 3) ^ word(key, 3)) |
		 (word(own, 4) ^ word(key, 4)));
}

static inline uint32_t context_find(const struct reassembly *engine, const struct datagram_key *key,
				    uint32_t hash)
{
	uint32_t index = engine->buckets[hash & engine->mask];

	while (index != NONE &&
	       (engine->nodes[index].hash != hash || !is_key(&engine->contexts[index], key)))
		index = engine->nodes[index].chain;
	return index;
}

/* insert.c */
enum fragment_result add_hashed(struct reassembly *engine, const struct fragment *fragment,
				struct hash hash, uint64_t now);

/* contexts.c */
/* One that waits, entered everywhere; the pools must have room. */
uint32_t context_open(struct reassembly *engine, const struct fragment *fragment, struct hash hash,
		      uint64_t until);
/* From waiting to lingering; its fragments have been released. */
void context_linger(struct reassembly *engine, uint32_t index, uint64_t until);
void context_close(struct reassembly *engine, uint32_t index); /* free again, from either */

/* users.c: who holds how much. */
void user_enter(struct reassembly *engine, uint32_t context, uint32_t hash);
void user_leave(struct reassembly *engine, uint32_t context);
/* Entered among those who hold much of something, or no more. */
void user_is_hog(struct reassembly *engine, uint32_t user, enum resource resource, bool hog);
/* The one who holds most of it, when that is over its limit's eighth; else NONE. */
uint32_t user_largest_hog(const struct reassembly *engine, enum resource resource);

static inline void user_uses(struct reassembly *engine, struct user *user, enum resource resource,
			     int64_t amount)
{
	uint64_t uses = user->uses[resource] + amount;
	bool hog = uses > engine->hogs[resource].over;

	user->uses[resource] = uses;
	if (__builtin_expect(hog != user->hog[resource], false))
		user_is_hog(engine, user - engine->users, resource, hog);
}

/* end.c */
/* Gives all its frames back. */
void release_fragments(struct reassembly *engine, uint32_t context);
/* Ended without having become whole, and forgotten: a fragment that comes now begins anew. */
void lose(struct reassembly *engine, uint32_t context, enum datagram_loss loss);
/* Discarded for what came in: what else comes of it is refused for a while. */
void discard(struct reassembly *engine, uint32_t context, uint64_t now);
/* The key has lingered: tells whose copies never came. */
void forget(struct reassembly *engine, uint32_t context);
/* Makes one free, when none is. */
void room_for_context(struct reassembly *engine);
/*
 * The same for one more fragment of a context, which the limits allow to have it.
 * False: its own source holds most of what has run out, and the context is lost.
 */
bool room_for_fragment(struct reassembly *engine, uint32_t context, uint16_t len);

/*
 * Doubly linked lists through a struct links at `offset` in elements of `size`
 * bytes: the same steps for contexts and users.
 */
struct chain {
	void *base;
	size_t size, offset;
};

static inline struct links *chain_links(const struct chain *chain, uint32_t index)
{
	return (struct links *)((char *)chain->base + index * chain->size + chain->offset);
}

static inline void list_append(const struct chain *chain, struct list *list, uint32_t index)
{
	struct links *links = chain_links(chain, index);

	links->older = list->newest;
	links->newer = NONE;
	if (list->newest == NONE)
		list->oldest = index;
	else
		chain_links(chain, list->newest)->newer = index;
	list->newest = index;
}

static inline void list_remove(const struct chain *chain, struct list *list, uint32_t index)
{
	const struct links *links = chain_links(chain, index);

	if (links->older == NONE)
		list->oldest = links->newer;
	else
		chain_links(chain, links->older)->newer = links->newer;
	if (links->newer == NONE)
		list->newest = links->older;
	else
		chain_links(chain, links->newer)->older = links->older;
}

#endif
