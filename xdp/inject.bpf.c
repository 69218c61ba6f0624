// SPDX-License-Identifier: GPL-2.0-only
/*
 * inject: at the ingress of the agent's TAP, hands each frame to the NIC that the
 * TAP's queue stands for, as if it had come in there. The agent writes whole
 * datagrams to the queues (user/reassembly/tap.h), and nobody else writes.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "xdpfrag/watched.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64); /* TAP_TARGETS */
	__type(key, __u32);	 /* queue of the TAP */
	__type(value, __u32);	 /* ifindex; 0: none */
} targets SEC(".maps");

SEC("tc")
int xdpfrag_inject(struct __sk_buff *skb)
{
	/* As skb_record_rx_queue() in tun_get_user() has it: the queue's number, and one. */
	__u32 queue = skb->queue_mapping - 1;
	__u32 *ifindex = bpf_map_lookup_elem(&targets, &queue);

	if (!ifindex || !*ifindex)
		return TC_ACT_SHOT;
	/* None is recorded: that of the TAP may be one which the NIC does not have. */
	skb->queue_mapping = 0;
	skb->tc_index = XDPFRAG_INJECTED;
	return bpf_redirect(*ifindex, BPF_F_INGRESS);
}

char _license[] SEC("license") = "GPL";
