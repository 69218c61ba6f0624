// SPDX-License-Identifier: GPL-2.0-or-later
/* Reconcile's part for links. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/choose.h"
#include "agent/links.h"
#include "agent/log.h"
#include "agent/reconcile.h"
#include "datapath/bpffs.h"
#include "datapath/grace.h"
#include "datapath/instance.h"
#include "datapath/libs.h"

#define RETRY_SECONDS 30 /* between attempts that nothing speaks for */

static uint64_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void lose_instance(struct managed *managed)
{
	managed->program = 0;
	managed->slot = NO_SLOT;
	memset(&managed->hook, 0, sizeof(managed->hook));
}

/*
 * The managed link behind a chosen one: the same NIC, whatever it is called now,
 * or else the same name. An ifindex alone proves nothing, the kernel may have
 * given it to another NIC: with another name, the program must still be ours.
 */
static struct managed *find_same(struct managed *old, bool *used, size_t n,
				 const struct chosen_link *chosen, const struct link *link,
				 bool by_name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		bool same_name = !strcmp(old[i].name, chosen->name);

		if (used[i])
			continue;
		if (by_name ? same_name
			    : link && old[i].ifindex == link->ifindex &&
				      (same_name || (old[i].program &&
						     old[i].hook.main == link->program))) {
			used[i] = true;
			return &old[i];
		}
	}
	return NULL;
}

static void follow(struct managed *managed, const struct chosen_link *chosen,
		   const struct link *link)
{
	if (managed->ifindex && managed->ifindex != chosen->ifindex) {
		log_notice("%s: NIC with ifindex %u is gone", managed->name, managed->ifindex);
		if (managed->hook.dispatcher)
			instance_forget(managed->ifindex, managed->hook.main);
		lose_instance(managed);
	}
	if (managed->name[0] && strcmp(managed->name, chosen->name))
		log_notice("%s is now called %s", managed->name, chosen->name);
	memcpy(managed->name, chosen->name, IFNAMSIZ);
	managed->is_static = chosen->is_static;
	if (managed->wanted != chosen->mode)
		managed->failed_at = 0;
	managed->wanted = chosen->mode;
	managed->ifindex = chosen->ifindex;
	managed->mtu = link ? link->mtu : 0;
	managed->promiscuity = link ? link->promiscuity : 0;
	if (!link)
		managed->reason[0] = '\0';
}

static void read_hook(struct managed *managed, const struct link *link)
{
	int err;

	if (managed->hook.main == link->program)
		return;
	err = hook_read(&managed->hook, link->ifindex);
	if (err) {
		snprintf(managed->reason, sizeof(managed->reason), "cannot read its XDP hook: %s",
			 strerror(-err));
		return;
	}
	if (managed->program && !hook_has(&managed->hook, managed->program)) {
		log_warning("%s: the steer program was taken off by someone else", managed->name);
		managed->program = 0;
		managed->slot = NO_SLOT;
	}
}

size_t links_follow(struct agent *agent, const struct links *links, struct managed *released)
{
	struct chosen_link chosen[XDPFRAG_LINKS];
	struct managed next[XDPFRAG_LINKS];
	struct managed *same[XDPFRAG_LINKS] = {};
	bool used[XDPFRAG_LINKS] = {};
	size_t n = choose_links(&agent->config, links, chosen, &agent->left_out);
	size_t i, n_released = 0;

	for (i = 0; i < n; i++)
		same[i] = find_same(agent->managed, used, agent->n_managed, &chosen[i],
				    links_by_index(links, chosen[i].ifindex), false);
	for (i = 0; i < n; i++)
		if (!same[i])
			same[i] = find_same(agent->managed, used, agent->n_managed, &chosen[i],
					    NULL, true);
	for (i = 0; i < n; i++) {
		const struct link *link = links_by_index(links, chosen[i].ifindex);

		if (same[i]) {
			next[i] = *same[i];
		} else {
			memset(&next[i], 0, sizeof(next[i]));
			next[i].slot = NO_SLOT;
			counters_init(&next[i].counters);
		}
		follow(&next[i], &chosen[i], link);
		if (link)
			read_hook(&next[i], link);
	}
	for (i = 0; i < agent->n_managed; i++)
		if (!used[i])
			released[n_released++] = agent->managed[i];
	memcpy(agent->managed, next, n * sizeof(*next));
	agent->n_managed = n;
	return n_released;
}

