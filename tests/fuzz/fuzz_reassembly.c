// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Datagrams in fragments, as the input says: in any order, lost, doubled, spoilt,
 * mixed, on several NICs, while time passes. What comes out is exactly a datagram
 * that went in, no more often than it went in; where fragments were spoilt, it is
 * made of nothing but what came for that datagram. Where there was room, nothing
 * that came in time stays away.
 *
 * Beside every other short input goes the reference, which is slow: there each result,
 * delivery, released frame and counter is also the same as its own.
 */
#include <string.h>
#include <sys/socket.h>

#include "../lib/reassembly_reference.h"
#include "fuzz.h"

#define ORIGINALS 24
#define CUTS	  16
#define SPOILT	  64 /* fragments that are remembered */
#define LIFETIME  1000
#define LINGER	  200

#define COMPARED_MAX 1024 /* bytes of input with which the reference is fast enough */

struct original {
	struct fragment base;
	uint32_t len, unit, cuts;
	uint32_t fed[CUTS]; /* how often each one went in */
	uint32_t deliveries;
	uint64_t since; /* the first one went in */
	bool spoilt;
};

static struct {
	const uint8_t *at, *end;
	struct feed feed;
	struct original originals[ORIGINALS];
	uint32_t n;
	struct fragment spoilt[SPOILT];
	uint8_t *bytes[SPOILT];
	uint32_t n_spoilt;
	uint64_t now;
	bool roomy;
	bool compared;
	struct reference reference;
} world;

static uint32_t take(uint32_t below)
{
	uint32_t value = world.at < world.end ? *world.at++ : 0;

	if (below > 256)
		value = value << 8 | (world.at < world.end ? *world.at++ : 0);
	return value % below;
}

static void begin(void)
{
	struct reassembly_limits limits = REASSEMBLY_LIMITS;

	limits.contexts = 64;
	limits.fragments = 1024;
	limits.lifetime = LIFETIME;
	limits.linger = LINGER;
	world.roomy = take(4) > 0;
	if (!world.roomy) {
		limits.contexts = 1 + take(8);
		limits.fragments = 1 + take(24);
		limits.datagram_fragments = 1 + take(8);
		limits.bytes = 1 + take(4096);
		limits.bytes_per_source = 1 + take(4096);
	}
	must(feed_begin(&world.feed, &limits), "an engine");
	reference_begin(&world.reference, &limits);
}

static void add_original(void)
{
	struct original *original = &world.originals[world.n];

	if (world.n == ORIGINALS)
		return;
	memset(original, 0, sizeof(*original));
	original->base = feed_fragment(world.n, 0, 0, false);
	original->base.key.source[0] = take(3);
	original->base.key.vlan = take(2);
	if (take(3) == 0) {
		original->base.key.family = AF_INET6;
		original->base.key.proto = 0;
		original->base.header_len = 40 + 8 * take(2);
		original->base.next = 17;
	} else {
		original->base.header_len += 4 * take(3);
	}
	original->unit = 8 * (1 + take(take(4) ? 8 : 1024));
	original->cuts = 2 + take(CUTS - 1);
	original->len = original->unit * (original->cuts - 1) + 1 + take(original->unit);
	if (original->len + original->base.header_len <= 65535)
		world.n++;
}

static struct original *by_key(const struct datagram_key *key)
{
	uint32_t i;

	for (i = 0; i < world.n; i++)
		if (!memcmp(&world.originals[i].base.key, key, sizeof(*key)))
			return &world.originals[i];
	return NULL;
}

/* Has this byte come for the datagram: spoilt, or as it should be? */
static bool has_come(const struct original *original, uint32_t at, uint8_t byte)
{
	uint32_t i;

	if (at < original->len && original->fed[at / original->unit] &&
	    byte == feed_byte(original->base.key.id, at))
		return true;
	for (i = 0; i < world.n_spoilt; i++) {
		const struct fragment *fragment = &world.spoilt[i];

		if (!memcmp(&fragment->key, &original->base.key, sizeof(fragment->key)) &&
		    at >= fragment->offset && at < fragment->offset + fragment->len &&
		    world.bytes[i][at - fragment->offset] == byte)
			return true;
	}
	return false;
}

