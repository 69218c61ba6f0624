// SPDX-License-Identifier: GPL-2.0-or-later
/* Which groups are put together. */
#include <stdlib.h>
#include <string.h>

#include "groups.h"

/* By what is looked for: family, length, source or none, group, source. */
static int compare(const void *left, const void *right)
{
	const struct reassembled_group *a = left, *b = right;
	int order;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->len != b->len)
		return a->len > b->len ? -1 : 1;
	if (a->has_source != b->has_source)
		return a->has_source ? -1 : 1;
	order = memcmp(a->group, b->group, 16);
	return order ? order : memcmp(a->source, b->source, 16);
}

static bool is_alike(const struct reassembled_group *a, const struct reassembled_group *b)
{
	return a->family == b->family && a->len == b->len && a->has_source == b->has_source;
}

void groups_sort(struct reassembled_groups *groups)
{
	struct reassembled_group *group = groups->group;
	size_t i;

	if (groups->n > 1)
		qsort(group, groups->n, sizeof(*group), compare);
	for (i = groups->n; i-- > 0;)
		group[i].end = i + 1 < groups->n && is_alike(&group[i], &group[i + 1])
				       ? group[i + 1].end
				       : i + 1;
}

const struct reassembled_group *groups_same(const struct reassembled_groups *groups,
					    const struct reassembled_group *group)
{
	return bsearch(group, groups->group, groups->n, sizeof(*group), compare);
}

static void mask(uint8_t address[16], unsigned int len)
{
	unsigned int i;

	for (i = len / 8; i < 16; i++)
		address[i] &= i == len / 8 ? ~(0xff >> len % 8) : 0;
}

/*
 * Each (family, length, source or none) that is in use stands in one run; in each
 * the key is searched by halving, until one has it.
 */
const struct reassembled_group *groups_find(const struct reassembled_groups *groups,
					    const struct datagram_key *key)
{
	size_t at = 0;

	while (at < groups->n) {
		const struct reassembled_group *first = &groups->group[at], *found;
		struct reassembled_group wanted = { .family = key->family,
						    .len = first->len,
						    .has_source = first->has_source };
		size_t n = first->end - at;

		at = first->end;
		if (first->family != key->family)
			continue;
		memcpy(wanted.group, key->group, 16);
		mask(wanted.group, wanted.len);
		if (wanted.has_source)
			memcpy(wanted.source, key->source, 16);
		found = bsearch(&wanted, first, n, sizeof(*first), compare);
		if (found)
			return found;
	}
	return NULL;
}
