/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader of pcapng files in memory, of the host's byte order, for tests: written from
 * the specification, not from the writer, and strict where a reader in the field is
 * lenient. A fault ends the cmocka test that runs.
 */
#ifndef XDPFRAG_TESTS_PCAPNG_READ_H
#define XDPFRAG_TESTS_PCAPNG_READ_H

#include <stddef.h>
#include <stdint.h>

struct pcapng_block {
	uint32_t type;
	const uint8_t *body; /* between the two lengths */
	size_t len;
};

struct pcapng_option {
	uint16_t code;
	uint16_t len;
	const uint8_t *value;
};

uint32_t pcapng_u32(const uint8_t *at);
uint64_t pcapng_u64(const uint8_t *at);
uint64_t pcapng_time(const uint8_t *at); /* the upper half first */

/* Takes the block at *at, and moves *at and *left behind it. */
struct pcapng_block pcapng_block(const uint8_t **at, size_t *left);

/*
 * The options of a block, which begin at `offset` in its body: their number. They must
 * end with an end of options, at the block's end, and be padded with zeros.
 */
size_t pcapng_options(const struct pcapng_block *block, size_t offset,
		      struct pcapng_option *options, size_t room);

/* The only option of that code; NULL: there is none. */
const struct pcapng_option *pcapng_find(const struct pcapng_option *options, size_t n,
					uint16_t code);

#endif
