/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `show` answers, as JSON (shapes: user/protocol/protocol.h). Read from the
 * desired state, the kernel's tables and the counters at the moment of asking.
 * Each returns a new reference, or NULL when memory is out.
 */
#ifndef XDPFRAG_SHOW_H
#define XDPFRAG_SHOW_H

#include <jansson.h>

#include "agent/agent.h"
#include "config/verdicts.h"

/*
 * One page of groups. `only` restricts it to a group or prefix, `after` is the
 * cursor of the page before; both may be NULL. *next is the cursor of the next
 * page, "" on the last.
 */
json_t *show_groups(const struct agent *agent, const struct group_key *only,
		    const struct group_key *after, char *next, size_t next_len);
/* A cursor is a group as a statement names it; -EINVAL with a report. */
int show_cursor(const char *cursor, struct group_key *key, struct report *rep);
void show_write_cursor(const struct group_key *key, char *next, size_t len);

/* One page of what is joined, with what has become of it; pages as of groups. */
json_t *show_learn(const struct agent *agent, const struct group_key *after, char *next,
		   size_t next_len);

/* Is it managed, or has it settings? */
bool show_knows_link(const struct agent *agent, const char *nic);
/*
 * `nic` NULL: all of those. An empty array when there is none of that name. Of all that
 * is shown this alone asks the kernel much: a dump of the links, and where one is promiscuous
 * or allmulti for more than its flag, one of the packet sockets and a walk through /proc.
 */
json_t *show_links(const struct agent *agent, const char *nic, struct report *rep);
/* What every statement means now: a dump of the routes, and a lookup for each. */
json_t *show_routes(const struct agent *agent, struct report *rep);
/* What the kernel would use to one address. */
json_t *show_route_to(const struct agent *agent, const char *address, struct report *rep);
json_t *show_stats(const struct agent *agent);
json_t *show_status(const struct agent *agent);

#endif
