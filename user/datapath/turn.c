// SPDX-License-Identifier: GPL-2.0-or-later
/* Groups whose path changes. Marks are single bytes: programs may be reading the table. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "datapath/turn.h"

#define SPREAD_MS 50 /* in which all fragments of a datagram come in, on every NIC */

bool turn_matters(const struct xdpfrag_credit *worker)
{
	return __atomic_load_n(&worker->deadline, __ATOMIC_ACQUIRE);
}

static bool reassembles(const struct xdpfrag_policy *policy)
{
	return policy && policy->flags & XDPFRAG_F_REASSEMBLE;
}

static void mark(struct xdpfrag_policy *policy)
{
	__atomic_or_fetch(&policy->flags, XDPFRAG_F_TURN, __ATOMIC_RELEASE);
}

/* --- who decides about the packets of an entry, as the program finds him --- */

static struct xdpfrag_policy *find4(const struct table *table, uint32_t group, uint32_t source,
				    uint32_t len)
{
	const struct xdpfrag_group4 *found;

	group &= htonl(~0U << (32 - len));
	found = table_find4(&table->half, table->groups4, table->bits4, group, source, len);
	if ((!found || !(found->policy.flags & XDPFRAG_F_POLICY)) && source)
		found = table_find4(&table->half, table->groups4, table->bits4, group, 0, len);
	return found && found->policy.flags & XDPFRAG_F_POLICY
		       ? (struct xdpfrag_policy *)&found->policy
		       : NULL;
}

static struct xdpfrag_policy *decider4(const struct table *table,
				       const struct xdpfrag_group4 *entry)
{
	const uint8_t *len = table->half.prefixes4, *end = len + sizeof(table->half.prefixes4);
	struct xdpfrag_policy *policy = NULL;

	if (entry->policy.len == 32)
		policy = find4(table, entry->group, entry->source, 32);
	for (; !policy && len < end && *len; len++)
		if (*len <= entry->policy.len)
			policy = find4(table, entry->group, entry->source, *len);
	return policy;
}

static struct xdpfrag_policy *find6(const struct table *table, const struct xdpfrag_group6 *entry,
				    uint32_t len)
{
	static const __u64 any[2];
	const struct xdpfrag_group6 *found;
	uint8_t group[16];
	__u64 words[2];

	memcpy(group, entry->group, sizeof(group));
	if (len % 8)
		group[len / 8] &= 0xff00 >> len % 8;
	memset(group + (len + 7) / 8, 0, sizeof(group) - (len + 7) / 8);
	memcpy(words, group, sizeof(words));
	found = table_find6(&table->half, table->groups6, table->bits6, words, entry->source, len);
	if (!found || !(found->policy.flags & XDPFRAG_F_POLICY))
		found = table_find6(&table->half, table->groups6, table->bits6, words, any, len);
	return found && found->policy.flags & XDPFRAG_F_POLICY
		       ? (struct xdpfrag_policy *)&found->policy
		       : NULL;
}

static struct xdpfrag_policy *decider6(const struct table *table,
				       const struct xdpfrag_group6 *entry)
{
	const uint8_t *len = table->half.prefixes6, *end = len + sizeof(table->half.prefixes6);
	struct xdpfrag_policy *policy = NULL;

	if (entry->policy.len == 128)
		policy = find6(table, entry, 128);
	for (; !policy && len < end && *len; len++)
		if (*len <= entry->policy.len)
			policy = find6(table, entry, *len);
	return policy;
}

/* --- marks --- */

/*
 * Whatever packet changes its path: the longer one of the two policies that decide about
 * it is an entry of one of the tables, and what it is covered by is the other one.
 */
static void compare(struct table *from, const struct table *to, const struct table *entries)
{
	size_t i;

	for (i = 0; i < table_slots(entries->bits4); i++) {
		const struct xdpfrag_group4 *entry = &entries->groups4[i];
		struct xdpfrag_policy *policy;

		if (!entry->policy.len || !(entry->policy.flags & XDPFRAG_F_POLICY))
			continue;
		policy = decider4(from, entry);
		if (reassembles(policy) && !reassembles(decider4(to, entry)))
			mark(policy);
	}
	for (i = 0; i < table_slots(entries->bits6); i++) {
		const struct xdpfrag_group6 *entry = &entries->groups6[i];
		struct xdpfrag_policy *policy;

		if (!entry->policy.len || !(entry->policy.flags & XDPFRAG_F_POLICY))
			continue;
		policy = decider6(from, entry);
		if (reassembles(policy) && !reassembles(decider6(to, entry)))
			mark(policy);
	}
}

/* Each policy of a table in turn: true to go on with it. */
typedef bool (*policy_fn)(struct xdpfrag_policy *policy);

static size_t each_policy(struct table *table, policy_fn fn)
{
	size_t n = 0, i;

	for (i = 0; i < table_slots(table->bits4); i++)
		n += table->groups4[i].policy.len && fn(&table->groups4[i].policy);
	for (i = 0; i < table_slots(table->bits6); i++)
		n += table->groups6[i].policy.len && fn(&table->groups6[i].policy);
	return n;
}

static bool is_marked(struct xdpfrag_policy *policy)
{
	return policy->flags & XDPFRAG_F_TURN;
}

static bool mark_reassembled(struct xdpfrag_policy *policy)
{
	if (!reassembles(policy))
		return false;
	mark(policy);
	return true;
}

static bool unmark(struct xdpfrag_policy *policy)
{
	if (!is_marked(policy))
		return false;
	__atomic_and_fetch(&policy->flags, ~XDPFRAG_F_TURN, __ATOMIC_RELEASE);
	return true;
}

size_t turn_mark(struct table *from, const struct table *to)
{
	compare(from, to, from);
	compare(from, to, to);
	return each_policy(from, is_marked);
}

size_t turn_mark_all(struct table *table)
{
	return each_policy(table, mark_reassembled);
}

void turn_unmark(struct table *table)
{
	each_policy(table, unmark);
}

void turn_wait(void)
{
	struct timespec left = { .tv_nsec = SPREAD_MS * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}
