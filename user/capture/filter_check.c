// SPDX-License-Identifier: GPL-2.0-or-later
/* Is it a filter as libpcap makes them? */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "capture/filter_check.h"

static bool alu_known(uint16_t code)
{
	switch (BPF_OP(code)) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_DIV:
	case BPF_OR:
	case BPF_AND:
	case BPF_LSH:
	case BPF_RSH:
	case BPF_MOD:
	case BPF_XOR:
		return true;
	case BPF_NEG:
		return BPF_SRC(code) == BPF_K;
	default:
		return false;
	}
}

static bool load_known(const struct sock_filter *insn)
{
	bool is_x = BPF_CLASS(insn->code) == BPF_LDX;

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
	case BPF_LEN:
		return BPF_SIZE(insn->code) == BPF_W;
	case BPF_MEM:
		return BPF_SIZE(insn->code) == BPF_W && insn->k < BPF_MEMWORDS;
	case BPF_MSH:
		return is_x && BPF_SIZE(insn->code) == BPF_B;
	case BPF_ABS:
	case BPF_IND:
		/* What a socket would know besides the packet is none of its bytes. */
		if (insn->k >= (uint32_t)SKF_AD_OFF && insn->k < (uint32_t)SKF_AD_OFF + SKF_AD_MAX)
			return false;
		return !is_x && (BPF_SIZE(insn->code) == BPF_W || BPF_SIZE(insn->code) == BPF_H ||
				 BPF_SIZE(insn->code) == BPF_B);
	default:
		return false;
	}
}

static bool insn_known(const struct sock_filter *insn)
{
	if (insn->code > 0xff)
		return false;
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		return load_known(insn);
	case BPF_ST:
	case BPF_STX:
		return !(insn->code & ~7) && insn->k < BPF_MEMWORDS;
	case BPF_ALU:
		return alu_known(insn->code);
	case BPF_JMP:
		return BPF_OP(insn->code) <= BPF_JSET &&
		       (BPF_OP(insn->code) != BPF_JA || BPF_SRC(insn->code) == BPF_K);
	case BPF_RET:
		return insn->code == (BPF_RET | BPF_K) || insn->code == (BPF_RET | BPF_A);
	default:
		return (insn->code & ~0x80) == BPF_MISC;
	}
}

/* What is looked at. */
struct check {
	const struct sock_filter *filter;
	size_t n;
	bool *reached;
};

static bool reach(struct check *check, size_t i)
{
	if (i >= check->n)
		return false;
	check->reached[i] = true;
	return true;
}

/* Marks what follows an instruction; false when that lies beyond the end. Jumps lead forward. */
static bool reach_next(struct check *check, size_t i)
{
	const struct sock_filter *insn = &check->filter[i];

	if (BPF_CLASS(insn->code) == BPF_RET)
		return true;
	if (insn->code == (BPF_JMP | BPF_JA))
		return reach(check, i + 1 + (size_t)insn->k);
	if (BPF_CLASS(insn->code) == BPF_JMP)
		return reach(check, i + 1 + insn->jt) && reach(check, i + 1 + insn->jf);
	return reach(check, i + 1);
}

int filter_check(const struct sock_filter *filter, size_t n, bool *reached, size_t *at)
{
	struct check check = { filter, n, reached };
	size_t i;

	*at = 0;
	if (!n || n > FILTER_MAX)
		return -EINVAL;
	memset(reached, 0, n * sizeof(*reached));
	reached[0] = true;
	for (i = 0; i < n; i++) {
		*at = i;
		if (reached[i] && (!insn_known(&filter[i]) || !reach_next(&check, i)))
			return -EINVAL;
	}
	return 0;
}
