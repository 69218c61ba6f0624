// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Learned groups among the statements, which win: no packet that a statement is
 * about is judged by anything learned. The longest match (xdpfrag/policy.h) is a
 * learned one only where no statement, of whatever prefix, matches the packet, or
 * where the statement's is as long and has the source.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "agent/learn/learned.h"

/* Which prefix lengths the statements have. */
struct lengths {
	bool have[2][129];
};

static void find_lengths(struct lengths *lengths, const struct config *config)
{
	memset(lengths, 0, sizeof(*lengths));
	for (size_t i = 0; i < config->n_groups; i++)
		lengths->have[config->groups[i].key.family == AF_INET6][config->groups[i].key.len] =
			true;
}

static void clear_behind(uint8_t *bytes, unsigned int len)
{
	for (unsigned int i = len / 8; i < 16; i++)
		bytes[i] &= i == len / 8 ? ~(0xff >> len % 8) : 0;
}

/* The first statement that does not come before the key, which has no source. */
static const struct group *first_from(const struct config *config, const struct group_key *key)
{
	size_t low = 0, high = config->n_groups;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (group_key_compare(&config->groups[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return config->groups + low;
}

/* A statement about this prefix of the learned group in whose way the latter would be. */
static const struct group *covered_by(const struct config *config, const struct group_key *learned,
				      uint8_t len)
{
	struct group_key key = *learned;
	const struct group *first;

	key.len = len;
	key.has_source = false;
	clear_behind(key.group, len);
	memset(key.source, 0, sizeof(key.source));
	first = first_from(config, &key);
	if (first == config->groups + config->n_groups || first->key.family != key.family ||
	    first->key.len != len || memcmp(first->key.group, key.group, sizeof(key.group)))
		return NULL;
	if (!first->key.has_source)
		return first;
	if (learned->has_source) {
		key.has_source = true;
		memcpy(key.source, learned->source, sizeof(key.source));
		return config_find_group(config, &key);
	}
	/* As long as the learned one, a source's statement goes before; shorter, it would not. */
	return len < learned->len ? first : NULL;
}

/* The length of the prefix with such a statement; 0: there is none. */
static uint8_t covered_len(const struct config *config, const struct lengths *lengths,
			   const struct group_key *key)
{
	const bool *have = lengths->have[key->family == AF_INET6];
	uint8_t len;

	for (len = key->len; len; len--)
		if (have[len] && covered_by(config, key, len))
			break;
	return len;
}

const struct group *learned_covered(const struct config *config, const struct learned *learned)
{
	return covered_by(config, &learned->key, learned->covered);
}

/* --- names --- */

/* Where a name stands in the policy, or the first free place; -1: none. */
static int place_of(const struct learned_set *set, const char *name)
{
	int unused = -1;

	for (int i = 0; i < CONFIG_NICS; i++) {
		if (!strcmp(set->config_nics[i], name))
			return i;
		if (!set->config_nics[i][0] && unused < 0)
			unused = i;
	}
	return unused;
}

/* All of them, or none. */
static bool take_names(struct learned_set *set, struct learned *learned)
{
	char before[CONFIG_NICS][IFNAMSIZ];

	memcpy(before, set->config_nics, sizeof(before));
	learned->allowed = 0;
	for (uint64_t left = learned->joined | learned->left_out; left; left &= left - 1) {
		const char *name = set->nics[__builtin_ctzll(left)].name;
		int place = place_of(set, name);

		if (place < 0) {
			memcpy(set->config_nics, before, sizeof(before));
			return false;
		}
		strcpy(set->config_nics[place], name);
		learned->allowed |= 1ULL << place;
	}
	return true;
}

void learned_decide(struct learned_set *set, const struct config *config)
{
	struct lengths lengths;
	size_t i;

	memcpy(set->config_nics, config->nics, sizeof(set->config_nics));
	memset(set->counts, 0, sizeof(set->counts));
	find_lengths(&lengths, config);
	for (i = 0; i < set->n; i++) {
		struct learned *learned = &set->group[i];

		learned->covered = covered_len(config, &lengths, &learned->key);
		if (learned->covered)
			learned->state = LEARNED_STATIC;
		if (learned->state == LEARNED &&
		    (set->counts[LEARNED] == LEARNED_MAX ||
		     set->counts[LEARNED] + config->n_groups >= CONFIG_GROUPS))
			learned->state = LEARNED_FULL;
		if (learned->state == LEARNED && !take_names(set, learned))
			learned->state = LEARNED_NAMES;
		set->counts[learned->state]++;
	}
}

/* --- the policy of both --- */

/* Goes through both in the order of their keys. */
struct walk {
	const struct config *config;
	const struct learned_set *set;
	size_t next_static, next_learned;
};

/* The next group of the policy; false behind the last. */
static bool step(struct walk *walk, struct group *group)
{
	const struct group *stated = NULL;
	const struct learned *learned = NULL;

	while (walk->next_learned < walk->set->n &&
	       walk->set->group[walk->next_learned].state != LEARNED)
		walk->next_learned++;
	if (walk->next_static < walk->config->n_groups)
		stated = &walk->config->groups[walk->next_static];
	if (walk->next_learned < walk->set->n)
		learned = &walk->set->group[walk->next_learned];
	if (!stated && !learned)
		return false;
	if (!learned || (stated && group_key_compare(&stated->key, &learned->key) < 0)) {
		*group = *stated;
		walk->next_static++;
		return true;
	}
	memset(group, 0, sizeof(*group));
	group->key = learned->key;
	group->wrong = XDPFRAG_WRONG_DROP;
	group->apart = learned->apart;
	group->learned = true;
	group->allowed = learned->allowed;
	walk->next_learned++;
	return true;
}

int learned_merge(struct config *merged, const struct config *config, const struct learned_set *set)
{
	struct walk walk = { .config = config, .set = set };
	struct group group;

	config_init(merged);
	merged->room = config->n_groups + set->counts[LEARNED] + 1;
	merged->groups = reallocarray(NULL, merged->room, sizeof(*merged->groups));
	if (!merged->groups)
		return -ENOMEM;
	memcpy(merged->nics, set->config_nics, sizeof(merged->nics));
	while (step(&walk, &group)) {
		merged->groups[merged->n_groups++] = group;
		for (uint64_t left = group.allowed; left; left &= left - 1)
			merged->nic_uses[__builtin_ctzll(left)]++;
		if (group.wrong == XDPFRAG_WRONG_REDIRECT)
			merged->nic_uses[group.redirect]++;
	}
	return 0;
}

static bool group_same(const struct group *a, const struct group *b)
{
	return !group_key_compare(&a->key, &b->key) && a->wrong == b->wrong &&
	       a->redirect == b->redirect && a->scope_all == b->scope_all &&
	       a->reassemble == b->reassemble && a->apart == b->apart && a->learned == b->learned &&
	       a->allowed == b->allowed;
}

bool learned_is_merged(const struct config *merged, const struct config *config,
		       const struct learned_set *set)
{
	struct walk walk = { .config = config, .set = set };
	struct group group;
	size_t i = 0;

	if (merged->n_groups != config->n_groups + set->counts[LEARNED] ||
	    memcmp(merged->nics, set->config_nics, sizeof(merged->nics)))
		return false;
	while (step(&walk, &group))
		if (!group_same(&merged->groups[i++], &group))
			return false;
	return true;
}
