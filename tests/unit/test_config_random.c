// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The desired state under random statements, against a model that is too simple
 * to be wrong: the line that made each group, or none.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/configs.h"

#define KEYS  200
#define LINKS 20

struct model {
	char groups[KEYS][160]; /* what follows the key's words, "" when not there */
	char links[LINKS][32];	/* what follows `link add` */
};

static void key_words(int key, char *buf, size_t len)
{
	static const char *const sources[] = { "", "source 10.0.0.1", "source 10.0.0.2" };
	static const char *const sources6[] = { "", "source fe80::1", "source 2001:db8::1" };

	if (key < KEYS / 2)
		snprintf(buf, len, "239.0.%d.0/%d|%s", key % 10, 24 + key / 10 % 5,
			 sources[key % 3]);
	else
		snprintf(buf, len, "ff3e:%x::/%d|%s", key % 10, 32 + key / 10 % 10,
			 sources6[key % 3]);
}

/* "group add KEY NICS source …": the source stands behind the NICs. */
static void group_line(char *line, size_t len, const char *verb, int key, const char *nics,
		       const char *options)
{
	char words[128], *source;

	key_words(key, words, sizeof(words));
	source = strchr(words, '|');
	*source++ = '\0';
	snprintf(line, len, "group %s %s %s %s %s", verb, words, nics, source, options);
}

static void random_nics(char *buf, const char *except)
{
	char name[16];
	int n = 1 + random() % 3;

	buf[0] = '\0';
	for (int i = 0; i < n; i++) {
		/* n disjoint ranges: never one name twice */
		snprintf(name, sizeof(name), "nic%d%ld", i, random() % 10);
		if (strcmp(name, except))
			sprintf(buf + strlen(buf), "%s%s", buf[0] ? "," : "", name);
	}
	if (!buf[0])
		strcpy(buf, "other");
}

static void random_attributes(char *nics, char *options)
{
	static const char *const scopes[] = { "", "scope all", "scope fragments" };
	static const char *const wrongs[] = { "", "wrong drop", "wrong observe",
					      "wrong redirect " };
	const char *scope = scopes[random() % 3], *wrong = wrongs[random() % 4];
	char redirect[16] = "";

	if (wrong == wrongs[3])
		snprintf(redirect, sizeof(redirect), "nic%ld%ld", random() % 3, random() % 10);
	random_nics(nics, redirect);
	if (random() & 1)
		sprintf(options, "%s %s%s", scope, wrong, redirect);
	else
		sprintf(options, "%s%s %s", wrong, redirect, scope);
}

static int expect_change(struct config *config, const char *line, int expected)
{
	struct report rep;
	int err = configs_change(config, line, &rep);

	if (err != expected)
		fail_msg("%s: %d, not %d: %s", line, err, expected, err ? rep.message : "");
	return err;
}

static void change_group(struct config *config, struct model *model)
{
	char nics[64], options[80], line[300];
	int key = random() % KEYS;
	char *group = model->groups[key];

	random_attributes(nics, options);
	switch (random() % 4) {
	case 0:
		group_line(line, sizeof(line), "del", key, "", "");
		expect_change(config, line, group[0] ? 0 : -ENOENT);
		group[0] = '\0';
		return;
	case 1:
		group_line(line, sizeof(line), "replace", key, nics, options);
		expect_change(config, line, 0);
		break;
	default:
		group_line(line, sizeof(line), "add", key, nics, options);
		if (expect_change(config, line, group[0] ? -EEXIST : 0))
			return;
	}
	sprintf(group, "%s|%s", nics, options);
}

static void change_link(struct config *config, struct model *model)
{
	static const char *const modes[] = { "", "mode auto", "mode native", "mode skb" };
	int key = random() % LINKS;
	char *link = model->links[key], line[64];

	if (random() & 1) {
		snprintf(line, sizeof(line), "link del nic%d", key);
		expect_change(config, line, link[0] ? 0 : -ENOENT);
		link[0] = '\0';
		return;
	}
	snprintf(line, sizeof(line), "link add nic%d %s", key, modes[random() % 4]);
	if (!expect_change(config, line, link[0] ? -EEXIST : 0))
		strcpy(link, line);
}

/* The model's lines as a file, from the last or the first: it must give an equal config. */
static void expect_model(const struct config *config, const struct model *model, bool backwards)
{
	static char text[(KEYS + LINKS) * 320];
	char *end = text, nics[160], line[300];
	struct config parsed;
	struct report rep;

	for (int i = 0; i < KEYS; i++) {
		int key = backwards ? KEYS - 1 - i : i;

		if (!model->groups[key][0])
			continue;
		strcpy(nics, model->groups[key]);
		nics[strcspn(nics, "|")] = '\0';
		group_line(line, sizeof(line), "add", key, nics,
			   strchr(model->groups[key], '|') + 1);
		end += sprintf(end, "%s\n", line);
	}
	for (int i = 0; i < LINKS; i++)
		end += sprintf(end, "%s\n", model->links[backwards ? LINKS - 1 - i : i]);
	config_init(&parsed);
	if (config_parse(&parsed, text, end - text, &rep))
		fail_msg("line %u: %s", rep.line, rep.message);
	assert_null(configs_fault(&parsed));
	assert_true(config_equal(config, &parsed));
	assert_true(config_equal(&parsed, config));
	config_free(&parsed);
}

static void random_statements_leave_what_the_model_has(void **state)
{
	(void)state;
	for (int seed = 1; seed <= 40; seed++) {
		static struct model model;
		struct config config, copy;

		srandom(seed);
		memset(&model, 0, sizeof(model));
		config_init(&config);
		for (int i = 0; i < 2000; i++) {
			if (random() % 8)
				change_group(&config, &model);
			else
				change_link(&config, &model);
			if (configs_fault(&config))
				fail_msg("seed %d, step %d: %s", seed, i, configs_fault(&config));
			if (i % 100 != seed % 100)
				continue;
			expect_model(&config, &model, i & 1);
			if (configs_round_trip_fault(&config))
				fail_msg("seed %d: %s", seed, configs_round_trip_fault(&config));
			assert_int_equal(config_copy(&copy, &config), 0);
			config_free(&config);
			config = copy;
		}
		config_free(&config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_statements_leave_what_the_model_has),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
