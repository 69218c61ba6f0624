/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reassembly engine: fragments and a clock in, whole datagrams and reasons out.
 * Pure: no I/O, and no allocation after reassembly_new().
 *
 * A datagram is known by source, group, id, protocol and VLAN, not by the NIC its
 * fragments came in on: copies from several NICs feed one context, and the first
 * of each wins. A context ends whole, timed out, discarded (overlap) or evicted;
 * after the first and the third its key lingers, so that a copy that trails opens
 * nothing.
 *
 * Nothing is copied: a fragment's bytes stay in the caller's frame. A frame belongs
 * to the engine from reassembly_add() on, and is given back exactly once, by
 * ops->release(), during that call or a later one.
 */
#ifndef XDPFRAG_REASSEMBLY_H
#define XDPFRAG_REASSEMBLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REASSEMBLY_NICS 16 /* NICs whose contributions are told apart */

/* RFC 791 3.2, RFC 8200 4.5; the protocol of an IPv6 fragment is the fragment header's next. */
struct datagram_key {
	uint8_t source[16]; /* network byte order, IPv4 in the first four bytes, the rest 0 */
	uint8_t group[16];
	uint32_t id;	/* as a number */
	uint16_t vlan;	/* 0: none; else tells tags apart */
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t proto;	/* 0 with AF_INET6: no part of its key */
};

struct fragment {
	struct datagram_key key;
	uint64_t frame; /* the caller's name for the memory behind the pointers */
	/* The IP header with its options or extension headers; IPv6: then the fragment header. */
	const uint8_t *header;
	const uint8_t *data; /* what is behind them, without a gap */
	uint16_t header_len; /* bytes; IPv6: without the fragment header */
	uint8_t l2_len;	     /* bytes of Ethernet header and tag before the IP header */
	uint16_t len;	     /* bytes of data */
	uint16_t offset;     /* bytes */
	bool more;	     /* MF, M */
	bool df;	     /* IPv4: DF is set */
	uint8_t next;	     /* IPv6: the fragment header's next header */
	uint8_t ecn;	     /* the two bits of RFC 3168 */
	uint8_t nic;	     /* 0 to REASSEMBLY_NICS - 1 */
};

/*
 * When contexts, fragments or bytes have run out, the source that holds most of them
 * loses its oldest datagram, if it holds over an eighth. When nobody does (a flood from
 * many sources), of the eight oldest datagrams the one with the fewest fragments goes,
 * the oldest of these. The one that a fragment is for does not go for it, unless it is
 * all that such a source has. Keys that linger go first, down to a quarter of the
 * contexts.
 */
struct reassembly_limits {
	uint32_t contexts;  /* datagrams being put together, and keys that linger */
	uint32_t fragments; /* held, all datagrams together: frames that the caller can spare */
	uint64_t bytes;	    /* of data held, all datagrams together */
	uint64_t bytes_per_source;   /* held of one source */
	uint32_t datagram_fragments; /* held of one datagram, up to 8192 */
	uint32_t accounts;	     /* up to 65535; 0 counts as 1 */
	uint64_t lifetime;	     /* ns from the first fragment; arrivals do not extend it */
	uint64_t linger;	     /* ns that a key is refused after its datagram's end */
};

/* 64 KiB at MTU 1500 is 45 fragments. */
#define REASSEMBLY_LIMITS                                                                \
	(struct reassembly_limits)                                                       \
	{                                                                                \
		.contexts = 16384, .fragments = 32768, .bytes = 64U << 20,               \
		.bytes_per_source = 16U << 20, .datagram_fragments = 128, .accounts = 1, \
		.lifetime = 1000000000ULL, .linger = 250000000ULL,                       \
	}

/* What became of a fragment. */
enum fragment_result {
	FRAGMENT_KEPT,	    /* waits for others */
	FRAGMENT_COMPLETED, /* its datagram was delivered */
	FRAGMENT_DUPLICATE, /* the same bytes were there already */
	FRAGMENT_LINGERED,  /* its datagram has ended: trailing copies, mostly */
	/* Other than an exact duplicate, or contradicts where the datagram ends: that is discarded
	 * (RFC 5722).
	 */
	FRAGMENT_OVERLAP,
	/* Length 0, not a multiple of 8 with more to come, or over 65,535 whatever the header: the
	 * fragment is ignored. Completes a datagram that is over 65,535 with its header: that is
	 * discarded.
	 */
	FRAGMENT_MALFORMED,
	FRAGMENT_TOO_MANY, /* more than one datagram, or its source when all is full, may have:
			    * that is discarded, or evicted
			    */
	FRAGMENT_ECN,	   /* not-ECT mixed with CE (RFC 3168 5.3): the datagram is discarded */
	FRAGMENT_RESULTS,
};

