/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all commands of xdpfragctl share: the options that stand before the object,
 * and the table entry from which a command is found, run and explained.
 *
 * Life of an invocation: main() reads the options, command_find() picks the table
 * entry, its run() asks the agent and prints. A run() that fails fills in a
 * struct report and returns a negative errno; main() says it, once.
 */
#ifndef XDPFRAG_CTL_H
#define XDPFRAG_CTL_H

#include <stdbool.h>
#include <stddef.h>

#include "client.h"
#include "config/report.h"

struct ctl {
	bool json;  /* -j */
	int status; /* to end with when run() went well: what doctor found */
	struct client client;
};

/* Words and their number always go together: words[0] is the object. */
struct ctl_command {
	const char *object;
	const char *name; /* "": the object is the command */
	/*
	 * 0, or a negative errno with *rep filled in. A rep that is left empty ends
	 * with status 1 in silence.
	 */
	int (*run)(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep);
	const char *usage; /* what follows; NULL: as statement_forms has it */
	const char *help;  /* one line; NULL likewise */
};

#endif
