// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * inject: UDP datagrams, cut into fragments by hand, out of a NIC through a
 * packet socket. For what the kernel's own sockets would not send here: VLAN
 * tags without a VLAN device, a chosen IP id, a datagram with fragments missing.
 * The payload is `xdpfragctl probe send`'s.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../lib/frames.h"
#include "ctl/probe_payload.h"

#define IPV4_HEADER  20
#define IPV6_HEADERS 48	  /* with the fragment header */
#define FRAGMENTS    4096 /* more than a datagram can have where every MTU is 68 or more */
#define SOURCE_PORT  40000
#define VLAN_ID_MAX  4094
#define DATAGRAM_MAX 65535
#define MTU_MIN	     68 /* RFC 791 */

struct plan {
	const char *nic, *source, *group;
	struct frame frame; /* what all fragments have in common */
	unsigned long port, count, id, size, mtu, interval_us, gap_us;
	uint16_t outer_proto;
	bool chosen[FRAGMENTS];
	bool choose;
	unsigned long first_options; /* bytes */
	bool spoil_udp, spoil_ip;
};

struct outlet {
	int fd;
	struct sockaddr_ll to;
	unsigned long sent;
};

static void usage(FILE *to)
{
	fputs("Usage: inject --nic NIC --source ADDR --group ADDR [OPTION]...\n"
	      "  --port N              destination port (1067)\n"
	      "  --count N             datagrams (1)\n"
	      "  --id N                IP id of the first datagram, then one up each (1)\n"
	      "  --size BYTES          UDP payload (8000)\n"
	      "  --mtu BYTES           longest IP packet (the NIC's MTU less 4 for each tag)\n"
	      "  --ttl N               TTL or hop limit (1)\n"
	      "  --vlan ID             a VLAN tag, outermost first; up to 4\n"
	      "  --vlan-proto HEX      ethertype of the outermost tag, 8100 or 88a8 (8100)\n"
	      "  --only-fragments N,N  of each datagram send these fragments, the first is 0\n"
	      "  --interval USEC       pause after each datagram (0)\n"
	      "  --gap USEC            pause after each fragment (0)\n"
	      "  --first-options BYTES IP options on the first fragment alone (0)\n"
	      "  --spoil udp|ip        a wrong UDP checksum; wrong IP header checksums\n"
	      "Prints how many frames were sent.\n",
	      to);
}

static bool parse_number(const char *text, int base, unsigned long min, unsigned long max,
			 unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, base);
	return end != text && !*end && !errno && *text != '-' && *value >= min && *value <= max;
}

static bool parse_chosen(struct plan *plan, char *list)
{
	unsigned long n;
	char *word;

	plan->choose = true;
	for (word = strtok(list, ","); word; word = strtok(NULL, ",")) {
		if (!parse_number(word, 10, 0, FRAGMENTS - 1, &n))
			return false;
		plan->chosen[n] = true;
	}
	return true;
}

static bool parse_tag(struct plan *plan, const char *text)
{
	unsigned long id;

	if (plan->frame.n_tags == FRAME_TAGS || !parse_number(text, 10, 0, VLAN_ID_MAX, &id))
		return false;
	plan->frame.tags[plan->frame.n_tags++] = (struct frame_tag){ ETH_P_8021Q, id };
	return true;
}

