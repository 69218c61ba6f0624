/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the table of commands runs: see struct ctl_command for how.
 */
#ifndef XDPFRAG_OBJECTS_H
#define XDPFRAG_OBJECTS_H

#include "ctl.h"

#define DECLARE_COMMAND(name) \
	int name(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)

DECLARE_COMMAND(change_run); /* every statement of the grammar */
DECLARE_COMMAND(group_show);
DECLARE_COMMAND(link_show);
DECLARE_COMMAND(route_show);
DECLARE_COMMAND(learn_show);
DECLARE_COMMAND(status_run);
DECLARE_COMMAND(stats_run);
DECLARE_COMMAND(doctor_run);
DECLARE_COMMAND(capture_run);
DECLARE_COMMAND(trace_run);
DECLARE_COMMAND(save_run);
DECLARE_COMMAND(apply_run);
DECLARE_COMMAND(probe_send_run);
DECLARE_COMMAND(probe_recv_run);

/* -EINVAL and a usage report when there are more words than `max`. */
int no_more_words(const char *const *words, size_t n_words, size_t max, struct report *rep);

#endif
