// SPDX-License-Identifier: GPL-2.0-or-later
/* Which row counts for which policy. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "agent/steer/rows.h"

const struct xdpfrag_policy *policy_in_force(const struct plane *plane, const struct group_key *key)
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
	return policy && policy->flags & XDPFRAG_F_POLICY ? policy : NULL;
}

static void mark(bool *used, const struct plane *plane, const struct xdpfrag_policy *policy)
{
	if (policy->len && policy->flags & XDPFRAG_F_POLICY && policy->row < plane->shape.rows)
		used[policy->row] = true;
}

/* Also the rows of policies that are about to go: packets still count there. */
static void mark_in_force(bool *used, const struct plane *plane)
{
	const struct xdpfrag_group4 *slots4 = plane_active4(plane);
	const struct xdpfrag_group6 *slots6 = plane_active6(plane);
	size_t i;

	for (i = 0; i < table_slots(plane->shape.bits4); i++)
		mark(used, plane, &slots4[i].policy);
	for (i = 0; i < table_slots(plane->shape.bits6); i++)
		mark(used, plane, &slots6[i].policy);
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
	mark_in_force(used, plane);
	for (i = 0; i < config->n_groups; i++) {
		const struct xdpfrag_policy *policy =
			policy_in_force(plane, &config->groups[i].key);

		is_new[i] = !policy || policy->row >= plane->shape.rows;
		if (!is_new[i]) {
			rows[i] = policy->row;
			continue;
		}
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
