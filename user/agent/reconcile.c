// SPDX-License-Identifier: GPL-2.0-or-later
/* Desired state against the kernel, and the difference applied. */
#include <errno.h>
#include <event2/event.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/log.h"
#include "agent/reconcile.h"
#include "agent/steer/follow.h"
#include "agent/steer/links.h"
#include "agent/steer/policy.h"
#include "datapath/bpffs.h"
#include "datapath/instance.h"

#define DUMP_TRIES 5 /* a dump that a change interrupted is taken again */

int dump_links(struct links *links, struct report *rep)
{
	int tries, err = -EAGAIN;

	for (tries = 0; err == -EAGAIN && tries < DUMP_TRIES; tries++)
		err = links_dump(links);
	if (err)
		return report_failed(rep, err, "", "cannot list the links: %s", strerror(-err));
	return 0;
}

/* A NIC that a link statement has just asked for must be steered, or nothing changes. */
static int apply_first(struct agent *agent, const char *nic, struct report *rep)
{
	struct managed *managed = managed_by_name(agent->managed, agent->n_managed, nic);
	char reason[320];

	if (!managed || !managed->ifindex)
		return 0;
	link_apply(agent, managed, link_plan(managed));
	if (xdpcap_missing(managed))
		return report_refused(rep, -EBUSY, nic, "%s cannot have an xdpcap hook: %s", nic,
				      xdpcap_reason(managed, reason, sizeof(reason)));
	if (managed->program)
		return 0;
	return report_refused(rep, -EBUSY, nic, "%s cannot be steered: %s", nic, managed->reason);
}

static int reconcile_links(struct agent *agent, const struct links *links, const struct must *must,
			   struct report *rep)
{
	enum plan plans[XDPFRAG_LINKS];
	size_t i;
	int err;

	err = learn_update(agent, links, rep);
	if (err)
		return err;
	links_follow(agent, links);
	err = policy_fit(agent, rep);
	if (err)
		return err;
	for (i = 0; i < agent->n_managed; i++)
		plans[i] = link_plan(&agent->managed[i]);
	links_give_slots(agent, plans);
	reassemble_prepare(agent, links);
	/* In force before a program comes, so that none starts without a policy. */
	err = policy_publish(agent, links, rep);
	if (!err && must->steer)
		err = apply_first(agent, must->steer, rep);
	if (!err)
		err = settings_reconcile(agent, links, must->set, rep);
	if (!err)
		err = routes_reconcile(agent, links, must->route, rep);
	/* The links to be let go stay in the table, steered, for the next reconcile. */
	if (err)
		return err;
	/* First off, then on: the kernel touches no lower link's hook while an upper one has a
	 * program, and a NIC that was put into a bridge is let go for the bridge's sake.
	 */
	links_release(agent, links);
	reassemble_release(agent);
	for (i = 0; i < agent->n_managed; i++)
		link_apply(agent, &agent->managed[i], link_plan(&agent->managed[i]));
	reassemble_reconcile(agent, links);
	policy_tidy(agent);
	return 0;
}

int reconcile(struct agent *agent, const struct must *must, struct report *rep)
{
	static const struct must nothing;
	struct report own = {};
	struct links links;
	int err;

	if (!rep)
		rep = &own;
	agent->reconciles++;
	err = dump_links(&links, rep);
	if (!err) {
		err = reconcile_links(agent, &links, must ? must : &nothing, rep);
		links_free(&links);
	}
	snprintf(agent->last_error, sizeof(agent->last_error), "%.*s",
		 (int)sizeof(agent->last_error) - 1, err ? rep->message : "");
	if (err)
		log_warning("%s", rep->message);
	return err;
}

void reconcile_soon(struct agent *agent, unsigned int ms)
{
	const struct timeval delay = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	if (!event_pending(agent->settle, EV_TIMEOUT, NULL))
		event_add(agent->settle, &delay);
}

/* The slot under which a plane knows a program, NO_SLOT when it does not. */
static uint32_t slot_of(const struct plane *plane, uint32_t program)
{
	uint32_t slot;

	for (slot = 0; slot < XDPFRAG_LINKS; slot++)
		if (plane->state->links[slot].program == program)
			return slot;
	return NO_SLOT;
}

