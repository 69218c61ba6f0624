/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A capture's filter, and how it reads a frame.
 *
 * capture_filter() is a place and no code: FILTER_ROOM instructions of the compiled object that
 * the agent overwrites with what user/capture/translate.c makes of a pcap filter, before the
 * object is loaded. So the filter is part of the program, verified and compiled with it, without
 * a tail call (which the dispatcher forbids) and without a second look at a map. What the
 * verifier sees never to run it takes away: the room costs nothing unless it is used.
 */
#ifndef XDPFRAG_FILTER_BPF_H
#define XDPFRAG_FILTER_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* A number twice, because the assembler wants it as text. */
#define FILTER_ROOM	 16384
#define FILTER_ROOM_TEXT "16384"

/*
 * A view (include/xdpfrag/captured.h) as one number: how many bytes further on in the frame
 * its bytes lie in the lower half, the EtherType that it is given in the upper one. 0: the
 * frame as it is.
 */
#define VIEW(shift, proto) ((__u64)(proto) << 32 | (shift))
#define VIEW_SHIFT(view)   ((__u32)(view))
#define VIEW_PROTO(view)   ((__u16)((view) >> 32))
#define VIEW_TYPE	   offsetof(struct ethhdr, h_proto)

/*
 * What is from 1 to `most` anyway is seen to be by the verifier. A comparison in C will not do:
 * the compiler may compare a copy, and the verifier of 6.1 does not see of what. For a __u64.
 */
#define BOUND(n, most)                       \
	asm volatile("if %0 > 0 goto +1\n"   \
		     "%0 = 1\n"              \
		     "if %0 <= %1 goto +1\n" \
		     "%0 = %1\n"             \
		     : "+r"(n)               \
		     : "i"(most))

static __always_inline long frame_byte(struct xdp_md *ctx, __u32 at)
{
	__u8 byte;

	return bpf_xdp_load_bytes(ctx, at, &byte, sizeof(byte)) ? -1 : byte;
}

/* Of the Ethernet header that a view without one is given. */
static __always_inline long made_byte(struct xdp_md *ctx, __u32 at, __u64 view)
{
	if (at < VIEW_TYPE)
		return frame_byte(ctx, at);
	if (at < ETH_HLEN)
		return at == VIEW_TYPE ? VIEW_PROTO(view) >> 8 : VIEW_PROTO(view) & 0xff;
	return frame_byte(ctx, at + VIEW_SHIFT(view));
}

/*
 * What a filter calls for bytes that do not lie in the frame's first buffer, or in a header
 * that is made: 1, 2 or 4 of them as a number, or negative when the view ends before.
 */
__noinline long view_load(struct xdp_md *ctx, __u32 at, __u32 size, __u64 view)
{
	__u8 bytes[4] = {};
	__u32 value = 0, i;
	__u64 len = size;

	if (at > 0xffff || !size || size > sizeof(bytes))
		return -1;
	if (VIEW_PROTO(view) && at < ETH_HLEN) {
		for (i = 0; i < sizeof(bytes); i++) {
			long byte;

			if (i >= size)
				break;
			byte = made_byte(ctx, at + i, view);
			if (byte < 0)
				return -1;
			value = value << 8 | (byte & 0xff);
		}
		return value;
	}
	BOUND(len, sizeof(bytes));
	if (bpf_xdp_load_bytes(ctx, at + VIEW_SHIFT(view), bytes, len))
		return -1;
	value = (__u32)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
	return value >> (8 * (sizeof(bytes) - size));
}

/*
 * Does the filter match? What stands here is never run: the first instruction leads to the
 * last, and yet the rest could be reached as far as the kernel's first look (check_cfg()) tells.
 */
__noinline int capture_filter(struct xdp_md *ctx, __u64 view)
{
	int matches;

	/* clang-format off */
	asm volatile("%0 = 0\n"
		     "if %0 == 0 goto +" FILTER_ROOM_TEXT "\n"
		     ".rept " FILTER_ROOM_TEXT "\n"
		     "goto +0\n"
		     ".endr\n"
		     : "=r"(matches) : "r"(ctx), "r"(view));
	/* clang-format on */
	return matches;
}

#endif
