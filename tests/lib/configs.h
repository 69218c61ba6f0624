/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configs in tests: changed by lines of text, and held against what must be true
 * of every one.
 */
#ifndef TESTS_CONFIGS_H
#define TESTS_CONFIGS_H

#include "config/statement.h"

/* Cuts line in place at blanks; '' is the empty word. At most room words. */
size_t configs_split(char *line, const char **words, size_t room);

/* statement_parse() and config_change() of one line. */
int configs_change(struct config *config, const char *line, struct report *rep);

/* What is wrong with it, or NULL: sorted, unique, names interned and counted rightly. */
const char *configs_fault(const struct config *config);

/* config_print() into memory; NULL when that failed. For the caller to free. */
char *configs_text(const struct config *config, size_t *len);

/* Printed, parsed and printed again it is the same: NULL, or what went wrong. */
const char *configs_round_trip_fault(const struct config *config);

#endif
