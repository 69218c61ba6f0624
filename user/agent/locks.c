// SPDX-License-Identifier: GPL-2.0-or-later
/* One agent in a network namespace, and one on its folders. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/locks.h"

#define LOCK_TRIES 10 /* against one that ends just now, and takes its file along */

static int lock_fd(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

static int namespace_path(char *path, size_t len)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st) < 0)
		return -errno;
	snprintf(path, len, "/run/xdpfragd-netns-%lu.lock", (unsigned long)st.st_ino);
	return 0;
}

/* Is the file that was opened still the one of that name? */
static bool is_named(int fd, const char *path)
{
	struct stat opened, named;

	return !fstat(fd, &opened) && !stat(path, &named) && opened.st_ino == named.st_ino &&
	       opened.st_dev == named.st_dev;
}

int locks_take_namespace(struct locks *locks)
{
	char path[64];
	int fd, tries, err = namespace_path(path, sizeof(path));

	for (tries = 0; !err && tries < LOCK_TRIES; tries++) {
		fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
		err = lock_fd(fd);
		if (!err && is_named(fd, path)) {
			locks->namespace_fd = fd;
			return 0;
		}
		close(fd);
	}
	return err ? err : -EAGAIN;
}

static int lock_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = lock_fd(fd);
	if (err)
		close(fd);
	return err ? err : fd;
}

int locks_take_folders(struct locks *locks, const char *run_dir, const char *pin_dir,
		       const char **which)
{
	*which = run_dir;
	locks->run_fd = lock_folder(run_dir);
	if (locks->run_fd < 0)
		return locks->run_fd;
	*which = pin_dir;
	locks->pin_fd = lock_folder(pin_dir);
	return locks->pin_fd < 0 ? locks->pin_fd : 0;
}

static void release(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void locks_release(struct locks *locks)
{
	char path[64];

	if (locks->namespace_fd >= 0 && !namespace_path(path, sizeof(path)))
		unlink(path);
	release(&locks->namespace_fd);
	release(&locks->run_fd);
	release(&locks->pin_fd);
}
