// SPDX-License-Identifier: GPL-2.0-or-later
/* One thread between the AF_XDP sockets, the engine and the TAP. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "parse.h"
#include "worker_internal.h"

#define NAP_US	     50		 /* before it is asked whether more has come */
#define IDLE_MS	     20		 /* at most, between two signs of life */
#define HELD_UP_NS   50000000ULL /* without a look: copies of what has ended may be waiting */
#define HEADERS_ROOM 2048
#define QUEUE_SHIFT  32 /* a frame's name: the queue's place, and the queue's name for it */

static uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* --- the engine's side --- */

static void release(void *arg, uint64_t frame)
{
	struct worker *worker = arg;
	uint32_t place = frame >> QUEUE_SHIFT;

	if (queue_give(worker->queues[place], frame))
		worker->queues[place] = NULL;
}

static uint32_t account(void *arg, const struct datagram_key *key)
{
	const struct worker *worker = arg;
	const struct reassembled_group *group = groups_find(&worker->groups, key);

	/* A group that was deleted while its fragments were on their way: the last account. */
	return group ? group->account : REASSEMBLED_MAX;
}

static void deliver(void *arg, const struct datagram *datagram)
{
	struct worker *worker = arg;
	const struct reassembled_group *group = groups_find(&worker->groups, datagram->key);
	uint8_t headers[HEADERS_ROOM];
	uint32_t len = datagram_headers(datagram, headers, sizeof(headers)), i;
	int target = -ENODEV;

	if (group && group->target && len)
		target = tap_target(worker->tap, group->target);
	if (target >= 0) {
		worker->pieces[0] = (struct iovec){ headers, len };
		for (i = 0; i < datagram->n_pieces; i++)
			worker->pieces[1 + i] = (struct iovec){ (void *)datagram->pieces[i].data,
								datagram->pieces[i].len };
		target = tap_write(worker->tap, target, worker->pieces, 1 + datagram->n_pieces);
	}
	if (target < 0)
		worker->undelivered++;
	else
		worker->delivered++;
}

/*
 * What is no fragment here, whatever the program took it for, goes on where it came
 * in, for the stack to refuse and count. Not where XDP is generic: there it would
 * meet the program again, and come back here.
 */
static void give_back(struct worker *worker, const uint8_t *data, uint32_t len)
{
	const struct queue_request *request = queue_request(worker->queues[worker->place]);
	struct iovec piece = { (void *)data, len };
	int target = request->skb ? -ELOOP : tap_target(worker->tap, request->ifindex);

	worker->returned++;
	if (target < 0 || tap_write(worker->tap, target, &piece, 1))
		worker->undelivered++;
}

static void on_packet(void *arg, uint32_t frame, const uint8_t *data, uint32_t len)
{
	struct worker *worker = arg;
	uint64_t name = (uint64_t)worker->place << QUEUE_SHIFT | frame;
	struct fragment *fragment = &worker->batch[worker->n_batch];
	uint32_t nic;

	if (worker->is_late) {
		worker->late++;
		release(worker, name);
		return;
	}
	if (fragment_parse(fragment, data, len)) {
		give_back(worker, data, len);
		release(worker, name);
		return;
	}
	nic = nic_of(worker, queue_request(worker->queues[worker->place])->slot);
	fragment->nic = nic < REASSEMBLY_NICS ? nic : REASSEMBLY_NICS - 1;
	fragment->frame = name;
	worker->n_batch++;
}

/* A batch of the queue that has its turn, all of it into the engine. */
static unsigned int receive(struct worker *worker)
{
	unsigned int n;

	n = queue_receive(worker->queues[worker->place], WORKER_BATCH, on_packet, worker);
	reassembly_add_many(worker->engine, worker->batch, worker->n_batch, worker->now);
	worker->n_batch = 0;
	return n;
}

/* --- the thread --- */

/*
 * The process was stopped for a while. Fragments that are older than a datagram
 * lives must not meet others that have the same id by now.
 */
static void drop_late(struct worker *worker)
{
	worker->is_late = true;
	for (worker->place = 0; worker->place < worker->places; worker->place++)
		while (is_open(worker, worker->place) && receive(worker))
			;
	worker->is_late = false;
}

