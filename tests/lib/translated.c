// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "translated.h"

#define FP 10

/* Of an instruction: not seen, on the way from the first one, and all behind it seen. */
enum seen { NEW, OPEN, DONE };

struct walk {
	const struct bpf_insn *insns;
	long room, n;
	uint8_t *seen;
	long *path; /* from the first instruction to where we are */
};

static bool is_jump(const struct bpf_insn *insn)
{
	uint8_t class = BPF_CLASS(insn->code);

	return (class == BPF_JMP && BPF_OP(insn->code) != BPF_CALL &&
		BPF_OP(insn->code) != BPF_EXIT) ||
	       class == BPF_JMP32;
}

/* What can follow; -1: nothing. */
static void successors(const struct walk *walk, long i, long next[2])
{
	const struct bpf_insn *insn = &walk->insns[i];

	next[0] = next[1] = -1;
	if (insn->code == (BPF_JMP | BPF_EXIT))
		return;
	if (insn->code != (BPF_JMP | BPF_JA))
		next[0] = i + 1;
	if (is_jump(insn))
		next[1] = i + 1 + insn->off;
}

/* One step along the path, or back. */
static const char *step(struct walk *walk)
{
	long i = walk->path[walk->n - 1], next[2], k;

	successors(walk, i, next);
	for (k = 0; k < 2; k++) {
		if (next[k] == -1)
			continue;
		if (next[k] < 0 || next[k] >= walk->room)
			return "a jump out of the room";
		if (walk->seen[next[k]] == OPEN)
			return "a loop";
		if (walk->seen[next[k]] == NEW) {
			walk->seen[next[k]] = OPEN;
			walk->path[walk->n++] = next[k];
			return NULL;
		}
	}
	walk->seen[i] = DONE;
	walk->n--;
	return NULL;
}

static const char *walk_fault(struct walk *walk)
{
	const char *fault = NULL;
	long i;

	walk->path[walk->n++] = 0;
	walk->seen[0] = OPEN;
	while (walk->n && !fault)
		fault = step(walk);
	for (i = 0; i < walk->room && !fault; i++)
		if (walk->seen[i] == NEW)
			fault = "an instruction that no jump leads to";
	return fault;
}

static bool in_stack(int off, int bytes)
{
	return off >= -TRANSLATED_STACK && off + bytes <= 0 && off % bytes == 0;
}

static int bytes_of(uint8_t code)
{
	switch (BPF_SIZE(code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	case BPF_W:
		return 4;
	default:
		return 8;
	}
}

static const char *insn_fault(const struct bpf_insn *insn, long i, long view_load)
{
	uint8_t class = BPF_CLASS(insn->code),
		base = class == BPF_LDX ? insn->src_reg : insn->dst_reg;

	if (insn->dst_reg > FP || insn->src_reg > FP)
		return "a register that there is not";
	if (insn->code == (BPF_JMP | BPF_CALL) &&
	    (insn->src_reg ? insn->imm + i + 1 != view_load
			   : insn->imm != BPF_FUNC_xdp_get_buff_len))
		return "a call of something else";
	if (class == BPF_LDX || class == BPF_ST || class == BPF_STX) {
		if (base == FP && !in_stack(insn->off, bytes_of(insn->code)))
			return "beyond the stack";
		if (base != FP && (class != BPF_LDX || insn->off < 0))
			return "something is written, or lies before the frame";
	}
	if (BPF_OP(insn->code) == BPF_DIV && (class == BPF_ALU) && BPF_SRC(insn->code) == BPF_K &&
	    !insn->imm)
		return "a division by 0";
	return NULL;
}

const char *translated_fault(const struct bpf_insn *insns, size_t room, long view_load)
{
	struct walk walk = { .insns = insns, .room = room };
	const char *fault = NULL;
	size_t i;

	for (i = 0; i < room && !fault; i++)
		fault = insn_fault(&insns[i], i, view_load);
	if (fault)
		return fault;
	if (insns[room - 1].code != (BPF_JMP | BPF_EXIT))
		return "the end is not one";
	walk.seen = calloc(room, sizeof(*walk.seen));
	walk.path = calloc(room, sizeof(*walk.path));
	fault = walk.seen && walk.path ? walk_fault(&walk) : "memory";
	free(walk.seen);
	free(walk.path);
	return fault;
}
