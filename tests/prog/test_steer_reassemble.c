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

#include "../lib/socket_rig.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

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
		socket_rig_granted(&rig, &policies[n]);
		for (i = 0; i < LENGTH(to_socket); i++)
			expect_to_socket(&rig, to_socket[i].name, &to_socket[i].frame,
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
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	for (i = 0; i < LENGTH(others); i++)
		expect_first(&rig, others[i].name, &others[i].frame,
			     others[i].counted ? XDP_DROP : XDP_PASS,
			     others[i].counted ? XDPFRAG_DROPPED : XDPFRAG_VERDICTS, 0, 0);
	assert_int_equal(rig_count(&rig, ROW, XDPFRAG_DROPPED), 2);
	rig_close(&rig);
	/* With `scope all` the whole ones too. */
	socket_rig_granted(
		&rig, &(struct xdpfrag_policy){ .allowed = OTHER, .flags = XDPFRAG_F_SCOPE_ALL });
	for (i = 0; i < LENGTH(others); i++)
		expect_first(&rig, others[i].name, &others[i].frame, XDP_DROP, XDPFRAG_DROPPED, 0,
			     0);
	rig_close(&rig);
}

static void a_policy_that_is_out_of_use_passes(void **state)
{
	const struct frame frame = { V4, FIRST };
	struct rig rig;

	(void)state;
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .flags = XDPFRAG_F_OUT_OF_USE });
	expect_first(&rig, "out of use", &frame, XDP_PASS, XDPFRAG_PASSED, 0, 0);
	rig_close(&rig);
}

static void a_link_that_does_not_act_passes(void **state)
{
	const struct frame frame = { V4, FIRST };
	struct rig rig;

	(void)state;
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	assert_int_equal(rig_commit(&rig, 0, ~OWN), 0);
	expect_first(&rig, "inert", &frame, XDP_PASS, XDPFRAG_VERDICTS, 0, 0);
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

	socket_rig_open(&rig, &fallbacks[fallback].policy);
	worker = rig_worker(&rig);
	if (!lacks[lack].no_socket)
		assert_int_equal(rig_socket(&rig), 0);
	*rig_credit(&rig) = lacks[lack].credit;
	if (lacks[lack].credit.ifindex == 1)
		rig_credit(&rig)->ifindex = socket_rig_lo();
	begin = socket_rig_now();
	if (!lacks[lack].no_worker)
		worker->deadline = lacks[lack].over ? begin : begin + MINUTE;
	worker->closed_until = lacks[lack].closed ? begin + MINUTE : 0;
	expect_first(&rig, lacks[lack].name, &frame, fallbacks[fallback].action,
		     fallbacks[fallback].verdict, 0, lacks[lack].refused);
	assert_int_equal(rig_count(&rig, ROW, XDPFRAG_REASSEMBLED), 0);
	if (lacks[lack].closes ||
	    (lacks[lack].closes_as_right && fallbacks[fallback].policy.allowed & OWN))
		assert_in_range(worker->closed_until, begin + XDPFRAG_CLOSED_NS,
				socket_rig_now() + XDPFRAG_CLOSED_NS);
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
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_credit(&rig)->chunk = 60000;
	expect_to_socket(&rig, "several buffers", &several, 1);
	rig_credit(&rig)->frames = 1;
	expect_to_socket(&rig, "one buffer", &linear, 1);
	expect_first(&rig, "several buffers", &several, XDP_DROP, XDPFRAG_DROPPED, 0, 1);
	rig_close(&rig);
}

/* Credit and socket of another queue or link are no help. */
static void each_queue_has_its_own_credit(void **state)
{
	const struct frame frame = { V4, FIRST };
	struct xdpfrag_credit granted;
	struct rig rig;

	(void)state;
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	granted = *rig_credit(&rig);
	memset(rig_credit(&rig), 0, sizeof(granted));
	rig.credits[XDPFRAG_SOCKET(SLOT, 1)] = granted;
	rig.credits[XDPFRAG_SOCKET(SLOT - 1, 0)] = granted;
	rig.credits[XDPFRAG_SOCKET(SLOT - 1, XDPFRAG_QUEUES - 1)] = granted;
	expect_first(&rig, "another's", &frame, XDP_DROP, XDPFRAG_DROPPED, 0, 0);
	assert_int_equal(rig.credits[XDPFRAG_SOCKET(SLOT, 1)].spent, granted.spent);
	assert_int_equal(rig.credits[XDPFRAG_SOCKET(SLOT - 1, 0)].spent, granted.spent);
	rig_close(&rig);
}

/* ---- As it goes on ---- */

/* What is out of credit closes every link for a while, that of less hunger too. */
static void credit_lasts_as_long_as_it_was_granted(void **state)
{
	const struct frame small = { V4, FIRST }, large = { V4, FIRST, BIG(3 * CHUNK) };
	struct rig rig;
	int i;

	(void)state;
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	socket_rig_grant(&rig, XDPFRAG_FOLLOWERS + 8);
	for (i = 0; i < 2; i++)
		expect_to_socket(&rig, "large", &large, 3);
	expect_first(&rig, "large", &large, XDP_DROP, XDPFRAG_DROPPED, 0, 1);
	/* Far enough away that a slow machine cannot outlast it. */
	rig_worker(&rig)->closed_until = socket_rig_now() + MINUTE;
	expect_first(&rig, "closed", &small, XDP_DROP, XDPFRAG_DROPPED, 0, 1);
	rig_worker(&rig)->closed_until = socket_rig_now() + XDPFRAG_CLOSED_NS;
	socket_rig_wait(XDPFRAG_CLOSED_NS / 1000000 + 1);
	for (i = 0; i < 2; i++)
		expect_to_socket(&rig, "open again", &small, 1);
	expect_first(&rig, "spent", &small, XDP_DROP, XDPFRAG_DROPPED, 0, 1);
	rig_credit(&rig)->granted++;
	socket_rig_wait(XDPFRAG_CLOSED_NS / 1000000 + 1);
	expect_to_socket(&rig, "granted again", &small, 1);
	rig_close(&rig);
}

static void the_deadline_ends_it_and_another_begins_it(void **state)
{
	const struct frame frame = { V4, FIRST };
	struct rig rig;

	(void)state;
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_worker(&rig)->deadline = socket_rig_now() + 50000000;
	socket_rig_wait(60);
	expect_first(&rig, "over", &frame, XDP_DROP, XDPFRAG_DROPPED, 0, 0);
	rig_worker(&rig)->deadline = socket_rig_now() + MINUTE;
	expect_to_socket(&rig, "renewed", &frame, 1);
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
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
