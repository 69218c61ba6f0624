/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From memberships to group policies. Pure: the links and memberships of the
 * moment and the desired state come in, a desired state with learned groups in it
 * goes out.
 *
 * learned_resolve() makes a struct learned_set, learned_decide() sets the
 * statements against it, learned_merge() makes the policy of both, which
 * learned_is_merged() compares with the one in force; learned_free() ends it.
 */
#ifndef XDPFRAG_LEARNED_H
#define XDPFRAG_LEARNED_H

#include "config/config.h"
#include "netstate/links.h"
#include "netstate/members.h"

#define LEARNED_MAX  16384 /* learned groups in force */
#define LEARNED_NICS 64	   /* steered, or with a membership */

enum learned_state {
	LEARNED,	/* is policy */
	LEARNED_STATIC, /* a statement says what is to be done */
	LEARNED_IDLE,	/* there is nothing that could collide */
	LEARNED_NAMES,	/* would need more NIC names than there can be */
	LEARNED_FULL,	/* beyond LEARNED_MAX, or CONFIG_GROUPS with the statements */
	LEARNED_STATES,
};

/* Why a steered NIC on which a group is not joined may bring it all the same. */
enum learned_outside {
	OUTSIDE_PORT = 1,    /* its frames, or those of a link on it, go to a bridge or the like */
	OUTSIDE_TAP = 2,     /* a macvtap or ipvtap on it: they go to a virtual machine */
	OUTSIDE_ROUTER4 = 4, /* a multicast router takes the packets */
	OUTSIDE_ROUTER6 = 8,
};

struct learned_nic {
	char name[IFNAMSIZ];
	uint32_t ifindex;
	bool steered;
	uint8_t outside; /* enum learned_outside, of a steered one */
	/* For which NICs a membership on it counts: itself, a VRF's ports; 0: more than fit. */
	uint64_t stands;
	uint64_t reaches; /* the steered NICs through whose hook its frames come */
};

struct learned {
	struct group_key key;
	uint8_t state; /* enum learned_state */
	bool apart;
	uint8_t covered;   /* LEARNED_STATIC: length of the statement's prefix */
	uint64_t joined;   /* bit n: nics[n] */
	uint64_t left_out; /* not joined, but wanted by somebody else; allowed too */
	uint64_t allowed;  /* LEARNED: bit n: config_nics[n] */
};

struct learned_set {
	struct learned *group; /* sorted by key */
	size_t n;
	struct learned_nic nics[LEARNED_NICS];
	size_t n_nics;
	char config_nics[CONFIG_NICS][IFNAMSIZ]; /* the statements' names, and those added */
	size_t counts[LEARNED_STATES];
};

struct learned_input {
	const struct links *links;
	const struct members *members;
	const uint32_t *steered; /* ifindexes of the links that are to be steered */
	size_t n_steered;	 /* XDPFRAG_LINKS at most */
};

/* -ENOMEM */
int learned_resolve(struct learned_set *set, const struct learned_input *input);
/* Settles for each group whether it becomes policy. */
void learned_decide(struct learned_set *set, const struct config *config);
/*
 * The statements' groups and the learned ones, sorted, with the NIC names of both
 * and nothing else of the desired state. -ENOMEM
 */
int learned_merge(struct config *merged, const struct config *config,
		  const struct learned_set *set);
/* Is that what learned_merge() would make? */
bool learned_is_merged(const struct config *merged, const struct config *config,
		       const struct learned_set *set);
void learned_free(struct learned_set *set);

/* The statement of a LEARNED_STATIC group; of several with that prefix, the first. */
const struct group *learned_covered(const struct config *config, const struct learned *learned);

/* Memberships that the agent leaves alone: every host has them, on every link. */
bool learned_skips(int family, const uint8_t *group);

#endif
