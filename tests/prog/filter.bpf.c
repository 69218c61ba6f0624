// SPDX-License-Identifier: GPL-2.0-only
/*
 * A capture's filter by itself. What it says of a frame, and of a frame's view, is the return
 * value of a program; so is where the view begins.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>

#include "../../xdp/filter.bpf.h"
#include "../../xdp/tunnel.bpf.h"

SEC("xdp.frags")
int filter_frame(struct xdp_md *ctx)
{
	return capture_filter(ctx, 0);
}

SEC("xdp.frags")
int filter_view(struct xdp_md *ctx)
{
	struct layer inner = innermost(ctx);

	return capture_filter(ctx, view_of(&inner));
}

/* The EtherType in the upper half, the offset in the lower one. */
SEC("xdp.frags")
int find_inner(struct xdp_md *ctx)
{
	struct layer inner = innermost(ctx);

	return inner.at ? (__u32)inner.proto << 16 | inner.at : 0;
}

char _license[] SEC("license") = "GPL";
