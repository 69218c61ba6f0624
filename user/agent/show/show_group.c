// SPDX-License-Identifier: GPL-2.0-or-later
/* group show: the statements, and what became of their packets on every link. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/show/show.h"
#include "agent/show_name.h"
#include "agent/steer/rows.h"
#include "config/statement.h"
#include "netstate/links.h"
#include "protocol/protocol.h"

#define KEY_TEXT 64

/* The other end of a veth to which it is redirected: there it passes. */
static bool is_returned(const struct config *config, const struct group *group,
			const struct links *links, const struct link *link)
{
	const struct link *target;

	if (group->wrong != XDPFRAG_WRONG_REDIRECT)
		return false;
	target = links_by_name(links, config->nics[group->redirect]);
	return target && link_returns(links, link, target);
}

/* By the statement, so that it is right for a link that is not steered too. */
static bool is_allowed(const struct config *config, const struct group *group,
		       const struct links *links, const char *name)
{
	const struct link *link = links_by_name(links, name);
	int n;

	for (n = 0; n < CONFIG_NICS; n++) {
		const struct link *nic = NULL;

		if (!(group->allowed >> n & 1))
			continue;
		if (!strcmp(config->nics[n], name))
			return true;
		nic = links_by_name(links, config->nics[n]);
		if (nic && link && link_carries(links, link, nic))
			return true;
	}
	return link && is_returned(config, group, links, link);
}

static json_t *show_link_counts(const struct managed *managed, const struct xdpfrag_policy *policy,
				bool allowed)
{
	struct xdpfrag_counts counts = {};
	json_t *object = json_object();
	int i;

	if (policy)
		counts = counters_row(&managed->counters, policy->row);
	json_object_set_new(object, "name", show_name(managed->name));
	json_object_set_new(object, "allowed", json_boolean(allowed));
	for (i = 0; i < XDPFRAG_VERDICTS; i++)
		json_object_set_new(object, verdict_names[i], json_integer(counts.packets[i]));
	return object;
}

/* The allowed NICs, and those of them that are not there. */
static bool show_nics(const struct config *config, const struct group *group,
		      const struct links *links, json_t *allowed, json_t *absent)
{
	bool any = false;
	int n;

	for (n = 0; n < CONFIG_NICS; n++) {
		const char *name = config->nics[n];

		if (!(group->allowed >> n & 1))
			continue;
		json_array_append_new(allowed, show_name(name));
		if (links_by_name(links, name))
			any = true;
		else
			json_array_append_new(absent, show_name(name));
	}
	if (group->wrong == XDPFRAG_WRONG_REDIRECT &&
	    !links_by_name(links, config->nics[group->redirect]))
		json_array_append_new(absent, json_string(config->nics[group->redirect]));
	return any;
}

static json_t *show_group(const struct agent *agent, const struct group *group,
			  const struct links *links)
{
	const struct xdpfrag_policy *policy = NULL;
	json_t *object = json_object(), *allowed = json_array(), *absent = json_array();
	json_t *counts = json_array();
	char text[KEY_TEXT];
	json_t *reassembly = reassemble_show_group(agent, group);
	bool any;
	size_t i;

	if (agent->plane.state)
		policy = policy_in_force(&agent->plane, &group->key);
	any = show_nics(agent->policy, group, links, allowed, absent);
	for (i = 0; i < agent->n_managed; i++) {
		const struct managed *managed = &agent->managed[i];
		bool is_right = is_allowed(agent->policy, group, links, managed->name);
		json_t *link = show_link_counts(managed, policy, is_right);

		reassemble_show_share(agent, group, managed->slot, link);
		json_array_append_new(counts, link);
	}
	json_object_set_new(object, "group",
			    json_string(group_key_text(&group->key, text, sizeof(text))));
	json_object_set_new(object, "source",
			    json_string(group_source_text(&group->key, text, sizeof(text))));
	json_object_set_new(object, "allowed", allowed);
	json_object_set_new(object, "scope", json_string(group->scope_all ? "all" : "fragments"));
	json_object_set_new(object, "wrong", json_string(wrong_name(group->wrong)));
	if (group->wrong == XDPFRAG_WRONG_REDIRECT)
		json_object_set_new(object, "redirect",
				    json_string(agent->policy->nics[group->redirect]));
	json_object_set_new(object, "reassemble", json_boolean(group->reassemble));
	json_object_set_new(object, "apart", json_boolean(group->apart));
	json_object_set_new(object, "origin", json_string(group->learned ? "learned" : "static"));
	json_object_set_new(object, "state", json_string(any ? "active" : "absent"));
	json_object_set_new(object, "absent", absent);
	json_object_set_new(object, "links", counts);
	if (reassembly) {
		json_object_set_new(reassembly, "active",
				    json_boolean(policy && policy->flags & XDPFRAG_F_REASSEMBLE));
		json_object_set_new(object, "reassembly", reassembly);
	}
	return object;
}

static bool same_group(const struct group_key *a, const struct group_key *b)
{
	return a->family == b->family && a->len == b->len &&
	       !memcmp(a->group, b->group, sizeof(a->group));
}

/* The first group behind a cursor. */
static size_t first_after(const struct config *config, const struct group_key *after)
{
	size_t low = 0, high = config->n_groups;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (group_key_compare(&config->groups[middle].key, after) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void show_write_cursor(const struct group_key *key, char *next, size_t len)
{
	char group[KEY_TEXT], source[KEY_TEXT];

	group_source_text(key, source, sizeof(source));
	snprintf(next, len, "%s%s%s", group_key_text(key, group, sizeof(group)), *source ? " " : "",
		 source);
}

int show_cursor(const char *cursor, struct group_key *key, struct report *rep)
{
	char group[KEY_TEXT], source[KEY_TEXT];
	const char *words[] = { "group", "del", group, "source", source };
	struct statement statement;
	int n = sscanf(cursor, "%63s %63s", group, source);
	int err = -EINVAL;

	if (n < 1)
		return report_usage(rep, cursor, "a cursor from \"next\"", "no such cursor");
	err = statement_parse(&statement, words, n == 1 ? 3 : 5, rep);
	*key = statement.key;
	return err;
}

json_t *show_groups(const struct agent *agent, const struct group_key *only,
		    const struct group_key *after, char *next, size_t next_len)
{
	const struct config *config = agent->policy;
	json_t *array = json_array();
	const struct group *last = NULL;
	struct links links;
	size_t i;

	next[0] = '\0';
	if (links_dump(&links))
		memset(&links, 0, sizeof(links));
	for (i = after ? first_after(config, after) : 0; i < config->n_groups; i++) {
		const struct group *group = &config->groups[i];

		if (only && !same_group(&group->key, only))
			continue;
		if (json_array_size(array) == PROTOCOL_PAGE) {
			show_write_cursor(&last->key, next, next_len);
			break;
		}
		json_array_append_new(array, show_group(agent, group, &links));
		last = group;
	}
	links_free(&links);
	return array;
}
