// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The steer program against a slow and plain judge (tests/lib/steer_reference.c)
 * on random policies and random frames, many of them spoilt. Frames and policies
 * draw their addresses from the same small pools, so that most of them meet. Held
 * against the judge are the action, the counters, the bytes that the frame is left
 * with, and, in every other world, the event. In every other world a capture runs:
 * it must change nothing of all this, and its records are held against the judge too.
 *
 *   test_steer_random [SEED [FRAMES]]
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "datapath/events.h"
#include "../lib/capture_rig.h"
#include "../lib/frames.h"
#include "../lib/steer_reference.h"
#include "../lib/steer_rig.h"

#define WORLDS	 40 /* policies, each with a program of its own */
#define POLICIES 48
#define ROWS	 (POLICIES / 2) /* so that some rows lie outside */

static uint64_t seed = 20240607;
static unsigned long frames = 200000;

/* What the program did and what it should have, summed up over a world's frames. */
struct totals {
	uint64_t verdicts[ROWS][XDPFRAG_VERDICTS];
	uint64_t reasons[XDPFRAG_REASONS];
	uint64_t events, changed, to_socket, records;
};

struct world {
	struct rig rig;
	struct rig_policy policies[POLICIES];
	size_t n;
	struct reference reference;
	struct totals want;
	/* In every other world somebody watches. */
	struct plane plane;
	struct events *events;
	struct xdpfrag_event event; /* the last one; time 0: none */
	/* In every other one, a capture. */
	bool captures;
	struct capture_rig capture;
};

/* xorshift64* (Vigna): the same on every machine. */
static uint64_t next_random(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 2685821657736338717ULL;
}

static uint32_t below(uint32_t n)
{
	return (next_random() >> 32) * n >> 32;
}

static bool once_in(uint32_t n)
{
	return below(n) == 0;
}

/* An address of few different ones: bits are set in few places, far apart. */
static void random_address(uint8_t *address, size_t len, uint8_t first)
{
	static const uint8_t places4[] = { 1, 2, 3, 3 }, places6[] = { 1, 3, 7, 8, 11, 15, 15, 15 };
	unsigned int i, flips = below(3);

	memset(address, 0, 16);
	address[0] = first;
	for (i = 0; i < flips; i++) {
		uint8_t place = len == 4 ? places4[below(sizeof(places4))]
					 : places6[below(sizeof(places6))];

		address[place] ^= once_in(2) ? 1 << below(8) : 1;
	}
}

static void random_group(uint8_t *group, int family)
{
	static const uint8_t first4[] = { 239, 239, 239, 224, 232 };

	if (family == AF_INET)
		random_address(group, 4, first4[below(sizeof(first4))]);
	else
		random_address(group, 16, 0xff);
}

static void random_source(uint8_t *source, int family)
{
	if (once_in(16))
		memset(source, 0, 16);
	else
		random_address(source, family == AF_INET ? 4 : 16, family == AF_INET ? 10 : 0xfe);
}

static void mask(uint8_t *address, unsigned int len)
{
	unsigned int bit;

	for (bit = len; bit < 128; bit++)
		address[bit / 8] &= ~(0x80 >> bit % 8);
}

static bool known(const struct world *world, const struct rig_policy *policy)
{
	size_t i;

	for (i = 0; i < world->n; i++)
		if (world->policies[i].family == policy->family &&
		    world->policies[i].policy.len == policy->policy.len &&
		    !memcmp(world->policies[i].group, policy->group, 16) &&
		    !memcmp(world->policies[i].source, policy->source, 16))
			return true;
	return false;
}

static struct rig_policy random_policy(bool scope_all)
{
	struct rig_policy policy = { .family = once_in(2) ? AF_INET : AF_INET6 };
	unsigned int full = policy.family == AF_INET ? 32 : 128, least = full == 32 ? 4 : 8;

