/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classic BPF to the kernel's.
 *
 * Registers: r6 the accumulator A, r7 the index X, r8 the view's first byte, r9 the end of
 * the frame's first buffer. All arithmetic is in 32 bits, which clears the upper half. On the
 * stack: the context, the view, and the words of M that are used.
 *
 * A load looks first whether its bytes lie in the first buffer, and calls view_load() where
 * they do not: that knows frames of several buffers, and the Ethernet header that a view may
 * be given. The call stands behind the rest, out of the way of what is usual.
 */
#ifndef XDPFRAG_TRANSLATE_INTERNAL_H
#define XDPFRAG_TRANSLATE_INTERNAL_H

#include <stdint.h>

#include "capture/emit.h"
#include "capture/filter_check.h"
#include "capture/translate.h"

enum { R0, R1, R2, R3, R4, R5, A, X, DATA, END, FP };

#define STACK_CTX  (-8)
#define STACK_VIEW (-16)
#define STACK_M(k) (-16 - 4 * BPF_MEMWORDS + 4 * (int)(k))

#define ETHERNET     14		      /* bytes of the header that a view may be given */
#define NEAR	     0x7fff	      /* offsets up to here are looked for in the first buffer */
#define OFFSET_MAX   0xffff	      /* what bpf_xdp_load_bytes() takes */
#define VIEW_SHIFT   1023	      /* and a view's shift up to here */
#define OPEN_JUMPS   (2 * FILTER_MAX) /* an instruction becomes two of a kind at most */
#define JMP32(op, s) (BPF_JMP32 | (op) | (s))
#define ALU32(op, s) (BPF_ALU | (op) | (s))
#define ALU64(op, s) (BPF_ALU64 | (op) | (s))

/* A jump to an instruction of the filter. */
struct open_jump {
	uint32_t jump, target;
};

/* A load's call, to be written behind the rest. */
struct slow_load {
	uint32_t jumps[2], n_jumps; /* that lead there */
	uint32_t back;		    /* where it goes on */
	uint8_t to, size;
	bool at_in_r1;
	uint32_t at;
};

struct translation {
	const struct sock_filter *filter;
	size_t n;
	const struct translate_place *place;
	struct emit emit;
	bool reached[FILTER_MAX];
	uint32_t place_of[FILTER_MAX]; /* of a filter's instruction */
	struct open_jump open[OPEN_JUMPS];
	size_t n_open;
	uint32_t rejects[OPEN_JUMPS]; /* jumps to where the packet is rejected */
	size_t n_rejects;
	struct slow_load slow[FILTER_MAX];
	size_t n_slow;
};

static inline void put(struct translation *t, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
		       int32_t imm)
{
	emit(&t->emit, code, dst, src, off, imm);
}

static inline void jump_to(struct translation *t, uint8_t code, uint8_t dst, uint8_t src,
			   int32_t imm, size_t target)
{
	t->open[t->n_open++] =
		(struct open_jump){ emit_jump(&t->emit, code, dst, src, imm), target };
}

static inline void reject_if(struct translation *t, uint8_t code, uint8_t dst, int32_t imm)
{
	t->rejects[t->n_rejects++] = emit_jump(&t->emit, code, dst, 0, imm);
}

/* Always; yet what stands behind must look as if it could be reached. */
static inline void reject(struct translation *t)
{
	put(t, ALU64(BPF_MOV, BPF_K), R0, 0, 0, 0);
	reject_if(t, BPF_JMP | BPF_JEQ | BPF_K, R0, 0);
}

static inline uint8_t bytes_of(uint16_t code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

static inline uint8_t size_of(uint8_t bytes)
{
	return bytes == 4 ? BPF_W : bytes == 2 ? BPF_H : BPF_B;
}

/* translate_load.c: LD and LDX, and the calls that they leave for the end. */
void put_load(struct translation *t, const struct sock_filter *insn);
void put_slow_loads(struct translation *t);

#endif
