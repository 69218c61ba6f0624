// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DPDK's side of bench_reassembly. Timed is rte_ipv4_frag_reassemble_packet() alone,
 * which reads the IP header itself; mbufs are made before, and freed after.
 */
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ip.h>
#include <rte_ip_frag.h>
#include <rte_mbuf.h>
#include <string.h>
#include <sys/mman.h>

#include "../lib/bench.h"
#include "dpdk_reassembly.h"

#define WAYS	     8				 /* of a bucket */
#define ROOM	     (RTE_PKTMBUF_HEADROOM + 64) /* headers only: nothing reads the data */
#define ETHER_HEADER 14
#define IPV4_HEADER  20
#define SLOTS_EACH   4 /* of the table, for each datagram in flight */

struct dpdk {
	struct rte_mempool *pool;
	struct rte_ip_frag_tbl *table;
	struct rte_ip_frag_death_row dead;
	struct rte_mbuf *in[STREAM_BATCH], *out[STREAM_BATCH];
	uint32_t n_out;
	uint64_t delivered;
};

uint32_t dpdk_most_fragments(void)
{
	return RTE_LIBRTE_IP_FRAG_MAX_FRAG;
}

/* As the engine's own memory: huge pages where there are some to be had. */
static int wish_huge_pages(const struct rte_memseg_list *list, void *arg)
{
	(void)arg;
	madvise(list->base_va, list->len, MADV_HUGEPAGE);
	return 0;
}

static bool start_eal(void)
{
	static char *args[] = { "bench",	 "--no-huge", "--no-pci", "--no-shconf", "-m",
				"640",		 "-l",	      "0",	  "--log-level", "4",
				"--no-telemetry" };
	static bool started;

	if (!started)
		started = rte_eal_init(sizeof(args) / sizeof(*args), args) >= 0 &&
			  !rte_memseg_list_walk(wish_huge_pages, NULL);
	return started;
}

static bool begin(struct dpdk *dpdk, const struct fragment_stream *stream)
{
	uint32_t slots = SLOTS_EACH * stream->flight < 64 ? 64 : SLOTS_EACH * stream->flight;
	uint32_t mbufs = 2 * stream->flight * stream->cuts + 4 * STREAM_BATCH;

	memset(dpdk, 0, sizeof(*dpdk));
	if (!start_eal())
		return false;
	dpdk->pool =
		rte_pktmbuf_pool_create("fragments", mbufs, STREAM_BATCH, 0, ROOM, SOCKET_ID_ANY);
	dpdk->table = rte_ip_frag_table_create(slots / WAYS, WAYS, slots, rte_get_tsc_hz() * 10,
					       SOCKET_ID_ANY);
	return dpdk->pool && dpdk->table;
}

static void end(struct dpdk *dpdk)
{
	if (dpdk->table)
		rte_ip_frag_table_destroy(dpdk->table);
	rte_mempool_free(dpdk->pool);
}

static void build(struct rte_mbuf *mbuf, const struct stream_fragment *fragment)
{
	struct rte_ipv4_hdr *ip;
	uint16_t flags = fragment->offset / 8 | (fragment->more ? RTE_IPV4_HDR_MF_FLAG : 0);

	ip = rte_pktmbuf_mtod_offset(mbuf, struct rte_ipv4_hdr *, ETHER_HEADER);
	memset(ip, 0, IPV4_HEADER);
	ip->version_ihl = 0x45;
	ip->total_length = rte_cpu_to_be_16(IPV4_HEADER + fragment->len);
	ip->packet_id = rte_cpu_to_be_16(fragment->id);
	ip->fragment_offset = rte_cpu_to_be_16(flags);
	ip->time_to_live = 1;
	ip->next_proto_id = 17;
	ip->src_addr = rte_cpu_to_be_32(0x0a000000 + fragment->source);
	ip->dst_addr = rte_cpu_to_be_32(0xef00000f);
	mbuf->l2_len = ETHER_HEADER;
	mbuf->l3_len = IPV4_HEADER;
	mbuf->data_len = mbuf->pkt_len = ETHER_HEADER + IPV4_HEADER + fragment->len;
}

/* The time that the batch took. */
static double run_batch(struct dpdk *dpdk, uint32_t n)
{
	double start = bench_now();
	uint64_t now = rte_rdtsc();
	uint32_t i;

	for (i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = dpdk->in[i];
		struct rte_ipv4_hdr *ip =
			rte_pktmbuf_mtod_offset(mbuf, struct rte_ipv4_hdr *, ETHER_HEADER);

		/* As DPDK's ip_reassembly example does. */
		if (i + 3 < n)
			rte_prefetch0(rte_pktmbuf_mtod(dpdk->in[i + 3], void *));
		mbuf = rte_ipv4_frag_reassemble_packet(dpdk->table, &dpdk->dead, mbuf, now, ip);
		if (mbuf)
			dpdk->out[dpdk->n_out++] = mbuf;
	}
	return bench_now() - start;
}

/* False: there were no more mbufs. */
static bool run(struct dpdk *dpdk, struct fragment_stream *stream, uint64_t fragments,
		struct stream_time *time)
{
	struct stream_fragment fragment;

	while (fragments) {
		uint32_t n = fragments < STREAM_BATCH ? fragments : STREAM_BATCH, i;

		if (rte_pktmbuf_alloc_bulk(dpdk->pool, dpdk->in, n))
			return false;
		for (i = 0; i < n; i++) {
			stream_next(stream, &fragment);
			build(dpdk->in[i], &fragment);
		}
		stream_time_add(time, run_batch(dpdk, n), n);
		dpdk->delivered += dpdk->n_out;
		while (dpdk->n_out)
			rte_pktmbuf_free(dpdk->out[--dpdk->n_out]);
		rte_ip_frag_free_death_row(&dpdk->dead, 0);
		fragments -= n;
	}
	return true;
}

double dpdk_measure(struct fragment_stream *stream, uint64_t fragments, uint64_t *lost)
{
	struct stream_time warm = {}, time = {};
	struct dpdk dpdk;
	double ns = -1;

	if (begin(&dpdk, stream) && run(&dpdk, stream, stream_wave(stream), &warm)) {
		dpdk.delivered = 0;
		if (run(&dpdk, stream, fragments, &time)) {
			ns = stream_time_each(&time);
			*lost = fragments / stream->cuts - dpdk.delivered;
		}
	}
	end(&dpdk);
	return ns;
}
