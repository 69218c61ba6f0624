// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading the ring of fragment events. A ring has one consumer's position, so all readers
 * of a plane share one `struct events_ring`, which hangs in the plane while there is a reader
 * and hands each record to all of them.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "datapath/events.h"

/* A ring holds no more records than this (8 bytes: BPF_RINGBUF_HDR_SZ). */
#define RING_RECORDS (XDPFRAG_EVENTS_SIZE / (sizeof(struct xdpfrag_event) + 8))

struct events_ring {
	struct plane *plane;
	struct ring_buffer *ring;
	struct events *readers;
	size_t n; /* records of the call that is under way */
};

struct events {
	struct events_ring *shared;
	struct events *next;
	event_fn fn;
	void *arg;
	uint64_t until; /* its own watch, ns of CLOCK_MONOTONIC; 0: none */
	uint64_t lost_before;
};

static int on_record(void *arg, void *data, size_t len)
{
	struct events_ring *shared = arg;
	struct events *reader;

	if (len < sizeof(struct xdpfrag_event))
		return -EBADMSG;
	for (reader = shared->readers; reader; reader = reader->next)
		reader->fn(data, reader->arg);
	/* Programs may write as fast as this reads: libbpf alone would never end. */
	return ++shared->n < RING_RECORDS ? 0 : -EAGAIN;
}

static int consume(struct events_ring *shared)
{
	int err;

	shared->n = 0;
	err = ring_buffer__consume(shared->ring);
	if (err < 0 && err != -EAGAIN)
		return err;
	return shared->n;
}

int events_read(struct events *events)
{
	return consume(events->shared);
}

static uint64_t lost(const struct plane *plane)
{
	return plane->state ? __atomic_load_n(&plane->state->lost, __ATOMIC_RELAXED) : 0;
}

static int open_ring(struct plane *plane)
{
	struct events_ring *shared = calloc(1, sizeof(*shared));
	int err;

	if (!shared)
		return -ENOMEM;
	shared->plane = plane;
	shared->ring = ring_buffer__new(plane->fds[PLANE_EVENTS], on_record, shared, NULL);
	if (!shared->ring) {
		err = -errno;
		free(shared);
		return err;
	}
	plane->reader = shared;
	return 0;
}

static void close_ring(struct events_ring *shared)
{
	if (shared->plane->reader == shared)
		shared->plane->reader = NULL;
	ring_buffer__free(shared->ring);
	free(shared);
}

int events_open(struct events **out, struct plane *plane, event_fn fn, void *arg)
{
	struct events *events;
	int err;

	if (!plane->state)
		return -ENOENT;
	events = calloc(1, sizeof(*events));
	if (!events)
		return -ENOMEM;
	err = plane->reader ? 0 : open_ring(plane);
	/* What came before is for those who read already, if there are any. */
	if (!err)
		err = consume(plane->reader);
	if (err < 0) {
		if (plane->reader && !plane->reader->readers)
			close_ring(plane->reader);
		free(events);
		return err;
	}
	*events = (struct events){ .shared = plane->reader,
				   .next = plane->reader->readers,
				   .fn = fn,
				   .arg = arg,
				   .lost_before = lost(plane) };
	plane->reader->readers = events;
	*out = events;
	return 0;
}

int events_fd(const struct events *events)
{
	return ring_buffer__epoll_fd(events->shared->ring);
}

/* The programs write for as long as the most patient reader wants. */
static void set_watch(const struct events_ring *shared)
{
	struct xdpfrag_state *state = shared->plane->state;
	const struct events *reader;
	uint64_t until = 0;

	for (reader = shared->readers; reader; reader = reader->next)
		if (reader->until > until)
			until = reader->until;
	if (state)
		__atomic_store_n(&state->watch, until, __ATOMIC_RELAXED);
}

void events_renew(struct events *events, unsigned int seconds)
{
	struct timespec now;

	/* The clock of bpf_ktime_get_ns(). */
	clock_gettime(CLOCK_MONOTONIC, &now);
	events->until = (now.tv_sec + (uint64_t)seconds) * 1000000000 + now.tv_nsec;
	set_watch(events->shared);
}

uint64_t events_lost(const struct events *events)
{
	return lost(events->shared->plane) - events->lost_before;
}

void events_close(struct events *events)
{
	struct events_ring *shared;
	struct events **at;

	if (!events)
		return;
	shared = events->shared;
	for (at = &shared->readers; *at != events; at = &(*at)->next)
		;
	*at = events->next;
	set_watch(shared);
	if (!shared->readers)
		close_ring(shared);
	free(events);
}
