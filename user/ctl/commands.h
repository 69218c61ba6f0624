/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of all commands: from it follow which words are commands, what is
 * expected in place of a wrong one, and every usage text.
 */
#ifndef XDPFRAG_COMMANDS_H
#define XDPFRAG_COMMANDS_H

#include <stdio.h>

#include "ctl.h"

extern const struct ctl_command ctl_commands[]; /* ends with object NULL */

/* The command that the words name; NULL with a usage report when they name none. */
const struct ctl_command *command_find(const char *const *words, size_t n_words,
				       struct report *rep);

/* Has it an option of its own with this very word, such as "-s", alone or with a value? */
bool command_has_option(const struct ctl_command *command, const char *option);

/* "group add GROUP[/LEN] …" with its help below. */
void usage_command(FILE *to, const struct ctl_command *command);
/* The usage that fits words: of a command, of an object, or of everything. */
void usage_fitting(FILE *to, const char *const *words, size_t n_words);
/* After an error: the form of the command, or if there is none, of the object in words. */
void usage_line(FILE *to, const struct ctl_command *command, const char *const *words,
		size_t n_words);

#endif
