// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Classic BPF to the kernel's: what is refused, and where; how much room is wanted; and that
 * what is made holds together. What it means is for tests/prog.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/translated.h"
#include "capture/filter_check.h"
#include "capture/translate.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM	      4098
#define VIEW_LOAD     -60
#define CANARY	      0x5a

#define RET   BPF_STMT(BPF_RET | BPF_K, 1)
#define RET_A BPF_STMT(BPF_RET | BPF_A, 0)

/* Into `room` instructions, with one behind that must stay as it is. */
static int translated(const struct sock_filter *filter, size_t n, size_t room, bool view,
		      size_t *at)
{
	const struct translate_place place = { .room = room, .view_load = VIEW_LOAD, .view = view };
	struct bpf_insn *out = malloc((room + 1) * sizeof(*out));
	uint8_t *behind = (uint8_t *)&out[room];
	const char *fault;
	size_t i;
	int err;

	assert_non_null(out);
	memset(out, CANARY, (room + 1) * sizeof(*out));
	*at = 12345;
	err = translate(filter, n, &place, out, at);
	for (i = 0; i < sizeof(*out); i++)
		assert_int_equal(behind[i], CANARY);
	if (!err) {
		fault = translated_fault(out, room, VIEW_LOAD);
		if (fault)
			fail_msg("%s", fault);
	}
	free(out);
	return err;
}

/* --- what is refused --- */

static const struct {
	const char *name;
	struct sock_filter filter[3];
	size_t n, at;
} refused[] = {
	{ "nothing", {}, 0, 0 },
	{ "no end", { BPF_STMT(BPF_LD | BPF_LEN, 0) }, 1, 0 },
	{ "no end, later",
	  { BPF_STMT(BPF_LD | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TAX, 0) },
	  2,
	  1 },
	{ "a jump to the end", { BPF_STMT(BPF_JMP | BPF_JA, 1), RET }, 2, 0 },
	{ "a jump beyond", { BPF_STMT(BPF_JMP | BPF_JA, 1000), RET }, 2, 0 },
	{ "a jump to itself", { BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), RET }, 2, 0 },
	{ "a jump back",
	  { BPF_STMT(BPF_LD | BPF_LEN, 0), BPF_STMT(BPF_JMP | BPF_JA, 0xfffffffe), RET },
	  3,
	  1 },
	{ "true leads beyond", { BPF_JUMP(BPF_JMP | BPF_JEQ, 1, 2, 0), RET }, 2, 0 },
	{ "false leads beyond", { BPF_JUMP(BPF_JMP | BPF_JSET | BPF_X, 0, 0, 255), RET }, 2, 0 },
	{ "a wide code", { BPF_STMT(0x100 | BPF_RET, 0) }, 1, 0 },
	{ "the widest code", { BPF_STMT(0xffff, 0) }, 1, 0 },
	{ "another return", { BPF_STMT(BPF_RET | BPF_X, 0) }, 1, 0 },
	{ "another jump", { BPF_JUMP(BPF_JMP | 0x50, 0, 0, 0), RET }, 2, 0 },
	{ "a jump by X", { BPF_STMT(BPF_JMP | BPF_JA | BPF_X, 0), RET }, 2, 0 },
	{ "another operation", { BPF_STMT(BPF_ALU | 0xb0, 0), RET }, 2, 0 },
	{ "another operation, of X", { BPF_STMT(BPF_ALU | 0xf0 | BPF_X, 0), RET }, 2, 0 },
	{ "minus X", { BPF_STMT(BPF_ALU | BPF_NEG | BPF_X, 0), RET }, 2, 0 },
	{ "another move", { BPF_STMT(BPF_MISC | 0x40, 0), RET }, 2, 0 },
	{ "a word of 8 bytes", { BPF_STMT(BPF_LD | 0x18 | BPF_ABS, 0), RET }, 2, 0 },
	{ "a half of a constant", { BPF_STMT(BPF_LD | BPF_H | BPF_IMM, 0), RET }, 2, 0 },
	{ "a byte of the length", { BPF_STMT(BPF_LDX | BPF_B | BPF_LEN, 0), RET }, 2, 0 },
	{ "X from the packet", { BPF_STMT(BPF_LDX | BPF_W | BPF_ABS, 0), RET }, 2, 0 },
	{ "X from the packet at X", { BPF_STMT(BPF_LDX | BPF_B | BPF_IND, 0), RET }, 2, 0 },
	{ "A as a header's length", { BPF_STMT(BPF_LD | BPF_B | BPF_MSH, 0), RET }, 2, 0 },
	{ "a header's length of a word", { BPF_STMT(BPF_LDX | BPF_W | BPF_MSH, 0), RET }, 2, 0 },
	{ "another mode", { BPF_STMT(BPF_LD | 0xc0, 0), RET }, 2, 0 },
	{ "M[16]", { BPF_STMT(BPF_LD | BPF_MEM, 16), RET }, 2, 0 },
	{ "X = M[~0]", { BPF_STMT(BPF_LDX | BPF_MEM, ~0U), RET }, 2, 0 },
	{ "M[16] = A", { BPF_STMT(BPF_ST, 16), RET }, 2, 0 },
	{ "M[~0] = X", { BPF_STMT(BPF_STX, ~0U), RET }, 2, 0 },
	{ "a store of a half", { BPF_STMT(BPF_ST | BPF_H, 0), RET }, 2, 0 },
	{ "a packet's type",
	  { BPF_STMT(BPF_LD | BPF_H | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE), RET },
	  2,
	  0 },
	{ "a packet's tag",
	  { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_AD_OFF + SKF_AD_VLAN_TAG), RET },
	  2,
	  0 },
	{ "where it can be reached",
	  { BPF_JUMP(BPF_JMP | BPF_JEQ, 0, 1, 0), RET, BPF_STMT(BPF_ST, 16) },
	  3,
	  2 },
};