static void unpin_link(const struct agent *agent, const char *name)
{
	char path[256], folder[64];

	snprintf(path, sizeof(path), "%s/%s", agent->options.pin_dir,
		 bpffs_link_name(name, "", folder, sizeof(folder)));
	bpffs_remove_tree(path);
}

static void detach_all(struct managed *managed, uint32_t but)
{
	unsigned int i;
	int err;

	for (i = 0; i < managed->hook.n_ours; i++) {
		if (managed->hook.ours[i] == but)
			continue;
		err = instance_detach(managed->ifindex, managed->hook.ours[i]);
		if (err)
			log_warning("%s: cannot detach program %u: %s", managed->name,
				    managed->hook.ours[i], strerror(-err));
	}
}

void links_release(struct agent *agent, struct managed *released, size_t n,
		   const struct links *links)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct managed *managed = &released[i];
		const struct link *link = links_by_index(links, managed->ifindex);

		if (link && link->program == managed->hook.main)
			detach_all(managed, 0);
		else if (managed->hook.dispatcher)
			instance_forget(managed->ifindex, managed->hook.main);
		counters_close(&managed->counters);
		if (!managed_by_name(agent, managed->name))
			unpin_link(agent, managed->name);
		log_notice("%s: no longer steered", managed->name);
	}
}

enum plan link_plan(const struct managed *managed)
{
	struct plan_view view = {
		.present = managed->ifindex,
		.wanted = managed->wanted,
		.hook = &managed->hook,
		.program = managed->program,
		.refused = managed->failed_at && managed->failed_ifindex == managed->ifindex &&
			   managed->failed_mtu == managed->mtu &&
			   managed->failed_hook == managed->hook.main &&
			   now_seconds() < managed->failed_at + RETRY_SECONDS,
	};

	return plan_link(&view);
}

static bool slot_taken(const struct agent *agent, uint32_t slot)
{
	size_t i;

	for (i = 0; i < agent->n_managed; i++)
		if (agent->managed[i].slot == slot)
			return true;
	return false;
}

/* In turn: a program that went away with its NIC must not find its slot in use again soon. */
static uint32_t take_slot(struct agent *agent)
{
	uint32_t tries;

	for (tries = 0; tries < XDPFRAG_LINKS; tries++) {
		uint32_t slot = agent->next_slot++ % XDPFRAG_LINKS;

		if (!slot_taken(agent, slot))
			return slot;
	}
	return NO_SLOT; /* not reached: there are no more managed links than slots */
}

void links_give_slots(struct agent *agent, const enum plan *plans)
{
	uint32_t slot;
	size_t i;

	for (slot = 0; slot < XDPFRAG_LINKS; slot++)
		if (!slot_taken(agent, slot))
			memset(&agent->plane.state->links[slot], 0, sizeof(struct xdpfrag_link));
	for (i = 0; i < agent->n_managed; i++) {
		struct managed *managed = &agent->managed[i];
		bool gets = plans[i] == PLAN_ATTACH || plans[i] == PLAN_REPLACE ||
			    plans[i] == PLAN_REMODE;

		if (gets && managed->slot == NO_SLOT)
			managed->slot = take_slot(agent);
		if (managed->slot != NO_SLOT) {
			struct xdpfrag_link *link = &agent->plane.state->links[managed->slot];

			memcpy(link->name, managed->name, IFNAMSIZ);
			link->ifindex = managed->ifindex;
			link->program = managed->program;
		}
	}
}

/*
 * Old counters go with the link, also where the new program needs more rows.
 * `from` is the plane that the link's program leaves, NULL when it stays.
 */
static int attach(struct managed *managed, struct plane *plane, struct plane *from, bool skb)
{
	struct instance_request request = {
		.plane = plane, .slot = managed->slot, .ifindex = managed->ifindex, .skb = skb
	};
	struct counters now = managed->counters;
	uint32_t program;
	int err;

	libs_forget();
	/* In a dispatcher both are there for a moment: only one of them may count. */
	if (from && managed->hook.dispatcher)
		plane_enable(plane, managed->slot, false);
	err = instance_attach(&request, &managed->hook, &now, &program);
	if (from)
		plane_enable(plane, managed->slot, true);
	if (err)
		return err;
	if (from)
		plane_enable(from, managed->slot, false);
	managed->program = program;
	if (now.fd != managed->counters.fd) {
		/* What packets still count in the old program is carried over too. */
		grace_wait(plane->grace_fd);
		counters_carry(&now, &managed->counters);
		counters_close(&managed->counters);
		managed->counters = now;
	}
	err = hook_read(&managed->hook, managed->ifindex);
	if (!err && managed->hook.n_ours > 1) {
		detach_all(managed, program);
		err = hook_read(&managed->hook, managed->ifindex);
	}
	return err;
}

