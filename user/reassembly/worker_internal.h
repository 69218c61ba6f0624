/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker as its thread (worker.c) and the agent's calls (worker_calls.c) share
 * it, under its lock. Inside user/reassembly only.
 */
#ifndef XDPFRAG_WORKER_INTERNAL_H
#define XDPFRAG_WORKER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "tap.h"
#include "worker.h"

#define NO_SLOT	     UINT32_MAX
#define WORKER_BATCH 64 /* packets of one queue before the next has its turn */

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	atomic_int wanted; /* callers that wait for the lock */
	bool ending;
	int wake; /* eventfd */
	struct reassembly *engine;
	struct reassembly_limits limits;
	uint32_t most_held; /* fragments; at most limits.fragments */
	struct reassembled_groups groups;
	struct tap *tap;
	struct queue *queues[WORKER_QUEUES]; /* places stay: frames name them; NULL: free */
	uint32_t places;		     /* that have ever been taken, from the first on */
	uint32_t nic_slots[REASSEMBLY_NICS]; /* the slot behind a NIC's number, or NO_SLOT */
	uint32_t place;			     /* of the queue that is being read */
	struct fragment batch[WORKER_BATCH]; /* of that queue, on their way to the engine */
	uint32_t n_batch;
	uint64_t now;
	bool is_late;		     /* what comes in now has waited for too long */
	struct xdpfrag_credit *sign; /* of life */
	uint64_t delivered, undelivered, returned, late;
	struct iovec pieces[1 + 8192];
};

/* The thread steps back for a caller: a mutex alone would go to whoever is running. */
static inline void worker_lock(struct worker *worker)
{
	atomic_fetch_add(&worker->wanted, 1);
	pthread_mutex_lock(&worker->lock);
	atomic_fetch_sub(&worker->wanted, 1);
}

static inline void worker_unlock(struct worker *worker)
{
	pthread_mutex_unlock(&worker->lock);
}

static inline bool is_open(const struct worker *worker, uint32_t place)
{
	return worker->queues[place] && queue_is_open(worker->queues[place]);
}

static inline uint32_t nic_of(struct worker *worker, uint32_t slot)
{
	uint32_t nic;

	for (nic = 0; nic < REASSEMBLY_NICS; nic++)
		if (worker->nic_slots[nic] == slot)
			return nic;
	return REASSEMBLY_NICS;
}

#endif
