// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The steer program on single frames: what it parses, what it matches, what it
 * does and what it counts. Every case says which counter moves; all others must
 * stand still.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/steer_frames.h"
#include "../lib/steer_rig.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define ALL_LINKS (~0ULL)
#define WRONG	  0		  /* `allowed`: no link */
#define OWN	  1		  /* `allowed`: the rig's slot, 0 */
#define NO_ROW	  UINT32_MAX	  /* nothing is counted for a policy */
#define NO_REASON XDPFRAG_REASONS /* nor for the link */

static uint8_t buffer[FRAME_ROOM];

/* What a frame must lead to. */
struct outcome {
	int action;
	uint32_t row; /* NO_ROW: no verdict counted */
	enum xdpfrag_verdict verdict;
	enum xdpfrag_reason reason; /* NO_REASON: none counted */
};

static const struct outcome ignored = { XDP_PASS, NO_ROW, 0, NO_REASON };

static struct outcome because(enum xdpfrag_reason reason)
{
	return (struct outcome){ XDP_PASS, NO_ROW, 0, reason };
}

static struct outcome counted(uint32_t row, enum xdpfrag_verdict verdict)
{
	static const int action[] = { XDP_PASS, XDP_DROP, XDP_PASS, XDP_REDIRECT };

	return (struct outcome){ action[verdict], row, verdict, NO_REASON };
}

/* Runs a frame, and looks at every counter there is. */
static void expect_bytes(struct rig *rig, const char *of, const void *frame, size_t len,
			 struct outcome want)
{
	uint32_t row;
	int action, i;

	rig_reset_counts(rig);
	action = rig_run(rig, frame, len);
	if (action != want.action)
		fail_msg("%s (%zu bytes): action %d instead of %d", of, len, action, want.action);
	for (row = 0; row < rig->sizes.rows; row++) {
		for (i = 0; i < XDPFRAG_VERDICTS; i++) {
			uint64_t is = rig_count(rig, row, i);

			if (is != (row == want.row && i == (int)want.verdict))
				fail_msg("%s (%zu bytes): row %u verdict %d counted %lu", of, len,
					 row, i, is);
		}
	}
	for (i = 0; i < XDPFRAG_REASONS; i++) {
		uint64_t is = rig_reason(rig, i);

		if (is != (i == (int)want.reason))
			fail_msg("%s (%zu bytes): reason %d counted %lu", of, len, i, is);
	}
}

static void expect_frame(struct rig *rig, const char *of, const struct frame *frame,
			 struct outcome want)
{
	size_t len = frame_build(buffer, sizeof(buffer), frame);

	assert_int_not_equal(len, 0);
	expect_bytes(rig, of, buffer, len, want);
}

/* A fragment in the middle of a datagram. */
static void expect_fragment(struct rig *rig, const char *source, const char *group,
			    struct outcome want)
{
	struct frame frame = { .offset = 1480, .more = true, .payload_len = 64 };

	assert_true(frame_addresses(&frame, source, group));
	expect_frame(rig, group, &frame, want);
}

static void open_rig(struct rig *rig, const struct rig_sizes *sizes)
{
	int err = rig_open(rig, sizes);

	if (err)
		fail_msg("steer does not load: %s", strerror(-err));
}

static void add_with(struct rig *rig, const char *group, const char *source, uint64_t allowed,
		     uint8_t wrong, uint32_t row, uint8_t flags, uint8_t redirect)
{
	struct rig_policy policy = rig_policy(group, source, allowed, wrong, row);

	policy.policy.flags |= flags;
	policy.policy.redirect = redirect;
	assert_int_not_equal(policy.family, 0);
	assert_int_equal(rig_add(rig, &policy), 0);
}

static void add(struct rig *rig, const char *group, const char *source, uint64_t allowed,
		uint32_t row)
{
	add_with(rig, group, source, allowed, XDPFRAG_WRONG_DROP, row, 0, 0);
}

static void commit(struct rig *rig, int half)
{
	assert_int_equal(rig_commit(rig, half, ALL_LINKS), 0);
}

/* ---- Parsing ---- */

#define ROW4 4
#define ROW6 6

/* What the parser must find; a reason of enum xdpfrag_reason, or one of these. */
enum found { OTHER = XDPFRAG_REASONS, FRAGMENT, WHOLE };

struct poke {
	int at; /* offset from the IP header, 0 with value 0: none */
	uint8_t value;
};

struct parse_case {
	const char *name;
	struct frame frame;
	struct poke pokes[2];
	size_t cut; /* bytes taken off the end */
	int found;
	bool only_all; /* `found` with scope all only; OTHER when fragments alone are wanted */
};

