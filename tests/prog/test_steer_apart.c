// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The steer program and policies with `apart`: which fragments get another IPv4
 * identification, which one, and that nothing else of any frame changes but the
 * header's checksum, which is then what the whole header sums up to.
 */
#include <linux/bpf.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/steer_frames.h"
#include "../lib/steer_rig.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define ROW	  3
#define ALL_LINKS (~0ULL)
#define SECOND	  0x8000 /* what the second of the allowed links changes */
#define NO_KEY	  5	 /* no link stands behind it in "redirects" */

#define IP_ID	 4 /* offsets in the IPv4 header */
#define IP_CHECK 10

static uint8_t in[FRAME_ROOM], out[FRAME_ROOM], expected[FRAME_ROOM];

/* A policy for the group of V4, another for that of V6. */
static void open_rig(struct rig *rig, const struct rig_sizes *sizes,
		     const struct xdpfrag_policy *policy)
{
	struct rig_policy policies[] = {
		rig_policy("239.0.0.15", NULL, policy->allowed, policy->wrong, ROW),
		rig_policy("ff3e::f", NULL, policy->allowed, policy->wrong, ROW),
	};
	size_t i;

	assert_int_equal(rig_open(rig, sizes), 0);
	for (i = 0; i < LENGTH(policies); i++) {
		policies[i].policy.flags |= policy->flags;
		policies[i].policy.redirect = policy->redirect;
		assert_int_equal(rig_add(rig, &policies[i]), 0);
	}
	assert_int_equal(rig_commit(rig, 0, ALL_LINKS), 0);
}

/* On the second of two allowed links. */
static void open_second(struct rig *rig, bool scope_all)
{
	open_rig(rig, &(struct rig_sizes){ .link_slot = 1, .scope_all = scope_all },
		 &(struct xdpfrag_policy){ .allowed = 3,
					   .flags = XDPFRAG_F_APART |
						    (scope_all ? XDPFRAG_F_SCOPE_ALL : 0) });
}

static void expect_action(struct rig *rig, const char *name, size_t len, int action)
{
	int is;

	memset(out, 0xa5, len);
	is = rig_run_out(rig, in, len, out);
	if (is != action)
		fail_msg("%s: action %d instead of %d", name, is, action);
}

/* The frame in `in` passes with its id changed; 0: as it is. */
static void expect_change(struct rig *rig, const char *name, const struct frame *frame, size_t len,
			  uint16_t change)
{
	uint8_t *ip = expected + frame_ip_offset(frame);

	memcpy(expected, in, len);
	if (change) {
		ip[IP_ID] ^= change >> 8;
		ip[IP_ID + 1] ^= change;
		frame_ipv4_checksum(ip);
	}
	expect_action(rig, name, len, XDP_PASS);
	if (memcmp(out, expected, len))
		fail_msg("%s: id %02x%02x, checksum %02x%02x instead of %02x%02x, %02x%02x, or "
			 "something else has changed",
			 name, out[ip - expected + IP_ID], out[ip - expected + IP_ID + 1],
			 out[ip - expected + IP_CHECK], out[ip - expected + IP_CHECK + 1],
			 ip[IP_ID], ip[IP_ID + 1], ip[IP_CHECK], ip[IP_CHECK + 1]);
}

static void expect_unchanged(struct rig *rig, const char *name, size_t len, int action)
{
	expect_action(rig, name, len, action);
	if (memcmp(out, in, len))
		fail_msg("%s: changed", name);
}

/* ---- Which frames ---- */

