// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The line that is shown for a packet, word by word, with frames made by
 * tests/lib/frames.c, spoilt by hand where they must be wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../lib/frames.h"
#include "capture/decision.h"
#include "capture/packet_line.h"
#include "xdpfrag/event.h"
#include "xdpfrag/verdict.h"

#define NOON (1700049600ULL * 1000000000) /* 2023-11-15 12:00:00 UTC */

static uint8_t bytes[FRAME_ROOM];
static char text[PACKET_LINE];

static const struct xdpfrag_captured unjudged = { .verdict = XDPFRAG_NO_VERDICT,
						  .reason = XDPFRAG_NO_REASON };

/* The line for `captured` bytes of the frame in `bytes`, from memory of just that size. */
static const char *line_of(struct xdpfrag_captured record, size_t captured, size_t len)
{
	uint8_t *copy = malloc(captured ? captured : 1);
	struct view view;
	size_t used;
	struct packet_line packet = {
		.time = NOON + 123, .nic = "eth0", .nic_width = 4, .record = &record, .view = &view
	};

	assert_non_null(copy);
	memcpy(copy, bytes, captured);
	record.len = len;
	record.caplen = captured;
	view_make(&view, &record, copy, 0);
	used = packet_line(text, sizeof(text), &packet);
	assert_int_equal(used, strlen(text));
	free(copy);
	return text;
}

/* The packet alone, without what stands before it. */
static const char *packet_of(size_t captured, size_t len)
{
	static const char before[] = "12:00:00.000000123 eth0 passed      - ";
	const char *line = line_of(unjudged, captured, len);

	assert_int_equal(strncmp(line, before, strlen(before)), 0);
	return line + strlen(before);
}

static const char *whole(const struct frame *frame)
{
	size_t len = frame_build(bytes, sizeof(bytes), frame);

	assert_true(len > 0);
	return packet_of(len, len);
}

static struct frame between(const char *source, const char *group)
{
	struct frame frame = {};

	assert_true(frame_addresses(&frame, source, group));
	return frame;
}

static uint8_t datagram[4000];

static struct frame udp(const char *source, const char *group)
{
	struct frame frame = between(source, group);

	frame.payload = datagram;
	frame.payload_len = frame_udp(datagram, sizeof(datagram), &frame, 40000, 1067, "", 0);
	return frame;
}

static void policy(struct xdpfrag_captured *record, uint8_t family, uint8_t len, const char *group,
		   const char *source)
{
	record->reason = XDPFRAG_NO_REASON;
	record->policy_family = family;
	record->policy_len = len;
	assert_int_equal(inet_pton(family, group, record->policy_group), 1);
	if (source)
		assert_int_equal(inet_pton(family, source, record->policy_source), 1);
}

/* --- what was decided --- */

static void a_line_says_when_where_and_what(void **state)
{
	struct xdpfrag_captured record = { .verdict = XDPFRAG_DROPPED };
	struct frame frame = udp("10.84.0.73", "239.0.0.15");
	size_t len = frame_build(bytes, sizeof(bytes), &frame);

	(void)state;
	policy(&record, AF_INET, 32, "239.0.0.15", NULL);
	assert_string_equal(line_of(record, len, len),
			    "12:00:00.000000123 eth0 dropped     239.0.0.15 10.84.0.73.40000 > "
			    "239.0.0.15.1067 UDP length 8 ttl 1");
	record.inner = 14;
	record.inner_proto = ETH_P_IP;
	assert_string_equal(line_of(record, len, len),
			    "12:00:00.000000123 eth0 dropped     239.0.0.15 inner "
			    "10.84.0.73.40000 > 239.0.0.15.1067 UDP length 8 ttl 1");
}

static void assert_decision(struct xdpfrag_captured record, const char *in_line,
			    const char *comment, enum xdp_action action)
{
	static const char before[] = "12:00:00.000000123 eth0 ";
	char found[DECISION_TEXT];
	const char *line;
	char *end;

	memset(bytes, 0, ETH_HLEN);
	line = line_of(record, 0, 0);
	assert_int_equal(strncmp(line, before, strlen(before)), 0);
	line += strlen(before);
	end = strstr(line, " Ethernet [truncated]");
	assert_non_null(end);
	*end = '\0';
	assert_string_equal(line, in_line);
	decision_text(&record, found, sizeof(found));
	assert_string_equal(found, comment);
	assert_int_equal(decision_action(&record), action);
}

