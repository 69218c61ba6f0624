// SPDX-License-Identifier: GPL-2.0-or-later
/* One agent in a network namespace, and one on its folders. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/locks.h"

/* Abstract socket names are the network namespace's own. */
int locks_take_namespace(struct locks *locks)
{
	static const char name[] = "\0xdpfragd";
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0xdpfragd" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address,
		 offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	locks->namespace_fd = fd;
	return 0;
}

static int lock_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
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
	release(&locks->namespace_fd);
	release(&locks->run_fd);
	release(&locks->pin_fd);
}
