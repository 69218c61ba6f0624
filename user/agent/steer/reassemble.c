// SPDX-License-Identifier: GPL-2.0-or-later
/* Reconcile's part for `reassemble`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/log.h"
#include "agent/reconcile.h"
#include "datapath/map.h"
#include "netstate/channels.h"
#include "reassembly/worker.h"

#define RETRY_SECONDS 30   /* between attempts that nothing speaks for */
#define FRAMES_MIN    256U /* of a queue */
#define FRAMES_MAX    4096U

/* A closed socket's queue is free only when the kernel has had time (xp_release_deferred()). */
#define BUSY_MS	   100
#define BUSY_TRIES 20

_Static_assert(REASSEMBLED_MAX == CONFIG_REASSEMBLED, "every statement has its account");

static time_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static bool is_wanted(const struct config *policy)
{
	size_t i;

	for (i = 0; i < policy->n_groups; i++)
		if (policy->groups[i].reassemble)
			return true;
	return false;
}

/* --- groups --- */

uint32_t reassemble_account(const struct reassemble *state, const struct group_key *key)
{
	uint32_t i;

	for (i = 0; i < REASSEMBLED_MAX; i++)
		if (state->accounts[i].family && !group_key_compare(&state->accounts[i], key))
			break;
	return i;
}

/* Accounts of groups that are gone are free again. */
static void free_accounts(struct reassemble *state, const struct config *policy)
{
	uint32_t i;

	for (i = 0; i < REASSEMBLED_MAX; i++) {
		const struct group *group;

		if (!state->accounts[i].family)
			continue;
		group = config_find_group(policy, &state->accounts[i]);
		if (!group || !group->reassemble)
			memset(&state->accounts[i], 0, sizeof(state->accounts[i]));
	}
}

static uint32_t take_account(struct reassemble *state, const struct group_key *key)
{
	uint32_t account = reassemble_account(state, key), i;

	for (i = 0; account == REASSEMBLED_MAX && i < REASSEMBLED_MAX; i++)
		if (!state->accounts[i].family)
			state->accounts[account = i] = *key;
	return account;
}

/* The first of the allowed NICs that is there and up, in the order of their names' bits. */
static uint32_t target_of(const struct config *policy, const struct group *group,
			  const struct links *links)
{
	uint32_t target = 0;
	int n;

	for (n = 0; n < CONFIG_NICS; n++) {
		const struct link *link = NULL;

		if (group->allowed >> n & 1)
			link = links_by_name(links, policy->nics[n]);
		if (link && (!target || link->ifindex < target) && link->flags & IFF_UP)
			target = link->ifindex;
	}
	return target;
}

static const struct reassembled_groups *list_groups(struct agent *agent, const struct links *links)
{
	static struct reassembled_groups groups; /* too large for a stack */
	const struct config *policy = agent->policy;
	size_t i;

	groups.n = 0;
	for (i = 0; i < policy->n_groups && groups.n < REASSEMBLED_MAX; i++) {
		const struct group *group = &policy->groups[i];
		struct reassembled_group *to = &groups.group[groups.n];

		if (!group->reassemble)
			continue;
		memset(to, 0, sizeof(*to));
		to->family = group->key.family;
		to->len = group->key.len;
		to->has_source = group->key.has_source;
		memcpy(to->group, group->key.group, 16);
		memcpy(to->source, group->key.source, 16);
		to->account = take_account(&agent->reassemble, &group->key);
		to->target = target_of(policy, group, links);
		groups.n++;
	}
	return &groups;
}

/* Where there is no account left for one that comes, it has one when the others are gone. */
void reassemble_prepare(struct agent *agent, const struct links *links)
{
	if (agent->reassemble.worker)
		worker_add_groups(agent->reassemble.worker, list_groups(agent, links));
}

/* --- sockets --- */

static const struct managed *steered_slot(const struct agent *agent, uint32_t slot)
{
	size_t i;

	for (i = 0; i < agent->n_managed; i++)
		if (managed_steered(&agent->managed[i]) && agent->managed[i].slot == slot)
			return &agent->managed[i];
	return NULL;
}

static uint32_t queues_of(const struct managed *managed)
{
	uint32_t n = channels_rx(managed->name);

	return n < XDPFRAG_QUEUES ? n : XDPFRAG_QUEUES;
}

