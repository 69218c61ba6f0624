// SPDX-License-Identifier: GPL-2.0-or-later
/* Fragment events: what the steer program writes, and for which frames. */
#include <linux/bpf.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/steer_frames.h"
#include "../lib/event_rig.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define NO_KEY 5 /* no link stands behind it in "redirects" */

static uint8_t buffer[FRAME_ROOM];

/* ---- What is told ---- */

static const struct told_case {
	const char *name;
	struct frame frame;
	struct xdpfrag_event event; /* where it is not what follows from the family */
} told_cases[] = {
	{ "first",
	  { V4, FIRST, .id = 0x1234 },
	  { .id = 0x1234, .more = 1, .len = 64, .frame_len = 98 } },
	{ "middle",
	  { V4, MIDDLE, .id = 0xffff },
	  { .id = 0xffff, .more = 1, .offset = 1480, .len = 64, .frame_len = 98 } },
	{ "last", { V4, LAST, .id = 1 }, { .id = 1, .offset = 2960, .len = 64, .frame_len = 98 } },
	{ "at the end of the largest datagram",
	  { V4, .offset = 65528, .payload_len = 7 },
	  { .offset = 65528, .len = 7, .frame_len = 41 } },
	{ "DF and the reserved flag",
	  { V4, FIRST, .dont_fragment = true, .evil = true },
	  { .more = 1, .len = 64, .frame_len = 98 } },
	{ "TCP",
	  { V4, FIRST, .protocol = IPPROTO_TCP },
	  { .proto = IPPROTO_TCP, .more = 1, .len = 64, .frame_len = 98 } },
	{ "options", { V4, LAST, .options = 12 }, { .offset = 2960, .len = 64, .frame_len = 110 } },
	{ "40 bytes of options, no payload",
	  { V4, LAST, .options = 40, .payload_len = 0 },
	  { .offset = 2960, .frame_len = 74 } },
	{ "padding",
	  { V4, LAST, .payload_len = 1, .padding = 25 },
	  { .offset = 2960, .len = 1, .frame_len = 60 } },
	{ "802.1Q",
	  { V4, FIRST, TAGS(1, C_TAG) },
	  { .vlan = 10, .more = 1, .len = 64, .frame_len = 102 } },
	{ "VLAN 4095, all priority bits",
	  { V4, FIRST, TAGS(1, { ETH_P_8021Q, 0xffff }) },
	  { .vlan = 4095, .more = 1, .len = 64, .frame_len = 102 } },
	{ "priority tag",
	  { V4, FIRST, TAGS(1, { ETH_P_8021Q, 0xe000 }) },
	  { .more = 1, .len = 64, .frame_len = 102 } },
	{ "802.1ad, 802.1Q: the outer one",
	  { V4, FIRST, TAGS(2, S_TAG, C_TAG), .options = 4 },
	  { .vlan = 20, .more = 1, .len = 64, .frame_len = 110 } },
	{ "several buffers",
	  { V4, FIRST, .payload_len = 8960 },
	  { .more = 1, .len = 8960, .frame_len = 8994 } },
	{ "a frame longer than can be told",
	  { V4, FIRST, .payload_len = 65512, TAGS(2, S_TAG, C_TAG) },
	  { .vlan = 20, .more = 1, .len = 65512, .frame_len = 65535 } },

	{ "v6 first",
	  { V6, FIRST, .id = 0x12345678 },
	  { .id = 0x12345678, .more = 1, .len = 64, .frame_len = 126 } },
	{ "v6 middle",
	  { V6, MIDDLE, .id = 0x80000001 },
	  { .id = 0x80000001, .more = 1, .offset = 1480, .len = 64, .frame_len = 126 } },
	{ "v6 last, reserved bits",
	  { V6, LAST, .fragment_reserved = 3 },
	  { .offset = 2960, .len = 64, .frame_len = 126 } },
	{ "v6 TCP",
	  { V6, LAST, .protocol = IPPROTO_TCP },
	  { .proto = IPPROTO_TCP, .offset = 2960, .len = 64, .frame_len = 126 } },
	{ "v6 two tags",
	  { V6, LAST, TAGS(2, C_TAG, S_TAG) },
	  { .vlan = 10, .offset = 2960, .len = 64, .frame_len = 134 } },
	{ "v6 hop-by-hop and AH",
	  { V6, LAST, .id = 5, .n_extensions = 2, .extensions = { HBH, { IPPROTO_AH, 16 } } },
	  { .id = 5, .offset = 2960, .len = 64, .frame_len = 150 } },
	{ "v6 eight extension headers",
	  { V6, FIRST, .id = 6, .n_extensions = 8,
	    .extensions = { HBH, HBH, HBH, HBH, { IPPROTO_ROUTING, 24 }, HBH, HBH, HBH } },
	  { .id = 6, .more = 1, .len = 64, .frame_len = 206 } },
	{ "v6 several buffers",
	  { V6, FIRST, .payload_len = 8936 },
	  { .more = 1, .len = 8936, .frame_len = 8998 } },
};

