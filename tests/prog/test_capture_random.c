// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random programs of classic BPF in the kernel against libpcap's interpreter, on frames of one
 * buffer and of several and on views: the very number that each returns.
 *
 *   test_capture_random [SEED [PROGRAMS]]
 */
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/filter_set.h"
#include "../lib/random_filter.h"

#define FRAMES 40
#define FRAME  4000 /* bytes at most */
#define OUTER  34   /* of them before what IP in IP carries */

static uint64_t seed = 20240607;
static unsigned long programs = 400;
static struct filter_frames frames;

/* Bytes of which many are small, so that they make indices, too; IP in IP, for the view. */
static void make_frames(void)
{
	static const uint8_t ip[] = { 0x08, 0, 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 4 };
	static uint8_t bytes[FRAME];
	size_t i, k, len, linear;

	for (i = 0; i < FRAMES; i++) {
		for (k = 0; k < sizeof(bytes); k++)
			bytes[k] = random_below(&seed, 256) >> random_below(&seed, 8);
		memcpy(bytes + ETH_HLEN - 2, ip, sizeof(ip));
		len = i % 8 ? OUTER + 1 + random_below(&seed, 130) : sizeof(bytes) - i;
		linear = filter_rig.splits && i % 2 ? ETH_HLEN + random_below(&seed, len - ETH_HLEN)
						    : 0;
		filter_frames_add(&frames, "random", bytes, len, linear);
	}
}

/* What it carries is IPv4, its Ethernet header made: 20 bytes are gone. */
static size_t make_view(uint8_t *view, const struct filter_frame *frame)
{
	memcpy(view, frame->bytes, ETH_HLEN);
	memcpy(view + ETH_HLEN, frame->bytes + OUTER, frame->len - OUTER);
	return frame->len - OUTER + ETH_HLEN;
}

static void print_filter(const struct pcap_filter *filter)
{
	size_t i;

	for (i = 0; i < filter->n; i++)
		print_message("# (%02zu) code %02x jt %u jf %u k %x\n", i, filter->insns[i].code,
			      filter->insns[i].jt, filter->insns[i].jf, filter->insns[i].k);
}

/* Of a program, on one frame. How many of the two results were not 0. */
static int compare(const struct pcap_filter *filter, const int slots[2],
		   const struct filter_frame *frame)
{
	static uint8_t view[FRAME];
	size_t len = make_view(view, frame);
	uint32_t want[2] = { pcap_filter_run(filter, frame->bytes, frame->len),
			     pcap_filter_run(filter, view, len) };
	int i;

	for (i = 0; i < 2; i++) {
		uint32_t is = filter_rig_run(&filter_rig, slots[i], frame->bytes, frame->len,
					     frame->linear);

		if (is == want[i])
			continue;
		print_filter(filter);
		filter_print(frame->bytes, frame->len);
		fail_msg("0x%x, and libpcap says 0x%x (%s, %zu in the first buffer)", is, want[i],
			 i ? "view" : "frame", frame->linear);
	}
	return !!want[0] + !!want[1];
}

static void random_programs_return_what_libpcap_returns(void **state)
{
	struct sock_filter insns[RANDOM_FILTER_MAX];
	struct pcap_filter filter = { .insns = insns };
	unsigned long i, results = 0;
	int slots[2];
	size_t k, at;

	(void)state;
	print_message("# seed %lu, %lu programs\n", seed, programs);
	make_frames();
	for (i = 0; i < programs; i++) {
		filter.n = random_filter(insns, &seed);
		filter_rig.n = 1; /* the slots of the one before */
		for (k = 0; k < 2; k++) {
			slots[k] = filter_rig_load(&filter_rig, k ? FILTER_VIEW : FILTER_FRAME,
						   &filter, &at);
			if (slots[k] < 0) {
				print_filter(&filter);
				fail_msg("%s at %zu", strerror(-slots[k]), at);
			}
		}
		for (k = 0; k < frames.n; k++)
			results += compare(&filter, slots, &frames.all[k]);
	}
	print_message("# %lu results of %lu are not 0\n", results, 2 * programs * FRAMES);
	/* Programs that reject everything would prove nothing. */
	assert_in_range(results, 2 * programs * FRAMES / 8, 2 * programs * FRAMES);
	filter_frames_free(&frames);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs_return_what_libpcap_returns),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0) | 1; /* 0 would stay 0 */
	if (argc > 2)
		programs = strtoul(argv[2], NULL, 0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, filter_rig_begin, filter_rig_end);
}
