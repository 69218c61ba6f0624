// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the steer program costs a packet, next to programs that do nothing and
 * to xdp-filter's. Prints the tables for the README.
 *
 *   bench_prog [ROUNDS]
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/bench.h"
#include "../lib/frames.h"
#include "../lib/steer_rig.h"

#define PACKETS 20000 /* in the longer run of a slope */
#define SLOPES	12

enum program {
	BARE_PASS,
	BARE_DROP,
	FILTER_DENY,  /* passes what is listed, drops the rest */
	FILTER_ALLOW, /* drops what is listed */
	FILTER_ALL,   /* looks at everything, nothing listed */
	STEER,	      /* + number of a world */
	PROGRAMS = STEER + 6,
};

/* The policies that steer is measured with; IPv4 and IPv6 alike. */
static const struct world {
	uint32_t groups;
	unsigned int prefixes; /* lengths in use */
} worlds[] = { { 10, 0 }, { 1000, 0 }, { 100000, 0 }, { 1000, 1 }, { 1000, 3 }, { 1000, 10 } };

#define SIZES	 3 /* the first worlds, of different size */
#define PREFIXED 3 /* the others */

/* Nested: an address in the last one only has to be asked for in all. */
static const unsigned int lengths[2][10] = { { 31, 30, 29, 28, 27, 26, 25, 24, 20, 16 },
					     { 127, 124, 120, 112, 104, 96, 88, 80, 72, 64 } };

enum packet {
	UNICAST, /* TCP */
	WHOLE,	 /* multicast, no fragment */
	UNKNOWN, /* fragments, from here on */
	ALLOWED,
	WRONG,
	BY_PREFIX, /* matched by the shortest prefix alone; wrong */
	PACKETS_OF_A_KIND,
};

enum kind { IPV4, IPV6, IPV4_TAGGED, KINDS };

static const char *const packet_names[] = {
	"unicast TCP",	     "multicast, no fragment",	 "fragment, unknown group",
	"fragment, allowed", "fragment, wrong: dropped", "fragment, by the shortest prefix",
};
static const char *const kind_names[] = { "IPv4", "IPv6", "IPv4, one VLAN tag" };

static struct bench_samples bare_pass, bare_drop, filter_listed[2], filter_other[2], filter_all;
static struct bench_samples steer[sizeof(worlds) / sizeof(*worlds)][KINDS][PACKETS_OF_A_KIND];

static struct bpf_object *filters[3];
static struct rig rigs[sizeof(worlds) / sizeof(*worlds)];
static struct bpf_object *bare;
static int progs[PROGRAMS]; /* -1: not to be had */

/* ---- steer ---- */

/* Group number n of a world, from 1; above them all are unknown ones. */
static void group_number(uint8_t *group, int family, uint32_t n)
{
	n = htonl(n);
	memset(group, 0, 16);
	memcpy(group + (family == AF_INET ? 0 : 12), &n, 4);
	group[0] = family == AF_INET ? 239 : 0xff;
	group[1] = family == AF_INET ? group[1] : 0x3e;
}

/* The base of all prefixes, or the address that only the shortest has. */
static void prefix_base(uint8_t *group, int family, bool shortest_only, unsigned int n)
{
	unsigned int len = lengths[family == AF_INET6][n ? n - 1 : 0], bit;

	group_number(group, family, 0);
	group[family == AF_INET ? 1 : 2] = 200;
	for (bit = len; shortest_only && bit < (family == AF_INET ? 32 : 128); bit++)
		group[bit / 8] |= 0x80 >> bit % 8;
}

static void add_policy(struct rig *rig, struct rig_policy *policy)
{
	int err = rig_add(rig, policy);

	if (err)
		bench_die("policy", err);
}

static void add_policies(struct rig *rig, const struct world *world, int family)
{
	struct rig_policy policy = { .family = family,
				     .policy = { .flags = XDPFRAG_F_POLICY,
						 .wrong = XDPFRAG_WRONG_DROP } };
	unsigned int i;
	uint32_t n;

	policy.policy.len = family == AF_INET ? 32 : 128;
	for (n = 1; n <= world->groups; n++) {
		group_number(policy.group, family, n);
		policy.policy.row = n;
		policy.policy.allowed = n % 2; /* odd ones are allowed on this link */
		add_policy(rig, &policy);
	}
	policy.policy.allowed = 0;
	for (i = 0; i < world->prefixes; i++) {
		prefix_base(policy.group, family, false, 0);
		policy.policy.len = lengths[family == AF_INET6][i];
		policy.policy.row = n + i;
		add_policy(rig, &policy);
	}
}

