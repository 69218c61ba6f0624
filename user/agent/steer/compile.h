/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the desired state in names to a policy in link slots. Pure: the links of
 * the moment, the slots and the rows come in, the entries go out.
 */
#ifndef XDPFRAG_COMPILE_H
#define XDPFRAG_COMPILE_H

#include "config/config.h"
#include "datapath/plane.h"
#include "netstate/links.h"

/* One steered link and its bit in the policy. */
struct link_slot {
	uint32_t ifindex;
	uint32_t slot;
};

struct compile_input {
	const struct config *config;
	const struct links *links;
	const struct link_slot *slots;
	size_t n_slots;
	const uint32_t *rows;	      /* of config->groups, one for each */
	const uint8_t *redirect_keys; /* of config->nics, for those that are redirect targets */
	uint64_t sockets;	      /* slots of links whose fragments can go to user space */
};

/* Entries own their arrays; -ENOMEM. */
int compile_policy(const struct compile_input *input, struct policy_set *set);

/* The least shape that holds the desired state. */
struct plane_shape compile_shape(const struct config *config);

#endif
