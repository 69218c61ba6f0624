/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wakes the agent when links, routes or memberships change. What changed is not
 * read: the agent dumps them again, so that a lost event can cost time, never truth.
 */
#ifndef XDPFRAG_MONITOR_H
#define XDPFRAG_MONITOR_H

struct nl_sock;

/*
 * A non-blocking netlink socket that becomes readable when something happens to
 * one of these groups (RTNLGRP_*, ends with 0). -EINVAL: the kernel does not know one.
 */
int monitor_open(struct nl_sock **sock, const int *groups);
int monitor_fd(struct nl_sock *sock);
/* Throws away what has come in. Overflow is as good as an event. */
void monitor_drain(struct nl_sock *sock);
void monitor_close(struct nl_sock *sock);

#endif
