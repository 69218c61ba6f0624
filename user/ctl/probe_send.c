// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `probe send`: a run of numbered datagrams at a steady rate.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "interrupt.h"
#include "objects.h"
#include "output.h"
#include "probe.h"
#include "probe_payload.h"

#define SEND_BUFFER (1 << 20) /* bytes; holds several of the largest datagrams */
#define SEND_RETRY  1000000   /* ns to wait when the kernel's queue is full */

struct probe_run {
	const struct probe *probe;
	struct probe_header header;
	uint8_t *payload;
	int fd;
	uint64_t sent;
	int64_t began; /* monotonic_ns() */
};

static int set_ipv4(const struct probe *probe, int fd)
{
	struct ip_mreqn from = { .imr_ifindex = probe->ifindex };
	int ttl = probe->ttl, fragment = IP_PMTUDISC_DONT;

	from.imr_address = probe->local.v4.sin_addr;
	if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof(from)) ||
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) ||
	    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &fragment, sizeof(fragment)))
		return -errno;
	return 0;
}

static int set_ipv6(const struct probe *probe, int fd)
{
	int ifindex = probe->ifindex, hops = probe->ttl;

	if (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &ifindex, sizeof(ifindex)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)))
		return -errno;
	return 0;
}

static int bind_source(const struct probe *probe, int fd)
{
	union probe_address local = probe->local;

	if (!probe->source_port && local.any.sa_family == AF_UNSPEC)
		return 0;
	local.any.sa_family = probe->group.any.sa_family;
	probe_address_set_port(&local, probe->source_port);
	return bind(fd, &local.any, probe_address_len(&local)) ? -errno : 0;
}

static int open_socket(const struct probe *probe, int *to)
{
	int fd = socket(probe->group.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	int room = SEND_BUFFER;
	int err;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	err = probe->group.any.sa_family == AF_INET ? set_ipv4(probe, fd) : set_ipv6(probe, fd);
	if (!err)
		err = bind_source(probe, fd);
	if (err)
		close(fd);
	else
		*to = fd;
	return err;
}

/* A queue that is full for a moment is waited for: it is the receiver's losses that count. */
static int send_one(struct probe_run *run)
{
	const union probe_address *group = &run->probe->group;

	run->header.sequence = run->sent;
	probe_payload_write(run->payload, &run->header);
	for (;;) {
		if (sendto(run->fd, run->payload, run->header.size, 0, &group->any,
			   probe_address_len(group)) >= 0)
			break;
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (interrupt_wait(-1, monotonic_ns() + SEND_RETRY) < 0)
			return -EINTR;
	}
	run->sent++;
	return 0;
}

/* Each datagram has its time from the beginning, so that delays do not add up. */
static int send_all(struct probe_run *run)
{
	double interval = run->probe->rate > 0 ? 1e9 / run->probe->rate : 0;
	uint64_t count = run->probe->count;
	int err = 0;

	run->began = monotonic_ns();
	while (!err && !interrupted() && (!count || run->sent < count)) {
		err = send_one(run);
		if (!err && interval && run->sent != count)
			err = interrupt_wait(-1, run->began + (int64_t)(interval * run->sent));
	}
	return err == -EINTR ? 0 : err;
}

static json_t *describe(const struct probe_run *run, const char *event)
{
	char id[17];

	snprintf(id, sizeof(id), "%016llx", (unsigned long long)run->header.run);
	return json_pack("{s:s, s:s, s:s, s:i, s:o, s:I, s:I, s:f}", "event", event, "run", id,
			 "group", run->probe->group_text, "port", run->probe->port, "nic",
			 text_json(run->probe->nic), "count", (json_int_t)run->header.total, "size",
			 (json_int_t)run->header.size, "rate", run->probe->rate);
}

static int print_begin(const struct probe_run *run, bool json)
{
	const struct probe *probe = run->probe;

	if (json)
		return output_line(describe(run, "sending"));
	printf("sending ");
	if (probe->count)
		printf("%.0f ", probe->count);
	printf("datagrams of %u bytes to %s port %u on %s, ", run->header.size, probe->group_text,
	       probe->port, probe->nic);
	if (probe->rate > 0)
		printf("%.10g per second", probe->rate);
	else
		printf("without a pause");
	if (!probe->count)
		printf(", until interrupted");
	printf(", run %016llx\n", (unsigned long long)run->header.run);
	return output_flush();
}

static int print_end(const struct probe_run *run, bool json)
{
	double seconds = (monotonic_ns() - run->began) / 1e9;
	json_t *object;

	if (json) {
		object = describe(run, "summary");
		json_object_set_new(object, "sent", json_integer(run->sent));
		json_object_set_new(object, "seconds", json_real(seconds));
		return output_line(object);
	}
	printf("sent %llu", (unsigned long long)run->sent);
	if (run->header.total)
		printf(" of %u", run->header.total);
	printf(" in %.2f s\n", seconds);
	return output_flush();
}

static int run_probe(struct probe_run *run, bool json, struct report *rep)
{
	const struct probe *probe = run->probe;
	int err, end;

	err = open_socket(probe, &run->fd);
	if (err)
		return report_failed(rep, err, probe->nic, "cannot send to %s on %s: %s",
				     probe->group_text, probe->nic, strerror(-err));
	err = print_begin(run, json);
	if (err)
		return err;
	interrupt_catch();
	err = send_all(run);
	end = print_end(run, json);
	if (err)
		return report_failed(rep, err, probe->nic, "sending to %s on %s failed: %s",
				     probe->group_text, probe->nic, strerror(-err));
	/* Interrupted before its time: not what was asked for. */
	if (!end && run->header.total && run->sent < run->header.total)
		end = -EINTR;
	return end;
}

int probe_send_run(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	struct probe probe;
	struct probe_run run = { .probe = &probe, .fd = -1 };
	int err;

	err = probe_parse(&probe, PROBE_SEND, words, n_words, rep);
	if (err)
		return err;
	run.header.total = probe.count;
	run.header.size = probe.size;
	if (probe.rate > 0)
		run.header.interval = 1e6 / probe.rate < UINT32_MAX ? 1e6 / probe.rate : UINT32_MAX;
	if (getrandom(&run.header.run, sizeof(run.header.run), 0) != sizeof(run.header.run))
		return report_failed(rep, -errno, "", "no random number: %s", strerror(errno));
	run.payload = malloc(PROBE_SIZE_MAX);
	if (!run.payload)
		return report_failed(rep, -ENOMEM, "", "out of memory");

	err = run_probe(&run, ctl->json, rep);
	if (run.fd >= 0)
		close(run.fd);
	free(run.payload);
	return err;
}
