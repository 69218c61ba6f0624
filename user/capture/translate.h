/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pcap filter (classic BPF, as libpcap compiles it for Ethernet) as instructions of the
 * steer program: the body of capture_filter() in xdp/filter.bpf.h, for a frame's bytes as they
 * come to XDP. Pure: instructions in, instructions out.
 *
 * What a filter means is what pcap_offline_filter() says of the same bytes: a load beyond the
 * end and a division by 0 reject the packet. Every filter is translated or refused whole;
 * nothing of it is left out. Bytes of a frame behind its first 65536 no helper of the kernel
 * reaches: to a filter they lie beyond the end.
 */
#ifndef XDPFRAG_TRANSLATE_H
#define XDPFRAG_TRANSLATE_H

#include <linux/bpf.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

struct translate_place {
	size_t room;	/* instructions that the body takes, all of which are written */
	long view_load; /* view_load()'s distance from the first of them, in instructions */
	bool view;	/* capture with --decap: the second argument may be a view */
};

/*
 * -EINVAL: not a filter as libpcap makes them (filter_check.h); *at of it is the first that is not.
 * -ENOSPC: does not fit; *at instructions would be needed. More than INT16_MAX never do.
 */
int translate(const struct sock_filter *filter, size_t n, const struct translate_place *place,
	      struct bpf_insn *out, size_t *at);

#endif
