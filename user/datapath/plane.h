/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plane: the maps that all steer programs of this network namespace share,
 * mapped into the agent's memory. The programs on the links are instances
 * (instance.h) of a plane.
 *
 * Made by plane_create(), or taken over from a program that an earlier agent left
 * attached by plane_adopt(). The maps live as long as a program or a pin does;
 * plane_close() only lets go of them. Sizes are fixed for a plane's life: a
 * policy that does not fit takes a new plane.
 */
#ifndef XDPFRAG_PLANE_H
#define XDPFRAG_PLANE_H

#include "datapath/table.h"
#include "xdpfrag/credit.h"
#include "xdpfrag/verdict.h"

struct plane_shape {
	uint32_t bits4, bits6; /* log2 of the slots in a half */
	uint32_t rows;	       /* policies that can be counted, XDPFRAG_ROW_DELETED included */
	bool scope_all;	       /* programs look up packets that are no fragments too */
	uint64_t capture;      /* which capture programs were loaded with; 0: none */
};

struct events_ring;

enum plane_map {
	PLANE_STATE,
	PLANE_GROUPS4,
	PLANE_GROUPS6,
	PLANE_REDIRECTS,
	PLANE_EVENTS,	      /* xdpfrag/event.h */
	PLANE_SOCKETS,	      /* xdpfrag/credit.h */
	PLANE_CREDITS,	      /* same */
	PLANE_PATHS,	      /* same */
	PLANE_CAPTURED,	      /* xdpfrag/captured.h */
	PLANE_CAPTURE_COUNTS, /* same */
	PLANE_MAPS,
};

struct plane {
	struct plane_shape shape;
	uint64_t build; /* of the programs: build_hash() when it is this agent's own */
	int fds[PLANE_MAPS], grace_fd;
	uint32_t state_id;		/* map id: tells planes apart */
	struct xdpfrag_state *state;	/* mapped, as the programs read it */
	struct xdpfrag_group4 *groups4; /* mapped, both halves */
	struct xdpfrag_group6 *groups6; /* same */
	struct xdpfrag_credit *credits; /* mapped, one for each link slot and queue */
	struct events_ring *reader;	/* of the events (events.h); NULL: nobody watches */
};

int plane_create(struct plane *plane, const struct plane_shape *shape);
/* -ENOENT when the program is not a steer of this layout and this network namespace. */
int plane_adopt(struct plane *plane, int program_fd);
void plane_close(struct plane *plane);

/*
 * Puts a whole policy in force, for all links at once, and returns when no
 * packet uses the one before. Does nothing when that policy is in force already.
 * Takes some 50 ms more for groups whose reassembly by a worker ends, and as many
 * for those where it begins (turn.h).
 * -ENOSPC when it does not fit the shape; then nothing has changed.
 */
int plane_publish(struct plane *plane, const struct policy_set *set);

/* All that is reassembled is about to end: returns when no datagram is half on its way. */
void plane_turn(struct plane *plane);

/* The policy in force, as entries. Owns its arrays. */
int plane_policies(const struct plane *plane, struct policy_set *set);

static inline const struct xdpfrag_half *plane_active(const struct plane *plane)
{
	return &plane->state->half[plane->state->active & 1];
}
const struct xdpfrag_group4 *plane_active4(const struct plane *plane);
const struct xdpfrag_group6 *plane_active6(const struct plane *plane);

/* Lets one slot act or pass everything, in the policy in force. */
void plane_enable(struct plane *plane, uint32_t slot, bool on);

/* A redirect target: the link behind a key, absent while ifindex is 0. */
int plane_set_redirect(struct plane *plane, uint32_t key, const char *name, uint32_t ifindex);
int plane_drop_redirect(struct plane *plane, uint32_t key);
uint32_t plane_redirect(const struct plane *plane, uint32_t key); /* 0: none */

/*
 * For a plane that is to take the place of `from`, before it has programs: it
 * writes into the same ring of fragment events, and is watched as long, and it
 * redirects to the same AF_XDP sockets on the same credit; with the same capture, it
 * captures into the same ring. So a reader goes on reading, and a worker working.
 * plane_carry_lost() when the last program has moved.
 */
int plane_share(struct plane *plane, const struct plane *from);
void plane_carry_lost(struct plane *plane, const struct plane *from);

extern const char *const plane_map_names[PLANE_MAPS]; /* as the kernel and the pins have them */

int plane_pin(const struct plane *plane, const char *dir);
void plane_unpin(const char *dir);

/* Bytes of the maps of a plane, and of what each instance adds. For "memory is stated". */
uint64_t plane_memory(const struct plane_shape *shape);
uint64_t instance_memory(const struct plane_shape *shape);

uint64_t build_hash(void); /* of the steer object in this agent */

#endif
