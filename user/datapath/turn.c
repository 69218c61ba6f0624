// SPDX-License-Identifier: GPL-2.0-or-later
/* Groups whose path changes. Marks are single bytes: programs may be reading the table. */
#include <time.h>

#include "datapath/turn.h"

#define SPREAD_MS 20 /* in which all fragments of a datagram come in, on every NIC */

bool turn_matters(const struct xdpfrag_credit *worker)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return __atomic_load_n(&worker->deadline, __ATOMIC_ACQUIRE) >
	       now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static bool reassembles(const struct xdpfrag_policy *policy)
{
	return policy->len && policy->flags & XDPFRAG_F_REASSEMBLE;
}

static bool has4(const struct table *table, const struct xdpfrag_group4 *entry)
{
	const struct xdpfrag_group4 *found =
		table_find4(&table->half, table->groups4, table->bits4, entry->group, entry->source,
			    entry->policy.len);

	return found && reassembles(&found->policy);
}

static bool has6(const struct table *table, const struct xdpfrag_group6 *entry)
{
	const struct xdpfrag_group6 *found =
		table_find6(&table->half, table->groups6, table->bits6, entry->group, entry->source,
			    entry->policy.len);

	return found && reassembles(&found->policy);
}

size_t turn_mark(struct table *table, const struct table *other)
{
	size_t n = 0, i;

	for (i = 0; i < table_slots(table->bits4); i++) {
		struct xdpfrag_group4 *entry = &table->groups4[i];

		if (!reassembles(&entry->policy) || (other && has4(other, entry)))
			continue;
		__atomic_or_fetch(&entry->policy.flags, XDPFRAG_F_TURN, __ATOMIC_RELEASE);
		n++;
	}
	for (i = 0; i < table_slots(table->bits6); i++) {
		struct xdpfrag_group6 *entry = &table->groups6[i];

		if (!reassembles(&entry->policy) || (other && has6(other, entry)))
			continue;
		__atomic_or_fetch(&entry->policy.flags, XDPFRAG_F_TURN, __ATOMIC_RELEASE);
		n++;
	}
	return n;
}

void turn_unmark(struct table *table)
{
	size_t i;

	for (i = 0; i < table_slots(table->bits4); i++)
		if (table->groups4[i].policy.flags & XDPFRAG_F_TURN)
			__atomic_and_fetch(&table->groups4[i].policy.flags, ~XDPFRAG_F_TURN,
					   __ATOMIC_RELEASE);
	for (i = 0; i < table_slots(table->bits6); i++)
		if (table->groups6[i].policy.flags & XDPFRAG_F_TURN)
			__atomic_and_fetch(&table->groups6[i].policy.flags, ~XDPFRAG_F_TURN,
					   __ATOMIC_RELEASE);
}

void turn_wait(void)
{
	const struct timespec spread = { .tv_nsec = SPREAD_MS * 1000000 };

	nanosleep(&spread, NULL);
}
