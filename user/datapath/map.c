// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps by program, and maps in memory. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "datapath/map.h"

#define PROGRAM_MAPS 16 /* more than any steer uses */

int map_info(int fd, struct bpf_map_info *info)
{
	__u32 len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(fd, info, &len) < 0 ? -errno : 0;
}

int map_of_program(int program_fd, const char *name, struct bpf_map_info *info)
{
	struct bpf_prog_info program = {};
	__u32 ids[PROGRAM_MAPS], len = sizeof(program), i;
	int fd, err = -ENOENT;

	program.nr_map_ids = PROGRAM_MAPS;
	program.map_ids = (uintptr_t)ids;
	if (bpf_obj_get_info_by_fd(program_fd, &program, &len) < 0)
		return -errno;
	for (i = 0; i < program.nr_map_ids && i < PROGRAM_MAPS; i++) {
		fd = bpf_map_get_fd_by_id(ids[i]);
		if (fd < 0)
			return -errno;
		err = map_info(fd, info);
		if (!err && !strcmp(info->name, name))
			return fd;
		close(fd);
		if (err)
			return err;
	}
	return -ENOENT;
}

static size_t page_align(size_t len)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (len + page - 1) / page * page;
}

void *map_memory(int fd, size_t len)
{
	void *memory = mmap(NULL, page_align(len), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void map_unmap(void *memory, size_t len)
{
	if (memory)
		munmap(memory, page_align(len));
}
