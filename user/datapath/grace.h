/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waits until every packet that was under way in an XDP program has left it.
 * After it, nothing reads what the programs can no longer reach.
 */
#ifndef XDPFRAG_GRACE_H
#define XDPFRAG_GRACE_H

int grace_open(void); /* an fd for grace_wait(), or negative errno; close() it */
int grace_wait(int fd);

#endif