static void explain(struct managed *managed, const char *mode, int err)
{
	const char *kernel = libs_kernel_message();

	snprintf(managed->reason, sizeof(managed->reason), "%s XDP refused: %s%s%s%s", mode,
		 strerror(-err), *kernel ? " (" : "", kernel, *kernel ? ")" : "");
}

/* Native where it can be had, and generic with the reason kept. */
static int attach_wanted(struct managed *managed, struct plane *plane)
{
	const struct hook *hook = &managed->hook;
	bool native = managed->wanted != LINK_SKB, skb = managed->wanted != LINK_NATIVE;
	int err = -EOPNOTSUPP;

	/* The kernel takes one mode at a time. */
	if (hook->main && hook->mode == HOOK_SKB && managed->wanted == LINK_AUTO)
		native = false;
	if (hook->main && hook->mode == HOOK_NATIVE)
		skb = false;
	if (native) {
		managed->reason[0] = '\0';
		err = attach(managed, plane, NULL, false);
		if (err)
			explain(managed, "native", err);
	}
	if (err && skb) {
		err = attach(managed, plane, NULL, true);
		if (err && !managed->reason[0])
			explain(managed, "generic", err);
	}
	return err;
}

static void held(struct managed *managed)
{
	if (managed->program)
		log_warning("%s: the steer program was replaced by %s", managed->name,
			    managed->hook.other);
	managed->program = 0;
	managed->slot = NO_SLOT;
	snprintf(managed->reason, sizeof(managed->reason),
		 "XDP program %s holds the hook; detach it (ip link set dev %s xdp%s off), or load "
		 "it with xdp-loader so that both can share the hook",
		 managed->hook.other, managed->name,
		 managed->hook.mode == HOOK_SKB ? "generic" : "");
}

void link_apply(struct agent *agent, struct managed *managed, enum plan plan)
{
	int err;

	if (plan == PLAN_HELD)
		held(managed);
	if (plan == PLAN_REMODE) {
		detach_all(managed, 0);
		hook_read(&managed->hook, managed->ifindex);
	}
	if (plan != PLAN_ATTACH && plan != PLAN_REPLACE && plan != PLAN_REMODE)
		return;
	err = attach_wanted(managed, &agent->plane);
	if (err) {
		managed->slot = managed->program ? managed->slot : NO_SLOT;
		managed->failed_at = now_seconds();
		managed->failed_ifindex = managed->ifindex;
		managed->failed_mtu = managed->mtu;
		managed->failed_hook = managed->hook.main;
		log_warning("%s: not steered: %s", managed->name, managed->reason);
		return;
	}
	managed->failed_at = 0;
	link_pin(agent, managed);
	log_notice("%s: steered in %s mode, program %u%s%s", managed->name,
		   managed->hook.mode == HOOK_SKB ? "generic (skb)" : "native", managed->program,
		   managed->reason[0] ? "; " : "", managed->reason);
}

int link_move(struct agent *agent, struct managed *managed, struct plane *to)
{
	int err = attach(managed, to, &agent->plane, managed->hook.mode == HOOK_SKB);

	if (err) {
		explain(managed, "new", err);
		return err;
	}
	link_pin(agent, managed);
	return 0;
}

void link_pin(const struct agent *agent, const struct managed *managed)
{
	const char *dir = agent->options.pin_dir;
	int fd = program_open(managed->program);
	char name[64];
	int err = fd < 0 ? fd : 0;

	if (!err)
		err = bpffs_pin(fd, dir, bpffs_link_name(managed->name, "steer", name, sizeof(name)));
	if (!err)
		err = bpffs_pin(managed->counters.fd, dir,
				bpffs_link_name(managed->name, "counters", name, sizeof(name)));
	if (!err)
		err = bpffs_pin(managed->counters.reasons_fd, dir,
				bpffs_link_name(managed->name, "reasons", name, sizeof(name)));
	if (err)
		log_warning("%s: cannot pin its program and counters: %s", managed->name,
			    strerror(-err));
	if (fd >= 0)
		close(fd);
}