static const struct parse_case parse_cases[] = {
	/* IPv4: what a fragment is */
	{ "whole", { V4 }, .found = WHOLE },
	{ "whole, DF", { V4, .dont_fragment = true }, .found = WHOLE },
	{ "whole, reserved flag", { V4, .evil = true }, .found = WHOLE },
	{ "first", { V4, FIRST }, .found = FRAGMENT },
	{ "middle", { V4, MIDDLE }, .found = FRAGMENT },
	{ "last", { V4, LAST }, .found = FRAGMENT },
	{ "offset 8", { V4, .offset = 8 }, .found = FRAGMENT },
	{ "offset 65528", { V4, .offset = 65528 }, .found = FRAGMENT },
	{ "offset 32768", { V4, .offset = 32768 }, .found = FRAGMENT },
	{ "first, DF", { V4, FIRST, .dont_fragment = true }, .found = FRAGMENT },
	{ "last, DF and reserved",
	  { V4, LAST, .dont_fragment = true, .evil = true },
	  .found = FRAGMENT },
	{ "options", { V4, MIDDLE, .options = 4 }, .found = FRAGMENT },
	{ "40 bytes of options", { V4, MIDDLE, .options = 40 }, .found = FRAGMENT },
	{ "whole with options", { V4, .options = 24 }, .found = WHOLE },
	{ "no payload", { V4, LAST, .payload_len = 0 }, .found = FRAGMENT },
	{ "padding", { V4, LAST, .payload_len = 1, .padding = 25 }, .found = FRAGMENT },
	{ "TCP", { V4, FIRST, .protocol = IPPROTO_TCP }, .found = FRAGMENT },
	{ "unknown protocol", { V4, FIRST, .protocol = 254 }, .found = FRAGMENT },

	/* IPv4: malformed */
	{ "version 0", { V4, FIRST }, { { 0, 0x05 } }, .found = XDPFRAG_MALFORMED },
	{ "version 6", { V4, FIRST }, { { 0, 0x65 } }, .found = XDPFRAG_MALFORMED },
	{ "version 5", { V4, FIRST }, { { 0, 0x55 } }, .found = XDPFRAG_MALFORMED },
	{ "ihl 4", { V4, FIRST }, { { 0, 0x44 } }, .found = XDPFRAG_MALFORMED },
	{ "ihl 0", { V4, FIRST }, { { 0, 0x40 } }, .found = XDPFRAG_MALFORMED },
	{ "tot_len 19", { V4, FIRST }, { { 2, 0 }, { 3, 19 } }, .found = XDPFRAG_MALFORMED },
	{ "tot_len 0", { V4, FIRST }, { { 2, 0 }, { 3, 0 } }, .found = XDPFRAG_MALFORMED },
	{ "tot_len under ihl",
	  { V4, FIRST, .options = 8 },
	  { { 3, 27 } },
	  .found = XDPFRAG_MALFORMED },
	{ "ihl over tot_len",
	  { V4, FIRST, .payload_len = 0 },
	  { { 0, 0x46 } },
	  .found = XDPFRAG_MALFORMED },
	{ "tot_len 20", { V4, FIRST }, { { 3, 20 } }, .found = FRAGMENT },
	{ "ihl 15 within tot_len", { V4, FIRST }, { { 0, 0x4f } }, .found = FRAGMENT },
	{ "tot_len over the frame", { V4, FIRST }, { { 3, 85 } }, .found = XDPFRAG_TRUNCATED },
	{ "tot_len 65535", { V4, FIRST }, { { 2, 255 }, { 3, 255 } }, .found = XDPFRAG_TRUNCATED },
	{ "whole, version 5",
	  { V4 },
	  { { 0, 0x55 } },
	  .found = XDPFRAG_MALFORMED,
	  .only_all = true },
	{ "whole, tot_len over the frame",
	  { V4 },
	  { { 3, 85 } },
	  .found = XDPFRAG_TRUNCATED,
	  .only_all = true },

	/* Not for us, however it looks inside */
	{ "unicast fragment", { V4, FIRST, .group = { 10, 84, 0, 42 } }, .found = OTHER },
	{ "223.255.255.255", { V4, FIRST, .group = { 223, 255, 255, 255 } }, .found = OTHER },
	{ "240.0.0.0", { V4, FIRST, .group = { 240 } }, .found = OTHER },
	{ "broadcast fragment", { V4, FIRST, .group = { 255, 255, 255, 255 } }, .found = OTHER },
	{ "unicast, version 5",
	  { V4, FIRST, .group = { 10, 84, 0, 42 } },
	  { { 0, 0x55 } },
	  .found = OTHER },
	{ "multicast MAC, unicast address",
	  { V4, FIRST, .group = { 10, 84, 0, 42 }, .to = { 1, 0, 0x5e, 0, 0, 15 } },
	  .found = OTHER },
	{ "unicast MAC, multicast address",
	  { V4, FIRST, .to = { 2, 0, 0, 0, 0, 2 } },
	  .found = FRAGMENT },
	{ "ARP", { .proto = ETH_P_ARP, .payload_len = 46 }, .found = OTHER },
	{ "802.3 length", { .proto = 100, .payload_len = 100 }, .found = OTHER },
	{ "MACsec", { .proto = 0x88e5, .payload_len = 100 }, .found = OTHER },
	{ "IPv4 in an IPv6 ethertype", { V4, FIRST, .proto = 0 }, .found = FRAGMENT },

	/* VLAN tags */
	{ "802.1Q", { V4, MIDDLE, TAGS(1, C_TAG) }, .found = FRAGMENT },
	{ "802.1ad", { V4, MIDDLE, TAGS(1, S_TAG) }, .found = FRAGMENT },
	{ "802.1ad, 802.1Q", { V4, MIDDLE, TAGS(2, S_TAG, C_TAG) }, .found = FRAGMENT },
	{ "802.1Q, 802.1Q", { V4, MIDDLE, TAGS(2, C_TAG, C_TAG) }, .found = FRAGMENT },
	{ "802.1Q, 802.1ad", { V4, MIDDLE, TAGS(2, C_TAG, S_TAG) }, .found = FRAGMENT },
	{ "802.1ad, 802.1ad", { V4, MIDDLE, TAGS(2, S_TAG, S_TAG) }, .found = FRAGMENT },
	{ "three tags", { V4, MIDDLE, TAGS(3, S_TAG, C_TAG, C_TAG) }, .found = XDPFRAG_TOO_DEEP },
	{ "three tags, the last 802.1ad",
	  { V4, MIDDLE, TAGS(3, S_TAG, C_TAG, S_TAG) },
	  .found = XDPFRAG_TOO_DEEP },
	{ "three tags, unicast",
	  { V4, TAGS(3, C_TAG, C_TAG, C_TAG), .group = { 10 } },
	  .found = XDPFRAG_TOO_DEEP },
	{ "tag, whole", { V4, TAGS(1, C_TAG) }, .found = WHOLE },
	{ "tag, unicast", { V4, FIRST, TAGS(1, C_TAG), .group = { 10 } }, .found = OTHER },
	{ "tag, options", { V4, FIRST, TAGS(1, C_TAG), .options = 12 }, .found = FRAGMENT },
	{ "tag, ARP", { .proto = ETH_P_ARP, .payload_len = 46, TAGS(1, C_TAG) }, .found = OTHER },
	{ "priority tag 0", { V4, FIRST, TAGS(1, { ETH_P_8021Q, 0 }) }, .found = FRAGMENT },
	{ "tag, version 5",
	  { V4, FIRST, TAGS(1, C_TAG) },
	  { { 0, 0x55 } },
	  .found = XDPFRAG_MALFORMED },
	{ "two tags, tot_len over the frame",
	  { V4, FIRST, TAGS(2, S_TAG, C_TAG) },
	  { { 3, 85 } },
	  .found = XDPFRAG_TRUNCATED },
	{ "tag cut", { V4, TAGS(1, C_TAG) }, .cut = 84 + 1, .found = XDPFRAG_TRUNCATED },
	{ "second tag cut",
	  { V4, TAGS(2, S_TAG, C_TAG) },
	  .cut = 84 + 1,
	  .found = XDPFRAG_TRUNCATED },
	{ "third tag cut",
	  { V4, TAGS(3, S_TAG, C_TAG, C_TAG) },
	  .cut = 84 + 1,
	  .found = XDPFRAG_TOO_DEEP },

	/* IPv6: what a fragment is */
	{ "v6 whole", { V6 }, .found = WHOLE },
	{ "v6 first", { V6, FIRST }, .found = FRAGMENT },
	{ "v6 middle", { V6, MIDDLE }, .found = FRAGMENT },
	{ "v6 last", { V6, LAST }, .found = FRAGMENT },
	{ "v6 offset 8", { V6, .offset = 8 }, .found = FRAGMENT },
	{ "v6 offset 65528", { V6, .offset = 65528 }, .found = FRAGMENT },
	{ "v6 offset 32768", { V6, .offset = 32768 }, .found = FRAGMENT },
	{ "v6 offset 2048", { V6, .offset = 2048 }, .found = FRAGMENT },
	{ "v6 atomic", { V6, .atomic = true }, .found = WHOLE },
	{ "v6 atomic, reserved bits",
	  { V6, .atomic = true, .fragment_reserved = 3 },
	  .found = WHOLE },
	{ "v6 last, reserved bits", { V6, LAST, .fragment_reserved = 3 }, .found = FRAGMENT },
	{ "v6 first, reserved byte", { V6, FIRST }, { { 41, 0xff } }, .found = FRAGMENT },
	{ "v6 no payload", { V6, LAST, .payload_len = 0 }, .found = FRAGMENT },
	{ "v6 traffic class and flow",
	  { V6, LAST },
	  { { 0, 0x6f }, { 1, 0xff } },
	  .found = FRAGMENT },
	{ "v6 padding", { V6, LAST, .payload_len = 1, .padding = 9 }, .found = FRAGMENT },
	{ "v6 unicast", { V6, FIRST, .group = { 0xfe, 0x80, [15] = 2 } }, .found = OTHER },
	{ "v6 unicast, version 4",
	  { V6, FIRST, .group = { 0xfe, 0x80 } },
	  { { 0, 0x40 } },
	  .found = OTHER },
	{ "v6 tag", { V6, FIRST, TAGS(1, C_TAG) }, .found = FRAGMENT },
	{ "v6 two tags", { V6, FIRST, TAGS(2, S_TAG, C_TAG) }, .found = FRAGMENT },
	{ "v6 three tags", { V6, FIRST, TAGS(3, S_TAG, C_TAG, C_TAG) }, .found = XDPFRAG_TOO_DEEP },

	/* IPv6: chains */
	{ "hop-by-hop",
	  { V6, FIRST, .n_extensions = 1, .extensions = { HBH } },
	  .found = FRAGMENT },
	{ "routing",
	  { V6, FIRST, .n_extensions = 1, .extensions = { { IPPROTO_ROUTING, 24 } } },
	  .found = FRAGMENT },
	{ "destination options",
	  { V6, FIRST, .n_extensions = 1, .extensions = { { IPPROTO_DSTOPTS, 16 } } },
	  .found = FRAGMENT },
	{ "AH of 12 bytes",
	  { V6, FIRST, .n_extensions = 1, .extensions = { { IPPROTO_AH, 12 } } },
	  .found = FRAGMENT },
	{ "AH of 24 bytes",
	  { V6, FIRST, .n_extensions = 1, .extensions = { { IPPROTO_AH, 24 } } },
	  .found = FRAGMENT },
	{ "AH of 20, whole",
	  { V6, .n_extensions = 1, .extensions = { { IPPROTO_AH, 20 } } },
	  .found = WHOLE },
	{ "AH of 1028 bytes",
	  { V6, LAST, .n_extensions = 1, .extensions = { { IPPROTO_AH, 1028 } } },
	  .found = FRAGMENT },
	{ "hop-by-hop of 2048 bytes",
	  { V6, LAST, .n_extensions = 1, .extensions = { { IPPROTO_HOPOPTS, 2048 } } },
	  .found = FRAGMENT },
	{ "all four",
	  { V6, FIRST, .n_extensions = 4,
	    .extensions = { HBH,
			    { IPPROTO_DSTOPTS, 24 },
			    { IPPROTO_ROUTING, 8 },
			    { IPPROTO_AH, 16 } } },
	  .found = FRAGMENT },
	{ "hop-by-hop, whole", { V6, .n_extensions = 1, .extensions = { HBH } }, .found = WHOLE },
	{ "MLD report",
	  { V6, .protocol = IPPROTO_ICMPV6, .n_extensions = 1, .extensions = { HBH } },
	  .found = WHOLE },
	{ "hop-by-hop, atomic",
	  { V6, .atomic = true, .n_extensions = 1, .extensions = { HBH } },
	  .found = WHOLE },
	{ "ESP ends the chain", { V6, .protocol = IPPROTO_ESP }, .found = WHOLE },
	{ "no next header ends it", { V6, .protocol = IPPROTO_NONE }, .found = WHOLE },
	{ "mobility ends it", { V6, .protocol = IPPROTO_MH }, .found = WHOLE },
	{ "8 headers and a fragment",
	  { V6, FIRST, .n_extensions = 8,
	    .extensions = { HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH } },
	  .found = FRAGMENT },
	{ "8 headers, whole",
	  { V6, .n_extensions = 8, .extensions = { HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH } },
	  .found = WHOLE },
	{ "9 headers and a fragment",
	  { V6, FIRST, .n_extensions = 9,
	    .extensions = { HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH } },
	  .found = XDPFRAG_TOO_DEEP },
	{ "9 headers, whole",
	  { V6, .n_extensions = 9, .extensions = { HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH } },
	  .found = XDPFRAG_TOO_DEEP },
	{ "16 headers",
	  { V6, FIRST, .n_extensions = 16,
	    .extensions = { HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH, HBH,
			    HBH, HBH } },
	  .found = XDPFRAG_TOO_DEEP },

	/* IPv6: malformed */
	{ "v6 version 4", { V6, FIRST }, { { 0, 0x40 } }, .found = XDPFRAG_MALFORMED },
	{ "v6 version 7", { V6, FIRST }, { { 0, 0x70 } }, .found = XDPFRAG_MALFORMED },
	{ "v6 payload_len over the frame",
	  { V6, FIRST },
	  { { 5, 73 } },
	  .found = XDPFRAG_TRUNCATED },
	{ "v6 payload_len 65535",
	  { V6, FIRST },
	  { { 4, 255 }, { 5, 255 } },
	  .found = XDPFRAG_TRUNCATED },
	{ "v6 payload_len 0", { V6, FIRST }, { { 5, 0 } }, .found = XDPFRAG_MALFORMED },
	{ "v6 payload_len 7", { V6, FIRST }, { { 5, 7 } }, .found = XDPFRAG_MALFORMED },
	{ "v6 payload_len 8", { V6, FIRST }, { { 5, 8 } }, .found = FRAGMENT },
	{ "hop-by-hop over the payload",
	  { V6, FIRST, .n_extensions = 1, .extensions = { HBH } },
	  { { 41, 9 } },
	  .found = XDPFRAG_MALFORMED },
	{ "hop-by-hop over the frame",
	  { V6, FIRST, .n_extensions = 1, .extensions = { HBH } },
	  { { 41, 255 } },
	  .found = XDPFRAG_MALFORMED },
	{ "AH over the frame",
	  { V6, FIRST, .n_extensions = 1, .extensions = { { IPPROTO_AH, 12 } } },
	  { { 41, 255 } },
	  .found = XDPFRAG_MALFORMED },
	{ "hop-by-hop up to the end, fragment header missing",
	  { V6, FIRST, .n_extensions = 1, .extensions = { HBH } },
	  { { 41, 8 + 1 } },
	  .found = XDPFRAG_MALFORMED },
	{ "fragment header in the padding",
	  { V6, .payload_len = 0, .padding = 64, .n_extensions = 1, .extensions = { HBH } },
	  { { 40, IPPROTO_FRAGMENT } },
	  .found = XDPFRAG_MALFORMED },
	{ "v6 whole, version 4",
	  { V6 },
	  { { 0, 0x40 } },
	  .found = XDPFRAG_MALFORMED,
	  .only_all = true },
	{ "v6 whole, payload_len over the frame",
	  { V6 },
	  { { 5, 65 } },
	  .found = XDPFRAG_TRUNCATED,
	  .only_all = true },
	{ "v6 atomic, version 4",
	  { V6, .atomic = true },
	  { { 0, 0x40 } },
	  .found = XDPFRAG_MALFORMED },
};

