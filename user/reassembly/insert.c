// SPDX-License-Identifier: GPL-2.0-or-later
/* Fragments into datagrams. */
#include <string.h>
#include <sys/socket.h>

#include "internal.h"

/* A key that has lingered for an eighth of its time may be a new datagram's. */
#define REUSE_AGE 8

#define IPV4_HEADER	20 /* at least */
#define IPV6_HEADER	40 /* not counted in the payload length */
#define FRAGMENT_HEADER 8  /* IPv6 */

/* --- whole --- */

/*
 * `seen` has a bit for each ECN field among the fragments. CE with not-ECT is not to be
 * delivered (RFC 3168 5.3). Other mixtures with not-ECT are left open there, and dropped by
 * ip_frag_ecn_table in net/ipv4/inet_fragment.c; here they become not-ECT, since one of two
 * networks that clears the field must not spoil what the other one brings. -1: drop.
 */
static int merge_ecn(uint8_t seen, uint8_t first)
{
	enum { NOT_ECT = 0, CE = 3 };

	if (seen & 1 << CE)
		return seen & 1 << NOT_ECT ? -1 : CE;
	return seen & 1 << NOT_ECT ? NOT_ECT : first;
}

/* It stands before the data, with IPv6 before the fragment header. */
static const uint8_t *header_of(const struct context *context, const struct held *held)
{
	return held->data - held->header_len -
	       (context->key.family == AF_INET6 ? FRAGMENT_HEADER : 0);
}

static void complete(struct reassembly *engine, uint32_t index, uint8_t ecn, uint64_t now)
{
	struct context *context = &engine->contexts[index];
	const struct held *first = &engine->held[context->first];
	struct datagram datagram = {
		.key = &context->key,
		.header = header_of(context, first),
		.header_len = first->header_len,
		.l2_len = first->l2_len,
		.next = first->next_header,
		.pieces = engine->pieces,
		.len = context->end,
		.ecn = ecn,
		.account = context->account,
		.df = context->longest_df && context->longest_df == context->longest,
	};
	uint32_t i;

	for (i = context->first; i != NONE; i = engine->held[i].next) {
		engine->pieces[datagram.n_pieces++] =
			(struct piece){ engine->held[i].data, engine->held[i].len };
		datagram.nics |= 1U << engine->held[i].nic;
	}
	engine->stats.completed++;
	engine->stats.completed_bytes += datagram.len;
	account_of(engine, context)->completed++;
	account_of(engine, context)->bytes += datagram.len;
	engine->ops.deliver(engine->ops.arg, &datagram);
	release_fragments(engine, index);
	context_linger(engine, index, now + engine->limits.linger);
}

/* --- fragments in --- */

/* IPv4 counts the header in its total length, IPv6 what follows its 40 bytes. */
static bool is_too_long(const struct datagram_key *key, uint32_t header_len, uint32_t end)
{
	return end + header_len > (key->family == AF_INET ? 65535 : 65535 + IPV6_HEADER);
}

/*
 * How long the header of the whole will be is not known before the first fragment
 * is there: here it is the shortest.
 */
static bool is_malformed(const struct fragment *fragment)
{
	uint32_t end = (uint32_t)fragment->offset + fragment->len;
	uint32_t shortest = fragment->key.family == AF_INET ? IPV4_HEADER : IPV6_HEADER;

	return !fragment->len || (fragment->more && fragment->len & 7) ||
	       is_too_long(&fragment->key, shortest, end) ||
	       is_too_long(&fragment->key, fragment->header_len, fragment->len);
}

/* With the same place among the fragments, that of the last one included, and the same bytes. */
static bool is_twin(const struct context *context, const struct held *held,
		    const struct fragment *fragment)
{
	bool more = context->end != (uint32_t)held->offset + held->len;

	return held->offset == fragment->offset && held->len == fragment->len &&
	       more == fragment->more && !memcmp(held->data, fragment->data, held->len);
}

/* Where a fragment belongs among those that are held. */
enum place { PLACE_FREE, PLACE_TWIN, PLACE_OVERLAP };

/*
 * *at: the twin; or the last one that begins before the fragment, NONE: none. From the
 * end first, where most belong.
 */