static void what_is_no_filter_is_refused_where_it_begins(void **state)
{
	size_t i, at;
	int view, err;

	(void)state;
	for (i = 0; i < LENGTH(refused); i++) {
		for (view = 0; view <= 1; view++) {
			err = translated(refused[i].filter, refused[i].n, ROOM, view, &at);
			if (err != -EINVAL || at != refused[i].at)
				fail_msg("%s: %d at %zu", refused[i].name, err, at);
		}
	}
}

static void what_cannot_be_reached_is_not_looked_at(void **state)
{
	static const struct sock_filter behind[] = { RET, BPF_STMT(BPF_ST, 16),
						     BPF_STMT(BPF_JMP | BPF_JA, 77) };
	static const struct sock_filter between[] = { BPF_STMT(BPF_JMP | BPF_JA, 1),
						      BPF_STMT(0xff, 0), RET };
	bool reached[3];
	size_t at;

	(void)state;
	assert_int_equal(translated(behind, LENGTH(behind), ROOM, false, &at), 0);
	assert_int_equal(filter_check(behind, LENGTH(behind), reached, &at), 0);
	assert_true(reached[0] && !reached[1] && !reached[2]);
	assert_int_equal(translated(between, LENGTH(between), ROOM, true, &at), 0);
	assert_int_equal(filter_check(between, LENGTH(between), reached, &at), 0);
	assert_true(reached[0] && !reached[1] && reached[2]);
}

/* --- what is made --- */

static const uint32_t numbers[] = { 0,		1,	    13,	       14,	   31,
				    32,		0x7ffb,	    0x7ffc,    0x7fff,	   0x8000,
				    0xfffc,	0xffff,	    0x10000,   0xffffefff, 0x7fffffff,
				    0x80000000, 0xfffffffe, 0xffffffff };

