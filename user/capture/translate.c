// SPDX-License-Identifier: GPL-2.0-or-later
/* A whole filter: arithmetic, jumps, and what stands before and behind. */
#include <errno.h>
#include <stdlib.h>

#include "capture/translate_internal.h"

/* --- arithmetic --- */

/* Shifts by 32 and more leave nothing, where the kernel's machine would shift by the rest. */
static void shift(struct translation *t, const struct sock_filter *insn)
{
	uint8_t op = BPF_OP(insn->code);

	if (BPF_SRC(insn->code) == BPF_K) {
		if (insn->k < 32)
			put(t, ALU32(op, BPF_K), A, 0, 0, insn->k);
		else
			put(t, ALU32(BPF_MOV, BPF_K), A, 0, 0, 0);
		return;
	}
	put(t, JMP32(BPF_JLT, BPF_K), X, 0, 1, 32);
	put(t, ALU32(BPF_MOV, BPF_K), A, 0, 0, 0);
	put(t, ALU32(op, BPF_X), A, X, 0, 0);
}

static void divide(struct translation *t, const struct sock_filter *insn)
{
	uint8_t op = BPF_OP(insn->code);

	if (BPF_SRC(insn->code) == BPF_K) {
		if (insn->k)
			put(t, ALU32(op, BPF_K), A, 0, 0, insn->k);
		else
			reject(t);
		return;
	}
	reject_if(t, JMP32(BPF_JEQ, BPF_K), X, 0);
	put(t, ALU32(op, BPF_X), A, X, 0, 0);
}

static void arithmetic(struct translation *t, const struct sock_filter *insn)
{
	switch (BPF_OP(insn->code)) {
	case BPF_LSH:
	case BPF_RSH:
		shift(t, insn);
		break;
	case BPF_DIV:
	case BPF_MOD:
		divide(t, insn);
		break;
	case BPF_NEG:
		put(t, ALU32(BPF_NEG, 0), A, 0, 0, 0);
		break;
	default:
		if (BPF_SRC(insn->code) == BPF_X)
			put(t, ALU32(BPF_OP(insn->code), BPF_X), A, X, 0, 0);
		else
			put(t, ALU32(BPF_OP(insn->code), BPF_K), A, 0, 0, insn->k);
	}
}

/* --- jumps --- */

/* The comparison that is true when this one is not; 0: there is none. */
static uint8_t opposite(uint8_t op)
{
	switch (op) {
	case BPF_JEQ:
		return BPF_JNE;
	case BPF_JGT:
		return BPF_JLE;
	case BPF_JGE:
		return BPF_JLT;
	default:
		return 0;
	}
}

static void branch(struct translation *t, size_t i)
{
	const struct sock_filter *insn = &t->filter[i];
	uint8_t op = BPF_OP(insn->code), by = BPF_SRC(insn->code);
	uint8_t src = by == BPF_X ? X : 0;
	int32_t imm = by == BPF_X ? 0 : insn->k;
	size_t yes = i + 1 + insn->jt, no = i + 1 + insn->jf;

	if (op == BPF_JA) {
		jump_to(t, BPF_JMP | BPF_JA, 0, 0, 0, i + 1 + (size_t)insn->k);
	} else if (!insn->jt && opposite(op)) {
		jump_to(t, JMP32(opposite(op), by), A, src, imm, no);
	} else {
		jump_to(t, JMP32(op, by), A, src, imm, yes);
		if (insn->jf)
			jump_to(t, BPF_JMP | BPF_JA, 0, 0, 0, no);
	}
}

