// SPDX-License-Identifier: GPL-2.0-or-later
/* The compiled steer object. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "datapath/steer.h"
#include "xdpfrag/captured.h"
#include "steer.skel.h"

uint32_t counters_stripes(void)
{
	return libbpf_num_possible_cpus() + 1;
}

int steer_capture_make(struct steer_capture *capture, const struct sock_filter *filter, size_t n,
		       size_t *at)
{
	size_t len;
	const void *object = steer_bpf__elf_bytes(&len);

	return image_make(&capture->image, object, len, filter, n, capture->decap, at);
}

/* What steer_bpf__open() does, with other bytes. */
static struct steer_bpf *open_image(const struct image *image)
{
	struct steer_bpf *skel = calloc(1, sizeof(*skel));
	int err;

	if (!skel)
		return NULL;
	err = steer_bpf__create_skeleton(skel);
	if (!err) {
		skel->skeleton->data = image->bytes;
		skel->skeleton->data_sz = image->len;
		err = bpf_object__open_skeleton(skel->skeleton, NULL);
	}
	if (err) {
		steer_bpf__destroy(skel);
		errno = -err;
		return NULL;
	}
	return skel;
}

struct steer_bpf *steer_open(const struct plane_shape *shape, uint32_t slot,
			     const struct steer_capture *capture)
{
	struct steer_bpf *skel = capture ? open_image(&capture->image) : steer_bpf__open();
	int err;

	if (!skel)
		return NULL;
	if (capture) {
		skel->rodata->capturing = true;
		skel->rodata->capture_snaplen = capture->snaplen;
		skel->rodata->capture_verdicts = capture->verdicts;
		skel->rodata->capture_decap = capture->decap;
	}
	skel->rodata->bits4 = shape->bits4;
	skel->rodata->bits6 = shape->bits6;
	skel->rodata->rows = shape->rows;
	skel->rodata->scope_all = shape->scope_all;
	skel->rodata->link_slot = slot;
	err = bpf_map__set_autocreate(skel->maps.xdpcap_hook, false);
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.groups4, 2 * table_slots(shape->bits4));
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.groups6, 2 * table_slots(shape->bits6));
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.counters,
					       counters_stripes() * shape->rows);
	if (!err && shape->capture)
		err = bpf_map__set_max_entries(skel->maps.captured, XDPFRAG_CAPTURED_SIZE);
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
		[PLANE_STATE] = skel->maps.data_state,
		[PLANE_GROUPS4] = skel->maps.groups4,
		[PLANE_GROUPS6] = skel->maps.groups6,
		[PLANE_REDIRECTS] = skel->maps.redirects,
		[PLANE_EVENTS] = skel->maps.events,
		[PLANE_SOCKETS] = skel->maps.sockets,
		[PLANE_CREDITS] = skel->maps.credits,
		[PLANE_PATHS] = skel->maps.paths,
		[PLANE_CAPTURED] = skel->maps.captured,
		[PLANE_CAPTURE_COUNTS] = skel->maps.capture_counts,
	};

	return maps[map];
}

int steer_hook(struct steer_bpf *skel, int hook)
{
	struct bpf_map *map = skel->maps.xdpcap_hook;
	int err;

	bpf_program__set_autoload(skel->progs.xdpfrag_steer, false);
	bpf_program__set_autoload(skel->progs.xdpfrag_hooked, true);
	/* As xdpcap loads its own: the array takes programs of its owner's kind only. */
	err = bpf_program__set_expected_attach_type(skel->progs.xdpfrag_hooked, 0);
	if (!err)
		err = bpf_map__set_autocreate(map, true);
	if (!err && hook >= 0)
		err = bpf_map__reuse_fd(map, hook);
	return err;
}

struct bpf_program *steer_program(const struct steer_bpf *skel)
{
	return bpf_program__autoload(skel->progs.xdpfrag_hooked) ? skel->progs.xdpfrag_hooked
								 : skel->progs.xdpfrag_steer;
}

/* FNV-1a: a difference between builds is to be noticed, not defended against. */
uint64_t build_hash(void)
{
	static uint64_t hash; /* the object is part of the agent: once for all reconciles */
	const uint8_t *bytes;
	size_t i, len;

	if (hash)
		return hash;
	hash = 0xcbf29ce484222325ULL;
	bytes = steer_bpf__elf_bytes(&len);
	for (i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}
