// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes of configs that must succeed or fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "configs.h"
#include "expect_config.h"

void config_must_change(struct config *config, const char *line)
{
	struct report rep;
	int err;

	err = configs_change(config, line, &rep);
	if (err)
		fail_msg("%s: %s", line, rep.message);
	if (configs_fault(config))
		fail_msg("%s: %s", line, configs_fault(config));
}

void config_expect_text(const struct config *config, const char *expected)
{
	size_t len;
	char *text = configs_text(config, &len);
	bool same = text && !strcmp(text, expected);

	if (!same)
		print_error("is:\n%s", text);
	free(text);
	if (!same)
		fail_msg("not:\n%s", expected);
}

void config_expect_refusal(struct config *config, const char *line, int err,
			   const struct expected_report *expected)
{
	struct config before = *config;
	size_t size = config->n_groups * sizeof(*config->groups);
	struct group *groups = malloc(size + 1);
	struct report rep;

	assert_non_null(groups);
	if (size)
		memcpy(groups, config->groups, size);
	memset(&rep, 0xa5, sizeof(rep));
	if (configs_change(config, line, &rep) != err)
		fail_msg("%s: not %d", line, err);
	expect_report(line, &rep, expected);
	assert_memory_equal(&before, config, sizeof(before));
	if (size)
		assert_memory_equal(groups, config->groups, size);
	free(groups);
}
