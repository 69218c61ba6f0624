// SPDX-License-Identifier: GPL-2.0-or-later
/* Pins under the agent's folder of the BPF file system. */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "datapath/bpffs.h"

static int on_bpffs(const char *path)
{
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return -errno;
	return fs.f_type == BPF_FS_MAGIC ? 0 : -EXDEV;
}

bool bpffs_dir_is_ours(const char *dir)
{
	char real[PATH_MAX];

	/* A folder that is not there yet is nobody's. */
	if (!realpath(dir, real))
		return strcmp(dir, BPFFS_MOUNT "/xdp");
	return strcmp(real, BPFFS_MOUNT) && strcmp(real, BPFFS_MOUNT "/xdp") &&
	       strncmp(real, BPFFS_MOUNT "/xdp/", strlen(BPFFS_MOUNT "/xdp/"));
}

/* Every folder of the path that is missing. */
static int make_folders(const char *path)
{
	char part[PATH_MAX];
	char *slash;

	if (snprintf(part, sizeof(part), "%s/", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	for (slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

int bpffs_prepare(const char *dir)
{
	int err;

	if (on_bpffs(BPFFS_MOUNT) && mount("bpf", BPFFS_MOUNT, "bpf", 0, "mode=0700") < 0)
		return -errno;
	err = make_folders(dir);
	return err ? err : on_bpffs(dir);
}

static int pin_path(char *path, size_t len, const char *dir, const char *name)
{
	return snprintf(path, len, "%s/%s", dir, name) >= (int)len ? -ENAMETOOLONG : 0;
}

int bpffs_pin(int fd, const char *dir, const char *name)
{
	char path[PATH_MAX], fresh[PATH_MAX + 8];
	char *slash;
	int err;

	err = pin_path(path, sizeof(path), dir, name);
	if (err)
		return err;
	slash = strrchr(path, '/');
	*slash = '\0';
	err = make_folders(path);
	*slash = '/';
	if (err)
		return err;
	/* By way of a second name, so that the path never leads nowhere. */
	snprintf(fresh, sizeof(fresh), "%s:new", path);
	unlink(fresh);
	if (bpf_obj_pin(fd, fresh) < 0)
		return -errno;
	if (rename(fresh, path) < 0) {
		err = -errno;
		unlink(fresh);
	}
	return err;
}

void bpffs_unpin(const char *dir, const char *name)
{
	char path[PATH_MAX];

	if (!pin_path(path, sizeof(path), dir, name))
		unlink(path);
}

int bpffs_get(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int fd, err;

	err = pin_path(path, sizeof(path), dir, name);
	if (err)
		return err;
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

void bpffs_remove_tree(const char *dir)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *stream;

	/* The folder came with the command line: nothing but BPF pins is ever removed. */
	if (on_bpffs(dir))
		return;
	stream = opendir(dir);
	if (!stream)
		return;
	while ((entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (pin_path(path, sizeof(path), dir, entry->d_name))
			continue;
		if (unlink(path) < 0)
			bpffs_remove_tree(path);
	}
	closedir(stream);
	rmdir(dir);
}

void bpffs_remove_empty(const char *dir)
{
	if (!on_bpffs(dir))
		rmdir(dir);
}

const char *bpffs_link_name(const char *nic, const char *what, char *buf, size_t len)
{
	char *dot;

	snprintf(buf, len, "links/%s%s%s", nic, *what ? "/" : "", what);
	for (dot = strchr(buf, '.'); dot; dot = strchr(dot, '.'))
		*dot = ':';
	return buf;
}
