// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a wrong fragment costs on a veth, as containers have it, sender included:
 * a packet socket on one end, nothing, the stack, or an XDP program on the other.
 * Prints the table for the README.
 *
 *   bench_veth [ROUNDS]
 *
 * The sender's CPU does the receiver's work too, so that the time per frame is
 * the sum of both. Not the bench for drivers: native XDP on a veth first turns
 * each of the sender's buffers into an XDP frame (see bench_live for drivers).
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "../lib/bench.h"
#include "../lib/frames.h"
#include "../lib/steer_rig.h"

#define GROUP	"239.0.0.15"
#define BATCH	64 /* frames a system call */
#define FRAMES	(BATCH * 400)
#define TRIES	3 /* of which the fastest counts */
#define PAYLOAD 1480

enum what { SENDER, STACK, DROP, STEER };

static const struct subject {
	const char *name;
	enum what what;
	uint32_t mode; /* XDP_FLAGS_* */
	bool whole;    /* no fragment: passed by steer, dropped by the stack as not joined */
} subjects[] = {
	{ "sender alone", SENDER, 0, false },
	{ "wrong fragment: no program, dropped by the stack", STACK, 0, false },
	{ "wrong fragment: bare XDP_DROP, native", DROP, XDP_FLAGS_DRV_MODE, false },
	{ "wrong fragment: bare XDP_DROP, generic", DROP, XDP_FLAGS_SKB_MODE, false },
	{ "wrong fragment: steer, native", STEER, XDP_FLAGS_DRV_MODE, false },
	{ "wrong fragment: steer, generic", STEER, XDP_FLAGS_SKB_MODE, false },
	{ "packet that passes: no program", STACK, 0, true },
	{ "packet that passes: steer, native", STEER, XDP_FLAGS_DRV_MODE, true },
	{ "packet that passes: steer, generic", STEER, XDP_FLAGS_SKB_MODE, true },
};

#define SUBJECTS (sizeof(subjects) / sizeof(*subjects))

static struct bench_samples samples[SUBJECTS];
static unsigned long lost[SUBJECTS], sent[SUBJECTS];
static struct bpf_object *bare, *live;
static struct rig rig;
static int receiver, sender, fd;

/* ---- Sending ---- */

static void open_sender(void)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET };

	receiver = if_nametoindex("bench0");
	sender = if_nametoindex("bench1");
	at.sll_ifindex = sender;
	/* Protocol 0: this socket receives nothing. */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		bench_die("packet socket", errno);
}

static double send_frames(bool whole)
{
	struct frame frame = { .more = !whole, .payload_len = PAYLOAD };
	static uint8_t bytes[2048];
	struct mmsghdr messages[BATCH];
	struct iovec piece = { .iov_base = bytes };
	double start;
	int i, done;

	frame_addresses(&frame, "10.84.0.73", GROUP);
	piece.iov_len = frame_build(bytes, sizeof(bytes), &frame);
	memset(messages, 0, sizeof(messages));
	for (i = 0; i < BATCH; i++) {
		messages[i].msg_hdr.msg_iov = &piece;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	start = bench_now();
	for (i = 0; i < FRAMES; i += done) {
		done = sendmmsg(fd, messages, BATCH, 0);
		if (done < 0 && errno != ENOBUFS)
			bench_die("sendmmsg", errno);
		if (done < 0)
			done = 0;
	}
	return (bench_now() - start) / i;
}

/* Frames that bench0 had no room for. */
static unsigned long drops(void)
{
	FILE *file = fopen("/proc/thread-self/net/dev", "r");
	unsigned long count = 0;
	char line[512];

	if (!file)
		bench_die("/proc/net/dev", errno);
	while (fgets(line, sizeof(line), file))
		sscanf(line, " bench0: %*u %*u %*u %lu", &count);
	fclose(file);
	return count;
}

/* ---- Subjects ---- */

static void open_steer(void)
{
	struct rig_policy policy = rig_policy(GROUP, NULL, 0, XDPFRAG_WRONG_DROP, 1);
	int err = rig_open(&rig, NULL);

	if (!err)
		err = rig_add(&rig, &policy);
	if (!err)
		err = rig_commit(&rig, 0, ~0ULL);
	if (err)
		bench_die("steer", err);
}

/* Frames end at the sender's egress; the hook's clsact goes with it. */
static void swallow(bool on)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = sender, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = bench_program(live, "swallow"));
	int err;

	if (on) {
		err = bpf_tc_hook_create(&hook);
		if (!err)
			err = bpf_tc_attach(&hook, &opts);
	} else {
		hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		err = bpf_tc_hook_destroy(&hook);
	}
	if (err)
		bench_die("tc egress", err);
}

static void put(const struct subject *subject, bool on)
{
	int prog = subject->what == DROP ? bench_program(bare, "bare_drop") : rig.prog, err = 0;

	if (subject->what == SENDER)
		swallow(on);
	else if (subject->what != STACK)
		err = bpf_xdp_attach(receiver, on ? prog : -1, subject->mode, NULL);
	if (err)
		bench_die(subject->name, err);
}

static void measure(size_t s)
{
	unsigned long before;
	double ns, lowest = 0;
	int i;

	put(&subjects[s], true);
	send_frames(subjects[s].whole); /* warm */
	before = drops();
	for (i = 0; i < TRIES; i++) {
		ns = send_frames(subjects[s].whole);
		if (!lowest || ns < lowest)
			lowest = ns;
	}
	lost[s] += drops() - before;
	sent[s] += TRIES * FRAMES;
	put(&subjects[s], false);
	samples[s].ns[samples[s].n++] = lowest;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 11, i;
	size_t s;

	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_veth [ROUNDS]\n");
		return 2;
	}
	bench_pin();
	/* Above ksoftirqd, the sender would starve its receiver. */
	setpriority(PRIO_PROCESS, 0, 0);
	bench_namespace();
	open_sender();
	live = bench_object("live.bpf.o");
	for (i = 0; i < rounds; i++) {
		bare = bench_object("bare.bpf.o");
		open_steer();
		for (s = 0; s < SUBJECTS; s++)
			measure(s);
		rig_close(&rig);
		bpf_object__close(bare);
	}
	printf("| sent and received on a veth | ns | lost on the way |\n"
	       "|---|--:|--:|\n");
	for (s = 0; s < SUBJECTS; s++)
		printf("| %s | %.0f | %.1f %% |\n", subjects[s].name, bench_median(&samples[s]),
		       100.0 * lost[s] / sent[s]);
	return 0;
}
