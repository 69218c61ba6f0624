// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The receiving socket of `probe recv` (probe_listen.h).
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "probe_listen.h"

#define RECEIVE_BUFFER (64 << 20) /* bytes; a burst is not to be mistaken for loss on the way */

#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29 /* linux/in6.h, which cannot stand beside netinet/in.h */
#endif

static int set_flag(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) ? -errno : 0;
}

static int join_ipv4(const struct probe *probe, int fd)
{
	struct ip_mreqn member = {
		.imr_multiaddr = probe->group.v4.sin_addr,
		.imr_ifindex = probe->ifindex,
	};
	int err;

	/* Without this, a membership of any other socket of the host would do. */
	err = set_flag(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
	if (!err)
		err = set_flag(fd, IPPROTO_IP, IP_PKTINFO, 1);
	if (!err && setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof(member)))
		err = -errno;
	return err;
}

static int join_ipv6(const struct probe *probe, int fd)
{
	struct ipv6_mreq member = {
		.ipv6mr_multiaddr = probe->group.v6.sin6_addr,
		.ipv6mr_interface = probe->ifindex,
	};
	int err;

	err = set_flag(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
	if (!err)
		err = set_flag(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	if (!err && setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &member, sizeof(member)))
		err = -errno;
	return err;
}

int probe_listen(const struct probe *probe, int *to)
{
	int family = probe->group.any.sa_family;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
	int err;

	if (fd < 0)
		return -errno;
	/* Both only help: the first needs a capability, the second is bounded by a sysctl. */
	if (set_flag(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER))
		set_flag(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
	set_flag(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);

	/* Joined before bound: nothing of another link's gets in between. */
	err = set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!err)
		err = family == AF_INET ? join_ipv4(probe, fd) : join_ipv6(probe, fd);
	if (!err && bind(fd, &probe->group.any, probe_address_len(&probe->group)))
		err = -errno;
	if (err)
		close(fd);
	else
		*to = fd;
	return err;
}

static void read_control(struct msghdr *message, struct probe_packet *packet)
{
	struct cmsghdr *control;

	for (control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		const void *data = CMSG_DATA(control);
		struct in_pktinfo v4;
		struct in6_pktinfo v6;

		if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, data, sizeof(v4));
			packet->ifindex = v4.ipi_ifindex;
		} else if (control->cmsg_level == IPPROTO_IPV6 &&
			   control->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, data, sizeof(v6));
			packet->ifindex = v6.ipi6_ifindex;
		} else if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL) {
			memcpy(&packet->overruns, data, sizeof(packet->overruns));
		}
	}
}

int probe_receive(int fd, uint8_t *payload, struct probe_packet *packet)
{
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint32_t))]
		__attribute__((aligned(__alignof__(struct cmsghdr))));
	struct iovec iov = { .iov_base = payload, .iov_len = PROBE_BUFFER };
	struct msghdr message = {
		.msg_name = &packet->from,
		.msg_namelen = sizeof(packet->from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len;

	memset(packet, 0, sizeof(*packet));
	do
		len = recvmsg(fd, &message, 0);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	packet->len = len;
	read_control(&message, packet);
	packet->verdict = probe_payload_read(payload, len, &packet->header);
	return 0;
}
