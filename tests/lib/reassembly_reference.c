// SPDX-License-Identifier: GPL-2.0-or-later
/* The reference: who goes, when, and for whose sake. */
#include <stdlib.h>
#include <string.h>

#include "reassembly_reference.h"

#define HOG_PART    8 /* who holds over this part loses a datagram, if nobody holds more */
#define LOOKED_AT   8 /* of the oldest, when there is no such source */
#define LINGER_PART 4 /* of the contexts, which lingering keys keep */

void reference_begin(struct reference *reference, const struct reassembly_limits *limits)
{
	memset(reference, 0, sizeof(*reference));
	reference->limits = *limits;
}

/* --- how things go away --- */

void reference_give_back(struct reference *reference, uint64_t frame)
{
	if (reference->n_released == reference->room) {
		reference->room = 2 * reference->room + 16;
		reference->released = realloc(reference->released,
					      reference->room * sizeof(*reference->released));
		if (!reference->released)
			abort();
	}
	reference->released[reference->n_released++] = frame;
}

static uint32_t bytes_of(const struct reference_datagram *datagram)
{
	const struct reference_fragment *fragment;
	uint32_t bytes = 0;

	for (fragment = datagram->fragments; fragment; fragment = fragment->next)
		bytes += fragment->is.len;
	return bytes;
}

static void empty(struct reference *reference, struct reference_datagram *datagram)
{
	reference->stats.held -= datagram->lingers ? 0 : datagram->n;
	reference->stats.bytes -= bytes_of(datagram);
	while (datagram->fragments) {
		struct reference_fragment *fragment = datagram->fragments;

		datagram->fragments = fragment->next;
		reference_give_back(reference, fragment->is.frame);
		free((void *)fragment->is.header);
		free((void *)fragment->is.data);
		free(fragment);
	}
}

static void drop(struct reference *reference, struct reference_datagram *datagram)
{
	struct reference_datagram **link = &reference->datagrams;

	empty(reference, datagram);
	while (*link != datagram)
		link = &(*link)->next;
	*link = datagram->next;
	if (datagram->lingers)
		reference->stats.lingering--;
	else
		reference->stats.contexts--;
	free(datagram);
}

void reference_end(struct reference *reference)
{
	while (reference->datagrams)
		drop(reference, reference->datagrams);
	free(reference->released);
	free(reference->delivery);
}

static void lose(struct reference *reference, struct reference_datagram *datagram,
		 enum datagram_loss loss)
{
	reference->stats.losses[loss]++;
	reference->accounts[datagram->account].lost++;
	drop(reference, datagram);
}

/* To the end of the list, which is in the order of `since` among those that linger. */
void reference_linger(struct reference *reference, struct reference_datagram *datagram,
		      uint64_t now)
{
	struct reference_datagram **link = &reference->datagrams;

	empty(reference, datagram);
	while (*link != datagram)
		link = &(*link)->next;
	*link = datagram->next;
	while (*link)
		link = &(*link)->next;
	*link = datagram;
	datagram->next = NULL;
	datagram->lingers = true;
	datagram->since = now;
	reference->stats.contexts--;
	if (++reference->stats.lingering > reference->stats.lingering_max)
		reference->stats.lingering_max = reference->stats.lingering;
}

void reference_discard(struct reference *reference, struct reference_datagram *datagram,
		       uint64_t now)
{
	reference->stats.losses[LOSS_OVERLAP]++;
	reference->accounts[datagram->account].lost++;
	reference_linger(reference, datagram, now);
}

void reference_forget(struct reference *reference, struct reference_datagram *datagram)
{
	uint32_t nic;

	for (nic = 0; nic < REASSEMBLY_NICS; nic++)
		if (datagram->delivered && reference->expected >> nic & 1)
			reference->accounts[datagram->account].nics[nic].made_good +=
				datagram->n - datagram->seen[nic];
	drop(reference, datagram);
}

static void expire(struct reference *reference, uint64_t now)
{
	struct reference_datagram *datagram = reference->datagrams, *next;

	for (; datagram; datagram = next) {
		next = datagram->next;
		if (datagram->lingers && now >= datagram->since + reference->limits.linger)
			reference_forget(reference, datagram);
		else if (!datagram->lingers && now >= datagram->since + reference->limits.lifetime)
			lose(reference, datagram, LOSS_TIMEOUT);
	}
}

void reference_begin_call(struct reference *reference, uint64_t now)
{
	reference->n_released = 0;
	free(reference->delivery);
	reference->delivery = NULL;
	expire(reference, now);
}

void reference_expire(struct reference *reference, uint64_t now)
{
	reference_begin_call(reference, now);
}

/* --- room --- */

static uint64_t one(const struct reference_datagram *datagram)
{
	(void)datagram;
	return 1;
}

static uint64_t n_fragments(const struct reference_datagram *datagram)
{
	return datagram->n;
}

