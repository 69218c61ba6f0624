// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The steer program and policies with `reassemble`: what goes to the socket and what it
 * costs, and that without a worker, a socket, credit or time the policy decides.
 */
#include <linux/bpf.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "../lib/steer_frames.h"
#include "../lib/steer_rig.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define ROW	  3
#define SLOT	  9
#define OWN	  (1ULL << SLOT)
#define OTHER	  (1ULL << 4)
#define ALL_LINKS (~0ULL)
#define CHUNK	  1792 /* bytes of a packet in a frame, as with an MTU of 1500 */
#define MINUTE	  60000000000ULL

static uint8_t in[FRAME_ROOM], out[FRAME_ROOM];

static uint64_t now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* The link that frames of a test run come in on. */
static uint32_t lo(void)
{
	return if_nametoindex("lo");
}

/* A policy for the groups of V4 and V6, and the first key of "redirects" in use. */
static void open_rig(struct rig *rig, const struct xdpfrag_policy *policy)
{
	struct rig_policy policies[] = {
		rig_policy("239.0.0.15", NULL, policy->allowed, policy->wrong, ROW),
		rig_policy("ff3e::f", NULL, policy->allowed, policy->wrong, ROW),
	};
	size_t i;

	assert_int_equal(rig_open(rig, &(struct rig_sizes){ .link_slot = SLOT, .scope_all = true }),
			 0);
	assert_int_equal(rig_redirect(rig, 0, lo()), 0);
	for (i = 0; i < LENGTH(policies); i++) {
		policies[i].policy.flags |= XDPFRAG_F_REASSEMBLE | policy->flags;
		assert_int_equal(rig_add(rig, &policies[i]), 0);
	}
	assert_int_equal(rig_commit(rig, 0, ALL_LINKS), 0);
}

/* What a worker would have granted. */
static void grant(struct rig *rig, uint64_t frames)
{
	*rig_credit(rig) = (struct xdpfrag_credit){ .spent = 1000,
						    .granted = 1000 + frames,
						    .ifindex = lo(),
						    .chunk = CHUNK,
						    .frames = 64 };
	*rig_worker(rig) = (struct xdpfrag_credit){ .deadline = now() + MINUTE };
}

static void open_granted(struct rig *rig, const struct xdpfrag_policy *policy)
{
	open_rig(rig, policy);
	assert_int_equal(rig_socket(rig), 0);
	grant(rig, 1 << 20);
}

/* The frame is left as it was, judged so, and costs this. */
static void expect_just(struct rig *rig, const char *name, const struct frame *frame, int action,
			enum xdpfrag_verdict verdict, uint64_t spent, uint64_t refused)
{
	const struct xdpfrag_credit before = *rig_credit(rig);
	uint64_t counted = rig_count(rig, ROW, verdict);
	size_t len = frame_build(in, sizeof(in), frame);
	const struct xdpfrag_credit *credit = rig_credit(rig);
	int is;

	assert_int_not_equal(len, 0);
	is = rig_run_out(rig, in, len, out);
	if (is != action)
		fail_msg("%s: action %d instead of %d", name, is, action);
	if (memcmp(in, out, len))
		fail_msg("%s: changed", name);
	if (verdict < XDPFRAG_VERDICTS && rig_count(rig, ROW, verdict) != counted + 1)
		fail_msg("%s: verdict %d was not counted", name, verdict);
	if (credit->spent != before.spent + spent || credit->refused != before.refused + refused)
		fail_msg("%s: %llu spent, %llu refused", name, credit->spent - before.spent,
			 credit->refused - before.refused);
	if (credit->granted != before.granted || credit->ifindex != before.ifindex)
		fail_msg("%s: the worker's part was written", name);
}

/* The first fragment of a datagram: no other has its id. */
static void expect(struct rig *rig, const char *name, const struct frame *frame, int action,
		   enum xdpfrag_verdict verdict, uint64_t spent, uint64_t refused)
{
	static uint16_t id;
	struct frame own = *frame;

	own.id = ++id;
	expect_just(rig, name, &own, action, verdict, spent, refused);
}

static void expect_socket(struct rig *rig, const char *name, const struct frame *frame,
			  uint64_t spent)
{
	expect(rig, name, frame, XDP_REDIRECT, XDPFRAG_REASSEMBLED, spent, 0);
}

