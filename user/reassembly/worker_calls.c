// SPDX-License-Identifier: GPL-2.0-or-later
/* What the agent asks of the worker: groups, sockets, numbers. Each under its lock. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

#include "worker_internal.h"

static bool is_target(const struct reassembled_groups *groups, uint32_t ifindex)
{
	size_t i;

	for (i = 0; i < groups->n; i++)
		if (groups->group[i].target == ifindex)
			return true;
	return false;
}

/* Targets that no group has any more. */
static void forget_targets(struct worker *worker, const struct reassembled_groups *next)
{
	size_t i;

	for (i = 0; i < worker->groups.n; i++) {
		uint32_t target = worker->groups.group[i].target;

		if (target && !is_target(next, target))
			tap_forget(worker->tap, target);
	}
}

void worker_add_groups(struct worker *worker, const struct reassembled_groups *groups)
{
	struct reassembled_groups *have = &worker->groups;
	size_t n, i;

	worker_lock(worker);
	n = have->n;
	for (i = 0; i < groups->n && n < sizeof(have->group) / sizeof(*have->group); i++) {
		if (groups_same(have, &groups->group[i]))
			continue;
		reassembly_clear_account(worker->engine, groups->group[i].account);
		have->group[n++] = groups->group[i];
	}
	have->n = n;
	groups_sort(have);
	worker_unlock(worker);
}

void worker_set_groups(struct worker *worker, const struct reassembled_groups *groups)
{
	const struct reassembled_group *before;
	size_t i;

	worker_lock(worker);
	for (i = 0; i < groups->n; i++) {
		before = groups_same(&worker->groups, &groups->group[i]);
		if (!before || before->account != groups->group[i].account)
			reassembly_clear_account(worker->engine, groups->group[i].account);
	}
	forget_targets(worker, groups);
	worker->groups = *groups;
	groups_sort(&worker->groups);
	worker_unlock(worker);
}

static uint32_t find_queue(const struct worker *worker, uint32_t slot, uint32_t queue)
{
	uint32_t place;

	for (place = 0; place < WORKER_QUEUES; place++)
		if (is_open(worker, place) && queue_request(worker->queues[place])->slot == slot &&
		    queue_request(worker->queues[place])->queue == queue)
			break;
	return place;
}

static void expect_nics(struct worker *worker)
{
	uint32_t nic, nics = 0;

	for (nic = 0; nic < REASSEMBLY_NICS; nic++)
		if (worker->nic_slots[nic] != NO_SLOT)
			nics |= 1U << nic;
	reassembly_expect(worker->engine, nics);
}

/* A link that has a queue keeps its number until the last one goes. */
static void number_link(struct worker *worker, uint32_t slot)
{
	uint32_t nic = nic_of(worker, slot);

	if (nic == REASSEMBLY_NICS)
		nic = nic_of(worker, NO_SLOT);
	if (nic < REASSEMBLY_NICS)
		worker->nic_slots[nic] = slot;
	expect_nics(worker);
}

static void fit_to(struct worker *worker, const struct queue *queue)
{
	const struct queue_request *request = queue_request(queue);
	uint32_t most = queue_may_hold(request->mtu, request->frames, queue_copies_nothing(queue));

	reassembly_hold_at_most(worker->engine, most);
	if (most < worker->most_held)
		worker->most_held = most;
}

int worker_add_queue(struct worker *worker, const struct queue_request *request)
{
	struct queue *queue;
	uint32_t place;
	int err;

	/* Opened without the lock: a driver may take its time. */
	err = queue_open(&queue, request);
	if (err)
		return err;
	worker_lock(worker);
	for (place = 0; place < WORKER_QUEUES && worker->queues[place]; place++)
		;
	if (place < WORKER_QUEUES) {
		worker->queues[place] = queue;
		if (place >= worker->places)
			worker->places = place + 1;
		number_link(worker, request->slot);
		fit_to(worker, queue);
	}
	worker_unlock(worker);
	if (place == WORKER_QUEUES) {
		queue_close(queue);
		return -ENOSPC;
	}
	eventfd_write(worker->wake, 1);
	return 0;
}

void worker_del_queue(struct worker *worker, uint32_t slot, uint32_t queue)
{
	uint32_t place, nic, ifindex;

	worker_lock(worker);
	place = find_queue(worker, slot, queue);
	if (place == WORKER_QUEUES) {
		worker_unlock(worker);
		return;
	}
	ifindex = queue_request(worker->queues[place])->ifindex;
	if (queue_close(worker->queues[place]))
		worker->queues[place] = NULL;
	for (place = 0; place < WORKER_QUEUES; place++)
		if (is_open(worker, place) && queue_request(worker->queues[place])->slot == slot)
			break;
	nic = nic_of(worker, slot);
	if (place == WORKER_QUEUES && nic < REASSEMBLY_NICS)
		worker->nic_slots[nic] = NO_SLOT;
	/* Of give_back(). */
	if (place == WORKER_QUEUES && !is_target(&worker->groups, ifindex))
		tap_forget(worker->tap, ifindex);
	expect_nics(worker);
	worker_unlock(worker);
}

const struct queue_request *worker_queue(struct worker *worker, size_t n)
{
	const struct queue_request *request = NULL;
	uint32_t place;

	worker_lock(worker);
	for (place = 0; place < WORKER_QUEUES && !request; place++)
		if (is_open(worker, place) && !n--)
			request = queue_request(worker->queues[place]);
	worker_unlock(worker);
	return request;
}

int worker_queue_status(struct worker *worker, uint32_t slot, uint32_t queue,
			struct queue_status *status)
{
	uint32_t place;

	worker_lock(worker);
	place = find_queue(worker, slot, queue);
	if (place < WORKER_QUEUES)
		queue_status(worker->queues[place], status);
	worker_unlock(worker);
	return place < WORKER_QUEUES ? 0 : -ENOENT;
}

uint32_t worker_nic(struct worker *worker, uint32_t slot)
{
	uint32_t nic;

	/* A link without a slot; the numbers that are free have none either. */
	if (slot == NO_SLOT)
		return REASSEMBLY_NICS;
	worker_lock(worker);
	nic = nic_of(worker, slot);
	worker_unlock(worker);
	return nic;
}

void worker_account(struct worker *worker, uint32_t account, struct reassembly_account *to)
{
	worker_lock(worker);
	*to = *reassembly_account(worker->engine, account);
	worker_unlock(worker);
}

void worker_status(struct worker *worker, struct worker_status *status)
{
	uint32_t place;

	memset(status, 0, sizeof(*status));
	worker_lock(worker);
	status->engine = *reassembly_stats(worker->engine);
	status->limits = worker->limits;
	status->delivered = worker->delivered;
	status->undelivered = worker->undelivered;
	status->returned = worker->returned;
	status->late = worker->late;
	status->limits.fragments = worker->most_held;
	status->memory = reassembly_memory(&worker->limits);
	for (place = 0; place < WORKER_QUEUES; place++) {
		if (!worker->queues[place])
			continue;
		status->queues += queue_is_open(worker->queues[place]);
		status->memory += queue_memory(worker->queues[place]);
	}
	worker_unlock(worker);
}
