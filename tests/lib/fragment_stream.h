/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stream of fragments with which reassembly is measured, for every engine the
 * same. Datagrams come in waves: all of one wave are in flight at once, each step
 * brings one more fragment of every datagram, in a pseudo-random order of the
 * datagrams, so that memory is not walked through from one end to the other.
 */
#ifndef TESTS_FRAGMENT_STREAM_H
#define TESTS_FRAGMENT_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#define STREAM_DATA	  1480 /* bytes of data in a fragment but the last, at MTU 1500 */
#define STREAM_LAST	  360  /* in the last one: 45 are a datagram of 64 KiB */
#define STREAM_BATCH	  256  /* fragments that are timed together */
#define STREAM_PER_SOURCE 64   /* datagrams of one source in flight */
#define STREAM_CUTS_MAX	  64

enum stream_order { IN_ORDER, REVERSED, SHUFFLED, DOUBLED, STREAM_ORDERS };

struct fragment_stream {
	uint32_t cuts, flight; /* fragments of a datagram; datagrams, a power of two */
	enum stream_order order;
	uint32_t wave, step, at; /* the next fragment's */
	bool copy;		 /* it is the second one of two */
	uint8_t places[64][STREAM_CUTS_MAX];
};

struct stream_fragment {
	uint32_t source; /* a number */
	uint16_t id, offset, len;
	bool more, copy;
};

/* Batches that took over 2 us a fragment are left out: something else ran meanwhile. */
struct stream_time {
	double ns;
	uint64_t fragments;
};

void stream_time_add(struct stream_time *time, double ns, uint32_t fragments);
double stream_time_each(const struct stream_time *time);

void stream_begin(struct fragment_stream *stream, uint32_t cuts, uint32_t flight,
		  enum stream_order order);
void stream_next(struct fragment_stream *stream, struct stream_fragment *fragment);
uint64_t stream_wave(const struct fragment_stream *stream); /* fragments in one */

#endif
