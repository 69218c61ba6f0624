/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rig with a policy for the groups of V4 and V6 (steer_frames.h), seen as the
 * agent sees a plane, and a reader of its fragment events. Needs cmocka: what
 * does not work fails the test.
 */
#ifndef XDPFRAG_TESTS_EVENT_RIG_H
#define XDPFRAG_TESTS_EVENT_RIG_H

#include "datapath/events.h"
#include "frames.h"
#include "steer_rig.h"

#define EVENT_RIG_SLOT 7
#define EVENT_RIG_OWN  (1ULL << EVENT_RIG_SLOT) /* `allowed`: this link */
#define EVENT_RIG_ROW  3			/* of both policies */

struct event_rig {
	struct rig rig;
	struct plane plane;
	struct events *events;
	/* Of the last event_rig_told(). */
	unsigned int n;
	struct xdpfrag_event last;
};

uint64_t event_rig_now(void); /* ns, CLOCK_MONOTONIC */

/* Nobody watches yet. */
void event_rig_open(struct event_rig *watch, bool scope_all, struct xdpfrag_policy policy);
void event_rig_open_reader(struct event_rig *watch);
/* Both, and the programs write; this link is allowed. */
void event_rig_open_watched(struct event_rig *watch, bool scope_all);
void event_rig_close(struct event_rig *watch);

/* The program's action on one frame. */
int event_rig_run(struct event_rig *watch, const struct frame *frame);
/* Reads the records that there are. */
unsigned int event_rig_told(struct event_rig *watch);

#endif
