/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may talk to the agent: root, the agent's own user, and the group xdpfrag. */
#ifndef XDPFRAG_PEER_H
#define XDPFRAG_PEER_H

#include <stdbool.h>
#include <sys/types.h>

/* By the credentials of the socket's peer at the time of connect(); both are set either way. */
bool peer_may_connect(int fd, uid_t *uid, pid_t *pid);
/* Gives a path to the group where the host has it. 0, or negative errno. */
int peer_give_to_group(const char *path);

#endif