/* Why a datagram ended without having become whole. */
enum datagram_loss {
	LOSS_TIMEOUT,	/* its lifetime is over */
	LOSS_OVERLAP,	/* discarded: FRAGMENT_OVERLAP, _MALFORMED, _TOO_MANY, _ECN */
	LOSS_CONTEXTS,	/* evicted: no more contexts */
	LOSS_FRAGMENTS, /* evicted: no more fragments */
	LOSS_BYTES,	/* evicted: no more bytes */
	LOSS_SOURCE,	/* evicted: no more bytes of its source */
	LOSS_REASONS,
};

/* What one NIC gave to the datagrams of an account. */
struct nic_share {
	uint64_t first;	    /* fragments of which this NIC's copy came first */
	uint64_t duplicate; /* copies of what was there already, also of datagrams that had ended */
	uint64_t made_good; /* fragments of delivered datagrams that never came in here, told when
			     * the datagram's key has lingered: the NIC has had its chance
			     */
};

/* What was counted for the datagrams that ops->account() put together: a group's. */
struct reassembly_account {
	uint64_t completed, bytes; /* datagrams, and their data */
	uint64_t lost;		   /* datagrams that ended without having become whole */
	struct nic_share nics[REASSEMBLY_NICS];
};

struct reassembly_stats {
	uint64_t fragments[FRAGMENT_RESULTS];
	uint64_t losses[LOSS_REASONS]; /* datagrams */
	uint64_t completed;	       /* datagrams */
	uint64_t completed_bytes;      /* their data, without headers */
	uint64_t evicted_lingering;    /* keys that had to go before their time */
	/* now, and at most since the beginning */
	uint32_t contexts, contexts_max;   /* datagrams being put together */
	uint32_t lingering, lingering_max; /* keys */
	uint32_t held, held_max;	   /* fragments */
	uint64_t bytes, bytes_max;
};

struct piece {
	const uint8_t *data;
	uint32_t len;
};

/* A whole datagram; good during the call of ops->deliver(). */
struct datagram {
	const struct datagram_key *key;
	const uint8_t *header;	    /* of the first fragment */
	const struct piece *pieces; /* the data in order */
	uint32_t n_pieces;
	uint32_t len; /* bytes of data */
	uint16_t header_len;
	uint8_t l2_len;
	uint8_t next; /* IPv6 */
	uint8_t ecn;  /* for the rebuilt header */
	bool df;      /* the largest packet had DF (net/ipv4/ip_fragment.c) */
	uint32_t account;
	uint32_t nics; /* bit n: NIC n gave a fragment */
};

struct reassembly_ops {
	void (*deliver)(void *arg, const struct datagram *datagram);
	void (*release)(void *arg, uint64_t frame);
	/* The account of a new datagram; NULL: all on account 0. One beyond the last is the last.
	 */
	uint32_t (*account)(void *arg, const struct datagram_key *key);
	void *arg;
};

struct reassembly;

/* NULL when memory is out or a limit is 0 or over what is said above. */
struct reassembly *reassembly_new(const struct reassembly_limits *limits,
				  const struct reassembly_ops *ops);
/* Releases all frames that are held. NULL: nothing. */
void reassembly_free(struct reassembly *engine);
size_t reassembly_memory(const struct reassembly_limits *limits); /* bytes that _new() takes */

/* Bit n: NIC n is expected to carry every datagram; for nic_share.made_good. */
void reassembly_expect(struct reassembly *engine, uint32_t nics);

/*
 * Lowers limits.fragments, for good; 0 does nothing. What is held beyond it stays until it
 * ends, or another wants room.
 */
void reassembly_hold_at_most(struct reassembly *engine, uint32_t fragments);
/*
 * The caller was held up for so many ns, and has copies that came in before that. Keys
 * linger for as much longer, lest these make a datagram a second time.
 */
void reassembly_held_up(struct reassembly *engine, uint64_t ns);

/* `now` in ns never goes back. */
enum fragment_result reassembly_add(struct reassembly *engine, const struct fragment *fragment,
				    uint64_t now);
/* The same for each of them in turn, without waiting for memory one by one. */
void reassembly_add_many(struct reassembly *engine, const struct fragment *fragments, uint32_t n,
			 uint64_t now);
/* Ends what has outlived its time; to be called now and then where no fragment comes in. */
void reassembly_expire(struct reassembly *engine, uint64_t now);

const struct reassembly_stats *reassembly_stats(struct reassembly *engine);
const struct reassembly_account *reassembly_account(const struct reassembly *engine,
						    uint32_t account);
/* Begins at zero, for another group; datagrams on it count on the last account from now on. */
void reassembly_clear_account(struct reassembly *engine, uint32_t account);

#endif
