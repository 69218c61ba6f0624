/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pins under the agent's folder of the BPF file system, and the folder itself. */
#ifndef XDPFRAG_BPFFS_H
#define XDPFRAG_BPFFS_H

#include <stdbool.h>
#include <stddef.h>

#define BPFFS_MOUNT "/sys/fs/bpf"

/* Not the mount point, nor libxdp's folder on it: those are others' too. */
bool bpffs_dir_is_ours(const char *dir);

/*
 * Makes sure that a BPF file system is mounted on /sys/fs/bpf (libxdp needs it
 * there too) and that `dir` exists on one, with mode 0700.
 */
int bpffs_prepare(const char *dir);

/* Pins fd as dir/name, in place of what was pinned there. `name` may hold one folder. */
int bpffs_pin(int fd, const char *dir, const char *name);
void bpffs_unpin(const char *dir, const char *name); /* a missing pin is as good as removed */
int bpffs_get(const char *dir, const char *name);    /* fd or negative errno */
void bpffs_remove_tree(const char *dir);	     /* for a folder that holds nothing but ours */
void bpffs_remove_empty(const char *dir);

/*
 * The folder for a link's pins, "links/eth0.100" made fit for a file system that
 * takes no dots: '.' becomes ':', which no NIC's name can hold. Returns buf.
 */
const char *bpffs_link_name(const char *nic, const char *what, char *buf, size_t len);

#endif
