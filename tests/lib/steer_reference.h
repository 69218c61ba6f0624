/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the steer program ought to do with a frame, worked out slowly and
 * plainly: byte by byte from the RFCs, and by a walk over the list of policies.
 * Shares no code with the program, nor with its tables.
 */
#ifndef XDPFRAG_TESTS_STEER_REFERENCE_H
#define XDPFRAG_TESTS_STEER_REFERENCE_H

#include "steer_rig.h"
#include "xdpfrag/captured.h"
#include "xdpfrag/event.h"

struct reference {
	const struct rig_policy *policies; /* as the administrator named them: no stubs */
	size_t n;
	struct rig_sizes sizes;
	uint64_t links;			 /* of struct xdpfrag_half */
	bool targets[XDPFRAG_REDIRECTS]; /* is there a link behind the key? */
	bool socket;			 /* there is one, with credit for whatever comes */
};

struct judgement {
	int action;
	bool counted; /* for the row's verdict */
	uint32_t row;
	enum xdpfrag_verdict verdict;
	unsigned int reasons[XDPFRAG_REASONS];
	bool told;		    /* there is an event, if anybody watches */
	struct xdpfrag_event event; /* but for its time */
	/* Of a capture: verdict, reason and policy. */
	struct xdpfrag_captured record;
	/* The IPv4 identification at frame + id_at is changed so; 0: nothing is. */
	size_t id_at;
	uint16_t id_change;
};

struct judgement reference_judge(const struct reference *reference, const uint8_t *frame,
				 size_t len);

#endif
