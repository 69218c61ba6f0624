/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Histories of datagrams: fragments at the XDP hook and fates in the stack in, and for each
 * (source, group, id) out what came in where and how it ended. Pure: no I/O, and the clock
 * comes in with what is added.
 *
 * Life of a datagram: its first fragment opens it. It is looked at when nothing has happened
 * for TRACE_QUIET; when its end can be told it is reported, once. Then it lingers, so that a
 * copy that comes later is known as one: such a copy, or one that waits in the kernel since
 * the datagram became whole, opens a history of its own, the `tail`, which ends as a
 * duplicate unless it becomes whole again.
 *
 * Whether the kernel has put a datagram together is not seen but reckoned, from the
 * fragments that went on to it less those that it dropped on arrival; the fates of whole
 * datagrams then say what became of it.
 *
 * Memory is taken once, in trace_new(): 8 MB, for TRACE_DATAGRAMS and TRACE_ROWS. When either
 * is used up the datagram that lingers longest is forgotten, and if none does the oldest
 * open one, which is counted.
 */
#ifndef XDPFRAG_TRACE_DATAGRAM_H
#define XDPFRAG_TRACE_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diagnose/trace_cause.h"
#include "xdpfrag/fate.h"

/* Given from outside by its fuzzer alone, which is to come upon each bound. */
#ifndef TRACE_DATAGRAMS
#define TRACE_DATAGRAMS 8192  /* open and lingering */
#define TRACE_ROWS	65536 /* fragments, of all of them */
#define TRACE_ROWS_EACH 512   /* of one */
#define TRACE_FUNCTIONS 64    /* of the kernel, named in fates */
#endif
#define TRACE_FATES  4		   /* of one, as a whole; more are counted */
#define TRACE_QUIET  100000000ULL  /* ns */
#define TRACE_UNREAD 1000000000ULL /* ns that a whole datagram may take to a socket, unseen */
#define TRACE_LINGER 5000000000ULL /* ns */

enum trace_end {
	END_DELIVERED, /* to a socket */
	END_REBUILT,   /* the same, put together by the agent */
	END_WRONG_NIC, /* whole (or each fragment) on a NIC without a membership, and lost */
	END_TIMEOUT,   /* a fragment never came */
	END_DUPLICATE, /* fragments of a datagram that was whole already */
	END_DISCARDED, /* an overlap or a malformed fragment ended the queue */
	END_DROPPED,   /* by the stack for another reason, which its fates tell */
	END_POLICY,    /* no fragment went on: dropped or redirected by the policy */
	END_UNKNOWN,   /* whole, and what the stack does cannot be seen */
	END_OPEN,      /* the trace ended first */
	TRACE_ENDS,
};

extern const char *const trace_end_names[TRACE_ENDS]; /* "delivered", "wrong-nic", ... */

struct trace_fragment {
	uint64_t time; /* ns */
	uint32_t nic;  /* ifindex */
	uint32_t id;   /* as it came */
	/* As the stack sees it: `apart` gives each link's copies another. */
	uint32_t stack_id;
	uint16_t offset, len, vlan;
	uint8_t family, proto;
	uint8_t verdict; /* enum xdpfrag_verdict or XDPFRAG_NO_VERDICT */
	bool more;
	const uint8_t *group, *source; /* 16 bytes, IPv4 in the first four */
};

/* A fragment in a history, in the order of time. */
struct trace_row {
	struct trace_row *next;
	uint64_t time;
	uint64_t dropped_at;  /* by the stack; 0: it was not */
	const char *function; /* there: where; "" */
	uint32_t nic, reason;
	uint16_t offset, len, vlan;
	uint8_t verdict;
	uint8_t cause; /* enum trace_cause */
	bool more;
	bool completes; /* with this one it was whole */
	bool after;	/* came in behind one that completed it */
	bool waits;	/* in the kernel, for others */
};

/* What became of it as a whole. */
struct trace_whole {
	uint64_t time;
	const char *function; /* dropped: where; "" */
	uint32_t nic;	      /* where it came from; 0: not known */
	uint32_t reason;      /* dropped: enum skb_drop_reason */
	uint32_t pid;	      /* read: by whom */
	uint16_t port;	      /* queued: the socket's */
	uint8_t flags;	      /* XDPFRAG_FATE_* */
	uint8_t cause;	      /* enum trace_cause */
	char program[16];
};

struct trace_datagram {
	uint8_t group[16], source[16];
	uint32_t id, stack_id;
	uint8_t family, proto;
	bool tail;	/* of one that was reported: copies after its completion */
	uint32_t bytes; /* of payload; 0: the last fragment was not seen */
	struct trace_row *rows;
	unsigned int n_rows, rows_left_out;
	struct trace_whole whole[TRACE_FATES];
	unsigned int n_whole, whole_left_out;
	enum trace_end end;
	uint64_t ended_at; /* time of what ended it */
};

struct trace_setup {
	bool stack_seen;	     /* fates come in */
	uint64_t timeout4, timeout6; /* ns that a queue of the stack waits */
	uint64_t timeout_agent;	     /* and the agent's own reassembly */
	/* A history has ended. Good until it returns. Must not call into the trace. */
	void (*ended)(const struct trace_datagram *datagram, void *arg);
	void *arg;
};

struct trace_sums {
	uint64_t datagrams; /* seen; tails are not counted */
	uint64_t fragments;
	uint64_t ends[TRACE_ENDS];
	uint64_t forgotten; /* too many at once: their end was not waited for */
};

struct trace;

struct trace *trace_new(const struct trace_setup *setup); /* NULL and errno */
void trace_free(struct trace *trace);			  /* NULL: nothing */
void trace_add_fragment(struct trace *trace, const struct trace_fragment *fragment);
/* Of a fragment or datagram that was added before; others are ignored. */
void trace_add_fate(struct trace *trace, const struct xdpfrag_fate *fate, enum trace_cause cause);
/*
 * Fates are lost, or come in no more: from now on an end that none has told of is not known,
 * rather than taken for a delivery.
 */
void trace_doubt(struct trace *trace);
/* Reports what has ended; to be called every TRACE_QUIET or so. */
void trace_look(struct trace *trace, uint64_t now);
/* Reports all that is open, as it stands. */
void trace_flush(struct trace *trace);
const struct trace_sums *trace_sums(const struct trace *trace);

#endif
