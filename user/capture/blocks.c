// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Blocks in memory. Only whole blocks are handed to write(), so that a reader at the other
 * end of a pipe, after a flush, waits for nothing, and a file is cut within a block only
 * where the disk ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blocks.h"

#define FRAMING	       12 /* the type and the length before a block, the length behind it */
#define END_OF_OPTIONS 0

int blocks_init(struct blocks *blocks, int fd)
{
	*blocks = (struct blocks){ .fd = fd };
	blocks->bytes = malloc(BLOCKS_SIZE);
	return blocks->bytes ? 0 : -ENOMEM;
}

void blocks_free(struct blocks *blocks)
{
	free(blocks->bytes);
	blocks->bytes = NULL;
}

int blocks_flush(struct blocks *blocks)
{
	ssize_t n;

	while (blocks->sent < blocks->used) {
		n = write(blocks->fd, blocks->bytes + blocks->sent, blocks->used - blocks->sent);
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		blocks->sent += n;
	}
	blocks->sent = blocks->used = 0;
	return 0;
}

int block_begin(struct blocks *blocks, uint32_t type, size_t room)
{
	int err;

	if (room > BLOCKS_SIZE - FRAMING)
		return -EMSGSIZE;
	if (room + FRAMING > BLOCKS_SIZE - blocks->used) {
		err = blocks_flush(blocks);
		if (err)
			return err;
	}
	blocks->begun = blocks->used;
	block_u32(blocks, type);
	block_u32(blocks, 0); /* the length, which block_end() knows */
	return 0;
}

void block_bytes(struct blocks *blocks, const void *bytes, size_t len)
{
	memcpy(blocks->bytes + blocks->used, bytes, len);
	blocks->used += len;
}

void block_u16(struct blocks *blocks, uint16_t value)
{
	block_bytes(blocks, &value, sizeof(value));
}

void block_u32(struct blocks *blocks, uint32_t value)
{
	block_bytes(blocks, &value, sizeof(value));
}

void block_u64(struct blocks *blocks, uint64_t value)
{
	block_bytes(blocks, &value, sizeof(value));
}

void block_time(struct blocks *blocks, uint64_t value)
{
	block_u32(blocks, value >> 32);
	block_u32(blocks, value);
}

/* Blocks begin at multiples of 4 in the buffer, since all their lengths are such. */
void block_pad(struct blocks *blocks)
{
	while (blocks->used % 4)
		blocks->bytes[blocks->used++] = 0;
}

void block_option(struct blocks *blocks, uint16_t code, const void *value, size_t len)
{
	block_u16(blocks, code);
	block_u16(blocks, len);
	block_bytes(blocks, value, len);
	block_pad(blocks);
}

/* Not terminated by a zero. An option without text would say nothing. */
void block_option_text(struct blocks *blocks, uint16_t code, const char *text)
{
	if (text && *text)
		block_option(blocks, code, text, strlen(text));
}

void block_option_u64(struct blocks *blocks, uint16_t code, uint64_t value)
{
	block_option(blocks, code, &value, sizeof(value));
}

void block_option_time(struct blocks *blocks, uint16_t code, uint64_t value)
{
	uint32_t halves[] = { value >> 32, value };

	block_option(blocks, code, halves, sizeof(halves));
}

void block_options_end(struct blocks *blocks)
{
	block_option(blocks, END_OF_OPTIONS, "", 0);
}

void block_end(struct blocks *blocks)
{
	uint32_t len = blocks->used + 4 - blocks->begun;

	block_u32(blocks, len);
	memcpy(blocks->bytes + blocks->begun + 4, &len, sizeof(len));
}