static void every_decision_has_its_words(void **state)
{
	struct xdpfrag_captured record = { .verdict = XDPFRAG_PASSED };

	(void)state;
	policy(&record, AF_INET, 16, "239.1.0.0", "10.0.0.1");
	assert_decision(record, "passed      239.1.0.0/16 source 10.0.0.1",
			"passed: 239.1.0.0/16 source 10.0.0.1", XDP_PASS);
	record.reason = XDPFRAG_REDIRECT_ABSENT;
	assert_decision(record, "passed      239.1.0.0/16 source 10.0.0.1 (redirect absent)",
			"passed: 239.1.0.0/16 source 10.0.0.1, redirect absent", XDP_PASS);
	memset(&record, 0, sizeof(record));
	record.verdict = XDPFRAG_DROPPED;
	policy(&record, AF_INET, 32, "239.0.0.15", NULL);
	assert_decision(record, "dropped     239.0.0.15", "dropped: 239.0.0.15", XDP_DROP);
	record.verdict = XDPFRAG_OBSERVED;
	assert_decision(record, "observed    239.0.0.15", "observed: 239.0.0.15", XDP_PASS);
	record.verdict = XDPFRAG_REDIRECTED;
	assert_decision(record, "redirected  239.0.0.15", "redirected: 239.0.0.15", XDP_REDIRECT);
	record.verdict = XDPFRAG_REASSEMBLED;
	policy(&record, AF_INET6, 32, "ff3e::", "2001:db8::1");
	assert_decision(record, "reassembled ff3e::/32 source 2001:db8::1",
			"reassembled: ff3e::/32 source 2001:db8::1", XDP_REDIRECT);
}

static void without_a_policy_the_reason_is_said(void **state)
{
	struct xdpfrag_captured record = unjudged;

	(void)state;
	assert_decision(record, "passed      -", "passed, no policy", XDP_PASS);
	record.reason = XDPFRAG_NO_POLICY;
	assert_decision(record, "passed      - (no policy)", "passed, no policy", XDP_PASS);
	record.reason = XDPFRAG_TRUNCATED;
	assert_decision(record, "passed      - (truncated)", "passed, truncated", XDP_PASS);
	record.reason = XDPFRAG_TOO_DEEP;
	assert_decision(record, "passed      - (too deep)", "passed, too deep", XDP_PASS);
	record.reason = XDPFRAG_REASONS;
	record.verdict = XDPFRAG_VERDICTS;
	record.policy_family = 77;
	assert_decision(record, "passed      -", "passed, no policy", XDP_PASS);
}

/* --- packets --- */

static void ipv4_fragments(void **state)
{
	struct frame frame = udp("10.84.0.73", "239.0.0.15");

	(void)state;
	frame.id = 4711;
	frame.payload_len = 1480;
	frame.more = true;
	assert_string_equal(whole(&frame), "10.84.0.73.40000 > 239.0.0.15.1067 UDP id 4711 "
					   "offset 0 MF length 1480 ttl 1");
	frame.offset = 1480;
	assert_string_equal(whole(&frame), "10.84.0.73 > 239.0.0.15 UDP id 4711 offset 1480 MF "
					   "length 1480 ttl 1");
	frame.more = false;
	frame.offset = 65528;
	frame.payload_len = 7;
	frame.ttl = 64;
	frame.options = 8;
	assert_string_equal(whole(&frame), "10.84.0.73 > 239.0.0.15 UDP id 4711 offset 65528 last "
					   "length 7 ttl 64 options 8");
}

static void ipv4_whole_packets(void **state)
{
	struct frame frame = between("10.84.0.73", "10.84.0.42");

	(void)state;
	frame.dont_fragment = true;
	frame.protocol = IPPROTO_TCP;
	frame.payload = datagram;
	frame.payload_len = frame_tcp(datagram, sizeof(datagram), &frame, 1, 65535);
	assert_string_equal(whole(&frame),
			    "10.84.0.73.1 > 10.84.0.42.65535 TCP DF length 20 ttl 1");
	frame.dont_fragment = false;
	frame.protocol = IPPROTO_IGMP;
	frame.payload_len = 8;
	assert_string_equal(whole(&frame), "10.84.0.73 > 10.84.0.42 IGMP length 8 ttl 1");
	frame.protocol = IPPROTO_ICMP;
	assert_string_equal(whole(&frame), "10.84.0.73 > 10.84.0.42 ICMP length 8 ttl 1");
	frame.protocol = 253;
	frame.padding = 18;
	assert_string_equal(whole(&frame), "10.84.0.73 > 10.84.0.42 protocol 253 length 8 ttl 1");
	/* Too short to have ports: the padding is not the packet's. */
	frame.protocol = IPPROTO_UDP;
	frame.payload_len = 3;
	assert_string_equal(whole(&frame), "10.84.0.73 > 10.84.0.42 UDP length 3 ttl 1");
}