static void check_told(struct event_rig *watch, const struct told_case *c, uint8_t verdict,
		       uint32_t row)
{
	struct xdpfrag_event want = c->event, got;
	uint64_t before = event_rig_now(), after;

	event_rig_run(watch, &c->frame);
	after = event_rig_now();
	if (event_rig_told(watch) != 1)
		fail_msg("%s: %u events", c->name, watch->n);
	got = watch->last;
	if (got.time < before || got.time > after)
		fail_msg("%s: time %llu", c->name, (unsigned long long)got.time);
	want.time = got.time;
	want.slot = EVENT_RIG_SLOT;
	want.row = row;
	want.family = c->frame.family;
	want.verdict = verdict;
	if (!want.proto)
		want.proto = IPPROTO_UDP;
	memcpy(want.group, c->frame.group, 16);
	memcpy(want.source, c->frame.source, 16);
	if (memcmp(&got, &want, sizeof(want)))
		fail_msg("%s: row %u family %u verdict %u proto %u more %u offset %u len %u id "
			 "%x vlan %u frame %u, or the addresses",
			 c->name, got.row, got.family, got.verdict, got.proto, got.more, got.offset,
			 got.len, got.id, got.vlan, got.frame_len);
}

static void fragments_are_told_with_their_fields(void **state)
{
	struct event_rig watch;
	size_t i;

	(void)state;
	event_rig_open_watched(&watch, false);
	for (i = 0; i < LENGTH(told_cases); i++)
		check_told(&watch, &told_cases[i], XDPFRAG_PASSED, EVENT_RIG_ROW);
	event_rig_close(&watch);
}

static void every_verdict_is_told(void **state)
{
	static const struct {
		struct xdpfrag_policy policy;
		uint8_t verdict;
	} cases[] = {
		{ { .allowed = EVENT_RIG_OWN }, XDPFRAG_PASSED },
		{ { .flags = XDPFRAG_F_OUT_OF_USE }, XDPFRAG_PASSED },
		{ { .wrong = XDPFRAG_WRONG_DROP }, XDPFRAG_DROPPED },
		{ { .wrong = XDPFRAG_WRONG_OBSERVE }, XDPFRAG_OBSERVED },
		{ { .wrong = XDPFRAG_WRONG_REDIRECT }, XDPFRAG_REDIRECTED },
		{ { .wrong = XDPFRAG_WRONG_REDIRECT, .redirect = NO_KEY }, XDPFRAG_PASSED },
	};
	struct event_rig watch;
	size_t i, k;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		event_rig_open(&watch, false, cases[i].policy);
		assert_int_equal(rig_redirect(&watch.rig, 0, if_nametoindex("lo")), 0);
		event_rig_open_reader(&watch);
		events_renew(watch.events, 3600);
		for (k = 0; k < LENGTH(told_cases); k++)
			check_told(&watch, &told_cases[k], cases[i].verdict, EVENT_RIG_ROW);
		event_rig_close(&watch);
	}
}

static void groups_without_a_policy_are_told(void **state)
{
	static const struct told_case cases[] = {
		{ "unknown",
		  { V4, FIRST, .group = { 239, 0, 0, 16 } },
		  { .more = 1, .len = 64, .frame_len = 98 } },
		{ "v6 unknown",
		  { V6, FIRST, .group = { 0xff, 2, [15] = 1 } },
		  { .more = 1, .len = 64, .frame_len = 126 } },
	};
	struct event_rig watch;
	size_t i;

	(void)state;
	event_rig_open_watched(&watch, false);
	for (i = 0; i < LENGTH(cases); i++) {
		rig_reset_counts(&watch.rig);
		check_told(&watch, &cases[i], XDPFRAG_NO_VERDICT, XDPFRAG_ROW_DELETED);
		assert_int_equal(rig_reason(&watch.rig, XDPFRAG_NO_POLICY), 1);
	}
	event_rig_close(&watch);
}

