// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a wrong fragment costs through a receive path like a NIC driver's: pages
 * from a page pool, a batch of 64 a poll, and on into the stack with what the
 * program passes (BPF_F_TEST_XDP_LIVE_FRAMES). Prints the table for the README.
 *
 *   bench_live [ROUNDS]
 *
 * The fragments come in on a link where nobody has joined the group, as the
 * wrong copies do. Programs that drop are paired with bare XDP_DROP, ways
 * through the stack with steer (see bench.h on pairs).
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/bench.h"
#include "../lib/frames.h"
#include "../lib/steer_rig.h"

#define GROUPS	     1000 /* in the larger policy, and in the nft set */
#define SLOPES	     4
#define REPEAT_DROP  200000
#define REPEAT_STACK 60000
#define PAYLOAD	     1480

enum subject {
	BARE_DROP,
	STEER,
	STEER_MANY,
	FILTER,
	NFT_RULE, /* through the stack, from here on */
	NFT_COUNTER,
	NFT_SET,
	STACK,
	CONNTRACK,
	SUBJECTS,
};

/* What must have happened to the fragments, by the stack's own counters. */
enum fate { NOT_SEEN, SEEN, REASSEMBLED };

static const struct {
	const char *name;
	enum fate fate;
	const char *rules; /* a file for nft, within $DIR; NULL: none */
} subjects[] = {
	[BARE_DROP] = { "bare XDP_DROP", NOT_SEEN, NULL },
	[STEER] = { "steer, 1 group", NOT_SEEN, NULL },
	[STEER_MANY] = { "steer, 1,000 groups", NOT_SEEN, NULL },
	[FILTER] = { "xdp-filter, the group listed (xdpfilt_alw_ip)", NOT_SEEN, NULL },
	[NFT_RULE] = { "nftables, netdev ingress rule for the group's fragments", NOT_SEEN,
		       "rule" },
	[NFT_COUNTER] = { "the same, with a counter", NOT_SEEN, "counter" },
	[NFT_SET] = { "nftables, netdev ingress rule with a set of 1,000 groups", NOT_SEEN, "set" },
	[STACK] = { "stack without rules, dropped as not joined", SEEN, NULL },
	[CONNTRACK] = { "conntrack and its reassembly, dropped as not joined", REASSEMBLED,
			"conntrack" },
};

static struct bench_samples samples[SUBJECTS];
static int progs[SUBJECTS]; /* -1: not to be had */
static struct bpf_object *bare, *live, *filter;
static struct rig rigs[2];
static uint8_t frame[2048];
static size_t frame_len;
static char dir[] = "/tmp/bench_live.XXXXXX";

static const char *group_text(uint32_t n)
{
	static char text[INET_ADDRSTRLEN];

	snprintf(text, sizeof(text), "239.0.%u.%u", n / 250, n % 250 + 1);
	return text;
}

/* ---- Programs ---- */

static int open_steer(struct rig *rig, uint32_t groups)
{
	struct rig_policy policy;
	uint32_t n;
	int err;

	err = rig_open(rig, &(struct rig_sizes){ .bits4 = table_bits(groups), .rows = groups + 1 });
	if (err)
		bench_die("steer", err);
	for (n = 0; n < groups && !err; n++) {
		policy = rig_policy(group_text(n), NULL, 0, XDPFRAG_WRONG_DROP, n + 1);
		err = rig_add(rig, &policy);
	}
	if (!err)
		err = rig_commit(rig, 0, ~0ULL);
	if (err)
		bench_die("policy", err);
	return rig->prog;
}

static void open_all(void)
{
	bare = bench_object("bare.bpf.o");
	live = bench_object("live.bpf.o");
	progs[BARE_DROP] = bench_program(bare, "bare_drop");
	progs[STEER] = open_steer(&rigs[0], 1);
	progs[STEER_MANY] = open_steer(&rigs[1], GROUPS);
	progs[FILTER] = bench_filter(&filter, "xdpfilt_alw_ip", group_text(0));
	progs[STACK] = bench_program(bare, "bare_pass");
	progs[NFT_RULE] = progs[NFT_COUNTER] = progs[NFT_SET] = progs[STACK];
	progs[CONNTRACK] = bench_program(live, "number_fragments");
}

static void close_all(void)
{
	rig_close(&rigs[0]);
	rig_close(&rigs[1]);
	bpf_object__close(bare);
	bpf_object__close(live);
	bpf_object__close(filter);
	filter = NULL;
}

/* ---- Rules ---- */

static FILE *rules_file(const char *name)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	if (!file)
		bench_die(path, errno);
	return file;
}

static void write_rule(const char *name, const char *statement)
{
	FILE *file = rules_file(name);

	fprintf(file,
		"table netdev bench { chain in {\n"
		"type filter hook ingress device \"bench0\" priority 0;\n"
		"ip daddr %s ip frag-off & 0x3fff != 0 %s\n}\n}\n",
		group_text(0), statement);
	fclose(file);
}

