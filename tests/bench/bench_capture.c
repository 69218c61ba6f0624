// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a capture costs a packet: the steer program without one, with a filter that does not
 * match, and with one that does. Prints the table for the README.
 *
 *   bench_capture [ROUNDS]
 *
 * A thread on another CPU takes the records out of the ring, unread: what a reader makes of them
 * is its own affair (capture.sh).
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/bench.h"
#include "../lib/frames.h"
#include "../lib/pcap_filter.h"
#include "../lib/steer_rig.h"
#include "datapath/steer.h"
#include "steer.skel.h"
#include "xdpfrag/captured.h"

#define PACKETS 4000 /* in the longer run of a slope: their records fit into the ring */
#define SLOPES	12

static const struct kind {
	const char *name, *filter; /* NULL: no capture */
	uint32_t snaplen;
	bool decap;
} kinds[] = {
	{ "no capture", NULL, 0, false },
	{ "no match: `udp port 53`", "udp port 53", XDPFRAG_CAPTURED_MAX, false },
	{ "no match: `host 192.0.2.1 and tcp[tcpflags] & tcp-syn != 0`",
	  "host 192.0.2.1 and tcp[tcpflags] & tcp-syn != 0", XDPFRAG_CAPTURED_MAX, false },
	{ "no match, `--decap`: `udp port 53`", "udp port 53", XDPFRAG_CAPTURED_MAX, true },
	{ "captured, 96 bytes of each", "", 96, false },
	{ "captured whole", "", XDPFRAG_CAPTURED_MAX, false },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

enum packet { UNICAST, WRONG, PACKETS_OF_A_KIND };

static const char *const packet_names[] = { "unicast TCP, 1,514 bytes",
					    "fragment on a wrong link, 1,514 bytes" };

static struct bench_samples samples[KINDS][PACKETS_OF_A_KIND];
static struct steer_capture captures[KINDS];
static struct rig rigs[KINDS];
static struct bpf_object *bare;

/* --- the reader --- */

struct drain {
	_Atomic unsigned long *consumed, *produced;
};

static struct drain drains[KINDS];

static void *drain_all(void *arg)
{
	size_t i;

	(void)arg;
	for (;;) {
		for (i = 0; i < KINDS; i++)
			if (drains[i].consumed)
				atomic_store(drains[i].consumed, atomic_load(drains[i].produced));
		usleep(200);
	}
	return NULL;
}

/* The two pages that a ring begins with (kernel/bpf/ringbuf.c). */
static void open_drain(struct drain *drain, int fd)
{
	long page = sysconf(_SC_PAGESIZE);
	void *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	void *producer = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, page);

	if (consumer == MAP_FAILED || producer == MAP_FAILED)
		bench_die("ring", -1);
	drain->produced = producer;
	drain->consumed = consumer;
}

/* --- programs --- */

static void make_capture(struct steer_capture *capture, const struct kind *kind)
{
	char why[PCAP_FILTER_WHY];
	struct pcap_filter filter;
	size_t at;
	int err;

	if (!pcap_filter_compile(&filter, kind->filter, true, why))
		bench_die(why, -EINVAL);
	*capture = (struct steer_capture){ .snaplen = kind->snaplen,
					   .verdicts = ~0U,
					   .decap = kind->decap };
	err = steer_capture_make(capture, filter.insns, filter.n, &at);
	if (err)
		bench_die("filter", err);
	pcap_filter_free(&filter);
}

static void open_steer(size_t i)
{
	const struct rig_sizes sizes = { .capture = kinds[i].filter ? &captures[i] : NULL };
	struct rig_policy policy = rig_policy("239.0.0.15", NULL, 0, XDPFRAG_WRONG_DROP, 1);
	int err = rig_open(&rigs[i], &sizes);

	if (!err)
		err = rig_add(&rigs[i], &policy);
	if (!err)
		err = rig_commit(&rigs[i], 0, ~0ULL);
	if (err)
		bench_die("steer", err);
	if (kinds[i].filter)
		open_drain(&drains[i], bpf_map__fd(rigs[i].skel->maps.captured));
}

static size_t build(uint8_t *buf, size_t size, enum packet packet)
{
	struct frame frame = { .more = packet == WRONG,
			       .protocol = packet == WRONG ? IPPROTO_UDP : IPPROTO_TCP,
			       .payload_len = 1480 };

	frame_addresses(&frame, "10.84.0.73", packet == WRONG ? "239.0.0.15" : "10.84.0.42");
	return frame_build(buf, size, &frame);
}

static void one_round(void)
{
	static uint8_t buf[2048];
	enum packet packet;
	size_t i, len;

	for (packet = 0; packet < PACKETS_OF_A_KIND; packet++) {
		len = build(buf, sizeof(buf), packet);
		for (i = 0; i < KINDS; i++) {
			struct bench_run run = {
				.prog = rigs[i].prog,
				.bare = bench_program(bare,
						      packet == WRONG ? "bare_drop" : "bare_pass"),
				.frame = buf,
				.len = len,
				.repeat = PACKETS,
				.slopes = SLOPES,
			};

			bench_measure(&run, &samples[i][packet]);
			if (run.action != (packet == WRONG ? XDP_DROP : XDP_PASS))
				bench_die(kinds[i].name, -run.action);
		}
	}
}

/* Records that had no room would be cheaper than those that have. */
static void check_lost(size_t i)
{
	struct xdpfrag_capture_counts counts[libbpf_num_possible_cpus()];
	uint64_t captured = 0, lost = 0;
	uint32_t slot = 0;
	int cpu;

	if (bpf_map_lookup_elem(bpf_map__fd(rigs[i].skel->maps.capture_counts), &slot, counts))
		bench_die("counts", -1);
	for (cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) {
		captured += counts[cpu].captured;
		lost += counts[cpu].lost;
	}
	if (lost * 100 > captured)
		fprintf(stderr, "bench: %s: %llu of %llu lost\n", kinds[i].name,
			(unsigned long long)lost, (unsigned long long)(captured + lost));
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 11, round;
	pthread_t reader;
	enum packet packet;
	size_t i;

	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_capture [ROUNDS]\n");
		return 2;
	}
	bench_namespace();
	for (i = 0; i < KINDS; i++)
		if (kinds[i].filter)
			make_capture(&captures[i], &kinds[i]);
	/* Before this thread is bound to a CPU, which the reader shall not be. */
	if (pthread_create(&reader, NULL, drain_all, NULL))
		bench_die("thread", -1);
	bench_pin();
	for (round = 0; round < rounds; round++) {
		bare = bench_object("bare.bpf.o");
		for (i = 0; i < KINDS; i++)
			open_steer(i);
		one_round();
		for (i = 0; i < KINDS; i++) {
			check_lost(i);
			drains[i].consumed = NULL;
			rig_close(&rigs[i]);
		}
		bpf_object__close(bare);
	}

	printf("| steer: ns a packet (more than without a capture) |");
	for (packet = 0; packet < PACKETS_OF_A_KIND; packet++)
		printf(" %s |", packet_names[packet]);
	printf("\n|---|--:|--:|\n");
	for (i = 0; i < KINDS; i++) {
		printf("| %s |", kinds[i].name);
		for (packet = 0; packet < PACKETS_OF_A_KIND; packet++)
			printf(" %.1f (%+.1f) |", bench_median(&samples[i][packet]),
			       bench_more(&samples[i][packet]) - bench_more(&samples[0][packet]));
		printf("\n");
	}
	return 0;
}
