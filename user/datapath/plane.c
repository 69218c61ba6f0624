// SPDX-License-Identifier: GPL-2.0-or-later
/* The shared maps: made, taken over, shared, pinned, and let go of. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datapath/bpffs.h"
#include "datapath/grace.h"
#include "datapath/map.h"
#include "datapath/plane.h"
#include "datapath/steer.h"
#include "xdpfrag/captured.h"
#include "xdpfrag/event.h"
#include "steer.skel.h"

const char *const plane_map_names[PLANE_MAPS] = {
	[PLANE_STATE] = "state",       [PLANE_GROUPS4] = "groups4",
	[PLANE_GROUPS6] = "groups6",   [PLANE_REDIRECTS] = "redirects",
	[PLANE_EVENTS] = "events",     [PLANE_SOCKETS] = "sockets",
	[PLANE_CREDITS] = "credits",   [PLANE_PATHS] = "paths",
	[PLANE_CAPTURED] = "captured", [PLANE_CAPTURE_COUNTS] = "capture_counts",
};

#define STATE_MAP ".data.state" /* libbpf names a section's map after the section */
#define CREDITS	  XDPFRAG_CREDITS

static size_t groups4_len(const struct plane_shape *shape)
{
	return 2 * table_slots(shape->bits4) * sizeof(struct xdpfrag_group4);
}

static size_t groups6_len(const struct plane_shape *shape)
{
	return 2 * table_slots(shape->bits6) * sizeof(struct xdpfrag_group6);
}

static void plane_clear(struct plane *plane)
{
	memset(plane, 0, sizeof(*plane));
	memset(plane->fds, 0xff, sizeof(plane->fds));
	plane->grace_fd = -1;
}

static int map_tables(struct plane *plane)
{
	plane->groups4 = map_memory(plane->fds[PLANE_GROUPS4], groups4_len(&plane->shape));
	plane->groups6 = map_memory(plane->fds[PLANE_GROUPS6], groups6_len(&plane->shape));
	plane->credits = map_memory(plane->fds[PLANE_CREDITS], CREDITS * sizeof(*plane->credits));
	if (!plane->groups4 || !plane->groups6 || !plane->credits)
		return -errno;
	plane->grace_fd = grace_open();
	return plane->grace_fd < 0 ? plane->grace_fd : 0;
}

static int map_state(struct plane *plane)
{
	struct bpf_map_info info;
	int err = map_info(plane->fds[PLANE_STATE], &info);

	if (err)
		return err;
	if (info.value_size != sizeof(struct xdpfrag_state))
		return -ENOENT;
	plane->state_id = info.id;
	plane->state = map_memory(plane->fds[PLANE_STATE], sizeof(*plane->state));
	return plane->state ? 0 : -errno;
}

/* The maps that instances share, without any program. */
static int make_maps(struct plane *plane, struct steer_bpf *skel)
{
	int i, err;

	bpf_program__set_autoload(skel->progs.xdpfrag_steer, false);
	bpf_map__set_autocreate(skel->maps.counters, false);
	bpf_map__set_autocreate(skel->maps.reasons, false);
	err = steer_bpf__load(skel);
	if (err)
		return err;
	for (i = 0; i < PLANE_MAPS; i++) {
		plane->fds[i] = dup(bpf_map__fd(steer_map(skel, i)));
		if (plane->fds[i] < 0)
			return -errno;
	}
	return 0;
}

/* 0 when it cannot be told, which is nobody's. */
static uint64_t own_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) < 0 ? 0 : st.st_ino;
}

int plane_create(struct plane *plane, const struct plane_shape *shape)
{
	struct steer_bpf *skel;
	int err;

	plane_clear(plane);
	plane->shape = *shape;
	plane->build = build_hash();
	skel = steer_open(shape, 0, NULL);
	if (!skel)
		return -errno;
	err = make_maps(plane, skel);
	steer_bpf__destroy(skel);
	if (!err)
		err = map_state(plane);
	if (!err)
		err = map_tables(plane);
	if (err) {
		plane_close(plane);
		return err;
	}
	plane->state->version = XDPFRAG_STATE_VERSION;
	plane->state->netns = own_netns();
	plane->state->build = plane->build;
	plane->state->bits4 = shape->bits4;
	plane->state->bits6 = shape->bits6;
	plane->state->rows = shape->rows;
	plane->state->scope_all = shape->scope_all;
	plane->state->capture = shape->capture;
	return 0;
}

/* What another process wrote is believed only as far as the maps bear it out. */
static bool shape_fits(const struct plane *plane, const struct plane_shape *shape,
		       const struct bpf_map_info *groups4, const struct bpf_map_info *groups6)
{
	return plane->state->version == XDPFRAG_STATE_VERSION && shape->bits4 >= TABLE_BITS_MIN &&
	       shape->bits4 <= TABLE_BITS_MAX && shape->bits6 >= TABLE_BITS_MIN &&
	       shape->bits6 <= TABLE_BITS_MAX &&
	       groups4->max_entries == 2 * table_slots(shape->bits4) &&
	       groups6->max_entries == 2 * table_slots(shape->bits6) &&
	       groups4->value_size == sizeof(struct xdpfrag_group4) &&
	       groups6->value_size == sizeof(struct xdpfrag_group6);
}

