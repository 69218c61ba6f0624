// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nanoseconds a fragment in the reassembly engine, alone and with the parsing of
 * its headers, next to DPDK's librte_ip_frag on the same stream, as a markdown
 * table. DPDK compares no copies, sees no overlap, lets no key linger and knows no
 * sources; it is given its headers parsed, but for the fields that it reads itself.
 * Time passes in the engine as if 10 million fragments came in a second. Of several
 * rounds the lowest counts: what else ran can only add.
 *
 *   bench_reassembly [FRAGMENTS-OF-A-DATAGRAM [DATAGRAMS-IN-FLIGHT]]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../lib/bench.h"
#include "../lib/frames.h"
#include "dpdk_reassembly.h"
#include "reassembly/parse.h"

#define ROUNDS	     3
#define LEAST	     400000 /* fragments in a round */
#define NS_EACH	     100    /* of the engine's time */
#define FRAME	     2048
#define ETHER_HEADER 14

struct bench {
	struct reassembly *engine;
	uint64_t now, delivered, bytes, released;
	struct fragment batch[STREAM_BATCH];
	uint8_t (*frames)[FRAME];
	uint32_t lens[STREAM_BATCH];
};

static void deliver(void *arg, const struct datagram *datagram)
{
	struct bench *bench = arg;
	uint32_t i;

	bench->delivered++;
	for (i = 0; i < datagram->n_pieces; i++)
		bench->bytes += datagram->pieces[i].len;
}

static void release(void *arg, uint64_t frame)
{
	struct bench *bench = arg;

	bench->released += frame;
}

static void begin(struct bench *bench, const struct fragment_stream *stream)
{
	struct reassembly_ops ops = { .deliver = deliver, .release = release, .arg = bench };
	struct reassembly_limits limits = REASSEMBLY_LIMITS;
	uint64_t held = (uint64_t)stream->flight * stream->cuts;

	memset(bench, 0, sizeof(*bench));
	limits.contexts = 2 * stream->flight < 128 ? 128 : 2 * stream->flight;
	limits.fragments = 2 * held < 1024 ? 1024 : 2 * held;
	limits.bytes = limits.bytes_per_source = (uint64_t)limits.fragments * STREAM_DATA;
	limits.lifetime = 60000000000;
	bench->engine = reassembly_new(&limits, &ops);
	bench->frames = calloc(STREAM_BATCH, FRAME);
	if (!bench->engine || !bench->frames)
		bench_die("memory", ENOMEM);
}

static void end(struct bench *bench)
{
	reassembly_free(bench->engine);
	free(bench->frames);
}

/* Headers as in a receive ring; nobody reads the data but to compare a copy's. */
static void build(struct bench *bench, uint32_t i, const struct stream_fragment *from)
{
	struct frame frame = { .family = AF_INET,
			       .group = { 239, 0, 0, 15 },
			       .id = from->id,
			       .offset = from->offset,
			       .more = from->more };
	uint32_t source = 0x0a000000 + from->source;
	uint8_t *at = bench->frames[i];

	frame.source[0] = source >> 24;
	frame.source[1] = source >> 16;
	frame.source[2] = source >> 8;
	frame.source[3] = source;
	bench->lens[i] = frame_build(at, FRAME, &frame) + from->len;
	at[ETHER_HEADER + 2] = (20 + from->len) >> 8;
	at[ETHER_HEADER + 3] = 20 + from->len;
	frame_ipv4_checksum(at + ETHER_HEADER);
	if (fragment_parse(&bench->batch[i], at, bench->lens[i]))
		bench_die("a frame that does not parse", EINVAL);
	bench->batch[i].nic = from->copy;
	bench->batch[i].frame = i;
}

static double run_batch(struct bench *bench, uint32_t n, bool parse)
{
	double start = bench_now();
	uint32_t i;

	for (i = 0; i < n && parse; i++) {
		uint8_t nic = bench->batch[i].nic;

		if (fragment_parse(&bench->batch[i], bench->frames[i], bench->lens[i]))
			bench_die("a frame that does not parse", EINVAL);
		bench->batch[i].nic = nic;
	}
	bench->now += n * NS_EACH;
	reassembly_add_many(bench->engine, bench->batch, n, bench->now);
	return bench_now() - start;
}

