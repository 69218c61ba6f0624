// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * spoof: first fragments to a group, as fast as a NIC takes them and no second one
 * ever, each from another source; for what an attacker does to reassembly.
 *
 *   spoof NIC GROUP PORT SECONDS [SOURCES]   0: never the same (the default)
 *
 * Sources are taken from 10.128.0.0/9 on. Prints how many were sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../lib/frames.h"

#define BATCH	 64
#define DATA	 24 /* bytes with the UDP header: a frame of 64 has them, by eights */
#define ROOM	 256
#define IPV4	 14 /* where the IP header begins */
#define FIRST_IP 0x0a800000U

static void fail(const char *what)
{
	fprintf(stderr, "spoof: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static int open_outlet(const char *nic)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(nic) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), on = 1;

	/* Protocol 0: nothing is received. */
	if (fd < 0 || !to.sll_ifindex || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		fail(nic);
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	return fd;
}

/* The n-th frame: another source, and another id where the sources come again. */
static void rewrite(uint8_t *frame, uint32_t n, uint32_t sources)
{
	uint32_t source = htonl(FIRST_IP + (sources ? n % sources : n % (1U << 23)));
	uint16_t id = htons(n * 40503);

	memcpy(frame + IPV4 + 4, &id, sizeof(id));
	memcpy(frame + IPV4 + 12, &source, sizeof(source));
	frame_ipv4_checksum(frame + IPV4);
}

static size_t first_fragment(uint8_t *at, const char *group, int port)
{
	static uint8_t datagram[DATA];
	struct frame frame = { .more = true, .payload = datagram, .payload_len = DATA };

	if (!frame_addresses(&frame, "10.128.0.0", group)) {
		errno = EINVAL;
		fail(group);
	}
	datagram[2] = port >> 8;
	datagram[3] = port;
	datagram[4] = 8008 >> 8;
	datagram[5] = 8008 & 255;
	return frame_build(at, ROOM, &frame);
}

int main(int argc, char **argv)
{
	static uint8_t frames[BATCH][ROOM];
	struct mmsghdr messages[BATCH] = {};
	struct iovec pieces[BATCH];
	uint32_t sources, n = 0, sent = 0, i;
	double end;
	int fd;

	if (argc < 5 || argc > 6) {
		fputs("Usage: spoof NIC GROUP PORT SECONDS [SOURCES]\n", stderr);
		return 2;
	}
	fd = open_outlet(argv[1]);
	for (i = 0; i < BATCH; i++) {
		pieces[i].iov_base = frames[i];
		pieces[i].iov_len = first_fragment(frames[i], argv[2], atoi(argv[3]));
		messages[i].msg_hdr.msg_iov = &pieces[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	sources = argc == 6 ? strtoul(argv[5], NULL, 10) : 0;
	end = now() + atof(argv[4]);
	while (now() < end) {
		int done;

		for (i = 0; i < BATCH; i++)
			rewrite(frames[i], n++, sources);
		done = sendmmsg(fd, messages, BATCH, 0);
		if (done > 0)
			sent += done;
		else if (errno != ENOBUFS && errno != EAGAIN)
			fail("sendmmsg");
	}
	printf("%u\n", sent);
	close(fd);
	return 0;
}
