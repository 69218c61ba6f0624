// SPDX-License-Identifier: GPL-2.0-or-later
/* `doctor`: the session (doctor.h). */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/agent.h"
#include "agent/log.h"
#include "agent/sessions/doctor.h"
#include "datapath/events.h"
#include "diagnose/rules.h"
#include "diagnose/sample.h"
#include "protocol/protocol.h"

#define TICK_MS 100

struct doctor {
	struct agent *agent;
	json_int_t id;
	uint64_t end;	      /* of the sample, ns of CLOCK_MONOTONIC */
	unsigned int unasked; /* ticks since the last request */
	struct event *tick;
	/* While it samples. */
	struct sample *sample;
	struct events *events; /* NULL: they cannot be read */
	struct event *readable;
	struct doctor_baseline baseline;
	int events_err; /* why fragments at the hook are not, or no longer, seen */
	json_t *report; /* afterwards; with `trouble` instead when it failed */
	int trouble;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void stop_events(struct doctor *doctor)
{
	if (doctor->readable)
		event_free(doctor->readable);
	doctor->readable = NULL;
	events_close(doctor->events);
	doctor->events = NULL;
}

static void stop_sampling(struct doctor *doctor)
{
	stop_events(doctor);
	sample_close(doctor->sample);
	doctor->sample = NULL;
}

void doctor_end(struct agent *agent)
{
	struct doctor *doctor = agent->doctor;

	if (!doctor)
		return;
	agent->doctor = NULL;
	stop_sampling(doctor);
	if (doctor->tick)
		event_free(doctor->tick);
	json_decref(doctor->report);
	free(doctor);
}

/* --- sampling --- */

static bool went_on(uint8_t verdict)
{
	return verdict == XDPFRAG_NO_VERDICT || verdict == XDPFRAG_PASSED ||
	       verdict == XDPFRAG_OBSERVED;
}

static void on_fragment(const struct xdpfrag_event *event, void *arg)
{
	struct doctor *doctor = arg;
	const struct xdpfrag_state *state = doctor->agent->plane.state;
	struct sample_fragment fragment = {
		.time = event->time,
		.id = event->id,
		.offset = event->offset,
		.family = event->family,
		.passed = went_on(event->verdict),
		.group = event->group,
		.source = event->source,
	};

	if (!state || event->slot >= XDPFRAG_LINKS)
		return;
	fragment.ifindex = state->links[event->slot].ifindex;
	if (fragment.ifindex)
		sample_add_fragment(doctor->sample, &fragment);
}

static void on_events(evutil_socket_t fd, short what, void *arg)
{
	struct doctor *doctor = arg;
	int err = events_read(doctor->events);

	(void)fd;
	(void)what;
	if (err < 0) {
		doctor->events_err = err;
		stop_events(doctor);
	}
}

static void start_events(struct doctor *doctor)
{
	struct agent *agent = doctor->agent;
	int err = agent->plane.state
			  ? events_open(&doctor->events, &agent->plane, on_fragment, doctor)
			  : -ENODEV;

	if (!err) {
		doctor->readable = event_new(agent->base, events_fd(doctor->events),
					     EV_READ | EV_PERSIST, on_events, doctor);
		if (!doctor->readable || event_add(doctor->readable, NULL))
			err = -ENOMEM;
		else
			events_renew(doctor->events, PROTOCOL_PATIENCE);
	}
	if (err)
		stop_events(doctor);
	doctor->events_err = err;
}

static void note_events(const struct doctor *doctor, struct facts *facts)
{
	uint64_t lost = doctor->events ? events_lost(doctor->events) : 0;

	if (doctor->events_err == -ENODEV)
		facts_note(facts, "fragments at the XDP hook were not watched: no NIC is steered");
	else if (doctor->events_err)
		facts_note(facts, "fragments at the XDP hook were not watched to the end: %s",
			   strerror(-doctor->events_err));
	if (lost)
		facts_note(facts, "%llu fragments at the XDP hook came too fast to be looked at",
			   (unsigned long long)lost);
}

static int make_report(struct doctor *doctor)
{
	struct findings *findings = calloc(1, sizeof(*findings));
	struct doctor_sums sums;
	struct facts facts;
	int err = findings ? 0 : -ENOMEM;

	facts_init(&facts);
	if (doctor->events && events_read(doctor->events) < 0)
		doctor->events_err = -EIO;
	note_events(doctor, &facts);
	sums.fragments = sample_fragments(doctor->sample);
	sums.twins = sample_twins(doctor->sample);
	if (!err)
		err = sample_finish(doctor->sample, &facts);
	if (!err)
		err = doctor_add_facts(doctor->agent, &doctor->baseline, &facts);
	if (!err) {
		rules_run(&facts, findings);
		doctor->report = doctor_json(&facts, findings, &sums);
		err = doctor->report ? 0 : -ENOMEM;
	}
	facts_free(&facts);
	free(findings);
	return err;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct doctor *doctor = arg;
	uint64_t now = now_ns();

	(void)fd;
	(void)what;
	/* Not by the clock: an agent that is busy cannot be asked, and does not tick. */
	if (++doctor->unasked > DOCTOR_LEASE * 1000 / TICK_MS) {
		doctor_end(doctor->agent);
		return;
	}
	if (!doctor->sample)
		return;
	if (now < doctor->end) {
		if (doctor->events)
			events_renew(doctor->events, PROTOCOL_PATIENCE);
		return;
	}
	doctor->trouble = make_report(doctor);
	stop_sampling(doctor);
}

/* --- requests --- */

static int read_seconds(const json_t *body, double *seconds, struct report *rep)
{
	const json_t *value = json_object_get(body, "seconds");

	*seconds = value ? json_number_value(value) : DOCTOR_SECONDS;
	/* Also refuses what is no number. */
	if (!(*seconds >= 1 && *seconds <= DOCTOR_SECONDS_MAX))
		return report_usage(rep, "seconds", "1 to 3600", "a sample takes 1 to %d seconds",
				    DOCTOR_SECONDS_MAX);
	return 0;
}

static int start(struct doctor *doctor, double seconds, bool probe)
{
	static const struct timeval every = { .tv_usec = TICK_MS * 1000 };
	struct agent *agent = doctor->agent;
	int err;

	doctor_take_baseline(agent, &doctor->baseline);
	err = sample_open(&doctor->sample, agent->base, probe);
	if (err)
		return err;
	start_events(doctor);
	doctor->end = now_ns() + seconds * 1e9;
	doctor->tick = event_new(agent->base, -1, EV_PERSIST, on_tick, doctor);
	return doctor->tick && !event_add(doctor->tick, &every) ? 0 : -ENOMEM;
}

static double seconds_left(const struct doctor *doctor)
{
	uint64_t now = now_ns();

	return doctor->end > now ? (doctor->end - now) / 1e9 : 0;
}

json_t *doctor_begin(struct agent *agent, const json_t *body, struct report *rep)
{
	struct doctor *doctor;
	double seconds;
	int err;

	if (read_seconds(body, &seconds, rep))
		return NULL;
	if (agent->doctor && agent->doctor->sample) {
		report_refused(rep, -EBUSY, "doctor",
			       "another doctor samples, for %.0f more seconds; try again then",
			       seconds_left(agent->doctor) + 1);
		return NULL;
	}
	doctor_end(agent);
	doctor = calloc(1, sizeof(*doctor));
	if (!doctor)
		return NULL;
	doctor->agent = agent;
	/* Never one of an agent before. */
	doctor->id = now_ns();
	agent->doctor = doctor;
	err = start(doctor, seconds, json_is_true(json_object_get(body, "probe")));
	if (err) {
		doctor_end(agent);
		report_failed(rep, err, "", "cannot sample: %s", strerror(-err));
		return NULL;
	}
	return json_pack("{s:I, s:f}", "id", doctor->id, "seconds", seconds);
}

/* The session that is meant; NULL with a report when it is gone. */
static struct doctor *find(struct agent *agent, const json_t *body, struct report *rep)
{
	const json_t *id = json_object_get(body, "id");