static const struct frame_case {
	const char *name;
	struct frame frame;
	bool changed;
} frame_cases[] = {
	{ "first", { V4, FIRST, .id = 0x1234 }, true },
	{ "middle", { V4, MIDDLE, .id = 0x1234 }, true },
	{ "last", { V4, LAST, .id = 0x1234 }, true },
	{ "last, without payload", { V4, LAST, .payload_len = 0 }, true },
	{ "DF and the reserved flag", { V4, FIRST, .dont_fragment = true, .evil = true }, true },
	{ "id 0", { V4, MIDDLE, .id = 0 }, true },
	{ "id 0xffff", { V4, MIDDLE, .id = 0xffff }, true },
	{ "id 0x8000", { V4, MIDDLE, .id = 0x8000 }, true },
	{ "4 bytes of options", { V4, FIRST, .id = 7, .options = 4 }, true },
	{ "40 bytes of options", { V4, LAST, .id = 7, .options = 40 }, true },
	{ "padding", { V4, LAST, .payload_len = 1, .padding = 25 }, true },
	{ "odd payload", { V4, LAST, .payload_len = 63 }, true },
	{ "TCP", { V4, FIRST, .protocol = IPPROTO_TCP }, true },
	{ "802.1Q", { V4, MIDDLE, TAGS(1, C_TAG), .id = 9 }, true },
	{ "802.1ad, 802.1Q", { V4, MIDDLE, TAGS(2, S_TAG, C_TAG), .id = 9 }, true },
	{ "802.1Q, options", { V4, FIRST, TAGS(1, C_TAG), .options = 12 }, true },
	{ "several buffers", { V4, FIRST, .payload_len = 8960, .id = 9 }, true },
	{ "several buffers, tags and options",
	  { V4, LAST, TAGS(2, S_TAG, C_TAG), .options = 8, .payload_len = 60000 },
	  true },

	{ "whole", { V4, .id = 0x1234 }, false },
	{ "whole, DF", { V4, .id = 0x1234, .dont_fragment = true }, false },
	{ "whole, 802.1Q", { V4, TAGS(1, C_TAG), .id = 0x1234 }, false },
	{ "three tags", { V4, FIRST, TAGS(3, S_TAG, C_TAG, C_TAG), .id = 0x1234 }, false },
	{ "unicast", { V4, FIRST, .group = { 10, 84, 0, 42 }, .id = 0x1234 }, false },
	{ "another group", { V4, FIRST, .group = { 239, 0, 0, 16 }, .id = 0x1234 }, false },
	{ "v6 first", { V6, FIRST, .id = 0x12345678 }, false },
	{ "v6 last", { V6, LAST, .id = 0x12345678 }, false },
	{ "v6 behind an option", { V6, FIRST, .n_extensions = 1, .extensions = { HBH } }, false },
	{ "v6 atomic", { V6, .atomic = true, .id = 0x12345678 }, false },
	{ "v6 whole", { V6 }, false },
};

static void check_frames(bool scope_all)
{
	struct rig rig;
	size_t i, len;

	open_second(&rig, scope_all);
	for (i = 0; i < LENGTH(frame_cases); i++) {
		const struct frame_case *c = &frame_cases[i];

		len = frame_build(in, sizeof(in), &c->frame);
		assert_int_not_equal(len, 0);
		rig_reset_counts(&rig);
		expect_change(&rig, c->name, &c->frame, len, c->changed ? SECOND : 0);
		if (c->changed)
			assert_int_equal(rig_count(&rig, ROW, XDPFRAG_PASSED), 1);
	}
	rig_close(&rig);
}

static void fragments_are_changed_and_nothing_else(void **state)
{
	(void)state;
	check_frames(false);
}

static void scope_all_changes_no_whole_packet(void **state)
{
	(void)state;
	check_frames(true);
}

