// SPDX-License-Identifier: GPL-2.0-or-later
/* A steer program with a socket. */
#include <linux/bpf.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "socket_rig.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static uint8_t in[FRAME_ROOM], out[FRAME_ROOM];

uint64_t socket_rig_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

uint32_t socket_rig_lo(void)
{
	return if_nametoindex("lo");
}

void socket_rig_open(struct rig *rig, const struct xdpfrag_policy *policy)
{
	struct rig_policy policies[] = {
		rig_policy("239.0.0.15", NULL, policy->allowed, policy->wrong, ROW),
		rig_policy("ff3e::f", NULL, policy->allowed, policy->wrong, ROW),
	};
	size_t i;

	assert_int_equal(rig_open(rig, &(struct rig_sizes){ .link_slot = SLOT, .scope_all = true }),
			 0);
	assert_int_equal(rig_redirect(rig, 0, socket_rig_lo()), 0);
	for (i = 0; i < LENGTH(policies); i++) {
		policies[i].policy.flags |= XDPFRAG_F_REASSEMBLE | policy->flags;
		assert_int_equal(rig_add(rig, &policies[i]), 0);
	}
	assert_int_equal(rig_commit(rig, 0, ALL_LINKS), 0);
}

void socket_rig_grant(struct rig *rig, uint64_t frames)
{
	*rig_credit(rig) = (struct xdpfrag_credit){ .spent = 1000,
						    .granted = 1000 + frames,
						    .ifindex = socket_rig_lo(),
						    .chunk = CHUNK,
						    .frames = 64 };
	*rig_worker(rig) = (struct xdpfrag_credit){ .deadline = socket_rig_now() + MINUTE };
}

void socket_rig_granted(struct rig *rig, const struct xdpfrag_policy *policy)
{
	socket_rig_open(rig, policy);
	assert_int_equal(rig_socket(rig), 0);
	socket_rig_grant(rig, 1 << 20);
}

void expect_fragment(struct rig *rig, const char *name, const struct frame *frame, int action,
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

void expect_first(struct rig *rig, const char *name, const struct frame *frame, int action,
		  enum xdpfrag_verdict verdict, uint64_t spent, uint64_t refused)
{
	static uint16_t id;
	struct frame own = *frame;

	own.id = ++id;
	expect_fragment(rig, name, &own, action, verdict, spent, refused);
}

void expect_to_socket(struct rig *rig, const char *name, const struct frame *frame, uint64_t spent)
{
	expect_first(rig, name, frame, XDP_REDIRECT, XDPFRAG_REASSEMBLED, spent, 0);
}

void socket_rig_wait(long ms)
{
	const struct timespec pause = { .tv_nsec = ms * 1000000 };

	nanosleep(&pause, NULL);
}
