// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blast: numbered datagrams as fast as the stack takes them, and a receiver that
 * does nothing but count them, each once. For benchmarks: what `xdpfragctl probe`
 * spends on contents and pauses would hide what is measured.
 *
 *   blast send GROUP PORT ADDR SIZE SECONDS [RATE]   prints how many were sent
 *   blast recv GROUP PORT ADDR                       "ready"; until SIGTERM or SIGINT, then how
 *                                                    many different ones came, and copies
 *
 * Each prints at the end of its line how much CPU time it took, in us; on veths, the
 * sender's has the receiving side's softirqs in it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DATAGRAM_MAX 65507
#define NUMBERS	     (1U << 26) /* that are told apart */
#define BUFFER	     (32 << 20) /* bytes of the socket's: what is measured is the path before it */

static volatile sig_atomic_t ending;
static uint8_t data[DATAGRAM_MAX];
static uint8_t seen[NUMBERS / 8];

static void fail(const char *what)
{
	fprintf(stderr, "blast: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void on_signal(int signal)
{
	(void)signal;
	ending = 1;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static double cpu_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static struct in_addr parse_address(const char *text)
{
	struct in_addr address;

	if (inet_pton(AF_INET, text, &address) != 1) {
		errno = EINVAL;
		fail(text);
	}
	return address;
}

/* A sender that has lost its turn makes up for it, for ten milliseconds at most. */
static void pause_until(double *due, double rate)
{
	double late = now() - *due;

	*due += 1 / rate;
	if (late > 0.01)
		*due += late - 0.01;
	if (late < 0)
		usleep(-late * 1e6);
}

static int blast(const struct sockaddr_in *group, struct in_addr nic, size_t size, double seconds,
		 double rate)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), buffer = BUFFER;
	double end = now() + seconds, due = now();
	uint32_t n = 0;

	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &nic, sizeof(nic)))
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer));
	while (now() < end) {
		memcpy(data, &n, sizeof(n));
		if (sendto(fd, data, size, 0, (const struct sockaddr *)group, sizeof(*group)) < 0) {
			if (errno != ENOBUFS)
				fail("sendto");
			continue;
		}
		n++;
		if (rate)
			pause_until(&due, rate);
	}
	printf("%u %.0f\n", n, cpu_us());
	close(fd);
	return 0;
}

static int open_receiver(const struct sockaddr_in *group, struct in_addr nic)
{
	struct ip_mreq membership = { .imr_multiaddr = group->sin_addr, .imr_interface = nic };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), buffer = BUFFER;

	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
	if (bind(fd, (const struct sockaddr *)group, sizeof(*group)) ||
	    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof(membership)))
		fail("join");
	return fd;
}

static int count(int fd)
{
	/* Without SA_RESTART: a signal ends recv(). */
	struct sigaction action = { .sa_handler = on_signal };
	uint32_t number, different = 0, copies = 0;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	printf("ready\n");
	fflush(stdout);
	while (!ending) {
		if (recv(fd, data, sizeof(data), 0) < (ssize_t)sizeof(number))
			continue;
		memcpy(&number, data, sizeof(number));
		number %= NUMBERS;
		if (seen[number / 8] & 1 << number % 8)
			copies++;
		else
			different++;
		seen[number / 8] |= 1 << number % 8;
	}
	printf("%u %u %.0f\n", different, copies, cpu_us());
	return 0;
}

int main(int argc, char **argv)
{
	bool sends = argc >= 7 && argc <= 8 && !strcmp(argv[1], "send");
	struct sockaddr_in group = { .sin_family = AF_INET };
	struct in_addr nic;
	size_t size = 0;

	if (!sends && (argc != 5 || strcmp(argv[1], "recv"))) {
		fputs("Usage: blast send GROUP PORT ADDR SIZE SECONDS [RATE]\n"
		      "       blast recv GROUP PORT ADDR\n",
		      stderr);
		return 2;
	}
	group.sin_addr = parse_address(argv[2]);
	group.sin_port = htons(atoi(argv[3]));
	nic = parse_address(argv[4]);
	if (!sends)
		return count(open_receiver(&group, nic));
	size = strtoul(argv[5], NULL, 10);
	if (size < sizeof(uint32_t) || size > DATAGRAM_MAX) {
		errno = EMSGSIZE;
		fail(argv[5]);
	}
	return blast(&group, nic, size, atof(argv[6]), argc == 8 ? atof(argv[7]) : 0);
}