/* Builds and spoils. */
static size_t parse_case_bytes(const struct parse_case *c)
{
	size_t len = frame_build(buffer, sizeof(buffer), &c->frame), i;

	assert_in_range(len, c->cut + ETH_HLEN, sizeof(buffer));
	for (i = 0; i < LENGTH(c->pokes); i++)
		if (c->pokes[i].at || c->pokes[i].value)
			buffer[frame_ip_offset(&c->frame) + c->pokes[i].at] = c->pokes[i].value;
	return len - c->cut;
}

static struct outcome parse_outcome(const struct parse_case *c, bool scope_all)
{
	uint32_t row = c->frame.family == AF_INET ? ROW4 : ROW6;

	if (c->only_all && !scope_all)
		return ignored;
	if (c->found < XDPFRAG_REASONS)
		return because(c->found);
	if (c->found == FRAGMENT || (c->found == WHOLE && scope_all))
		return counted(row, XDPFRAG_DROPPED);
	return ignored;
}

/* The group of every case has its policy, and the rig's link is the wrong one. */
static void open_parse_rig(struct rig *rig, bool scope_all, uint8_t wrong)
{
	uint8_t flags = scope_all ? XDPFRAG_F_SCOPE_ALL : 0;

	open_rig(rig, &(struct rig_sizes){ .scope_all = scope_all });
	add_with(rig, "239.0.0.15", NULL, WRONG, wrong, ROW4, flags, 0);
	add_with(rig, "ff3e::f", NULL, WRONG, wrong, ROW6, flags, 0);
	commit(rig, 0);
}

