/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One agent in a network namespace, and one on a run folder and a pin folder: a
 * second one would adopt, and on its end withdraw, what the first one steers.
 * All locks go with the process, however it ends.
 */
#ifndef XDPFRAG_LOCKS_H
#define XDPFRAG_LOCKS_H

struct locks {
	int namespace_fd;
	int run_fd;
	int pin_fd;
};

#define LOCKS_INIT         \
	{                  \
		-1, -1, -1 \
	}

/*
 * -EWOULDBLOCK: another agent runs in this network namespace. By a file in /run
 * named after the namespace's inode, which nobody but root can make or lock; the
 * namespace's abstract socket names would be open to everyone.
 */
int locks_take_namespace(struct locks *locks);
/* Both must exist. -EWOULDBLOCK: another agent uses one; *which names it. */
int locks_take_folders(struct locks *locks, const char *run_dir, const char *pin_dir,
		       const char **which);
void locks_release(struct locks *locks);

#endif