static void open_steer(struct rig *rig, const struct world *world)
{
	uint32_t entries = world->groups + world->prefixes;
	int err;

	err = rig_open(rig, &(struct rig_sizes){ .bits4 = table_bits(entries),
						 .bits6 = table_bits(entries),
						 .rows = entries + 1 });
	if (err)
		bench_die("steer", err);
	add_policies(rig, world, AF_INET);
	add_policies(rig, world, AF_INET6);
	err = rig_commit(rig, 0, ~0ULL);
	if (err)
		bench_die("tables", err);
}

/* A packet for a world; which of the groups changes from round to round. */
static size_t build(uint8_t *buf, size_t size, const struct world *world, enum kind kind,
		    enum packet packet)
{
	int family = kind == IPV6 ? AF_INET6 : AF_INET;
	struct frame frame = { .family = family,
			       .more = packet >= UNKNOWN,
			       .payload_len = packet == UNICAST ? 20 : 1448 };
	uint32_t n = 2 + 2 * (random() % (world->groups / 2)); /* even: wrong */

	if (kind == IPV4_TAGGED) {
		frame.n_tags = 1;
		frame.tags[0] = (struct frame_tag){ ETH_P_8021Q, 10 };
	}
	frame.source[0] = family == AF_INET ? 10 : 0xfe;
	frame.source[family == AF_INET ? 3 : 15] = 1;
	if (packet == UNICAST) {
		frame.protocol = IPPROTO_TCP;
		memcpy(frame.group, frame.source, sizeof(frame.group));
		frame.group[family == AF_INET ? 3 : 15] = 2;
	} else if (packet == BY_PREFIX) {
		prefix_base(frame.group, family, true, world->prefixes);
	} else {
		if (packet == ALLOWED)
			n--;
		if (packet == UNKNOWN)
			n = world->groups + 1 + random() % 4096;
		group_number(frame.group, family, n);
	}
	return frame_build(buf, size, &frame);
}

/* ---- Rounds ---- */

static void measure(struct bench_samples *samples, enum program program, const uint8_t *frame,
		    size_t len, int action, const char *what)
{
	struct bench_run run = { .prog = progs[program],
				 .bare = progs[action == XDP_DROP ? BARE_DROP : BARE_PASS],
				 .frame = frame,
				 .len = len,
				 .repeat = PACKETS,
				 .slopes = SLOPES };

	if (run.prog < 0)
		return;
	if (run.prog == run.bare)
		run.bare = -1;
	bench_measure(&run, samples);
	if (run.action != action) {
		fprintf(stderr, "bench: %s: action %d instead of %d\n", what, run.action, action);
		exit(1);
	}
}

static void open_all(void)
{
	size_t i;

	bare = bench_object("bare.bpf.o");
	progs[BARE_PASS] = bench_program(bare, "bare_pass");
	progs[BARE_DROP] = bench_program(bare, "bare_drop");
	progs[FILTER_DENY] = bench_filter(&filters[0], "xdpfilt_dny_ip", "239.0.0.1");
	progs[FILTER_ALLOW] = bench_filter(&filters[1], "xdpfilt_alw_ip", "239.0.0.1");
	progs[FILTER_ALL] = bench_filter(&filters[2], "xdpfilt_alw_all", NULL);
	for (i = 0; i < sizeof(worlds) / sizeof(*worlds); i++) {
		open_steer(&rigs[i], &worlds[i]);
		progs[STEER + i] = rigs[i].prog;
	}
}

static void close_all(void)
{
	size_t i;

	bpf_object__close(bare);
	for (i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		bpf_object__close(filters[i]);
		filters[i] = NULL;
	}
	for (i = 0; i < sizeof(worlds) / sizeof(*worlds); i++)
		rig_close(&rigs[i]);
}

static void one_world(size_t w)
{
	static const int actions[] = { XDP_PASS, XDP_PASS, XDP_PASS, XDP_PASS, XDP_DROP, XDP_DROP };
	static uint8_t buf[FRAME_ROOM];
	enum kind kind;
	enum packet packet;
	size_t len;

	for (kind = 0; kind < KINDS; kind++) {
		if (worlds[w].prefixes && kind == IPV4_TAGGED)
			continue;
		for (packet = 0; packet < PACKETS_OF_A_KIND; packet++) {
			if (packet == BY_PREFIX && !worlds[w].prefixes)
				continue;
			/* What leaves before the tables need not be measured with each. */
			if (packet < UNKNOWN && w)
				continue;
			len = build(buf, sizeof(buf), &worlds[w], kind, packet);
			measure(&steer[w][kind][packet], STEER + w, buf, len, actions[packet],
				packet_names[packet]);
		}
	}
}

