// SPDX-License-Identifier: GPL-2.0-or-later
/* Reconcile's part for the policy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/log.h"
#include "agent/steer/compile.h"
#include "agent/steer/links.h"
#include "agent/steer/policy.h"
#include "agent/steer/rows.h"

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Tables never shrink: what was needed once is likely to be needed again. */
static struct plane_shape shape_for(const struct agent *agent)
{
	struct plane_shape shape = compile_shape(agent->policy);
	const struct plane_shape *have = &agent->plane.shape;

	shape.capture = agent->capture.id;
	if (agent->plane.state) {
		shape.bits4 = larger(shape.bits4, have->bits4);
		shape.bits6 = larger(shape.bits6, have->bits6);
		shape.rows = larger(shape.rows, have->rows);
	}
	return shape;
}

static bool shape_equal(const struct plane_shape *a, const struct plane_shape *b)
{
	return a->bits4 == b->bits4 && a->bits6 == b->bits6 && a->rows == b->rows &&
	       a->scope_all == b->scope_all && a->capture == b->capture;
}

/* The policy in force, the link slots, the redirect targets and the events, as they are. */
static int copy_plane(struct plane *to, const struct plane *from)
{
	struct policy_set set;
	uint32_t key;
	int err;

	err = plane_policies(from, &set);
	if (err)
		return err;
	memcpy(to->state->links, from->state->links, sizeof(to->state->links));
	for (key = 0; !err && key < XDPFRAG_REDIRECTS; key++)
		if (from->state->redirects[key][0])
			err = plane_set_redirect(to, key, from->state->redirects[key],
						 plane_redirect(from, key));
	if (!err)
		err = plane_share(to, from);
	if (!err)
		err = plane_publish(to, &set);
	policy_set_free(&set);
	return err;
}

/* Link by link; on failure *moved says how many entries of the table were dealt with. */
static int move_links(struct agent *agent, struct plane *to, size_t *moved)
{
	size_t n = agent->n_managed + agent->n_released;
	int err;

	for (*moved = 0; *moved < n; ++*moved) {
		struct managed *managed = &agent->managed[*moved];
		uint32_t before = managed->program;

		if (!managed_steered(managed))
			continue;
		err = link_move(agent, managed, &agent->plane, to);
		/* Gone since the dump: the event for it is on its way. */
		if (err == -ENODEV) {
			managed_lose_instance(managed);
		} else if (err) {
			/* Where the new program is there, and what failed came after, it goes back.
			 */
			*moved += managed->program != before;
			return err;
		}
	}
	return 0;
}

/* As it was. What cannot go back is put in place by the next reconcile. */
static void move_back(struct agent *agent, struct plane *from, size_t moved)
{
	size_t i;

	for (i = 0; i < moved; i++) {
		struct managed *managed = &agent->managed[i];

		if (managed_steered(managed) && link_move(agent, managed, from, &agent->plane))
			managed->program = 0;
	}
}

static int move(struct agent *agent, const struct plane_shape *shape)
{
	struct plane to;
	size_t moved;
	int err;

	err = plane_create(&to, shape);
	if (err)
		return err;
	err = copy_plane(&to, &agent->plane);
	if (!err) {
		err = move_links(agent, &to, &moved);
		if (err)
			move_back(agent, &to, moved);
	}
	if (err) {
		plane_close(&to);
		return err;
	}
	plane_carry_lost(&to, &agent->plane);
	plane_close(&agent->plane);
	agent->plane = to;
	return 0;
}

int policy_fit(struct agent *agent, struct report *rep)
{
	struct plane_shape shape = shape_for(agent);
	int err;

	if (agent->plane.state && shape_equal(&shape, &agent->plane.shape) &&
	    agent->plane.build == build_hash())
		return 0;
	if (agent->plane.state)
		err = move(agent, &shape);
	else
		err = plane_create(&agent->plane, &shape);
	if (err && shape.capture != agent->plane.shape.capture)
		return report_failed(rep, err, "",
				     "the programs cannot be replaced for a capture: %s",
				     strerror(-err));
	if (err)
		return report_failed(rep, err, "", "cannot make the maps for %zu groups: %s",
				     agent->policy->n_groups, strerror(-err));
	err = plane_pin(&agent->plane, agent->options.pin_dir);
	if (err)
		log_warning("cannot pin the maps under %s: %s", agent->options.pin_dir,
			    strerror(-err));
	return 0;
}