	if (!json_is_integer(id)) {
		report_usage(rep, "id", "the number that `doctor begin` gave",
			     "which session is meant?");
		return NULL;
	}
	if (!agent->doctor || agent->doctor->id != json_integer_value(id)) {
		report_refused(
			rep, -ENOENT, "id",
			"there is no doctor session %lld any more: nobody asked for it for %d "
			"seconds, another was begun, or the agent was restarted",
			(long long)json_integer_value(id), DOCTOR_LEASE);
		return NULL;
	}
	return agent->doctor;
}

json_t *doctor_report(struct agent *agent, const json_t *body, struct report *rep)
{
	struct doctor *doctor = find(agent, body, rep);

	if (!doctor)
		return NULL;
	doctor->unasked = 0;
	if (doctor->sample)
		return json_pack("{s:I, s:f, s:I, s:I}", "id", doctor->id, "left",
				 seconds_left(doctor), "fragments",
				 (json_int_t)sample_fragments(doctor->sample), "on_two_nics",
				 (json_int_t)sample_twins(doctor->sample));
	if (doctor->trouble) {
		report_failed(rep, doctor->trouble, "", "cannot look at the host: %s",
			      strerror(-doctor->trouble));
		return NULL;
	}
	return json_incref(doctor->report);
}

json_t *doctor_cancel(struct agent *agent, const json_t *body, struct report *rep)
{
	if (!find(agent, body, rep))
		return NULL;
	doctor_end(agent);
	return json_object();
}
