// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * write_pcapng [live]: a capture of known packets on stdout, which tests/pcapng.sh looks
 * at with the readers of others. `live`: the packets alone, flushed, and nothing more is
 * written until stdin ends.
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/frames.h"
#include "capture/pcapng.h"
#include "xdpfrag/event.h"
#include "xdpfrag/verdict.h"

#define START	1700049600000000000ULL
#define SNAPLEN 1000
#define HEADERS (ETH_HLEN + 20) /* of a tunnel that carries IP */

static uint8_t bytes[FRAME_ROOM];

static int add(struct pcapng *png, uint32_t id, uint64_t time, struct xdpfrag_captured record,
	       const struct frame *frame)
{
	struct view view;

	record.len = frame_build(bytes, sizeof(bytes), frame);
	record.caplen = record.len < SNAPLEN + HEADERS ? record.len : SNAPLEN + HEADERS;
	view_make(&view, &record, bytes, SNAPLEN);
	return pcapng_packet(png, id, START + time, &record, &view);
}

static const struct xdpfrag_captured with_policy = { .reason = XDPFRAG_NO_REASON,
						     .policy_family = AF_INET,
						     .policy_len = 32,
						     .policy_group = { 239, 0, 0, 15 } };

/* The first fragment of a datagram, and the last, on the wrong NIC and on the right one. */
static int add_fragments(struct pcapng *png, uint32_t eth0, uint32_t eth1)
{
	struct xdpfrag_captured dropped = with_policy, passed = with_policy;
	static uint8_t datagram[2008], data[2000];
	struct frame frame = { .id = 4711, .more = true };
	int err;

	dropped.verdict = XDPFRAG_DROPPED;
	dropped.queue = 3;
	passed.verdict = XDPFRAG_PASSED;
	passed.policy_source[0] = 10;
	passed.policy_source[3] = 1;
	frame_addresses(&frame, "10.84.0.73", "239.0.0.15");
	frame_udp(datagram, sizeof(datagram), &frame, 40000, 1067, data, sizeof(data));
	frame.payload = datagram;
	frame.payload_len = 1480;
	err = add(png, eth0, 1, dropped, &frame);
	frame.offset = 1480;
	frame.more = false;
	frame.payload = datagram + 1480;
	frame.payload_len = 528;
	return err ? err : add(png, eth1, 123456789, passed, &frame);
}

/* An IPv6 fragment to reassemble, an ARP request by no policy, and a packet of odd length. */
static int add_others(struct pcapng *png, uint32_t eth0)
{
	struct xdpfrag_captured reassembled = { .verdict = XDPFRAG_REASSEMBLED,
						.reason = XDPFRAG_NO_REASON,
						.policy_family = AF_INET6,
						.policy_len = 32,
						.policy_group = { 0xff, 0x3e } };
	struct xdpfrag_captured other = { .verdict = XDPFRAG_NO_VERDICT,
					  .reason = XDPFRAG_NO_REASON };
	struct frame frame = { .id = 7, .offset = 1448, .payload_len = 33 };
	struct frame arp = { .proto = ETH_P_ARP, .to = { 255, 255, 255, 255, 255, 255 } };
	int err;

	frame_addresses(&frame, "fe80::73", "ff3e::15");
	err = add(png, eth0, 1000000000, reassembled, &frame);
	if (err)
		return err;
	arp.payload = "\0\1\x8\0\6\4\0\1\2\0\0\0\0\1\x0a\x54\0\x49\0\0\0\0\0\0\x0a\x54\0\x2a";
	arp.payload_len = 28;
	return add(png, eth0, 2000000000, other, &arp);
}

/* IP in IP, of which only what is within is seen. */
static int add_tunnel(struct pcapng *png, uint32_t eth1)
{
	struct xdpfrag_captured record = with_policy;
	struct frame outer = { .protocol = IPPROTO_IPIP }, inner = { .payload_len = 1200 };
	static uint8_t packet[2000];

	record.verdict = XDPFRAG_REDIRECTED;
	record.inner = HEADERS;
	record.inner_proto = ETH_P_IP;
	frame_addresses(&inner, "10.84.0.73", "10.84.0.42");
	inner.protocol = IPPROTO_ICMP;
	outer.payload_len = frame_build(packet, sizeof(packet), &inner) - ETH_HLEN;
	outer.payload = packet + ETH_HLEN;
	frame_addresses(&outer, "192.0.2.1", "192.0.2.2");
	return add(png, eth1, 3000000000, record, &outer);
}

static int add_statistics(struct pcapng *png, uint32_t eth0, uint32_t eth1)
{
	struct pcapng_statistics counts = { .time = START + 4000000000,
					    .start = START,
					    .end = START + 4000000000,
					    .received = PCAPNG_UNKNOWN,
					    .lost = 12345,
					    .captured = 3 };
	int err = pcapng_statistics(png, eth0, &counts);

	counts.lost = 0;
	counts.captured = 2;
	counts.received = 1000;
	return err ? err : pcapng_statistics(png, eth1, &counts);
}

static int write_all(struct pcapng *png, bool live)
{
	uint32_t eth0, eth1;
	char byte;
	int err = pcapng_nic(png, "eth0", NULL, &eth0);

	err = err ? err : pcapng_nic(png, "eth1", "the right one", &eth1);
	err = err ? err : add_fragments(png, eth0, eth1);
	err = err ? err : add_others(png, eth0);
	err = err ? err : add_tunnel(png, eth1);
	if (!err && !live)
		err = add_statistics(png, eth0, eth1);
	err = err ? err : pcapng_flush(png);
	while (live && !err && read(0, &byte, 1) > 0)
		;
	return err;
}

int main(int argc, char **argv)
{
	struct pcapng_about about = { .application = "xdpfragctl " VERSION,
				      .filter = "ip or ip6 or arp",
				      .snaplen = SNAPLEN };
	struct pcapng png;
	int err = pcapng_open(&png, 1, &about);

	err = err ? err : write_all(&png, argc > 1 && !strcmp(argv[1], "live"));
	pcapng_close(&png);
	if (err)
		fprintf(stderr, "write_pcapng: %s\n", strerror(-err));
	return err ? 1 : 0;
}
