// SPDX-License-Identifier: GPL-2.0-or-later
/* Which row counts for which policy. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "agent/rows.h"

uint32_t row_of(const struct plane *plane, const struct group_key *key)
{
	const struct xdpfrag_half *half = plane_active(plane);
	const struct xdpfrag_policy *policy = NULL;

	if (key->family == AF_INET) {
		const struct xdpfrag_group4 *entry;
		uint32_t group, source;

		memcpy(&group, key->group, 4);
		memcpy(&source, key->source, 4);
		entry = table_find4(half, plane_active4(plane), plane->shape.bits4, group, source,
				    key->len);
		policy = entry ? &entry->policy : NULL;
	} else {
		const struct xdpfrag_group6 *entry;
		__u64 group[2], source[2];

		memcpy(group, key->group, 16);
		memcpy(source, key->source, 16);
		entry = table_find6(half, plane_active6(plane), plane->shape.bits6, group, source,
				    key->len);
		policy = entry ? &entry->policy : NULL;
	}
	return policy && policy->flags & XDPFRAG_F_POLICY ? policy->row : XDPFRAG_ROW_DELETED;
}

int rows_assign(const struct plane *plane, const struct config *config, uint32_t *rows,
		bool *is_new)
{
	bool *used = calloc(plane->shape.rows, sizeof(*used));
	uint32_t next = XDPFRAG_ROW_DELETED + 1;
	size_t i;
	int err = 0;

	if (!used)
		return -ENOMEM;
	for (i = 0; i < config->n_groups; i++) {
		rows[i] = row_of(plane, &config->groups[i].key);
		is_new[i] = rows[i] == XDPFRAG_ROW_DELETED || rows[i] >= plane->shape.rows ||
			    used[rows[i]];
		if (!is_new[i])
			used[rows[i]] = true;
	}
	for (i = 0; i < config->n_groups; i++) {
		if (!is_new[i])
			continue;
		while (next < plane->shape.rows && used[next])
			next++;
		if (next == plane->shape.rows) {
			err = -ENOSPC;
			break;
		}
		rows[i] = next++;
	}
	free(used);
	return err;
}
