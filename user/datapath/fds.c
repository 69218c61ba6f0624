// SPDX-License-Identifier: GPL-2.0-or-later
/* File descriptors that libxdp leaves open. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datapath/fds.h"

void fds_note(struct fds *fds)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	memset(fds, 0, sizeof(*fds));
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (fd >= 0 && fd < FDS_MAX && fd != dirfd(dir))
			fds->open[fd] = true;
	}
	closedir(dir);
	/* "." and ".." read as 0. */
	fds->open[0] = true;
	fds->known = true;
}

void fds_close_new(const struct fds *fds, const int *keep, size_t n)
{
	struct fds now;
	size_t i;
	int fd;

	if (!fds->known)
		return;
	fds_note(&now);
	for (i = 0; i < n; i++)
		if (keep[i] >= 0 && keep[i] < FDS_MAX)
			now.open[keep[i]] = false;
	for (fd = 0; now.known && fd < FDS_MAX; fd++)
		if (now.open[fd] && !fds->open[fd])
			close(fd);
}
