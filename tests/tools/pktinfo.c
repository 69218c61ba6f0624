// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pktinfo: an ordinary receiver of a group, and what the stack tells it of each
 * datagram. "ready" when it has joined; then, for each datagram, a line
 * SOURCE PORT GROUP NIC BYTES, the NIC by IP_PKTINFO. Until SIGTERM or SIGINT.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "pktinfo: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_storage address(const char *text, const char *port)
{
	struct sockaddr_storage address = {};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;

	v4->sin_port = htons(atoi(port)); /* in the same place in both */
	address.ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(address.ss_family, text,
		      address.ss_family == AF_INET ? (void *)&v4->sin_addr
						   : (void *)&v6->sin6_addr) != 1) {
		errno = EINVAL;
		fail(text);
	}
	return address;
}

static int join(const char *nic, const char *group, const char *port)
{
	struct sockaddr_storage to = address(group, port);
	struct group_req want = { .gr_interface = if_nametoindex(nic), .gr_group = to };
	bool ipv4 = to.ss_family == AF_INET;
	int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		fail("socket");
	if (bind(fd, (struct sockaddr *)&to, sizeof(to)))
		fail("bind");
	if (setsockopt(fd, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, MCAST_JOIN_GROUP, &want, sizeof(want)))
		fail(nic);
	if (setsockopt(fd, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_PKTINFO : IPV6_RECVPKTINFO,
		       &on, sizeof(on)))
		fail("IP_PKTINFO");
	return fd;
}

static void tell(const struct sockaddr_storage *from, struct msghdr *message, ssize_t len)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
	char source[INET6_ADDRSTRLEN], group[INET6_ADDRSTRLEN] = "-", nic[IF_NAMESIZE] = "-";
	struct cmsghdr *part;

	for (part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
		if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
			const struct in_pktinfo *info = (const void *)CMSG_DATA(part);

			inet_ntop(AF_INET, &info->ipi_addr, group, sizeof(group));
			if_indextoname(info->ipi_ifindex, nic);
		} else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
			const struct in6_pktinfo *info = (const void *)CMSG_DATA(part);

			inet_ntop(AF_INET6, &info->ipi6_addr, group, sizeof(group));
			if_indextoname(info->ipi6_ifindex, nic);
		}
	}
	inet_ntop(from->ss_family,
		  from->ss_family == AF_INET ? (const void *)&v4->sin_addr
					     : (const void *)&v6->sin6_addr,
		  source, sizeof(source));
	printf("%s %u %s %s %zd\n", source, ntohs(v4->sin_port), group, nic, len);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static char datagram[65536];
	union {
		char room[256];
		struct cmsghdr align;
	} control;
	int fd;

	if (argc != 4) {
		fputs("Usage: pktinfo NIC GROUP PORT\n", stderr);
		return 2;
	}
	fd = join(argv[1], argv[2], argv[3]);
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct sockaddr_storage from;
		struct iovec piece = { datagram, sizeof(datagram) };
		struct msghdr message = { .msg_name = &from,
					  .msg_namelen = sizeof(from),
					  .msg_iov = &piece,
					  .msg_iovlen = 1,
					  .msg_control = &control,
					  .msg_controllen = sizeof(control) };
		ssize_t len = recvmsg(fd, &message, 0);

		if (len < 0)
			fail("recvmsg");
		tell(&from, &message, len);
	}
}
