/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of the desired state, each all or nothing: carried out on a copy, kept
 * on disk, reconciled, and taken back whole when the kernel refuses.
 */
#ifndef XDPFRAG_CHANGE_H
#define XDPFRAG_CHANGE_H

#include <jansson.h>

#include "agent/agent.h"

/* One statement of the command line. Sentences are added to the array `warnings`. */
int change_statement(struct agent *agent, const char *const *words, size_t n_words,
		     json_t *warnings, struct report *rep);
/* The state becomes that of the file. */
int change_apply(struct agent *agent, const char *text, size_t len, json_t *warnings,
		 struct report *rep);
/* The state becomes that of the configuration file, as at start (SIGHUP). */
int change_reload(struct agent *agent, struct report *rep);

#endif