/* What is passed for a doubt is passed as it came. */
static void faulty_frames_are_left_alone(void **state)
{
	static const struct {
		const char *name;
		int at; /* in the IP header */
		uint8_t value;
	} pokes[] = {
		{ "version 5", 0, 0x55 }, { "ihl 4", 0, 0x44 },
		{ "tot_len 19", 3, 19 },  { "tot_len over the frame", 3, 85 },
		{ "MF gone", 6, 0 },
	};
	struct frame frame = { V4, FIRST, .id = 0x1234 };
	struct rig rig;
	size_t i, len;

	(void)state;
	open_second(&rig, false);
	for (i = 0; i < LENGTH(pokes); i++) {
		len = frame_build(in, sizeof(in), &frame);
		in[frame_ip_offset(&frame) + pokes[i].at] = pokes[i].value;
		expect_unchanged(&rig, pokes[i].name, len, XDP_PASS);
	}
	len = frame_build(in, sizeof(in), &frame);
	while (--len >= ETH_HLEN)
		expect_unchanged(&rig, "cut", len, XDP_PASS);
	rig_close(&rig);
}

/* ---- The checksum ---- */

/* Among all identifications are those that make it 0 before or after. */
static void every_id_keeps_a_right_checksum(void **state)
{
	struct frame frame = { V4, MIDDLE };
	uint32_t zeros = 0;
	struct rig rig;
	size_t len;

	(void)state;
	open_second(&rig, false);
	for (frame.id = 0; frame.id <= 0xffff; frame.id++) {
		len = frame_build(in, sizeof(in), &frame);
		expect_change(&rig, "id", &frame, len, SECOND);
		zeros += !in[ETH_HLEN + IP_CHECK] && !in[ETH_HLEN + IP_CHECK + 1];
		zeros += !out[ETH_HLEN + IP_CHECK] && !out[ETH_HLEN + IP_CHECK + 1];
	}
	assert_int_equal(zeros, 2);
	rig_close(&rig);
}

/* The stack shall drop it as it would have without us. */
static void a_wrong_checksum_stays_wrong(void **state)
{
	struct frame frame = { V4, MIDDLE, .id = 0x1234 };
	uint8_t *ip = in + ETH_HLEN, right[2];
	uint32_t difference;
	struct rig rig;
	size_t len;

	(void)state;
	open_second(&rig, false);
	for (difference = 1; difference < 0xffff; difference += 41) {
		uint32_t check;

		len = frame_build(in, sizeof(in), &frame);
		check = (ip[IP_CHECK] << 8 | ip[IP_CHECK + 1]) + difference;
		ip[IP_CHECK] = check >> 8;
		ip[IP_CHECK + 1] = check;
		expect_action(&rig, "wrong checksum", len, XDP_PASS);
		assert_int_equal(out[ETH_HLEN + IP_ID], 0x92);
		memcpy(right, out + ETH_HLEN + IP_CHECK, 2);
		frame_ipv4_checksum(out + ETH_HLEN);
		assert_memory_not_equal(right, out + ETH_HLEN + IP_CHECK, 2);
	}
	rig_close(&rig);
}

/* ---- Which change ---- */

static void the_rank_among_the_allowed_links_decides(void **state)
{
	static const struct {
		uint32_t slot;
		uint64_t allowed;
		uint16_t change;
	} cases[] = {
		{ 0, 0x1, 0 },
		{ 0, 0x3, 0 },
		{ 0, ALL_LINKS, 0 },
		{ 1, 0x2, 0 },
		{ 1, 0x3, 0x8000 },
		{ 1, 0xf, 0x8000 },
		{ 2, 0x7, 0x4000 },
		{ 2, 0x5, 0x8000 },
		{ 2, 0x4, 0 },
		{ 3, 0xf, 0xc000 },
		{ 4, 0x1f, 0x2000 },
		{ 5, 0x3f, 0xa000 },
		{ 8, 0x1ff, 0x1000 },
		{ 9, 1 << 9 | 1 << 4, 0x8000 },
		{ 4, 1 << 9 | 1 << 4, 0 },
		{ 16, 0x1ffff, 0x0800 },
		{ 31, 0xffffffff, 0xf800 },
		{ 32, 0x1ffffffff, 0x0400 },
		{ 32, 0x180000000, 0x8000 },
		{ 63, 1ULL << 63, 0 },
		{ 63, 1ULL << 63 | 1, 0x8000 },
		{ 63, ALL_LINKS, 0xfc00 },
	};
	struct frame frame = { V4, MIDDLE, .id = 0xa5c3 };
	struct rig rig;
	size_t i, len;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		open_rig(&rig, &(struct rig_sizes){ .link_slot = cases[i].slot },
			 &(struct xdpfrag_policy){ .allowed = cases[i].allowed,
						   .flags = XDPFRAG_F_APART });
		len = frame_build(in, sizeof(in), &frame);
		expect_change(&rig, "rank", &frame, len, cases[i].change);
		assert_int_equal(rig_count(&rig, ROW, XDPFRAG_PASSED), 1);
		rig_close(&rig);
	}
}

