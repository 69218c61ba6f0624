/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reassembly engine has to do, said slowly: every datagram is an array of
 * its bytes, with a mark at each one that has come; everything is looked for from
 * one end to the other. Written from reassembly.h, not from the engine.
 *
 * One thing reassembly.h leaves open: which one of several sources loses a datagram
 * that all hold equally much. There the reference follows the engine's choice.
 */
#ifndef TESTS_REASSEMBLY_REFERENCE_H
#define TESTS_REASSEMBLY_REFERENCE_H

#include "reassembly_feed.h"

#define REFERENCE_ACCOUNTS 4

#define REFERENCE_BYTES 65536

struct reference_fragment {
	struct fragment is; /* header and data: copies */
	uint16_t brought;   /* bit n: by NIC n */
	struct reference_fragment *next;
};

struct reference_datagram {
	struct datagram_key key;
	struct reference_datagram *next;
	uint64_t since; /* opened; ended, when it lingers */
	bool lingers, delivered;
	uint32_t account, n; /* n: fragments */
	int32_t end;	     /* -1: not known */
	struct reference_fragment *fragments;
	uint32_t seen[REASSEMBLY_NICS];
	uint8_t value[REFERENCE_BYTES];
	bool is_there[REFERENCE_BYTES];
};

struct reference {
	struct reassembly_limits limits;
	uint32_t expected;
	uint32_t (*account)(void *arg, const struct datagram_key *key);
	struct reassembly_stats stats;
	struct reassembly_account accounts[REFERENCE_ACCOUNTS];
	struct reference_datagram *datagrams; /* in the order in which they were opened */
	/* Of the last call. */
	struct delivery *delivery; /* NULL: none */
	uint64_t *released;	   /* frames, in any order */
	size_t n_released, room;
	const char *fault;
};

void reference_begin(struct reference *reference, const struct reassembly_limits *limits);
void reference_end(struct reference *reference);

/*
 * reassembly_add() for the frame fragment->frame. `released`: the `n` frames that the
 * engine has released for it, to see whom it chose.
 */
enum fragment_result reference_add(struct reference *reference, const struct fragment *fragment,
				   uint64_t now, const uint32_t *released, size_t n);
void reference_expire(struct reference *reference, uint64_t now);

/* What differs between this call's outcome and the engine's, as text; or NULL. */
const char *reference_compare(const struct reference *reference, const struct feed *feed);

/* --- between the reference's own two files --- */

/* What has run out, and for whom. */
struct wish {
	uint64_t (*holds)(const struct reference_datagram *datagram); /* of it */
	uint64_t limit;
	const struct reference_datagram *but; /* that is not to go */
	const uint32_t *released;	      /* by the engine */
	size_t n;
};

void reference_give_back(struct reference *reference, uint64_t frame);
void reference_begin_call(struct reference *reference, uint64_t now);
void reference_linger(struct reference *reference, struct reference_datagram *datagram,
		      uint64_t now);
void reference_discard(struct reference *reference, struct reference_datagram *datagram,
		       uint64_t now);
/* A key that has lingered, or whose id is used again. */
void reference_forget(struct reference *reference, struct reference_datagram *datagram);
void reference_room_for_datagram(struct reference *reference, struct wish *wish);
/* False: the datagram itself was lost. */
bool reference_room_for_fragment(struct reference *reference, struct reference_datagram *datagram,
				 uint32_t len, struct wish *wish);

#endif
