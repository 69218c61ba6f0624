/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that are one of a few words: `scope`, `wrong`, `mode`, and on or off. One table for
 * each, for reading, writing and saying what was expected. Inside user/config only.
 */
#ifndef XDPFRAG_CHOICE_H
#define XDPFRAG_CHOICE_H

#include <stdint.h>

#include "report.h"

struct choice {
	const char *name;
	uint8_t value;
};

/* Each ends with name NULL. */
extern const struct choice scope_choices[];	/* value: scope_all */
extern const struct choice wrong_choices[];	/* value: enum xdpfrag_wrong */
extern const struct choice link_mode_choices[]; /* value: enum link_mode */
extern const struct choice switch_choices[];	/* value: bool */

/* `keyword` is the one before the word, for the message. */
int choice_parse(const struct choice *choices, const char *keyword, const char *word,
		 uint8_t *value, struct report *rep);
const char *choice_name(const struct choice *choices, uint8_t value);

#endif
