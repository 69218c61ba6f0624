/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One AF_XDP socket: a receive queue of a NIC, with a UMEM of its own. Not one UMEM
 * for all: sockets that share one also share the mode of the first (copy or
 * zero-copy, one buffer or several), and the kernel keeps a record of every chunk
 * for every socket. The engine sees nothing of it, frames being names to it.
 *
 * A frame is in the fill ring, in the receive ring, with the engine, or free. The
 * program is granted one frame's credit for each that enters the fill ring, so that
 * neither ring can overflow. Used by the worker's thread alone, but for queue_open()
 * and queue_close().
 */
#ifndef XDPFRAG_QUEUE_H
#define XDPFRAG_QUEUE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "xdpfrag/credit.h"

struct queue;

struct queue_request {
	char nic[IFNAMSIZ];
	uint32_t ifindex, queue, slot;
	uint32_t mtu;			/* bytes: decides how large a frame is */
	uint32_t frames;		/* in the UMEM; a power of two */
	bool skb;			/* generic XDP: copies always */
	int sockets_fd;			/* map "sockets" */
	struct xdpfrag_credit *credits; /* map "credits", mapped */
};

struct queue_status {
	bool zero_copy;
	bool several_buffers; /* takes frames over one chunk (XDP_USE_SG, kernel 6.6) */
	uint32_t frames, free;
	uint64_t received; /* packets */
	/* struct xdp_statistics, and what the program refused for want of credit */
	uint64_t dropped, ring_full, fill_empty, refused;
};

/*
 * How many packets of a socket may be held, handed out and not given back, so that there
 * is always credit for another: with none, nothing would come in that makes room.
 */
uint32_t queue_may_hold(uint32_t mtu, uint32_t frames, bool zero_copy);
/*
 * Joins the maps at once; credit is granted with the first queue_refill(). -EBUSY:
 * another has this queue, or had it a moment ago (the kernel lets go of it in its
 * own time); -EMSGSIZE: the MTU is over what a socket takes before kernel 6.6.
 */
int queue_open(struct queue **queue, const struct queue_request *request);
/*
 * Takes back the credit, and closes the socket. Packets that were handed out stay
 * where they are: true when there were none, and the queue is gone; else it goes
 * with the last queue_give().
 */
bool queue_close(struct queue *queue);
bool queue_is_open(const struct queue *queue);
int queue_fd(const struct queue *queue);
bool queue_copies_nothing(const struct queue *queue); /* bound in zero-copy mode */
const struct queue_request *queue_request(const struct queue *queue);

/* frame: a name for queue_give(); data lies in one piece, also of a jumbo frame. */
typedef void (*queue_fn)(void *arg, uint32_t frame, const uint8_t *data, uint32_t len);
/* Up to `budget` packets; how many there were. */
unsigned int queue_receive(struct queue *queue, unsigned int budget, queue_fn fn, void *arg);
/* True when it was the last one of a closed queue, which is gone now. */
bool queue_give(struct queue *queue, uint32_t frame);
/* Free frames into the fill ring, and credit for them. */
void queue_refill(struct queue *queue);
/*
 * Nothing has come for a while. The second time in a row, credit that was spent on
 * packets which never came is given back.
 */
void queue_settle(struct queue *queue);
uint64_t queue_memory(const struct queue *queue); /* bytes that it holds */
void queue_status(const struct queue *queue, struct queue_status *status);

#endif
