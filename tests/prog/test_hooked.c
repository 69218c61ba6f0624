// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hook for xdpcap: which program gets a packet, what of the packet's fate that
 * changes (nothing), and which programs the kernel lets in.
 *
 * That xdpfrag_hooked judges as xdpfrag_steer does is tested in test_steer_random.c.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../lib/standin.h"
#include "../lib/steer_frames.h"
#include "../lib/steer_rig.h"
#include "datapath/steer.h"
#include "steer.skel.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define OWN   1ULL
#define OTHER 2ULL

static const struct {
	const char *name;
	struct frame frame;
	uint32_t action;
	uint64_t fragments; /* by what the stand-in takes for one */
} cases[] = {
	{ "dropped", { V4, MIDDLE, .group = { 239, 0, 0, 1 } }, XDP_DROP, 1 },
	{ "passed", { V4, MIDDLE, .group = { 239, 0, 0, 2 } }, XDP_PASS, 1 },
	{ "redirected", { V4, MIDDLE, .group = { 239, 0, 0, 3 } }, XDP_REDIRECT, 1 },
	{ "of no group", { V4, FIRST, .group = { 239, 0, 0, 9 } }, XDP_PASS, 1 },
	{ "no fragment", { V4, .group = { 239, 0, 0, 1 } }, XDP_PASS, 0 },
	{ "unicast", { V4, .group = { 10, 0, 0, 1 } }, XDP_PASS, 0 },
	{ "IPv6, dropped", { V6, MIDDLE }, XDP_DROP, 0 },
	{ "ARP", { .proto = ETH_P_ARP, .payload_len = 46 }, XDP_PASS, 0 },
	{ "several buffers, dropped",
	  { V4, FIRST, .group = { 239, 0, 0, 1 }, .payload_len = 8960 },
	  XDP_DROP,
	  1 },
};

static void add(struct rig *rig, const char *group, uint64_t allowed, uint8_t wrong, uint32_t row)
{
	struct rig_policy policy = rig_policy(group, NULL, allowed, wrong, row);

	assert_int_equal(rig_add(rig, &policy), 0);
}

static void open_rig(struct rig *rig)
{
	assert_int_equal(rig_open(rig, &(struct rig_sizes){ .hooked = true }), 0);
	add(rig, "239.0.0.1", OTHER, XDPFRAG_WRONG_DROP, 1);
	add(rig, "239.0.0.2", OWN, XDPFRAG_WRONG_DROP, 2);
	add(rig, "239.0.0.3", OTHER, XDPFRAG_WRONG_REDIRECT, 3);
	add(rig, "ff3e::f", OTHER, XDPFRAG_WRONG_DROP, 4);
	assert_int_equal(rig_redirect(rig, 0, if_nametoindex("lo")), 0);
	assert_int_equal(rig_commit(rig, 0, ~0ULL), 0);
}

static void expect_action(struct rig *rig, size_t i)
{
	static uint8_t bytes[FRAME_ROOM], out[FRAME_ROOM];
	size_t len = frame_build(bytes, sizeof(bytes), &cases[i].frame);
	int action = rig_run_out(rig, bytes, len, out);

	if (action != (int)cases[i].action)
		fail_msg("%s: action %d, expected %u", cases[i].name, action, cases[i].action);
	if (memcmp(out, bytes, len))
		fail_msg("%s: the frame was changed", cases[i].name);
}

static void an_empty_hook_changes_nothing(void **state)
{
	struct rig rig;

	(void)state;
	open_rig(&rig);
	assert_int_equal(standin_check(rig.hook_fd), 0);
	for (size_t i = 0; i < LENGTH(cases); i++)
		expect_action(&rig, i);
	assert_int_equal(rig_count(&rig, 1, XDPFRAG_DROPPED), 2);
	assert_int_equal(rig_count(&rig, 2, XDPFRAG_PASSED), 1);
	assert_int_equal(rig_count(&rig, 3, XDPFRAG_REDIRECTED), 1);
	assert_int_equal(rig_count(&rig, 4, XDPFRAG_DROPPED), 1);
	rig_close(&rig);
}

