// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A search for NICs in one broadcast domain. The frame is of the least length that
 * Ethernet has, 60 bytes: both addresses, the EtherType, a mark, a random number of
 * this run, so that no frame of another host or another run is taken for ours, and
 * the ifindex of the NIC that sent it, in network byte order. Then zeros.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diagnose/segment.h"

#define ETHERTYPE  0x88b5 /* ETH_P_802_EX1 */
#define MARK	   "xdpfrag"
#define NONCE	   16
#define WAKEUP_MAX 256 /* frames taken before others get their turn */

struct probe {
	uint8_t to[ETH_ALEN], from[ETH_ALEN];
	uint16_t proto;
	char mark[sizeof(MARK)];
	uint8_t nonce[NONCE];
	uint32_t ifindex;
	uint8_t zeros[ETH_ZLEN - ETH_HLEN - sizeof(MARK) - NONCE - 4];
} __attribute__((packed));

_Static_assert(sizeof(struct probe) == ETH_ZLEN, "the least length");

struct port {
	struct segment *segment;
	struct event *event;
	int fd; /* -1: not open */
};

struct segment {
	uint8_t nonce[NONCE];
	size_t n, n_pairs;
	struct port ports[SEGMENT_NICS];
	struct segment_nic nics[SEGMENT_NICS];
	bool seen[SEGMENT_NICS][SEGMENT_NICS]; /* from, to */
	struct segment_pair pairs[SEGMENT_NICS * (SEGMENT_NICS - 1)];
};

static size_t number_of(const struct port *port)
{
	return port - port->segment->ports;
}

static void take_probe(struct port *port, const struct probe *probe)
{
	struct segment *segment = port->segment;
	uint32_t ifindex = ntohl(probe->ifindex);
	size_t from, to = number_of(port);

	if (probe->proto != htons(ETHERTYPE) || memcmp(probe->mark, MARK, sizeof(MARK)) ||
	    memcmp(probe->nonce, segment->nonce, NONCE))
		return;
	for (from = 0; from < segment->n; from++)
		if (segment->nics[from].ifindex == ifindex)
			break;
	if (from == segment->n)
		return;
	if (from == to)
		segment->nics[to].loop = true;
	else if (!segment->seen[from][to])
		segment->pairs[segment->n_pairs++] =
			(struct segment_pair){ ifindex, segment->nics[to].ifindex };
	segment->seen[from][to] = true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct sockaddr_ll from;
	struct probe probe;
	socklen_t len;
	ssize_t got;
	int i;

	(void)what;
	for (i = 0; i < WAKEUP_MAX; i++) {
		len = sizeof(from);
		got = recvfrom(fd, &probe, sizeof(probe), 0, (struct sockaddr *)&from, &len);
		if (got < 0 && errno == EAGAIN)
			return;
		/* The NIC went down: said once, and cleared by having been read. */
		if (got != sizeof(probe))
			continue;
		/* With a foreign VLAN tag it is PACKET_OTHERHOST, __netif_receive_skb_core(). */
		if (from.sll_pkttype == PACKET_BROADCAST)
			take_probe(arg, &probe);
	}
}

static int link_state(int fd, uint32_t ifindex)
{
	struct ifreq request = {};

	if (!if_indextoname(ifindex, request.ifr_name))
		return errno == ENXIO ? -ENODEV : -errno;
	if (ioctl(fd, SIOCGIFFLAGS, &request))
		return -errno;
	if (!(request.ifr_flags & IFF_UP))
		return -ENETDOWN;
	return request.ifr_flags & IFF_RUNNING ? 0 : -ENOLINK;
}

/* Opens the port's socket. A NIC that is of no use leaves it closed, and its `err` says why. */
static int open_port(struct port *port, struct event_base *base)
{
	struct segment_nic *nic = &port->segment->nics[number_of(port)];
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETHERTYPE),
				       .sll_ifindex = nic->ifindex };

	/* Protocol 0 until it is bound: nothing of other NICs slips in. */
	port->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (port->fd < 0)
		return -errno;
	nic->err = link_state(port->fd, nic->ifindex);
	if (!nic->err && bind(port->fd, (struct sockaddr *)&address, sizeof(address)))
		nic->err = -errno;
	if (nic->err) {
		close(port->fd);
		port->fd = -1;
		return 0;
	}
	port->event = event_new(base, port->fd, EV_READ | EV_PERSIST, on_readable, port);
	if (!port->event || event_add(port->event, NULL))
		return -ENOMEM;
	return 0;
}

static int send_probe(const struct port *port)
{
	const struct segment *segment = port->segment;
	struct probe probe = { .proto = htons(ETHERTYPE),
			       .mark = MARK,
			       .ifindex = htonl(segment->nics[number_of(port)].ifindex) };
	struct sockaddr_ll own;
	socklen_t len = sizeof(own);

	/* For a bound socket this is the NIC's own address. */
	if (getsockname(port->fd, (struct sockaddr *)&own, &len))
		return -errno;
	if (own.sll_hatype != ARPHRD_ETHER || own.sll_halen != ETH_ALEN)
		return -EAFNOSUPPORT;
	memset(probe.to, 0xff, sizeof(probe.to));
	memcpy(probe.from, own.sll_addr, sizeof(probe.from));
	memcpy(probe.nonce, segment->nonce, sizeof(probe.nonce));
	return send(port->fd, &probe, sizeof(probe), 0) < 0 ? -errno : 0;
}

static int open_all(struct segment *segment, struct event_base *base)
{
	ssize_t got = getrandom(segment->nonce, NONCE, 0);
	size_t i;
	int err;

	if (got != NONCE)
		return got < 0 ? -errno : -EIO;
	for (i = 0; i < segment->n; i++) {
		err = open_port(&segment->ports[i], base);
		if (err)
			return err;
	}
	/* All ears first. */
	for (i = 0; i < segment->n; i++)
		if (segment->ports[i].fd >= 0)
			segment->nics[i].err = send_probe(&segment->ports[i]);
	return 0;
}

int segment_open(struct segment **result, struct event_base *base, const uint32_t *ifindexes,
		 size_t n)
{
	struct segment *segment;
	size_t i;
	int err;

	if (n > SEGMENT_NICS)
		return -E2BIG;
	segment = calloc(1, sizeof(*segment));
	if (!segment)
		return -ENOMEM;
	segment->n = n;
	for (i = 0; i < n; i++) {
		segment->ports[i].segment = segment;
		segment->ports[i].fd = -1;
		segment->nics[i].ifindex = ifindexes[i];
	}
	err = open_all(segment, base);
	if (err)
		segment_close(segment);
	else
		*result = segment;
	return err;
}

const struct segment_pair *segment_pairs(const struct segment *segment, size_t *n)
{
	*n = segment->n_pairs;
	return segment->pairs;
}

const struct segment_nic *segment_nics(const struct segment *segment, size_t *n)
{
	*n = segment->n;
	return segment->nics;
}

void segment_close(struct segment *segment)
{
	size_t i;

	if (!segment)
		return;
	for (i = 0; i < segment->n; i++) {
		if (segment->ports[i].event)
			event_free(segment->ports[i].event);
		if (segment->ports[i].fd >= 0)
			close(segment->ports[i].fd);
	}
	free(segment);
}
