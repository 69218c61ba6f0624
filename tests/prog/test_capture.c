// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Captures: the records that the steer program writes, and for which frames. That capturing
 * changes nothing of what becomes of a frame is for test_steer_random.c, which captures too.
 *
 *   test_capture [NAME]      one of the tests; * and ? stand for others
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/capture_rig.h"
#include "../lib/steer_frames.h"
#include "../lib/tunnel_frames.h"
#include "xdpfrag/event.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define SLOT	9
#define OWN	(1ULL << SLOT)
#define OTHER	(1ULL << 4)
#define ROW	3
#define NONE	.verdict = XDPFRAG_NO_VERDICT
#define SAYS(v) .verdict = (v), .reason = XDPFRAG_NO_REASON

static uint8_t buffer[FRAME_ROOM + 8192], out[FRAME_ROOM];

/* A program that captures, and its reader; one for each test. */
static struct rig rig;
static struct capture_rig capture;

/* Once `capture` is made. */
static void open_rig(bool scope_all)
{
	struct rig_sizes sizes = { .link_slot = SLOT,
				   .scope_all = scope_all,
				   .capture = &capture.capture };

	assert_int_equal(rig_open(&rig, &sizes), 0);
	assert_int_equal(rig_redirect(&rig, 0, if_nametoindex("lo")), 0);
	capture_rig_attach(&capture, &rig);
}

static void add(const char *group, const char *source, struct xdpfrag_policy like)
{
	struct rig_policy made = rig_policy(group, source, like.allowed, like.wrong, ROW);

	made.policy.flags |= like.flags;
	made.policy.redirect = like.redirect;
	assert_int_equal(rig_add(&rig, &made), 0);
}

static void commit(void)
{
	assert_int_equal(rig_commit(&rig, 0, ~0ULL), 0);
}

static void close_all(void)
{
	capture_rig_close(&capture);
	rig_close(&rig);
}

/* As most tests want it: everything captured, one policy for each family. */
static void open_with(struct xdpfrag_policy policy)
{
	capture_rig_make(&capture, "", false);
	open_rig(policy.flags & XDPFRAG_F_SCOPE_ALL);
	add("239.0.0.15", NULL, policy);
	add("ff3e::f", NULL, policy);
	commit();
}

static void expect_bytes(const char *name, size_t len, int action,
			 const struct xdpfrag_captured *want)
{
	struct xdpfrag_captured record = *want;
	const char *fault;

	record.slot = SLOT;
	assert_int_equal(rig_run(&rig, buffer, len), action);
	fault = capture_rig_fault(&capture, &record, buffer, len);
	if (fault)
		fail_msg("%s, %zu bytes: %s; verdict %u, reason %u, policy of %u bits, inner %u, "
			 "%u of %u bytes",
			 name, len, fault, capture.head.verdict, capture.head.reason,
			 capture.head.policy_len, capture.head.inner, capture.head.caplen,
			 capture.head.len);
}

static void expect(const char *name, const struct frame *frame, int action,
		   const struct xdpfrag_captured *want)
{
	size_t len = frame_build(buffer, sizeof(buffer), frame);

	assert_int_not_equal(len, 0);
	expect_bytes(name, len, action, want);
}

/* The record of a frame that the policy of its group has matched. */
static struct xdpfrag_captured by_policy(const struct frame *frame, uint8_t verdict)
{
	struct xdpfrag_captured record = { .verdict = verdict,
					   .reason = XDPFRAG_NO_REASON,
					   .policy_family = frame->family,
					   .policy_len = frame->family == AF_INET ? 32 : 128 };

	memcpy(record.policy_group, frame->group, 16);
	return record;
}

/* --- what was decided --- */

static const struct frame fragments[] = {
	{ V4, FIRST },
	{ V4, MIDDLE, TAGS(2, S_TAG, C_TAG) },
	{ V4, LAST, .options = 12, .padding = 9 },
	{ V4, FIRST, .payload_len = 8960 },
	{ V6, FIRST },
	{ V6, LAST, .n_extensions = 2, .extensions = { HBH, { IPPROTO_AH, 16 } } },
	{ V6, FIRST, .payload_len = 8936 },
};

