/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The payload of a test datagram: a header that numbers it, then bytes that
 * follow from the header, so that a receiver can tell a datagram that was put
 * together from parts of two. Pure.
 */
#ifndef XDPFRAG_PROBE_PAYLOAD_H
#define XDPFRAG_PROBE_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

/* The header's bytes, all big-endian: magic 8, run 8, then five words of 4. */
#define PROBE_HEADER   36
#define PROBE_SIZE_MAX 65507 /* the largest UDP payload over IPv4 */

struct probe_header {
	uint64_t run;	   /* random; tells one sender's run from every other */
	uint32_t sequence; /* from 0 */
	uint32_t total;	   /* datagrams in the run; 0: until interrupted */
	uint32_t size;	   /* bytes of payload, header included */
	uint32_t interval; /* microseconds between two datagrams */
};

enum probe_verdict {
	PROBE_INTACT,
	PROBE_FOREIGN, /* not a test datagram */
	PROBE_CORRUPT, /* one that was damaged, cut or mixed up */
};

/* Writes header->size bytes, of which the caller has room for. */
void probe_payload_write(uint8_t *payload, const struct probe_header *header);
/* *header is filled in unless the datagram is foreign; what stands in a corrupt one may be wrong.
 */
enum probe_verdict probe_payload_read(const uint8_t *payload, size_t len,
				      struct probe_header *header);

#endif
