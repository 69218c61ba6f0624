// SPDX-License-Identifier: GPL-2.0-or-later
/* The strict reader of pcapng. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pcapng_read.h"

uint32_t pcapng_u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

uint64_t pcapng_u64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

uint64_t pcapng_time(const uint8_t *at)
{
	return (uint64_t)pcapng_u32(at) << 32 | pcapng_u32(at + 4);
}

struct pcapng_block pcapng_block(const uint8_t **at, size_t *left)
{
	struct pcapng_block block;
	uint32_t len;

	assert_true(*left >= 12);
	block.type = pcapng_u32(*at);
	len = pcapng_u32(*at + 4);
	assert_true(len >= 12 && len <= *left);
	assert_int_equal(len % 4, 0);
	assert_int_equal(pcapng_u32(*at + len - 4), len);
	block.body = *at + 8;
	block.len = len - 12;
	*at += len;
	*left -= len;
	return block;
}

size_t pcapng_options(const struct pcapng_block *block, size_t offset,
		      struct pcapng_option *options, size_t room)
{
	size_t n;

	for (n = 0; n < room; n++) {
		uint16_t head[2];

		assert_true(offset + 4 <= block->len);
		memcpy(head, block->body + offset, sizeof(head));
		options[n] = (struct pcapng_option){ head[0], head[1], block->body + offset + 4 };
		offset += 4 + head[1];
		assert_true(offset <= block->len);
		for (; offset % 4; offset++)
			assert_int_equal(block->body[offset], 0);
		if (head[0] == 0) {
			assert_int_equal(head[1], 0);
			assert_int_equal(offset, block->len);
			return n;
		}
	}
	fail_msg("more options than %zu", room);
	return 0;
}

const struct pcapng_option *pcapng_find(const struct pcapng_option *options, size_t n,
					uint16_t code)
{
	const struct pcapng_option *found = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (options[i].code != code)
			continue;
		assert_null(found);
		found = &options[i];
	}
	return found;
}
