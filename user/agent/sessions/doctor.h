/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `doctor`: a session samples the host for some seconds, asks the rules
 * (diagnose/rules.h) once, and keeps their report until it is fetched.
 *
 * One session at a time, and it belongs to no connection: whoever knows its id may
 * ask. It lives only while somebody asks: DOCTOR_LEASE seconds after the last
 * request for it, less those in which the agent was busy, it is gone, whether it samples still
 * or has its report. It takes 3 MB, and 256 KiB for each NIC, while it samples, then its report.
 */
#ifndef XDPFRAG_AGENT_DOCTOR_H
#define XDPFRAG_AGENT_DOCTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/report.h"
#include "diagnose/facts.h"
#include "diagnose/finding.h"

#define DOCTOR_SECONDS	   3 /* of a sample, unless the request says otherwise */
#define DOCTOR_SECONDS_MAX 3600
#define DOCTOR_LEASE	   15

struct agent;
struct doctor;

/* The requests' results (protocol.h); NULL with a report, or without one when memory is out. */
json_t *doctor_begin(struct agent *agent, const json_t *body, struct report *rep);
json_t *doctor_report(struct agent *agent, const json_t *body, struct report *rep);
json_t *doctor_cancel(struct agent *agent, const json_t *body, struct report *rep);

/* The agent ends; before its plane is closed. */
void doctor_end(struct agent *agent);

/*
 * Its parts: the agent's own facts, with what was counted already when the sample
 * began (doctor_facts.c), and the report as JSON (doctor_report.c).
 */
struct doctor_baseline {
	struct {
		char name[IFNAMSIZ];
		uint64_t drift[LINK_SETTINGS];
	} nics[CONFIG_LINKS];
	size_t n_nics;
	uint64_t route_drift, uncounted;
};

void doctor_take_baseline(const struct agent *agent, struct doctor_baseline *baseline);
/* 0 or -ENOMEM */
int doctor_add_facts(const struct agent *agent, const struct doctor_baseline *baseline,
		     struct facts *facts);

struct doctor_sums {
	uint64_t fragments, twins; /* at the XDP hook */
};
json_t *doctor_json(const struct facts *facts, const struct findings *findings,
		    const struct doctor_sums *sums);

#endif
