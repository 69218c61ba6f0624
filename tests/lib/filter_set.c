// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/filter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "filter_set.h"

#define SHOWN 160 /* bytes of a frame */

static bool same(const struct pcap_filter *a, const struct pcap_filter *b)
{
	return a->n == b->n && !memcmp(a->insns, b->insns, a->n * sizeof(*a->insns));
}

static void add(struct filter_set *set, enum filter_program program, const char *expression,
		bool optimise)
{
	struct filter_loaded *to = &set->all[set->n];
	char why[PCAP_FILTER_WHY];
	size_t at = 0;
	int slot;

	assert_in_range(set->n, 0, FILTER_SLOTS - 1);
	if (!pcap_filter_compile(&to->filter, expression, optimise, why))
		fail_msg("%s: libpcap: %s", expression, why);
	if (!optimise && same(&to->filter, &to[-1].filter)) {
		pcap_filter_free(&to->filter);
		return;
	}
	slot = filter_rig_load(set->rig, program, &to->filter, &at);
	if (slot < 0)
		fail_msg("%s: %s at %zu", expression, strerror(-slot), at);
	to->slot = slot;
	to->expression = expression;
	to->matches = 0;
	set->n++;
}

size_t filter_set_add(struct filter_set *set, enum filter_program program,
		      const char *const *expressions, bool both)
{
	size_t n = 0;

	for (; expressions[n]; n++) {
		add(set, program, expressions[n], true);
		if (both)
			add(set, program, expressions[n], false);
	}
	return n;
}

void filter_set_free(struct filter_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		pcap_filter_free(&set->all[i].filter);
	set->n = 0;
}

void filter_print(const void *bytes, size_t len)
{
	size_t i;

	print_message("# %zu bytes:", len);
	for (i = 0; i < len && i < SHOWN; i++)
		print_message(" %02x", ((const uint8_t *)bytes)[i]);
	print_message("\n");
}

void filter_set_compare(struct filter_set *set, const struct filter_frame *frame, const void *view,
			size_t view_len)
{
	size_t i;

	for (i = 0; i < set->n; i++) {
		struct filter_loaded *each = &set->all[i];
		bool want = pcap_filter_run(&each->filter, view, view_len);
		bool is = filter_rig_run(set->rig, each->slot, frame->bytes, frame->len,
					 frame->linear);

		each->matches += want;
		set->pairs++;
		if (is == want)
			continue;
		filter_print(frame->bytes, frame->len);
		fail_msg("'%s' of %s: %d, and libpcap says %d", each->expression, frame->name, is,
			 want);
	}
}
