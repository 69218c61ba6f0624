// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fragments that came in on two NICs.
 *
 * Each copy of a fragment is an entry of its own in a ring, so that the oldest is
 * the one to go; entries are found through hash chains. Copies of one fragment
 * share `start`, the time of the copy that came first: an instance. A copy that
 * comes later than TWINS_NS begins a new one. An instance is forgotten as a whole,
 * or what is left of it would be counted again with a later copy.
 *
 * Chains cannot be made long from outside: the hash is universal and its key is
 * secret, and copies of the same fragment that are too old leave the chain when
 * the next one looks through it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/multilinear.h"
#include "diagnose/twins.h"

#define NONE	     UINT16_MAX /* no entry, no pair */
#define BUCKET_BITS  14
#define KEY_WORDS    MULTILINEAR_WORDS
#define PAIR_BUCKETS (2 * TWINS_PAIRS)

_Static_assert(TWINS_RECENT < NONE && TWINS_PAIRS < NONE, "indexes are 16 bits wide");

struct key {
	union {
		struct {
			uint8_t group[16], source[16];
			uint32_t id;
			uint16_t offset;
			uint8_t family, zero;
		};
		uint32_t word[KEY_WORDS];
	};
};

struct entry {
	struct key key; /* family 0: in no chain */
	uint64_t time, start;
	uint32_t nic;
	uint16_t next, previous; /* in the chain, newest first */
};

struct twins {
	struct multilinear hash;
	struct entry recent[TWINS_RECENT];
	uint16_t chains[1 << BUCKET_BITS];
	uint32_t oldest; /* the next entry of `recent` to be taken */
	struct twins_pair pairs[TWINS_PAIRS], sorted[TWINS_PAIRS];
	uint16_t pair_index[PAIR_BUCKETS]; /* open addressing */
	size_t n_pairs;
	uint64_t total;
};

struct twins *twins_new(void)
{
	struct twins *twins = calloc(1, sizeof(*twins));
	int err;

	if (!twins)
		return NULL;
	err = multilinear_init(&twins->hash);
	if (err) {
		free(twins);
		errno = -err;
		return NULL;
	}
	memset(twins->chains, 0xff, sizeof(twins->chains));
	memset(twins->pair_index, 0xff, sizeof(twins->pair_index));
	return twins;
}

void twins_free(struct twins *twins)
{
	free(twins);
}

static uint16_t *chain_of(struct twins *twins, const struct key *key)
{
	return &twins->chains[multilinear(&twins->hash, key->word, KEY_WORDS, BUCKET_BITS)];
}

static struct key key_of(const struct twins_fragment *fragment)
{
	size_t len = fragment->family == AF_INET ? 4 : 16;
	struct key key = { .id = fragment->id,
			   .offset = fragment->offset,
			   .family = fragment->family };

	memcpy(key.group, fragment->group, len);
	memcpy(key.source, fragment->source, len);
	return key;
}