static void check_parsing(bool scope_all)
{
	struct rig rig;
	size_t i;

	open_parse_rig(&rig, scope_all, XDPFRAG_WRONG_DROP);
	for (i = 0; i < LENGTH(parse_cases); i++) {
		size_t len = parse_case_bytes(&parse_cases[i]);

		expect_bytes(&rig, parse_cases[i].name, buffer, len,
			     parse_outcome(&parse_cases[i], scope_all));
	}
	rig_close(&rig);
}

static void frames_are_parsed_for_fragments(void **state)
{
	(void)state;
	check_parsing(false);
}

static void frames_are_parsed_for_all_packets(void **state)
{
	(void)state;
	check_parsing(true);
}

/*
 * Most fragments are settled by the program's fast way. With a policy that is
 * not plain (here: observe) all go the other one; both must find the same.
 */
static void both_ways_parse_alike(void **state)
{
	struct rig rig;
	size_t i;

	(void)state;
	open_parse_rig(&rig, false, XDPFRAG_WRONG_OBSERVE);
	for (i = 0; i < LENGTH(parse_cases); i++) {
		size_t len = parse_case_bytes(&parse_cases[i]);
		struct outcome want = parse_outcome(&parse_cases[i], false);

		if (want.action == XDP_DROP)
			want = counted(want.row, XDPFRAG_OBSERVED);
		expect_bytes(&rig, parse_cases[i].name, buffer, len, want);
	}
	rig_close(&rig);
}

/* Cut anywhere, a fragment is passed and counted as truncated; whole, it is dropped. */
static void every_truncation_passes(void **state)
{
	size_t i, len, whole;
	struct rig rig;

	(void)state;
	open_parse_rig(&rig, false, XDPFRAG_WRONG_DROP);
	for (i = 0; i < LENGTH(parse_cases); i++) {
		const struct parse_case *c = &parse_cases[i];

		if (c->found != FRAGMENT || c->pokes[0].at || c->pokes[0].value ||
		    c->frame.padding || frame_headers_len(&c->frame) > 500)
			continue;
		whole = parse_case_bytes(c);
		for (len = ETH_HLEN; len < whole; len++)
			expect_bytes(&rig, c->name, buffer, len, because(XDPFRAG_TRUNCATED));
		expect_bytes(&rig, c->name, buffer, whole, parse_outcome(c, false));
	}
	rig_close(&rig);
}

/* Everything else: cut anywhere, it is never dropped. */
static void no_truncation_is_dropped(void **state)
{
	size_t i, len, whole;
	struct rig rig;

	(void)state;
	open_parse_rig(&rig, true, XDPFRAG_WRONG_DROP);
	for (i = 0; i < LENGTH(parse_cases); i++) {
		const struct parse_case *c = &parse_cases[i];

		whole = parse_case_bytes(c);
		for (len = ETH_HLEN; len < whole && len < 300; len++) {
			/* Padding, or a total length made shorter, may go. */
			bool shorter = c->frame.padding || c->pokes[0].at;

			if (rig_run(&rig, buffer, len) != XDP_PASS && !shorter)
				fail_msg("%s: dropped when cut to %zu bytes", c->name, len);
		}
	}
	rig_close(&rig);
}

/* Frames of several buffers: only the first is in sight, and the whole length counts. */
static void frames_of_several_buffers(void **state)
{
	static const struct {
		struct frame frame;
		uint32_t row;
	} cases[] = {
		{ { V4, FIRST, .payload_len = 8960 }, ROW4 },
		{ { V4, FIRST, .payload_len = 8960, .options = 20 }, ROW4 },
		{ { V4, LAST, .payload_len = 60000, TAGS(2, S_TAG, C_TAG) }, ROW4 },
		{ { V6, FIRST, .payload_len = 8936 }, ROW6 },
		{ { V6, LAST, .payload_len = 60000, .n_extensions = 2, .extensions = { HBH, HBH } },
		  ROW6 },
	};
	struct rig rig;
	size_t i, len;

	(void)state;
	open_parse_rig(&rig, false, XDPFRAG_WRONG_DROP);
	for (i = 0; i < LENGTH(cases); i++) {
		const struct frame *frame = &cases[i].frame;

		expect_frame(&rig, "large", frame, counted(cases[i].row, XDPFRAG_DROPPED));
		len = frame_build(buffer, sizeof(buffer), frame);
		expect_bytes(&rig, "large, a byte short", buffer, len - 1,
			     because(XDPFRAG_TRUNCATED));
		expect_bytes(&rig, "large, cut in the first buffer", buffer, 1000,
			     because(XDPFRAG_TRUNCATED));
	}
	rig_close(&rig);
}

/* ---- Matching ---- */

struct match_case {
	const char *source;
	const char *group;
	uint32_t row; /* NO_ROW: no policy */
};