/* ---- What goes to the socket ---- */

#define BIG(bytes) .payload_len = (bytes)-ETH_HLEN - 20 /* a frame of that length */

static const struct {
	const char *name;
	struct frame frame;
	uint64_t frames;
} to_socket[] = {
	{ "first", { V4, FIRST }, 1 },
	{ "middle", { V4, MIDDLE }, 1 },
	{ "last", { V4, LAST }, 1 },
	{ "last, padded", { V4, LAST, .payload_len = 1, .padding = 25 }, 1 },
	{ "options", { V4, FIRST, .options = 40 }, 1 },
	{ "802.1Q", { V4, MIDDLE, TAGS(1, C_TAG) }, 1 },
	{ "802.1ad", { V4, MIDDLE, TAGS(1, S_TAG) }, 1 },
	{ "v6 first", { V6, FIRST }, 1 },
	{ "v6 last", { V6, LAST }, 1 },
	{ "v6, 802.1Q", { V6, FIRST, TAGS(1, C_TAG) }, 1 },
	{ "v6 behind an option", { V6, FIRST, .n_extensions = 1, .extensions = { HBH } }, 1 },
	{ "one frame", { V4, FIRST, BIG(CHUNK) }, 1 },
	{ "a byte more", { V4, FIRST, BIG(CHUNK + 1) }, 2 },
	{ "five frames", { V4, LAST, BIG(5 * CHUNK) }, 5 },
	{ "a byte less", { V4, LAST, BIG(5 * CHUNK - 1) }, 5 },
	{ "jumbo", { V4, FIRST, .payload_len = 8960 }, 6 },
	{ "the largest", { V4, LAST, .payload_len = 62000 }, 35 },
};

/* From whatever link, whatever would become of it otherwise. */
static void fragments_go_to_the_socket(void **state)
{
	static const struct xdpfrag_policy policies[] = {
		{ .allowed = OWN },
		{ .allowed = OTHER },
		{ .allowed = OTHER, .wrong = XDPFRAG_WRONG_OBSERVE },
		{ .allowed = OTHER, .wrong = XDPFRAG_WRONG_REDIRECT },
		{ .allowed = OTHER | OWN, .flags = XDPFRAG_F_SCOPE_ALL },
		{ .allowed = OTHER | OWN, .flags = XDPFRAG_F_APART },
	};
	struct rig rig;
	size_t i, n;

	(void)state;
	for (n = 0; n < LENGTH(policies); n++) {
		open_granted(&rig, &policies[n]);
		for (i = 0; i < LENGTH(to_socket); i++)
			expect_socket(&rig, to_socket[i].name, &to_socket[i].frame,
				      to_socket[i].frames);
		rig_close(&rig);
	}
}

/* ---- What does not ---- */

static const struct {
	const char *name;
	struct frame frame;
	bool counted;
} others[] = {
	{ "802.1ad, 802.1Q", { V4, MIDDLE, TAGS(2, S_TAG, C_TAG) }, true },
	{ "v6, two tags", { V6, FIRST, TAGS(2, C_TAG, C_TAG) }, true },
	{ "whole", { V4 }, false },
	{ "whole, 802.1Q", { V4, TAGS(1, C_TAG) }, false },
	{ "whole v6", { V6 }, false },
	{ "atomic v6", { V6, .atomic = true }, false },
};

static void what_is_none_of_it_is_judged_by_the_policy(void **state)
{
	struct rig rig;
	size_t i;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	for (i = 0; i < LENGTH(others); i++)
		expect(&rig, others[i].name, &others[i].frame,
		       others[i].counted ? XDP_DROP : XDP_PASS,
		       others[i].counted ? XDPFRAG_DROPPED : XDPFRAG_VERDICTS, 0, 0);
	assert_int_equal(rig_count(&rig, ROW, XDPFRAG_DROPPED), 2);
	rig_close(&rig);
	/* With `scope all` the whole ones too. */
	open_granted(&rig,
		     &(struct xdpfrag_policy){ .allowed = OTHER, .flags = XDPFRAG_F_SCOPE_ALL });
	for (i = 0; i < LENGTH(others); i++)
		expect(&rig, others[i].name, &others[i].frame, XDP_DROP, XDPFRAG_DROPPED, 0, 0);
	rig_close(&rig);
}

