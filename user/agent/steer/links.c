// SPDX-License-Identifier: GPL-2.0-or-later
/* Reconcile's part for one link: its slot, its program on the hook, its pins. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/log.h"
#include "agent/steer/links.h"
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

enum plan link_plan(const struct managed *managed)
{
	struct plan_view view = {
		.present = managed->ifindex,
		.wanted = managed->wanted,
		.hooked = xdpcap_due(managed),
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

	for (i = 0; i < agent->n_managed + agent->n_released; i++)
		if (agent->managed[i].slot == slot)
			return true;
	return false;
}

/*
 * A program that went to another network namespace with its NIC is inert only
 * for as long as nobody else has its slot.
 */
static bool slot_haunted(const struct agent *agent, uint32_t slot)
{
	int fd = agent->slot_program[slot] ? program_open(agent->slot_program[slot]) : -1;

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* In turn; one whose last program is still somewhere only when there is no other. */
static uint32_t take_slot(struct agent *agent)
{
	uint32_t tries, last = NO_SLOT;

	for (tries = 0; tries < XDPFRAG_LINKS; tries++) {
		uint32_t slot = agent->next_slot++ % XDPFRAG_LINKS;

		if (slot_taken(agent, slot))
			continue;
		if (!slot_haunted(agent, slot))
			return slot;
		last = slot;
	}
	return last;
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
static int attach(const struct agent *agent, struct managed *managed, struct plane *plane,
		  struct plane *from, bool skb, bool hooked)
{
	struct instance_request request = {
		.plane = plane,
		.slot = managed->slot,
		.ifindex = managed->ifindex,
		.skb = skb,
		.capture = capture_on(agent, plane, managed->name),
		.xdpcap = hooked ? &managed->xdpcap.array : NULL,
	};
	struct counters now = managed->counters;
	bool both = from && managed->hook.dispatcher;
	uint32_t program;
	int err;

	/*
	 * In a dispatcher both are there for a moment, the old one first (libxdp puts
	 * loaded programs before new ones), and only one of them may count. So the new
	 * one stays inert until no packet is under way that will meet the old one alone.
	 */
	if (both)
		plane_enable(plane, managed->slot, false);
	libs_forget();
	err = instance_attach(&request, &managed->hook, &now, &program);
	/* A NIC that came while the capture runs: rather steered without it than not at all. */
	if (err && !from && request.capture) {
		request.capture = NULL;
		err = instance_attach(&request, &managed->hook, &now, &program);
		if (!err)
			log_warning(
				"%s: not captured on: its program does not load with the filter",
				managed->name);
	}
	if (both && !err)
		grace_wait(plane->grace_fd);
	if (both)
		plane_enable(plane, managed->slot, true);
	if (err)
		return err;
	if (both)
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
		managed_detach(managed, program);
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
static int attach_mode(struct agent *agent, struct managed *managed, bool hooked)
{
	const struct hook *hook = &managed->hook;
	bool native = managed->wanted != LINK_SKB, skb = managed->wanted != LINK_NATIVE;
	int err = -EOPNOTSUPP;

	managed->reason[0] = '\0';
	/* The kernel takes one mode at a time. */
	if (hook->main && hook->mode == HOOK_SKB && managed->wanted == LINK_AUTO)
		native = false;
	if (hook->main && hook->mode == HOOK_NATIVE)
		skb = false;
	if (native) {
		err = attach(agent, managed, &agent->plane, NULL, false, hooked);
		if (err)
			explain(managed, "native", err);
	}
	if (err && skb) {
		err = attach(agent, managed, &agent->plane, NULL, true, hooked);
		if (err && !managed->reason[0])
			explain(managed, "generic", err);
	}
	return err;
}

/* With the hook for xdpcap where it is wanted; rather without than not at all. */
static int attach_wanted(struct agent *agent, struct managed *managed)
{
	struct xdpcap *xdpcap = &managed->xdpcap;
	int err;

	if (!xdpcap_due(managed))
		return attach_mode(agent, managed, false);
	xdpcap_find(agent, managed);
	err = attach_mode(agent, managed, true);
	if (!err)
		return 0;
	memcpy(xdpcap->reason, managed->reason, sizeof(xdpcap->reason));
	err = attach_mode(agent, managed, false);
	xdpcap->refused = !err;
	if (!err)
		log_warning("%s: no xdpcap hook: %s", managed->name, xdpcap->reason);
	return err;
}

static void held(struct managed *managed)
{
	char before[sizeof(managed->reason)];

	memcpy(before, managed->reason, sizeof(before));
	managed->program = 0;
	managed->slot = NO_SLOT;
	/* What failed on the hook before says nothing about it once this program is gone. */
	managed->failed_at = 0;
	snprintf(managed->reason, sizeof(managed->reason),
		 "XDP program %s holds the hook; detach it (ip link set dev %s xdp%s off)%s",
		 managed->hook.other, managed->name,
		 managed->hook.mode == HOOK_SKB ? "generic" : "",
		 managed->xdpcap.wanted
			 ? ", since a link with an xdpcap hook is steered alone"
			 : ", or load it with xdp-loader so that both can share the hook");
	/* Every reconcile finds it held; once is enough. */
	if (strcmp(before, managed->reason))
		log_warning("%s: not steered: %s", managed->name, managed->reason);
}

void link_apply(struct agent *agent, struct managed *managed, enum plan plan)
{
	int err;

	if (plan == PLAN_HELD)
		held(managed);
	if (plan == PLAN_REMODE) {
		managed_detach(managed, 0);
		managed->program = 0;
		hook_read(&managed->hook, managed->ifindex);
	}
	if (plan != PLAN_ATTACH && plan != PLAN_REPLACE && plan != PLAN_REMODE)
		return;
	/* Decided only since the slots were given: the next reconcile does it. */
	if (managed->slot == NO_SLOT)
		return;
	err = attach_wanted(agent, managed);
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
	agent->slot_program[managed->slot] = managed->program;
	link_pin(agent, managed);
	log_notice("%s: steered in %s mode, program %u%s%s", managed->name,
		   managed->hook.mode == HOOK_SKB ? "generic (skb)" : "native", managed->program,
		   managed->reason[0] ? "; " : "", managed->reason);
}

int link_move(struct agent *agent, struct managed *managed, struct plane *from, struct plane *to)
{
	int err;

	if (managed->hook.hooked)
		xdpcap_find(agent, managed);
	err = attach(agent, managed, to, from, managed->hook.mode == HOOK_SKB,
		     managed->hook.hooked);

	if (err) {
		/* It stays steered as it was, and the reason says why that is so. */
		log_warning("%s: its program cannot be replaced: %s %s", managed->name,
			    strerror(-err), libs_kernel_message());
		return err;
	}
	agent->slot_program[managed->slot] = managed->program;
	link_pin(agent, managed);
	return 0;
}

void link_pin(const struct agent *agent, struct managed *managed)
{
	const char *dir = agent->options.pin_dir;
	int fd = program_open(managed->program);
	char name[64];
	int err = fd < 0 ? fd : 0;

	if (!err)
		err = bpffs_pin(fd, dir,
				bpffs_link_name(managed->name, "steer", name, sizeof(name)));
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
	xdpcap_pin(agent, managed);
}
