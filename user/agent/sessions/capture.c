// SPDX-License-Identifier: GPL-2.0-or-later
/* `capture`: the session (capture.h). */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/control.h"
#include "agent/log.h"
#include "agent/reconcile.h"
#include "agent/sessions/capture.h"
#include "agent/sessions/capture_request.h"
#include "agent/show_name.h"
#include "datapath/instance.h"
#include "datapath/libs.h"
#include "datapath/map.h"
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

static json_t *captured_link(const struct agent *agent, json_t *name, uint32_t ifindex,
			     uint32_t slot)
{
	struct xdpfrag_capture_counts counts = counts_of(agent, slot);

	return json_pack("{s:o, s:I, s:I, s:I, s:I}", "name", name, "ifindex", (json_int_t)ifindex,
			 "slot", (json_int_t)slot, "captured", (json_int_t)counts.captured, "lost",
			 (json_int_t)counts.lost);
}

/* And those of NICs that are gone, whose names whoever captures has: ifindex is 0. */
static json_t *captured_links(const struct agent *agent)
{
	bool listed[XDPFRAG_LINKS] = {};
	json_t *array = json_array();
	uint32_t slot;
	size_t i;

	for (i = 0; i < agent->n_managed; i++) {
		const struct managed *managed = &agent->managed[i];

		if (!managed_steered(managed) || !capture_on(agent, &agent->plane, managed->name))
			continue;
		json_array_append_new(array, captured_link(agent, show_name(managed->name),
							   managed->ifindex, managed->slot));
		if (managed->slot < XDPFRAG_LINKS)
			listed[managed->slot] = true;
	}
	for (slot = 0; slot < XDPFRAG_LINKS; slot++) {
		struct xdpfrag_capture_counts counts = counts_of(agent, slot);

		if (!listed[slot] && (counts.captured || counts.lost))
			json_array_append_new(array,
					      captured_link(agent, json_string(""), 0, slot));
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
	size_t i, steered = 0;

	for (i = 0; i < agent->n_managed; i++)
		steered += managed_steered(&agent->managed[i]);
	if (!steered)
		return report_refused(rep, -ENODEV, "",
				      "no link is steered, so that nothing can be captured: see "
				      "xdpfragctl link show");
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
	return report_refused(rep, -EBUSY, "capture",
			      "another capture runs, for %lld seconds, and one runs at a time: end "
			      "that of process %d, uid %u",
			      (long long)(now().tv_sec - capture->began), capture->pid,
			      capture->uid);
}

/* A place for one more ring's id; NULL while all the rings before it are there. */
static uint32_t *free_ring(struct capture *capture)
{
	size_t i;

	for (i = 0; i < CAPTURE_RINGS; i++) {
		int fd = capture->rings[i] ? bpf_map_get_fd_by_id(capture->rings[i]) : -1;

		if (fd < 0)
			return &capture->rings[i];
		close(fd);
	}
	return NULL;
}

static int check_caller(struct agent *agent, const struct caller *caller, struct report *rep)
{
	if (!control_can_hand_over(caller->client))
		return report_refused(rep, -EBUSY, "capture",
				      "the replies before this one are to be read first");
	if (!free_ring(&agent->capture))
		return report_refused(rep, -EBUSY, "capture",
				      "the rings of %d captures before are still open; end the "
				      "programs that hold them",
				      CAPTURE_RINGS);
	return 0;
}

static size_t count_captured(const struct agent *agent)
{
	size_t i, n = 0;

	for (i = 0; i < agent->n_managed; i++)
		n += managed_steered(&agent->managed[i]) &&
		     is_wanted(&agent->capture, agent->managed[i].name);
	return n;
}

/*
 * Loads the program once, before any link's is touched: the verifier may find the filter too
 * complex, or take so long over it that the agent would stand still, once for each link.
 */
static int try_program(const struct agent *agent, struct report *rep)
{
	const struct instance_request request = { .plane = &agent->plane,
						  .capture = &agent->capture.program };
	struct timespec before = now(), after;
	double seconds;
	int err;

	libs_forget();
	err = instance_try(&request);
	after = now();
	seconds = (after.tv_sec - before.tv_sec + (after.tv_nsec - before.tv_nsec) / 1e9) *
		  count_captured(agent);
	if (err == -E2BIG || (!err && seconds > CAPTURE_SECONDS))
		return report_refused(
			rep, -E2BIG, "",
			"the filter is too complex: the kernel's verifier takes too "
			"long over it; leave part of it to whatever reads the capture");
	if (err)
		return report_failed(rep, err, "",
				     "the kernel refuses the program with this filter: %s %s",
				     strerror(-err), libs_kernel_message());
	return 0;
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

/* In force on the links, and its ring on the way to the caller. */
static int put_in_force(struct agent *agent, const struct caller *caller, struct report *rep)
{
	struct capture *capture = &agent->capture;
	struct bpf_map_info ring;
	int err;

	err = reconcile(agent, NULL, rep);
	if (!err && agent->plane.shape.capture != capture->id)
		err = report_failed(rep, -EIO, "", "the programs could not be replaced");
	if (err)
		return err;
	err = map_info(agent->plane.fds[PLANE_CAPTURED], &ring);
	if (!err)
		err = control_hand_over(caller->client, agent->plane.fds[PLANE_CAPTURED]);
	if (err)
		return report_failed(rep, err, "", "cannot hand over the ring: %s", strerror(-err));
	*free_ring(capture) = ring.id;
	return 0;
}

json_t *capture_begin(struct agent *agent, const json_t *body, const struct caller *caller,
		      struct report *rep)
{
	struct capture *capture = &agent->capture;

	if (check_free(agent, rep) || check_caller(agent, caller, rep) ||
	    capture_read(capture, body, rep))
		return NULL;
	if (check_nics(agent, capture, rep) || try_program(agent, rep)) {
		undo(agent);
		return NULL;
	}
	capture->id = now().tv_sec * 1000000000ULL + now().tv_nsec;
	if (put_in_force(agent, caller, rep)) {
		undo(agent);
		reconcile_soon(agent, 0);
		return NULL;
	}
	capture->uid = caller->uid;
	capture->pid = caller->pid;
	capture->began = now().tv_sec;
	capture->owner = caller->client;
	control_tie(caller->client, on_hangup, agent);
	log_notice("uid %u: capture%s%s", caller->uid, capture->filter[0] ? ": " : "",
		   capture->filter);
	return capture_show(agent);
}
