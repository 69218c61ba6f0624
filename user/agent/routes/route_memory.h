/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the agent remembers of each route that a statement means, by its name: the
 * MTU it was given, so that a change behind the agent's back is told from a first
 * touch, and what the kernel refused, so that it is not asked again at every event.
 * Where another program changes a route as often as this one puts it back, that is
 * done three times in ten seconds.
 * At most ROUTE_MEMORY of them, the absent ones are forgotten first.
 */
#ifndef XDPFRAG_ROUTE_MEMORY_H
#define XDPFRAG_ROUTE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/routes/route_plan.h"

#define ROUTE_MEMORY (2 * ROUTES_MAX)

struct route_note {
	char *name;
	uint32_t mtu; /* in force by a statement; 0: none is */
	uint64_t drift;
	uint64_t bout_at; /* CLOCK_MONOTONIC, seconds: when it was put back first of `puts` times */
	uint32_t puts;
	bool here; /* in the last dump */
	char reason[ROUTE_REASON];
	uint32_t refused_mtu; /* the kernel refused this; 0: nothing */
	uint64_t refused_at;  /* CLOCK_MONOTONIC, seconds */
};

struct route_memory {
	struct route_note *notes; /* sorted by name */
	size_t n, room;
};

/* NULL when there is none. */
struct route_note *route_note_find(const struct route_memory *memory, const char *name);
/* Makes one where there is none; NULL: no memory. The others may move. */
struct route_note *route_note_get(struct route_memory *memory, const char *name);
/* One more time put back. */
void route_note_drift(struct route_note *note);
/*
 * Why this route is not to have this MTU now: the kernel refused it within the last half
 * minute, or another program changes it again and again. NULL: it may.
 */
const char *route_note_refused(const char *name, uint32_t mtu, void *memory);
void route_note_refuse(struct route_note *note, uint32_t mtu, const char *why);
/* Forgets those that are not `here`. */
void route_memory_tidy(struct route_memory *memory);
void route_memory_free(struct route_memory *memory);

#endif
