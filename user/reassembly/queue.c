// SPDX-License-Identifier: GPL-2.0-or-later
/* One AF_XDP socket and its UMEM. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_xdp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xdp/xsk.h>

#include "queue.h"

/* Newer than Debian 12's headers: kernel 6.6. */
#ifndef XDP_USE_SG
#define XDP_USE_SG (1 << 4)
#endif
#ifndef XDP_PKT_CONTD
#define XDP_PKT_CONTD (1 << 0)
#endif

#define SMALL_CHUNK 2048U
#define LARGE_CHUNK 4096U /* a page: the most without huge pages */
#define HEADROOM    256U  /* XDP_PACKET_HEADROOM, before each packet's first byte */
#define AHEAD	    4U	  /* packets whose headers, from another CPU, are asked for early */
#define L2_ROOM	    22U	  /* Ethernet, two tags */

/* Packets of several chunks are copied together here, where the engine wants one piece. */
#define GATHER_MEMORY (16U << 20)
#define GATHER_BIT    0x80000000U /* in a frame's name */

struct queue {
	struct queue_request request;
	struct xdpfrag_credit *credit;
	struct xsk_umem *umem;
	struct xsk_socket *socket;
	struct xsk_ring_prod fill;
	struct xsk_ring_cons completion, receive;
	uint8_t *area;
	uint32_t chunk;
	uint32_t *free; /* indexes of chunks */
	uint32_t n_free;
	bool zero_copy, several;
	uint64_t granted, received;
	uint64_t filled, read; /* frames: into the fill ring, out of the receive ring */
	uint64_t spent_before; /* at the last queue_settle() */
	/* Frames without credit. A driver that copies nothing puts every packet of the queue into
	 * the UMEM: should the worker stop, others' packets must still find room.
	 */
	uint32_t reserve;
	uint32_t out; /* packets that were handed out */
	/* several chunks */
	uint8_t *gather;
	uint32_t gather_size, n_gather;
	uint32_t *gather_free, n_gather_free;
	uint32_t open;	   /* slot of the packet that is being copied together, or NONE */
	uint32_t open_len; /* so far */
	bool skipping;	   /* the rest of a packet for which there was no slot */
};

#define NONE UINT32_MAX

static size_t area_len(const struct queue *queue)
{
	return (size_t)queue->request.frames * queue->chunk;
}

static bool takes_several(uint32_t mtu)
{
	return mtu + L2_ROOM + HEADROOM > LARGE_CHUNK;
}

static uint32_t gather_slots(uint32_t mtu)
{
	return GATHER_MEMORY / (mtu + L2_ROOM);
}

static uint32_t reserve_of(uint32_t frames, bool zero_copy)
{
	return zero_copy ? frames / 2 : 0;
}

uint32_t queue_may_hold(uint32_t mtu, uint32_t frames, bool zero_copy)
{
	uint32_t slots = gather_slots(mtu), room = frames - reserve_of(frames, zero_copy);

	if (takes_several(mtu) && slots < room)
		room = slots;
	/* The rest is between the rings. */
	return (room - XDPFRAG_FOLLOWERS) / 4 * 3;
}

