// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * link show: the managed links, and the NICs of which something is set; how each is
 * steered, and who holds it promiscuous or allmulti.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/log.h"
#include "agent/reconcile.h"
#include "agent/show/show.h"
#include "agent/show_name.h"
#include "config/statement.h"
#include "netstate/holders.h"

#define SHOWN_MAX (XDPFRAG_LINKS + CONFIG_LINKS)

/* One that is to be shown. */
struct shown {
	const char *name;
	const struct managed *managed; /* NULL: not managed, only set */
	const struct link *link;       /* NULL: absent */
};

struct listing {
	const struct agent *agent;
	struct links links;
	struct shown shown[SHOWN_MAX];
	size_t n;
	struct holders *holders; /* of shown[i]; about 5 kB each, for the length of a request */
};

bool show_knows_link(const struct agent *agent, const char *nic)
{
	size_t i;

	for (i = 0; i < agent->n_managed; i++)
		if (!strcmp(agent->managed[i].name, nic))
			return true;
	return config_find_settings(&agent->config, nic);
}

static const char *mode_of(const struct shown *shown)
{
	const struct managed *managed = shown->managed;

	if (!shown->link)
		return "absent";
	if (!managed)
		return "unmanaged";
	if (!managed->program)
		return "off";
	return managed->hook.mode == HOOK_SKB ? "skb" : "native";
}

static const char *origin_of(const struct managed *managed)
{
	if (!managed)
		return "set";
	return managed->is_static ? "static" : "auto";
}

static const char *const kind_names[] = {
	[HOLDER_FLAG] = "flag",	    [HOLDER_LINK] = "link",	  [HOLDER_ROUTING] = "routing",
	[HOLDER_SOCKET] = "socket", [HOLDER_UNKNOWN] = "unknown",
};

/* The flag that `link set` set: it would be put back if `ip` took it away. */
static bool is_own_flag(const struct agent *agent, const struct holder *holder, const char *nic)
{
	const struct link_settings *settings = config_find_settings(&agent->config, nic);
	enum link_setting setting = holder->promisc ? SETTING_PROMISC : SETTING_ALLMULTI;

	return holder->kind == HOLDER_FLAG && settings && settings->said >> setting & 1 &&
	       settings->values[setting];
}

static json_t *show_holder(const struct agent *agent, const struct holder *holder, const char *nic)
{
	json_t *object = json_object();
	char text[256];

	if (is_own_flag(agent, holder, nic))
		snprintf(text, sizeof(text), "the flag (xdpfragctl link set %s %s off)",
			 REPORT_QUOTE(nic), holder->promisc ? "promisc" : "allmulti");
	else
		holder_text(holder, nic, text, sizeof(text));
	json_object_set_new(object, "kind", json_string(kind_names[holder->kind]));
	if (holder->kind == HOLDER_LINK) {
		json_object_set_new(object, "name", show_name(holder->link));
		json_object_set_new(object, "link_kind", json_string(holder->link_kind));
	}
	if (holder->kind == HOLDER_SOCKET) {
		json_object_set_new(object, "pid", json_integer(holder->pid));
		json_object_set_new(object, "program", show_name(holder->program));
	}
	json_object_set_new(object, "count", json_integer(holder->count));
	json_object_set_new(object, "text", json_string(text));
	return object;
}

static void set_holders(json_t *object, const struct agent *agent, const struct holders *holders,
			const char *nic)
{
	json_t *promisc = json_array(), *allmulti = json_array();
	size_t i;

	for (i = 0; i < holders->n; i++)
		json_array_append_new(holders->holder[i].promisc ? promisc : allmulti,
				      show_holder(agent, &holders->holder[i], nic));
	json_object_set_new(object, "promisc_holders", promisc);
	json_object_set_new(object, "allmulti_holders", allmulti);
}

