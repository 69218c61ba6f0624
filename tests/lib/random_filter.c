// SPDX-License-Identifier: GPL-2.0-or-later
#include "random_filter.h"

#define WORDS 4 /* of M that are used, each written at first */

/* xorshift64* (Vigna): the same on every machine. */
uint32_t random_below(uint64_t *seed, uint32_t n)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return ((*seed * 2685821657736338717ULL) >> 32) * n >> 32;
}

static uint32_t pick(uint64_t *seed, const uint32_t *from, size_t n)
{
	return from[random_below(seed, n)];
}

#define PICK(seed, from) pick(seed, from, sizeof(from) / sizeof(*(from)))

static uint32_t any_number(uint64_t *seed)
{
	static const uint32_t telling[] = { 0,		1,	   2,	   4,	    14,
					    31,		32,	   33,	   255,	    256,
					    0x7fff,	0xffff,	   0x8000, 0x10000, 0x7fffffff,
					    0x80000000, 0xffffffff };

	if (random_below(seed, 2))
		return PICK(seed, telling);
	return random_below(seed, 0xffffffff) >> random_below(seed, 32);
}

/* Mostly within a frame of 100 bytes. */
static uint32_t offset(uint64_t *seed)
{
	static const uint32_t far[] = { 99,	0x7ff8,	 0x7ffb,     0x7ffc,	0x7fff,
					0xffff, 0x10000, 0x7fffffff, 0xffffffff };

	return random_below(seed, 16) ? random_below(seed, 80) : PICK(seed, far);
}

static struct sock_filter load(uint64_t *seed)
{
	static const uint32_t sizes[] = { BPF_W, BPF_H, BPF_B };
	uint32_t size = PICK(seed, sizes);

	switch (random_below(seed, 10)) {
	case 0:
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, any_number(seed));
	case 1:
		return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, random_below(seed, 70));
	case 2:
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_LEN, 0);
	case 3:
		return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_LEN, 0);
	case 4:
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, random_below(seed, WORDS));
	case 5:
		return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_MEM, random_below(seed, WORDS));
	case 6:
		return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_MSH | BPF_B, offset(seed));
	case 7:
		/* An index that lies in the frame, and not what another load left. */
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_IND | size,
						    random_below(seed, 40));
	default:
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_ABS | size, offset(seed));
	}
}

/* A constant that shifts by 32 or more, or divides by 0, libpcap refuses or leaves undefined. */
static struct sock_filter arithmetic(uint64_t *seed)
{
	static const uint32_t ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND,
					BPF_LSH, BPF_RSH, BPF_MOD, BPF_XOR, BPF_NEG };
	uint32_t op = PICK(seed, ops), k = any_number(seed);

	if (op == BPF_NEG)
		return (struct sock_filter)BPF_STMT(BPF_ALU | BPF_NEG, 0);
	if (random_below(seed, 2))
		return (struct sock_filter)BPF_STMT(BPF_ALU | op | BPF_X, 0);
	if (op == BPF_LSH || op == BPF_RSH)
		k &= 31;
	if ((op == BPF_DIV || op == BPF_MOD) && !k)
		k = 3;
	return (struct sock_filter)BPF_STMT(BPF_ALU | op | BPF_K, k);
}

static struct sock_filter branch(uint64_t *seed, uint32_t left)
{
	static const uint32_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	uint32_t by = random_below(seed, 2) ? BPF_X : BPF_K;

	if (!random_below(seed, 8))
		return (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, random_below(seed, left) / 4);
	return (struct sock_filter)BPF_JUMP(BPF_JMP | PICK(seed, ops) | by, any_number(seed),
					    random_below(seed, 2) * (random_below(seed, left) / 2),
					    random_below(seed, 2) * (random_below(seed, left) / 2));
}

static struct sock_filter any(uint64_t *seed, uint32_t left)
{
	switch (random_below(seed, 12)) {
	case 0:
	case 1:
	case 2:
		return load(seed);
	case 3:
		return (struct sock_filter)BPF_STMT(random_below(seed, 2) ? BPF_ST : BPF_STX,
						    random_below(seed, WORDS));
	case 4:
		return (struct sock_filter)BPF_STMT(
			BPF_MISC | (random_below(seed, 2) ? BPF_TAX : BPF_TXA), 0);
	case 5:
	case 6:
	case 7:
		return branch(seed, left);
	default:
		return arithmetic(seed);
	}
}

size_t random_filter(struct sock_filter *filter, uint64_t *seed)
{
	size_t n = 8 + random_below(seed, RANDOM_FILTER_MAX - 8), i;

	filter[0] = load(seed);
	if (BPF_MODE(filter[0].code) == BPF_MEM)
		filter[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_LEN, 0);
	for (i = 1; i <= WORDS; i++)
		filter[i] = (struct sock_filter)BPF_STMT(i % 2 ? BPF_ST : BPF_STX, i - 1);
	for (; i < n - 1; i++)
		filter[i] = any(seed, n - 1 - i);
	filter[i] = random_below(seed, 8)
			    ? (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0)
			    : (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, random_below(seed, 2));
	return n;
}
