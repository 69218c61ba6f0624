// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters of captures in the kernel against pcap_offline_filter() of the same bytes: every
 * expression of tests/lib/filter_expressions.h, as libpcap compiles it with and without its
 * optimiser, on every frame of tests/lib/filter_frames.h.
 *
 *   test_capture_filter [N]      every Nth frame of it: for where that takes long
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/filter_expressions.h"
#include "../lib/filter_set.h"

static size_t step = 1;

/* Some say the same of every frame, by their nature. */
#define UNTELLING 100

static void every_filter_says_of_every_frame_what_libpcap_says(void **state)
{
	static struct filter_set set = { .rig = &filter_rig };
	struct filter_frames frames = {};
	size_t i, expressions, telling = 0;

	(void)state;
	filter_frames_make(&frames, filter_rig.splits);
	expressions = filter_set_add(&set, FILTER_FRAME, filter_primitives, true) +
		      filter_set_add(&set, FILTER_FRAME, filter_encapsulations, true) +
		      filter_set_add(&set, FILTER_FRAME, filter_arithmetic, true);
	for (i = 0; i < frames.n; i += step)
		filter_set_compare(&set, &frames.all[i], frames.all[i].bytes, frames.all[i].len);
	for (i = 0; i < set.n; i++)
		telling += set.all[i].matches && set.all[i].matches < set.pairs / set.n;
	print_message("# %zu expressions, %zu filters, %zu frames, %zu pairs\n", expressions, set.n,
		      frames.n, set.pairs);
	/* Frames that all filters say the same of would prove nothing. */
	if (step == 1)
		assert_in_range(telling, set.n - UNTELLING, set.n);
	filter_set_free(&set);
	filter_frames_free(&frames);
}

static void what_cannot_be_said_of_a_packet_is_refused(void **state)
{
	const char *const *each;
	struct pcap_filter filter;
	char why[PCAP_FILTER_WHY];
	int optimise;
	size_t at;

	(void)state;
	for (each = filter_untranslated; *each; each++) {
		for (optimise = 0; optimise <= 1; optimise++) {
			if (!pcap_filter_compile(&filter, *each, optimise, why))
				fail_msg("%s: libpcap: %s", *each, why);
			at = filter.n;
			if (filter_rig_load(&filter_rig, FILTER_FRAME, &filter, &at) != -EINVAL ||
			    at >= filter.n)
				fail_msg("%s is not refused", *each);
			pcap_filter_free(&filter);
		}
	}
	/* So that nothing of pcap-filter(7) is left out of the lists. */
	for (each = filter_refused; *each; each++)
		if (pcap_filter_compile(&filter, *each, true, why))
			fail_msg("libpcap compiles %s", *each);
}

/* As many terms as there is room for: what is made is within what the verifier reads. */
static void a_filter_of_the_largest_size_is_loaded(void **state)
{
	static char expression[32768];
	struct pcap_filter filter;
	char why[PCAP_FILTER_WHY];
	int terms, result = 0, at_end;
	size_t at, len;

	(void)state;
	for (terms = 5; result >= 0; terms += 5) {
		len = at_end = 0;
		for (; at_end < terms; at_end++)
			len += snprintf(expression + len, sizeof(expression) - len,
					"%s(host 10.%d.%d.1 and not port %d)", at_end ? " or " : "",
					at_end, at_end, at_end);
		if (!pcap_filter_compile(&filter, expression, true, why))
			fail_msg("libpcap: %s", why);
		result = filter_rig_load(&filter_rig, FILTER_FRAME, &filter, &at);
		if (result < 0 && result != -ENOSPC)
			fail_msg("%d terms, %zu instructions: %s", terms, filter.n,
				 strerror(-result));
		pcap_filter_free(&filter);
	}
	print_message("# %d terms do not fit: %zu instructions\n", terms - 5, at);
	assert_in_range(terms, 30, 1000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_filter_says_of_every_frame_what_libpcap_says),
		cmocka_unit_test(what_cannot_be_said_of_a_packet_is_refused),
		cmocka_unit_test(a_filter_of_the_largest_size_is_loaded),
	};

	if (argc > 1)
		step = strtoul(argv[1], NULL, 0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, filter_rig_begin, filter_rig_end);
}
