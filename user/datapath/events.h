/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the ring of fragment events (xdpfrag/event.h). Opened on a plane while
 * somebody watches. Any number of readers of one process: each is told of every record,
 * whoever of them asks, and the watch ends with the last of them.
 *
 * The struct plane must stay where it is. Another plane may take its place in it
 * (plane_share()); the readers and their fds go on.
 */
#ifndef XDPFRAG_EVENTS_H
#define XDPFRAG_EVENTS_H

#include <stdint.h>

#include "datapath/plane.h"
#include "xdpfrag/event.h"

struct events;

/* Must not open or close a reader. */
typedef void (*event_fn)(const struct xdpfrag_event *event, void *arg);

/* Told only of what comes from now on. Nothing is written before events_renew(). */
int events_open(struct events **events, struct plane *plane, event_fn fn, void *arg);
int events_fd(const struct events *events); /* readable when there are records; shared by all */
/*
 * Hands the records that are there to each reader's fn; their number or negative errno. Those
 * that come in meanwhile may be left for the next call.
 */
int events_read(struct events *events);
/*
 * The programs write for `seconds` from now on; to be called again before they are
 * over. So that a killed agent does not leave them writing for longer.
 */
void events_renew(struct events *events, unsigned int seconds);
uint64_t events_lost(const struct events *events); /* since it was opened */
void events_close(struct events *events);	   /* NULL: nothing */

#endif
