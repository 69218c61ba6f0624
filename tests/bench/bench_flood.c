// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a flood of spoofed fragments leaves of one honest sender's datagrams, in the
 * engine with the limits that the agent gives it: a markdown table. Time is simulated, so the
 * figures are the same on every machine; the flood's fragments come evenly, and the
 * sender's at his own rate between them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../lib/bench.h"
#include "reassembly/reassembly.h"

#define SECOND	    1000000000ULL
#define DURATION    (SECOND / 10) /* by then the engine is as full as it gets */
#define DATA	    1480	  /* of the honest sender's fragments */
#define WIRE_BITS   (1538 * 8)	  /* of one of them on the wire, with the gap */
#define HONEST	    0xffffffff	  /* his address, which nobody spoofs */
#define HELD	    3024	  /* fragments: what the agent allows with 4,096 frames a queue */
#define SPOOFED_LEN 24		  /* bytes: the least that a frame of 64 carries, by eights */

struct flood {
	const char *name;
	double rate;		/* fragments a second */
	uint32_t sources, each; /* fragments of each of its datagrams; sources 0: never the same */
};

struct honest {
	uint64_t rate; /* bit/s */
	uint32_t cuts;
};

static uint64_t delivered;
static uint8_t bytes[2048];

static void deliver(void *arg, const struct datagram *datagram)
{
	(void)arg;
	(void)datagram;
	delivered++;
}

static void release(void *arg, uint64_t frame)
{
	(void)arg;
	(void)frame;
}

static struct fragment fragment_of(uint32_t source, uint32_t id)
{
	struct fragment fragment = { .key = { .group = { 239, 0, 0, 15 },
					      .id = id & 0xffff,
					      .family = AF_INET,
					      .proto = 17 },
				     .header = bytes,
				     .data = bytes + 20,
				     .header_len = 20 };

	memcpy(fragment.key.source, &source, sizeof(source));
	return fragment;
}

static void add_spoofed(struct reassembly *engine, const struct flood *flood, uint64_t n,
			uint64_t now)
{
	uint32_t datagram = n / flood->each;
	uint32_t source = flood->sources ? datagram % flood->sources : datagram;
	struct fragment fragment = fragment_of(source, datagram * 40503);

	fragment.offset = n % flood->each * SPOOFED_LEN;
	fragment.len = SPOOFED_LEN;
	fragment.more = true;
	reassembly_add(engine, &fragment, now);
}

static void add_honest(struct reassembly *engine, const struct honest *honest, uint64_t n,
		       uint64_t now)
{
	struct fragment fragment = fragment_of(HONEST, n / honest->cuts);
	uint32_t cut = n % honest->cuts;

	fragment.offset = cut * DATA;
	fragment.more = cut + 1 < honest->cuts;
	fragment.len = fragment.more ? DATA : 300;
	reassembly_add(engine, &fragment, now);
}

/* The share of his datagrams that are delivered, of those that he sent whole. */
static double share(const struct flood *flood, const struct honest *honest)
{
	struct reassembly_ops ops = { .deliver = deliver, .release = release };
	struct reassembly_limits limits = REASSEMBLY_LIMITS;
	struct reassembly *engine;
	double apart = (double)WIRE_BITS * SECOND / honest->rate, gap = SECOND / flood->rate;
	uint64_t sent = 0, spoofed = 0, warm = 0;
	/* Ten datagrams at least. */
	double end = DURATION + 10 * honest->cuts * apart;

	limits.fragments = HELD;
	engine = reassembly_new(&limits, &ops);
	if (!engine)
		bench_die("memory", ENOMEM);
	while (sent * apart < end) {
		double next = sent * apart;

		for (; spoofed * gap < next; spoofed++)
			add_spoofed(engine, flood, spoofed, spoofed * gap);
		if (next < DURATION && sent % honest->cuts == 0) {
			warm = sent / honest->cuts;
			delivered = 0;
		}
		add_honest(engine, honest, sent++, next);
	}
	reassembly_free(engine);
	return 100.0 * delivered / (sent / honest->cuts - warm);
}

int main(void)
{
	static const struct flood floods[] = {
		{ "100 Mbit/s, a new source each", 148810, 0, 1 },
		{ "1 Gbit/s, a new source each", 1488095, 0, 1 },
		{ "1 Gbit/s, a new source each, two fragments", 1488095, 0, 2 },
		{ "1 Gbit/s, one source", 1488095, 1, 1 },
		{ "10 Gbit/s, a new source each", 14880952, 0, 1 },
		{ "10 Gbit/s, a new source each, two fragments", 14880952, 0, 2 },
		{ "10 Gbit/s, 1000 sources", 14880952, 1000, 1 },
		{ "10 Gbit/s, one source", 14880952, 1, 1 },
	};
	static const struct honest honests[] = {
		{ 1000000000, 6 }, { 1000000000, 45 }, { 100000000, 6 },
		{ 100000000, 45 }, { 10000000, 6 },
	};
	size_t i, j;

	printf("Delivered of an honest sender's datagrams, %%; his rate and their fragments:\n\n"
	       "| flood, in frames of 64 bytes | 1 Gbit/s, 6 | 1 Gbit/s, 45 | 100 Mbit/s, 6 | "
	       "100 Mbit/s, 45 | 10 Mbit/s, 6 |\n|---|---|---|---|---|---|\n");
	for (i = 0; i < sizeof(floods) / sizeof(*floods); i++) {
		printf("| %s |", floods[i].name);
		for (j = 0; j < sizeof(honests) / sizeof(*honests); j++)
			printf(" %.0f |", share(&floods[i], &honests[j]));
		printf("\n");
		fflush(stdout);
	}
	return 0;
}
