// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random streams through the engine and through the reference: every result,
 * delivery, released frame and counter is the same. Few keys, tight limits and
 * short times, so that everything happens often.
 *
 *   test_reassembly_random [SEED [STREAMS]]
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../lib/reassembly_reference.h"

#define STREAMS	  60
#define FRAGMENTS 1500
#define FLIGHT	  24 /* fragments on their way at a time */

/* Fixed, so that what is not left out today is not left out tomorrow; others by hand. */
#define SEED 20261122

static uint64_t seed;
static uint32_t streams = STREAMS;
static struct reassembly_stats total; /* of what happened at all */

static uint32_t below(uint32_t n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint64_t)(uint32_t)(seed >> 32) * n >> 32;
}

/* How a stream is: drawn once, so that streams differ from each other. */
struct stream {
	struct reassembly_limits limits;
	uint32_t sources, ids, nics, cuts, unit, chance_lost, chance_spoilt, tick;
	struct fragment flight[FLIGHT];
	uint8_t *spoilt[FLIGHT]; /* data of its own; NULL: feed_byte() */
	uint32_t n;
};

static struct stream new_stream(void)
{
	struct stream stream = {
		.limits = { .contexts = 1 + below(12),
			    .fragments = 1 + below(60),
			    .bytes = 8 + below(1200),
			    .bytes_per_source = 8 + below(600),
			    .datagram_fragments = 1 + below(8),
			    .accounts = 1 + below(REFERENCE_ACCOUNTS),
			    .lifetime = 1 + below(2000),
			    .linger = below(2000) },
		.sources = 1 + below(below(3) ? 6 : 200),
		.ids = 1 + below(40),
		.nics = 1 + below(4),
		.cuts = 1 + below(6),
		.unit = 8 * (1 + below(6)),
		.chance_lost = below(30),
		.chance_spoilt = below(3) ? 0 : below(20),
		.tick = 1 + below(60),
	};

	/* Each bound is narrow in half of them: that of one hides the others. */
	if (below(2))
		stream.limits.contexts += 40;
	if (below(2))
		stream.limits.fragments = 2000;
	if (below(2))
		stream.limits.bytes = 1 << 20;
	if (below(2))
		stream.limits.bytes_per_source = 1 << 20;
	if (below(2))
		stream.limits.datagram_fragments = 40;
	return stream;
}

static uint32_t account(void *arg, const struct datagram_key *key)
{
	(void)arg;
	return key->source[3] + key->vlan;
}

static struct fragment random_base(const struct stream *stream)
{
	struct fragment base = feed_fragment(below(stream->ids), 0, 0, false);

	base.key.source[3] = below(stream->sources);
	base.key.vlan = below(16) ? 0 : 1;
	if (below(8) == 0) {
		base.key.family = AF_INET6;
		base.key.proto = 0;
		base.header_len = 40;
		base.next = 1 + below(200);
	}
	base.header_len += below(10) ? 0 : 8;
	base.ecn = below(12) ? 2 : below(4);
	base.df = below(2);
	return base;
}

static void spoil(struct stream *stream, uint32_t at)
{
	struct fragment *fragment = &stream->flight[at];
	uint32_t i;

	switch (below(5)) {
	case 0: /* other bytes */
		stream->spoilt[at] = malloc(fragment->len + 1);
		assert_non_null(stream->spoilt[at]);
		for (i = 0; i < fragment->len; i++)
			stream->spoilt[at][i] = feed_byte(fragment->key.id, fragment->offset + i);
		if (fragment->len)
			stream->spoilt[at][below(fragment->len)] ^= 1 << below(8);
		break;
	case 1:
		fragment->offset = 8 * below(below(4) ? 20 : 8192);
		break;
	case 2:
		fragment->len = below(below(4) ? 100 : 65536);
		break;
	case 3:
		fragment->more = !fragment->more;
		break;
	default:
		fragment->ecn = below(4);
	}
}

static void put(struct stream *stream, const struct fragment *fragment)
{
	if (stream->n == FLIGHT || below(100) < stream->chance_lost)
		return;
	stream->flight[stream->n] = *fragment;
	stream->spoilt[stream->n] = NULL;
	if (below(100) < stream->chance_spoilt)
		spoil(stream, stream->n);
	stream->n++;
}

