/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of a run of numbered datagrams: gaps, duplicates, reordering. Pure:
 * sequence numbers in, events and sums out.
 *
 * A number counts as missing from the moment a later one arrives, and stops
 * counting when it arrives after all. Numbers are 32 bits and may wrap; inside
 * they are extended to 64. Of the last PROBE_WINDOW numbers it is known which
 * arrived; older ones can only be called late.
 */
#ifndef XDPFRAG_PROBE_TRACK_H
#define XDPFRAG_PROBE_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#define PROBE_WINDOW (1U << 20) /* numbers; 10 s at 100,000 a second */

enum probe_event {
	PROBE_NEW,	 /* the next in order, or with a gap before it */
	PROBE_REORDERED, /* after a later one, for the first time */
	PROBE_DUPLICATE, /* not for the first time */
	PROBE_LATE,	 /* so old that it cannot be told whether it is a duplicate */
};

/* All zeroes is a track of nothing. 128 KiB: not for the stack. */
struct probe_track {
	bool started;
	uint64_t next;	   /* one more than the highest number seen */
	uint64_t received; /* different numbers */
	uint64_t missing;
	uint64_t duplicates;
	uint64_t reordered;
	uint64_t late;
	uint64_t seen[PROBE_WINDOW / 64]; /* bit n % PROBE_WINDOW: number n arrived */
};

struct probe_arrival {
	enum probe_event event;
	uint64_t sequence;  /* extended */
	uint64_t gap_first; /* PROBE_NEW: the first of gap_count numbers that are missing now */
	uint64_t gap_count; /* 0: no gap */
};

void probe_track_add(struct probe_track *track, uint32_t sequence, struct probe_arrival *arrival);

/*
 * The run ends before number `end`: what lies between the highest one seen and
 * there is missing too. Returns how many those are; arrival as above.
 */
uint64_t probe_track_end(struct probe_track *track, uint64_t end, struct probe_arrival *arrival);

const char *probe_event_name(enum probe_event event); /* "new", "reordered", … */

#endif
