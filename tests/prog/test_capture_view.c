// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Captures with decap: where the kernel finds what a tunnel carries, and that a filter says of
 * it what pcap_offline_filter() says of the view (include/xdpfrag/captured.h), as this test
 * makes it.
 *
 *   test_capture_view [N]      every Nth of its frames: for where that takes long
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/filter_expressions.h"
#include "../lib/filter_set.h"
#include "../lib/frames.h"
#include "../lib/tunnel_frames.h"

#define PAYLOADS 7 /* of those there are, in each tunnel */

static struct filter_set set = { .rig = &filter_rig };
static struct filter_frames payloads;
static size_t step = 1, tried;
static uint32_t finder;

static uint16_t type_of(const struct filter_frame *frame)
{
	return frame->bytes[12] << 8 | frame->bytes[13];
}

static bool fits(const struct tunnel *tunnel, const struct filter_frame *frame)
{
	return !tunnel->carries || type_of(frame) == tunnel->carries;
}

/* Is what is carried another tunnel? That is for the table of them. */
static bool is_tunnel(const struct filter_frame *frame)
{
	static const char *const names[] = { "Geneve", "VXLAN", "GRE",	 "IP in IP",
					     "6in4",   "4in6",	"v6 in", "VLAN, Geneve" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(frame->name, names[i], strlen(names[i])))
			return true;
	return false;
}

/* The view of a frame in which something of this EtherType (0: Ethernet) begins at `inner`. */
static size_t make_view(uint8_t *view, const struct filter_frame *frame, size_t inner,
			uint16_t proto)
{
	if (!inner || !proto) {
		memcpy(view, frame->bytes + inner, frame->len - inner);
		return frame->len - inner;
	}
	memcpy(view, frame->bytes, 12);
	view[12] = proto >> 8;
	view[13] = proto;
	memcpy(view + ETH_HLEN, frame->bytes + inner, frame->len - inner);
	return ETH_HLEN + frame->len - inner;
}

static void check(const struct filter_frame *frame, size_t inner, uint16_t proto)
{
	static uint8_t view[FRAME_ROOM];
	uint32_t found;
	size_t len;

	if (tried++ % step)
		return;
	found = filter_rig_run(&filter_rig, finder, frame->bytes, frame->len, frame->linear);
	if (found != (inner ? (uint32_t)proto << 16 | inner : 0)) {
		filter_print(frame->bytes, frame->len);
		fail_msg("%s, %zu bytes: inner 0x%x, and not 0x%zx of 0x%x", frame->name,
			 frame->len, found, inner, proto);
	}
	len = make_view(view, frame, inner, proto);
	filter_set_compare(&set, frame, view, len);
}

/* A payload of each tunnel; what the frame is without its end is up to `each`. */
static void for_each(size_t count,
		     void (*each)(struct filter_frame *frame, const struct tunnel *tunnel))
{
	struct filter_frame frame;
	struct tunnel tunnel;
	size_t i, k, n, at = 0;

	for (i = 0; i < tunnel_count(); i++) {
		tunnel_make(&tunnel, i);
		for (k = n = 0; k < payloads.n && n < count; k++) {
			const struct filter_frame *payload = &payloads.all[at++ % payloads.n];
			size_t skip = tunnel.carries ? ETH_HLEN : 0;

			if (!fits(&tunnel, payload) || is_tunnel(payload) || payload->len <= skip)
				continue;
			tunnel_wrap(&frame, &tunnel, payload->bytes + skip, payload->len - skip);
			each(&frame, &tunnel);
			free(frame.bytes);
			n++;
		}
		assert_int_equal(n, count);
	}
}

static void check_whole(struct filter_frame *frame, const struct tunnel *tunnel)
{
	check(frame, tunnel->is_none ? 0 : tunnel->len, tunnel->carries);
}

static void what_a_tunnel_carries_is_what_a_filter_sees(void **state)
{
	(void)state;
	for_each(PAYLOADS, check_whole);
	print_message("# %zu tunnels, %zu filters, %zu pairs\n", tunnel_count(), set.n, set.pairs);
	assert_in_range(set.pairs, 100000 / step, 10000000);
}