static const struct {
	const char *name;
	struct xdpfrag_policy policy;
	int action;
	uint8_t verdict;
} verdicts[] = {
	{ "allowed", { .allowed = OWN }, XDP_PASS, XDPFRAG_PASSED },
	{ "out of use", { .flags = XDPFRAG_F_OUT_OF_USE }, XDP_PASS, XDPFRAG_PASSED },
	{ "dropped", { .allowed = OTHER }, XDP_DROP, XDPFRAG_DROPPED },
	{ "observed",
	  { .allowed = OTHER, .wrong = XDPFRAG_WRONG_OBSERVE },
	  XDP_PASS,
	  XDPFRAG_OBSERVED },
	{ "redirected",
	  { .allowed = OTHER, .wrong = XDPFRAG_WRONG_REDIRECT },
	  XDP_REDIRECT,
	  XDPFRAG_REDIRECTED },
	{ "no link to redirect to",
	  { .wrong = XDPFRAG_WRONG_REDIRECT, .redirect = 5 },
	  XDP_PASS,
	  XDPFRAG_PASSED },
	{ "dropped, scope all", { .flags = XDPFRAG_F_SCOPE_ALL }, XDP_DROP, XDPFRAG_DROPPED },
};

static void every_verdict_is_told_with_its_policy(void **state)
{
	struct xdpfrag_captured want;
	size_t i, k;

	(void)state;
	for (i = 0; i < LENGTH(verdicts); i++) {
		open_with(verdicts[i].policy);
		for (k = 0; k < LENGTH(fragments); k++) {
			want = by_policy(&fragments[k], verdicts[i].verdict);
			/* Nothing is at another place than 0. */
			if (verdicts[i].policy.redirect)
				want.reason = XDPFRAG_REDIRECT_ABSENT;
			expect(verdicts[i].name, &fragments[k], verdicts[i].action, &want);
		}
		assert_int_equal(rig_count(&rig, ROW, verdicts[i].verdict), k);
		assert_int_equal(capture_rig_counts(&capture, SLOT).captured, k);
		assert_int_equal(capture_rig_counts(&capture, SLOT).lost, 0);
		close_all();
	}
}

static void what_goes_to_user_space_is_told(void **state)
{
	struct xdpfrag_captured want;
	size_t k;

	(void)state;
	open_with((struct xdpfrag_policy){ .allowed = OTHER, .flags = XDPFRAG_F_REASSEMBLE });
	assert_int_equal(rig_socket(&rig), 0);
	*rig_credit(&rig) = (struct xdpfrag_credit){
		.granted = 1000, .ifindex = if_nametoindex("lo"), .chunk = 1792, .frames = 64
	};
	rig_worker(&rig)->deadline = UINT64_MAX;
	for (k = 0; k < LENGTH(fragments); k++) {
		bool taken = fragments[k].n_tags < 2;

		want = by_policy(&fragments[k], taken ? XDPFRAG_REASSEMBLED : XDPFRAG_DROPPED);
		expect("reassemble", &fragments[k], taken ? XDP_REDIRECT : XDP_DROP, &want);
	}
	close_all();
}