static void a_policy_that_is_out_of_use_passes(void **state)
{
	const struct frame frame = { V4, FIRST };
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .flags = XDPFRAG_F_OUT_OF_USE });
	expect(&rig, "out of use", &frame, XDP_PASS, XDPFRAG_PASSED, 0, 0);
	rig_close(&rig);
}

static void a_link_that_does_not_act_passes(void **state)
{
	const struct frame frame = { V4, FIRST };
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	assert_int_equal(rig_commit(&rig, 0, ~OWN), 0);
	expect(&rig, "inert", &frame, XDP_PASS, XDPFRAG_VERDICTS, 0, 0);
	rig_close(&rig);
}

/* ---- Without a worker, a socket, credit, or time ---- */

/* What each policy says of it then. */
static const struct {
	struct xdpfrag_policy policy;
	int action;
	enum xdpfrag_verdict verdict;
} fallbacks[] = {
	{ { .allowed = OWN }, XDP_PASS, XDPFRAG_PASSED },
	{ { .allowed = OTHER }, XDP_DROP, XDPFRAG_DROPPED },
	{ { .allowed = OTHER, .wrong = XDPFRAG_WRONG_OBSERVE }, XDP_PASS, XDPFRAG_OBSERVED },
	{ { .allowed = OTHER, .wrong = XDPFRAG_WRONG_REDIRECT }, XDP_REDIRECT, XDPFRAG_REDIRECTED },
	{ { .allowed = OTHER, .flags = XDPFRAG_F_SCOPE_ALL }, XDP_DROP, XDPFRAG_DROPPED },
};

#define HERE .ifindex = 1, .chunk = CHUNK, .frames = 64

/* Where nothing is said: a socket, and a worker for another minute. */
static const struct {
	const char *name;
	struct xdpfrag_credit credit; /* ifindex 1: lo's */
	bool no_socket, no_worker, over, closed;
	uint64_t refused;
	bool closes;	      /* all links, for a while */
	bool closes_as_right; /* where the link is a right one */
} lacks[] = {
	{ "nothing there", {}, .no_socket = true, .no_worker = true },
	{ "a worker alone", {}, .no_socket = true, .closes_as_right = true },
	{ "a socket alone", {}, .no_worker = true },
	{ "no credit of its own", {}, .closes_as_right = true },
	{ "no socket", { .granted = 100, HERE }, .no_socket = true },
	{ "no worker", { .granted = 100, HERE }, .no_worker = true },
	{ "deadline over", { .granted = 100, HERE }, .over = true },
	{ "deadline over, closed, no credit", { HERE }, .over = true, .closed = true },
	{ "another NIC's socket",
	  { .granted = 100, HERE, .ifindex = 1 << 20 },
	  .closes_as_right = true },
	{ "no credit", { HERE }, .refused = 1, .closes = true },
	{ "credit is spent", { .spent = 7, .granted = 7, HERE }, .refused = 1, .closes = true },
	{ "credit for followers alone",
	  { .spent = 7, .granted = 8 + XDPFRAG_FOLLOWERS, HERE },
	  .refused = 1,
	  .closes = true },
	{ "less credit than frames",
	  { .spent = 7, .granted = 8, HERE },
	  .refused = 1,
	  .closes = true },
	{ "credit was taken back",
	  { .spent = 8, .granted = 7, HERE },
	  .refused = 1,
	  .closes = true },
	{ "closed", { .granted = 100, HERE }, .closed = true, .refused = 1 },
	{ "one frame to a packet", { .granted = 100, HERE, .frames = 1 }, .refused = 1 },
	{ "no frame size", { .granted = 100, HERE, .chunk = 0 }, .refused = 1 },
};

