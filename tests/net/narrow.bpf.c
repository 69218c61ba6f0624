// SPDX-License-Identifier: GPL-2.0-only
/* An XDP program that takes frames of one buffer only: no "frags" in its section's name. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int narrow_pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
