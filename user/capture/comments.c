// SPDX-License-Identifier: GPL-2.0-or-later
/* A table in which each decision has one place, and the last one there is remembered. */
#include <string.h>

#include "comments.h"

/* FNV-1a, in words of eight bytes; its upper bits are the better ones. */
static unsigned int place_of(const uint8_t key[COMMENT_KEY])
{
	uint64_t hash = 0xcbf29ce484222325, word;
	size_t i;

	_Static_assert(COMMENT_KEY % sizeof(word) == 0, "the key is words of eight bytes");
	for (i = 0; i < COMMENT_KEY; i += sizeof(word)) {
		memcpy(&word, key + i, sizeof(word));
		hash = (hash ^ word) * 0x100000001b3;
	}
	hash ^= hash >> 32;
	return (hash ^ hash >> 16) % COMMENTS;
}

const char *comments_text(struct comments *comments, const struct xdpfrag_captured *record)
{
	const uint8_t *key = (const uint8_t *)record + offsetof(struct xdpfrag_captured, verdict);
	struct comment *known = &comments->known[place_of(key)];

	if (!known->text[0] || memcmp(known->key, key, COMMENT_KEY)) {
		memcpy(known->key, key, COMMENT_KEY);
		decision_text(record, known->text, sizeof(known->text));
	}
	return known->text;
}
