// SPDX-License-Identifier: GPL-2.0-only
/* Turns copies of one fragment into whole datagrams, so that the stack has something to rebuild. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define FRAGMENTS 6 /* of a datagram, as 8,000 bytes make at MTU 1500 */
#define MF	  0x2000
#define WORDS	  10 /* 16 bits each, of an IPv4 header without options */

/* Written by one CPU alone: the benchmark is pinned. */
static __u32 sent;

SEC("xdp.frags")
int number_fragments(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = (void *)(long)ctx->data + ETH_HLEN;
	__u32 n = sent++, sum = 0;
	__u16 *word = (void *)ip;
	__u16 len = end - (void *)ip;
	int i;

	if ((void *)(ip + 1) > end)
		return XDP_ABORTED;
	/* Pages come back with what the stack wrote into them: the whole datagram's length. */
	ip->tot_len = bpf_htons(len);
	ip->id = bpf_htons(n / FRAGMENTS);
	ip->frag_off = bpf_htons(n % FRAGMENTS * (len - sizeof(*ip)) / 8 |
				 (n % FRAGMENTS < FRAGMENTS - 1 ? MF : 0));
	ip->check = 0;
#pragma unroll
	for (i = 0; i < WORDS; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~sum;
	return XDP_PASS;
}

/* For a sender's own cost: the frame goes no further, and the sender is not told. */
SEC("tc")
int swallow(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_STOLEN;
}

char _license[] SEC("license") = "GPL";
