// SPDX-License-Identifier: GPL-2.0-or-later
/* What is told of `reassemble`. */
#include "agent/agent.h"
#include "reassembly/worker.h"

static uint32_t account_of(const struct agent *agent, const struct group *group)
{
	if (!agent->reassemble.worker || !group->reassemble)
		return REASSEMBLED_MAX;
	return reassemble_account(&agent->reassemble, &group->key);
}

json_t *reassemble_show_group(const struct agent *agent, const struct group *group)
{
	uint32_t account = account_of(agent, group);
	struct reassembly_account counted;

	if (account == REASSEMBLED_MAX)
		return NULL;
	worker_account(agent->reassemble.worker, account, &counted);
	return json_pack("{s:I, s:I, s:I}", "completed", (json_int_t)counted.completed, "bytes",
			 (json_int_t)counted.bytes, "lost", (json_int_t)counted.lost);
}

void reassemble_show_share(const struct agent *agent, const struct group *group, uint32_t slot,
			   json_t *object)
{
	uint32_t account = account_of(agent, group), nic = REASSEMBLY_NICS;
	struct reassembly_account counted;
	struct nic_share share = {};

	if (account == REASSEMBLED_MAX)
		return;
	nic = worker_nic(agent->reassemble.worker, slot);
	worker_account(agent->reassemble.worker, account, &counted);
	if (nic < REASSEMBLY_NICS)
		share = counted.nics[nic];
	json_object_set_new(object, "first", json_integer(share.first));
	json_object_set_new(object, "duplicate", json_integer(share.duplicate));
	json_object_set_new(object, "made_good", json_integer(share.made_good));
}

void reassemble_show_link(const struct agent *agent, uint32_t slot, json_t *object)
{
	struct worker *worker = agent->reassemble.worker;
	json_t *sockets = json_array();
	struct queue_status status;
	uint32_t queue;

	for (queue = 0; worker && slot < XDPFRAG_LINKS && queue < XDPFRAG_QUEUES; queue++) {
		if (worker_queue_status(worker, slot, queue, &status))
			continue;
		json_array_append_new(
			sockets,
			json_pack("{s:i, s:s, s:b, s:i, s:i, s:I, s:I, s:I, s:I, s:I}", "queue",
				  (int)queue, "mode", status.zero_copy ? "zero-copy" : "copy",
				  "several_buffers", status.several_buffers, "frames",
				  (int)status.frames, "free", (int)status.free, "received",
				  (json_int_t)status.received, "dropped",
				  (json_int_t)status.dropped, "ring_full",
				  (json_int_t)status.ring_full, "fill_empty",
				  (json_int_t)status.fill_empty, "refused",
				  (json_int_t)status.refused));
	}
	json_object_set_new(object, "sockets", sockets);
	json_object_set_new(object, "sockets_reason",
			    json_string(worker && slot < XDPFRAG_LINKS
						? agent->reassemble.links[slot].reason
						: agent->reassemble.reason));
}

static json_t *show_counts(const struct reassembly_stats *stats)
{
	static const char *const results[FRAGMENT_RESULTS] = {
		[FRAGMENT_KEPT] = "kept",	    [FRAGMENT_COMPLETED] = "completing",
		[FRAGMENT_DUPLICATE] = "duplicate", [FRAGMENT_LINGERED] = "lingered",
		[FRAGMENT_OVERLAP] = "overlap",	    [FRAGMENT_MALFORMED] = "malformed",
		[FRAGMENT_TOO_MANY] = "too_many",   [FRAGMENT_ECN] = "ecn",
	};
	static const char *const losses[LOSS_REASONS] = {
		[LOSS_TIMEOUT] = "timeout",   [LOSS_OVERLAP] = "discarded",
		[LOSS_CONTEXTS] = "contexts", [LOSS_FRAGMENTS] = "fragments",
		[LOSS_BYTES] = "bytes",	      [LOSS_SOURCE] = "source",
	};
	json_t *fragments = json_object(), *lost = json_object();
	int i;

	for (i = 0; i < FRAGMENT_RESULTS; i++)
		json_object_set_new(fragments, results[i], json_integer(stats->fragments[i]));
	for (i = 0; i < LOSS_REASONS; i++)
		json_object_set_new(lost, losses[i], json_integer(stats->losses[i]));
	return json_pack("{s:I, s:I, s:o, s:o, s:I}", "completed", (json_int_t)stats->completed,
			 "bytes", (json_int_t)stats->completed_bytes, "fragments", fragments,
			 "lost", lost, "evicted_lingering", (json_int_t)stats->evicted_lingering);
}

static json_t *show_use(uint64_t now, uint64_t most, uint64_t limit)
{
	return json_pack("{s:I, s:I, s:I}", "now", (json_int_t)now, "most", (json_int_t)most,
			 "limit", (json_int_t)limit);
}

json_t *reassemble_show_status(const struct agent *agent)
{
	struct worker_status status;
	json_t *object;

	if (!agent->reassemble.worker)
		return NULL;
	worker_status(agent->reassemble.worker, &status);
	object = show_counts(&status.engine);
	json_object_set_new(object, "delivered", json_integer(status.delivered));
	json_object_set_new(object, "undelivered", json_integer(status.undelivered));
	json_object_set_new(object, "returned", json_integer(status.returned));
	json_object_set_new(object, "late", json_integer(status.late));
	json_object_set_new(object, "sockets", json_integer(status.queues));
	json_object_set_new(object, "memory", json_integer(status.memory));
	json_object_set_new(object, "contexts",
			    show_use(status.engine.contexts, status.engine.contexts_max,
				     status.limits.contexts));
	json_object_set_new(object, "lingering",
			    show_use(status.engine.lingering, status.engine.lingering_max,
				     status.limits.contexts));
	json_object_set_new(
		object, "held",
		show_use(status.engine.held, status.engine.held_max, status.limits.fragments));
	json_object_set_new(
		object, "held_bytes",
		show_use(status.engine.bytes, status.engine.bytes_max, status.limits.bytes));
	return object;
}