static void try_lack(size_t fallback, size_t lack)
{
	const struct frame frame = { V4, FIRST, BIG(CHUNK + 1) }; /* two frames */
	struct xdpfrag_credit *worker;
	struct rig rig;
	uint64_t begin;

	open_rig(&rig, &fallbacks[fallback].policy);
	worker = rig_worker(&rig);
	if (!lacks[lack].no_socket)
		assert_int_equal(rig_socket(&rig), 0);
	*rig_credit(&rig) = lacks[lack].credit;
	if (lacks[lack].credit.ifindex == 1)
		rig_credit(&rig)->ifindex = lo();
	begin = now();
	if (!lacks[lack].no_worker)
		worker->deadline = lacks[lack].over ? begin : begin + MINUTE;
	worker->closed_until = lacks[lack].closed ? begin + MINUTE : 0;
	expect(&rig, lacks[lack].name, &frame, fallbacks[fallback].action,
	       fallbacks[fallback].verdict, 0, lacks[lack].refused);
	assert_int_equal(rig_count(&rig, ROW, XDPFRAG_REASSEMBLED), 0);
	if (lacks[lack].closes ||
	    (lacks[lack].closes_as_right && fallbacks[fallback].policy.allowed & OWN))
		assert_in_range(worker->closed_until, begin + XDPFRAG_CLOSED_NS,
				now() + XDPFRAG_CLOSED_NS);
	else
		assert_int_equal(worker->closed_until, lacks[lack].closed ? begin + MINUTE : 0);
	rig_close(&rig);
}

static void without_any_of_it_the_policy_decides(void **state)
{
	size_t i, n;

	(void)state;
	for (n = 0; n < LENGTH(fallbacks); n++)
		for (i = 0; i < LENGTH(lacks); i++)
			try_lack(n, i);
}

/* Before 6.6 a socket takes the first buffer of a packet and no other. */
static void a_socket_for_one_buffer_gets_one(void **state)
{
	const struct frame linear = { V4, FIRST, BIG(3000) }, several = { V4, FIRST, BIG(5000) };
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_credit(&rig)->chunk = 60000;
	expect_socket(&rig, "several buffers", &several, 1);
	rig_credit(&rig)->frames = 1;
	expect_socket(&rig, "one buffer", &linear, 1);
	expect(&rig, "several buffers", &several, XDP_DROP, XDPFRAG_DROPPED, 0, 1);
	rig_close(&rig);
}

/* Credit and socket of another queue or link are no help. */
static void each_queue_has_its_own_credit(void **state)
{
	const struct frame frame = { V4, FIRST };
	struct xdpfrag_credit granted;
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	granted = *rig_credit(&rig);
	memset(rig_credit(&rig), 0, sizeof(granted));
	rig.credits[XDPFRAG_SOCKET(SLOT, 1)] = granted;
	rig.credits[XDPFRAG_SOCKET(SLOT - 1, 0)] = granted;
	rig.credits[XDPFRAG_SOCKET(SLOT - 1, XDPFRAG_QUEUES - 1)] = granted;
	expect(&rig, "another's", &frame, XDP_DROP, XDPFRAG_DROPPED, 0, 0);
	assert_int_equal(rig.credits[XDPFRAG_SOCKET(SLOT, 1)].spent, granted.spent);
	assert_int_equal(rig.credits[XDPFRAG_SOCKET(SLOT - 1, 0)].spent, granted.spent);
	rig_close(&rig);
}

/* ---- As it goes on ---- */

static void wait_ms(long ms)
{
	const struct timespec pause = { .tv_nsec = ms * 1000000 };

	nanosleep(&pause, NULL);
}

/* What is out of credit closes every link for a while, that of less hunger too. */
static void credit_lasts_as_long_as_it_was_granted(void **state)
{
	const struct frame small = { V4, FIRST }, large = { V4, FIRST, BIG(3 * CHUNK) };
	struct rig rig;
	int i;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	grant(&rig, XDPFRAG_FOLLOWERS + 8);
	for (i = 0; i < 2; i++)
		expect_socket(&rig, "large", &large, 3);
	expect(&rig, "large", &large, XDP_DROP, XDPFRAG_DROPPED, 0, 1);
	/* Far enough away that a slow machine cannot outlast it. */
	rig_worker(&rig)->closed_until = now() + MINUTE;
	expect(&rig, "closed", &small, XDP_DROP, XDPFRAG_DROPPED, 0, 1);
	rig_worker(&rig)->closed_until = now() + XDPFRAG_CLOSED_NS;
	wait_ms(XDPFRAG_CLOSED_NS / 1000000 + 1);
	for (i = 0; i < 2; i++)
		expect_socket(&rig, "open again", &small, 1);
	expect(&rig, "spent", &small, XDP_DROP, XDPFRAG_DROPPED, 0, 1);
	rig_credit(&rig)->granted++;
	wait_ms(XDPFRAG_CLOSED_NS / 1000000 + 1);
	expect_socket(&rig, "granted again", &small, 1);
	rig_close(&rig);
}

