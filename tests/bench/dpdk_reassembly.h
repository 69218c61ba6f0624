/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DPDK's librte_ip_frag on the stream of fragment_stream.h. Linked only where DPDK
 * is installed: both functions are weak, and NULL where it is not.
 */
#ifndef XDPFRAG_BENCH_DPDK_REASSEMBLY_H
#define XDPFRAG_BENCH_DPDK_REASSEMBLY_H

#include "../lib/fragment_stream.h"

/* The most fragments a datagram can have there (RTE_LIBRTE_IP_FRAG_MAX_FRAG). */
uint32_t dpdk_most_fragments(void) __attribute__((weak));
/*
 * ns a fragment in `fragments` of the stream, after a wave to warm up; *lost: of the
 * datagrams that ended meanwhile, how many were not delivered. Negative: failed.
 */
double dpdk_measure(struct fragment_stream *stream, uint64_t fragments, uint64_t *lost)
	__attribute__((weak));

#endif
