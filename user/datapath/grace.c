// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An update of a map of maps returns only when no BPF program can be running
 * that saw the old value (maybe_wait_bpf_programs() in kernel/bpf/syscall.c):
 * the one RCU grace period that user space may ask for on every kernel.
 * membarrier(MEMBARRIER_CMD_GLOBAL) is refused on hosts with nohz_full.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "datapath/grace.h"

static int make_inner(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "grace_inner", 4, 4, 1, NULL);

	return fd < 0 ? -errno : fd;
}

int grace_open(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int inner = make_inner();
	int fd, err;

	if (inner < 0)
		return inner;
	opts.inner_map_fd = inner;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "grace", 4, 4, 1, &opts);
	err = -errno;
	close(inner);
	return fd < 0 ? err : fd;
}

int grace_wait(int fd)
{
	int inner = make_inner();
	__u32 key = 0;
	int err = 0;

	if (inner < 0)
		return inner;
	if (bpf_map_update_elem(fd, &key, &inner, BPF_ANY) < 0)
		err = -errno;
	close(inner);
	return err;
}
