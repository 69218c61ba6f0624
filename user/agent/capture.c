// SPDX-License-Identifier: GPL-2.0-or-later
/* `capture`: the session (capture.h). */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/capture.h"
#include "agent/capture_request.h"
#include "agent/control.h"
#include "agent/log.h"
#include "agent/reconcile.h"
#include "agent/show.h"
#include "xdpfrag/captured.h"

static struct timespec now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now;
}

static bool is_wanted(const struct capture *capture, const char *nic)
{
	size_t i;

	for (i = 0; i < capture->n_nics; i++)
		if (!strcmp(capture->nics[i], nic))
			return true;
	return !capture->n_nics;
}

const struct steer_capture *capture_on(const struct agent *agent, const struct plane *plane,
				       const char *nic)
{
	const struct capture *capture = &agent->capture;

	/* A plane that is left, or gone back to, has none or another. */
	if (!capture->id || plane->shape.capture != capture->id || !is_wanted(capture, nic))
		return NULL;
	return &capture->program;
}

/* --- counts --- */

static void add(struct xdpfrag_capture_counts *to, const struct xdpfrag_capture_counts *counts)
{
	to->captured += counts->captured;
	to->lost += counts->lost;
}

/* Over all CPUs; zeros where nothing can be read. */
static struct xdpfrag_capture_counts counts_of(const struct agent *agent, uint32_t slot)
{
	int cpus = libbpf_num_possible_cpus(), i;
	struct xdpfrag_capture_counts counts[cpus > 0 ? cpus : 1], sum = {};

	if (!agent->plane.state || cpus < 1 ||
	    bpf_map_lookup_elem(agent->plane.fds[PLANE_CAPTURE_COUNTS], &slot, counts))
		return sum;
	for (i = 0; i < cpus; i++)
		add(&sum, &counts[i]);
	return sum;
}

static struct xdpfrag_capture_counts counts_now(const struct agent *agent)
{
	struct xdpfrag_capture_counts sum = {}, each;
	uint32_t slot;

	for (slot = 0; agent->capture.id && slot < XDPFRAG_LINKS; slot++) {
		each = counts_of(agent, slot);
		add(&sum, &each);
	}
	return sum;
}

struct xdpfrag_capture_counts capture_totals(const struct agent *agent)
{
	struct xdpfrag_capture_counts totals = counts_now(agent);

	add(&totals, &agent->capture.before);
	return totals;
}

/* --- what is said of it --- */

static json_t *captured_links(const struct agent *agent)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < agent->n_managed; i++) {
		const struct managed *managed = &agent->managed[i];
		struct xdpfrag_capture_counts counts;

		if (!managed_steered(managed) || !capture_on(agent, &agent->plane, managed->name))
			continue;
		counts = counts_of(agent, managed->slot);
		json_array_append_new(array, json_pack("{s:o, s:I, s:I, s:I, s:I}", "name",
						       show_name(managed->name), "ifindex",
						       (json_int_t)managed->ifindex, "slot",
						       (json_int_t)managed->slot, "captured",
						       (json_int_t)counts.captured, "lost",
						       (json_int_t)counts.lost));
	}
	return array;
}

json_t *capture_show(const struct agent *agent)
{
	const struct capture *capture = &agent->capture;
	struct xdpfrag_capture_counts counts = counts_now(agent);

	if (!capture->id)
		return json_pack("{s:b}", "running", false);
	return json_pack("{s:b, s:I, s:I, s:o, s:I, s:I, s:I, s:o}", "running", true, "uid",
			 (json_int_t)capture->uid, "seconds",
			 (json_int_t)(now().tv_sec - capture->began), "filter",
			 json_string(capture->filter), "ring", (json_int_t)XDPFRAG_CAPTURED_SIZE,
			 "captured", (json_int_t)counts.captured, "lost", (json_int_t)counts.lost,
			 "links", captured_links(agent));
}

/* --- begin and end --- */

static int check_nics(const struct agent *agent, const struct capture *capture, struct report *rep)
{
	size_t i;

	for (i = 0; i < capture->n_nics; i++) {
		const char *nic = capture->nics[i];
		const struct managed *managed =
			managed_by_name((struct managed *)agent->managed, agent->n_managed, nic);

		if (!managed)
			return report_refused(rep, -ENODEV, nic,
					      "%s is not a link that this agent manages: see "
					      "xdpfragctl link show",
					      REPORT_QUOTE(nic));
		if (!managed_steered(managed))
			return report_refused(rep, -ENODEV, nic, "%s is not steered%s%s", nic,
					      managed->reason[0] ? ": " : "", managed->reason);
	}
	return 0;
}

static int check_free(const struct agent *agent, struct report *rep)
{
	const struct capture *capture = &agent->capture;

	if (!capture->id)
		return 0;
	return report_refused(
		rep, -EBUSY, "capture",
		"another capture runs, of uid %u, for %lld seconds; one runs at a time",
		capture->uid, (long long)(now().tv_sec - capture->began));
}

static void on_hangup(void *arg)
{
	struct agent *agent = arg;

	agent->capture.owner = NULL;
	capture_end(agent);
}

void capture_end(struct agent *agent)
{
	struct capture *capture = &agent->capture;
	struct xdpfrag_capture_counts counts = counts_now(agent);

	if (!capture->id)
		return;
	if (capture->owner)
		control_untie(capture->owner);
	log_notice("uid %u: capture ended, %llu packets, %llu lost", capture->uid,
		   (unsigned long long)counts.captured, (unsigned long long)counts.lost);
	add(&capture->before, &counts);
	image_free(&capture->program.image);
	capture->id = 0;
	capture->owner = NULL;
	reconcile_soon(agent, 0);
}

/* As it was; the reason why is in rep already, in the words of whoever found it. */
static void undo(struct agent *agent)
{
	agent->capture.id = 0;
	image_free(&agent->capture.program.image);
}

json_t *capture_begin(struct agent *agent, const json_t *body, const struct caller *caller,
		      struct report *rep)
{
	struct capture *capture = &agent->capture;
	int err;

	if (check_free(agent, rep) || capture_read(capture, body, rep))
		return NULL;
	if (check_nics(agent, capture, rep)) {
		undo(agent);
		return NULL;
	}
	capture->id = now().tv_sec * 1000000000ULL + now().tv_nsec;
	err = reconcile(agent, NULL, rep);
	if (!err && agent->plane.shape.capture != capture->id)
		err = report_failed(rep, -EIO, "", "the programs could not be replaced");
	if (!err) {
		err = control_hand_over(caller->client, agent->plane.fds[PLANE_CAPTURED]);
		if (err)
			report_failed(rep, err, "", "cannot hand over the ring: %s",
				      strerror(-err));
	}
	if (err) {
		undo(agent);
		reconcile_soon(agent, 0);
		return NULL;
	}
	capture->uid = caller->uid;
	capture->began = now().tv_sec;
	capture->owner = caller->client;
	control_tie(caller->client, on_hangup, agent);
	log_notice("uid %u: capture%s%s", caller->uid, capture->filter[0] ? ": " : "",
		   capture->filter);
	return capture_show(agent);
}
