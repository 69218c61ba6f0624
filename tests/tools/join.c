// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * join: wants multicast in ways that `xdpfragctl probe recv` does not, holds on to
 * them until SIGTERM or SIGINT, and then prints how many datagrams each socket got.
 * "ready" is printed when everything is joined.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/mroute.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS 4096

static volatile sig_atomic_t ended;

static struct {
	struct pollfd fd[SOCKETS];
	unsigned long received[SOCKETS];
	size_t n;
	int port; /* 0: nothing is received */
} sockets;

static void usage(FILE *to)
{
	fputs("Usage: join WANT...\n"
	      "  port N                 receive on this port what is joined from here on\n"
	      "  NIC GROUP              with a socket of its own\n"
	      "  NIC GROUP source ADDR  from this source only\n"
	      "  NIC GROUP also ADDR    the socket before, from this source too\n"
	      "  NIC GROUP not ADDR     from all sources but this one\n"
	      "  NIC mac ADDR           a packet socket that wants this MAC address\n"
	      "  NIC listen             a packet socket that reads everything on it\n"
	      "  NIC route              a multicast router on it\n"
	      "  NIC many N             239.1.0.0 and what follows, N groups\n",
	      to);
}

static void fail(const char *what)
{
	fprintf(stderr, "join: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void on_signal(int signal)
{
	(void)signal;
	ended = 1;
}

static int new_socket(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd < 0)
		fail("socket");
	if (sockets.n == SOCKETS) {
		errno = ENOSPC;
		fail("sockets");
	}
	sockets.fd[sockets.n++] = (struct pollfd){ .fd = fd };
	return fd;
}

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage address = {};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
		address.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
		address.ss_family = AF_INET6;
	else {
		errno = EINVAL;
		fail(text);
	}
	return address;
}

/* The group's socket, bound to it when something is to be received. */
static int group_socket(struct sockaddr_storage group)
{
	int fd = new_socket(group.ss_family, SOCK_DGRAM, 0), on = 1, bytes = 8 << 20;

	if (!sockets.port)
		return fd;
	((struct sockaddr_in *)&group)->sin_port = htons(sockets.port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (bind(fd, (struct sockaddr *)&group, sizeof(group)))
		fail("bind");
	sockets.fd[sockets.n - 1].events = POLLIN;
	return fd;
}

static int level(const struct sockaddr_storage *group)
{
	return group->ss_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
}

static void join_any(int fd, unsigned int nic, const struct sockaddr_storage *group)
{
	struct group_req want = { .gr_interface = nic, .gr_group = *group };

	if (setsockopt(fd, level(group), MCAST_JOIN_GROUP, &want, sizeof(want)))
		fail("MCAST_JOIN_GROUP");
}

static void filter(int fd, unsigned int nic, const struct sockaddr_storage *group, int option,
		   const char *source)
{
	struct group_source_req want = { .gsr_interface = nic,
					 .gsr_group = *group,
					 .gsr_source = address(source) };

	if (setsockopt(fd, level(group), option, &want, sizeof(want)))
		fail("the source's filter");
}

static void want_mac(unsigned int nic, const char *text)
{
	struct packet_mreq want = { .mr_ifindex = nic,
				    .mr_type = PACKET_MR_MULTICAST,
				    .mr_alen = 6 };
	unsigned char *mac = want.mr_address;

	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4,
		   mac + 5) != 6) {
		errno = EINVAL;
		fail(text);
	}
	if (setsockopt(new_socket(AF_PACKET, SOCK_RAW, 0), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &want,
		       sizeof(want)))
		fail("PACKET_ADD_MEMBERSHIP");
}

static void listen_on(unsigned int nic)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = nic };

	if (bind(new_socket(AF_PACKET, SOCK_RAW, 0), (struct sockaddr *)&at, sizeof(at)))
		fail("bind");
}

static void route(unsigned int nic)
{
	struct vifctl vif = { .vifc_flags = VIFF_USE_IFINDEX,
			      .vifc_threshold = 1,
			      .vifc_lcl_ifindex = nic };
	int fd = new_socket(AF_INET, SOCK_RAW, IPPROTO_IGMP), version = 1;

	if (setsockopt(fd, IPPROTO_IP, MRT_INIT, &version, sizeof(version)))
		fail("MRT_INIT");
	if (setsockopt(fd, IPPROTO_IP, MRT_ADD_VIF, &vif, sizeof(vif)))
		fail("MRT_ADD_VIF");
}

/* One socket may join only so many (igmp_max_memberships, 20). */
static void join_many(unsigned int nic, unsigned long n)
{
	unsigned long i;
	int fd = -1;

	for (i = 0; i < n; i++) {
		struct sockaddr_storage group = { .ss_family = AF_INET };

		((struct sockaddr_in *)&group)->sin_addr.s_addr = htonl(0xef010000 + i);
		if (i % 20 == 0)
			fd = new_socket(AF_INET, SOCK_DGRAM, 0);
		join_any(fd, nic, &group);
	}
}

/* Returns how many words were taken. */
static int want(char **word, int n)
{
	const char *how = n > 3 ? word[2] : "";
	struct sockaddr_storage group;
	unsigned int nic;

	if (!strcmp(word[0], "port")) {
		sockets.port = atoi(word[1]);
		return 2;
	}
	nic = if_nametoindex(word[0]);
	if (!nic)
		fail(word[0]);
	if (!strcmp(word[1], "route")) {
		route(nic);
		return 2;
	}
	if (!strcmp(word[1], "listen")) {
		listen_on(nic);
		return 2;
	}
	if (n > 2 && !strcmp(word[1], "mac")) {
		want_mac(nic, word[2]);
		return 3;
	}
	if (n > 2 && !strcmp(word[1], "many")) {
		join_many(nic, strtoul(word[2], NULL, 10));
		return 3;
	}
	group = address(word[1]);
	if (!strcmp(how, "source")) {
		filter(group_socket(group), nic, &group, MCAST_JOIN_SOURCE_GROUP, word[3]);
		return 4;
	}
	if (!strcmp(how, "also") && sockets.n) {
		filter(sockets.fd[sockets.n - 1].fd, nic, &group, MCAST_JOIN_SOURCE_GROUP, word[3]);
		return 4;
	}
	join_any(group_socket(group), nic, &group);
	if (strcmp(how, "not"))
		return 2;
	filter(sockets.fd[sockets.n - 1].fd, nic, &group, MCAST_BLOCK_SOURCE, word[3]);
	return 4;
}

static void receive(void)
{
	static char datagram[65536];
	size_t i;

	if (poll(sockets.fd, sockets.n, 100) <= 0)
		return;
	for (i = 0; i < sockets.n; i++)
		if (sockets.fd[i].revents & POLLIN &&
		    recv(sockets.fd[i].fd, datagram, sizeof(datagram), MSG_DONTWAIT) > 0)
			sockets.received[i]++;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	size_t i;
	int at = 1;

	if (argc < 3) {
		usage(stderr);
		return 2;
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	while (argc - at >= 2)
		at += want(argv + at, argc - at);
	puts("ready");
	fflush(stdout);
	while (!ended)
		receive();
	for (i = 0; i < sockets.n; i++)
		if (sockets.fd[i].events)
			printf("%lu\n", sockets.received[i]);
	return 0;
}
