/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps by program, and maps in memory. */
#ifndef XDPFRAG_MAP_H
#define XDPFRAG_MAP_H

#include <bpf/libbpf.h>
#include <stddef.h>
#include <stdint.h>

/* The map that a program uses under this name: fd, or -ENOENT and the like. */
int map_of_program(int program_fd, const char *name, struct bpf_map_info *info);
/* Maps `len` bytes of an mmapable map, shared. NULL on error, with errno set. */
void *map_memory(int fd, size_t len);
void map_unmap(void *memory, size_t len);
int map_info(int fd, struct bpf_map_info *info);

#endif
