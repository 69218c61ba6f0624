// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Link statements: a few, kept sorted by name.
 */
#include <errno.h>
#include <string.h>

#include "change.h"

/* The first place whose name does not come before this one. */
static size_t find_place(const struct config *config, const char *name)
{
	size_t place = 0;

	while (place < config->n_links && strcmp(config->links[place].name, name) < 0)
		place++;
	return place;
}

static void move(struct config *config, size_t to, size_t from)
{
	memmove(&config->links[to], &config->links[from],
		(config->n_links - from) * sizeof(config->links[0]));
}

int link_add(struct config *config, const struct link_config *link, struct report *rep)
{
	size_t place = find_place(config, link->name);

	if (config_find_link(config, link->name))
		return report_refused(rep, -EEXIST, link->name,
				      "link %s is there already; to change it, use link del and "
				      "link add",
				      REPORT_QUOTE(link->name));
	if (config->n_links == CONFIG_LINKS)
		return report_refused(rep, -ENOSPC, link->name,
				      "%s would be one link too many: there are %d, the most there "
				      "can be",
				      REPORT_QUOTE(link->name), CONFIG_LINKS);
	move(config, place + 1, place);
	config->links[place] = *link;
	config->n_links++;
	return 0;
}

int link_del(struct config *config, const char *name, struct report *rep)
{
	size_t place = find_place(config, name);

	if (!config_find_link(config, name))
		return report_refused(rep, -ENOENT, name, "there is no link add for %s",
				      REPORT_QUOTE(name));
	move(config, place, place + 1);
	config->n_links--;
	memset(&config->links[config->n_links], 0, sizeof(config->links[0]));
	return 0;
}
