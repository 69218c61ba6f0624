// SPDX-License-Identifier: GPL-2.0-or-later
/* Desired state against the kernel, and the difference applied. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/follow.h"
#include "agent/links.h"
#include "agent/log.h"
#include "agent/policy.h"
#include "agent/reconcile.h"
#include "datapath/bpffs.h"
#include "datapath/instance.h"

#define DUMP_TRIES 5 /* a dump that a change interrupted is taken again */

static int dump_links(struct links *links, struct report *rep)
{
	int tries, err = -EAGAIN;

	for (tries = 0; err == -EAGAIN && tries < DUMP_TRIES; tries++)
		err = links_dump(links);
	if (err)
		return report_failed(rep, err, "", "cannot list the links: %s", strerror(-err));
	return 0;
}

/* What was to be released stays, so that a failed reconcile leaves no program behind. */
static void take_back(struct agent *agent, const struct managed *released, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (agent->n_managed < XDPFRAG_LINKS)
			agent->managed[agent->n_managed++] = released[i];
	}
}

static int reconcile_links(struct agent *agent, const struct links *links, struct report *rep)
{
	struct managed released[XDPFRAG_LINKS];
	enum plan plans[XDPFRAG_LINKS];
	size_t n_released, i;
	int err;

	n_released = links_follow(agent, links, released);
	err = policy_fit(agent, rep);
	if (!err) {
		for (i = 0; i < agent->n_managed; i++)
			plans[i] = link_plan(&agent->managed[i]);
		links_give_slots(agent, plans);
		/* In force before a program comes, so that none starts without a policy. */
		err = policy_publish(agent, links, rep);
	}
	if (err) {
		take_back(agent, released, n_released);
		return err;
	}
	/* First off, then on: the kernel touches no lower link's hook while an upper one has a
	 * program, and a NIC that was put into a bridge is let go for the bridge's sake.
	 */
	links_release(agent, released, n_released, links);
	for (i = 0; i < agent->n_managed; i++)
		link_apply(agent, &agent->managed[i], link_plan(&agent->managed[i]));
	policy_tidy(agent);
	return 0;
}

int reconcile(struct agent *agent, struct report *rep)
{
	struct report own = {};
	struct links links;
	int err;

	if (!rep)
		rep = &own;
	agent->reconciles++;
	err = dump_links(&links, rep);
	if (!err) {
		err = reconcile_links(agent, &links, rep);
		links_free(&links);
	}
	snprintf(agent->last_error, sizeof(agent->last_error), "%.*s",
		 (int)sizeof(agent->last_error) - 1, err ? rep->message : "");
	if (err)
		log_warning("%s", rep->message);
	return err;
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

/* Is the program an instance of the agent's plane? The first one found decides the plane. */
static bool belongs(struct agent *agent, uint32_t program)
{
	struct plane plane;
	int fd = program_open(program);
	bool same;

	if (fd < 0)
		return false;
	if (plane_adopt(&plane, fd)) {
		close(fd);
		return false;
	}
	close(fd);
	if (!agent->plane.state) {
		agent->plane = plane;
		return true;
	}
	same = plane.state_id == agent->plane.state_id;
	plane_close(&plane);
	return same;
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
	for (i = 0; i < managed->hook.n_ours; i++) {
		uint32_t program = managed->hook.ours[i];

		if (!belongs(agent, program))
			continue;
		managed->slot = slot_of(&agent->plane, program);
		if (managed->slot == NO_SLOT ||
		    instance_counters(program, agent->plane.shape.rows, &managed->counters)) {
			managed->slot = NO_SLOT;
			continue;
		}
		managed->program = program;
		log_notice("%s: found steered by program %u", link->name, program);
		break;
	}
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
		const struct managed *managed = &agent->managed[i];

		if (managed->slot == NO_SLOT)
			continue;
		if (managed->slot >= agent->next_slot)
			agent->next_slot = managed->slot + 1;
		/* The pins may be gone: they live in the mount namespace of the agent before. */
		link_pin(agent, managed);
	}
	if (agent->plane.state)
		plane_pin(&agent->plane, agent->options.pin_dir);
	return 0;
}

void withdraw(struct agent *agent)
{
	struct links none = {};
	struct links links;
	struct report rep = {};
	struct managed released[XDPFRAG_LINKS];
	size_t i, n = agent->n_managed;
	int err = dump_links(&links, &rep);

	/* Those that something stacked on them kept back come off below, after it. */
	for (i = 0; i < n; i++)
		managed_detach(&agent->managed[i], 0);
	memcpy(released, agent->managed, n * sizeof(*released));
	agent->n_managed = 0;
	links_release(agent, released, n, err ? &none : &links);
	if (!err)
		links_free(&links);
	if (agent->plane.state)
		plane_close(&agent->plane);
	bpffs_remove_tree(agent->options.pin_dir);
}
