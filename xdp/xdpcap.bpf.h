/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hook that Cloudflare's xdpcap attaches to: a program for each XDP action, which
 * gets the packet when the action is decided and has to return that action.
 *
 * The tail call must not be in a program under libxdp's dispatcher, where the kernel
 * refuses it.
 */
#ifndef XDPFRAG_XDPCAP_BPF_H
#define XDPFRAG_XDPCAP_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "xdpfrag/xdpcap.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, XDPFRAG_XDPCAP_ACTIONS);
	__type(key, __u32); /* enum xdp_action */
	__type(value, __u32);
} xdpcap_hook SEC(".maps");

/* Comes back only where no program stands behind the action. */
static __always_inline int through_xdpcap(struct xdp_md *ctx, int action)
{
	bpf_tail_call(ctx, &xdpcap_hook, action);
	return action;
}

#endif