static void read_counts(const struct standin *standin, struct standin_count *counts)
{
	for (uint32_t action = 0; action < STANDIN_ACTIONS; action++)
		assert_int_equal(standin_read(standin, action, &counts[action]), 0);
}

static void each_action_goes_to_its_program_and_stays(void **state)
{
	struct standin_count before[STANDIN_ACTIONS], after[STANDIN_ACTIONS];
	struct standin standin;
	struct rig rig;

	(void)state;
	open_rig(&rig);
	assert_int_equal(standin_attach(&standin, rig.hook_fd), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		read_counts(&standin, before);
		expect_action(&rig, i);
		read_counts(&standin, after);
		before[cases[i].action].packets++;
		before[cases[i].action].fragments += cases[i].fragments;
		if (memcmp(before, after, sizeof(before)))
			fail_msg("%s: not seen as %u and that alone", cases[i].name,
				 cases[i].action);
	}
	/* Counted here as ever. */
	assert_int_equal(rig_count(&rig, 1, XDPFRAG_DROPPED), 2);

	/* xdpcap -actions drop */
	for (uint32_t action = 0; action < STANDIN_ACTIONS; action++)
		if (action != XDP_DROP)
			assert_int_equal(bpf_map_delete_elem(rig.hook_fd, &action), 0);
	read_counts(&standin, before);
	expect_action(&rig, 0);
	expect_action(&rig, 1);
	read_counts(&standin, after);
	before[XDP_DROP].packets++;
	before[XDP_DROP].fragments++;
	assert_memory_equal(before, after, sizeof(before));
	standin_detach(&standin);
	expect_action(&rig, 0);
	rig_close(&rig);
}

/* Why xdpcap has to try twice, and an xdpcap of before July 2023, which does not, is refused. */
static void the_hook_takes_programs_for_several_buffers_only(void **state)
{
	int counts = standin_counts(), narrow, wide;
	uint32_t action = XDP_DROP;
	struct rig rig;

	(void)state;
	open_rig(&rig);
	narrow = standin_program(counts, action, false);
	wide = standin_program(counts, action, true);
	assert_true(counts >= 0 && narrow >= 0 && wide >= 0);
	assert_int_equal(bpf_map_update_elem(rig.hook_fd, &action, &narrow, BPF_ANY), -EINVAL);
	assert_int_equal(bpf_map_update_elem(rig.hook_fd, &action, &wide, BPF_ANY), 0);
	close(narrow);
	close(wide);
	close(counts);
	rig_close(&rig);
}

static int load_with(int hook)
{
	struct plane_shape shape = { .bits4 = TABLE_BITS_MIN, .bits6 = TABLE_BITS_MIN, .rows = 64 };
	struct steer_bpf *skel = steer_open(&shape, 0, NULL);
	int err;

	assert_non_null(skel);
	err = steer_hook(skel, hook);
	if (!err)
		err = steer_bpf__load(skel);
	steer_bpf__destroy(skel);
	return err;
}

/* What the agent goes by: it makes a new array on -EINVAL. */
static void a_hook_goes_on_with_its_kind_only(void **state)
{
	int counts = standin_counts(), narrow, stale;
	uint32_t action = XDP_DROP;
	struct rig rig;

	(void)state;
	open_rig(&rig);
	assert_int_equal(load_with(rig.hook_fd), 0);
	rig_close(&rig);

	/* Its owner is the first program that is put into it. */
	stale = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "stale", 4, 4, STANDIN_ACTIONS, NULL);
	assert_int_equal(standin_check(stale), 0);
	narrow = standin_program(counts, action, false);
	assert_int_equal(bpf_map_update_elem(stale, &action, &narrow, BPF_ANY), 0);
	libbpf_set_print(NULL); /* the verifier's whole log */
	assert_int_equal(load_with(stale), -EINVAL);
	close(narrow);
	close(stale);
	close(counts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_hook_changes_nothing),
		cmocka_unit_test(each_action_goes_to_its_program_and_stays),
		cmocka_unit_test(the_hook_takes_programs_for_several_buffers_only),
		cmocka_unit_test(a_hook_goes_on_with_its_kind_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hooked", tests, NULL, NULL);
}
