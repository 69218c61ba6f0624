// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The steer program and the path of a datagram (include/xdpfrag/credit.h): where its first
 * fragment went, the others follow, whatever has changed since.
 */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../lib/socket_rig.h"

static uint8_t in[FRAME_ROOM], out[FRAME_ROOM];

#define TICK (1ULL << XDPFRAG_PATH_SHIFT)

static const struct frame first = { V4, FIRST, .id = 7 }, middle = { V4, MIDDLE, .id = 7 },
			  last = { V4, LAST, .id = 7 };

static void expect_kernel(struct rig *rig, const char *name, const struct frame *frame)
{
	expect_fragment(rig, name, frame, XDP_DROP, XDPFRAG_DROPPED, 0, 0);
}

static void expect_follows(struct rig *rig, const char *name, const struct frame *frame)
{
	expect_fragment(rig, name, frame, XDP_REDIRECT, XDPFRAG_REASSEMBLED, 1, 0);
}

static void the_others_follow_the_first_to_the_socket(void **state)
{
	struct rig rig;

	(void)state;
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	expect_follows(&rig, "before the deadline", &middle);
	rig_worker(&rig)->deadline = 1;
	expect_follows(&rig, "behind the deadline", &first);
	rig_worker(&rig)->deadline = socket_rig_now() + MINUTE;
	rig_worker(&rig)->closed_until = socket_rig_now() + MINUTE;
	expect_follows(&rig, "closed", &last);
	/* Out of credit for whoever comes first, not for who follows. */
	rig_credit(&rig)->granted = rig_credit(&rig)->spent + 1;
	expect_follows(&rig, "the last credit", &last);
	expect_fragment(&rig, "no credit", &last, XDP_DROP, XDPFRAG_DROPPED, 0, 1);
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
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_worker(&rig)->deadline = 1;
	expect_kernel(&rig, "behind the deadline", &last);
	rig_worker(&rig)->deadline = socket_rig_now() + MINUTE;
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
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
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
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OWN });
	expect_follows(&rig, "the first", &first);
	granted = *rig_credit(&rig);
	rig_credit(&rig)->ifindex = 0;
	expect_fragment(&rig, "no socket", &middle, XDP_PASS, XDPFRAG_PASSED, 0, 0);
	*rig_credit(&rig) = granted;
	rig_worker(&rig)->closed_until = 0;
	expect_fragment(&rig, "a socket again", &last, XDP_PASS, XDPFRAG_PASSED, 0, 0);
	rig_close(&rig);
}

static void others_do_not_follow(void **state)
{
	struct frame other = middle;
	struct rig rig;

	(void)state;
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_worker(&rig)->deadline = 1;
	expect_kernel(&rig, "the first", &first);
	rig_worker(&rig)->deadline = socket_rig_now() + MINUTE;
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
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_worker(&rig)->deadline = 1;
	expect_kernel(&rig, "the first", &first);
	rig_worker(&rig)->deadline = socket_rig_now() + MINUTE;
	expect_kernel(&rig, "one that follows", &middle);
	socket_rig_wait((XDPFRAG_PATH_TICKS + 1) * TICK / 1000000);
	expect_follows(&rig, "later", &middle);
	rig_close(&rig);
}

/* More than there are places: the last ones are known, since one sender's have a place each. */
static void a_full_table_forgets_and_lets_nobody_follow_another(void **state)
{
	struct frame frame = middle;
	struct rig rig;
	uint32_t id, n = 0;

	(void)state;
	socket_rig_granted(&rig, &(struct xdpfrag_policy){ .allowed = OTHER });
	rig_worker(&rig)->deadline = 1;
	for (id = 0; id < 2 * XDPFRAG_PATHS; id++) {
		frame.id = id;
		expect_kernel(&rig, "the first", &frame);
	}
	rig_worker(&rig)->deadline = socket_rig_now() + MINUTE;
	for (id = 2 * XDPFRAG_PATHS; id < 4 * XDPFRAG_PATHS; id++) {
		frame.id = id;
		expect_follows(&rig, "another", &frame);
	}
	rig_worker(&rig)->deadline = 1;
	for (id = 4 * XDPFRAG_PATHS - 4096; id < 4 * XDPFRAG_PATHS; id += 16) {
		size_t len;

		frame.id = id;
		len = frame_build(in, sizeof(in), &frame);
		n += rig_run_out(&rig, in, len, out) == XDP_REDIRECT;
	}
	assert_int_equal(n, 4096 / 16);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
