// SPDX-License-Identifier: GPL-2.0-or-later
/* What a filter reads of the frame. */
#include "capture/translate_internal.h"

/* The number at r8 + off or r0, as the network has it. */
static void load_near(struct translation *t, uint8_t to, uint8_t from, int16_t off, uint8_t bytes)
{
	put(t, BPF_LDX | size_of(bytes) | BPF_MEM, to, from, off, 0);
	if (bytes > 1)
		put(t, BPF_ALU | BPF_END | BPF_TO_BE, to, 0, 0, 8 * bytes);
}

/* view_load(ctx, at, size, view) */
static void call_load(struct translation *t, const struct slow_load *load)
{
	if (load->at_in_r1)
		put(t, ALU64(BPF_MOV, BPF_X), R2, R1, 0, 0);
	else
		put(t, ALU32(BPF_MOV, BPF_K), R2, 0, 0, load->at);
	put(t, BPF_LDX | BPF_DW | BPF_MEM, R1, FP, STACK_CTX, 0);
	put(t, ALU32(BPF_MOV, BPF_K), R3, 0, 0, load->size);
	if (t->place->view)
		put(t, BPF_LDX | BPF_DW | BPF_MEM, R4, FP, STACK_VIEW, 0);
	else
		put(t, ALU64(BPF_MOV, BPF_K), R4, 0, 0, 0);
	put(t, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0,
	    t->place->view_load - (long)t->emit.n - 1);
	reject_if(t, BPF_JMP | BPF_JSLT | BPF_K, R0, 0);
	put(t, ALU32(BPF_MOV, BPF_X), load->to, R0, 0, 0);
}

static void put_later(struct translation *t, struct slow_load load)
{
	load.back = t->emit.n;
	t->slow[t->n_slow++] = load;
}

static void load_abs(struct translation *t, uint8_t to, uint32_t k, uint8_t bytes)
{
	struct slow_load load = { .to = to, .size = bytes, .at = k };

	if (k > OFFSET_MAX) {
		reject(t);
		return;
	}
	if (k + bytes > NEAR || (t->place->view && k < ETHERNET)) {
		call_load(t, &load);
		return;
	}
	put(t, ALU64(BPF_MOV, BPF_X), R0, DATA, 0, 0);
	put(t, ALU64(BPF_ADD, BPF_K), R0, 0, 0, k + bytes);
	load.jumps[load.n_jumps++] = emit_jump(&t->emit, BPF_JMP | BPF_JGT | BPF_X, R0, END, 0);
	load_near(t, to, DATA, k, bytes);
	put_later(t, load);
}

/* At X + k, which does not wrap: bpf_filter() in libpcap wants k within the packet by itself. */
static void load_ind(struct translation *t, uint32_t k, uint8_t bytes)
{
	struct slow_load load = { .to = A, .size = bytes, .at_in_r1 = true };

	if (k > OFFSET_MAX) {
		reject(t);
		return;
	}
	put(t, ALU32(BPF_MOV, BPF_X), R1, X, 0, 0);
	put(t, ALU64(BPF_ADD, BPF_K), R1, 0, 0, k);
	reject_if(t, BPF_JMP | BPF_JGT | BPF_K, R1, OFFSET_MAX);
	if (t->place->view) {
		call_load(t, &load);
		return;
	}
	load.jumps[load.n_jumps++] = emit_jump(&t->emit, BPF_JMP | BPF_JGT | BPF_K, R1, 0, NEAR);
	put(t, ALU64(BPF_MOV, BPF_X), R0, DATA, 0, 0);
	put(t, ALU64(BPF_ADD, BPF_X), R0, R1, 0, 0);
	put(t, ALU64(BPF_MOV, BPF_X), R2, R0, 0, 0);
	put(t, ALU64(BPF_ADD, BPF_K), R2, 0, 0, bytes);
	load.jumps[load.n_jumps++] = emit_jump(&t->emit, BPF_JMP | BPF_JGT | BPF_X, R2, END, 0);
	load_near(t, A, R0, 0, bytes);
	put_later(t, load);
}

/* The view's length: the frame's, less what the view leaves out. */
static void load_len(struct translation *t, uint8_t to)
{
	put(t, BPF_LDX | BPF_DW | BPF_MEM, R1, FP, STACK_CTX, 0);
	put(t, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_xdp_get_buff_len);
	put(t, ALU32(BPF_MOV, BPF_X), to, R0, 0, 0);
	if (t->place->view) {
		put(t, BPF_LDX | BPF_DW | BPF_MEM, R1, FP, STACK_VIEW, 0);
		put(t, ALU32(BPF_SUB, BPF_X), to, R1, 0, 0);
	}
}

void put_load(struct translation *t, const struct sock_filter *insn)
{
	uint8_t to = BPF_CLASS(insn->code) == BPF_LDX ? X : A;

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
		put(t, ALU32(BPF_MOV, BPF_K), to, 0, 0, insn->k);
		break;
	case BPF_LEN:
		load_len(t, to);
		break;
	case BPF_MEM:
		put(t, BPF_LDX | BPF_W | BPF_MEM, to, FP, STACK_M(insn->k), 0);
		break;
	case BPF_MSH:
		load_abs(t, X, insn->k, 1);
		put(t, ALU32(BPF_AND, BPF_K), X, 0, 0, 0xf);
		put(t, ALU32(BPF_LSH, BPF_K), X, 0, 0, 2);
		break;
	case BPF_IND:
		load_ind(t, insn->k, bytes_of(insn->code));
		break;
	default:
		load_abs(t, A, insn->k, bytes_of(insn->code));
	}
}

void put_slow_loads(struct translation *t)
{
	size_t i, j;

	for (i = 0; i < t->n_slow; i++) {
		struct slow_load *load = &t->slow[i];

		for (j = 0; j < load->n_jumps; j++)
			emit_land(&t->emit, load->jumps[j], t->emit.n);
		call_load(t, load);
		emit_land(&t->emit, emit_jump(&t->emit, BPF_JMP | BPF_JA, 0, 0, 0), load->back);
	}
}