static void expect_matches(struct rig *rig, const struct match_case *cases, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		expect_fragment(rig, cases[i].source, cases[i].group,
				cases[i].row == NO_ROW ? because(XDPFRAG_NO_POLICY)
						       : counted(cases[i].row, XDPFRAG_DROPPED));
}

static void the_longest_match_wins_ipv4(void **state)
{
	static const struct match_case cases[] = {
		{ "10.0.0.9", "239.0.0.15", 1 }, /* (*,G) */
		{ "10.0.0.1", "239.0.0.15", 1 },
		{ "10.0.0.9", "239.0.0.16", 3 }, /* (*,G) beside (S,G) */
		{ "10.0.0.1", "239.0.0.16", 2 }, /* (S,G) */
		{ "10.0.0.2", "239.0.0.16", 4 },
		{ "10.0.0.1", "239.0.0.17", 5 }, /* (S,G) alone: others fall to the /8 */
		{ "10.0.0.2", "239.0.0.17", 9 },
		{ "10.0.0.1", "239.0.0.18", 9 },
		{ "10.0.0.1", "239.1.2.3", 7 }, /* (S,G/16) */
		{ "10.0.0.2", "239.1.2.3", 6 }, /* (*,G/16) */
		{ "10.0.0.1", "239.1.255.255", 7 },
		{ "10.0.0.1", "239.1.2.129", 8 }, /* a longer (*,G/25) beats (S,G/16) */
		{ "10.0.0.1", "239.1.2.127", 7 },
		{ "10.0.0.1", "239.2.0.5", 10 }, /* (S,G/24) alone */
		{ "10.0.0.2", "239.2.0.5", 9 },
		{ "10.0.0.2", "239.2.0.6", 11 }, /* /31 */
		{ "10.0.0.2", "239.2.0.7", 11 },
		{ "10.0.0.2", "239.2.0.8", 9 },
		{ "10.0.0.2", "238.255.255.255", 12 }, /* /4 */
		{ "10.0.0.2", "224.0.0.1", 12 },
		{ "0.0.0.0", "239.0.0.15", 1 }, /* no source: what any source has */
		{ "0.0.0.0", "239.0.0.16", 3 },
		{ "0.0.0.0", "239.0.0.17", 9 },
		{ "0.0.0.0", "239.2.0.5", 9 },
	};
	struct rig rig;

	(void)state;
	open_rig(&rig, NULL);
	add(&rig, "239.0.0.15", NULL, WRONG, 1);
	add(&rig, "239.0.0.16", "10.0.0.1", WRONG, 2);
	add(&rig, "239.0.0.16", NULL, WRONG, 3);
	add(&rig, "239.0.0.16", "10.0.0.2", WRONG, 4);
	add(&rig, "239.0.0.17", "10.0.0.1", WRONG, 5);
	add(&rig, "239.1.0.0/16", NULL, WRONG, 6);
	add(&rig, "239.1.0.0/16", "10.0.0.1", WRONG, 7);
	add(&rig, "239.1.2.128/25", NULL, WRONG, 8);
	add(&rig, "239.0.0.0/8", NULL, WRONG, 9);
	add(&rig, "239.2.0.0/24", "10.0.0.1", WRONG, 10);
	add(&rig, "239.2.0.6/31", NULL, WRONG, 11);
	add(&rig, "224.0.0.0/4", NULL, WRONG, 12);
	commit(&rig, 0);
	expect_matches(&rig, cases, LENGTH(cases));
	rig_close(&rig);
}

static void the_longest_match_wins_ipv6(void **state)
{
	static const struct match_case cases[] = {
		{ "fe80::1", "ff3e::15", 1 },
		{ "fe80::1", "ff3e::16", 2 },
		{ "fe80::2", "ff3e::16", 3 },
		{ "fe80::1", "ff3e::17", 5 },
		{ "fe80::2", "ff3e::17", 9 },
		{ "fe80::1", "ff3e:0:0:1::99", 7 },
		{ "fe80::2", "ff3e:0:0:1::99", 6 },
		{ "fe80::2", "ff3e:0:0:1:8000::1", 8 }, /* /65 */
		{ "fe80::2", "ff3e:0:0:1:7fff::1", 6 },
		{ "fe80::2", "ff3e::2:0:0:0:0:1", 9 },
		{ "fe80::2", "ff3e:5::abcd:1230", 10 }, /* /124 */
		{ "fe80::2", "ff3e:5::abcd:123f", 10 },
		{ "fe80::2", "ff3e:5::abcd:1240", 9 },
		{ "fe80::2", "ff3e:6::1", 11 }, /* /127 */
		{ "fe80::2", "ff3e:6::2", 9 },
		{ "fe80::2", "ff02::1", 12 }, /* /8 */
		{ "::", "ff3e::16", 3 },
		{ "::", "ff3e::17", 9 },
		{ "::", "ff3e:0:0:1::99", 6 },
	};
	struct rig rig;

	(void)state;
	open_rig(&rig, NULL);
	add(&rig, "ff3e::15", NULL, WRONG, 1);
	add(&rig, "ff3e::16", "fe80::1", WRONG, 2);
	add(&rig, "ff3e::16", NULL, WRONG, 3);
	add(&rig, "ff3e::17", "fe80::1", WRONG, 5);
	add(&rig, "ff3e:0:0:1::/64", NULL, WRONG, 6);
	add(&rig, "ff3e:0:0:1::/64", "fe80::1", WRONG, 7);
	add(&rig, "ff3e:0:0:1:8000::/65", NULL, WRONG, 8);
	add(&rig, "ff3e::/16", NULL, WRONG, 9);
	add(&rig, "ff3e:5::abcd:1230/124", NULL, WRONG, 10);
	add(&rig, "ff3e:6::/127", NULL, WRONG, 11);
	add(&rig, "ff00::/8", NULL, WRONG, 12);
	commit(&rig, 0);
	expect_matches(&rig, cases, LENGTH(cases));
	rig_close(&rig);
}

static void without_prefixes_other_groups_are_unknown(void **state)
{
	static const struct match_case cases[] = {
		{ "10.0.0.1", "239.0.0.15", 1 },     { "10.0.0.1", "239.0.0.16", NO_ROW },
		{ "10.0.0.1", "239.0.0.17", 2 },     { "10.0.0.2", "239.0.0.17", NO_ROW },
		{ "0.0.0.0", "239.0.0.17", NO_ROW }, { "10.0.0.1", "15.0.0.239", UINT32_MAX - 1 },
		{ "fe80::1", "ff3e::15", 3 },	     { "fe80::1", "ff3e::16", NO_ROW },
		{ "fe80::1", "ff3e::17", 4 },	     { "fe80::2", "ff3e::17", NO_ROW },
		{ "::", "ff3e::17", NO_ROW },	     { "fe80::1", "ff3e:0:0:1::15", NO_ROW },
	};
	struct rig rig;
	size_t i;

	(void)state;
	open_rig(&rig, NULL);
	add(&rig, "239.0.0.15", NULL, WRONG, 1);
	add(&rig, "239.0.0.17", "10.0.0.1", WRONG, 2);
	add(&rig, "ff3e::15", NULL, WRONG, 3);
	add(&rig, "ff3e::17", "fe80::1", WRONG, 4);
	commit(&rig, 0);
	for (i = 0; i < LENGTH(cases); i++) {
		if (cases[i].row == UINT32_MAX - 1)
			expect_fragment(&rig, cases[i].source, cases[i].group, ignored);
		else
			expect_matches(&rig, &cases[i], 1);
	}
	rig_close(&rig);
}

