/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `capture`: one at a time. It begins with a request, which gets the ring's file descriptor with
 * its reply, and ends with the connection that asked for it: whoever captures reads the ring by
 * himself, and the agent touches no packet.
 *
 * That a capture runs is part of what programs are loaded with (struct plane_shape): reconcile
 * puts them in place and takes them away, link by link, as it does for a policy that needs larger
 * maps. So no wrong fragment gets through meanwhile; and an agent that is killed leaves
 * programs that the next one replaces.
 *
 * Memory while one runs: the ring (XDPFRAG_CAPTURED_SIZE) and a copy of the steer object. A ring
 * stays for as long as somebody holds its descriptor, or a NIC that went to another network
 * namespace the program that writes to it: while CAPTURE_RINGS of earlier captures are there, none
 * begins.
 */
#ifndef XDPFRAG_AGENT_CAPTURE_H
#define XDPFRAG_AGENT_CAPTURE_H

#include <jansson.h>
#include <net/if.h>
#include <time.h>

#include "config/report.h"
#include "datapath/steer.h"
#include "xdpfrag/captured.h"

struct agent;
struct caller;
struct client;
struct plane;

#define CAPTURE_RINGS	4  /* of earlier captures, at most */
#define CAPTURE_SECONDS 20 /* that the loading of programs with a filter may take, at most */

struct capture {
	uint64_t id; /* never one of an agent before; 0: none runs */
	struct steer_capture program;
	char nics[XDPFRAG_LINKS][IFNAMSIZ]; /* to be captured on */
	size_t n_nics;			    /* 0: every steered link */
	struct client *owner;
	uid_t uid;
	pid_t pid;
	uint32_t rings[CAPTURE_RINGS]; /* map ids of those handed out last; 0: none */
	time_t began;		       /* CLOCK_MONOTONIC, seconds */
	char filter[160];
	struct xdpfrag_capture_counts before; /* of captures that have ended */
};

/* The requests' results (protocol.h); NULL with a report. */
json_t *capture_begin(struct agent *agent, const json_t *body, const struct caller *caller,
		      struct report *rep);
json_t *capture_show(const struct agent *agent);

/* What a link's program is to be loaded with under this plane; NULL: it captures nothing. */
const struct steer_capture *capture_on(const struct agent *agent, const struct plane *plane,
				       const char *nic);
/* All that was ever captured, and lost. */
struct xdpfrag_capture_counts capture_totals(const struct agent *agent);
/* The capture is over: reconcile takes it off the links. Does nothing when none runs. */
void capture_end(struct agent *agent);

#endif
