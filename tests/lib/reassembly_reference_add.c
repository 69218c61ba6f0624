// SPDX-License-Identifier: GPL-2.0-or-later
/* The reference: fragments into datagrams. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "reassembly_reference.h"

#define REUSE_PART 8 /* of the linger time */

static void *new (size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

static void *copy(const void *from, size_t len)
{
	return memcpy(new (len + 1), from, len);
}

static bool is_malformed(const struct fragment *fragment)
{
	uint32_t end = (uint32_t)fragment->offset + fragment->len;
	bool ipv4 = fragment->key.family == AF_INET;

	if (fragment->len == 0 || (fragment->more && fragment->len % 8))
		return true;
	if (ipv4)
		return end + 20 > 65535 || fragment->header_len + fragment->len > 65535;
	return end > 65535 || fragment->header_len - 40 + fragment->len > 65535;
}

static struct reference_datagram *find(const struct reference *reference,
				       const struct datagram_key *key)
{
	struct reference_datagram *datagram = reference->datagrams;

	while (datagram &&
	       (memcmp(datagram->key.source, key->source, 16) ||
		memcmp(datagram->key.group, key->group, 16) || datagram->key.id != key->id ||
		datagram->key.vlan != key->vlan || datagram->key.family != key->family ||
		datagram->key.proto != key->proto))
		datagram = datagram->next;
	return datagram;
}

static struct reference_datagram *open_datagram(struct reference *reference,
						const struct datagram_key *key, uint64_t now)
{
	struct reference_datagram *datagram = new (sizeof(*datagram)), **link;

	datagram->key = *key;
	datagram->since = now;
	datagram->end = -1;
	if (reference->account)
		datagram->account = reference->account(NULL, key);
	if (datagram->account >= reference->limits.accounts)
		datagram->account = reference->limits.accounts - 1;
	for (link = &reference->datagrams; *link; link = &(*link)->next)
		;
	*link = datagram;
	if (++reference->stats.contexts > reference->stats.contexts_max)
		reference->stats.contexts_max = reference->stats.contexts;
	return datagram;
}

static struct reference_fragment *twin_of(const struct reference_datagram *datagram,
					  const struct fragment *fragment)
{
	struct reference_fragment *at;

	for (at = datagram->fragments; at; at = at->next)
		if (at->is.offset == fragment->offset && at->is.len == fragment->len &&
		    at->is.more == fragment->more &&
		    !memcmp(at->is.data, fragment->data, fragment->len))
			break;
	return at;
}

/* Is any of its bytes there, or does it say of the end what others do not? */
static bool contradicts(const struct reference_datagram *datagram, const struct fragment *fragment)
{
	int32_t end = fragment->offset + fragment->len, i;

	for (i = fragment->offset; i < end; i++)
		if (datagram->is_there[i])
			return true;
	if (datagram->end >= 0 && (end > datagram->end || !fragment->more))
		return true;
	for (i = end; !fragment->more && i < REFERENCE_BYTES; i++)
		if (datagram->is_there[i])
			return true;
	return false;
}

static void keep(struct reference *reference, struct reference_datagram *datagram,
		 const struct fragment *fragment)
{
	struct reference_fragment *kept = new (sizeof(*kept));
	struct reassembly_stats *stats = &reference->stats;
	uint32_t i;

	kept->is = *fragment;
	kept->is.header = copy(fragment->header, fragment->header_len);
	kept->is.data = copy(fragment->data, fragment->len);
	kept->brought = 1U << fragment->nic;
	kept->next = datagram->fragments;
	datagram->fragments = kept;
	datagram->n++;
	datagram->seen[fragment->nic]++;
	for (i = 0; i < fragment->len; i++) {
		datagram->is_there[fragment->offset + i] = true;
		datagram->value[fragment->offset + i] = fragment->data[i];
	}
	if (!fragment->more)
		datagram->end = fragment->offset + fragment->len;
	reference->accounts[datagram->account].nics[fragment->nic].first++;
	stats->bytes += fragment->len;
	stats->held++;
	if (stats->bytes > stats->bytes_max)
		stats->bytes_max = stats->bytes;
	if (stats->held > stats->held_max)
		stats->held_max = stats->held;
}

/* --- whole --- */

static bool is_whole(const struct reference_datagram *datagram)
{
	int32_t i;

	for (i = 0; i < datagram->end && datagram->is_there[i]; i++)
		;
	return i == datagram->end;
}

static const struct fragment *first_of(const struct reference_datagram *datagram)
{
	const struct reference_fragment *at = datagram->fragments;

	while (at->is.offset)
		at = at->next;
	return &at->is;
}

/* RFC 3168 5.3 and what engine and kernel do with the rest; -1: drop. */
static int ecn_of(const struct reference_datagram *datagram)
{
	const struct reference_fragment *at;
	bool not_ect = false, ce = false;

	for (at = datagram->fragments; at; at = at->next) {
		not_ect |= at->is.ecn == 0;
		ce |= at->is.ecn == 3;
	}
	if (not_ect)
		return ce ? -1 : 0;
	return ce ? 3 : first_of(datagram)->ecn;
}

static bool df_of(const struct reference_datagram *datagram)
{
	const struct reference_fragment *at;
	uint32_t longest = 0;
	bool df = false;

	for (at = datagram->fragments; at; at = at->next) {
		uint32_t len = at->is.header_len + at->is.len;

		if (len > longest)
			df = false;
		if (len >= longest) {
			longest = len;
			df |= at->is.df;
		}
	}
	return df;
}

static void deliver(struct reference *reference, const struct reference_datagram *datagram)
{
	const struct fragment *first = first_of(datagram);
	const struct reference_fragment *at;
	struct delivery *delivery = new (sizeof(*delivery));

	delivery->key = datagram->key;
	memcpy(delivery->header, first->header, first->header_len);
	memcpy(delivery->data, datagram->value, datagram->end);
	delivery->len = datagram->end;
	delivery->n_pieces = datagram->n;
	delivery->account = datagram->account;
	delivery->header_len = first->header_len;
	delivery->l2_len = first->l2_len;
	delivery->next = first->next;
	delivery->ecn = ecn_of(datagram);
	delivery->df = df_of(datagram);
	for (at = datagram->fragments; at; at = at->next)
		delivery->nics |= 1U << at->is.nic;
	reference->delivery = delivery;
	reference->stats.completed++;
	reference->stats.completed_bytes += datagram->end;
	reference->accounts[datagram->account].completed++;
	reference->accounts[datagram->account].bytes += datagram->end;
}

static enum fragment_result finish(struct reference *reference, struct reference_datagram *datagram,
				   uint64_t now)
{
	uint32_t header = first_of(datagram)->header_len;

	if (ecn_of(datagram) < 0) {
		reference_discard(reference, datagram, now);
		return FRAGMENT_ECN;
	}
	if (header - (datagram->key.family == AF_INET ? 0 : 40) + datagram->end > 65535) {
		reference_discard(reference, datagram, now);
		return FRAGMENT_MALFORMED;
	}
	deliver(reference, datagram);
	datagram->delivered = true;
	reference_linger(reference, datagram, now);
	return FRAGMENT_COMPLETED;
}

/* --- in --- */

static uint64_t bytes_there(const struct reference_datagram *datagram)
{
	const struct reference_fragment *at;
	uint64_t bytes = 0;

	for (at = datagram->fragments; at; at = at->next)
		bytes += at->is.len;
	return bytes;
}

static bool is_too_many(const struct reference *reference,
			const struct reference_datagram *datagram, uint32_t len)
{
	const struct reassembly_limits *limits = &reference->limits;
	uint64_t bytes = bytes_there(datagram) + len;

	return datagram->n + 1 > limits->datagram_fragments ||
	       datagram->n + 1 > limits->fragments || bytes > limits->bytes ||
	       bytes > limits->bytes_per_source;
}

static enum fragment_result take(struct reference *reference, struct reference_datagram *datagram,
				 const struct fragment *fragment, uint64_t now, struct wish *wish)
{
	struct reference_fragment *twin = twin_of(datagram, fragment);

	if (twin) {
		if (!(twin->brought >> fragment->nic & 1))
			datagram->seen[fragment->nic]++;
		twin->brought |= 1U << fragment->nic;
		reference->accounts[datagram->account].nics[fragment->nic].duplicate++;
		return FRAGMENT_DUPLICATE;
	}
	if (contradicts(datagram, fragment)) {
		reference_discard(reference, datagram, now);
		return FRAGMENT_OVERLAP;
	}
	if (is_too_many(reference, datagram, fragment->len)) {
		reference_discard(reference, datagram, now);
		return FRAGMENT_TOO_MANY;
	}
	if (!reference_room_for_fragment(reference, datagram, fragment->len, wish))
		return FRAGMENT_TOO_MANY;
	keep(reference, datagram, fragment);
	return is_whole(datagram) ? finish(reference, datagram, now) : FRAGMENT_KEPT;
}

/* For a key that lingers: is this fragment of the old datagram? */
static bool is_of_the_old(const struct reference *reference, struct reference_datagram *datagram,
			  const struct fragment *fragment, uint64_t now)
{
	if (datagram->delivered && datagram->seen[fragment->nic] == datagram->n &&
	    now >= datagram->since + reference->limits.linger / REUSE_PART)
		return false;
	if (datagram->delivered && datagram->seen[fragment->nic] < datagram->n)
		datagram->seen[fragment->nic]++;
	return true;
}

static enum fragment_result add(struct reference *reference, const struct fragment *fragment,
				uint64_t now, struct wish *wish)
{
	struct reference_datagram *datagram;

	if (is_malformed(fragment))
		return FRAGMENT_MALFORMED;
	datagram = find(reference, &fragment->key);
	if (datagram && datagram->lingers) {
		if (is_of_the_old(reference, datagram, fragment, now)) {
			reference->accounts[datagram->account].nics[fragment->nic].duplicate++;
			return FRAGMENT_LINGERED;
		}
		reference_forget(reference, datagram);
		datagram = NULL;
	}
	if (!datagram) {
		reference_room_for_datagram(reference, wish);
		datagram = open_datagram(reference, &fragment->key, now);
	}
	return take(reference, datagram, fragment, now, wish);
}

/* With its datagram, of which it was a part already. */
static bool is_released(const struct reference *reference, uint64_t frame)
{
	size_t i;

	for (i = 0; i < reference->n_released && reference->released[i] != frame; i++)
		;
	return i < reference->n_released;
}

enum fragment_result reference_add(struct reference *reference, const struct fragment *fragment,
				   uint64_t now, const uint32_t *released, size_t n)
{
	struct wish wish = { .released = released, .n = n };
	enum fragment_result result;

	reference_begin_call(reference, now);
	result = add(reference, fragment, now, &wish);
	if (result != FRAGMENT_KEPT && !is_released(reference, fragment->frame))
		reference_give_back(reference, fragment->frame);
	reference->stats.fragments[result]++;
	return result;
}

/* --- the same as the engine? --- */

static bool is_same_release(const struct reference *reference, const struct feed *feed)
{
	size_t i;

	if (reference->n_released != feed->n_released)
		return false;
	for (i = 0; i < feed->n_released && is_released(reference, feed->released[i]); i++)
		;
	return i == feed->n_released; /* the feed has seen to it that none is there twice */
}

static bool is_same_delivery(const struct delivery *a, const struct delivery *b)
{
	return !memcmp(&a->key, &b->key, sizeof(a->key)) && a->len == b->len &&
	       !memcmp(a->data, b->data, a->len) && a->n_pieces == b->n_pieces &&
	       a->account == b->account && a->nics == b->nics && a->header_len == b->header_len &&
	       !memcmp(a->header, b->header, a->header_len) && a->l2_len == b->l2_len &&
	       a->next == b->next && a->ecn == b->ecn && a->df == b->df;
}

const char *reference_compare(const struct reference *reference, const struct feed *feed)
{
	uint32_t i;

	if (reference->fault || feed->fault)
		return reference->fault ? reference->fault : feed->fault;
	if (feed->delivered != (reference->delivery != NULL))
		return feed->delivered ? "delivered what is no datagram" : "did not deliver";
	if (feed->delivered && !is_same_delivery(&feed->last, reference->delivery))
		return "another datagram";
	if (!is_same_release(reference, feed))
		return "other frames released";
	if (memcmp(reassembly_stats(feed->engine), &reference->stats, sizeof(reference->stats)))
		return "other statistics";
	for (i = 0; i < reference->limits.accounts; i++)
		if (memcmp(reassembly_account(feed->engine, i), &reference->accounts[i],
			   sizeof(reference->accounts[i])))
			return "another account";
	return NULL;
}
