// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The desired state under random statements, against a model that is too simple
 * to be wrong: the line that made each group, link or route, or none; and each
 * setting's last word.
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

#define KEYS   200
#define LINKS  20
#define ROUTES 60

struct model {
	char groups[KEYS][160]; /* what follows the key's words, "" when not there */
	char links[LINKS][64];	/* the line */
	char settings[LINKS][LINK_SETTINGS][16]; /* "mtu 9000" */
	char routes[ROUTES][96];		 /* the line */
	bool learn;
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
	char name[24];
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
	switch (random() % 3) {
	case 0:
		strcat(options, " reassemble");
		break;
	case 1:
		strcat(options, strchr(nics, ',') ? " apart" : "");
	}
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
	static const char *const modes[] = { "", " mode auto", " mode native", " mode skb" };
	static const char *const hooks[] = { "", " xdpcap-hook off", " xdpcap-hook on" };
	int key = random() % LINKS;
	char *link = model->links[key], line[64];

	if (random() & 1) {
		snprintf(line, sizeof(line), "link del nic%d", key);
		expect_change(config, line, link[0] ? 0 : -ENOENT);
		link[0] = '\0';
		return;
	}
	snprintf(line, sizeof(line), "link add nic%d%s%s", key, modes[random() % 4],
		 hooks[random() % 3]);
	if (!expect_change(config, line, link[0] ? -EEXIST : 0))
		strcpy(link, line);
}

/* Any settings but none, each with its word behind a blank; a bit for each. */
static unsigned int random_settings(char words[LINK_SETTINGS][16])
{
	unsigned int said = 1 + random() % ((1 << LINK_SETTINGS) - 1);

	for (int i = 0; i < LINK_SETTINGS; i++)
		if (i == SETTING_MTU)
			snprintf(words[i], 16, "mtu %ld", 68 + random() % 3);
		else
			snprintf(words[i], 16, "%s %s", setting_name(i),
				 random() & 1 ? "on" : "off");
	return said;
}

static void change_settings(struct config *config, struct model *model)
{
	char words[LINK_SETTINGS][16], line[256];
	int nic = random() % LINKS, verb = random() % 4;
	unsigned int said = random_settings(words), have = 0;

	for (int i = 0; i < LINK_SETTINGS; i++)
		have |= model->settings[nic][i][0] ? 1 << i : 0;
	if (verb == 0)
		said = 0; /* all that there are */
	snprintf(line, sizeof(line), "link %s nic%d", verb > 1 ? "set" : "unset", nic);
	for (int i = LINK_SETTINGS; i-- > 0;)
		if (said & 1U << i)
			sprintf(line + strlen(line), " %s", verb > 1 ? words[i] : setting_name(i));
	if (expect_change(config, line, verb > 1 || (have && !(said & ~have)) ? 0 : -ENOENT))
		return;
	for (int i = 0; i < LINK_SETTINGS; i++)
		if (said & 1U << i || !said)
			strcpy(model->settings[nic][i], verb > 1 ? words[i] : "");
}

static void route_words(int key, char *buf, size_t len)
{
	static const char *const prefixes[] = { "default", "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9",
						"::/0" };
	static const char *const vias[] = { "", "via fe80::1", "via fe80::2" };
	static const char *const devs[] = { "", "dev nic1", "dev nic2", "dev nic3" };

	snprintf(buf, len, "%s %s %s", prefixes[key / 12], vias[key / 4 % 3], devs[key % 4]);
}

static void change_route(struct config *config, struct model *model)
{
	int key = random() % ROUTES;
	char words[64], *route = model->routes[key], line[128];

	route_words(key, words, sizeof(words));
	if (random() & 1) {
		snprintf(line, sizeof(line), "route unset %s", words);
		expect_change(config, line, route[0] ? 0 : -ENOENT);
		route[0] = '\0';
		return;
	}
	snprintf(route, sizeof(model->routes[key]), "route set %s mtu %ld", words,
		 1280 + random() % 3);
	expect_change(config, route, 0);
}

static void change_learn(struct config *config, struct model *model)
{
	model->learn = random() & 1;
	expect_change(config, model->learn ? "learn on" : "learn off", 0);
}

/* Some NICs' settings in a line, some in a line each. */
static char *model_settings(char *end, const struct model *model, int nic)
{
	bool apart = nic % 2, first = true;

	for (int i = 0; i < LINK_SETTINGS; i++) {
		if (!model->settings[nic][i][0])
			continue;
		if (first || apart)
			end += sprintf(end, "\nlink set nic%d", nic);
		end += sprintf(end, " %s", model->settings[nic][i]);
		first = false;
	}
	return end + sprintf(end, "\n");
}

/* The model's lines as a file, from the last or the first: it must give an equal config. */
static void expect_model(const struct config *config, const struct model *model, bool backwards)
{
	static char text[(KEYS + LINKS + ROUTES) * 320 + LINKS * LINK_SETTINGS * 40];
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
	for (int i = 0; i < LINKS; i++) {
		int link = backwards ? LINKS - 1 - i : i;

		end += sprintf(end, "%s\n", model->links[link]);
		end = model_settings(end, model, link);
	}
	for (int i = 0; i < ROUTES; i++)
		end += sprintf(end, "%s\n", model->routes[backwards ? ROUTES - 1 - i : i]);
	end += sprintf(end, "learn %s\n", model->learn ? "on" : "off");
	config_init(&parsed);
	if (config_parse(&parsed, text, end - text, &rep))
		fail_msg("line %u: %s", rep.line, rep.message);
	assert_null(configs_fault(&parsed));
	assert_true(config_equal(config, &parsed));
	assert_true(config_equal(&parsed, config));
	config_free(&parsed);
}

static void change_any(struct config *config, struct model *model)
{
	static void (*const changes[])(struct config * config, struct model * model) = {
		change_group, change_group,    change_group, change_group,
		change_link,  change_settings, change_route, change_learn,
	};

	changes[random() % 8](config, model);
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
			change_any(&config, &model);
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
