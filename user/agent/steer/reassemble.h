/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reconcile's part for `reassemble`: the worker, its AF_XDP sockets on every steered
 * link, and where the datagrams go. The worker is there while a group wants it.
 *
 * Nothing here can fail a change: without a socket, fragments take the kernel's
 * path under the same policy. What is missing is kept as a reason, and shown.
 */
#ifndef XDPFRAG_REASSEMBLE_H
#define XDPFRAG_REASSEMBLE_H

#include <jansson.h>
#include <time.h>

#include "config/config.h"
#include "netstate/links.h"
#include "reassembly/groups.h"
#include "xdpfrag/state.h"

struct agent;
struct worker;

struct reassemble {
	struct worker *worker; /* NULL: no group wants it, or it could not be started */
	/* The worker's own hold on the maps: the plane may move meanwhile. */
	int sockets_fd;
	struct xdpfrag_credit *credits;
	uint32_t n_frames; /* of all sockets, as they were asked for */
	uint64_t tagged;   /* slots of links on which a VLAN device stands */
	uint64_t slots;	   /* reassemble_slots(), as the policy in force has it */
	/* The group behind an account; family 0: free. A group keeps its account. */
	struct group_key accounts[REASSEMBLED_MAX];
	char reason[160]; /* why there is no worker; "" */
	time_t failed_at; /* CLOCK_MONOTONIC; 0: has not failed */
	/* Of each link slot: why it lacks a socket, and when that was tried. */
	struct {
		char reason[128];
		uint32_t ifindex;
		unsigned int n_busy; /* attempts at a queue that somebody had */
		time_t failed_at;
	} links[XDPFRAG_LINKS];
};

/*
 * Before the policy is in force: the worker hears of the groups that come, or it would
 * not know where to deliver their first datagrams.
 */
void reassemble_prepare(struct agent *agent, const struct links *links);
/*
 * Closes the sockets of links that are gone or changed; before programs come, since
 * they may come into the same slots.
 */
void reassemble_release(struct agent *agent);
/* When programs are in place. Another reconcile follows when reassemble_slots() has changed. */
void reassemble_reconcile(struct agent *agent, const struct links *links);
/*
 * The slots of links that have a socket on every queue. A group is put together while
 * all the allowed links that are there do: on one without, its datagrams would come
 * whole through the kernel, and once more through the worker.
 */
uint64_t reassemble_slots(const struct agent *agent);
/* REASSEMBLED_MAX: none. */
uint32_t reassemble_account(const struct reassemble *state, const struct group_key *key);
/* The worker's end; fragments are on the kernel's path from then on. */
void reassemble_end(struct agent *agent);

/*
 * `reassembly` of a group: {"completed": datagrams, "bytes": of data, "lost": datagrams}.
 * NULL when the group is not put together now.
 */
json_t *reassemble_show_group(const struct agent *agent, const struct group *group);
/* Into a link's entry of a group: "first", "duplicate", "made_good" (fragments). */
void reassemble_show_share(const struct agent *agent, const struct group *group, uint32_t slot,
			   json_t *object);
/* `sockets` of a link: [{"queue", "mode": "copy"|"zero-copy", …}], and "sockets_reason". */
void reassemble_show_link(const struct agent *agent, uint32_t slot, json_t *object);
/* `reassembly` of status: everything that is counted, and the limits. NULL: no worker. */
json_t *reassemble_show_status(const struct agent *agent);

#endif
