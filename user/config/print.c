// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Statements as text, as a file has them.
 *
 * Written by hand rather than by fprintf(), for the sake of files with 100,000
 * groups. Names are sorted: the order in which they were interned means nothing,
 * and must not make two equal states look different.
 */
#include <errno.h>
#include <string.h>

#include "choice.h"
#include "statement.h"

static void put_words(FILE *to, const char *before, const char *words)
{
	fputs(before, to);
	fputs(words, to);
}

static void print_allowed(const struct config *config, uint64_t allowed, FILE *to)
{
	const char *names[CONFIG_NICS];
	size_t n = 0;

	for (; allowed; allowed &= allowed - 1) {
		const char *name = config->nics[__builtin_ctzll(allowed)];
		size_t place = n++;

		for (; place > 0 && strcmp(names[place - 1], name) > 0; place--)
			names[place] = names[place - 1];
		names[place] = name;
	}
	for (size_t i = 0; i < n; i++)
		put_words(to, i ? "," : " ", names[i]);
}

int group_print(const struct config *config, const struct group *group, FILE *to)
{
	char text[64];

	put_words(to, "group add ", group_key_text(&group->key, text, sizeof(text)));
	print_allowed(config, group->allowed, to);
	if (group->key.has_source)
		put_words(to, " source ", group_source_text(&group->key, text, sizeof(text)));
	if (group->scope_all)
		put_words(to, " scope ", choice_name(scope_choices, true));
	if (group->wrong != XDPFRAG_WRONG_DROP)
		put_words(to, " wrong ", wrong_name(group->wrong));
	if (group->wrong == XDPFRAG_WRONG_REDIRECT)
		put_words(to, " ", config->nics[group->redirect]);
	if (group->apart)
		fputs(" apart", to);
	if (group->reassemble)
		fputs(" reassemble", to);
	return ferror(to) ? -EIO : 0;
}

static void print_link(const struct link_config *link, FILE *to)
{
	put_words(to, "link add ", link->name);
	if (link->mode != LINK_AUTO)
		put_words(to, " mode ", link_mode_name(link->mode));
	if (link->xdpcap_hook)
		put_words(to, " xdpcap-hook ", choice_name(switch_choices, true));
	fputc('\n', to);
}

static void print_settings(const struct link_settings *settings, FILE *to)
{
	char text[16];

	put_words(to, "link set ", settings->name);
	for (int i = 0; i < LINK_SETTINGS; i++) {
		if (!(settings->said & 1U << i))
			continue;
		put_words(to, " ", setting_name(i));
		put_words(to, " ", setting_text(i, settings->values[i], text, sizeof(text)));
	}
	fputc('\n', to);
}

static void print_route(const struct route_config *route, FILE *to)
{
	char words[ROUTE_KEY_WORDS];

	fprintf(to, "route set %s mtu %u\n", route_key_words(&route->key, words, sizeof(words)),
		route->mtu);
}

int config_print(const struct config *config, FILE *to)
{
	int err;

	for (size_t i = 0; i < config->n_links; i++)
		print_link(&config->links[i], to);
	for (size_t i = 0; i < config->n_settings; i++)
		print_settings(&config->settings[i], to);
	for (size_t i = 0; i < config->n_routes; i++)
		print_route(&config->routes[i], to);
	if (config->learn)
		fputs("learn on\n", to);
	for (size_t i = 0; i < config->n_groups; i++) {
		err = group_print(config, &config->groups[i], to);
		if (err)
			return err;
		fputc('\n', to);
	}
	return fflush(to) || ferror(to) ? -EIO : 0;
}