static bool parse_option(struct plan *plan, int option, char *value)
{
	unsigned long n = 0;
	bool good = true;

	switch (option) {
	case 'n':
		plan->nic = value;
		break;
	case 's':
		plan->source = value;
		break;
	case 'g':
		plan->group = value;
		break;
	case 'p':
		return parse_number(value, 10, 1, UINT16_MAX, &plan->port);
	case 'c':
		return parse_number(value, 10, 0, UINT32_MAX, &plan->count);
	case 'i':
		return parse_number(value, 0, 0, UINT32_MAX, &plan->id);
	case 'z':
		return parse_number(value, 10, 0, PROBE_SIZE_MAX, &plan->size);
	case 'm':
		return parse_number(value, 10, MTU_MIN, DATAGRAM_MAX, &plan->mtu);
	case 't':
		good = parse_number(value, 10, 1, UINT8_MAX, &n);
		plan->frame.ttl = n;
		break;
	case 'v':
		return parse_tag(plan, value);
	case 'o':
		good = parse_number(value, 16, 1, UINT16_MAX, &n);
		plan->outer_proto = n;
		break;
	case 'f':
		return parse_chosen(plan, value);
	case 'w':
		return parse_number(value, 10, 0, 60000000, &plan->interval_us);
	case 'G':
		return parse_number(value, 10, 0, 60000000, &plan->gap_us);
	case 'O':
		return parse_number(value, 10, 0, 40, &plan->first_options) &&
		       !(plan->first_options & 7);
	case 'S':
		plan->spoil_udp = !strcmp(value, "udp");
		plan->spoil_ip = !strcmp(value, "ip");
		return plan->spoil_udp || plan->spoil_ip;
	default:
		return false;
	}
	return good;
}