static void an_empty_policy_passes_everything(void **state)
{
	struct rig rig;

	(void)state;
	open_rig(&rig, NULL);
	commit(&rig, 0);
	expect_fragment(&rig, "10.0.0.1", "239.0.0.15", because(XDPFRAG_NO_POLICY));
	expect_fragment(&rig, "fe80::1", "ff3e::15", because(XDPFRAG_NO_POLICY));
	rig_close(&rig);
}

/* The n-th group whose home slot, with the first multiplier that is tried, is `home`. */
static void group_at_home(struct rig *rig, int family, uint32_t home, unsigned int n,
			  struct rig_policy *policy)
{
	static const __u64 any[2];
	__u64 group[2];
	uint32_t i;

	*policy = rig_policy(family == AF_INET ? "239.0.0.0" : "ff3e::", NULL, WRONG,
			     XDPFRAG_WRONG_DROP, 0);
	for (i = 1;; i++) {
		uint8_t *low = policy->group + (family == AF_INET ? 0 : 12);
		uint32_t is, group4;

		low[1] = i >> 16;
		low[2] = i >> 8;
		low[3] = i;
		memcpy(&group4, policy->group, 4);
		memcpy(group, policy->group, 16);
		is = family == AF_INET
			     ? xdpfrag_home4(group4, 0, 32, rig->state->half[0].multiplier4,
					     rig->sizes.bits4)
			     : xdpfrag_home6(group, any, 128, rig->state->half[0].multiplier6,
					     rig->sizes.bits6);
		if (is == home && !n--)
			return;
	}
}

/* XDPFRAG_PROBES groups in one home slot: all are found, and the next one is not there. */
static void check_full_probe_run(int family, uint32_t home, int half)
{
	struct frame frame = { .family = family, .more = true, .payload_len = 64 };
	struct rig_policy policies[XDPFRAG_PROBES + 1];
	uint64_t multiplier;
	unsigned int i;
	struct rig rig;

	open_rig(&rig, NULL);
	multiplier =
		family == AF_INET ? rig.state->half[0].multiplier4 : rig.state->half[0].multiplier6;
	for (i = 0; i <= XDPFRAG_PROBES; i++) {
		group_at_home(&rig, family, home, i, &policies[i]);
		policies[i].policy.row = i + 1;
		if (i < XDPFRAG_PROBES)
			assert_int_equal(rig_add(&rig, &policies[i]), 0);
	}
	commit(&rig, half);
	assert_int_equal(multiplier, family == AF_INET ? rig.state->half[half].multiplier4
						       : rig.state->half[half].multiplier6);
	rig_activate(&rig, half);
	for (i = 0; i <= XDPFRAG_PROBES; i++) {
		memcpy(frame.group, policies[i].group, 16);
		expect_frame(&rig, "group in a full run", &frame,
			     i < XDPFRAG_PROBES ? counted(i + 1, XDPFRAG_DROPPED)
						: because(XDPFRAG_NO_POLICY));
	}

	/* With that one too, the builder must find another multiplier. */
	assert_int_equal(rig_add(&rig, &policies[XDPFRAG_PROBES]), 0);
	commit(&rig, half);
	for (i = 0; i <= XDPFRAG_PROBES; i++) {
		memcpy(frame.group, policies[i].group, 16);
		expect_frame(&rig, "group after another multiplier", &frame,
			     counted(i + 1, XDPFRAG_DROPPED));
	}
	rig_close(&rig);
}

static void full_probe_runs_are_searched(void **state)
{
	uint32_t last = (1U << TABLE_BITS_MIN) - 1;

	(void)state;
	check_full_probe_run(AF_INET, 77, 0);
	check_full_probe_run(AF_INET, 0, 1);
	check_full_probe_run(AF_INET, last, 0); /* into the extra slots */
	check_full_probe_run(AF_INET, last, 1); /* and to the end of the map */
	check_full_probe_run(AF_INET6, 77, 0);
	check_full_probe_run(AF_INET6, 0, 1);
	check_full_probe_run(AF_INET6, last, 0);
	check_full_probe_run(AF_INET6, last, 1);
}

/* ---- Verdicts ---- */

