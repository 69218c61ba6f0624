// SPDX-License-Identifier: GPL-2.0-or-later
/* Identifications under `apart` (apart.h). */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "datapath/apart.h"

#define RANK_BITS 6 /* as in xdp/apart.bpf.h */

static uint16_t id_change(unsigned int rank)
{
	uint16_t change = 0;
	int i;

	for (i = 0; i < RANK_BITS; i++)
		change |= (rank >> i & 1) << (15 - i);
	return change;
}

static const struct xdpfrag_policy *find(const struct plane *plane, uint32_t group, uint32_t source,
					 uint32_t len, uint32_t row)
{
	uint32_t prefix = group & htonl(~0U << (32 - len));
	const struct xdpfrag_group4 *entry = table_find4(plane_active(plane), plane_active4(plane),
							 plane->shape.bits4, prefix, source, len);

	return entry && entry->policy.flags & XDPFRAG_F_POLICY && entry->policy.row == row
		       ? &entry->policy
		       : NULL;
}

/* The one that counts in the event's row; NULL when it is gone. */
static const struct xdpfrag_policy *policy_of(const struct plane *plane,
					      const struct xdpfrag_event *event)
{
	const uint8_t *len = plane_active(plane)->prefixes4;
	const struct xdpfrag_policy *policy;
	uint32_t group, source, next = 32;
	size_t i;

	memcpy(&group, event->group, sizeof(group));
	memcpy(&source, event->source, sizeof(source));
	for (i = 0; next; i++) {
		policy = find(plane, group, source, next, event->row);
		if (!policy)
			policy = find(plane, group, 0, next, event->row);
		if (policy)
			return policy;
		next = i < sizeof(plane_active(plane)->prefixes4) ? len[i] : 0;
	}
	return NULL;
}

uint32_t apart_id(const struct plane *plane, const struct xdpfrag_event *event)
{
	const struct xdpfrag_policy *policy;
	uint64_t own;

	if (event->family != AF_INET || event->verdict != XDPFRAG_PASSED ||
	    event->slot >= XDPFRAG_LINKS)
		return event->id;
	policy = policy_of(plane, event);
	own = 1ULL << event->slot;
	if (!policy || !(policy->flags & XDPFRAG_F_APART) || !(policy->allowed & own))
		return event->id;
	return event->id ^ id_change(__builtin_popcountll(policy->allowed & (own - 1)));
}