	policy.policy = (struct xdpfrag_policy){
		.len = once_in(2) ? full : least + below(full - least + 1),
		.flags = XDPFRAG_F_POLICY | (once_in(8) ? XDPFRAG_F_OUT_OF_USE : 0) |
			 (scope_all && once_in(2) ? XDPFRAG_F_SCOPE_ALL : 0) |
			 (once_in(2) ? XDPFRAG_F_APART : 0) |
			 (once_in(4) ? XDPFRAG_F_REASSEMBLE : 0),
		.wrong = once_in(2) ? XDPFRAG_WRONG_DROP : below(3),
		.row = below(ROWS + 2),
		.allowed = once_in(3) ? ~next_random() : next_random() & next_random(),
	};
	if (policy.policy.wrong == XDPFRAG_WRONG_REDIRECT)
		policy.policy.redirect = below(4);
	random_group(policy.group, policy.family);
	mask(policy.group, policy.policy.len);
	if (once_in(3))
		random_source(policy.source, policy.family);
	return policy;
}

static void on_event(const struct xdpfrag_event *event, void *arg)
{
	struct world *world = arg;

	world->event = *event;
}

static void watch(struct world *world)
{
	world->plane = (struct plane){ .state = world->rig.state,
				       .fds[PLANE_EVENTS] = world->rig.events_fd };
	assert_int_equal(events_open(&world->events, &world->plane, on_event, world), 0);
	events_renew(world->events, 3600);
}

/* More than all frames will take. */
static void reassemble(struct world *world)
{
	assert_int_equal(rig_socket(&world->rig), 0);
	/* Frames of a test run come in on lo. */
	*rig_credit(&world->rig) = (struct xdpfrag_credit){
		.granted = frames, .ifindex = if_nametoindex("lo"), .chunk = 1792, .frames = 1
	};
	rig_worker(&world->rig)->deadline = UINT64_MAX;
	world->reference.socket = true;
}

/* What a filter of the whole frame says here, it says of every frame: see test_capture_filter.c. */
static void choose_capture(struct world *world)
{
	static const char *const filters[] = {
		"", "ip6", "ip[6:2] & 0x2000 != 0 or vlan", "ether[len - 1] & 1 = 0", "len < 14",
	};

	capture_rig_make(&world->capture, filters[below(sizeof(filters) / sizeof(*filters))],
			 false);
	world->capture.capture.snaplen = once_in(2) ? XDPFRAG_CAPTURED_MAX : 1 + below(200);
	world->captures = true;
}

static void open_world(struct world *world)
{
	bool scope_all = once_in(2);
	struct rig_sizes sizes = {
		/* Some tables nearly full, for long runs of slots. */
		.bits4 = 6 + below(3),	.bits6 = 6 + below(3),	.rows = ROWS,
		.link_slot = below(64), .scope_all = scope_all, .hooked = once_in(2),
	};
	unsigned int lo = if_nametoindex("lo"), i;
	int half = below(2);

	memset(world, 0, sizeof(*world));
	if (once_in(2)) {
		choose_capture(world);
		sizes.capture = &world->capture.capture;
	}
	assert_int_equal(rig_open(&world->rig, &sizes), 0);
	if (world->captures)
		capture_rig_attach(&world->capture, &world->rig);
	for (i = 0; i < POLICIES; i++) {
		world->policies[world->n] = random_policy(scope_all);
		if (!known(world, &world->policies[world->n])) {
			assert_int_equal(rig_add(&world->rig, &world->policies[world->n]), 0);
			world->n++;
		}
	}
	world->reference = (struct reference){
		.policies = world->policies,
		.n = world->n,
		.sizes = world->rig.sizes,
		.links = once_in(8) ? next_random() : ~0ULL,
	};
	for (i = 0; i < 2; i++) {
		assert_int_equal(rig_redirect(&world->rig, i, lo), 0);
		world->reference.targets[i] = true;
	}
	assert_int_equal(rig_commit(&world->rig, half, world->reference.links), 0);
	rig_activate(&world->rig, half);
	if (once_in(2))
		watch(world);
	if (once_in(2))
		reassemble(world);
}

