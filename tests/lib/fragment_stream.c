// SPDX-License-Identifier: GPL-2.0-or-later
/* Waves of fragments. */
#include <string.h>

#include "fragment_stream.h"

#define PERMUTATIONS 64
#define INTERRUPTED  2000 /* ns a fragment */

void stream_time_add(struct stream_time *time, double ns, uint32_t fragments)
{
	if (ns > (double)INTERRUPTED * fragments)
		return;
	time->ns += ns;
	time->fragments += fragments;
}

double stream_time_each(const struct stream_time *time)
{
	return time->fragments ? time->ns / time->fragments : 0;
}

static uint32_t mixed(uint32_t value)
{
	value = (value ^ value >> 16) * 0x7feb352dU;
	value = (value ^ value >> 15) * 0x846ca68bU;
	return value ^ value >> 16;
}

void stream_begin(struct fragment_stream *stream, uint32_t cuts, uint32_t flight,
		  enum stream_order order)
{
	uint32_t i, k;

	memset(stream, 0, sizeof(*stream));
	stream->cuts = cuts;
	stream->flight = flight;
	stream->order = order;
	for (i = 0; i < PERMUTATIONS; i++) {
		uint8_t *places = stream->places[i];

		for (k = 0; k < cuts; k++)
			places[k] = order == REVERSED ? cuts - 1 - k : k;
		for (k = cuts - 1; order == SHUFFLED && k > 0; k--) {
			uint32_t other = mixed(i << 16 | k) % (k + 1);
			uint8_t place = places[k];

			places[k] = places[other];
			places[other] = place;
		}
	}
}

uint64_t stream_wave(const struct fragment_stream *stream)
{
	return (uint64_t)stream->cuts * stream->flight * (stream->order == DOUBLED ? 2 : 1);
}

static void advance(struct fragment_stream *stream)
{
	if (stream->order == DOUBLED) {
		stream->copy = !stream->copy;
		if (stream->copy)
			return;
	}
	if (++stream->at < stream->flight)
		return;
	stream->at = 0;
	if (++stream->step < stream->cuts)
		return;
	stream->step = 0;
	stream->wave++;
}

void stream_next(struct fragment_stream *stream, struct stream_fragment *fragment)
{
	/* An odd multiplier and an offset: each datagram once a step, in another order each. */
	uint32_t turn = mixed(stream->wave * STREAM_CUTS_MAX + stream->step);
	uint32_t datagram = (stream->at * (turn | 1) + (turn >> 8)) & (stream->flight - 1);
	uint32_t place = stream->places[datagram % PERMUTATIONS][stream->step];

	fragment->source = datagram / STREAM_PER_SOURCE;
	fragment->id = stream->wave * STREAM_PER_SOURCE + datagram % STREAM_PER_SOURCE;
	fragment->offset = place * STREAM_DATA;
	fragment->more = place + 1 < stream->cuts;
	fragment->len = fragment->more ? STREAM_DATA : STREAM_LAST;
	fragment->copy = stream->copy;
	advance(stream);
}