static struct queue_request request_for(const struct agent *agent, const struct managed *managed,
					uint32_t queue, uint32_t frames)
{
	struct queue_request request = {
		.ifindex = managed->ifindex,
		.queue = queue,
		.slot = managed->slot,
		.mtu = managed->mtu,
		.frames = frames,
		.skb = managed->hook.mode == HOOK_SKB,
		.sockets_fd = agent->reassemble.sockets_fd,
		.credits = agent->reassemble.credits,
	};

	memcpy(request.nic, managed->name, IFNAMSIZ);
	return request;
}

static bool is_current(const struct agent *agent, const struct queue_request *request)
{
	const struct managed *managed = steered_slot(agent, request->slot);

	return managed && !(agent->reassemble.tagged >> request->slot & 1) &&
	       managed->ifindex == request->ifindex && managed->mtu == request->mtu &&
	       request->queue < queues_of(managed) &&
	       request->skb == (managed->hook.mode == HOOK_SKB);
}

void reassemble_release(struct agent *agent)
{
	struct worker *worker = agent->reassemble.worker;
	const struct queue_request *request;
	size_t n = 0;

	while (worker && (request = worker_queue(worker, n))) {
		if (is_current(agent, request)) {
			n++;
			continue;
		}
		agent->reassemble.n_frames -= request->frames;
		worker_del_queue(worker, request->slot, request->queue);
	}
}

uint64_t reassemble_slots(const struct agent *agent)
{
	struct worker *worker = agent->reassemble.worker;
	uint32_t missing[XDPFRAG_LINKS] = {};
	const struct queue_request *request;
	uint64_t slots = 0;
	size_t n;

	if (!worker)
		return 0;
	for (n = 0; n < agent->n_managed; n++)
		if (managed_steered(&agent->managed[n]) && agent->managed[n].slot < XDPFRAG_LINKS)
			missing[agent->managed[n].slot] = channels_rx(agent->managed[n].name);
	for (n = 0; (request = worker_queue(worker, n)); n++)
		if (is_current(agent, request) && !--missing[request->slot])
			slots |= 1ULL << request->slot;
	return slots;
}

/* Which queue, and what is to be done about it. */
static void explain(char *reason, size_t size, const struct queue_request *request, int err)
{
	if (err == -EBUSY)
		snprintf(reason, size,
			 "another program has an AF_XDP socket on queue %u (ss --xdp shows whose)",
			 request->queue);
	else if (err == -EMSGSIZE)
		snprintf(reason, size,
			 "MTU %u is over what AF_XDP takes on this kernel (6.6 takes it)",
			 request->mtu);
	else
		snprintf(reason, size, "no AF_XDP socket on queue %u: %s", request->queue,
			 strerror(-err));
}

/* Whoever has the queue may be just gone. */
static void failed(struct agent *agent, const struct queue_request *request, int err)
{
	struct reassemble *state = &agent->reassemble;
	uint32_t slot = request->slot;

	explain(state->links[slot].reason, sizeof(state->links[slot].reason), request, err);
	state->links[slot].ifindex = request->ifindex;
	if (err != -EBUSY)
		state->links[slot].n_busy = 0;
	else if (state->links[slot].n_busy < BUSY_TRIES) {
		state->links[slot].n_busy++;
		reconcile_soon(agent, BUSY_MS);
		return;
	}
	if (!state->links[slot].failed_at)
		log_warning("%s: %s; its fragments take the kernel's path", request->nic,
			    state->links[slot].reason);
	state->links[slot].failed_at = now_seconds();
}

/*
 * A tag that the NIC takes off, or that is carried beside the frame, does not come
 * with the frame to AF_XDP. Delivered without it, a VLAN's datagram would be the
 * link's own: where VLANs are in use, fragments stay on the kernel's path.
 */
static uint64_t find_tagged(const struct agent *agent, const struct links *links)
{
	uint64_t tagged = 0;
	size_t i, l;

	for (i = 0; i < agent->n_managed; i++)
		for (l = 0; l < links->n && managed_steered(&agent->managed[i]); l++)
			if (links->link[l].lower == agent->managed[i].ifindex &&
			    !strcmp(links->link[l].kind, "vlan"))
				tagged |= 1ULL << agent->managed[i].slot;
	return tagged;
}