static void ipv6_packets_and_fragments(void **state)
{
	struct frame frame = udp("fe80::73", "ff15::15");

	(void)state;
	assert_string_equal(whole(&frame), "fe80::73.40000 > ff15::15.1067 UDP length 8 hlim 1");
	frame.n_extensions = 2;
	frame.extensions[0] = (struct frame_extension){ IPPROTO_HOPOPTS, 16 };
	frame.extensions[1].type = IPPROTO_AH;
	assert_string_equal(whole(&frame), "fe80::73.40000 > ff15::15.1067 UDP length 8 hlim 1");
	frame.id = 3000000000;
	frame.more = true;
	frame.payload_len = 1448;
	assert_string_equal(whole(&frame), "fe80::73.40000 > ff15::15.1067 UDP id 3000000000 "
					   "offset 0 MF length 1448 hlim 1");
	frame.n_extensions = 0;
	frame.offset = 2896;
	assert_string_equal(whole(&frame), "fe80::73 > ff15::15 UDP id 3000000000 offset 2896 MF "
					   "length 1448 hlim 1");
	frame.more = false;
	assert_string_equal(whole(&frame), "fe80::73 > ff15::15 UDP id 3000000000 offset 2896 last "
					   "length 1448 hlim 1");
	frame.offset = 0;
	frame.atomic = true;
	assert_string_equal(whole(&frame), "fe80::73.40000 > ff15::15.1067 UDP id 3000000000 "
					   "offset 0 atomic length 1448 hlim 1");
}

static void a_chain_without_end_is_left_alone(void **state)
{
	struct frame frame = udp("fe80::73", "ff15::15");
	unsigned int i;

	(void)state;
	frame.n_extensions = FRAME_EXTENSIONS;
	for (i = 0; i < FRAME_EXTENSIONS; i++)
		frame.extensions[i].type = IPPROTO_DSTOPTS;
	/* Nine were looked through, as by the steer program; seven and the datagram are left. */
	assert_string_equal(whole(&frame), "fe80::73 > ff15::15 dst-options length 64 hlim 1 "
					   "[too deep]");
}

static void tags_and_other_protocols(void **state)
{
	struct frame frame = udp("10.84.0.73", "239.0.0.15");

	(void)state;
	frame.n_tags = 2;
	frame.tags[0] = (struct frame_tag){ ETH_P_8021AD, 0xe005 };
	frame.tags[1] = (struct frame_tag){ ETH_P_8021Q, 4094 };
	assert_string_equal(whole(&frame), "svlan 5 vlan 4094 10.84.0.73.40000 > "
					   "239.0.0.15.1067 UDP length 8 ttl 1");
	frame = (struct frame){ .proto = ETH_P_ARP,
				.to = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
				.payload_len = 28 };
	assert_string_equal(whole(&frame), "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff ARP length 28");
	frame.proto = 0x88cc;
	frame.n_tags = 1;
	frame.tags[0] = (struct frame_tag){ ETH_P_8021Q, 0 };
	assert_string_equal(whole(&frame), "vlan 0 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff "
					   "ethertype 0x88cc length 28");
	frame.n_tags = 0;
	frame.proto = 28;
	assert_string_equal(whole(&frame), "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff 802.3 length 28");
}

/* --- what is wrong, or not there --- */