static int allocate(struct queue *queue)
{
	uint32_t packet = queue->request.mtu + L2_ROOM, i;

	queue->chunk = packet + HEADROOM <= SMALL_CHUNK ? SMALL_CHUNK : LARGE_CHUNK;
	queue->open = NONE;
	queue->area = mmap(NULL, area_len(queue), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (queue->area == MAP_FAILED) {
		queue->area = NULL;
		return -ENOMEM;
	}
	queue->free = calloc(queue->request.frames, sizeof(*queue->free));
	if (!queue->free)
		return -ENOMEM;
	for (i = 0; i < queue->request.frames; i++)
		queue->free[queue->n_free++] = i;
	if (!takes_several(queue->request.mtu))
		return 0;
	queue->gather_size = packet;
	queue->n_gather = gather_slots(queue->request.mtu);
	queue->gather = malloc((size_t)queue->n_gather * packet);
	queue->gather_free = calloc(queue->n_gather, sizeof(*queue->gather_free));
	if (!queue->gather || !queue->gather_free)
		return -ENOMEM;
	for (i = 0; i < queue->n_gather; i++)
		queue->gather_free[queue->n_gather_free++] = i;
	return 0;
}

static void destroy_socket(struct queue *queue)
{
	if (queue->socket)
		xsk_socket__delete(queue->socket);
	if (queue->umem)
		xsk_umem__delete(queue->umem);
	queue->socket = NULL;
	queue->umem = NULL;
}

/* With these XDP_ZEROCOPY, XDP_COPY and XDP_USE_SG. A UMEM that failed once is not used again. */
static int bind_as(struct queue *queue, uint16_t flags)
{
	struct xsk_umem_config umem = {
		.fill_size = queue->request.frames,
		.comp_size = 64,
		.frame_size = queue->chunk,
	};
	struct xsk_socket_config socket = {
		.rx_size = queue->request.frames,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = flags | XDP_USE_NEED_WAKEUP,
	};
	int err;

	err = xsk_umem__create(&queue->umem, queue->area, area_len(queue), &queue->fill,
			       &queue->completion, &umem);
	if (!err)
		err = xsk_socket__create(&queue->socket, queue->request.nic, queue->request.queue,
					 queue->umem, &queue->receive, NULL, &socket);
	if (err) {
		queue->socket = NULL;
		destroy_socket(queue);
		return err;
	}
	queue->several = flags & XDP_USE_SG;
	queue->zero_copy = flags & XDP_ZEROCOPY;
	return 0;
}

/* What the driver takes: no copy before copies, several buffers where a packet needs them. */
static int bind_socket(struct queue *queue)
{
	uint16_t sg = queue->gather ? XDP_USE_SG : 0;
	int err = -EOPNOTSUPP;

	if (!queue->request.skb) {
		err = bind_as(queue, XDP_ZEROCOPY | sg);
		if (err == -EBUSY) /* another has this queue */
			return err;
	}
	if (err)
		err = bind_as(queue, XDP_COPY | sg);
	/* Before 6.6. Not without: long fragments would take another path than short ones. */
	return sg && err == -EINVAL ? -EMSGSIZE : err;
}

int queue_open(struct queue **out, const struct queue_request *request)
{
	uint32_t key = XDPFRAG_SOCKET(request->slot, request->queue);
	struct queue *queue;
	int fd, err;

	if (request->queue >= XDPFRAG_QUEUES || request->slot >= XDPFRAG_LINKS)
		return -ENOSPC;
	queue = calloc(1, sizeof(*queue));
	if (!queue)
		return -ENOMEM;
	queue->request = *request;
	queue->credit = &request->credits[key];
	err = allocate(queue);
	if (!err)
		err = bind_socket(queue);
	if (err)
		goto out;
	/* What an earlier worker left. */
	__atomic_store_n(&queue->credit->ifindex, 0, __ATOMIC_RELEASE);
	queue->reserve = reserve_of(request->frames, queue->zero_copy);
	queue->granted = __atomic_load_n(&queue->credit->spent, __ATOMIC_ACQUIRE) - queue->reserve;
	__atomic_store_n(&queue->credit->granted, queue->granted, __ATOMIC_RELEASE);
	queue->credit->refused = 0;
	queue->credit->chunk = queue->chunk - HEADROOM;
	queue->credit->frames = queue->several ? (queue->gather_size + queue->credit->chunk - 1) /
							 queue->credit->chunk
					       : 1;
	fd = xsk_socket__fd(queue->socket);
	if (bpf_map_update_elem(request->sockets_fd, &key, &fd, BPF_ANY) < 0)
		err = -errno;
out:
	if (err) {
		queue_close(queue);
		return err;
	}
	*out = queue;
	return 0;
}

static void free_queue(struct queue *queue)
{
	if (queue->area)
		munmap(queue->area, area_len(queue));
	free(queue->free);
	free(queue->gather);
	free(queue->gather_free);
	free(queue);
}

bool queue_close(struct queue *queue)
{
	uint32_t key;

	if (queue->socket) {
		key = XDPFRAG_SOCKET(queue->request.slot, queue->request.queue);
		__atomic_store_n(&queue->credit->ifindex, 0, __ATOMIC_RELEASE);
		bpf_map_delete_elem(queue->request.sockets_fd, &key);
	}
	destroy_socket(queue);
	if (queue->out)
		return false;
	free_queue(queue);
	return true;
}

bool queue_is_open(const struct queue *queue)
{
	return queue->socket;
}

bool queue_copies_nothing(const struct queue *queue)
{
	return queue->zero_copy;
}

int queue_fd(const struct queue *queue)
{
	return xsk_socket__fd(queue->socket);
}

const struct queue_request *queue_request(const struct queue *queue)
{
	return &queue->request;
}

static void put_back(struct queue *queue, uint32_t frame)
{
	if (frame & GATHER_BIT)
		queue->gather_free[queue->n_gather_free++] = frame & ~GATHER_BIT;
	else
		queue->free[queue->n_free++] = frame;
}

bool queue_give(struct queue *queue, uint32_t frame)
{
	put_back(queue, frame);
	if (--queue->out || queue->socket)
		return false;
	free_queue(queue);
	return true;
}

/* A piece of a packet that takes several chunks. Its chunk is free again at once. */
static void gather(struct queue *queue, const uint8_t *data, uint32_t len, bool last, queue_fn fn,
		   void *arg)
{
	uint32_t frame;
	uint8_t *slot;

	if (queue->open == NONE && !queue->skipping) {
		queue->skipping = !queue->n_gather_free;
		if (!queue->skipping)
			queue->open = queue->gather_free[--queue->n_gather_free];
		queue->open_len = 0;
	}
	if (!queue->skipping && queue->open_len + len > queue->gather_size) {
		queue->gather_free[queue->n_gather_free++] = queue->open;
		queue->skipping = true;
	}
	if (queue->skipping) {
		queue->open = NONE;
		queue->skipping = !last;
		return;
	}
	slot = queue->gather + (size_t)queue->open * queue->gather_size;
	memcpy(slot + queue->open_len, data, len);
	queue->open_len += len;
	if (!last)
		return;
	frame = queue->open | GATHER_BIT;
	queue->open = NONE;
	queue->out++;
	fn(arg, frame, slot, queue->open_len);
}

unsigned int queue_receive(struct queue *queue, unsigned int budget, queue_fn fn, void *arg)
{
	uint32_t index, n, i;

	n = xsk_ring_cons__peek(&queue->receive, budget, &index);
	for (i = 0; i < n; i++) {
		const struct xdp_desc *desc = xsk_ring_cons__rx_desc(&queue->receive, index + i);
		const uint8_t *data = queue->area + desc->addr;
		uint32_t frame = desc->addr / queue->chunk;
		bool last = !(desc->options & XDP_PKT_CONTD);

		if (i + AHEAD < n)
			__builtin_prefetch(
				queue->area +
				xsk_ring_cons__rx_desc(&queue->receive, index + i + AHEAD)->addr);
		queue->received += last;
		if (last && queue->open == NONE && !queue->skipping) {
			queue->out++;
			fn(arg, frame, data, desc->len);
			continue;
		}
		gather(queue, data, desc->len, last, fn, arg);
		put_back(queue, frame);
	}
	if (n)
		xsk_ring_cons__release(&queue->receive, n);
	queue->read += n;
	return n;
}

/*
 * How many of the free frames may go out. A packet of several chunks takes two frames
 * at least, and a slot to be copied together in: there must be one when it comes.
 */
static uint32_t to_fill(const struct queue *queue)
{
	uint64_t under_way = queue->filled - queue->read, most;

	if (!queue->gather)
		return queue->n_free;
	most = 2ULL * queue->n_gather_free;
	if (most <= under_way)
		return 0;
	return most - under_way < queue->n_free ? most - under_way : queue->n_free;
}

void queue_refill(struct queue *queue)
{
	uint32_t index, n = to_fill(queue), i;

	if (n && xsk_ring_prod__reserve(&queue->fill, n, &index) == n) {
		for (i = 0; i < n; i++)
			*xsk_ring_prod__fill_addr(&queue->fill, index + i) =
				(uint64_t)queue->free[--queue->n_free] * queue->chunk;
		xsk_ring_prod__submit(&queue->fill, n);
		queue->filled += n;
		queue->granted += n;
		__atomic_store_n(&queue->credit->granted, queue->granted, __ATOMIC_RELEASE);
		/* With credit only: who has none closes all the others. */
		__atomic_store_n(&queue->credit->ifindex, queue->request.ifindex, __ATOMIC_RELEASE);
	}
	if (xsk_ring_prod__needs_wakeup(&queue->fill))
		recvfrom(queue_fd(queue), NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

void queue_settle(struct queue *queue)
{
	uint64_t spent = __atomic_load_n(&queue->credit->spent, __ATOMIC_ACQUIRE);
	bool is_quiet = spent == queue->spent_before;

	queue->spent_before = spent;
	if (!is_quiet)
		return;
	queue->granted = spent + queue->filled - queue->read - queue->reserve;
	__atomic_store_n(&queue->credit->granted, queue->granted, __ATOMIC_RELEASE);
}

void queue_status(const struct queue *queue, struct queue_status *status)
{
	struct xdp_statistics statistics = {};
	socklen_t len = sizeof(statistics);

	memset(status, 0, sizeof(*status));
	if (!getsockopt(queue_fd(queue), SOL_XDP, XDP_STATISTICS, &statistics, &len)) {
		status->dropped = statistics.rx_dropped;
		status->ring_full = statistics.rx_ring_full;
		status->fill_empty = statistics.rx_fill_ring_empty_descs;
	}
	status->zero_copy = queue->zero_copy;
	status->several_buffers = queue->several;
	status->frames = queue->request.frames;
	status->free = queue->n_free;
	status->received = queue->received;
	status->refused = queue->credit->refused;
}

uint64_t queue_memory(const struct queue *queue)
{
	return area_len(queue) + (uint64_t)queue->n_gather * queue->gather_size;
}