static void check_delivery(void)
{
	const struct delivery *last = &world.feed.last;
	struct original *original = by_key(&last->key);
	uint32_t i, least = UINT32_MAX;

	must(original, "a datagram of a key that went in");
	original->deliveries++;
	if (original->spoilt) {
		for (i = 0; i < last->len; i++)
			must(has_come(original, i, last->data[i]), "a byte that came");
		return;
	}
	must(feed_is_whole(&world.feed, original->base.key.id, original->len), "the datagram");
	must(last->header_len == original->base.header_len, "its header");
	for (i = 0; i < original->cuts; i++)
		if (original->fed[i] < least)
			least = original->fed[i];
	must(original->deliveries <= least, "no more often than it came");
}

/* The same fragment, with the bytes that the feed gives to one without. */
static void compare(struct fragment fragment, enum fragment_result result)
{
	static const uint8_t header[HEADER_ROOM];
	static uint8_t data[UINT16_MAX];
	uint32_t i;

	for (i = 0; !fragment.data && i < fragment.len; i++)
		data[i] = feed_byte(fragment.key.id, fragment.offset + i);
	if (!fragment.data)
		fragment.data = data;
	fragment.header = header;
	fragment.frame = world.feed.n - 1;
	must(result == reference_add(&world.reference, &fragment, world.now, world.feed.released,
				     world.feed.n_released),
	     "the reference's result");
	must_not(reference_compare(&world.reference, &world.feed));
}

static void add(const struct fragment *fragment)
{
	enum fragment_result result = feed_add(&world.feed, fragment, world.now);

	must_not(world.feed.fault);
	if (world.compared)
		compare(*fragment, result);
	must(world.feed.delivered == (result == FRAGMENT_COMPLETED), "delivered when completed");
	if (world.feed.delivered)
		check_delivery();
}

static bool is_complete(const struct original *original)
{
	uint32_t i;

	for (i = 0; i < original->cuts && original->fed[i]; i++)
		;
	return i == original->cuts;
}

static struct fragment cut(const struct original *original, uint32_t i)
{
	struct fragment fragment = original->base;

	fragment.offset = i * original->unit;
	fragment.more = i + 1 < original->cuts;
	fragment.len = fragment.more ? original->unit : original->len - fragment.offset;
	fragment.nic = take(3);
	return fragment;
}

static void feed_one(struct original *original, uint32_t i)
{
	struct fragment fragment = cut(original, i);
	bool first = true;
	uint32_t k;

	for (k = 0; k < original->cuts; k++)
		first &= !original->fed[k];
	if (first)
		original->since = world.now;
	original->fed[i]++;
	add(&fragment);
	if (world.roomy && !original->spoilt && is_complete(original) &&
	    world.now < original->since + LIFETIME)
		must(original->deliveries, "a datagram of which all has come in time");
}

static void feed_spoilt(struct original *original, uint32_t i)
{
	struct fragment fragment = cut(original, i);
	uint8_t *bytes;
	uint32_t k;

	if (world.n_spoilt == SPOILT)
		return;
	original->spoilt = true;
	switch (take(4)) {
	case 0:
		fragment.offset = 8 * take(8192);
		break;
	case 1:
		fragment.len = take(65536);
		break;
	case 2:
		fragment.more = !fragment.more;
		break;
	}
	bytes = malloc(fragment.len + 1);
	must(bytes, "memory");
	for (k = 0; k < fragment.len; k++)
		bytes[k] = feed_byte(fragment.key.id, fragment.offset + k);
	if (fragment.len && take(2))
		bytes[take(fragment.len)] ^= 1 + take(255);
	fragment.data = bytes;
	fragment.ecn = take(4);
	world.spoilt[world.n_spoilt] = fragment;
	world.bytes[world.n_spoilt++] = bytes;
	add(&fragment);
}

static void expire(void)
{
	feed_expire(&world.feed, world.now);
	if (!world.compared)
		return;
	reference_expire(&world.reference, world.now);
	must_not(reference_compare(&world.reference, &world.feed));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(&world, 0, sizeof(world));
	world.at = data;
	world.end = data + size;
	world.compared = size % 2 && size < COMPARED_MAX;
	begin();
	while (world.at < world.end) {
		uint32_t what = take(16);
		struct original *original = world.n ? &world.originals[take(world.n)] : NULL;

		if (!original || what == 0)
			add_original();
		else if (what == 1)
			world.now += take(take(4) ? 64 : 2048);
		else if (what == 2)
			expire();
		else if (what == 3)
			feed_spoilt(original, take(original->cuts));
		else
			feed_one(original, take(original->cuts));
	}
	must_not(feed_end(&world.feed));
	reference_end(&world.reference);
	while (world.n_spoilt)
		free(world.bytes[--world.n_spoilt]);
	return 0;
}