static bool same_key(const struct key *a, const struct key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void unlink_entry(struct twins *twins, struct entry *entry)
{
	if (entry->previous == NONE)
		*chain_of(twins, &entry->key) = entry->next;
	else
		twins->recent[entry->previous].next = entry->next;
	if (entry->next != NONE)
		twins->recent[entry->next].previous = entry->previous;
	entry->key.family = 0;
}

static void forget_instance(struct twins *twins, const struct entry *member)
{
	struct key key = member->key;
	uint64_t start = member->start;
	uint16_t i, next;

	for (i = *chain_of(twins, &key); i != NONE; i = next) {
		struct entry *entry = &twins->recent[i];

		next = entry->next;
		if (entry->start == start && same_key(&entry->key, &key))
			unlink_entry(twins, entry);
	}
}

static void remember(struct twins *twins, const struct key *key, uint64_t start,
		     const struct twins_fragment *fragment)
{
	uint16_t i = twins->oldest, *chain = chain_of(twins, key);
	struct entry *entry = &twins->recent[i];

	if (entry->key.family)
		forget_instance(twins, entry);
	twins->oldest = (i + 1) % TWINS_RECENT;
	*entry = (struct entry){ .key = *key,
				 .time = fragment->time,
				 .start = start,
				 .nic = fragment->nic,
				 .next = *chain,
				 .previous = NONE };
	if (*chain != NONE)
		twins->recent[*chain].previous = i;
	*chain = i;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/*
 * Where the copies of the fragment begin in the chain: the newest entry near
 * enough. Those that no fragment to come can be near to are unlinked on the way.
 */
static uint16_t find_instance(struct twins *twins, const struct key *key, uint64_t time)
{
	uint16_t i, next, found = NONE;

	for (i = *chain_of(twins, key); i != NONE; i = next) {
		struct entry *entry = &twins->recent[i];

		next = entry->next;
		if (!same_key(&entry->key, key))
			continue;
		if (found == NONE && distance(time, entry->start) <= TWINS_NS)
			found = i;
		else if (time > entry->start && time - entry->start > 2 * TWINS_NS)
			unlink_entry(twins, entry);
	}
	return found;
}

static bool is_pair(const struct twins_pair *pair, const struct key *key, const uint32_t nics[2])
{
	return pair->nics[0] == nics[0] && pair->nics[1] == nics[1] &&
	       pair->family == key->family &&
	       !memcmp(pair->group, key->group, sizeof(pair->group)) &&
	       !memcmp(pair->source, key->source, sizeof(pair->source));
}

/* NULL when there is none and no room. */
static struct twins_pair *find_pair(struct twins *twins, const struct key *key,
				    const uint32_t nics[2])
{
	struct key where = *key;
	struct twins_pair *pair;
	uint32_t at;

	/* A fragment's id and offset are not the pair's. */
	where.word[KEY_WORDS - 2] = nics[0];
	where.word[KEY_WORDS - 1] = nics[1];
	at = multilinear(&twins->hash, where.word, KEY_WORDS, 32) % PAIR_BUCKETS;
	for (; twins->pair_index[at] != NONE; at = (at + 1) % PAIR_BUCKETS) {
		pair = &twins->pairs[twins->pair_index[at]];
		if (is_pair(pair, key, nics))
			return pair;
	}
	if (twins->n_pairs == TWINS_PAIRS)
		return NULL;
	twins->pair_index[at] = twins->n_pairs;
	pair = &twins->pairs[twins->n_pairs++];
	pair->nics[0] = nics[0];
	pair->nics[1] = nics[1];
	pair->family = key->family;
	memcpy(pair->group, key->group, sizeof(pair->group));
	memcpy(pair->source, key->source, sizeof(pair->source));
	return pair;
}

static void count(struct twins *twins, const struct entry *other,
		  const struct twins_fragment *fragment)
{
	uint32_t first = fragment->time < other->time ? fragment->nic : other->nic;
	bool smaller = other->nic < fragment->nic;
	uint32_t nics[2] = { smaller ? other->nic : fragment->nic,
			     smaller ? fragment->nic : other->nic };
	struct twins_pair *pair = find_pair(twins, &other->key, nics);

	twins->total++;
	if (!pair)
		return;
	pair->fragments++;
	pair->first_on[first == nics[1]]++;
}

void twins_add(struct twins *twins, const struct twins_fragment *fragment)
{
	struct key key = key_of(fragment);
	uint16_t first = find_instance(twins, &key, fragment->time), i;
	uint64_t start = first == NONE ? fragment->time : twins->recent[first].start;

	for (i = first; i != NONE; i = twins->recent[i].next) {
		const struct entry *entry = &twins->recent[i];

		if (entry->start == start && entry->nic == fragment->nic &&
		    same_key(&entry->key, &key))
			return;
	}
	for (i = first; i != NONE; i = twins->recent[i].next) {
		const struct entry *entry = &twins->recent[i];

		if (entry->start == start && same_key(&entry->key, &key))
			count(twins, entry, fragment);
	}
	remember(twins, &key, start, fragment);
}

static int most_first(const void *left, const void *right)
{
	const struct twins_pair *a = left, *b = right;
	int order;

	if (a->fragments != b->fragments)
		return a->fragments < b->fragments ? 1 : -1;
	order = memcmp(a->group, b->group, sizeof(a->group));
	if (!order)
		order = memcmp(a->source, b->source, sizeof(a->source));
	if (!order && a->nics[0] != b->nics[0])
		order = a->nics[0] < b->nics[0] ? -1 : 1;
	if (!order && a->nics[1] != b->nics[1])
		order = a->nics[1] < b->nics[1] ? -1 : 1;
	return order;
}

const struct twins_pair *twins_pairs(struct twins *twins, size_t *n)
{
	*n = twins->n_pairs;
	memcpy(twins->sorted, twins->pairs, *n * sizeof(*twins->sorted));
	qsort(twins->sorted, *n, sizeof(*twins->sorted), most_first);
	return twins->sorted;
}

uint64_t twins_total(const struct twins *twins)
{
	return twins->total;
}