static uint64_t n_bytes(const struct reference_datagram *datagram)
{
	return bytes_of(datagram);
}

static bool of_one_source(const struct datagram_key *a, const struct datagram_key *b)
{
	return a->family == b->family && !memcmp(a->source, b->source, 16);
}

static uint64_t source_holds(const struct reference *reference, const struct datagram_key *key,
			     uint64_t (*holds)(const struct reference_datagram *))
{
	const struct reference_datagram *datagram;
	uint64_t sum = 0;

	for (datagram = reference->datagrams; datagram; datagram = datagram->next)
		if (!datagram->lingers && of_one_source(&datagram->key, key))
			sum += holds(datagram);
	return sum;
}

/* The oldest of a source that waits. */
static struct reference_datagram *oldest(const struct reference *reference,
					 const struct datagram_key *source,
					 const struct reference_datagram *but)
{
	struct reference_datagram *datagram;

	for (datagram = reference->datagrams; datagram; datagram = datagram->next)
		if (!datagram->lingers && datagram != but && of_one_source(&datagram->key, source))
			return datagram;
	return NULL;
}

/* Where among what the engine released does this datagram stand? `n`: not there. */
static size_t place_among(const struct wish *wish, const struct reference_datagram *datagram)
{
	size_t i;

	for (i = 0; i < wish->n && datagram->fragments->is.frame != wish->released[i]; i++)
		;
	return i;
}

/* Of the first few that wait, the one with the fewest fragments. */
static struct reference_datagram *least(const struct reference *reference,
					const struct reference_datagram *but)
{
	struct reference_datagram *datagram, *found = NULL;
	uint32_t n = 0;

	for (datagram = reference->datagrams; datagram && n < LOOKED_AT; datagram = datagram->next)
		if (!datagram->lingers && datagram != but) {
			n++;
			if (!found || datagram->n < found->n)
				found = datagram;
		}
	return found;
}

/*
 * Who has to go; NULL: the one itself that wants the room. Among sources that hold
 * equally much, the engine chooses.
 */
static struct reference_datagram *victim(struct reference *reference, const struct wish *wish)
{
	struct reference_datagram *datagram, *found = NULL;
	bool itself = false;
	uint64_t most = 0;

	for (datagram = reference->datagrams; datagram; datagram = datagram->next)
		if (!datagram->lingers &&
		    source_holds(reference, &datagram->key, wish->holds) > most)
			most = source_holds(reference, &datagram->key, wish->holds);
	if (most <= wish->limit / HOG_PART)
		return least(reference, wish->but);
	for (datagram = reference->datagrams; datagram; datagram = datagram->next) {
		struct reference_datagram *its = oldest(reference, &datagram->key, wish->but);

		if (datagram->lingers ||
		    source_holds(reference, &datagram->key, wish->holds) != most)
			continue;
		itself |= !its;
		if (its && (!found || place_among(wish, its) < place_among(wish, found)))
			found = its;
	}
	if (found && itself && place_among(wish, found) == wish->n)
		found = NULL;
	return found;
}

void reference_room_for_datagram(struct reference *reference, struct wish *wish)
{
	struct reference_datagram *datagram = reference->datagrams;
	const struct reassembly_stats *stats = &reference->stats;

	if (stats->contexts + stats->lingering < reference->limits.contexts)
		return;
	if (stats->lingering > reference->limits.contexts / LINGER_PART) {
		while (!datagram->lingers)
			datagram = datagram->next;
		reference->stats.evicted_lingering++;
		drop(reference, datagram);
		return;
	}
	wish->holds = one;
	wish->limit = reference->limits.contexts;
	datagram = victim(reference, wish);
	if (datagram)
		lose(reference, datagram, LOSS_CONTEXTS);
}

bool reference_room_for_fragment(struct reference *reference, struct reference_datagram *datagram,
				 uint32_t len, struct wish *wish)
{
	const struct reassembly_limits *limits = &reference->limits;
	struct reference_datagram *goes;

	wish->but = datagram;
	while (source_holds(reference, &datagram->key, n_bytes) + len > limits->bytes_per_source)
		lose(reference, oldest(reference, &datagram->key, datagram), LOSS_SOURCE);
	while (!reference->fault && (reference->stats.bytes + len > limits->bytes ||
				     reference->stats.held == limits->fragments)) {
		bool bytes = reference->stats.bytes + len > limits->bytes;
		enum datagram_loss loss = bytes ? LOSS_BYTES : LOSS_FRAGMENTS;

		wish->holds = bytes ? n_bytes : n_fragments;
		wish->limit = bytes ? limits->bytes : limits->fragments;
		goes = victim(reference, wish);
		lose(reference, goes ? goes : datagram, loss);
		if (!goes)
			return false;
	}
	return !reference->fault;
}
