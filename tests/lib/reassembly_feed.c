// SPDX-License-Identifier: GPL-2.0-or-later
/* An engine, and its caller's memory. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "reassembly_feed.h"

#define FRAGMENT_HEADER 8

/* With ASan, whose malloc() this is. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

size_t feed_allocated(void)
{
	struct mallinfo2 info;

	if (__sanitizer_get_current_allocated_bytes)
		return __sanitizer_get_current_allocated_bytes();
	info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

uint8_t feed_byte(uint32_t id, uint32_t offset)
{
	return (id * 131 + offset * 7 + (offset >> 8)) ^ (offset >> 3);
}

struct fragment feed_fragment(uint32_t id, uint32_t offset, uint32_t len, bool more)
{
	return (struct fragment){
		.key = { .source = { 10, 84, 0, 73 },
			 .group = { 239, 0, 0, 15 },
			 .id = id,
			 .family = AF_INET,
			 .proto = 17 },
		.header_len = 20,
		.l2_len = 14,
		.offset = offset,
		.len = len,
		.more = more,
	};
}

bool feed_is_whole(const struct feed *feed, uint32_t id, uint32_t len)
{
	uint32_t i;

	if (!feed->delivered || feed->last.key.id != id || feed->last.len != len)
		return false;
	for (i = 0; i < len && feed->last.data[i] == feed_byte(id, i); i++)
		;
	return i == len;
}

static void on_release(void *arg, uint64_t frame)
{
	struct feed *feed = arg;

	if (frame >= feed->n || !feed->frames[frame]) {
		feed->fault = "a frame released that is not the engine's";
		return;
	}
	free(feed->frames[frame]);
	feed->frames[frame] = NULL;
	feed->released[feed->n_released++] = frame;
	feed->releases++;
}

static void on_deliver(void *arg, const struct datagram *datagram)
{
	struct feed *feed = arg;
	struct delivery *last = &feed->last;
	uint32_t i, at = 0;

	if (feed->delivered)
		feed->fault = "two datagrams of one fragment";
	feed->delivered = true;
	feed->deliveries++;
	memset(last, 0, sizeof(*last));
	if (datagram->len > DATAGRAM_ROOM || datagram->header_len > HEADER_ROOM) {
		feed->fault = "a datagram without bounds";
		return;
	}
	for (i = 0; i < datagram->n_pieces; i++) {
		if (datagram->pieces[i].len > datagram->len - at) {
			feed->fault = "pieces that are more than the datagram";
			return;
		}
		memcpy(last->data + at, datagram->pieces[i].data, datagram->pieces[i].len);
		at += datagram->pieces[i].len;
	}
	if (at != datagram->len)
		feed->fault = "pieces that are less than the datagram";
	last->key = *datagram->key;
	memcpy(last->header, datagram->header, datagram->header_len);
	last->len = datagram->len;
	last->n_pieces = datagram->n_pieces;
	last->account = datagram->account;
	last->nics = datagram->nics;
	last->header_len = datagram->header_len;
	last->l2_len = datagram->l2_len;
	last->next = datagram->next;
	last->ecn = datagram->ecn;
	last->df = datagram->df;
}

static uint32_t on_account(void *arg, const struct datagram_key *key)
{
	struct feed *feed = arg;

	return feed->account(NULL, key);
}

bool feed_begin(struct feed *feed, const struct reassembly_limits *limits)
{
	struct reassembly_ops ops = { .deliver = on_deliver, .release = on_release, .arg = feed };

	if (feed->account)
		ops.account = on_account;
	feed->engine = reassembly_new(limits, &ops);
	return feed->engine;
}

const char *feed_end(struct feed *feed)
{
	size_t i;

	feed->n_released = 0;
	reassembly_free(feed->engine);
	for (i = 0; i < feed->n; i++)
		if (feed->frames[i] && !feed->fault)
			feed->fault = "a frame that was never released";
	free(feed->frames);
	free(feed->released);
	feed->engine = NULL;
	return feed->fault;
}

static void grow(struct feed *feed)
{
	if (feed->n < feed->room)
		return;
	feed->room = feed->room ? 2 * feed->room : 64;
	feed->frames = realloc(feed->frames, feed->room * sizeof(*feed->frames));
	feed->released = realloc(feed->released, feed->room * sizeof(*feed->released));
	if (!feed->frames || !feed->released)
		abort();
}

/* A frame of just the fragment's size; the fragment points into it from now on. */
static void place(struct feed *feed, struct fragment *fragment)
{
	size_t gap = fragment->key.family == AF_INET6 ? FRAGMENT_HEADER : 0, i;
	uint8_t *at = calloc(1, (size_t)fragment->l2_len + fragment->header_len + gap +
					fragment->len + 1);

	if (!at)
		abort();
	grow(feed);
	fragment->frame = feed->n;
	feed->frames[feed->n++] = at;
	/* One byte at the beginning that nobody is to read, instead of a zero-sized frame. */
	at += 1 + fragment->l2_len;
	if (fragment->header)
		memcpy(at, fragment->header, fragment->header_len);
	fragment->header = at;
	at += fragment->header_len + gap;
	for (i = 0; !fragment->data && i < fragment->len; i++)
		at[i] = feed_byte(fragment->key.id, fragment->offset + i);
	if (fragment->data && fragment->len)
		memcpy(at, fragment->data, fragment->len);
	fragment->data = at;
}

enum fragment_result feed_add(struct feed *feed, const struct fragment *fragment, uint64_t now)
{
	struct fragment own = *fragment;

	place(feed, &own);
	feed->n_released = 0;
	feed->delivered = false;
	return reassembly_add(feed->engine, &own, now);
}

void feed_expire(struct feed *feed, uint64_t now)
{
	feed->n_released = 0;
	feed->delivered = false;
	reassembly_expire(feed->engine, now);
}