static void the_deadline_ends_it_and_another_begins_it(void **state)
{
	const struct frame frame = { V4, FIRST };
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_worker(&rig)->deadline = now() + 50000000;
	wait_ms(60);
	expect(&rig, "over", &frame, XDP_DROP, XDPFRAG_DROPPED, 0, 0);
	rig_worker(&rig)->deadline = now() + MINUTE;
	expect_socket(&rig, "renewed", &frame, 1);
	rig_close(&rig);
}

/* ---- A datagram stays whole when the path changes ---- */

#define TICK (1ULL << XDPFRAG_PATH_SHIFT)

static const struct frame first = { V4, FIRST, .id = 7 }, middle = { V4, MIDDLE, .id = 7 },
			  last = { V4, LAST, .id = 7 };

static void expect_kernel(struct rig *rig, const char *name, const struct frame *frame)
{
	expect_just(rig, name, frame, XDP_DROP, XDPFRAG_DROPPED, 0, 0);
}

static void expect_follows(struct rig *rig, const char *name, const struct frame *frame)
{
	expect_just(rig, name, frame, XDP_REDIRECT, XDPFRAG_REASSEMBLED, 1, 0);
}

static void the_others_follow_the_first_to_the_socket(void **state)
{
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	expect_follows(&rig, "before the deadline", &middle);
	rig_worker(&rig)->deadline = 1;
	expect_follows(&rig, "behind the deadline", &first);
	rig_worker(&rig)->deadline = now() + MINUTE;
	rig_worker(&rig)->closed_until = now() + MINUTE;
	expect_follows(&rig, "closed", &last);
	/* Out of credit for whoever comes first, not for who follows. */
	rig_credit(&rig)->granted = rig_credit(&rig)->spent + 1;
	expect_follows(&rig, "the last credit", &last);
	expect_just(&rig, "no credit", &last, XDP_DROP, XDPFRAG_DROPPED, 0, 1);
	rig_credit(&rig)->granted = rig_credit(&rig)->spent + 100;
	/* The worker has ended: what it had of it is on the kernel's path by now. */
	rig_worker(&rig)->deadline = 0;
	expect_kernel(&rig, "no worker", &last);
	rig_close(&rig);
}

static void the_others_follow_the_first_to_the_kernel(void **state)
{
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_worker(&rig)->deadline = 1;
	expect_kernel(&rig, "behind the deadline", &last);
	rig_worker(&rig)->deadline = now() + MINUTE;
	expect_kernel(&rig, "before the next one", &first);
	expect_kernel(&rig, "and again", &middle);
	rig_close(&rig);
}

static void change_flags(struct rig *rig, uint8_t flags)
{
	struct rig_policy policy = rig_policy("239.0.0.15", NULL, OTHER, XDPFRAG_WRONG_DROP, ROW);

	policy.policy.flags |= flags;
	rig_clear(rig);
	assert_int_equal(rig_add(rig, &policy), 0);
	assert_int_equal(rig_commit(rig, 0, ALL_LINKS), 0);
}

/* What has begun goes on as it began; what has not, to the kernel. */
static void in_a_turn_only_those_who_follow_go_to_the_socket(void **state)
{
	struct frame other = last;
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	expect_follows(&rig, "before the turn", &first);
	change_flags(&rig, XDPFRAG_F_REASSEMBLE | XDPFRAG_F_TURN);
	expect_follows(&rig, "one that follows", &middle);
	other.id = 8;
	expect_kernel(&rig, "another", &other);
	change_flags(&rig, XDPFRAG_F_REASSEMBLE);
	expect_kernel(&rig, "what began in the turn", &other);
	expect_follows(&rig, "what began before", &last);
	other.id = 9;
	expect_follows(&rig, "behind the turn", &other);
	rig_close(&rig);
}