static json_t *show_link(const struct listing *listing, size_t at)
{
	const struct shown *shown = &listing->shown[at];
	const struct managed *managed = shown->managed;
	const struct link *link = shown->link;
	bool steered = managed && managed_steered(managed);
	json_t *object = json_object();

	json_object_set_new(object, "name", show_name(shown->name));
	json_object_set_new(object, "ifindex", json_integer(link ? link->ifindex : 0));
	json_object_set_new(object, "origin", json_string(origin_of(managed)));
	json_object_set_new(object, "wanted",
			    json_string(managed ? link_mode_name(managed->wanted) : ""));
	json_object_set_new(object, "mode", json_string(mode_of(shown)));
	json_object_set_new(object, "frags", json_boolean(steered && managed->hook.frags));
	json_object_set_new(object, "dispatcher",
			    json_boolean(steered && managed->hook.dispatcher));
	json_object_set_new(object, "program", json_integer(managed ? managed->program : 0));
	json_object_set_new(object, "mtu", json_integer(link ? link->mtu : 0));
	json_object_set_new(object, "promiscuity", json_integer(link ? link->promiscuity : 0));
	json_object_set_new(object, "allmulti", json_integer(link ? link->allmulti : 0));
	set_holders(object, listing->agent, &listing->holders[at], shown->name);
	json_object_set_new(object, "settings", settings_show(listing->agent, shown->name));
	json_object_set_new(object, "drift",
			    json_integer(settings_drift(listing->agent, shown->name)));
	xdpcap_show(listing->agent, managed, object);
	reassemble_show_link(listing->agent, managed ? managed->slot : NO_SLOT, object);
	json_object_set_new(object, "reason", json_string(managed ? managed->reason : ""));
	return object;
}

static void list(struct listing *listing, const char *name, const struct managed *managed)
{
	struct shown *shown = &listing->shown[listing->n++];

	shown->name = name;
	shown->managed = managed;
	shown->link = managed ? links_by_index(&listing->links, managed->ifindex)
			      : links_by_name(&listing->links, name);
}

/* The managed ones first; `nic` NULL: all. */
static void list_links(struct listing *listing, const char *nic)
{
	const struct agent *agent = listing->agent;
	size_t n_managed, i, n;

	for (i = 0; i < agent->n_managed && listing->n < SHOWN_MAX; i++)
		if (!nic || !strcmp(agent->managed[i].name, nic))
			list(listing, agent->managed[i].name, &agent->managed[i]);
	n_managed = listing->n;
	for (i = 0; i < agent->config.n_settings && listing->n < SHOWN_MAX; i++) {
		const char *name = agent->config.settings[i].name;

		for (n = 0; n < n_managed && strcmp(listing->shown[n].name, name); n++)
			;
		if (n == n_managed && (!nic || !strcmp(name, nic)))
			list(listing, name, NULL);
	}
}

static int find_holders(struct listing *listing)
{
	size_t i;
	int err;

	listing->holders = calloc(listing->n + 1, sizeof(*listing->holders));
	if (!listing->holders)
		return -ENOMEM;
	for (i = 0; i < listing->n; i++)
		if (listing->shown[i].link)
			listing->holders[i].ifindex = listing->shown[i].link->ifindex;
	err = holders_find(&listing->links, listing->holders, listing->n);
	/* Those that were not found are shown as unknown. */
	if (err && err != -ENOMEM)
		log_warning("cannot find out all who hold NICs promiscuous or allmulti: %s",
			    strerror(-err));
	return err == -ENOMEM ? err : 0;
}

json_t *show_links(const struct agent *agent, const char *nic, struct report *rep)
{
	struct listing listing = { .agent = agent };
	json_t *array = NULL;
	size_t i;

	if (dump_links(&listing.links, rep))
		return NULL;
	list_links(&listing, nic);
	if (find_holders(&listing))
		goto out;
	array = json_array();
	for (i = 0; i < listing.n; i++)
		json_array_append_new(array, show_link(&listing, i));
out:
	free(listing.holders);
	links_free(&listing.links);
	return array;
}
