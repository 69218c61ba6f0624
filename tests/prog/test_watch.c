// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filter of the packet sockets: it lets through whatever user space would read
 * something from (user/diagnose/observe.h), for which random frames are judged by
 * both, little else, and counts what is over the MTU.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "../lib/frames.h"
#include "diagnose/observe.h"
#include "xdpfrag/watched.h"
#include "watch.skel.h"

#define MTU	1500
#define LO	1 /* what the kernel's test run takes a packet to have come in on */
#define FRAMES	100000
#define LONGEST 3000 /* bytes; the test run takes a page */

static struct watch_bpf *filter;

static int load(void **state)
{
	struct xdpfrag_watched record = { .mtu = MTU };
	uint32_t ifindex = LO;

	(void)state;
	filter = watch_bpf__open();
	if (!filter)
		return -1;
	filter->rodata->least_mtu = 68;
	if (watch_bpf__load(filter))
		return -1;
	return bpf_map_update_elem(bpf_map__fd(filter->maps.watched), &ifindex, &record, BPF_ANY);
}

static int unload(void **state)
{
	(void)state;
	watch_bpf__destroy(filter);
	return 0;
}

/* For a socket filter the test run takes off 14 bytes, which a packet socket puts back. */
static uint32_t run(const uint8_t *frame, size_t len, uint32_t gso_size)
{
	static uint8_t data[ETH_HLEN + LONGEST];
	struct __sk_buff context = { .gso_size = gso_size };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data, .data_size_in = ETH_HLEN + len,
		    .ctx_in = &context, .ctx_size_in = sizeof(context));

	assert_true(len <= LONGEST);
	memcpy(data + ETH_HLEN, frame, len);
	assert_int_equal(
		bpf_prog_test_run_opts(bpf_program__fd(filter->progs.xdpfrag_watch), &opts), 0);
	return opts.retval;
}

static uint32_t run_frame(const struct frame *frame, uint32_t gso_size)
{
	static uint8_t bytes[LONGEST];
	size_t len = frame_build(bytes, sizeof(bytes), frame);

	assert_true(len > 0);
	return run(bytes, len, gso_size);
}

static struct xdpfrag_watched counted(void)
{
	struct xdpfrag_watched record;
	uint32_t ifindex = LO;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(filter->maps.watched), &ifindex, &record),
			 0);
	return record;
}

static struct frame between(const char *source, const char *group)
{
	struct frame frame = {};

	assert_true(frame_addresses(&frame, source, group));
	return frame;
}

static void what_is_not_asked_about_is_not_copied(void **state)
{
	struct frame frame = between("10.84.0.73", "10.84.0.42");
	uint8_t segment[20];

	(void)state;
	frame.payload_len = 100;
	assert_int_equal(run_frame(&frame, 0), 0); /* UDP */
	frame.more = true;
	assert_int_equal(run_frame(&frame, 0), 0);
	frame.more = false;
	frame_tcp(segment, sizeof(segment), &frame, 1, 2);
	frame.protocol = IPPROTO_TCP;
	frame.payload = segment;
	frame.payload_len = sizeof(segment);
	assert_int_equal(run_frame(&frame, 0), 0); /* ACK */
	segment[13] = 2;
	assert_int_equal(run_frame(&frame, 0), XDPFRAG_SNAPLEN); /* SYN */
	frame.offset = 8;
	assert_int_equal(run_frame(&frame, 0), 0); /* somewhere in a datagram */

	frame = between("fe80::73", "fe80::42");
	frame.payload_len = 100;
	assert_int_equal(run_frame(&frame, 0), 0);
	frame = between("10.84.0.73", "255.255.255.255");
	assert_int_equal(run_frame(&frame, 0), 0);
	frame = (struct frame){ .proto = ETH_P_ARP, .payload_len = 46 };
	memset(frame.to, 0xff, sizeof(frame.to));
	assert_int_equal(run_frame(&frame, 0), 0);
}

