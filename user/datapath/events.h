/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the ring of fragment events (xdpfrag/event.h). Opened on a plane while
 * somebody watches; closing it ends the watch. One reader at a time.
 *
 * The struct plane must stay where it is. Another plane may take its place in it
 * (plane_share_events()); the reader and its fd go on.
 */
#ifndef XDPFRAG_EVENTS_H
#define XDPFRAG_EVENTS_H

#include <stdint.h>

#include "datapath/plane.h"
#include "xdpfrag/event.h"

/* Must not close the reader. */
typedef void (*event_fn)(const struct xdpfrag_event *event, void *arg);

/* -EBUSY when there is a reader already. Nothing is written before events_renew(). */
int events_open(struct events **events, struct plane *plane, event_fn fn, void *arg);
int events_fd(const struct events *events); /* readable when there are records */
/*
 * Hands the records that are there to fn; their number or negative errno. Those
 * that come in meanwhile may be left for the next call.
 */
int events_read(struct events *events);
/*
 * The programs write for `seconds` from now on; to be called again before they are
 * over. So that a killed agent does not leave them writing.
 */
void events_renew(struct events *events, unsigned int seconds);
uint64_t events_lost(const struct events *events); /* since it was opened */
void events_close(struct events *events);	   /* NULL: nothing */

#endif