/* ---- Which links ---- */

static void other_links_and_policies_change_nothing(void **state)
{
	static const struct {
		const char *name;
		struct xdpfrag_policy policy;
		int action;
		enum xdpfrag_verdict verdict;
	} cases[] = {
		{ "not apart", { .allowed = 3 }, XDP_PASS, XDPFRAG_PASSED },
		{ "wrong: drop",
		  { .allowed = 5, .flags = XDPFRAG_F_APART },
		  XDP_DROP,
		  XDPFRAG_DROPPED },
		{ "wrong: observe",
		  { .allowed = 5, .flags = XDPFRAG_F_APART, .wrong = XDPFRAG_WRONG_OBSERVE },
		  XDP_PASS,
		  XDPFRAG_OBSERVED },
		{ "wrong: redirect",
		  { .allowed = 5, .flags = XDPFRAG_F_APART, .wrong = XDPFRAG_WRONG_REDIRECT },
		  XDP_REDIRECT,
		  XDPFRAG_REDIRECTED },
		{ "wrong: redirect to an absent link",
		  { .allowed = 5,
		    .flags = XDPFRAG_F_APART,
		    .wrong = XDPFRAG_WRONG_REDIRECT,
		    .redirect = NO_KEY },
		  XDP_PASS,
		  XDPFRAG_PASSED },
		{ "out of use",
		  { .flags = XDPFRAG_F_APART | XDPFRAG_F_OUT_OF_USE },
		  XDP_PASS,
		  XDPFRAG_PASSED },
	};
	struct frame frame = { V4, MIDDLE, .id = 0x1234 };
	struct rig rig;
	size_t i, len;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		open_rig(&rig, &(struct rig_sizes){ .link_slot = 1 }, &cases[i].policy);
		assert_int_equal(rig_redirect(&rig, 0, if_nametoindex("lo")), 0);
		len = frame_build(in, sizeof(in), &frame);
		expect_unchanged(&rig, cases[i].name, len, cases[i].action);
		assert_int_equal(rig_count(&rig, ROW, cases[i].verdict), 1);
		rig_close(&rig);
	}
}

static void a_link_that_does_not_act_changes_nothing(void **state)
{
	struct frame frame = { V4, MIDDLE, .id = 0x1234 };
	struct rig rig;
	size_t len;

	(void)state;
	open_second(&rig, false);
	len = frame_build(in, sizeof(in), &frame);
	expect_change(&rig, "acting", &frame, len, SECOND);
	assert_int_equal(rig_commit(&rig, 0, ~2ULL), 0);
	expect_unchanged(&rig, "inert", len, XDP_PASS);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_are_changed_and_nothing_else),
		cmocka_unit_test(scope_all_changes_no_whole_packet),
		cmocka_unit_test(faulty_frames_are_left_alone),
		cmocka_unit_test(every_id_keeps_a_right_checksum),
		cmocka_unit_test(a_wrong_checksum_stays_wrong),
		cmocka_unit_test(the_rank_among_the_allowed_links_decides),
		cmocka_unit_test(other_links_and_policies_change_nothing),
		cmocka_unit_test(a_link_that_does_not_act_changes_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
