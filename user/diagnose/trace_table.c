// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of histories (trace_table.h). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/trace_table.h"

void trace_doubt(struct trace *trace)
{
	trace->setup.stack_seen = false;
}

struct trace *trace_new(const struct trace_setup *setup)
{
	struct trace *trace = calloc(1, sizeof(*trace));
	size_t i;
	int err;

	if (!trace)
		return NULL;
	err = multilinear_init(&trace->hash);
	if (err) {
		free(trace);
		errno = -err;
		return NULL;
	}
	trace->setup = *setup;
	TAILQ_INIT(&trace->open);
	TAILQ_INIT(&trace->lingering);
	for (i = 0; i < TRACE_DATAGRAMS; i++)
		LIST_INSERT_HEAD(&trace->free, &trace->entries[i], chain);
	for (i = 0; i < TRACE_ROWS; i++) {
		trace->rows[i].next = trace->free_rows;
		trace->free_rows = &trace->rows[i];
	}
	return trace;
}

void trace_free(struct trace *trace)
{
	free(trace);
}

struct table_key table_key(uint8_t family, uint8_t proto, const uint8_t *group,
			   const uint8_t *source, uint32_t id)
{
	size_t len = family == AF_INET ? 4 : 16;
	struct table_key key = { .id = id, .family = family, .proto = proto };

	memcpy(key.group, group, len);
	memcpy(key.source, source, len);
	return key;
}

static uint32_t bucket_of(const struct trace *trace, const struct table_key *key)
{
	return multilinear(&trace->hash, key->word, MULTILINEAR_WORDS, TRACE_BUCKET_BITS);
}

struct entry *table_find(struct trace *trace, const struct table_key *key)
{
	struct entry *entry;

	LIST_FOREACH(entry, &trace->chains[bucket_of(trace, key)], chain)
	if (!memcmp(&entry->key, key, sizeof(*key)))
		return entry;
	return NULL;
}

/* Room for another, at the cost of the one that is needed least. */
static bool forget_one(struct trace *trace, const struct entry *but)
{
	struct entry *entry = TAILQ_FIRST(&trace->lingering);

	if (!entry) {
		entry = TAILQ_FIRST(&trace->open);
		if (entry == but)
			entry = TAILQ_NEXT(entry, list);
		if (!entry)
			return false;
		trace->sums.forgotten++;
	}
	table_forget(trace, entry);
	return true;
}

struct entry *table_new(struct trace *trace, const struct table_key *key)
{
	struct trace_datagram *datagram;
	struct entry *entry;

	if (LIST_EMPTY(&trace->free))
		forget_one(trace, NULL);
	entry = LIST_FIRST(&trace->free);
	LIST_REMOVE(entry, chain);
	memset(entry, 0, sizeof(*entry));
	entry->key = *key;
	datagram = &entry->datagram;
	datagram->family = key->family;
	datagram->proto = key->proto;
	datagram->stack_id = key->id;
	memcpy(datagram->group, key->group, sizeof(datagram->group));
	memcpy(datagram->source, key->source, sizeof(datagram->source));
	TAILQ_INSERT_TAIL(&trace->open, entry, list);
	LIST_INSERT_HEAD(&trace->chains[bucket_of(trace, key)], entry, chain);
	return entry;
}

struct trace_row *table_new_row(struct trace *trace, const struct entry *owner)
{
	struct trace_row *row;

	while (!trace->free_rows)
		if (!forget_one(trace, owner))
			return NULL;
	row = trace->free_rows;
	trace->free_rows = row->next;
	return row;
}

/* Without what the compiler has put behind: "ip_rcv_finish_core.constprop.0". */
const char *table_function(struct trace *trace, const char *function)
{
	char name[sizeof(trace->functions[0])] = "";
	size_t i;

	memcpy(name, function, strnlen(function, sizeof(name) - 1));
	name[strcspn(name, ".")] = '\0';
	for (i = 0; i < TRACE_FUNCTIONS && *trace->functions[i]; i++)
		if (!strcmp(trace->functions[i], name))
			return trace->functions[i];
	if (i == TRACE_FUNCTIONS || !*name)
		return "";
	memcpy(trace->functions[i], name, sizeof(name));
	return trace->functions[i];
}

static void free_rows(struct trace *trace, struct trace_datagram *datagram, bool but_waiting)
{
	struct trace_row **at = &datagram->rows, *row;

	while ((row = *at)) {
		if (but_waiting && row->waits) {
			at = &row->next;
			continue;
		}
		*at = row->next;
		row->next = trace->free_rows;
		trace->free_rows = row;
		datagram->n_rows--;
	}
}

void table_forget(struct trace *trace, struct entry *entry)
{
	TAILQ_REMOVE(entry->reported ? &trace->lingering : &trace->open, entry, list);
	LIST_REMOVE(entry, chain);
	free_rows(trace, &entry->datagram, false);
	LIST_INSERT_HEAD(&trace->free, entry, chain);
}

void table_linger(struct trace *trace, struct entry *entry)
{
	TAILQ_REMOVE(&trace->open, entry, list);
	TAILQ_INSERT_TAIL(&trace->lingering, entry, list);
	entry->reported = true;
	entry->due = entry->last + TRACE_LINGER;
}

static void begin_tail(struct entry *entry)
{
	struct trace_datagram *datagram = &entry->datagram;

	entry->judged = false;
	datagram->tail = true;
	datagram->n_whole = datagram->whole_left_out = datagram->rows_left_out = 0;
	datagram->bytes = 0;
}

void table_make_tail(struct trace *trace, struct entry *entry)
{
	free_rows(trace, &entry->datagram, false);
	begin_tail(entry);
	entry->reported = false;
	TAILQ_REMOVE(&trace->lingering, entry, list);
	TAILQ_INSERT_TAIL(&trace->open, entry, list);
}

void table_keep_waiting(struct trace *trace, struct entry *entry)
{
	free_rows(trace, &entry->datagram, true);
	begin_tail(entry);
	entry->due = entry->last + TRACE_QUIET;
}