/* Each instruction that there is, with each number that may be somewhere's edge. */
static void every_instruction_with_every_number_holds_together(void **state)
{
	size_t i, at, made = 0;
	uint16_t code;
	bool reached[2];

	(void)state;
	for (code = 0; code <= 0xff; code++) {
		for (i = 0; i < LENGTH(numbers); i++) {
			struct sock_filter filter[] = { BPF_STMT(code, numbers[i]), RET_A };
			int err = filter_check(filter, 2, reached, &at);

			assert_int_equal(translated(filter, 2, ROOM, false, &at), err);
			assert_int_equal(translated(filter, 2, ROOM, true, &at), err);
			made += !err;
		}
	}
	/* 7 loads by offset or index and 2 by length; 2 of IMM and LEN each; 21 of ALU; jumps. */
	assert_in_range(made, 30 * LENGTH(numbers), 70 * LENGTH(numbers));
}

static void words_of_memory_are_written_before_they_are_read(void **state)
{
	struct sock_filter filter[2 * BPF_MEMWORDS + 1];
	size_t i, at, each;

	(void)state;
	for (i = 0; i < BPF_MEMWORDS; i++) {
		filter[2 * i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, i);
		filter[2 * i + 1] = (struct sock_filter)BPF_STMT(BPF_STX, i);
	}
	filter[2 * i] = (struct sock_filter)RET_A;
	assert_int_equal(translated(filter, LENGTH(filter), ROOM, true, &at), 0);
	/* Those that are not used cost nothing. */
	each = at;
	for (i = 0; i < BPF_MEMWORDS; i++)
		filter[2 * i].k = filter[2 * i + 1].k = 7;
	assert_int_equal(translated(filter, LENGTH(filter), ROOM, true, &at), 0);
	assert_int_equal(each - at, BPF_MEMWORDS - 1);
}

/* --- room --- */

static void room_is_asked_for_to_the_instruction(void **state)
{
	static const struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ, 0x800, 0, 4),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 16),
		BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT, 80, 0, 1),
		RET,
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	size_t room, needed, at;
	int view;

	(void)state;
	for (view = 0; view <= 1; view++) {
		assert_int_equal(translated(filter, LENGTH(filter), ROOM, view, &needed), 0);
		for (room = 1; room < needed; room++) {
			assert_int_equal(translated(filter, LENGTH(filter), room, view, &at),
					 -ENOSPC);
			assert_int_equal(at, needed);
		}
		for (room = needed; room < needed + 3; room++) {
			assert_int_equal(translated(filter, LENGTH(filter), room, view, &at), 0);
			assert_int_equal(at, needed);
		}
	}
}

/* As many as a filter may have: none is too many for memory, and no jump is cut short. */
static void the_largest_filters_fit_or_say_what_they_need(void **state)
{
	static struct sock_filter filter[FILTER_MAX + 1];
	size_t i, at;

	(void)state;
	for (i = 0; i < FILTER_MAX; i++)
		filter[i] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
	filter[FILTER_MAX - 1] = filter[FILTER_MAX] = (struct sock_filter)RET_A;
	assert_int_equal(translated(filter, FILTER_MAX, 2 * ROOM, true, &at), 0);
	assert_int_equal(translated(filter, FILTER_MAX + 1, 2 * ROOM, true, &at), -EINVAL);
	for (i = 0; i < FILTER_MAX - 1; i++)
		filter[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_IND, 14);
	assert_int_equal(translated(filter, FILTER_MAX, ROOM, false, &at), -ENOSPC);
	assert_in_range(at, FILTER_MAX, 32 * FILTER_MAX);
	/* A jump leads 32767 instructions far. */
	assert_in_range(at, INT16_MAX + 1, SIZE_MAX);
	assert_int_equal(translated(filter, FILTER_MAX, at, false, &at), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_filter_is_refused_where_it_begins),
		cmocka_unit_test(what_cannot_be_reached_is_not_looked_at),
		cmocka_unit_test(every_instruction_with_every_number_holds_together),
		cmocka_unit_test(words_of_memory_are_written_before_they_are_read),
		cmocka_unit_test(room_is_asked_for_to_the_instruction),
		cmocka_unit_test(the_largest_filters_fit_or_say_what_they_need),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
