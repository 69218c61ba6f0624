/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wakes the agent when links change. What changed is not read: the agent dumps
 * the links again, so that a lost event can cost time, never truth.
 */
#ifndef XDPFRAG_MONITOR_H
#define XDPFRAG_MONITOR_H

struct nl_sock;

/* A non-blocking netlink socket that becomes readable when a link changes. */
int monitor_open(struct nl_sock **sock);
int monitor_fd(struct nl_sock *sock);
/* Throws away what has come in. Overflow is as good as an event. */
void monitor_drain(struct nl_sock *sock);
void monitor_close(struct nl_sock *sock);

#endif