static struct frame random_frame(void)
{
	static const uint16_t tags[] = { ETH_P_8021Q, ETH_P_8021Q, ETH_P_8021AD };
	static const uint8_t types[] = { IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_DSTOPTS,
					 IPPROTO_AH };
	struct frame frame = { .family = once_in(2) ? AF_INET : AF_INET6,
			       .id = next_random(),
			       .payload_len = below(80),
			       .padding = once_in(4) ? below(32) : 0,
			       .more = once_in(2),
			       .offset = once_in(2) ? below(8192) * 8 : 0,
			       .dont_fragment = once_in(4),
			       .evil = once_in(8),
			       .atomic = once_in(4),
			       .fragment_reserved = once_in(4) ? below(4) : 0,
			       .options = once_in(4) ? below(11) * 4 : 0 };
	unsigned int i;

	frame.n_tags = once_in(2) ? 0 : below(4);
	for (i = 0; i < frame.n_tags; i++)
		frame.tags[i] = (struct frame_tag){ tags[below(3)], next_random() };
	frame.n_extensions = once_in(2) ? 0 : once_in(8) ? below(FRAME_EXTENSIONS) : below(4);
	for (i = 0; i < frame.n_extensions; i++) {
		frame.extensions[i].type = types[below(sizeof(types))];
		frame.extensions[i].bytes = 8 + 8 * below(3);
	}
	random_source(frame.source, frame.family);
	random_group(frame.group, frame.family);
	if (once_in(8))
		frame.group[0] = next_random(); /* mostly unicast */
	return frame;
}

/* Returns the length; most frames stay as they were built. */
static size_t spoil(uint8_t *bytes, size_t len, size_t headers)
{
	static const uint8_t telling[] = { 0, 1, 8, 0x45, 0x60, 43, 44, 51, 60, 0x81, 0x86, 0xdd };
	unsigned int i, pokes = once_in(3) ? 1 + below(3) : 0;

	for (i = 0; i < pokes; i++) {
		uint8_t value = next_random();

		bytes[below(headers)] = once_in(2) ? value : telling[below(sizeof(telling))];
	}
	return once_in(6) ? ETH_HLEN + below(len - ETH_HLEN + 1) : len;
}

static void print_frame(const uint8_t *bytes, size_t len)
{
	size_t i;

	printf("# frame:");
	for (i = 0; i < len; i++)
		printf(" %02x", bytes[i]);
	printf("\n");
}

/* The sum of RFC 1071 over a header of `len` bytes: 0 and 0xffff are the same. */
static unsigned int header_sum(const uint8_t *header, size_t len)
{
	unsigned int sum = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += header[i] << 8 | header[i + 1];
	return sum % 0xffff;
}

/* Nothing else is changed, and the checksum is as right or wrong as it was. */
static bool left_as_wanted(const struct judgement *want, const uint8_t *in, const uint8_t *out,
			   size_t len)
{
	static uint8_t expected[FRAME_ROOM];
	size_t id = want->id_at, header;

	memcpy(expected, in, len);
	if (want->id_change) {
		expected[id] ^= want->id_change >> 8;
		expected[id + 1] ^= want->id_change;
		memcpy(expected + id + 6, out + id + 6, 2); /* the checksum */
		header = (in[id - 4] & 15) * 4;
		if (header_sum(in + id - 4, header) != header_sum(out + id - 4, header))
			return false;
	}
	return !memcmp(out, expected, len);
}

static bool told_as_wanted(struct world *world, const struct judgement *want)
{
	int n;

	if (!world->events)
		return true;
	memset(&world->event, 0, sizeof(world->event));
	n = events_read(world->events);
	world->event.time = 0;
	return n == want->told && (!n || !memcmp(&world->event, &want->event, sizeof(want->event)));
}

