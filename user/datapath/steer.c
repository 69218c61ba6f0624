// SPDX-License-Identifier: GPL-2.0-or-later
/* The compiled steer object. */
#include <bpf/libbpf.h>
#include <errno.h>

#include "datapath/steer.h"
#include "steer.skel.h"

uint32_t counters_stripes(void)
{
	return libbpf_num_possible_cpus() + 1;
}

struct steer_bpf *steer_open(const struct plane_shape *shape, uint32_t slot)
{
	struct steer_bpf *skel = steer_bpf__open();
	int err;

	if (!skel)
		return NULL;
	skel->rodata->bits4 = shape->bits4;
	skel->rodata->bits6 = shape->bits6;
	skel->rodata->rows = shape->rows;
	skel->rodata->scope_all = shape->scope_all;
	skel->rodata->link_slot = slot;
	err = bpf_map__set_max_entries(skel->maps.groups4, 2 * table_slots(shape->bits4));
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.groups6, 2 * table_slots(shape->bits6));
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.counters,
					       counters_stripes() * shape->rows);
	if (err) {
		steer_bpf__destroy(skel);
		errno = -err;
		return NULL;
	}
	return skel;
}

struct bpf_map *steer_map(const struct steer_bpf *skel, enum plane_map map)
{
	struct bpf_map *const maps[PLANE_MAPS] = {
		[PLANE_STATE] = skel->maps.data_state, [PLANE_GROUPS4] = skel->maps.groups4,
		[PLANE_GROUPS6] = skel->maps.groups6,  [PLANE_REDIRECTS] = skel->maps.redirects,
		[PLANE_EVENTS] = skel->maps.events,    [PLANE_SOCKETS] = skel->maps.sockets,
		[PLANE_CREDITS] = skel->maps.credits,
	};

	return maps[map];
}

/* FNV-1a: a difference between builds is to be noticed, not defended against. */
uint64_t build_hash(void)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	const uint8_t *bytes;
	size_t i, len;

	bytes = steer_bpf__elf_bytes(&len);
	for (i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}