static bool is_redirect_target(const struct config *config, size_t nic)
{
	size_t i;

	for (i = 0; i < config->n_groups; i++)
		if (config->groups[i].wrong == XDPFRAG_WRONG_REDIRECT &&
		    config->groups[i].redirect == nic)
			return true;
	return false;
}

/* The key that holds this name, or the first free one. */
static uint32_t redirect_key(const struct plane *plane, const char *name)
{
	uint32_t key, unused = XDPFRAG_REDIRECTS;

	for (key = 0; key < XDPFRAG_REDIRECTS; key++) {
		if (!strcmp(plane->state->redirects[key], name))
			return key;
		if (!plane->state->redirects[key][0] && unused == XDPFRAG_REDIRECTS)
			unused = key;
	}
	return unused;
}

static int set_redirects(struct agent *agent, const struct links *links, uint8_t *keys)
{
	size_t nic;
	int err;

	for (nic = 0; nic < CONFIG_NICS; nic++) {
		const char *name = agent->policy->nics[nic];
		const struct link *link;

		keys[nic] = 0;
		if (!name[0] || !is_redirect_target(agent->policy, nic))
			continue;
		link = links_by_name(links, name);
		keys[nic] = redirect_key(&agent->plane, name);
		err = plane_set_redirect(&agent->plane, keys[nic], name, link ? link->ifindex : 0);
		if (err)
			return err;
	}
	return 0;
}

void policy_tidy(struct agent *agent)
{
	struct plane *plane = &agent->plane;
	uint32_t key;
	size_t nic;

	for (key = 0; key < XDPFRAG_REDIRECTS; key++) {
		const char *name = plane->state->redirects[key];
		int err;

		if (!name[0])
			continue;
		for (nic = 0; nic < CONFIG_NICS; nic++)
			if (!strcmp(agent->policy->nics[nic], name) &&
			    is_redirect_target(agent->policy, nic))
				break;
		if (nic < CONFIG_NICS)
			continue;
		err = plane_drop_redirect(plane, key);
		if (err)
			log_warning("%s: cannot drop the redirect to it: %s", name, strerror(-err));
	}
}

static void retire_rows(struct agent *agent, const uint32_t *rows, const bool *is_new)
{
	size_t i, link;

	for (i = 0; i < agent->policy->n_groups; i++)
		for (link = 0; is_new[i] && link < agent->n_managed + agent->n_released; link++)
			counters_retire(&agent->managed[link].counters, rows[i]);
}

static size_t collect_slots(const struct agent *agent, struct link_slot *slots)
{
	size_t i, n = 0;

	/* Also of links that are to be let go: they stay steered until they are. */
	for (i = 0; i < agent->n_managed + agent->n_released; i++)
		if (agent->managed[i].ifindex && agent->managed[i].slot != NO_SLOT &&
		    n < XDPFRAG_LINKS)
			slots[n++] = (struct link_slot){ agent->managed[i].ifindex,
							 agent->managed[i].slot };
	return n;
}

int policy_publish(struct agent *agent, const struct links *links, struct report *rep)
{
	size_t n = agent->policy->n_groups;
	uint32_t *rows = calloc(n + 1, sizeof(*rows));
	bool *is_new = calloc(n + 1, sizeof(*is_new));
	struct link_slot slots[XDPFRAG_LINKS];
	uint8_t redirect_keys[CONFIG_NICS];
	struct policy_set set = {};
	struct compile_input input = {
		.config = agent->policy,
		.links = links,
		.slots = slots,
		.n_slots = collect_slots(agent, slots),
		.rows = rows,
		.redirect_keys = redirect_keys,
		.sockets = agent->reassemble.slots = reassemble_slots(agent),
	};
	int err = rows && is_new ? 0 : -ENOMEM;

	if (!err)
		err = rows_assign(&agent->plane, agent->policy, rows, is_new);
	if (!err)
		err = set_redirects(agent, links, redirect_keys);
	if (err == -ENOSPC) {
		/* So many at once are new that the old ones have to go first. */
		policy_tidy(agent);
		err = set_redirects(agent, links, redirect_keys);
	}
	if (!err)
		err = compile_policy(&input, &set);
	if (!err) {
		retire_rows(agent, rows, is_new);
		err = plane_publish(&agent->plane, &set);
	}
	policy_set_free(&set);
	free(rows);
	free(is_new);
	if (err)
		return report_failed(rep, err, "", "cannot put the policy in force: %s",
				     strerror(-err));
	return 0;
}
