/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions for the kernel's machine, one after another, with jumps to places that are not
 * known yet. Those beyond the room are counted and not written.
 */
#ifndef XDPFRAG_EMIT_H
#define XDPFRAG_EMIT_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

struct emit {
	struct bpf_insn *out;
	size_t n, room;
};

static inline void emit(struct emit *emit, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
			int32_t imm)
{
	if (emit->n < emit->room)
		emit->out[emit->n] = (struct bpf_insn){
			.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm
		};
	emit->n++;
}

/* A jump, its target open; what is given back is for emit_land(). */
static inline size_t emit_jump(struct emit *emit_, uint8_t code, uint8_t dst, uint8_t src,
			       int32_t imm)
{
	emit(emit_, code, dst, src, 0, imm);
	return emit_->n - 1;
}

/* The jump leads to the instruction `target`. */
static inline void emit_land(struct emit *emit, size_t jump, size_t target)
{
	if (jump < emit->room)
		emit->out[jump].off = target - jump - 1;
}

#endif