static void open_link(struct agent *agent, const struct managed *managed, uint32_t frames)
{
	struct reassemble *state = &agent->reassemble;
	uint32_t slot = managed->slot, n = queues_of(managed), queue;
	struct queue_status status;

	if (state->links[slot].ifindex != managed->ifindex)
		memset(&state->links[slot], 0, sizeof(state->links[slot]));
	if (state->tagged >> slot & 1) {
		state->links[slot].ifindex = managed->ifindex;
		snprintf(state->links[slot].reason, sizeof(state->links[slot].reason),
			 "a VLAN device stands on it, and AF_XDP does not see tags that are "
			 "stripped");
		return;
	}
	/* Whether somebody's socket is gone nothing tells: that is tried with every reconcile. */
	if (state->links[slot].failed_at && !state->links[slot].n_busy &&
	    now_seconds() < state->links[slot].failed_at + RETRY_SECONDS)
		return;
	for (queue = 0; queue < n; queue++) {
		struct queue_request request;
		int err;

		if (!worker_queue_status(state->worker, slot, queue, &status))
			continue;
		while (frames > FRAMES_MIN && state->n_frames + frames > WORKER_FRAMES)
			frames /= 2;
		request = request_for(agent, managed, queue, frames);
		err = worker_add_queue(state->worker, &request);
		if (err) {
			failed(agent, &request, err);
			return;
		}
		state->n_frames += frames;
	}
	memset(&state->links[slot], 0, sizeof(state->links[slot]));
}

/* So that all queues together stay within WORKER_FRAMES. */
static uint32_t frames_each(const struct agent *agent)
{
	uint32_t queues = 0, frames = FRAMES_MAX;
	size_t i;

	for (i = 0; i < agent->n_managed; i++)
		if (managed_steered(&agent->managed[i]))
			queues += queues_of(&agent->managed[i]);
	while (frames > FRAMES_MIN && (uint64_t)frames * queues > WORKER_FRAMES)
		frames /= 2;
	return frames;
}

/*
 * No queue's frames may all be held: then the engine would have nothing to choose
 * whom to evict from, and all the queue's fragments would take the kernel's path. The
 * worker lowers it where a driver copies nothing.
 */
static uint32_t most_held(const struct agent *agent)
{
	uint32_t frames = frames_each(agent), most = frames;
	size_t i;

	for (i = 0; i < agent->n_managed; i++) {
		uint32_t here = queue_may_hold(agent->managed[i].mtu, frames, false);

		if (managed_steered(&agent->managed[i]) && here < most)
			most = here;
	}
	return most;
}

static void let_maps_go(struct reassemble *state)
{
	map_unmap(state->credits, XDPFRAG_CREDITS * sizeof(*state->credits));
	if (state->credits)
		close(state->sockets_fd);
	state->credits = NULL;
}

static int hold_maps(struct agent *agent)
{
	struct reassemble *state = &agent->reassemble;

	state->sockets_fd = dup(agent->plane.fds[PLANE_SOCKETS]);
	if (state->sockets_fd < 0)
		return -errno;
	state->credits = map_memory(agent->plane.fds[PLANE_CREDITS],
				    XDPFRAG_CREDITS * sizeof(*state->credits));
	if (!state->credits) {
		int err = -errno;

		close(state->sockets_fd);
		return err;
	}
	return 0;
}

static void start(struct agent *agent)
{
	struct reassemble *state = &agent->reassemble;
	struct reassembly_limits limits = REASSEMBLY_LIMITS;
	int err;

	if (state->failed_at && now_seconds() < state->failed_at + RETRY_SECONDS)
		return;
	limits.fragments = most_held(agent);
	err = hold_maps(agent);
	if (!err)
		err = worker_start(&state->worker, &limits, state->credits);
	state->failed_at = err ? now_seconds() : 0;
	state->reason[0] = '\0';
	if (!err)
		return;
	state->worker = NULL;
	let_maps_go(state);
	snprintf(state->reason, sizeof(state->reason), "reassembly cannot be started: %s",
		 strerror(-err));
	log_warning("%s; fragments take the kernel's path", state->reason);
}

void reassemble_reconcile(struct agent *agent, const struct links *links)
{
	uint32_t frames;
	size_t i;

	if (!is_wanted(agent->policy)) {
		reassemble_end(agent);
		return;
	}
	if (!agent->reassemble.worker)
		start(agent);
	if (!agent->reassemble.worker)
		return;
	free_accounts(&agent->reassemble, agent->policy);
	worker_set_groups(agent->reassemble.worker, list_groups(agent, links));
	agent->reassemble.tagged = find_tagged(agent, links);
	reassemble_release(agent);
	frames = frames_each(agent);
	for (i = 0; i < agent->n_managed; i++)
		if (managed_steered(&agent->managed[i]))
			open_link(agent, &agent->managed[i], frames);
	if (reassemble_slots(agent) != agent->reassemble.slots)
		reconcile_soon(agent, 0);
}

void reassemble_end(struct agent *agent)
{
	worker_end(agent->reassemble.worker);
	let_maps_go(&agent->reassemble);
	memset(&agent->reassemble, 0, sizeof(agent->reassemble));
}
