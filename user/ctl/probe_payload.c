// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The payload of a test datagram (probe_payload.h).
 */
#include <endian.h>
#include <string.h>

#include "probe_payload.h"

static const uint8_t magic[8] = { 'x', 'd', 'p', 'f', 'r', 'a', 'g', 1 };

struct wire_header {
	uint8_t magic[8];
	uint64_t run;
	uint32_t sequence;
	uint32_t total;
	uint32_t size;
	uint32_t interval;
	uint32_t check; /* of all fields before: the header must vouch for itself */
} __attribute__((packed));

_Static_assert(sizeof(struct wire_header) == PROBE_HEADER, "the header has no padding");

/* The finaliser of SplitMix64: each output bit depends on each input bit. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

/* One number for everything that the header says. */
static uint64_t seed_of(const struct probe_header *header)
{
	uint64_t seed = mix(header->run);

	seed = mix(seed ^ ((uint64_t)header->sequence << 32 | header->total));
	return mix(seed ^ ((uint64_t)header->size << 32 | header->interval));
}

/* The eight bytes at `offset` behind the header; never the same at two offsets. */
static uint64_t pattern(uint64_t seed, size_t offset)
{
	return htobe64(mix(seed + offset));
}

void probe_payload_write(uint8_t *payload, const struct probe_header *header)
{
	uint64_t seed = seed_of(header);
	struct wire_header wire = {
		.run = htobe64(header->run),
		.sequence = htobe32(header->sequence),
		.total = htobe32(header->total),
		.size = htobe32(header->size),
		.interval = htobe32(header->interval),
		.check = htobe32((uint32_t)seed),
	};
	size_t offset, len = header->size - PROBE_HEADER;

	memcpy(wire.magic, magic, sizeof(magic));
	memcpy(payload, &wire, sizeof(wire));
	for (offset = 0; offset < len; offset += 8) {
		uint64_t word = pattern(seed, offset);

		memcpy(payload + PROBE_HEADER + offset, &word, len - offset < 8 ? len - offset : 8);
	}
}

enum probe_verdict probe_payload_read(const uint8_t *payload, size_t len,
				      struct probe_header *header)
{
	struct wire_header wire;
	size_t offset;
	uint64_t seed;

	if (len < sizeof(wire) || memcmp(payload, magic, sizeof(magic)))
		return PROBE_FOREIGN;
	memcpy(&wire, payload, sizeof(wire));
	header->run = be64toh(wire.run);
	header->sequence = be32toh(wire.sequence);
	header->total = be32toh(wire.total);
	header->size = be32toh(wire.size);
	header->interval = be32toh(wire.interval);

	seed = seed_of(header);
	if (be32toh(wire.check) != (uint32_t)seed || header->size != len)
		return PROBE_CORRUPT;
	if (header->total && header->sequence >= header->total)
		return PROBE_CORRUPT;
	payload += PROBE_HEADER;
	len -= PROBE_HEADER;
	for (offset = 0; offset < len; offset += 8) {
		uint64_t word = pattern(seed, offset);

		if (memcmp(payload + offset, &word, len - offset < 8 ? len - offset : 8))
			return PROBE_CORRUPT;
	}
	return PROBE_INTACT;
}
