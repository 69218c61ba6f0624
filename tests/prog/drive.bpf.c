// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the program that is asked for in "asked". Attached to a link, so that each
 * BPF_PROG_TEST_RUN finds it in the kernel's XDP dispatcher and need not put it there, which
 * takes 10 to 40 ms.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2048); /* FILTER_SLOTS in tests/lib/filter_rig.h */
	__type(key, __u32);
	__type(value, __u32);
} programs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} asked SEC(".maps");

SEC("xdp.frags")
int drive(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *slot = bpf_map_lookup_elem(&asked, &key);

	if (slot)
		bpf_tail_call(ctx, &programs, *(volatile __u64 *)slot);
	return -1;
}

char _license[] SEC("license") = "GPL";