static void frames_over_the_mtu_are_counted(void **state)
{
	struct frame frame = between("10.84.0.73", "10.84.0.42");
	struct xdpfrag_watched record;

	(void)state;
	frame.payload_len = MTU - 20;
	assert_int_equal(run_frame(&frame, 0), 0);
	frame.n_tags = 2; /* of three: the outermost is not in the frame any more */
	frame.tags[0] = frame.tags[1] = (struct frame_tag){ ETH_P_8021Q, 5 };
	assert_int_equal(run_frame(&frame, 0), 0);
	assert_int_equal(counted().over_mtu, 0);

	frame.payload_len = MTU - 19;
	assert_int_equal(run_frame(&frame, 0), 0);
	frame.n_tags = 0;
	frame.payload_len = 1900;
	assert_int_equal(run_frame(&frame, 0), 0);
	frame.payload_len = 1800;
	assert_int_equal(run_frame(&frame, 0), 0);
	assert_int_equal(run_frame(&frame, 1448), 0);
	record = counted();
	assert_int_equal(record.over_mtu, 3);
	assert_int_equal(record.longest, 1920);
	assert_int_equal(record.merged, 1);
	assert_int_equal(record.mtu, MTU);

	frame = between("10.84.0.73", "239.0.0.15");
	frame.payload_len = 1600;
	assert_int_equal(run_frame(&frame, 0), XDPFRAG_SNAPLEN); /* a group's all the same */
	assert_int_equal(counted().over_mtu, 4);
}

static uint64_t seed = 20240607;

/* xorshift64* (Vigna): the same on every machine. */
static uint32_t below(uint32_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return ((seed * 2685821657736338717ULL) >> 32) * n >> 32;
}

static size_t random_frame(uint8_t *bytes, size_t room)
{
	static const char *const from[] = { "10.84.0.73", "fe80::73" };
	static const char *const to[2][3] = { { "239.0.0.15", "224.0.0.1", "10.84.0.42" },
					      { "ff15::15", "ff02::1", "fe80::42" } };
	static const uint8_t protocols[] = { IPPROTO_UDP, IPPROTO_TCP, IPPROTO_IGMP,
					     IPPROTO_ICMPV6 };
	static const uint8_t extensions[] = { IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_AH };
	uint32_t family = below(2), i;
	struct frame frame = between(from[family], to[family][below(3)]);
	uint8_t payload[64];
	size_t len;

	for (i = 0; i < sizeof(payload); i++)
		payload[i] = below(256);
	if (below(2)) { /* a SYN with an MSS */
		payload[12] = 6 << 4;
		memcpy(payload + 20, "\x02\x04\x05\xb4", 4);
	}
	payload[0] = below(3) ? payload[0] : family ? 130 : 0x11;
	frame.n_tags = below(3);
	for (i = 0; i < frame.n_tags; i++)
		frame.tags[i].proto = below(4) ? ETH_P_8021Q : ETH_P_8021AD;
	frame.protocol = protocols[below(4)];
	frame.ttl = below(2) ? 1 : 64;
	frame.more = !below(3);
	frame.offset = below(3) ? 0 : 8 * below(100);
	frame.options = 4 * below(11);
	frame.n_extensions = below(3);
	for (i = 0; i < frame.n_extensions; i++)
		frame.extensions[i].type = extensions[below(3)];
	frame.payload = payload;
	frame.payload_len = 8 + below(sizeof(payload) - 8);
	len = frame_build(bytes, room, &frame);
	for (i = below(4); i > 0 && below(2); i--)
		bytes[below(len)] = below(256);
	return below(8) ? len : ETH_HLEN + below(len - ETH_HLEN);
}

static void nothing_that_is_asked_about_is_kept_back(void **state)
{
	static uint8_t bytes[LONGEST];
	unsigned int wanted = 0, syns = 0, queries = 0, needless = 0, i;

	(void)state;
	for (i = 0; i < FRAMES; i++) {
		size_t len = random_frame(bytes, sizeof(bytes));
		size_t snap = run(bytes, len, 0);
		struct observation whole, seen;

		observe(&whole, bytes, len, len);
		observe(&seen, bytes, snap, len);
		if (whole.multicast || whole.query || whole.mss) {
			/* A TCP header behind an extension header is not looked for. */
			if (!snap && whole.family == AF_INET6 && whole.mss && !whole.multicast)
				continue;
			assert_int_equal(snap, XDPFRAG_SNAPLEN);
			assert_memory_equal(&seen, &whole, sizeof(seen));
			wanted++;
		} else if (snap) {
			needless++;
		}
		syns += whole.mss != 0;
		queries += whole.query;
	}
	assert_true(wanted > FRAMES / 3);
	assert_true(syns > 500);
	assert_true(queries > 500);
	assert_true(needless < FRAMES / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_not_asked_about_is_not_copied, load,
						unload),
		cmocka_unit_test_setup_teardown(frames_over_the_mtu_are_counted, load, unload),
		cmocka_unit_test_setup_teardown(nothing_that_is_asked_about_is_kept_back, load,
						unload),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