static void run(struct bench *bench, struct fragment_stream *stream, uint64_t fragments, bool parse,
		struct stream_time *time)
{
	struct stream_fragment fragment;

	while (fragments) {
		uint32_t n = fragments < STREAM_BATCH ? fragments : STREAM_BATCH, i;

		for (i = 0; i < n; i++) {
			stream_next(stream, &fragment);
			build(bench, i, &fragment);
		}
		stream_time_add(time, run_batch(bench, n, parse), n);
		fragments -= n;
	}
}

struct cell {
	double engine, parsed, dpdk;
	uint64_t dpdk_lost;
};

static void lower(double *lowest, double ns)
{
	if (ns > 0 && (!*lowest || ns < *lowest))
		*lowest = ns;
}

static double measure(struct fragment_stream *stream, uint64_t fragments, bool parse)
{
	struct stream_time warm = {}, time = {};
	struct bench bench;

	begin(&bench, stream);
	run(&bench, stream, stream_wave(stream), parse, &warm);
	bench.delivered = 0;
	run(&bench, stream, fragments, parse, &time);
	if (bench.delivered * stream_wave(stream) != fragments * stream->flight)
		bench_die("datagrams not delivered", EIO);
	end(&bench);
	return stream_time_each(&time);
}

static struct cell measure_cell(uint32_t cuts, uint32_t flight, enum stream_order order)
{
	bool with_dpdk = dpdk_measure && order != DOUBLED && cuts <= dpdk_most_fragments();
	struct fragment_stream stream;
	struct cell cell = {};
	uint64_t fragments;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		stream_begin(&stream, cuts, flight, order);
		fragments = stream_wave(&stream);
		if (round > 1 && fragments > 2 * LEAST)
			break; /* long enough */
		fragments *= 1 + LEAST / fragments;
		lower(&cell.engine, measure(&stream, fragments, false));
		lower(&cell.parsed, measure(&stream, fragments, true));
		if (with_dpdk) {
			double ns = dpdk_measure(&stream, fragments, &cell.dpdk_lost);

			if (ns < 0)
				bench_die("DPDK", ENOMEM);
			lower(&cell.dpdk, ns);
		}
	}
	return cell;
}

static void print_row(uint32_t cuts, uint32_t flight, enum stream_order order)
{
	static const char *const names[] = { "in order", "reversed", "shuffled", "doubled" };
	struct cell cell = measure_cell(cuts, flight, order);

	printf("| %u | %u | %s | %.1f | %.1f |", cuts, flight, names[order], cell.engine,
	       cell.parsed);
	if (cell.dpdk_lost)
		printf(" lost %lu datagrams | |\n", cell.dpdk_lost);
	else if (cell.dpdk)
		printf(" %.1f | %.1f |\n", cell.dpdk, cell.dpdk / cell.parsed);
	else
		printf(" %s | |\n", !dpdk_measure      ? "not installed"
				    : order == DOUBLED ? "knows no copies"
						       : "8 at most");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const uint32_t cuts[] = { 2, 6, 45 }, flights[] = { 1, 64, 1024, 65536 };
	uint32_t only_cuts = argc > 1 ? atoi(argv[1]) : 0,
		 only_flight = argc > 2 ? atoi(argv[2]) : 0;
	enum stream_order order;
	size_t i, j;

	bench_pin();
	printf("| fragments a datagram | in flight | order | engine, ns | with parsing, ns | DPDK, "
	       "ns | times |\n"
	       "|---|---|---|---|---|---|---|\n");
	for (i = 0; i < sizeof(cuts) / sizeof(*cuts); i++)
		for (j = 0; j < sizeof(flights) / sizeof(*flights); j++)
			for (order = 0; order < STREAM_ORDERS; order++)
				if ((!only_cuts || only_cuts == cuts[i]) &&
				    (!only_flight || only_flight == flights[j]))
					print_row(cuts[i], flights[j], order);
	return 0;
}