/* Of a right link whose queue has no socket: the other links' copies do not go there either. */
static void what_a_right_link_cannot_hand_over_goes_to_the_kernel(void **state)
{
	struct xdpfrag_credit granted;
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OWN });
	expect_follows(&rig, "the first", &first);
	granted = *rig_credit(&rig);
	rig_credit(&rig)->ifindex = 0;
	expect_just(&rig, "no socket", &middle, XDP_PASS, XDPFRAG_PASSED, 0, 0);
	*rig_credit(&rig) = granted;
	rig_worker(&rig)->closed_until = 0;
	expect_just(&rig, "a socket again", &last, XDP_PASS, XDPFRAG_PASSED, 0, 0);
	rig_close(&rig);
}

static void others_do_not_follow(void **state)
{
	struct frame other = middle;
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_worker(&rig)->deadline = 1;
	expect_kernel(&rig, "the first", &first);
	rig_worker(&rig)->deadline = now() + MINUTE;
	other.id = 8;
	expect_follows(&rig, "another id", &other);
	expect_kernel(&rig, "the datagram", &middle);
	other = (struct frame){ V6, MIDDLE, .id = 7 };
	expect_follows(&rig, "another family", &other);
	expect_kernel(&rig, "the datagram", &last);
	rig_close(&rig);
}

/* An id comes again. */
static void the_first_is_forgotten(void **state)
{
	struct rig rig;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_worker(&rig)->deadline = 1;
	expect_kernel(&rig, "the first", &first);
	rig_worker(&rig)->deadline = now() + MINUTE;
	expect_kernel(&rig, "one that follows", &middle);
	wait_ms((XDPFRAG_PATH_TICKS + 1) * TICK / 1000000);
	expect_follows(&rig, "later", &middle);
	rig_close(&rig);
}

/* All of one place: the last one is known. */
static void a_full_table_forgets_and_lets_nobody_follow_another(void **state)
{
	struct frame frame = middle;
	struct rig rig;
	uint32_t id, n = 0;

	(void)state;
	open_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_worker(&rig)->deadline = 1;
	for (id = 0; id < 2 * XDPFRAG_PATHS; id++) {
		frame.id = id;
		expect_kernel(&rig, "the first", &frame);
	}
	rig_worker(&rig)->deadline = now() + MINUTE;
	for (id = 4 * XDPFRAG_PATHS; id < 6 * XDPFRAG_PATHS; id++) {
		frame.id = id;
		expect_follows(&rig, "another", &frame);
	}
	rig_worker(&rig)->deadline = 1;
	for (id = 6 * XDPFRAG_PATHS - 200; id < 6 * XDPFRAG_PATHS; id++) {
		size_t len;

		frame.id = id;
		len = frame_build(in, sizeof(in), &frame);
		n += rig_run_out(&rig, in, len, out) == XDP_REDIRECT;
	}
	/* Of the last 200 no more than a few were pushed out by the others among them. */
	assert_in_range(n, 180, 200);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_go_to_the_socket),
		cmocka_unit_test(what_is_none_of_it_is_judged_by_the_policy),
		cmocka_unit_test(a_policy_that_is_out_of_use_passes),
		cmocka_unit_test(a_link_that_does_not_act_passes),
		cmocka_unit_test(without_any_of_it_the_policy_decides),
		cmocka_unit_test(a_socket_for_one_buffer_gets_one),
		cmocka_unit_test(each_queue_has_its_own_credit),
		cmocka_unit_test(credit_lasts_as_long_as_it_was_granted),
		cmocka_unit_test(the_deadline_ends_it_and_another_begins_it),
		cmocka_unit_test(the_others_follow_the_first_to_the_socket),
		cmocka_unit_test(the_others_follow_the_first_to_the_kernel),
		cmocka_unit_test(in_a_turn_only_those_who_follow_go_to_the_socket),
		cmocka_unit_test(what_a_right_link_cannot_hand_over_goes_to_the_kernel),
		cmocka_unit_test(others_do_not_follow),
		cmocka_unit_test(the_first_is_forgotten),
		cmocka_unit_test(a_full_table_forgets_and_lets_nobody_follow_another),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