static void the_id_is_told_as_it_came(void **state)
{
	struct frame frame = { V4, FIRST, .id = 0x1234 };
	struct event_rig watch;
	uint8_t out[128];
	size_t len;

	(void)state;
	event_rig_open(
		&watch, false,
		(struct xdpfrag_policy){ .allowed = EVENT_RIG_OWN | 1, .flags = XDPFRAG_F_APART });
	event_rig_open_reader(&watch);
	events_renew(watch.events, 3600);
	len = frame_build(buffer, sizeof(buffer), &frame);
	assert_in_range(len, 1, sizeof(out));
	assert_int_equal(rig_run_out(&watch.rig, buffer, len, out), XDP_PASS);
	assert_int_equal(out[ETH_HLEN + 4], 0x92); /* changed */
	assert_int_equal(event_rig_told(&watch), 1);
	assert_int_equal(watch.last.id, 0x1234);
	event_rig_close(&watch);
}

/* ---- What is not ---- */

static void other_frames_are_not_told(void **state)
{
	static const struct {
		const char *name;
		struct frame frame;
		int at; /* offset from the IP header, 0 with value 0: none */
		uint8_t value;
	} cases[] = {
		{ "whole", { V4 }, 0, 0 },
		{ "unicast fragment", { V4, FIRST, .group = { 10 } }, 0, 0 },
		{ "three tags", { V4, FIRST, TAGS(3, S_TAG, C_TAG, C_TAG) }, 0, 0 },
		{ "version 5", { V4, FIRST }, 0, 0x55 },
		{ "ihl 4", { V4, FIRST }, 0, 0x44 },
		{ "tot_len 19", { V4, FIRST }, 3, 19 },
		{ "tot_len over the frame", { V4, FIRST }, 3, 85 },
		{ "v6 whole", { V6 }, 0, 0 },
		{ "v6 atomic", { V6, .atomic = true }, 0, 0 },
		{ "v6 version 4", { V6, FIRST }, 0, 0x40 },
		{ "v6 payload_len 7", { V6, FIRST }, 5, 7 },
		{ "v6 nine extension headers",
		  { V6, FIRST, .n_extensions = 9,
		    .extensions = { HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH } },
		  0,
		  0 },
		{ "ARP", { .proto = ETH_P_ARP, .payload_len = 46 }, 0, 0 },
	};
	struct event_rig watch;
	size_t i, len;
	int all;

	(void)state;
	for (all = 0; all <= 1; all++) {
		event_rig_open_watched(&watch, all);
		for (i = 0; i < LENGTH(cases); i++) {
			len = frame_build(buffer, sizeof(buffer), &cases[i].frame);
			if (cases[i].at || cases[i].value)
				buffer[frame_ip_offset(&cases[i].frame) + cases[i].at] =
					cases[i].value;
			assert_int_equal(rig_run(&watch.rig, buffer, len), XDP_PASS);
			if (event_rig_told(&watch))
				fail_msg("%s is told", cases[i].name);
		}
		event_rig_close(&watch);
	}
}

static void a_link_that_does_not_act_tells_nothing(void **state)
{
	struct event_rig watch;

	(void)state;
	event_rig_open_watched(&watch, false);
	assert_int_equal(rig_commit(&watch.rig, 0, ~EVENT_RIG_OWN), 0);
	event_rig_run(&watch, &told_cases[0].frame);
	assert_int_equal(event_rig_told(&watch), 0);
	event_rig_close(&watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_are_told_with_their_fields),
		cmocka_unit_test(every_verdict_is_told),
		cmocka_unit_test(groups_without_a_policy_are_told),
		cmocka_unit_test(the_id_is_told_as_it_came),
		cmocka_unit_test(other_frames_are_not_told),
		cmocka_unit_test(a_link_that_does_not_act_tells_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