/* An entry for each way in which a policy can match, the longest first. */
static void the_policy_that_matched_is_told(void **state)
{
	static const struct {
		const char *group, *source, *to, *from;
		uint8_t len;
	} cases[] = {
		{ "239.0.0.15", "10.84.0.73", "239.0.0.15", "10.84.0.73", 32 },
		{ "239.0.0.15", NULL, "239.0.0.15", "10.84.0.74", 32 },
		{ "239.0.0.0/16", "10.84.0.73", "239.0.1.15", "10.84.0.73", 16 },
		{ "239.0.0.0/16", NULL, "239.0.1.15", "10.84.0.74", 16 },
		{ "239.0.0.0/8", NULL, "239.9.0.15", "10.84.0.73", 8 },
		{ "ff3e::f", "fe80::1", "ff3e::f", "fe80::1", 128 },
		{ "ff3e::f", NULL, "ff3e::f", "fe80::2", 128 },
		{ "ff3e::/32", "fe80::1", "ff3e::1:f", "fe80::1", 32 },
		{ "ff3e::/32", NULL, "ff3e::1:f", "fe80::2", 32 },
		{ "ff00::/8", NULL, "ff3f::f", "fe80::2", 8 },
	};
	size_t i;

	(void)state;
	capture_rig_make(&capture, "", false);
	open_rig(false);
	for (i = 0; i < LENGTH(cases); i++)
		add(cases[i].group, cases[i].source, (struct xdpfrag_policy){ .allowed = OTHER });
	commit();
	for (i = 0; i < LENGTH(cases); i++) {
		const struct rig_policy policy =
			rig_policy(cases[i].group, cases[i].source, 0, 0, 0);
		struct xdpfrag_captured want = { SAYS(XDPFRAG_DROPPED),
						 .policy_family = policy.family,
						 .policy_len = cases[i].len };
		struct frame frame = { FIRST, .payload_len = 64 };

		memcpy(want.policy_group, policy.group, 16);
		memcpy(want.policy_source, policy.source, 16);
		assert_true(frame_addresses(&frame, cases[i].from, cases[i].to));
		expect(cases[i].group, &frame, XDP_DROP, &want);
	}
	close_all();
}

static void frames_without_a_policy_are_told_with_the_reason(void **state)
{
	static const struct {
		const char *name;
		struct frame frame;
		int at; /* offset from the IP header; 0 with value 0: none */
		uint8_t value, reason;
	} cases[] = {
		{ "unknown group",
		  { V4, FIRST, .group = { 239, 0, 0, 16 } },
		  0,
		  0,
		  XDPFRAG_NO_POLICY },
		{ "v6 unknown",
		  { V6, FIRST, .group = { 0xff, 2, [15] = 1 } },
		  0,
		  0,
		  XDPFRAG_NO_POLICY },
		{ "tot_len over the frame", { V4, FIRST }, 3, 85, XDPFRAG_TRUNCATED },
		{ "version 5", { V4, FIRST }, 0, 0x55, XDPFRAG_MALFORMED },
		{ "three tags",
		  { V4, FIRST, TAGS(3, S_TAG, C_TAG, C_TAG) },
		  0,
		  0,
		  XDPFRAG_TOO_DEEP },
		{ "whole", { V4 }, 0, 0, XDPFRAG_NO_REASON },
		{ "v6 whole", { V6 }, 0, 0, XDPFRAG_NO_REASON },
		{ "unicast", { V4, FIRST, .group = { 10 } }, 0, 0, XDPFRAG_NO_REASON },
		{ "ARP", { .proto = ETH_P_ARP, .payload_len = 46 }, 0, 0, XDPFRAG_NO_REASON },
		{ "the shortest", { .proto = ETH_P_IP }, 0, 0, XDPFRAG_TRUNCATED },
		{ "large", { .proto = 0x88b5, .payload_len = 9000 }, 0, 0, XDPFRAG_NO_REASON },
	};
	size_t i, len;

	(void)state;
	open_with((struct xdpfrag_policy){ .allowed = OTHER });
	for (i = 0; i < LENGTH(cases); i++) {
		const struct xdpfrag_captured want = { NONE, .reason = cases[i].reason };

		len = frame_build(buffer, sizeof(buffer), &cases[i].frame);
		if (cases[i].at || cases[i].value)
			buffer[frame_ip_offset(&cases[i].frame) + cases[i].at] = cases[i].value;
		expect_bytes(cases[i].name, len, XDP_PASS, &want);
	}
	close_all();
}