static enum place find_place(const struct reassembly *engine, const struct context *context,
			     const struct fragment *fragment, uint32_t *at)
{
	uint32_t end = (uint32_t)fragment->offset + fragment->len, next = context->last;
	const struct held *held = &engine->held[next];

	*at = next;
	if (next == NONE || (uint32_t)held->offset + held->len <= fragment->offset)
		return PLACE_FREE;
	if (held->offset > fragment->offset) {
		*at = NONE;
		next = context->first;
		while (engine->held[next].offset < fragment->offset) {
			*at = next;
			next = engine->held[next].next;
		}
		held = &engine->held[next];
	}
	if (is_twin(context, held, fragment)) {
		*at = next;
		return PLACE_TWIN;
	}
	if (end > held->offset)
		return PLACE_OVERLAP;
	held = &engine->held[*at];
	return *at != NONE && (uint32_t)held->offset + held->len > fragment->offset ? PLACE_OVERLAP
										    : PLACE_FREE;
}

/* Does it contradict what is known of the datagram's end? */
static bool contradicts_end(const struct reassembly *engine, const struct context *context,
			    const struct fragment *fragment)
{
	uint32_t end = (uint32_t)fragment->offset + fragment->len, held_end = 0;

	if (context->last != NONE)
		held_end = (uint32_t)engine->held[context->last].offset +
			   engine->held[context->last].len;
	if (context->end == NONE)
		return !fragment->more && end < held_end;
	return end > context->end || (!fragment->more && end != context->end);
}

/* There is always a block: see spare_blocks(). */
static uint32_t place_for(struct reassembly *engine, struct context *context)
{
	if (context->n && context->n % BLOCK == 0)
		context->place = engine->blocks[--engine->n_blocks];
	return context->place++;
}

static void hold(struct reassembly *engine, uint32_t index, const struct fragment *fragment,
		 uint32_t before)
{
	struct context *context = &engine->contexts[index];
	struct user *user = &engine->users[engine->nodes[index].user];
	uint32_t place = place_for(engine, context);
	uint32_t *link = before == NONE ? &context->first : &engine->held[before].next;
	uint16_t len = fragment->len, size = fragment->header_len + len;
	uint8_t nic = fragment->nic, ecn = fragment->ecn & 3;

	engine->held[place] = (struct held){
		.data = fragment->data,
		.frame = fragment->frame,
		.next = *link,
		.offset = fragment->offset,
		.len = len,
		.header_len = fragment->header_len,
		.nics = 1U << nic,
		.nic = nic,
		.next_header = fragment->next,
		.l2_len = fragment->l2_len,
		.ecn = ecn,
	};
	if (*link == NONE)
		context->last = place;
	*link = place;
	if (!fragment->more)
		context->end = (uint32_t)fragment->offset + len;
	context->received += len;
	context->n++;
	context->ecn |= 1U << ecn;
	context->seen[nic]++;
	if (size > context->longest)
		context->longest = size;
	if (fragment->df && size > context->longest_df)
		context->longest_df = size;
	user_uses(engine, user, FRAGMENTS, 1);
	user_uses(engine, user, BYTES, len);
	account_of(engine, context)->nics[nic].first++;
	engine->stats.bytes += len;
	engine->stats.held++;
}

/* Every byte is there: deliver, unless the whole contradicts itself. */
static enum fragment_result finish(struct reassembly *engine, uint32_t index, uint64_t now)
{
	struct context *context = &engine->contexts[index];
	int ecn = merge_ecn(context->ecn, engine->held[context->first].ecn);

	if (ecn < 0) {
		discard(engine, index, now);
		return FRAGMENT_ECN;
	}
	/* The first fragment may have a longer header than the others. */
	if (is_too_long(&context->key, engine->held[context->first].header_len, context->end)) {
		discard(engine, index, now);
		return FRAGMENT_MALFORMED;
	}
	complete(engine, index, ecn, now);
	return FRAGMENT_COMPLETED;
}

