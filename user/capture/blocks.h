/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks of which a pcapng file consists, gathered in memory and written whole: their
 * framing, their options, their padding (draft-ietf-opsawg-pcapng, "General Block
 * Structure" and "Options"). Numbers are in the host's byte order, which the section
 * header tells the reader. What stands in the blocks is pcapng.c's.
 */
#ifndef XDPFRAG_BLOCKS_H
#define XDPFRAG_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#define BLOCKS_SIZE (1U << 18) /* bytes gathered; more than the largest block */

/* What an option takes beside its value: code, length, padding at most. */
#define BLOCKS_OPTION 7

struct blocks {
	int fd;
	uint8_t *bytes; /* BLOCKS_SIZE */
	size_t sent;	/* of them, that are written */
	size_t used;	/* of them, that are whole blocks, or those and the one begun */
	size_t begun;	/* where that one begins */
};

int blocks_init(struct blocks *blocks, int fd); /* 0 or -ENOMEM */
void blocks_free(struct blocks *blocks);	/* what is not flushed is gone; fd stays open */

/*
 * Writes what was gathered. On an error (negative errno) nothing is lost or written twice:
 * after -EINTR, or -EAGAIN of a pipe that does not block, call it again.
 */
int blocks_flush(struct blocks *blocks);

/*
 * Begins a block of `room` bytes between its two lengths, at most. Flushes where it does
 * not fit; on an error nothing is begun. -EMSGSIZE: it never fits.
 */
int block_begin(struct blocks *blocks, uint32_t type, size_t room);
void block_u16(struct blocks *blocks, uint16_t value);
void block_u32(struct blocks *blocks, uint32_t value);
void block_u64(struct blocks *blocks, uint64_t value);
/* A timestamp: the upper half first, whatever the byte order. */
void block_time(struct blocks *blocks, uint64_t value);
void block_bytes(struct blocks *blocks, const void *bytes, size_t len);
void block_pad(struct blocks *blocks); /* zeros up to 32 bits */
void block_option(struct blocks *blocks, uint16_t code, const void *value, size_t len);
void block_option_text(struct blocks *blocks, uint16_t code, const char *text);
void block_option_u64(struct blocks *blocks, uint16_t code, uint64_t value);
void block_option_time(struct blocks *blocks, uint16_t code, uint64_t value);
void block_options_end(struct blocks *blocks);
void block_end(struct blocks *blocks);

#endif