static void verdicts_are_carried_out_and_counted(void **state)
{
	unsigned int lo = if_nametoindex("lo");
	struct rig rig;

	(void)state;
	open_rig(&rig, NULL);
	assert_int_equal(rig_redirect(&rig, 0, lo), 0);
	assert_int_equal(rig_redirect(&rig, 63, lo), 0);
	add(&rig, "239.0.0.1", NULL, OWN, 1);
	add(&rig, "239.0.0.2", NULL, WRONG, 2);
	add(&rig, "239.0.0.3", NULL, ALL_LINKS & ~(uint64_t)OWN, 3);
	add(&rig, "239.0.0.4", NULL, OWN | 1ULL << 63, 4);
	add_with(&rig, "239.0.1.1", NULL, OWN, XDPFRAG_WRONG_OBSERVE, 11, 0, 0);
	add_with(&rig, "239.0.1.2", NULL, WRONG, XDPFRAG_WRONG_OBSERVE, 12, 0, 0);
	add_with(&rig, "239.0.2.1", NULL, OWN, XDPFRAG_WRONG_REDIRECT, 21, 0, 0);
	add_with(&rig, "239.0.2.2", NULL, WRONG, XDPFRAG_WRONG_REDIRECT, 22, 0, 0);
	add_with(&rig, "239.0.2.3", NULL, WRONG, XDPFRAG_WRONG_REDIRECT, 23, 0, 63);
	add_with(&rig, "239.0.2.4", NULL, WRONG, XDPFRAG_WRONG_REDIRECT, 24, 0, 1);
	add_with(&rig, "239.0.2.5", NULL, WRONG, XDPFRAG_WRONG_REDIRECT, 25, 0, 255);
	add_with(&rig, "239.0.3.1", NULL, WRONG, XDPFRAG_WRONG_DROP, 31, XDPFRAG_F_OUT_OF_USE, 0);
	add_with(&rig, "239.0.3.2", NULL, WRONG, XDPFRAG_WRONG_REDIRECT, 32, XDPFRAG_F_OUT_OF_USE,
		 0);
	add_with(&rig, "ff3e::2:2", NULL, WRONG, XDPFRAG_WRONG_REDIRECT, 42, 0, 0);
	add_with(&rig, "ff3e::1:2", NULL, WRONG, XDPFRAG_WRONG_OBSERVE, 43, 0, 0);
	add(&rig, "ff3e::1", NULL, OWN, 44);
	add(&rig, "ff3e::2", NULL, WRONG, 45);
	add_with(&rig, "239.0.0.0/16", NULL, WRONG, XDPFRAG_WRONG_OBSERVE, 50, 0, 0);
	commit(&rig, 0);

	expect_fragment(&rig, "10.0.0.1", "239.0.0.1", counted(1, XDPFRAG_PASSED));
	expect_fragment(&rig, "10.0.0.1", "239.0.0.2", counted(2, XDPFRAG_DROPPED));
	expect_fragment(&rig, "10.0.0.1", "239.0.0.3", counted(3, XDPFRAG_DROPPED));
	expect_fragment(&rig, "10.0.0.1", "239.0.0.4", counted(4, XDPFRAG_PASSED));
	expect_fragment(&rig, "10.0.0.1", "239.0.1.1", counted(11, XDPFRAG_PASSED));
	expect_fragment(&rig, "10.0.0.1", "239.0.1.2", counted(12, XDPFRAG_OBSERVED));
	expect_fragment(&rig, "10.0.0.1", "239.0.2.1", counted(21, XDPFRAG_PASSED));
	expect_fragment(&rig, "10.0.0.1", "239.0.2.2", counted(22, XDPFRAG_REDIRECTED));
	expect_fragment(&rig, "10.0.0.1", "239.0.2.3", counted(23, XDPFRAG_REDIRECTED));
	expect_fragment(&rig, "10.0.0.1", "239.0.2.4",
			(struct outcome){ XDP_PASS, 24, XDPFRAG_PASSED, XDPFRAG_REDIRECT_ABSENT });
	expect_fragment(&rig, "10.0.0.1", "239.0.2.5",
			(struct outcome){ XDP_PASS, 25, XDPFRAG_PASSED, XDPFRAG_REDIRECT_ABSENT });
	expect_fragment(&rig, "10.0.0.1", "239.0.3.1", counted(31, XDPFRAG_PASSED));
	expect_fragment(&rig, "10.0.0.1", "239.0.3.2", counted(32, XDPFRAG_PASSED));
	expect_fragment(&rig, "10.0.0.1", "239.0.9.9", counted(50, XDPFRAG_OBSERVED));
	expect_fragment(&rig, "fe80::1", "ff3e::2:2", counted(42, XDPFRAG_REDIRECTED));
	expect_fragment(&rig, "fe80::1", "ff3e::1:2", counted(43, XDPFRAG_OBSERVED));
	expect_fragment(&rig, "fe80::1", "ff3e::1", counted(44, XDPFRAG_PASSED));
	expect_fragment(&rig, "fe80::1", "ff3e::2", counted(45, XDPFRAG_DROPPED));

	/* The target goes and comes back; the policy stays. */
	assert_int_equal(rig_redirect(&rig, 0, 0), 0);
	expect_fragment(&rig, "10.0.0.1", "239.0.2.2",
			(struct outcome){ XDP_PASS, 22, XDPFRAG_PASSED, XDPFRAG_REDIRECT_ABSENT });
	assert_int_equal(rig_redirect(&rig, 0, lo), 0);
	expect_fragment(&rig, "10.0.0.1", "239.0.2.2", counted(22, XDPFRAG_REDIRECTED));
	rig_close(&rig);
}

/* A policy of scope fragments leaves whole packets alone, also where another wants all. */
static void scope_decides_about_whole_packets(void **state)
{
	struct frame whole = { V4 }, fragment = { V4, MIDDLE }, whole6 = { V6 };
	struct rig rig;

	(void)state;
	open_rig(&rig, &(struct rig_sizes){ .scope_all = true });
	add(&rig, "239.0.0.15", NULL, WRONG, 1);
	add(&rig, "ff3e::f", NULL, WRONG, 2);
	add_with(&rig, "239.0.0.16", NULL, WRONG, XDPFRAG_WRONG_DROP, 3, XDPFRAG_F_SCOPE_ALL, 0);
	add_with(&rig, "239.0.0.17", NULL, OWN, XDPFRAG_WRONG_DROP, 4, XDPFRAG_F_SCOPE_ALL, 0);
	add_with(&rig, "239.0.0.18", NULL, WRONG, XDPFRAG_WRONG_OBSERVE, 5, XDPFRAG_F_SCOPE_ALL, 0);
	add_with(&rig, "239.1.0.0/16", NULL, WRONG, XDPFRAG_WRONG_DROP, 6, XDPFRAG_F_SCOPE_ALL, 0);
	add(&rig, "239.1.0.1", NULL, WRONG, 7);
	commit(&rig, 0);

	expect_frame(&rig, "whole, scope fragments", &whole, ignored);
	expect_frame(&rig, "fragment, scope fragments", &fragment, counted(1, XDPFRAG_DROPPED));
	expect_frame(&rig, "v6 whole, scope fragments", &whole6, ignored);
	whole.group[3] = fragment.group[3] = 16;
	expect_frame(&rig, "whole, scope all", &whole, counted(3, XDPFRAG_DROPPED));
	expect_frame(&rig, "fragment, scope all", &fragment, counted(3, XDPFRAG_DROPPED));
	whole.group[3] = 17;
	expect_frame(&rig, "whole, allowed", &whole, counted(4, XDPFRAG_PASSED));
	whole.group[3] = 18;
	expect_frame(&rig, "whole, observed", &whole, counted(5, XDPFRAG_OBSERVED));
	whole.group[3] = 19;
	expect_frame(&rig, "whole, unknown group", &whole, ignored);
	whole.group[1] = 1;
	expect_frame(&rig, "whole, prefix of scope all", &whole, counted(6, XDPFRAG_DROPPED));
	whole.group[3] = 1;
	expect_frame(&rig, "whole, the longer match is for fragments", &whole, ignored);
	rig_close(&rig);
}

