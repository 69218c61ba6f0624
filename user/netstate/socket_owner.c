// SPDX-License-Identifier: GPL-2.0-or-later
/* Which process has a socket open, from /proc. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netstate/socket_owner.h"

#define STAT_LENGTH 512 /* the first 22 of its fields are wanted */

bool process_parse(struct process *process, const char *stat)
{
	/* A program's name may hold anything, brackets and blanks included. */
	const char *open = strchr(stat, '('), *close = strrchr(stat, ')');
	unsigned long long started;
	size_t len;

	/* Behind the name from the state on, which is field 3; field 22 is the start time. */
	if (!open || !close || close < open ||
	    sscanf(close + 1,
		   " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%llu",
		   &started) != 1)
		return false;
	process->pid = atoi(stat);
	process->started = started;
	len = close - open - 1;
	if (len >= sizeof(process->program))
		len = sizeof(process->program) - 1;
	memset(process->program, 0, sizeof(process->program));
	memcpy(process->program, open + 1, len);
	return process->pid > 0;
}

static bool read_process(int dir, struct process *process)
{
	char stat[STAT_LENGTH];
	int fd = openat(dir, "stat", O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (len <= 0)
		return false;
	stat[len] = '\0';
	return process_parse(process, stat);
}

static int by_inode(const void *a, const void *b)
{
	uint32_t left = ((const struct socket_owner *)a)->inode,
		 right = ((const struct socket_owner *)b)->inode;

	return left < right ? -1 : left > right;
}

struct socket_owner *socket_owner_of(struct socket_owner *owners, size_t n, uint32_t inode)
{
	struct socket_owner key = { .inode = inode };

	return n ? bsearch(&key, owners, n, sizeof(key), by_inode) : NULL;
}

/* The wanted socket that an open file is, NULL when it is none. */
static struct socket_owner *which(struct socket_owner *owners, size_t n, int fds, const char *fd)
{
	char target[32];
	ssize_t len = readlinkat(fds, fd, target, sizeof(target) - 1);
	uint32_t inode;

	if (len <= 0)
		return NULL;
	target[len] = '\0';
	if (sscanf(target, "socket:[%u]", &inode) != 1)
		return NULL;
	return socket_owner_of(owners, n, inode);
}

static void take(struct socket_owner *owner, int dir)
{
	struct process process;

	if (!read_process(dir, &process))
		return;
	/* A child has its parent's sockets, and may have a lower pid. */
	if (!owner->process.pid || process.started < owner->process.started)
		owner->process = process;
}

/*
 * A process that may not be looked into, or is gone by now, is passed over: what it
 * holds is found to have no owner, and said so.
 */
static void look_into(struct socket_owner *owners, size_t n, int proc, const char *pid)
{
	int dir = openat(proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = dir < 0 ? -1 : openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *fds = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (fds && (entry = readdir(fds))) {
		struct socket_owner *owner = which(owners, n, fd, entry->d_name);

		if (owner)
			take(owner, dir);
	}
	if (fds)
		closedir(fds);
	else if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
}

static size_t each_once(struct socket_owner *owners, size_t n)
{
	size_t i, kept = 0;

	qsort(owners, n, sizeof(*owners), by_inode);
	for (i = 0; i < n; i++)
		if (!kept || owners[i].inode != owners[kept - 1].inode)
			owners[kept++] = owners[i];
	return kept;
}

int socket_owners_find(struct socket_owner *owners, size_t *n)
{
	DIR *proc = opendir("/proc");
	int err = proc ? 0 : -errno;
	struct dirent *entry;
	size_t i;

	*n = each_once(owners, *n);
	for (i = 0; i < *n; i++)
		owners[i].process.pid = 0;
	if (err)
		return err;
	while ((entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look_into(owners, *n, dirfd(proc), entry->d_name);
	closedir(proc);
	return 0;
}
