// SPDX-License-Identifier: GPL-2.0-or-later
/* status: the agent itself. */
#include <sys/utsname.h>
#include <unistd.h>

#include "agent/show/show.h"
#include "netstate/links.h"

static bool is_absent(const struct config *config, const struct group *group,
		      const struct links *links)
{
	int n;

	for (n = 0; n < CONFIG_NICS; n++)
		if (group->allowed >> n & 1 && links_by_name(links, config->nics[n]))
			return false;
	return true;
}

static size_t count_absent(const struct config *config)
{
	struct links links;
	size_t i, n = 0;

	if (links_dump(&links))
		return 0;
	for (i = 0; i < config->n_groups; i++)
		n += is_absent(config, &config->groups[i], &links);
	links_free(&links);
	return n;
}

static json_t *show_capacity(const struct plane_shape *shape)
{
	/* Half full at most; the first row is no policy's, and half of the rows are kept
	 * for a policy that takes the place of the one in force.
	 */
	return json_pack("{s:I, s:I, s:I}", "groups4", (json_int_t)1 << (shape->bits4 - 1),
			 "groups6", (json_int_t)1 << (shape->bits6 - 1), "rows",
			 (json_int_t)shape->rows);
}

json_t *show_status(const struct agent *agent)
{
	const struct xdpfrag_capture_counts captured = capture_totals(agent);
	const struct plane_shape *shape = &agent->plane.shape;
	json_t *object = json_object(), *reassembly = reassemble_show_status(agent);
	struct utsname host = {};
	struct timespec now;
	uint64_t memory = 0;
	size_t i, off = 0;

	uname(&host);
	clock_gettime(CLOCK_MONOTONIC, &now);
	for (i = 0; i < agent->n_managed; i++) {
		off += !managed_steered(&agent->managed[i]);
		if (agent->managed[i].counters.counts)
			memory += instance_memory(shape);
	}
	json_object_set_new(object, "program_version", json_string(VERSION));
	json_object_set_new(object, "pid", json_integer(getpid()));
	json_object_set_new(object, "uptime", json_integer(now.tv_sec - agent->started));
	json_object_set_new(object, "kernel", json_string(host.release));
	json_object_set_new(object, "config", json_string(agent->options.config));
	json_object_set_new(object, "origin",
			    json_string(agent->from_runtime ? "runtime" : "config"));
	json_object_set_new(object, "pin_dir", json_string(agent->options.pin_dir));
	json_object_set_new(object, "groups", json_integer(agent->policy->n_groups));
	json_object_set_new(object, "groups_absent", json_integer(count_absent(agent->policy)));
	json_object_set_new(object, "links", json_integer(agent->n_managed));
	json_object_set_new(object, "links_off", json_integer(off));
	json_object_set_new(object, "links_left_out", json_integer(agent->left_out));
	if (agent->plane.state) {
		memory += plane_memory(shape);
		json_object_set_new(object, "capacity", show_capacity(shape));
	}
	json_object_set_new(object, "link_drift", json_integer(agent->settings.drift));
	if (reassembly)
		json_object_set_new(object, "reassembly", reassembly);
	json_object_set_new(object, "captured", json_integer(captured.captured));
	json_object_set_new(object, "capture_lost", json_integer(captured.lost));
	if (agent->capture.id)
		json_object_set_new(object, "capture", capture_show(agent));
	json_object_set_new(object, "memory", json_integer(memory));
	json_object_set_new(object, "requests", json_integer(agent->requests));
	json_object_set_new(object, "reconciles", json_integer(agent->reconciles));
	json_object_set_new(object, "last_error", json_string(agent->last_error));
	return object;
}