/*
 * The slot of a program in the agent's plane, NO_SLOT when it has none there.
 * The first program that is found in its own plane decides which plane that is.
 */
static uint32_t adopt_program(struct agent *agent, uint32_t program)
{
	uint32_t slot = NO_SLOT;
	struct plane plane;
	int fd = program_open(program);

	if (fd < 0)
		return NO_SLOT;
	if (!plane_adopt(&plane, fd)) {
		if (!agent->plane.state || plane.state_id == agent->plane.state_id)
			slot = slot_of(&plane, program);
		if (slot != NO_SLOT && !agent->plane.state)
			agent->plane = plane;
		else
			plane_close(&plane);
	}
	close(fd);
	return slot;
}

/* A steer of this network namespace, whichever its plane? */
static bool is_own_plane(uint32_t program)
{
	struct plane plane;
	int fd = program_open(program);
	bool own;

	if (fd < 0)
		return false;
	own = !plane_adopt(&plane, fd);
	if (own)
		plane_close(&plane);
	close(fd);
	return own;
}

static void adopt_link(struct agent *agent, const struct link *link)
{
	struct managed *managed = &agent->managed[agent->n_managed];
	unsigned int i;

	managed_init(managed);
	if (hook_read(&managed->hook, link->ifindex) || !managed->hook.n_ours)
		return;
	memcpy(managed->name, link->name, IFNAMSIZ);
	managed->ifindex = link->ifindex;
	agent->n_managed++;
	for (i = 0; i < managed->hook.n_ours && !managed->program; i++) {
		uint32_t program = managed->hook.ours[i];
		uint32_t slot = adopt_program(agent, program);

		if (slot == NO_SLOT || instance_counters(program, &managed->counters))
			continue;
		managed->slot = slot;
		managed->program = program;
		agent->slot_program[slot] = program;
		xdpcap_find(agent, managed);
		log_notice("%s: found steered by program %u", link->name, program);
	}
	/* Of the plane that a killed agent was about to leave, or to make: rows are the same in
	 * both, so what was counted goes on in the program that takes its place.
	 */
	if (!managed->program && is_own_plane(managed->hook.ours[0]))
		instance_counters(managed->hook.ours[0], &managed->counters);
}

int adopt(struct agent *agent)
{
	struct report rep = {};
	struct links links;
	size_t i;
	int err;

	err = dump_links(&links, &rep);
	if (err)
		return err;
	for (i = 0; i < links.n && agent->n_managed < XDPFRAG_LINKS; i++)
		if (links.link[i].program)
			adopt_link(agent, &links.link[i]);
	links_free(&links);
	for (i = 0; i < agent->n_managed; i++) {
		struct managed *managed = &agent->managed[i];

		if (managed->slot == NO_SLOT)
			continue;
		if (managed->slot >= agent->next_slot)
			agent->next_slot = managed->slot + 1;
		/* The pins may be gone: they live in the mount namespace of the agent before. */
		link_pin(agent, managed);
	}
	if (!agent->plane.state)
		return 0;
	/* Who watched is gone with that agent. */
	__atomic_store_n(&agent->plane.state->watch, 0, __ATOMIC_RELAXED);
	plane_pin(&agent->plane, agent->options.pin_dir);
	return 0;
}

void withdraw(struct agent *agent)
{
	const char *dir = agent->options.pin_dir;
	struct links links = {};
	struct report rep = {};
	char path[PATH_MAX];

	/* Without a list of them, the links' programs stay: what was asked for cannot be done. */
	if (dump_links(&links, &rep))
		log_warning("%s", rep.message);
	/* First to the kernel's path, then without us. */
	if (agent->plane.state)
		plane_turn(&agent->plane);
	reassemble_end(agent);
	agent->n_released += agent->n_managed;
	agent->n_managed = 0;
	links_release(agent, &links);
	links_free(&links);
	if (agent->plane.state)
		plane_close(&agent->plane);
	plane_unpin(dir);
	snprintf(path, sizeof(path), "%s/links", dir);
	bpffs_remove_tree(path);
	bpffs_remove_empty(dir);
}