/* One that does not act yet, or that has left with its NIC: others' packets are none of ours. */
static void nothing_is_told_on_a_link_that_does_not_act(void **state)
{
	size_t i, len;

	(void)state;
	open_with((struct xdpfrag_policy){ .allowed = OTHER });
	assert_int_equal(rig_commit(&rig, 0, ~OWN), 0);
	for (i = 0; i < LENGTH(fragments); i++) {
		len = frame_build(buffer, sizeof(buffer), &fragments[i]);
		assert_int_equal(rig_run(&rig, buffer, len), XDP_PASS);
		assert_int_equal(capture_rig_read(&capture), 0);
	}
	close_all();
}

static void a_frame_is_told_as_it_came(void **state)
{
	const struct frame frame = { V4, FIRST, .id = 0x1234 };
	const struct xdpfrag_captured want = by_policy(&frame, XDPFRAG_PASSED);
	size_t len;

	(void)state;
	open_with((struct xdpfrag_policy){ .allowed = OWN | 1, .flags = XDPFRAG_F_APART });
	expect("apart", &frame, XDP_PASS, &want);
	len = frame_build(buffer, sizeof(buffer), &frame);
	assert_int_equal(rig_run_out(&rig, buffer, len, out), XDP_PASS);
	assert_int_equal(out[ETH_HLEN + 4], 0x92); /* changed */
	close_all();
}

/* --- which frames, and how much of them --- */

/* A group for each of the policies above, and one without. */
static void only_frames_with_the_verdict_are_told(void **state)
{
	const uint8_t none = LENGTH(verdicts);
	struct frame frame = { V4, FIRST };
	char group[] = "239.0.0.0";
	uint8_t i, wanted;
	size_t len;

	(void)state;
	for (wanted = 0; wanted <= XDPFRAG_VERDICTS; wanted++) {
		capture_rig_make(&capture, "", false);
		capture.capture.verdicts = 1U << wanted;
		open_rig(true);
		for (i = 0; i < none; i++) {
			group[sizeof(group) - 2] = '0' + i;
			add(group, NULL, verdicts[i].policy);
		}
		commit();
		for (i = 0; i <= none; i++) {
			frame.group[3] = i;
			len = frame_build(buffer, sizeof(buffer), &frame);
			assert_int_equal(rig_run(&rig, buffer, len),
					 i < none ? verdicts[i].action : XDP_PASS);
			assert_int_equal(
				capture_rig_read(&capture),
				wanted == (i < none ? verdicts[i].verdict : XDPFRAG_VERDICTS));
		}
		close_all();
	}
}

static void only_frames_that_the_filter_matches_are_told(void **state)
{
	size_t i;

	(void)state;
	capture_rig_make(&capture, "ip6 and ip6[6] = 44 and len > 1000", false);
	open_rig(false);
	commit();
	for (i = 0; i < LENGTH(fragments); i++) {
		size_t len = frame_build(buffer, sizeof(buffer), &fragments[i]);

		assert_int_equal(rig_run(&rig, buffer, len), XDP_PASS);
		assert_int_equal(capture_rig_read(&capture), i == 6);
	}
	assert_int_equal(capture_rig_counts(&capture, SLOT).captured, 1);
	close_all();
}

static void a_frame_is_told_up_to_the_snap_length(void **state)
{
	static const uint32_t snaplens[] = {
		1,    14,   60,	  127,	128,  129,   512,   513,   1536,
		1537, 4096, 4097, 9216, 9217, 40000, 65535, 65536, XDPFRAG_CAPTURED_MAX
	};
	static const size_t lengths[] = { 14,	15,    60,    128,   129,   512,   513,	  1514,
					  1536, 1537,  3520,  3521,  4096,  4097,  9014,  9216,
					  9217, 20000, 65535, 65536, 65549, 65664, 65665, 70000 };
	const struct xdpfrag_captured want = { NONE, .reason = XDPFRAG_NO_REASON };
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(buffer); i++)
		buffer[i] = i % 251;
	buffer[12] = buffer[13] = 0xff;
	for (i = 0; i < LENGTH(snaplens); i++) {
		capture_rig_make(&capture, "", false);
		capture.capture.snaplen = snaplens[i];
		open_rig(false);
		commit();
		for (k = 0; k < LENGTH(lengths); k++)
			expect_bytes("snap length", lengths[k], XDP_PASS, &want);
		assert_int_equal(capture_rig_counts(&capture, SLOT).lost, 0);
		close_all();
	}
}