static bool parse_arguments(struct plan *plan, int argc, char **argv)
{
	static const struct option options[] = {
		{ "nic", required_argument, NULL, 'n' },
		{ "source", required_argument, NULL, 's' },
		{ "group", required_argument, NULL, 'g' },
		{ "port", required_argument, NULL, 'p' },
		{ "count", required_argument, NULL, 'c' },
		{ "id", required_argument, NULL, 'i' },
		{ "size", required_argument, NULL, 'z' },
		{ "mtu", required_argument, NULL, 'm' },
		{ "ttl", required_argument, NULL, 't' },
		{ "vlan", required_argument, NULL, 'v' },
		{ "vlan-proto", required_argument, NULL, 'o' },
		{ "only-fragments", required_argument, NULL, 'f' },
		{ "interval", required_argument, NULL, 'w' },
		{ "gap", required_argument, NULL, 'G' },
		{ "first-options", required_argument, NULL, 'O' },
		{ "spoil", required_argument, NULL, 'S' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	int option, index;

	while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
		if (option == 'h') {
			usage(stdout);
			exit(0);
		}
		if (option == '?')
			return false;
		if (!parse_option(plan, option, optarg)) {
			fprintf(stderr, "inject: bad value for --%s: '%s'\n", options[index].name,
				optarg);
			return false;
		}
	}
	if (optind != argc || !plan->nic || !plan->source || !plan->group)
		return false;
	if (!frame_addresses(&plan->frame, plan->source, plan->group)) {
		fprintf(stderr, "inject: '%s' and '%s' are not two addresses of one family\n",
			plan->source, plan->group);
		return false;
	}
	if (plan->outer_proto && plan->frame.n_tags)
		plan->frame.tags[0].proto = plan->outer_proto;
	return true;
}

static int open_outlet(struct outlet *outlet, const char *nic, unsigned long *mtu)
{
	struct ifreq request = {};

	outlet->to = (struct sockaddr_ll){ .sll_family = AF_PACKET,
					   .sll_protocol = htons(ETH_P_ALL),
					   .sll_halen = ETH_ALEN,
					   .sll_ifindex = if_nametoindex(nic) };
	if (!outlet->to.sll_ifindex)
		return -errno;
	/* Protocol 0: this socket receives nothing. */
	outlet->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (outlet->fd < 0)
		return -errno;
	strncpy(request.ifr_name, nic, IFNAMSIZ - 1);
	if (ioctl(outlet->fd, SIOCGIFMTU, &request))
		return -errno;
	*mtu = request.ifr_mtu;
	return 0;
}

static int send_frame(struct outlet *outlet, const struct frame *frame, bool spoil)
{
	static uint8_t bytes[FRAME_ROOM];
	size_t len = frame_build(bytes, sizeof(bytes), frame);

	if (spoil)
		bytes[frame_ip_offset(frame) + 11] ^= 1;

	/* A full queue empties by itself; a test wants every frame on the wire. */
	while (sendto(outlet->fd, bytes, len, 0, (struct sockaddr *)&outlet->to,
		      sizeof(outlet->to)) < 0) {
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			return -errno;
		usleep(100);
	}
	outlet->sent++;
	return 0;
}

static void pause_us(unsigned long us)
{
	const struct timespec pause = { us / 1000000, us % 1000000 * 1000 };

	if (us)
		nanosleep(&pause, NULL);
}

static int send_datagram(struct outlet *outlet, const struct plan *plan, struct frame frame,
			 const uint8_t *datagram, size_t len)
{
	bool ipv4 = frame.family == AF_INET;
	size_t whole = plan->mtu - (ipv4 ? IPV4_HEADER : IPV6_HEADERS - 8);
	/* All pieces as long as the first one may be. */
	size_t piece =
		(plan->mtu - (ipv4 ? IPV4_HEADER : IPV6_HEADERS) - plan->first_options) & ~7UL;
	unsigned int n = 0;
	size_t at;
	int err;

	if (len <= whole)
		piece = len;
	for (at = 0; at < len; at += piece, n++) {
		if (plan->choose && !plan->chosen[n])
			continue;
		frame.offset = at;
		frame.more = at + piece < len;
		frame.payload = datagram + at;
		frame.payload_len = frame.more ? piece : len - at;
		frame.options = at ? 0 : plan->first_options;
		err = send_frame(outlet, &frame, plan->spoil_ip);
		if (err)
			return err;
		pause_us(plan->gap_us);
	}
	return 0;
}

/* As `probe send` numbers them, so that `probe recv` counts them; too short ones differ too. */
static void fill(uint8_t *data, const struct plan *plan, uint64_t run, uint32_t sequence)
{
	struct probe_header header = { .run = run,
				       .sequence = sequence,
				       .total = plan->count,
				       .size = plan->size,
				       .interval = plan->interval_us };

	if (plan->size >= PROBE_HEADER)
		probe_payload_write(data, &header);
	else
		memset(data, sequence, plan->size);
}

static int inject(struct outlet *outlet, const struct plan *plan)
{
	static uint8_t data[DATAGRAM_MAX], datagram[DATAGRAM_MAX];
	struct frame frame = plan->frame;
	unsigned long i;
	uint64_t run;
	size_t len;
	int err = 0;

	if (getrandom(&run, sizeof(run), 0) != sizeof(run))
		return -EIO;
	for (i = 0; i < plan->count && !err; i++) {
		fill(data, plan, run, i);
		frame.id = plan->id + i;
		len = frame_udp(datagram, sizeof(datagram), &frame, SOURCE_PORT, plan->port, data,
				plan->size);
		if (!len)
			return -EMSGSIZE;
		datagram[7] ^= plan->spoil_udp;
		err = send_datagram(outlet, plan, frame, datagram, len);
		if (!err)
			pause_us(plan->interval_us);
	}
	return err;
}

int main(int argc, char **argv)
{
	static struct plan plan = { .port = 1067, .count = 1, .id = 1, .size = 8000 };
	struct outlet outlet = { .fd = -1 };
	unsigned long mtu = 0;
	int err;

	if (!parse_arguments(&plan, argc, argv)) {
		usage(stderr);
		return 2;
	}
	err = open_outlet(&outlet, plan.nic, &mtu);
	if (!err && !plan.mtu)
		plan.mtu = mtu - 4 * plan.frame.n_tags;
	if (!err && plan.mtu < MTU_MIN)
		err = -EMSGSIZE;
	if (!err)
		err = inject(&outlet, &plan);
	if (err)
		fprintf(stderr, "inject: %s: %s\n", plan.nic, strerror(-err));
	else
		printf("%lu\n", outlet.sent);
	if (outlet.fd >= 0)
		close(outlet.fd);
	return err ? 1 : 0;
}