static void write_rules(void)
{
	FILE *file;
	uint32_t n;

	write_rule("rule", "drop");
	write_rule("counter", "counter drop");

	file = rules_file("set");
	fprintf(file, "table netdev bench { set groups { type ipv4_addr; elements = {");
	for (n = 0; n < GROUPS; n++)
		fprintf(file, "%s%s", n ? "," : "", group_text(n));
	fprintf(file, "}\n}\nchain in {\n"
		      "type filter hook ingress device \"bench0\" priority 0;\n"
		      "ip daddr @groups ip frag-off & 0x3fff != 0 drop\n}\n}\n");
	fclose(file);

	file = rules_file("conntrack");
	fprintf(file, "table inet bench { chain in {\n"
		      "type filter hook prerouting priority 0; ct state new counter\n}\n}\n");
	fclose(file);
}

static unsigned long snmp(const char *field)
{
	FILE *file = fopen("/proc/thread-self/net/snmp", "r");
	char names[1024], values[1024], *name, *value, *at_name, *at_value;
	unsigned long found = 0;

	if (!file || !fgets(names, sizeof(names), file) || !fgets(values, sizeof(values), file))
		bench_die("/proc/net/snmp", EIO);
	fclose(file);
	name = strtok_r(names, " \n", &at_name);
	value = strtok_r(values, " \n", &at_value);
	for (; name && value; name = strtok_r(NULL, " \n", &at_name)) {
		if (strcmp(name, field) == 0)
			found = strtoul(value, NULL, 10);
		value = strtok_r(NULL, " \n", &at_value);
	}
	return found;
}

/* ---- Rounds ---- */

static void measure(enum subject subject)
{
	bool stack = subject >= NFT_RULE;
	struct bench_run run = { .prog = progs[subject],
				 .bare = progs[stack ? STEER : BARE_DROP],
				 .frame = frame,
				 .len = frame_len,
				 .live = true,
				 .repeat = stack ? REPEAT_STACK : REPEAT_DROP,
				 .slopes = SLOPES };
	unsigned long seen = snmp("InReceives"), rebuilt = snmp("ReasmOKs");
	enum fate fate;

	if (run.prog < 0)
		return;
	if (subject == BARE_DROP)
		run.bare = -1;
	if (subjects[subject].rules)
		bench_shell("nft -f %s/%s", dir, subjects[subject].rules);
	bench_measure(&run, &samples[subject]);
	if (subjects[subject].rules)
		bench_shell("nft flush ruleset");

	fate = snmp("ReasmOKs") - rebuilt >= REPEAT_STACK / 10 ? REASSEMBLED
	       : snmp("InReceives") - seen >= REPEAT_STACK     ? SEEN
							       : NOT_SEEN;
	if (fate != subjects[subject].fate) {
		fprintf(stderr, "bench: %s: the stack saw %lu fragments, rebuilt %lu datagrams\n",
			subjects[subject].name, snmp("InReceives") - seen,
			snmp("ReasmOKs") - rebuilt);
		exit(1);
	}
}

static void one_round(void)
{
	enum subject subject;

	open_all();
	for (subject = 0; subject < SUBJECTS; subject++)
		measure(subject);
	close_all();
}

/* A fragment with a UDP header that fits all six together, without a checksum. */
static void build_frame(void)
{
	uint8_t payload[PAYLOAD] = { 0x9c, 0x40, 0x04, 0x2b, 6 * PAYLOAD >> 8, 6 * PAYLOAD & 0xff };
	struct frame fragment = { .more = true, .payload = payload, .payload_len = PAYLOAD };

	frame_addresses(&fragment, "10.84.0.73", group_text(0));
	frame_len = frame_build(frame, sizeof(frame), &fragment);
}

static void print_tables(void)
{
	enum subject subject;

	printf("| a wrong fragment, in live frames | ns | more than bare XDP_DROP | times steer |\n"
	       "|---|--:|--:|--:|\n");
	for (subject = 0; subject < SUBJECTS; subject++) {
		const struct bench_samples *found = &samples[subject];

		if (!found->n)
			printf("| %s | not installed | | |\n", subjects[subject].name);
		else if (subject == BARE_DROP)
			printf("| %s | %.1f | | |\n", subjects[subject].name, bench_median(found));
		else if (subject < NFT_RULE)
			printf("| %s | %.1f | %+.1f | |\n", subjects[subject].name,
			       bench_median(found), bench_more(found));
		else
			printf("| %s | %.1f | | %.1f |\n", subjects[subject].name,
			       bench_median(found), bench_times(found));
	}
	printf("\n| aim | measured |\n|---|--:|\n"
	       "| steer: within 5 ns of bare XDP_DROP | %+.1f ns |\n"
	       "| steer: six times cheaper than the nftables rule | %.1f |\n",
	       bench_more(&samples[STEER]), bench_times(&samples[NFT_RULE]));
}

static void remove_rules(void)
{
	char path[PATH_MAX];
	int i;

	for (i = 0; i < SUBJECTS; i++) {
		if (!subjects[i].rules)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, subjects[i].rules);
		unlink(path);
	}
	rmdir(dir);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 11, i;

	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_live [ROUNDS]\n");
		return 2;
	}
	if (!mkdtemp(dir))
		bench_die("mkdtemp", errno);
	atexit(remove_rules);
	bench_pin();
	bench_namespace();
	write_rules();
	build_frame();
	for (i = 0; i < rounds; i++)
		one_round();
	print_tables();
	return 0;
}
