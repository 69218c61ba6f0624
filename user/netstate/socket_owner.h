/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which process has a socket open, from /proc. Only those of this process's PID
 * namespace can be found, and others' only with CAP_SYS_PTRACE and
 * CAP_DAC_READ_SEARCH.
 */
#ifndef XDPFRAG_SOCKET_OWNER_H
#define XDPFRAG_SOCKET_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process {
	int pid;
	char program[16]; /* comm, any bytes */
	uint64_t started; /* clock ticks after boot */
};

struct socket_owner {
	uint32_t inode;
	struct process process; /* pid 0: none was found */
};

/*
 * Fills in the processes of *n sockets, whose inodes the caller has set; of several
 * processes that have one open, the one that started first. Afterwards *n are those
 * without duplicates, sorted by inode. One walk through all processes and their open
 * files. 0 or negative errno.
 */
int socket_owners_find(struct socket_owner *owners, size_t *n);
/* That of a socket in a list so sorted, NULL when it is not there. */
struct socket_owner *socket_owner_of(struct socket_owner *owners, size_t n, uint32_t inode);

/* The text of /proc/PID/stat; false when it is none. */
bool process_parse(struct process *process, const char *stat);

#endif