static unsigned int serve(struct worker *worker)
{
	uint64_t before = worker->now;
	unsigned int n = 0;

	worker->now = clock_now();
	if (before && worker->now - before > worker->limits.lifetime)
		drop_late(worker);
	else if (before && worker->now - before > HELD_UP_NS)
		reassembly_held_up(worker->engine, worker->now - before);
	for (worker->place = 0; worker->place < worker->places; worker->place++)
		if (is_open(worker, worker->place))
			n += receive(worker);
	reassembly_expire(worker->engine, worker->now);
	for (worker->place = 0; worker->place < worker->places; worker->place++)
		if (is_open(worker, worker->place))
			queue_refill(worker->queues[worker->place]);
	__atomic_store_n(&worker->sign->deadline, worker->now + WORKER_DEADLINE_MS * 1000000ULL,
			 __ATOMIC_RELEASE);
	return n;
}

static void settle(struct worker *worker)
{
	uint32_t place;

	for (place = 0; place < worker->places; place++)
		if (is_open(worker, place))
			queue_settle(worker->queues[place]);
}

static size_t list_fds(const struct worker *worker, struct pollfd *fds)
{
	uint32_t place;
	size_t n = 0;

	fds[n++] = (struct pollfd){ worker->wake, POLLIN, 0 };
	for (place = 0; place < worker->places; place++)
		if (is_open(worker, place))
			fds[n++] = (struct pollfd){ queue_fd(worker->queues[place]), POLLIN, 0 };
	return n;
}

static void *run(void *arg)
{
	struct pollfd fds[1 + WORKER_QUEUES];
	struct worker *worker = arg;
	bool idle = true, was_idle;
	uint64_t wakes;
	size_t n = 0;

	for (;;) {
		was_idle = idle;

		while (atomic_load(&worker->wanted))
			sched_yield();
		pthread_mutex_lock(&worker->lock);
		if (worker->ending)
			break;
		idle = !serve(worker);
		if (idle)
			n = list_fds(worker, fds);
		pthread_mutex_unlock(&worker->lock);
		if (!idle)
			continue;
		/*
		 * Fragments come one behind the other. Who sleeps in poll() is woken for each, at
		 * the cost of the one who brings it too; a moment later several are there at once.
		 */
		if (!was_idle) {
			usleep(NAP_US);
			continue;
		}
		/* A socket that is closed meanwhile is looked at in vain, no worse. */
		if (!poll(fds, n, IDLE_MS)) {
			pthread_mutex_lock(&worker->lock);
			settle(worker);
			pthread_mutex_unlock(&worker->lock);
		}
		if (fds[0].revents & POLLIN && read(worker->wake, &wakes, sizeof(wakes)) < 0)
			continue;
	}
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

/* Signals are the agent's main thread's. */
static int start_thread(struct worker *worker)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&worker->thread, NULL, run, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

int worker_start(struct worker **out, const struct reassembly_limits *limits,
		 struct xdpfrag_credit *credits)
{
	struct reassembly_ops ops = { .deliver = deliver, .release = release, .account = account };
	struct worker *worker = calloc(1, sizeof(*worker));
	int err = -ENOMEM;

	if (!worker)
		return -ENOMEM;
	memset(worker->nic_slots, 0xff, sizeof(worker->nic_slots));
	ops.arg = worker;
	worker->sign = &credits[XDPFRAG_WORKER];
	worker->limits = *limits;
	worker->limits.accounts = REASSEMBLED_MAX + 1;
	worker->most_held = limits->fragments;
	worker->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (worker->wake < 0) {
		err = -errno;
		free(worker);
		return err;
	}
	pthread_mutex_init(&worker->lock, NULL);
	worker->engine = reassembly_new(&worker->limits, &ops);
	if (worker->engine)
		err = tap_open(&worker->tap);
	if (!err)
		err = start_thread(worker);
	if (err) {
		tap_close(worker->tap);
		reassembly_free(worker->engine);
		close(worker->wake);
		free(worker);
		return err;
	}
	*out = worker;
	return 0;
}

void worker_end(struct worker *worker)
{
	uint32_t place;

	if (!worker)
		return;
	worker_lock(worker);
	worker->ending = true;
	worker_unlock(worker);
	eventfd_write(worker->wake, 1);
	pthread_join(worker->thread, NULL);
	/* All at once to the kernel's path. */
	__atomic_store_n(&worker->sign->deadline, 0, __ATOMIC_RELEASE);
	/* First the sockets, then what the engine holds: the last frame takes its queue along. */
	for (place = 0; place < WORKER_QUEUES; place++)
		if (is_open(worker, place) && queue_close(worker->queues[place]))
			worker->queues[place] = NULL;
	reassembly_free(worker->engine);
	tap_close(worker->tap);
	close(worker->wake);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}