/* A copy of one that is there: does it tell anything new of the NIC? */
static enum fragment_result ignore(struct reassembly *engine, struct context *context,
				   struct held *twin, uint8_t nic)
{
	if (!(twin->nics & 1U << nic)) {
		twin->nics |= 1U << nic;
		context->seen[nic]++;
	}
	account_of(engine, context)->nics[nic].duplicate++;
	return FRAGMENT_DUPLICATE;
}

/* One more, and the datagram alone would be over a limit. */
static bool is_too_many(const struct reassembly *engine, const struct context *context,
			uint16_t len)
{
	return context->n >= engine->most_pieces ||
	       (uint32_t)context->received + len > engine->most_bytes;
}

static bool has_room(const struct reassembly *engine, uint32_t index, uint16_t len)
{
	const struct reassembly_limits *limits = &engine->limits;
	const struct user *user = &engine->users[engine->nodes[index].user];

	return user->uses[BYTES] + len <= limits->bytes_per_source &&
	       engine->stats.bytes + len <= limits->bytes && engine->stats.held < limits->fragments;
}

/* Into a context that waits. Sets *held when the engine has taken the frame. */
static enum fragment_result take(struct reassembly *engine, uint32_t index,
				 const struct fragment *fragment, uint64_t now, bool *held)
{
	struct context *context = &engine->contexts[index];
	enum place place;
	uint32_t at;

	place = find_place(engine, context, fragment, &at);
	if (place == PLACE_TWIN)
		return ignore(engine, context, &engine->held[at], fragment->nic);
	if (place == PLACE_OVERLAP || contradicts_end(engine, context, fragment)) {
		discard(engine, index, now);
		return FRAGMENT_OVERLAP;
	}
	if (is_too_many(engine, context, fragment->len)) {
		discard(engine, index, now);
		return FRAGMENT_TOO_MANY;
	}
	if (!has_room(engine, index, fragment->len) &&
	    !room_for_fragment(engine, index, fragment->len))
		return FRAGMENT_TOO_MANY;
	hold(engine, index, fragment, at);
	*held = true;
	return context->received == context->end ? finish(engine, index, now) : FRAGMENT_KEPT;
}

/*
 * For a key that lingers. True when it is a new datagram with an id used again: this
 * NIC has brought every fragment of the old one, and not just now. Of one that was
 * discarded nothing is taken before its time.
 */
static bool is_reused(struct reassembly *engine, struct context *context,
		      const struct fragment *fragment, uint64_t now)
{
	uint64_t linger = engine->limits.linger;

	if (!context->n || context->seen[fragment->nic] < context->n)
		return false;
	return now >= context->until - linger + linger / REUSE_AGE;
}

static enum fragment_result add(struct reassembly *engine, const struct fragment *fragment,
				struct hash hash, uint64_t now, bool *held)
{
	uint32_t index;

	if (is_malformed(fragment))
		return FRAGMENT_MALFORMED;
	index = context_find(engine, &fragment->key, hash.key);
	if (index != NONE && engine->nodes[index].lingering) {
		struct context *context = &engine->contexts[index];

		if (!is_reused(engine, context, fragment, now)) {
			if (context->seen[fragment->nic] < context->n)
				context->seen[fragment->nic]++;
			account_of(engine, context)->nics[fragment->nic].duplicate++;
			return FRAGMENT_LINGERED;
		}
		forget(engine, index);
		index = NONE;
	}
	if (index == NONE) {
		if (engine->free_contexts == NONE)
			room_for_context(engine);
		index = context_open(engine, fragment, hash, now + engine->limits.lifetime);
	}
	return take(engine, index, fragment, now, held);
}

enum fragment_result add_hashed(struct reassembly *engine, const struct fragment *fragment,
				struct hash hash, uint64_t now)
{
	enum fragment_result result;
	bool held = false;

	if (now >= engine->deadline)
		reassembly_expire(engine, now);
	result = add(engine, fragment, hash, now, &held);
	if (!held)
		engine->ops.release(engine->ops.arg, fragment->frame);
	engine->stats.fragments[result]++;
	return result;
}

enum fragment_result reassembly_add(struct reassembly *engine, const struct fragment *fragment,
				    uint64_t now)
{
	return add_hashed(engine, fragment, hash_of(engine, &fragment->key), now);
}
