/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The desired state on disk: the configuration file that the administrator
 * writes, and RUN_DIR/state.conf, in which the agent keeps what was changed at
 * run time. Both are lists of statements.
 *
 * state.conf outlives the agent, however it ended, until the next boot (the run
 * folder is on a tmpfs), or until the configuration file is changed: it begins
 * with a line that says which one it started from.
 */
#ifndef XDPFRAG_RUNTIME_H
#define XDPFRAG_RUNTIME_H

#include "agent/agent.h"

/*
 * Reads state.conf where it is there and still holds, the configuration file
 * otherwise, into an initialised config. A missing configuration file is an
 * empty one. *from_runtime says which.
 */
int runtime_load(const struct agent_options *options, struct config *config, bool *from_runtime,
		 struct report *rep);
/* The configuration file alone. */
int runtime_load_config(const struct agent_options *options, struct config *config,
			struct report *rep);

/* Two steps, so that a full disk refuses a change before it is made. */
int runtime_prepare(const struct agent_options *options, const struct config *config,
		    struct report *rep);
int runtime_commit(const struct agent_options *options);
void runtime_discard(const struct agent_options *options);
/* Back to the configuration file. */
void runtime_remove(const struct agent_options *options);

#endif
