/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of which tests of the steer program describe their frames: parts of
 * an initialiser of struct frame. A case may override what the macro of its
 * family says.
 */
#ifndef XDPFRAG_TESTS_STEER_FRAMES_H
#define XDPFRAG_TESTS_STEER_FRAMES_H

#include <linux/if_ether.h>
#include <netinet/in.h>

#include "frames.h"

#define V4                                                                          \
	.family = AF_INET, .source = { 10, 84, 0, 73 }, .group = { 239, 0, 0, 15 }, \
	.payload_len = 64
#define V6                                                      \
	.family = AF_INET6, .source = { 0xfe, 0x80, [15] = 1 }, \
	.group = { 0xff, 0x3e, [15] = 15 }, .payload_len = 64
#define FIRST  .more = true
#define MIDDLE .more = true, .offset = 1480
#define LAST   .offset = 2960
#define HBH                        \
	{                          \
		IPPROTO_HOPOPTS, 0 \
	}
#define TAGS(n, ...) .n_tags = n, .tags = { __VA_ARGS__ }
#define C_TAG                   \
	{                       \
		ETH_P_8021Q, 10 \
	}
#define S_TAG                             \
	{                                 \
		ETH_P_8021AD, 0x6000 | 20 \
	}

#pragma GCC diagnostic ignored "-Woverride-init"

#endif