/* What is cut in a header of one before the last is a tunnel less deep. */
static bool is_nested(const struct tunnel *tunnel)
{
	return strstr(tunnel->name, " in ") || strstr(tunnel->name, "three of");
}

/* An IP header right behind UDP is told by the four bytes that a GUE header would have. */
static size_t least(const struct tunnel *tunnel)
{
	return strncmp(tunnel->name, "GUE direct", 10) ? 1 : 4;
}

static void check_cut(struct filter_frame *frame, const struct tunnel *tunnel)
{
	size_t whole = frame->len;

	if (is_nested(tunnel))
		return;
	for (frame->len = ETH_HLEN; frame->len < whole && frame->len < tunnel->len + 64;
	     frame->len += 1 + frame->len / 32) {
		bool none = tunnel->is_none || frame->len < tunnel->len + least(tunnel);

		check(frame, none ? 0 : tunnel->len, tunnel->carries);
	}
}

static void split(struct filter_frame *frame, const struct tunnel *tunnel)
{
	for (frame->linear = ETH_HLEN; frame->linear < frame->len;
	     frame->linear += 7 + frame->linear / 4)
		check_whole(frame, tunnel);
}

/* Few filters, each frame. */
static const char *const for_parts[] = { "ip host 10.84.0.1 or arp",
					 "ip6 and udp",
					 "udp port 5000 or tcp port 80",
					 "vlan 10",
					 "ip[2:2] > 40",
					 "ether[12:4] >= 0x08004500",
					 "ether[11:4] & 1 = 0",
					 "ether[13:2] >= 0x46",
					 "len <= 60",
					 "ether[len - 1] >= 0x10",
					 "ether[ether[0] + 10:4] & 0x100 != 0",
					 "udp[udp[4:2] - 1] >= 0",
					 NULL };

static void a_tunnel_that_is_cut_short_is_one_once_something_is_in_it(void **state)
{
	(void)state;
	filter_set_free(&set);
	filter_set_add(&set, FILTER_VIEW, for_parts, true);
	for_each(1, check_cut);
}

static void a_view_in_several_buffers_is_read_whole(void **state)
{
	static uint8_t payload[9000];
	struct filter_frame frame;
	struct tunnel tunnel;
	size_t i, k;

	(void)state;
	for (i = 0; i < tunnel_count(); i++) {
		tunnel_make(&tunnel, i);
		for (k = 0; k < sizeof(payload); k++)
			payload[k] = k % 251;
		memcpy(payload, "\x45\x00\x20\x00\x00\x00\x3b\x00\x40\xfe", 10);
		if (tunnel.carries == ETH_P_IPV6)
			payload[0] = 0x60;
		tunnel_wrap(&frame, &tunnel, payload, sizeof(payload));
		check_whole(&frame, &tunnel);
		free(frame.bytes);
	}
	if (filter_rig.splits)
		for_each(1, split);
}

static int open_rig(void **state)
{
	filter_rig_begin(state);
	finder = filter_rig_load(&filter_rig, FIND_INNER, NULL, NULL);
	filter_frames_plain(&payloads);
	filter_set_add(&set, FILTER_VIEW, filter_primitives, false);
	filter_set_add(&set, FILTER_VIEW, filter_encapsulations, false);
	filter_set_add(&set, FILTER_VIEW, filter_arithmetic, false);
	return 0;
}

static int close_rig(void **state)
{
	filter_set_free(&set);
	filter_frames_free(&payloads);
	return filter_rig_end(state);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_tunnel_carries_is_what_a_filter_sees),
		cmocka_unit_test(a_tunnel_that_is_cut_short_is_one_once_something_is_in_it),
		cmocka_unit_test(a_view_in_several_buffers_is_read_whole),
	};

	if (argc > 1)
		step = strtoul(argv[1], NULL, 0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, open_rig, close_rig);
}