static void leave(struct translation *t, const struct sock_filter *insn)
{
	if (BPF_RVAL(insn->code) == BPF_A)
		put(t, ALU32(BPF_MOV, BPF_X), R0, A, 0, 0);
	else
		put(t, ALU32(BPF_MOV, BPF_K), R0, 0, 0, insn->k != 0);
	put(t, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void put_insn(struct translation *t, size_t i)
{
	const struct sock_filter *insn = &t->filter[i];

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		put_load(t, insn);
		break;
	case BPF_ST:
	case BPF_STX:
		put(t, BPF_STX | BPF_W | BPF_MEM, FP, BPF_CLASS(insn->code) == BPF_ST ? A : X,
		    STACK_M(insn->k), 0);
		break;
	case BPF_ALU:
		arithmetic(t, insn);
		break;
	case BPF_JMP:
		branch(t, i);
		break;
	case BPF_RET:
		leave(t, insn);
		break;
	default: /* TAX, TXA */
		if (insn->code & 0x80)
			put(t, ALU32(BPF_MOV, BPF_X), A, X, 0, 0);
		else
			put(t, ALU32(BPF_MOV, BPF_X), X, A, 0, 0);
	}
}

/* --- the whole --- */

/* Words of M begin as 0, since the verifier wants them written; those that are not used are not. */
static void clear_words(struct translation *t)
{
	bool used[BPF_MEMWORDS] = {};
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct sock_filter *insn = &t->filter[i];
		uint8_t class = BPF_CLASS(insn->code);

		if (t->reached[i] &&
		    (class == BPF_ST || class == BPF_STX ||
		     ((class == BPF_LD || class == BPF_LDX) && BPF_MODE(insn->code) == BPF_MEM)))
			used[insn->k] = true;
	}
	for (i = 0; i < BPF_MEMWORDS; i++)
		if (used[i])
			put(t, BPF_ST | BPF_W | BPF_MEM, FP, 0, STACK_M(i), 0);
}

/* Returns the jump that leads to what is left of the room, and is never taken. */
static size_t begin(struct translation *t)
{
	size_t to_rest;

	put(t, ALU64(BPF_MOV, BPF_K), R0, 0, 0, 0);
	to_rest = emit_jump(&t->emit, BPF_JMP | BPF_JNE | BPF_K, R0, 0, 0);
	put(t, BPF_STX | BPF_DW | BPF_MEM, FP, R1, STACK_CTX, 0);
	put(t, BPF_LDX | BPF_W | BPF_MEM, DATA, R1, offsetof(struct xdp_md, data), 0);
	put(t, BPF_LDX | BPF_W | BPF_MEM, END, R1, offsetof(struct xdp_md, data_end), 0);
	if (t->place->view) {
		put(t, BPF_STX | BPF_DW | BPF_MEM, FP, R2, STACK_VIEW, 0);
		put(t, ALU32(BPF_MOV, BPF_X), R2, R2, 0, 0); /* the lower half: its shift */
		reject_if(t, BPF_JMP | BPF_JGT | BPF_K, R2, VIEW_SHIFT);
		put(t, ALU64(BPF_ADD, BPF_X), DATA, R2, 0, 0);
	}
	put(t, ALU64(BPF_MOV, BPF_K), A, 0, 0, 0);
	put(t, ALU64(BPF_MOV, BPF_K), X, 0, 0, 0);
	clear_words(t);
	return to_rest;
}

/*
 * Where the packet is rejected, if it ever is (the kernel refuses what no jump leads to), and
 * then the rest, which the verifier takes away.
 */
static int end(struct translation *t, size_t to_rest, size_t *at)
{
	size_t i, rejected = t->emit.n;

	if (t->n_rejects) {
		put(t, ALU64(BPF_MOV, BPF_K), R0, 0, 0, 0);
		put(t, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	}
	*at = t->emit.n + 1;
	if (*at > t->emit.room || *at > INT16_MAX) /* as far as a jump leads */
		return -ENOSPC;
	for (i = 0; i < t->n_rejects; i++)
		emit_land(&t->emit, t->rejects[i], rejected);
	for (i = 0; i < t->n_open; i++)
		emit_land(&t->emit, t->open[i].jump, t->place_of[t->open[i].target]);
	emit_land(&t->emit, to_rest, t->emit.n);
	while (t->emit.n + 1 < t->emit.room)
		put(t, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	put(t, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return 0;
}

int translate(const struct sock_filter *filter, size_t n, const struct translate_place *place,
	      struct bpf_insn *out, size_t *at)
{
	struct translation *t = calloc(1, sizeof(*t));
	size_t i, to_rest;
	int err;

	if (!t)
		return -ENOMEM;
	t->filter = filter;
	t->n = n;
	t->place = place;
	t->emit = (struct emit){ .out = out, .room = place->room };
	err = filter_check(filter, n, t->reached, at);
	if (err)
		goto out;
	to_rest = begin(t);
	for (i = 0; i < n; i++) {
		t->place_of[i] = t->emit.n;
		if (t->reached[i])
			put_insn(t, i);
	}
	put_slow_loads(t);
	err = end(t, to_rest, at);
out:
	free(t);
	return err;
}