static void headers_that_contradict_themselves(void **state)
{
	struct frame frame = udp("10.84.0.73", "239.0.0.15");
	size_t len = frame_build(bytes, sizeof(bytes), &frame);

	(void)state;
	bytes[14] = 0x65;
	assert_string_equal(packet_of(len, len), "IPv4 [malformed]");
	bytes[14] = 0x44;
	assert_string_equal(packet_of(len, len), "IPv4 [malformed]");
	bytes[14] = 0x4f;
	assert_string_equal(packet_of(len, len), "IPv4 [malformed]");
	bytes[14] = 0x45;
	bytes[17]++;
	assert_string_equal(packet_of(len, len), "10.84.0.73.40000 > 239.0.0.15.1067 UDP length 9 "
						 "ttl 1 [truncated]");

	frame = udp("fe80::73", "ff15::15");
	frame.n_extensions = 1;
	frame.extensions[0].type = IPPROTO_HOPOPTS;
	len = frame_build(bytes, sizeof(bytes), &frame);
	bytes[14 + 40 + 1] = 2; /* the options are said to be longer than the packet */
	assert_string_equal(packet_of(len, len), "fe80::73 > ff15::15 UDP hlim 1 [malformed]");
	bytes[14 + 5] = 7; /* the packet is said to be shorter than the options */
	assert_string_equal(packet_of(len, len),
			    "fe80::73 > ff15::15 hop-by-hop length 7 hlim 1 [malformed]");
	bytes[14] = 0x40;
	assert_string_equal(packet_of(len, len), "IPv6 [malformed]");
}

/* Each line tells what was there, and whether the frame ended or only its capture. */
static void a_capture_may_end_anywhere(void **state)
{
	struct frame frame = udp("fe80::73", "ff15::15");
	size_t len, captured;
	const char *said;

	(void)state;
	frame.n_tags = 1;
	frame.tags[0] = (struct frame_tag){ ETH_P_8021Q, 5 };
	frame.more = true;
	frame.id = 7;
	len = frame_build(bytes, sizeof(bytes), &frame);
	for (captured = 0; captured <= len; captured++) {
		if (captured < 18)
			said = "Ethernet [not captured]";
		else if (captured < 18 + 40)
			said = "vlan 5 IPv6 [not captured]";
		else if (captured < 18 + 48)
			said = "vlan 5 fe80::73 > ff15::15 fragment length 16 hlim 1 "
			       "[not captured]";
		else if (captured < 18 + 52)
			said = "vlan 5 fe80::73 > ff15::15 UDP id 7 offset 0 MF length 8 hlim 1";
		else
			said = "vlan 5 fe80::73.40000 > ff15::15.1067 UDP id 7 offset 0 MF "
			       "length 8 hlim 1";
		assert_string_equal(packet_of(captured, len), said);
		if (captured < len)
			assert_non_null(strstr(packet_of(captured, captured), "[truncated]"));
	}
	frame = udp("10.84.0.73", "239.0.0.15");
	len = frame_build(bytes, sizeof(bytes), &frame);
	assert_string_equal(packet_of(33, len), "IPv4 [not captured]");
	assert_string_equal(packet_of(34, len), "10.84.0.73 > 239.0.0.15 UDP length 8 ttl 1");
}

static void a_nic_of_hostile_name_does_not_drive_the_terminal(void **state)
{
	struct view view = { .data = bytes };
	struct packet_line packet = {
		.nic = "\x1b[2J\xff", .nic_width = 4, .record = &unjudged, .view = &view
	};

	(void)state;
	packet_line(text, sizeof(text), &packet);
	assert_non_null(strstr(text, " \\x1b[2J\\xff passed"));
	assert_null(strchr(text, '\x1b'));
}

static void a_short_buffer_is_never_overrun(void **state)
{
	struct view view = { .data = bytes };
	struct packet_line packet = { .nic = "eth0", .record = &unjudged, .view = &view };
	char full[PACKET_LINE];
	size_t size, len = packet_line(full, sizeof(full), &packet);

	(void)state;
	for (size = 1; size < len + 3; size++) {
		char *buf = malloc(size);
		size_t fits = size <= len ? size - 1 : len;

		assert_non_null(buf);
		assert_int_equal(packet_line(buf, size, &packet), fits);
		assert_int_equal(strncmp(buf, full, fits), 0);
		assert_int_equal(buf[fits], '\0');
		free(buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_when_where_and_what),
		cmocka_unit_test(every_decision_has_its_words),
		cmocka_unit_test(without_a_policy_the_reason_is_said),
		cmocka_unit_test(ipv4_fragments),
		cmocka_unit_test(ipv4_whole_packets),
		cmocka_unit_test(ipv6_packets_and_fragments),
		cmocka_unit_test(a_chain_without_end_is_left_alone),
		cmocka_unit_test(tags_and_other_protocols),
		cmocka_unit_test(headers_that_contradict_themselves),
		cmocka_unit_test(a_capture_may_end_anywhere),
		cmocka_unit_test(a_nic_of_hostile_name_does_not_drive_the_terminal),
		cmocka_unit_test(a_short_buffer_is_never_overrun),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
