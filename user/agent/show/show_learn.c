// SPDX-License-Identifier: GPL-2.0-or-later
/* learn show: what is learned from which membership, and what is not, and why. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "agent/show/show.h"
#include "agent/show_name.h"
#include "config/statement.h"
#include "netstate/listeners.h"
#include "protocol/protocol.h"

static const char *const state_names[LEARNED_STATES] = {
	[LEARNED] = "learned",	   [LEARNED_STATIC] = "static", [LEARNED_IDLE] = "idle",
	[LEARNED_NAMES] = "names", [LEARNED_FULL] = "full",
};

/* Why a NIC may bring what is not joined on it; `family` 0: for any group. */
static const char *outside_text(const struct learned_nic *nic, int family)
{
	if (nic->outside & OUTSIDE_PORT)
		return "its frames go to a bridge, bond or team";
	if (nic->outside & OUTSIDE_TAP)
		return "its frames go to a macvtap or ipvtap";
	if (nic->outside & OUTSIDE_ROUTER4 && family != AF_INET6)
		return "an IPv4 multicast router runs on it";
	if (nic->outside & OUTSIDE_ROUTER6 && family != AF_INET)
		return "an IPv6 multicast router runs on it";
	return family ? "its filter has the group's MAC address for somebody else" : "";
}

static json_t *show_joined(const struct learned_set *set, uint64_t nics)
{
	json_t *array = json_array();

	for (; nics; nics &= nics - 1)
		json_array_append_new(array, show_name(set->nics[__builtin_ctzll(nics)].name));
	return array;
}

static json_t *show_left_out(const struct learned_set *set, const struct learned *learned)
{
	json_t *array = json_array();

	for (uint64_t left = learned->left_out; left; left &= left - 1) {
		const struct learned_nic *nic = &set->nics[__builtin_ctzll(left)];

		json_array_append_new(array,
				      json_pack("{s:o, s:s}", "name", show_name(nic->name),
						"reason", outside_text(nic, learned->key.family)));
	}
	return array;
}

/* Why it is not learned; "" when it is. */
static json_t *show_reason(const struct agent *agent, const struct learned *learned)
{
	const struct group *statement;
	char words[GROUP_KEY_WORDS];

	switch (learned->state) {
	case LEARNED_STATIC:
		statement = learned_covered(&agent->config, learned);
		return json_sprintf(
			"the statement for group %s decides",
			statement ? group_key_words(&statement->key, words, sizeof(words)) : "");
	case LEARNED_IDLE:
		return json_string("no managed link could bring another copy");
	case LEARNED_NAMES:
		return json_sprintf("policies name %d NICs at most", CONFIG_NICS);
	case LEARNED_FULL:
		return json_sprintf("%d groups are learned at most", LEARNED_MAX);
	default:
		return json_string("");
	}
}

static json_t *show_learned(const struct agent *agent, const struct learned *learned)
{
	const struct learned_set *set = &agent->learn.set;
	char group[64], source[64];

	return json_pack("{s:s, s:s, s:o, s:o, s:b, s:s, s:o}", "group",
			 group_key_text(&learned->key, group, sizeof(group)), "source",
			 group_source_text(&learned->key, source, sizeof(source)), "joined",
			 show_joined(set, learned->joined), "left_out", show_left_out(set, learned),
			 "apart", learned->apart, "state", state_names[learned->state], "reason",
			 show_reason(agent, learned));
}

static json_t *show_nics(const struct learned_set *set)
{
	struct listeners listeners;
	json_t *array = json_array();

	/* Only a remark depends on it. */
	if (listeners_read(&listeners))
		memset(&listeners, 0, sizeof(listeners));
	for (size_t i = 0; i < set->n_nics; i++) {
		const struct learned_nic *nic = &set->nics[i];

		if (nic->steered)
			json_array_append_new(
				array,
				json_pack("{s:o, s:s, s:I}", "name", show_name(nic->name),
					  "left_out", outside_text(nic, 0), "packet_sockets",
					  (json_int_t)listeners_on(&listeners, nic->ifindex)));
	}
	return array;
}

static size_t first_after(const struct learned_set *set, const struct group_key *after)
{
	size_t low = 0, high = set->n;

	while (after && low < high) {
		size_t middle = low + (high - low) / 2;

		if (group_key_compare(&set->group[middle].key, after) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

json_t *show_learn(const struct agent *agent, const struct group_key *after, char *next,
		   size_t next_len)
{
	const struct learn *learn = &agent->learn;
	const struct learned_set *set = &learn->set;
	json_t *groups = json_array();
	size_t first = first_after(set, after), i;

	for (i = first; i < set->n && i < first + PROTOCOL_PAGE; i++)
		json_array_append_new(groups, show_learned(agent, &set->group[i]));
	next[0] = '\0';
	if (i < set->n)
		show_write_cursor(&set->group[i - 1].key, next, next_len);
	return json_pack("{s:b, s:b, s:s, s:I, s:I, s:I, s:o, s:o}", "learn", agent->config.learn,
			 "events", learn->by_events, "trouble", learn->trouble, "joined",
			 (json_int_t)set->n, "learned", (json_int_t)set->counts[LEARNED],
			 "not_learned", (json_int_t)(set->n - set->counts[LEARNED]), "links",
			 show_nics(set), "groups", groups);
}
