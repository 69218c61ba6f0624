/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker: one thread that owns the AF_XDP sockets, feeds the engine and hands
 * whole datagrams to the stack. Made when the first group wants `reassemble`, ended
 * with the last. All calls are the agent's; they take the worker's lock, which it
 * gives up between batches, so that none waits longer than one.
 *
 * Should the thread stop, or the process with it, the deadline that it renews
 * passes, and the programs let fragments take the kernel's path.
 */
#ifndef XDPFRAG_WORKER_H
#define XDPFRAG_WORKER_H

#include <net/if.h>

#include "groups.h"
#include "queue.h"
#include "reassembly.h"

#define WORKER_QUEUES	   256	 /* sockets */
#define WORKER_FRAMES	   65536 /* of all queues together: 128 MiB, or 256 with jumbo frames */
#define WORKER_DEADLINE_MS 80	 /* after its last sign of life */

struct worker;

struct worker_status {
	struct reassembly_stats engine;
	struct reassembly_limits limits;
	uint64_t memory;		 /* bytes: engine and frames */
	uint64_t delivered, undelivered; /* datagrams; no NIC to deliver on, or the TAP refused */
	uint64_t returned; /* packets that the program took for fragments and the worker did not */
	uint64_t late;	   /* packets that lay in a socket for longer than a datagram lives */
	size_t queues;
};

/* credits: map "credits", mapped for as long as the worker is there. */
int worker_start(struct worker **worker, const struct reassembly_limits *limits,
		 struct xdpfrag_credit *credits);
void worker_end(struct worker *worker); /* NULL: nothing */

/* Before a policy is in force: its groups, besides those there are, which stay as they are. */
void worker_add_groups(struct worker *worker, const struct reassembled_groups *groups);
/* The groups from now on. Accounts that a group did not have before begin at zero. */
void worker_set_groups(struct worker *worker, const struct reassembled_groups *groups);

/* -EBUSY: another process has a socket on this queue. */
int worker_add_queue(struct worker *worker, const struct queue_request *request);
void worker_del_queue(struct worker *worker, uint32_t slot, uint32_t queue);
/* The sockets there are, in no order: NULL behind the last. Good until the next add or del. */
const struct queue_request *worker_queue(struct worker *worker, size_t n);
int worker_queue_status(struct worker *worker, uint32_t slot, uint32_t queue,
			struct queue_status *status);

/* The number of a link's slot in struct nic_share; REASSEMBLY_NICS: it has none. */
uint32_t worker_nic(struct worker *worker, uint32_t slot);
void worker_account(struct worker *worker, uint32_t account, struct reassembly_account *to);
void worker_status(struct worker *worker, struct worker_status *status);

#endif