static void each_link_has_its_bit(void **state)
{
	static const uint32_t slots[] = { 0, 1, 31, 32, 63 };
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(slots); i++) {
		uint64_t own = 1ULL << slots[i];
		struct rig rig;

		open_rig(&rig, &(struct rig_sizes){ .link_slot = slots[i] });
		add(&rig, "239.0.0.1", NULL, own, 1);
		add(&rig, "239.0.0.2", NULL, ~own, 2);
		add_with(&rig, "239.0.0.3", NULL, own, XDPFRAG_WRONG_OBSERVE, 3, 0, 0);
		add_with(&rig, "239.0.0.4", NULL, ~own, XDPFRAG_WRONG_OBSERVE, 4, 0, 0);
		add(&rig, "ff3e::2", NULL, ~own, 5);
		commit(&rig, 0);
		expect_fragment(&rig, "10.0.0.1", "239.0.0.1", counted(1, XDPFRAG_PASSED));
		expect_fragment(&rig, "10.0.0.1", "239.0.0.2", counted(2, XDPFRAG_DROPPED));
		expect_fragment(&rig, "10.0.0.1", "239.0.0.3", counted(3, XDPFRAG_PASSED));
		expect_fragment(&rig, "10.0.0.1", "239.0.0.4", counted(4, XDPFRAG_OBSERVED));
		expect_fragment(&rig, "fe80::1", "ff3e::2", counted(5, XDPFRAG_DROPPED));

		/* The same policy, but this link does not act. */
		assert_int_equal(rig_commit(&rig, 0, ~own), 0);
		expect_fragment(&rig, "10.0.0.1", "239.0.0.1", ignored);
		expect_fragment(&rig, "10.0.0.1", "239.0.0.2", ignored);
		expect_fragment(&rig, "10.0.0.1", "239.0.0.4", ignored);
		expect_fragment(&rig, "10.0.0.1", "239.0.0.9", ignored);
		expect_fragment(&rig, "fe80::1", "ff3e::2", ignored);
		rig_close(&rig);
	}
}

/* One store puts the other half in force, tables, prefixes, links and all. */
static void halves_are_swapped_at_once(void **state)
{
	struct rig rig;
	int i;

	(void)state;
	open_rig(&rig, NULL);
	add(&rig, "239.0.0.15", NULL, WRONG, 1);
	add(&rig, "239.1.0.0/16", NULL, WRONG, 2);
	add(&rig, "ff3e::15", NULL, WRONG, 3);
	commit(&rig, 0);
	rig_clear(&rig);
	add(&rig, "239.0.0.15", NULL, OWN, 4);
	add(&rig, "239.2.0.0/15", NULL, WRONG, 6);
	add(&rig, "ff3e::/16", NULL, WRONG, 5);
	commit(&rig, 1);
	for (i = 0; i < 3; i++) {
		rig_activate(&rig, 0);
		expect_fragment(&rig, "10.0.0.1", "239.0.0.15", counted(1, XDPFRAG_DROPPED));
		expect_fragment(&rig, "10.0.0.1", "239.1.0.15", counted(2, XDPFRAG_DROPPED));
		expect_fragment(&rig, "fe80::1", "ff3e::15", counted(3, XDPFRAG_DROPPED));
		expect_fragment(&rig, "10.0.0.1", "239.3.0.15", because(XDPFRAG_NO_POLICY));
		expect_fragment(&rig, "fe80::1", "ff3e::16", because(XDPFRAG_NO_POLICY));
		rig_activate(&rig, 1);
		expect_fragment(&rig, "10.0.0.1", "239.0.0.15", counted(4, XDPFRAG_PASSED));
		expect_fragment(&rig, "10.0.0.1", "239.1.0.15", because(XDPFRAG_NO_POLICY));
		expect_fragment(&rig, "10.0.0.1", "239.3.0.15", counted(6, XDPFRAG_DROPPED));
		expect_fragment(&rig, "fe80::1", "ff3e::15", counted(5, XDPFRAG_DROPPED));
		expect_fragment(&rig, "fe80::1", "ff3e::16", counted(5, XDPFRAG_DROPPED));
	}
	rig_close(&rig);
}

/* ---- Counting ---- */

static void a_row_outside_the_map_is_no_reason_to_pass(void **state)
{
	struct outcome uncounted = { XDP_DROP, NO_ROW, 0, XDPFRAG_UNCOUNTED };
	struct outcome passed = { XDP_PASS, NO_ROW, 0, XDPFRAG_UNCOUNTED };
	struct rig rig;

	(void)state;
	open_rig(&rig, &(struct rig_sizes){ .rows = 8 });
	add(&rig, "239.0.0.7", NULL, WRONG, 7);
	add(&rig, "239.0.0.8", NULL, WRONG, 8); /* the next CPU's stripe */
	add(&rig, "239.0.0.9", NULL, WRONG, UINT32_MAX);
	add(&rig, "239.0.0.10", NULL, OWN, 1000000);
	add_with(&rig, "239.0.0.11", NULL, WRONG, XDPFRAG_WRONG_OBSERVE, 8, 0, 0);
	add(&rig, "ff3e::8", NULL, WRONG, 8);
	commit(&rig, 0);
	expect_fragment(&rig, "10.0.0.1", "239.0.0.7", counted(7, XDPFRAG_DROPPED));
	expect_fragment(&rig, "10.0.0.1", "239.0.0.8", uncounted);
	expect_fragment(&rig, "10.0.0.1", "239.0.0.9", uncounted);
	expect_fragment(&rig, "10.0.0.1", "239.0.0.10", passed);
	expect_fragment(&rig, "10.0.0.1", "239.0.0.11", passed);
	expect_fragment(&rig, "fe80::1", "ff3e::8", uncounted);
	rig_close(&rig);
}

static void each_cpu_counts_in_its_stripe(void **state)
{
	struct frame frame = { V4, MIDDLE };
	cpu_set_t before, set;
	struct rig rig;
	size_t len;
	int cpu, n;

	(void)state;
	open_parse_rig(&rig, false, XDPFRAG_WRONG_DROP);
	len = frame_build(buffer, sizeof(buffer), &frame);
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	for (cpu = 0; cpu < (int)rig.cpus; cpu++) {
		if (!CPU_ISSET(cpu, &before))
			continue;
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
		rig_reset_counts(&rig);
		for (n = 0; n < 3; n++)
			assert_int_equal(rig_run(&rig, buffer, len), XDP_DROP);
		assert_int_equal(rig.counters[cpu * rig.sizes.rows + ROW4].packets[XDPFRAG_DROPPED],
				 3);
		assert_int_equal(rig_count(&rig, ROW4, XDPFRAG_DROPPED), 3);
	}
	sched_setaffinity(0, sizeof(before), &before);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_parsed_for_fragments),
		cmocka_unit_test(frames_are_parsed_for_all_packets),
		cmocka_unit_test(both_ways_parse_alike),
		cmocka_unit_test(every_truncation_passes),
		cmocka_unit_test(no_truncation_is_dropped),
		cmocka_unit_test(frames_of_several_buffers),
		cmocka_unit_test(the_longest_match_wins_ipv4),
		cmocka_unit_test(the_longest_match_wins_ipv6),
		cmocka_unit_test(without_prefixes_other_groups_are_unknown),
		cmocka_unit_test(an_empty_policy_passes_everything),
		cmocka_unit_test(full_probe_runs_are_searched),
		cmocka_unit_test(verdicts_are_carried_out_and_counted),
		cmocka_unit_test(scope_decides_about_whole_packets),
		cmocka_unit_test(each_link_has_its_bit),
		cmocka_unit_test(halves_are_swapped_at_once),
		cmocka_unit_test(a_row_outside_the_map_is_no_reason_to_pass),
		cmocka_unit_test(each_cpu_counts_in_its_stripe),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
