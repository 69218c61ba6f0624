/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a trace's histories are kept: found by key, in the order in which they were opened or
 * reported, with memory that is taken once. Inside user/diagnose only.
 */
#ifndef XDPFRAG_TRACE_TABLE_H
#define XDPFRAG_TRACE_TABLE_H

#include <sys/queue.h>

#include "diagnose/multilinear.h"
#include "diagnose/trace_datagram.h"

#define TRACE_BUCKET_BITS 13

struct table_key {
	union {
		struct {
			uint8_t group[16], source[16];
			uint32_t id; /* as the stack sees it */
			uint8_t family, proto;
			uint16_t zero;
		};
		uint32_t word[MULTILINEAR_WORDS];
	};
};

struct entry {
	struct trace_datagram datagram;
	struct table_key key;
	uint64_t last;	      /* when something happened to it */
	uint64_t due;	      /* when it is to be looked at */
	bool reported;	      /* lingers */
	bool judged;	      /* since its rows changed */
	uint64_t whole_first; /* then: struct trace_findings */
	TAILQ_ENTRY(entry) list;
	LIST_ENTRY(entry) chain;
};

TAILQ_HEAD(entries, entry);

struct trace {
	struct trace_setup setup;
	struct trace_sums sums;
	struct multilinear hash;
	struct entries open, lingering; /* oldest first */
	LIST_HEAD(, entry) free, chains[1 << TRACE_BUCKET_BITS];
	struct trace_row *free_rows;
	char functions[TRACE_FUNCTIONS][sizeof(((struct xdpfrag_fate *)0)->function)];
	struct entry entries[TRACE_DATAGRAMS];
	struct trace_row rows[TRACE_ROWS];
};

/* IPv4 in the first four bytes of group and source; what lies behind is not looked at. */
struct table_key table_key(uint8_t family, uint8_t proto, const uint8_t *group,
			   const uint8_t *source, uint32_t id);
struct entry *table_find(struct trace *trace, const struct table_key *key);
/* Open and empty; another may have been forgotten for it. */
struct entry *table_new(struct trace *trace, const struct table_key *key);
/* Not part of a list yet. Others may be forgotten for it, but not `owner`; NULL when none is left.
 */
struct trace_row *table_new_row(struct trace *trace, const struct entry *owner);
const char *table_function(struct trace *trace, const char *function); /* a copy that stays */

void table_forget(struct trace *trace, struct entry *entry);
/* From open to lingering. */
void table_linger(struct trace *trace, struct entry *entry);
/* From lingering to open again, as a tail, without its rows. */
void table_make_tail(struct trace *trace, struct entry *entry);
/* Stays open, as a tail, with the rows that wait. */
void table_keep_waiting(struct trace *trace, struct entry *entry);

#endif