/* --- what a tunnel carries --- */

static void where_the_view_begins_is_told(void **state)
{
	static const uint8_t payload[64] = { 0x45, 0, 0, 64, [8] = 64, 0xfe };
	static const uint32_t snaplens[] = { 20, XDPFRAG_CAPTURED_MAX, UINT32_MAX };
	struct filter_frame frame;
	struct tunnel tunnel;
	size_t i, k;

	(void)state;
	for (k = 0; k < LENGTH(snaplens); k++) {
		/* Of the view: it has what IPv4 and Ethernet with zeros for addresses have. */
		capture_rig_make(&capture, "ip[9] = 0xfe or ether[12:2] = 0", true);
		capture.capture.snaplen = snaplens[k];
		open_rig(false);
		commit();
		for (i = 0; i < tunnel_count(); i++) {
			struct xdpfrag_captured want = { NONE, .reason = XDPFRAG_NO_REASON };

			tunnel_make(&tunnel, i);
			if (tunnel.is_none || tunnel.carries == ETH_P_IPV6)
				continue;
			want.inner = tunnel.len;
			want.inner_proto = tunnel.carries;
			tunnel_wrap(&frame, &tunnel, payload, sizeof(payload));
			memcpy(buffer, frame.bytes, frame.len);
			free(frame.bytes);
			expect_bytes(tunnel.name, frame.len, XDP_PASS, &want);
		}
		close_all();
	}
}

/* --- a ring that is full --- */

static void a_full_ring_loses_records_and_nothing_else(void **state)
{
	const struct frame frame = { V4, FIRST, .payload_len = 60000 };
	struct xdpfrag_capture_counts counts = {};
	size_t len = frame_build(buffer, sizeof(buffer), &frame), runs = 0;

	(void)state;
	open_with((struct xdpfrag_policy){ .allowed = OTHER });
	for (; counts.lost < 10; counts = capture_rig_counts(&capture, SLOT), runs++)
		assert_int_equal(rig_run(&rig, buffer, len), XDP_DROP);
	assert_int_equal(rig_count(&rig, ROW, XDPFRAG_DROPPED), runs);
	assert_int_equal(counts.captured + counts.lost, runs);
	assert_in_range(counts.captured, XDPFRAG_CAPTURED_SIZE / 70000,
			XDPFRAG_CAPTURED_SIZE / 60000);
	assert_int_equal(capture_rig_read(&capture), counts.captured);
	assert_int_equal(rig_run(&rig, buffer, len), XDP_DROP);
	assert_int_equal(capture_rig_read(&capture), 1);
	close_all();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verdict_is_told_with_its_policy),
		cmocka_unit_test(what_goes_to_user_space_is_told),
		cmocka_unit_test(the_policy_that_matched_is_told),
		cmocka_unit_test(frames_without_a_policy_are_told_with_the_reason),
		cmocka_unit_test(nothing_is_told_on_a_link_that_does_not_act),
		cmocka_unit_test(a_frame_is_told_as_it_came),
		cmocka_unit_test(only_frames_with_the_verdict_are_told),
		cmocka_unit_test(only_frames_that_the_filter_matches_are_told),
		cmocka_unit_test(a_frame_is_told_up_to_the_snap_length),
		cmocka_unit_test(where_the_view_begins_is_told),
		cmocka_unit_test(a_full_ring_loses_records_and_nothing_else),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
