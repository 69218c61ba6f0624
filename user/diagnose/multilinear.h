/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash of a few words under a secret, so that nobody on the network can choose
 * addresses that fall together. Multilinear hashing (Carter and Wegman, 1979): its
 * upper bits are strongly universal.
 */
#ifndef XDPFRAG_MULTILINEAR_H
#define XDPFRAG_MULTILINEAR_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>

#define MULTILINEAR_WORDS 10

struct multilinear {
	uint64_t secret[MULTILINEAR_WORDS + 1];
};

static inline int multilinear_init(struct multilinear *hash)
{
	ssize_t got = getrandom(hash->secret, sizeof(hash->secret), 0);

	if (got < 0)
		return -errno;
	return got == sizeof(hash->secret) ? 0 : -EIO;
}

/* `n` words, at most MULTILINEAR_WORDS, to `bits` bits, at most 32. */
static inline uint32_t multilinear(const struct multilinear *hash, const uint32_t *word, size_t n,
				   unsigned int bits)
{
	uint64_t sum = hash->secret[MULTILINEAR_WORDS];
	size_t i;

	for (i = 0; i < n; i++)
		sum += hash->secret[i] * word[i];
	return sum >> (64 - bits);
}

#endif
