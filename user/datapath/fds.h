/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxdp 1.3 to 1.6 never close the file descriptors by which they look at a
 * hook (xdp_multiprog__from_id() and xdp_program__from_pin() hand them to a
 * function that duplicates them). Each would keep a dead program and its maps
 * alive. So whoever calls libxdp notes what is open before, and closes what is
 * open more afterwards. Sound because the agent has one thread.
 */
#ifndef XDPFRAG_FDS_H
#define XDPFRAG_FDS_H

#include <stdbool.h>
#include <stddef.h>

#define FDS_MAX 4096 /* higher ones are left alone */

struct fds {
	bool open[FDS_MAX];
	bool known; /* /proc could be read */
};

void fds_note(struct fds *fds);
/* Closes what was opened since, but for `keep` (those that are -1 name nothing). */
void fds_close_new(const struct fds *fds, const int *keep, size_t n);

#endif
