/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The receiving socket of `probe recv`.
 */
#ifndef XDPFRAG_PROBE_LISTEN_H
#define XDPFRAG_PROBE_LISTEN_H

#include <stdint.h>

#include "probe.h"
#include "probe_payload.h"

#define PROBE_BUFFER 65536 /* bytes: no UDP datagram is longer */

struct probe_packet {
	enum probe_verdict verdict;
	struct probe_header header; /* unless foreign */
	size_t len;
	union probe_address from;
	unsigned int ifindex; /* where it arrived; 0: not known */
	uint32_t overruns;    /* so far, by the socket's full buffer; 0: none, or not said */
};

/* 0 and a socket that never blocks, or a negative errno. */
int probe_listen(const struct probe *probe, int *fd);
/* One datagram into PROBE_BUFFER bytes; -EAGAIN when there is none. */
int probe_receive(int fd, uint8_t *payload, struct probe_packet *packet);

#endif
