// SPDX-License-Identifier: GPL-2.0-or-later
/* A rig whose fragment events are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "event_rig.h"

uint64_t event_rig_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void on_event(const struct xdpfrag_event *event, void *arg)
{
	struct event_rig *watch = arg;

	watch->n++;
	watch->last = *event;
}

static void add(struct event_rig *watch, const char *group, const struct xdpfrag_policy *policy)
{
	struct rig_policy made =
		rig_policy(group, NULL, policy->allowed, policy->wrong, EVENT_RIG_ROW);

	made.policy.flags |= policy->flags;
	made.policy.redirect = policy->redirect;
	assert_int_equal(rig_add(&watch->rig, &made), 0);
}

void event_rig_open_reader(struct event_rig *watch)
{
	assert_int_equal(events_open(&watch->events, &watch->plane, on_event, watch), 0);
}

void event_rig_open(struct event_rig *watch, bool scope_all, struct xdpfrag_policy policy)
{
	struct rig_sizes sizes = { .link_slot = EVENT_RIG_SLOT, .scope_all = scope_all };

	memset(watch, 0, sizeof(*watch));
	assert_int_equal(rig_open(&watch->rig, &sizes), 0);
	if (scope_all)
		policy.flags |= XDPFRAG_F_SCOPE_ALL;
	add(watch, "239.0.0.15", &policy);
	add(watch, "ff3e::f", &policy);
	assert_int_equal(rig_commit(&watch->rig, 0, ~0ULL), 0);
	watch->plane.state = watch->rig.state;
	watch->plane.fds[PLANE_EVENTS] = watch->rig.events_fd;
	watch->plane.fds[PLANE_SOCKETS] = watch->rig.sockets_fd;
	watch->plane.fds[PLANE_CREDITS] = watch->rig.credits_fd;
}

void event_rig_open_watched(struct event_rig *watch, bool scope_all)
{
	event_rig_open(watch, scope_all, (struct xdpfrag_policy){ .allowed = EVENT_RIG_OWN });
	event_rig_open_reader(watch);
	events_renew(watch->events, 3600);
}

void event_rig_close(struct event_rig *watch)
{
	events_close(watch->events);
	rig_close(&watch->rig);
}

int event_rig_run(struct event_rig *watch, const struct frame *frame)
{
	static uint8_t buffer[FRAME_ROOM];
	size_t len = frame_build(buffer, sizeof(buffer), frame);

	assert_int_not_equal(len, 0);
	return rig_run(&watch->rig, buffer, len);
}

unsigned int event_rig_told(struct event_rig *watch)
{
	int n;

	watch->n = 0;
	n = events_read(watch->events);
	assert_int_equal(n, watch->n);
	return n;
}
