// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What became of a run of numbered datagrams (probe_track.h).
 */
#include <string.h>

#include "probe_track.h"

static uint64_t *word_of(struct probe_track *track, uint64_t sequence)
{
	return &track->seen[sequence % PROBE_WINDOW / 64];
}

static uint64_t bit_of(uint64_t sequence)
{
	return 1ULL << (sequence % 64);
}

/* The number nearest to the expected one that ends in these 32 bits. */
static uint64_t extend(const struct probe_track *track, uint32_t sequence)
{
	int32_t distance = sequence - (uint32_t)track->next;

	/* The first to arrive is where it says. */
	if (!track->started)
		return sequence;
	/* No number lies before 0: then it is one far ahead. */
	if (distance < 0 && track->next < (uint64_t) - (int64_t)distance)
		return sequence;
	return track->next + distance;
}

/* Moves the window such that it ends before `next`, and forgets what it held there. */
static void advance(struct probe_track *track, uint64_t next)
{
	if (next - track->next >= PROBE_WINDOW) {
		memset(track->seen, 0, sizeof(track->seen));
	} else {
		uint64_t sequence;

		for (sequence = track->next; sequence < next; sequence++)
			*word_of(track, sequence) &= ~bit_of(sequence);
	}
	track->next = next;
}

/* Counts everything from the highest number seen up to `end` as missing. */
static void skip_to(struct probe_track *track, uint64_t end, struct probe_arrival *arrival)
{
	arrival->gap_first = track->next;
	arrival->gap_count = end - track->next;
	track->missing += arrival->gap_count;
	advance(track, end);
}

static enum probe_event add_old(struct probe_track *track, uint64_t sequence)
{
	if (track->next - sequence > PROBE_WINDOW) {
		track->late++;
		return PROBE_LATE;
	}
	if (*word_of(track, sequence) & bit_of(sequence)) {
		track->duplicates++;
		return PROBE_DUPLICATE;
	}
	track->reordered++;
	track->missing--;
	return PROBE_REORDERED;
}

void probe_track_add(struct probe_track *track, uint32_t sequence, struct probe_arrival *arrival)
{
	uint64_t extended = extend(track, sequence);

	memset(arrival, 0, sizeof(*arrival));
	arrival->sequence = extended;
	track->started = true;

	if (extended < track->next) {
		arrival->event = add_old(track, extended);
		if (arrival->event != PROBE_REORDERED)
			return;
	} else {
		arrival->event = PROBE_NEW;
		skip_to(track, extended, arrival);
		advance(track, extended + 1);
	}
	track->received++;
	*word_of(track, extended) |= bit_of(extended);
}

uint64_t probe_track_end(struct probe_track *track, uint64_t end, struct probe_arrival *arrival)
{
	memset(arrival, 0, sizeof(*arrival));
	if (end > track->next)
		skip_to(track, end, arrival);
	return arrival->gap_count;
}

const char *probe_event_name(enum probe_event event)
{
	static const char *const names[] = {
		[PROBE_NEW] = "new",
		[PROBE_REORDERED] = "reordered",
		[PROBE_DUPLICATE] = "duplicate",
		[PROBE_LATE] = "late",
	};

	return names[event];
}
