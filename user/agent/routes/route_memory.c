// SPDX-License-Identifier: GPL-2.0-or-later
/* What the agent remembers of each route that a statement means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/routes/route_memory.h"

#define RETRY_SECONDS 30
#define BOUT_SECONDS  10
#define BOUT_PUTS     3

static uint64_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* The first place whose name does not come before this one. */
static size_t find_place(const struct route_memory *memory, const char *name)
{
	size_t from = 0, to = memory->n;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (strcmp(memory->notes[middle].name, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

struct route_note *route_note_find(const struct route_memory *memory, const char *name)
{
	size_t place = find_place(memory, name);

	if (place == memory->n || strcmp(memory->notes[place].name, name))
		return NULL;
	return &memory->notes[place];
}

static bool make_room(struct route_memory *memory)
{
	size_t room = memory->room ? 2 * memory->room : 16;
	struct route_note *grown;

	if (memory->n == ROUTE_MEMORY)
		route_memory_tidy(memory);
	if (memory->n == ROUTE_MEMORY)
		return false;
	if (memory->n < memory->room)
		return true;
	grown = reallocarray(memory->notes, room, sizeof(*grown));
	if (!grown)
		return false;
	memory->notes = grown;
	memory->room = room;
	return true;
}

struct route_note *route_note_get(struct route_memory *memory, const char *name)
{
	struct route_note *note = route_note_find(memory, name);
	char *copy;

	if (note)
		return note;
	if (!make_room(memory))
		return NULL;
	copy = strdup(name);
	if (!copy)
		return NULL;
	note = &memory->notes[find_place(memory, name)];
	memmove(note + 1, note, (memory->notes + memory->n - note) * sizeof(*note));
	*note = (struct route_note){ .name = copy, .here = true };
	memory->n++;
	return note;
}

void route_note_drift(struct route_note *note)
{
	uint64_t now = now_seconds();

	if (now >= note->bout_at + BOUT_SECONDS) {
		note->bout_at = now;
		note->puts = 0;
	}
	note->puts++;
	note->drift++;
}

const char *route_note_refused(const char *name, uint32_t mtu, void *arg)
{
	const struct route_note *note = route_note_find(arg, name);

	if (note && note->puts >= BOUT_PUTS && now_seconds() < note->bout_at + BOUT_SECONDS)
		return "another program changes it again and again; it is put back every ten "
		       "seconds";
	if (!note || !note->refused_at || note->refused_mtu != mtu ||
	    now_seconds() >= note->refused_at + RETRY_SECONDS)
		return NULL;
	return note->reason;
}

void route_note_refuse(struct route_note *note, uint32_t mtu, const char *why)
{
	note->refused_mtu = mtu;
	note->refused_at = now_seconds();
	snprintf(note->reason, sizeof(note->reason), "%s", why);
}

void route_memory_tidy(struct route_memory *memory)
{
	size_t i, kept = 0;

	for (i = 0; i < memory->n; i++) {
		if (memory->notes[i].here)
			memory->notes[kept++] = memory->notes[i];
		else
			free(memory->notes[i].name);
	}
	memory->n = kept;
}

void route_memory_free(struct route_memory *memory)
{
	size_t i;

	for (i = 0; i < memory->n; i++)
		free(memory->notes[i].name);
	free(memory->notes);
	memset(memory, 0, sizeof(*memory));
}
