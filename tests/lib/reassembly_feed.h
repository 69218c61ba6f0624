/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine with everything that its caller owes it: a frame of its own for each
 * fragment, no byte larger than it must be and gone with its release, so that ASan
 * sees every read outside and every read too late; and a copy of what was delivered.
 * Frames released twice, or never, and pieces that contradict their sum are faults.
 */
#ifndef TESTS_REASSEMBLY_FEED_H
#define TESTS_REASSEMBLY_FEED_H

#include "reassembly/reassembly.h"

#define DATAGRAM_ROOM 65536
#define HEADER_ROOM   512

/* A datagram as it was delivered, with bytes of its own. */
struct delivery {
	struct datagram_key key;
	uint8_t header[HEADER_ROOM], data[DATAGRAM_ROOM];
	uint32_t len, n_pieces, account, nics;
	uint16_t header_len;
	uint8_t l2_len, next, ecn;
	bool df;
};

struct feed {
	struct reassembly *engine;
	uint8_t **frames; /* by name; NULL: released */
	size_t n, room;
	uint32_t *released; /* names, during the last call, in their order */
	size_t n_released;
	uint64_t releases, deliveries; /* all of them */
	struct delivery last;
	bool delivered; /* during the last call */
	const char *fault;
	/* To be set before feed_begin(), or not. */
	uint32_t (*account)(void *arg, const struct datagram_key *key);
};

/* A fragment of an IPv4 datagram for 239.0.0.15; what else it has may be written over. */
struct fragment feed_fragment(uint32_t id, uint32_t offset, uint32_t len, bool more);
/* Was just now the datagram `id` of `len` bytes delivered, made of feed_byte()s? */
bool feed_is_whole(const struct feed *feed, uint32_t id, uint32_t len);

/* The byte at `offset` of the datagram `id`, where a fragment has no data of its own. */
uint8_t feed_byte(uint32_t id, uint32_t offset);

/* False: reassembly_new() gave NULL. */
bool feed_begin(struct feed *feed, const struct reassembly_limits *limits);
/* Frees all; a fault as text, or NULL. */
const char *feed_end(struct feed *feed);

/*
 * reassembly_add() with a copy of the fragment: `header` and `data` may be NULL
 * (zeros; feed_byte()), `frame` does not matter.
 */
enum fragment_result feed_add(struct feed *feed, const struct fragment *fragment, uint64_t now);
void feed_expire(struct feed *feed, uint64_t now);

/* Bytes that malloc() has given out in this process. */
size_t feed_allocated(void);

#endif
