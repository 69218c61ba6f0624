// SPDX-License-Identifier: GPL-2.0-or-later
/* A packet socket on one NIC. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diagnose/packet_ring.h"

/*
 * A block that holds one frame is handed over after lag_ms as well as a full one: the
 * reader may sleep for BLOCKS times that before anything is lost.
 */
#define BLOCK_SIZE (16U << 10)
#define BLOCKS	   16
#define RING_SIZE  (BLOCKS * BLOCK_SIZE)
#define FRAME_SIZE 2048 /* a unit of reckoning: with TPACKET_V3 a frame takes what it needs */

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) ? -errno : 0;
}

static int map_ring(struct packet_ring *ring, unsigned int lag_ms)
{
	struct tpacket_req3 request = { .tp_block_size = BLOCK_SIZE,
					.tp_block_nr = BLOCKS,
					.tp_frame_size = FRAME_SIZE,
					.tp_frame_nr = RING_SIZE / FRAME_SIZE,
					.tp_retire_blk_tov = lag_ms };
	void *memory;

	if (setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)))
		return -errno;
	memory = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	ring->memory = memory;
	return 0;
}

static int bind_to(const struct packet_ring *ring, uint32_t ifindex)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = ifindex };

	return bind(ring->fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
}

int packet_ring_open(struct packet_ring *ring, uint32_t ifindex, bool sent, int filter,
		     unsigned int lag_ms)
{
	int err;

	*ring = (struct packet_ring){};
	/* Protocol 0, which is nothing, until the filter is there: no other frame slips in. */
	ring->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ring->fd < 0)
		return -errno;
	err = set(ring->fd, SOL_PACKET, PACKET_VERSION, TPACKET_V3);
	if (!err)
		err = set(ring->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, !sent);
	if (!err)
		err = set(ring->fd, SOL_SOCKET, SO_ATTACH_BPF, filter);
	if (!err)
		err = map_ring(ring, lag_ms);
	if (!err)
		err = bind_to(ring, ifindex);
	if (err)
		packet_ring_close(ring);
	return err;
}

static void read_block(const struct tpacket_block_desc *block, packet_fn fn, void *arg)
{
	const uint8_t *at = (const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
	uint32_t i;

	for (i = 0; i < block->hdr.bh1.num_pkts; i++) {
		const struct tpacket3_hdr *packet = (const struct tpacket3_hdr *)at;

		fn(at + packet->tp_mac, packet->tp_snaplen, packet->tp_len, arg);
		at += packet->tp_next_offset;
	}
}

void packet_ring_read(struct packet_ring *ring, packet_fn fn, void *arg)
{
	int i;

	for (i = 0; i < BLOCKS; i++) {
		struct tpacket_block_desc *block =
			(struct tpacket_block_desc *)(ring->memory + ring->block * BLOCK_SIZE);
		uint32_t *status = &block->hdr.bh1.block_status;

		if (!(__atomic_load_n(status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
			return;
		read_block(block, fn, arg);
		__atomic_store_n(status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		ring->block = (ring->block + 1) % BLOCKS;
	}
}

uint32_t packet_ring_lost(struct packet_ring *ring)
{
	struct tpacket_stats_v3 stats = {};
	socklen_t len = sizeof(stats);

	/* Cannot fail for a socket of this kind; the kernel's numbers begin anew. */
	if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		return 0;
	return stats.tp_drops;
}

bool packet_ring_was_down(struct packet_ring *ring)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(ring->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error == ENETDOWN || error == ENODEV;
}

void packet_ring_close(struct packet_ring *ring)
{
	if (ring->memory)
		munmap(ring->memory, RING_SIZE);
	if (ring->fd >= 0)
		close(ring->fd);
	*ring = (struct packet_ring){ .fd = -1 };
}