static void one_round(void)
{
	struct frame frame = { .more = true, .payload_len = 1448 };
	static uint8_t listed[2048], other[2048], payload[1448];
	size_t len, w;

	open_all();
	frame_addresses(&frame, "10.0.0.1", "239.0.0.1");
	/* xdp-filter looks at the UDP header too. */
	frame_udp(payload, sizeof(payload), &frame, 1067, 1067, payload, sizeof(payload) - 8);
	frame.payload = payload;
	len = frame_build(listed, sizeof(listed), &frame);
	frame_addresses(&frame, "10.0.0.1", "239.0.0.2");
	frame_build(other, sizeof(other), &frame);

	measure(&bare_pass, BARE_PASS, listed, len, XDP_PASS, "bare XDP_PASS");
	measure(&bare_drop, BARE_DROP, listed, len, XDP_DROP, "bare XDP_DROP");
	measure(&filter_listed[0], FILTER_DENY, listed, len, XDP_PASS, "xdpfilt_dny_ip");
	measure(&filter_other[0], FILTER_DENY, other, len, XDP_DROP, "xdpfilt_dny_ip");
	measure(&filter_listed[1], FILTER_ALLOW, listed, len, XDP_DROP, "xdpfilt_alw_ip");
	measure(&filter_other[1], FILTER_ALLOW, other, len, XDP_PASS, "xdpfilt_alw_ip");
	measure(&filter_all, FILTER_ALL, other, len, XDP_PASS, "xdpfilt_alw_all");
	for (w = 0; w < sizeof(worlds) / sizeof(*worlds); w++)
		one_world(w);
	close_all();
}

/* ---- Tables ---- */

static void print_line(const char *name, const struct bench_samples *samples, bool bare)
{
	if (!samples->n)
		printf("| %s | not installed | |\n", name);
	else if (bare)
		printf("| %s | %.1f | |\n", name, bench_median(samples));
	else
		printf("| %s | %.1f | %+.1f |\n", name, bench_median(samples), bench_more(samples));
}

static void print_programs(void)
{
	printf("| program | ns a packet | more than the bare program |\n|---|--:|--:|\n");
	print_line("bare XDP_PASS", &bare_pass, true);
	print_line("bare XDP_DROP", &bare_drop, true);
	print_line("xdpfilt_dny_ip, address listed: passed", &filter_listed[0], false);
	print_line("xdpfilt_dny_ip, another: dropped", &filter_other[0], false);
	print_line("xdpfilt_alw_ip, address listed: dropped", &filter_listed[1], false);
	print_line("xdpfilt_alw_ip, another: passed", &filter_other[1], false);
	print_line("xdpfilt_alw_all, nothing listed: passed", &filter_all, false);
}

static void print_cell(const struct bench_samples *samples)
{
	if (samples->n)
		printf(" %.1f (%+.1f) |", bench_median(samples), bench_more(samples));
	else
		printf(" |");
}

static void print_steer(void)
{
	enum kind kind;
	enum packet packet;
	size_t w;

	printf("\n| steer: ns a packet (more than the bare program) | 10 groups | 1,000 | 100,000 "
	       "|\n|---|--:|--:|--:|\n");
	for (kind = 0; kind < KINDS; kind++) {
		for (packet = 0; packet <= WRONG; packet++) {
			printf("| %s: %s |", kind_names[kind], packet_names[packet]);
			for (w = 0; w < SIZES; w++)
				print_cell(&steer[w][kind][packet]);
			printf("\n");
		}
	}

	printf("\n| steer with 1,000 groups and prefixes | 1 length in use | 3 | 10 "
	       "|\n|---|--:|--:|--:|\n");
	for (kind = 0; kind < IPV4_TAGGED; kind++) {
		for (packet = UNKNOWN; packet < PACKETS_OF_A_KIND; packet++) {
			printf("| %s: %s |", kind_names[kind], packet_names[packet]);
			for (w = SIZES; w < SIZES + PREFIXED; w++)
				print_cell(&steer[w][kind][packet]);
			printf("\n");
		}
	}
}

static void print_aims(void)
{
	const struct bench_samples *wrong = &steer[0][IPV4][WRONG];
	const struct bench_samples *drop = &filter_listed[1];

	printf("\n| aim | measured |\n|---|--:|\n");
	printf("| unicast TCP: within 2 ns of bare XDP_PASS | %+.1f ns |\n",
	       bench_more(&steer[0][IPV4][UNICAST]));
	if (drop->n)
		printf("| wrong fragment: 0.8 of what xdp-filter's drop takes, or less | %.2f |\n",
		       bench_times(wrong) / bench_times(drop));
	printf("| wrong fragment: as much with 100,000 groups as with 10 | %.2f |\n",
	       bench_times(&steer[2][IPV4][WRONG]) / bench_times(wrong));
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 11, i;

	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_prog [ROUNDS]\n");
		return 2;
	}
	srandom(1);
	bench_pin();
	bench_namespace();
	for (i = 0; i < rounds; i++)
		one_round();
	print_programs();
	print_steer();
	print_aims();
	return 0;
}
