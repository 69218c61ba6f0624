/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of configs that must succeed or fail, for tests with cmocka. A line is a
 * statement as configs_change() takes it.
 */
#ifndef TESTS_EXPECT_CONFIG_H
#define TESTS_EXPECT_CONFIG_H

#include "config/config.h"
#include "expect.h"

/* It is carried out, and leaves a sound config. */
void config_must_change(struct config *config, const char *line);

/* config_print() prints this. */
void config_expect_text(const struct config *config, const char *expected);

/* Refused with this error and report, and every byte as before. */
void config_expect_refusal(struct config *config, const char *line, int err,
			   const struct expected_report *expected);

#endif