static bool maps_fit(const struct bpf_map_info *maps)
{
	return maps[PLANE_EVENTS].type == BPF_MAP_TYPE_RINGBUF &&
	       maps[PLANE_EVENTS].max_entries == XDPFRAG_EVENTS_SIZE &&
	       maps[PLANE_SOCKETS].type == BPF_MAP_TYPE_XSKMAP &&
	       maps[PLANE_SOCKETS].max_entries == CREDITS &&
	       maps[PLANE_CREDITS].max_entries == CREDITS &&
	       maps[PLANE_CREDITS].value_size == sizeof(struct xdpfrag_credit) &&
	       maps[PLANE_PATHS].max_entries == XDPFRAG_PATHS &&
	       maps[PLANE_CAPTURED].type == BPF_MAP_TYPE_RINGBUF &&
	       maps[PLANE_CAPTURE_COUNTS].value_size == sizeof(struct xdpfrag_capture_counts) &&
	       maps[PLANE_CAPTURE_COUNTS].max_entries == XDPFRAG_LINKS;
}

int plane_adopt(struct plane *plane, int program_fd)
{
	struct bpf_map_info maps[PLANE_MAPS];
	struct plane_shape shape;
	int err = -ENOENT, i;

	plane_clear(plane);
	for (i = 0; i < PLANE_MAPS; i++) {
		plane->fds[i] = map_of_program(
			program_fd, i == PLANE_STATE ? STATE_MAP : plane_map_names[i], &maps[i]);
		if (plane->fds[i] < 0)
			goto out;
	}
	err = map_state(plane);
	if (err)
		goto out;
	shape = (struct plane_shape){ .bits4 = plane->state->bits4,
				      .bits6 = plane->state->bits6,
				      .rows = plane->state->rows,
				      .scope_all = plane->state->scope_all,
				      .capture = plane->state->capture };
	err = -ENOENT;
	if (!shape_fits(plane, &shape, &maps[PLANE_GROUPS4], &maps[PLANE_GROUPS6]) ||
	    !maps_fit(maps))
		goto out;
	plane->build = plane->state->build;
	plane->shape = shape;
	err = map_tables(plane);
out:
	if (err)
		plane_close(plane);
	return err;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void plane_close(struct plane *plane)
{
	int i;

	map_unmap(plane->groups4, groups4_len(&plane->shape));
	map_unmap(plane->groups6, groups6_len(&plane->shape));
	map_unmap(plane->state, sizeof(*plane->state));
	map_unmap(plane->credits, CREDITS * sizeof(*plane->credits));
	for (i = 0; i < PLANE_MAPS; i++)
		close_fd(plane->fds[i]);
	close_fd(plane->grace_fd);
	plane_clear(plane);
}

static int share_fds(struct plane *plane, const struct plane *from, const enum plane_map *maps,
		     size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		int fd = dup(from->fds[maps[i]]);

		if (fd < 0)
			return -errno;
		close(plane->fds[maps[i]]);
		plane->fds[maps[i]] = fd;
	}
	return 0;
}

int plane_share(struct plane *plane, const struct plane *from)
{
	static const enum plane_map always[] = { PLANE_EVENTS, PLANE_SOCKETS, PLANE_CREDITS,
						 PLANE_PATHS };
	static const enum plane_map of_capture[] = { PLANE_CAPTURED, PLANE_CAPTURE_COUNTS };
	int err;

	err = share_fds(plane, from, always, sizeof(always) / sizeof(*always));
	if (!err && plane->shape.capture == from->shape.capture)
		err = share_fds(plane, from, of_capture, sizeof(of_capture) / sizeof(*of_capture));
	if (err)
		return err;
	map_unmap(plane->credits, CREDITS * sizeof(*plane->credits));
	plane->credits = map_memory(plane->fds[PLANE_CREDITS], CREDITS * sizeof(*plane->credits));
	if (!plane->credits)
		return -errno;
	plane->reader = from->reader;
	plane->state->watch = from->state->watch;
	return 0;
}

void plane_carry_lost(struct plane *plane, const struct plane *from)
{
	__atomic_add_fetch(&plane->state->lost,
			   __atomic_load_n(&from->state->lost, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}

int plane_pin(const struct plane *plane, const char *dir)
{
	int i, err = 0;

	for (i = 0; !err && i < PLANE_MAPS; i++)
		err = bpffs_pin(plane->fds[i], dir, plane_map_names[i]);
	return err;
}

void plane_unpin(const char *dir)
{
	int i;

	for (i = 0; i < PLANE_MAPS; i++)
		bpffs_unpin(dir, plane_map_names[i]);
}

uint64_t plane_memory(const struct plane_shape *shape)
{
	return sizeof(struct xdpfrag_state) + groups4_len(shape) + groups6_len(shape) +
	       XDPFRAG_EVENTS_SIZE +
	       (shape->capture ? XDPFRAG_CAPTURED_SIZE : XDPFRAG_CAPTURED_IDLE) +
	       CREDITS * (sizeof(struct xdpfrag_credit) + sizeof(void *)) +
	       XDPFRAG_PATHS * sizeof(__u64);
}

uint64_t instance_memory(const struct plane_shape *shape)
{
	return (uint64_t)counters_stripes() * shape->rows * sizeof(struct xdpfrag_counts) +
	       libbpf_num_possible_cpus() * sizeof(struct xdpfrag_reasons);
}
