/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Some seconds of a host's life. Opened, fed with fragments from the XDP hook by
 * the agent and with everything else by the event loop, made into facts at the end,
 * closed. Changes nothing on the host; sends nothing but, when asked to probe, a
 * broadcast frame from each NIC.
 *
 * Memory: 3 MB, and 256 KiB for each NIC that is watched.
 */
#ifndef XDPFRAG_SAMPLE_H
#define XDPFRAG_SAMPLE_H

#include "diagnose/facts.h"

struct event_base;
struct sample;

/* A multicast fragment at the XDP hook. */
struct sample_fragment {
	uint64_t time; /* ns */
	uint32_t ifindex;
	uint32_t id;
	uint16_t offset; /* bytes */
	uint8_t family;
	bool passed; /* on to the stack; else a policy took it away */
	const uint8_t *group, *source;
};

/* 0 or negative errno. What alone cannot be watched becomes a note in the facts. */
int sample_open(struct sample **out, struct event_base *base, bool probe);
void sample_add_fragment(struct sample *sample, const struct sample_fragment *fragment);
/* Fragments that were added; on how many of them came in on two NICs, both passed. */
uint64_t sample_fragments(const struct sample *sample);
uint64_t sample_twins(const struct sample *sample);
/*
 * The end: everything that is read once is read, and what was gathered since
 * sample_open() goes into facts, which facts_init() has made. Takes milliseconds, and half
 * a second for a million routes. 0 or negative errno; the facts are to be freed in either case.
 */
int sample_finish(struct sample *sample, struct facts *facts);
void sample_close(struct sample *sample); /* NULL: nothing */

#endif
