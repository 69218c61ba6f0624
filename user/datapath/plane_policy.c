// SPDX-License-Identifier: GPL-2.0-or-later
/* What a plane's programs go by: a whole new policy put in force, and what is in force. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/grace.h"
#include "datapath/plane.h"
#include "datapath/turn.h"

const struct xdpfrag_group4 *plane_active4(const struct plane *plane)
{
	return plane->groups4 + (plane->state->active & 1) * table_slots(plane->shape.bits4);
}

const struct xdpfrag_group6 *plane_active6(const struct plane *plane)
{
	return plane->groups6 + (plane->state->active & 1) * table_slots(plane->shape.bits6);
}

static bool in_force(const struct plane *plane, const struct table *table)
{
	const struct plane_shape *shape = &plane->shape;

	return !memcmp(plane_active(plane), &table->half, sizeof(table->half)) &&
	       !memcmp(plane_active4(plane), table->groups4,
		       table_slots(shape->bits4) * sizeof(*table->groups4)) &&
	       !memcmp(plane_active6(plane), table->groups6,
		       table_slots(shape->bits6) * sizeof(*table->groups6));
}

/* What packets see, to be written to byte by byte. */
static struct table active_table(const struct plane *plane)
{
	uint32_t active = plane->state->active & 1;

	return (struct table){
		.half = plane->state->half[active],
		.groups4 = plane->groups4 + active * table_slots(plane->shape.bits4),
		.groups6 = plane->groups6 + active * table_slots(plane->shape.bits6),
		.bits4 = plane->shape.bits4,
		.bits6 = plane->shape.bits6,
	};
}

void plane_turn(struct plane *plane)
{
	struct table active = active_table(plane);

	if (turn_matters(&plane->credits[XDPFRAG_WORKER]) && turn_mark_all(&active))
		turn_wait();
}

int plane_publish(struct plane *plane, const struct policy_set *set)
{
	const struct plane_shape *shape = &plane->shape;
	struct xdpfrag_state *state = plane->state;
	uint32_t next = !(state->active & 1);
	struct table table, active = active_table(plane);
	size_t begins = 0;
	int err;

	err = table_build(&table, set, shape->bits4, shape->bits6);
	if (err)
		return err;
	if (in_force(plane, &table))
		goto out;
	/* Without a link there is nothing on its way: a plane that is to take another's place. */
	if (active.half.links && turn_matters(&plane->credits[XDPFRAG_WORKER])) {
		begins = turn_mark(&table, &active);
		if (turn_mark(&active, &table))
			turn_wait();
	}
	/*
	 * The other half is idle: the publish that left it waited for the last
	 * packet. An agent that was killed in between did not, so wait here as well.
	 */
	err = grace_wait(plane->grace_fd);
	if (err) {
		turn_unmark(&active);
		goto out;
	}
	memcpy(plane->groups4 + next * table_slots(shape->bits4), table.groups4,
	       table_slots(shape->bits4) * sizeof(*table.groups4));
	memcpy(plane->groups6 + next * table_slots(shape->bits6), table.groups6,
	       table_slots(shape->bits6) * sizeof(*table.groups6));
	state->half[next] = table.half;
	__atomic_store_n(&state->active, next, __ATOMIC_RELEASE);
	if (begins) {
		turn_wait();
		active = active_table(plane);
		turn_unmark(&active);
	}
	err = grace_wait(plane->grace_fd);
out:
	table_free(&table);
	return err;
}

int plane_policies(const struct plane *plane, struct policy_set *set)
{
	const struct xdpfrag_group4 *slots4 = plane_active4(plane);
	const struct xdpfrag_group6 *slots6 = plane_active6(plane);
	const struct xdpfrag_half *half = plane_active(plane);
	size_t i;

	memset(set, 0, sizeof(*set));
	set->links = half->links;
	set->groups4 = calloc(table_slots(plane->shape.bits4), sizeof(*set->groups4));
	set->groups6 = calloc(table_slots(plane->shape.bits6), sizeof(*set->groups6));
	if (!set->groups4 || !set->groups6) {
		policy_set_free(set);
		return -ENOMEM;
	}
	for (i = 0; i < table_slots(plane->shape.bits4); i++)
		if (slots4[i].policy.len && slots4[i].policy.flags & XDPFRAG_F_POLICY)
			set->groups4[set->n4++] = slots4[i];
	for (i = 0; i < table_slots(plane->shape.bits6); i++)
		if (slots6[i].policy.len && slots6[i].policy.flags & XDPFRAG_F_POLICY)
			set->groups6[set->n6++] = slots6[i];
	/* The marks for sources are made anew with the table; turns are no policy. */
	for (i = 0; i < set->n4; i++)
		set->groups4[i].policy.flags &= ~(XDPFRAG_F_SOURCES | XDPFRAG_F_TURN);
	for (i = 0; i < set->n6; i++)
		set->groups6[i].policy.flags &= ~(XDPFRAG_F_SOURCES | XDPFRAG_F_TURN);
	return 0;
}

void plane_enable(struct plane *plane, uint32_t slot, bool on)
{
	struct xdpfrag_half *half = &plane->state->half[plane->state->active & 1];

	if (on)
		__atomic_or_fetch(&half->links, 1ULL << slot, __ATOMIC_RELEASE);
	else
		__atomic_and_fetch(&half->links, ~(1ULL << slot), __ATOMIC_RELEASE);
}

uint32_t plane_redirect(const struct plane *plane, uint32_t key)
{
	__u32 ifindex = 0;

	if (bpf_map_lookup_elem(plane->fds[PLANE_REDIRECTS], &key, &ifindex) < 0)
		return 0;
	return ifindex;
}

static int set_target(struct plane *plane, uint32_t key, uint32_t ifindex)
{
	if (plane_redirect(plane, key) == ifindex)
		return 0;
	if (!ifindex)
		return bpf_map_delete_elem(plane->fds[PLANE_REDIRECTS], &key) < 0 ? -errno : 0;
	return bpf_map_update_elem(plane->fds[PLANE_REDIRECTS], &key, &ifindex, BPF_ANY) < 0
		       ? -errno
		       : 0;
}

int plane_set_redirect(struct plane *plane, uint32_t key, const char *name, uint32_t ifindex)
{
	if (key >= XDPFRAG_REDIRECTS)
		return -ENOSPC;
	snprintf(plane->state->redirects[key], XDPFRAG_NAME, "%s", name);
	return set_target(plane, key, ifindex);
}

int plane_drop_redirect(struct plane *plane, uint32_t key)
{
	int err = set_target(plane, key, 0);

	if (!err)
		memset(plane->state->redirects[key], 0, XDPFRAG_NAME);
	return err;
}
