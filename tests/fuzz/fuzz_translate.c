// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as classic BPF: it is refused, or becomes what the kernel's first look takes; and
 * what does not fit its room fits the one that was asked for.
 *
 * Input: two bytes of room and flags, then instructions as they lie in memory.
 */
#include <errno.h>
#include <string.h>

#include "capture/filter_check.h"
#include "capture/translate.h"
#include "fuzz.h"
#include "../lib/translated.h"

#define ROOM_BITS 0x3ff

/* In memory of its own size, so that a write behind the end is found. */
static int translated(const struct sock_filter *filter, size_t n,
		      const struct translate_place *place, size_t *at)
{
	struct bpf_insn *out = calloc(place->room, sizeof(*out));
	int err;

	must(out, "memory");
	err = translate(filter, n, place, out, at);
	if (!err) {
		must(*at <= place->room, "more than the room");
		must_not(translated_fault(out, place->room, place->view_load));
	}
	free(out);
	return err;
}

static void check(const struct sock_filter *filter, size_t n, struct translate_place place)
{
	size_t at = 0, needed = 0;
	int err = translated(filter, n, &place, &at);

	if (err == -EINVAL) {
		must(!n || n > FILTER_MAX || at < n, "no place for what is wrong");
		return;
	}
	if (!err)
		return;
	must(err == -ENOSPC, "another error");
	must(at > place.room || at > INT16_MAX, "does not fit where it would");
	if (at > INT16_MAX)
		return;
	place.room = at;
	must(!translated(filter, n, &place, &needed), "does not fit what it asked for");
	must(needed == at, "asks for something else");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct translate_place place = { .view_load = -100 };
	struct sock_filter *filter;
	size_t n;

	if (size < 2)
		return 0;
	place.room = (data[0] << 8 | data[1]) & ROOM_BITS;
	place.view = data[0] >> 7;
	if (!place.room)
		return 0;
	n = (size - 2) / sizeof(*filter);
	filter = calloc(n ? n : 1, sizeof(*filter));
	must(filter, "memory");
	memcpy(filter, data + 2, n * sizeof(*filter));
	check(filter, n, place);
	free(filter);
	return 0;
}
