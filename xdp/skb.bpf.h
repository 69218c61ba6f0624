/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few kernel structures that `drops` looks into. No layout is taken from here: each
 * access is relocated by the running kernel's BTF.
 */
#ifndef XDPFRAG_SKB_BPF_H
#define XDPFRAG_SKB_BPF_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	int ifindex;
	possible_net_t nd_net;
};

struct nsproxy {
	struct net *net_ns;
};

struct task_struct {
	struct nsproxy *nsproxy;
};

struct sk_buff;

struct sk_buff_head {
	struct sk_buff *prev; /* the last one, or the head itself */
};

struct sock_common {
	__u16 skc_family;
	__u16 skc_num; /* local port, host byte order */
	possible_net_t skc_net;
};

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	__u16 sk_type;
};

struct sk_buff {
	struct net_device *dev;
	char cb[48];
	unsigned long _skb_refdst;
	int skb_iif;
	__u16 tc_index; /* only with CONFIG_NET_SCHED */
	__be16 protocol;
	__u16 network_header;
	unsigned char *head, *data;
};

/* What `cb` holds while a packet is IP's, and still when it waits in a UDP socket. */
struct inet_skb_parm {
	__u16 frag_max_size; /* 0: it has never been in fragments */
};

struct inet6_skb_parm {
	__u16 frag_max_size;
};

#pragma clang attribute pop

#endif
