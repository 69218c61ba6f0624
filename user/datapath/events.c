// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the ring of fragment events. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "datapath/events.h"

/* A ring holds no more records than this (8 bytes: BPF_RINGBUF_HDR_SZ). */
#define RING_RECORDS (XDPFRAG_EVENTS_SIZE / (sizeof(struct xdpfrag_event) + 8))

struct events {
	struct plane *plane;
	struct ring_buffer *ring;
	event_fn fn; /* NULL: records are skipped */
	void *arg;
	size_t n; /* records of the call that is under way */
	uint64_t lost_before;
};

static int on_record(void *arg, void *data, size_t len)
{
	struct events *events = arg;

	if (len < sizeof(struct xdpfrag_event))
		return -EBADMSG;
	if (events->fn)
		events->fn(data, events->arg);
	/* Programs may write as fast as this reads: libbpf alone would never end. */
	return ++events->n < RING_RECORDS ? 0 : -EAGAIN;
}

int events_read(struct events *events)
{
	int err;

	events->n = 0;
	err = ring_buffer__consume(events->ring);
	if (err < 0 && err != -EAGAIN)
		return err;
	return events->n;
}

static uint64_t lost(const struct plane *plane)
{
	return plane->state ? __atomic_load_n(&plane->state->lost, __ATOMIC_RELAXED) : 0;
}

int events_open(struct events **out, struct plane *plane, event_fn fn, void *arg)
{
	struct events *events;
	int err;

	if (plane->reader)
		return -EBUSY;
	if (!plane->state)
		return -ENOENT;
	events = calloc(1, sizeof(*events));
	if (!events)
		return -ENOMEM;
	events->plane = plane;
	events->ring = ring_buffer__new(plane->fds[PLANE_EVENTS], on_record, events, NULL);
	if (!events->ring) {
		err = -errno;
		free(events);
		return err;
	}
	/* What a reader before did not want to know any more. */
	err = events_read(events);
	if (err < 0) {
		ring_buffer__free(events->ring);
		free(events);
		return err;
	}
	events->fn = fn;
	events->arg = arg;
	events->lost_before = lost(plane);
	plane->reader = events;
	*out = events;
	return 0;
}

int events_fd(const struct events *events)
{
	return ring_buffer__epoll_fd(events->ring);
}

static void set_watch(const struct events *events, uint64_t until)
{
	struct xdpfrag_state *state = events->plane->state;

	if (state)
		__atomic_store_n(&state->watch, until, __ATOMIC_RELAXED);
}

void events_renew(struct events *events, unsigned int seconds)
{
	struct timespec now;

	/* The clock of bpf_ktime_get_ns(). */
	clock_gettime(CLOCK_MONOTONIC, &now);
	set_watch(events, (now.tv_sec + (uint64_t)seconds) * 1000000000 + now.tv_nsec);
}

uint64_t events_lost(const struct events *events)
{
	return lost(events->plane) - events->lost_before;
}

void events_close(struct events *events)
{
	if (!events)
		return;
	set_watch(events, 0);
	if (events->plane->reader == events)
		events->plane->reader = NULL;
	ring_buffer__free(events->ring);
	free(events);
}