/* One more datagram in fragments, on each NIC. */
static void send_one(struct stream *stream)
{
	struct fragment fragment = random_base(stream);
	uint32_t n = 1 + below(stream->cuts), i, nic;

	for (i = 0; i < n; i++) {
		fragment.more = i + 1 < n;
		fragment.len = fragment.more ? stream->unit : 1 + below(stream->unit);
		fragment.ecn = below(6) ? fragment.ecn : 3 * below(2);
		for (nic = 0; nic < stream->nics; nic++) {
			fragment.nic = nic;
			put(stream, &fragment);
		}
		fragment.offset += fragment.len;
	}
}

/* Any of those on their way, mostly one of the first. */
static void receive_one(struct stream *stream, struct feed *feed, struct reference *reference,
			uint64_t now)
{
	uint32_t at = below(3) ? below(stream->n > 3 ? 3 : stream->n) : below(stream->n), i;
	struct fragment fragment = stream->flight[at];
	uint8_t header[HEADER_ROOM], *data = malloc(fragment.len + 1);
	enum fragment_result result;

	assert_non_null(data);
	for (i = 0; i < fragment.header_len; i++)
		header[i] = i + fragment.nic + now;
	for (i = 0; i < fragment.len; i++)
		data[i] = feed_byte(fragment.key.id, fragment.offset + i);
	fragment.header = header;
	fragment.data = stream->spoilt[at] ? stream->spoilt[at] : data;
	fragment.frame = feed->n;
	result = feed_add(feed, &fragment, now);
	if (result != reference_add(reference, &fragment, now, feed->released, feed->n_released) &&
	    !reference->fault)
		reference->fault = "another result";
	free(data);
	if (below(10) == 0) /* once more, later */
		return;
	free(stream->spoilt[at]);
	stream->n--;
	memmove(&stream->flight[at], &stream->flight[at + 1],
		(stream->n - at) * sizeof(stream->flight[0]));
	memmove(&stream->spoilt[at], &stream->spoilt[at + 1],
		(stream->n - at) * sizeof(stream->spoilt[0]));
}

static void run(uint64_t from)
{
	struct feed feed = { .account = account };
	struct reference reference;
	const char *fault = NULL;
	struct stream stream;
	uint32_t fragments, i;
	uint64_t now = 0;

	seed = from;
	stream = new_stream();
	reference_begin(&reference, &stream.limits);
	reference.account = account;
	assert_true(feed_begin(&feed, &stream.limits));
	reference.expected = below(16);
	reassembly_expect(feed.engine, reference.expected);
	for (fragments = 0; fragments < FRAGMENTS && !fault; fragments++) {
		while (stream.n < FLIGHT / 2)
			send_one(&stream);
		receive_one(&stream, &feed, &reference, now);
		fault = reference_compare(&reference, &feed);
		now += below(below(20) ? stream.tick : 2000);
		if (!fault && below(50) == 0) {
			feed_expire(&feed, now);
			reference_expire(&reference, now);
			fault = reference_compare(&reference, &feed);
		}
	}
	for (i = 0; i < FRAGMENT_RESULTS; i++)
		total.fragments[i] += reference.stats.fragments[i];
	for (i = 0; i < LOSS_REASONS; i++)
		total.losses[i] += reference.stats.losses[i];
	total.evicted_lingering += reference.stats.evicted_lingering;
	reference_end(&reference);
	if (!fault)
		fault = feed_end(&feed);
	if (fault)
		fail_msg("seed %lu, fragment %u: %s", from, fragments, fault);
	while (stream.n)
		free(stream.spoilt[--stream.n]);
}

static void engine_and_reference_agree(void **state)
{
	uint64_t first = seed;
	uint32_t i;

	(void)state;
	print_message("seeds %lu to %lu\n", first, first + streams - 1);
	for (i = 0; i < streams; i++)
		run(first + i);
	for (i = 0; i < FRAGMENT_RESULTS; i++)
		print_message("result %u: %lu\n", i, total.fragments[i]);
	for (i = 0; i < LOSS_REASONS; i++)
		print_message("loss %u: %lu\n", i, total.losses[i]);
	print_message("lingering keys evicted: %lu\n", total.evicted_lingering);
	/* Nothing is left out. */
	for (i = 0; i < FRAGMENT_RESULTS && streams >= STREAMS; i++)
		assert_int_not_equal(total.fragments[i], 0);
	for (i = 0; i < LOSS_REASONS && streams >= STREAMS; i++)
		assert_int_not_equal(total.losses[i], 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(engine_and_reference_agree) };

	seed = argc > 1 ? strtoull(argv[1], NULL, 0) : SEED;
	if (argc > 2)
		streams = strtoul(argv[2], NULL, 0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