/* As the frame came, where the link acts and libpcap says that the filter matches. */
static const char *capture_fault(struct world *world, const struct judgement *want,
				 const uint8_t *bytes, size_t len)
{
	if (!world->captures)
		return NULL;
	if (!(world->reference.links >> world->reference.sizes.link_slot & 1) ||
	    !pcap_filter_run(&world->capture.filter, bytes, len))
		return capture_rig_read(&world->capture) ? "a record" : NULL;
	world->want.records++;
	return capture_rig_fault(&world->capture, &want->record, bytes, len);
}

static void try_frame(struct world *world, unsigned long number)
{
	static uint8_t bytes[FRAME_ROOM], out[FRAME_ROOM];
	struct frame frame = random_frame();
	size_t len = frame_build(bytes, sizeof(bytes), &frame), i;
	struct judgement want;
	const char *fault;
	int action;

	len = spoil(bytes, len, frame_headers_len(&frame));
	want = reference_judge(&world->reference, bytes, len);
	action = rig_run_out(&world->rig, bytes, len, out);
	if (action != want.action || !left_as_wanted(&want, bytes, out, len) ||
	    !told_as_wanted(world, &want)) {
		print_frame(bytes, len);
		print_frame(out, len);
		fail_msg("frame %lu: action %d, %d wanted, or it was changed or told otherwise",
			 number, action, want.action);
	}
	fault = capture_fault(world, &want, bytes, len);
	if (fault) {
		print_frame(bytes, len);
		fail_msg("frame %lu: captured otherwise: %s", number, fault);
	}
	if (want.counted)
		world->want.verdicts[want.row][want.verdict]++;
	for (i = 0; i < XDPFRAG_REASONS; i++)
		world->want.reasons[i] += want.reasons[i];
	world->want.events += want.told && world->events;
	world->want.changed += want.id_change != 0;
	world->want.to_socket += want.verdict == XDPFRAG_REASSEMBLED;
}

static void compare_counters(const struct world *world, struct totals *sum)
{
	uint32_t row;
	int i;

	for (row = 0; row < ROWS; row++) {
		for (i = 0; i < XDPFRAG_VERDICTS; i++) {
			assert_int_equal(rig_count(&world->rig, row, i),
					 world->want.verdicts[row][i]);
			sum->verdicts[0][i] += world->want.verdicts[row][i];
		}
	}
	/* Each took one frame. */
	assert_int_equal(rig_credit(&world->rig)->spent, world->want.to_socket);
	for (i = 0; i < XDPFRAG_REASONS; i++) {
		assert_int_equal(rig_reason(&world->rig, i), world->want.reasons[i]);
		sum->reasons[i] += world->want.reasons[i];
	}
	sum->events += world->want.events;
	sum->records += world->want.records;
	sum->changed += world->want.changed;
}

static void random_frames_are_judged_as_the_reference_does(void **state)
{
	static struct world world;
	struct totals sum = {};
	unsigned long i;
	int n;

	(void)state;
	printf("# seed %lu, %lu frames\n", seed, frames);
	for (n = 0; n < WORLDS; n++) {
		open_world(&world);
		for (i = 0; i < frames / WORLDS; i++)
			try_frame(&world, n * (frames / WORLDS) + i);
		compare_counters(&world, &sum);
		events_close(world.events);
		if (world.captures)
			capture_rig_close(&world.capture);
		rig_close(&world.rig);
	}

	/* A generator that never gets there would prove nothing. */
	for (n = 0; n < XDPFRAG_VERDICTS; n++)
		assert_in_range(sum.verdicts[0][n], frames / 1000, frames);
	for (n = 0; n < XDPFRAG_REASONS; n++)
		assert_in_range(sum.reasons[n], frames / 1000, frames);
	assert_in_range(sum.events, frames / 20, frames);
	assert_in_range(sum.records, frames / 20, frames);
	assert_in_range(sum.changed, frames / 1000, frames);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_frames_are_judged_as_the_reference_does),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0) | 1; /* 0 would stay 0 */
	if (argc > 2)
		frames = strtoul(argv[2], NULL, 0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
