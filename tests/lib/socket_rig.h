/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A steer program (steer_rig.h) with a policy that reassembles, a socket, and the credit
 * that a worker would have granted; and fragments judged by it.
 */
#ifndef XDPFRAG_TESTS_SOCKET_RIG_H
#define XDPFRAG_TESTS_SOCKET_RIG_H

#include "steer_frames.h"
#include "steer_rig.h"

#define ROW	  3
#define SLOT	  9
#define OWN	  (1ULL << SLOT)
#define OTHER	  (1ULL << 4)
#define ALL_LINKS (~0ULL)
#define CHUNK	  1792 /* bytes of a packet in a frame, as with an MTU of 1500 */
#define MINUTE	  60000000000ULL

uint64_t socket_rig_now(void); /* ns of CLOCK_MONOTONIC */
void socket_rig_wait(long ms);
uint32_t socket_rig_lo(void); /* the link that frames of a test run come in on */

/* A policy for the groups of V4 and V6, and the first key of "redirects" in use. */
void socket_rig_open(struct rig *rig, const struct xdpfrag_policy *policy);
/* The same with a socket, and what a worker would have granted. */
void socket_rig_granted(struct rig *rig, const struct xdpfrag_policy *policy);
void socket_rig_grant(struct rig *rig, uint64_t frames);

/* The frame is left as it was, judged so, and costs this. */
void expect_fragment(struct rig *rig, const char *name, const struct frame *frame, int action,
		     enum xdpfrag_verdict verdict, uint64_t spent, uint64_t refused);
/* The same, the first fragment of a datagram: no other has its id. */
void expect_first(struct rig *rig, const char *name, const struct frame *frame, int action,
		  enum xdpfrag_verdict verdict, uint64_t spent, uint64_t refused);
void expect_to_socket(struct rig *rig, const char *name, const struct frame *frame, uint64_t spent);

#endif
