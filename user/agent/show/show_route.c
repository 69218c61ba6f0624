// SPDX-License-Identifier: GPL-2.0-or-later
/* route show: what the statements mean now, and what the kernel would use to a destination. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "agent/found.h"
#include "agent/reconcile.h"
#include "agent/routes/route_plan.h"
#include "agent/show/show.h"
#include "agent/show_name.h"
#include "config/statement.h"

struct show {
	const struct agent *agent;
	struct links links;
	struct route_list routes;
	struct route_plan plan;
};

static const char *address_text(uint8_t family, const uint8_t address[16], char buf[64])
{
	static const uint8_t none[16];

	if (!family || !memcmp(address, none, sizeof(none)) || !inet_ntop(family, address, buf, 64))
		buf[0] = '\0';
	return buf;
}

static const char *prefix_text(const struct route *route, char buf[64])
{
	struct route_key key = { .family = route->family, .len = route->len };

	memcpy(key.prefix, route->prefix, sizeof(key.prefix));
	return route_prefix_text(&key, buf, 64);
}

static void set_text(json_t *object, const char *key, const char *value)
{
	json_object_set_new(object, key, json_string(value));
}

static void set_number(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer(value));
}

static json_t *show_hops(const struct show *show, const struct route *route)
{
	json_t *array = json_array();
	char text[64], name[IFNAMSIZ];
	size_t i;

	for (i = 0; i < route->n_hops; i++) {
		const struct route_hop *hop = &route->hops[i];
		const struct link *link = links_by_index(&show->links, hop->ifindex);
		json_t *object = json_object();

		set_text(object, "via", address_text(hop->via_family, hop->via, text));
		json_object_set_new(object, "dev",
				    show_name(route_dev_name(hop->ifindex, &show->links, name)));
		set_number(object, "link_mtu", link ? link->mtu : 0);
		json_array_append_new(array, object);
	}
	return array;
}

/* The MTU before the first touch; null when it was never touched. */
static json_t *show_found(const struct show *show, const struct route *route)
{
	char *key = found_key_route(route);
	const char *value = key ? found_get(show->agent->found, key) : NULL;

	free(key);
	return value ? json_integer(strtoul(value, NULL, 10)) : json_null();
}

static json_t *show_one(const struct show *show, size_t n)
{
	const struct route *route = &show->routes.route[n];
	const struct route_decision *decision = &show->plan.decisions[n];
	const struct route_note *note = route_note_find(&show->agent->routes.memory, route->name);
	bool active = route->mtu == decision->by->mtu && !decision->reason[0];
	const char *reason = decision->reason;
	json_t *object = json_object();
	char text[64];

	if (!active && !reason[0])
		reason = "changed a moment ago, and not yet put back";
	set_text(object, "prefix", prefix_text(route, text));
	json_object_set_new(object, "nexthops", show_hops(show, route));
	set_text(object, "source", address_text(route->family, route->prefsrc, text));
	set_number(object, "table", route->table);
	set_number(object, "metric", route->priority);
	set_number(object, "tos", route->tos);
	set_number(object, "protocol", route->protocol);
	set_number(object, "nhid", route->nexthop);
	set_number(object, "mtu", route->mtu);
	json_object_set_new(object, "locked", json_boolean(route->locked));
	set_number(object, "link_mtu", route_link_mtu(route, &show->links, NULL));
	json_object_set_new(object, "found", show_found(show, route));
	json_object_set_new(object, "made", json_boolean(route_is_made(route)));
	set_text(object, "state", active ? "active" : "refused");
	set_text(object, "reason", active ? "" : reason);
	set_number(object, "drift", note ? note->drift : 0);
	return object;
}

/* --- what the kernel would use --- */

static const char *words_behind(const struct show *show, const struct route *entry, char *buf,
				size_t len)
{
	const struct route_config *by = route_statement(&show->agent->config, entry, &show->links);

	/* Behind the MTU only where it is in force. */
	if (by && by->mtu == entry->mtu)
		route_key_words(&by->key, buf, len);
	else
		buf[0] = '\0';
	return buf;
}

static void show_answer(const struct show *show, json_t *object, const struct route_answer *answer)
{
	const struct route *used = &answer->used;
	char text[64], words[ROUTE_KEY_WORDS], name[IFNAMSIZ];
	const struct link *link =
		used->n_hops ? links_by_index(&show->links, used->hops[0].ifindex) : NULL;

	if (used->n_hops) {
		set_text(object, "via",
			 address_text(used->hops[0].via_family, used->hops[0].via, text));
		json_object_set_new(
			object, "dev",
			show_name(route_dev_name(used->hops[0].ifindex, &show->links, name)));
	}
	set_text(object, "source", address_text(used->family, used->prefsrc, text));
	set_number(object, "table", answer->entry.table);
	set_text(object, "prefix", prefix_text(&answer->entry, text));
	set_number(object, "metric", answer->entry.priority);
	set_number(object, "route_mtu", answer->entry.mtu);
	set_number(object, "link_mtu", link ? link->mtu : 0);
	set_number(object, "path_mtu", answer->learned ? used->mtu : 0);
	set_number(object, "path_mtu_expires", answer->learned ? used->expires / 100 : 0);
	set_number(object, "mtu", answer->mtu);
	set_text(object, "statement", words_behind(show, &answer->entry, words, sizeof(words)));
}

static json_t *show_lookup(const struct show *show, uint8_t family, const uint8_t address[16])
{
	json_t *object = json_object();
	struct route_answer answer;
	char text[64];
	int err = route_lookup(&answer, family, address);

	set_text(object, "to", inet_ntop(family, address, text, sizeof(text)));
	if (!err && answer.used.type != RTN_UNICAST && answer.used.type != RTN_LOCAL &&
	    answer.used.type != RTN_MULTICAST && answer.used.type != RTN_BROADCAST)
		err = -ENETUNREACH;
	else if (!err)
		show_answer(show, object, &answer);
	set_text(object, "error", err ? strerror(-err) : "");
	route_answer_release(&answer);
	return object;
}

/* The first address of a prefix that can be a host's. */
static void first_address(const struct route_key *key, uint8_t family, uint8_t address[16])
{
	unsigned int last = family == AF_INET ? 3 : 15;
	unsigned int bits = family == AF_INET ? 32 : 128;

	memcpy(address, key->prefix, 16);
	/* Not 0.0.0.0/8, "this network", nor the loopback address in ::/64. */
	if (!address[0] && key->len < 8)
		address[0] = family == AF_INET ? 1 : 0x20;
	if (key->len < bits - 1)
		address[last] |= 1;
}

static json_t *show_lookups(const struct show *show, const struct route_key *key)
{
	uint8_t family = key->family ? key->family : key->via_family, address[16];
	json_t *array = json_array();

	if (family != AF_INET6) {
		first_address(key, AF_INET, address);
		json_array_append_new(array, show_lookup(show, AF_INET, address));
	}
	if (family != AF_INET) {
		first_address(key, AF_INET6, address);
		json_array_append_new(array, show_lookup(show, AF_INET6, address));
	}
	return array;
}

/* --- statements --- */

/* Why there is no route, where that is known: the kernel would not have it made. */
static const char *absent_reason(const struct agent *agent, const char *words)
{
	const struct route_note *note = route_note_find(&agent->routes.memory, words);

	return note ? note->reason : "";
}

static json_t *show_statement(const struct show *show, const struct route_config *statement)
{
	json_t *object = json_object(), *routes = json_array();
	size_t i, active = 0, others = 0, n;
	char words[ROUTE_KEY_WORDS], text[64];
	uint64_t drift = 0;
	const char *state;

	for (i = 0; i < show->routes.n; i++) {
		json_t *one;

		if (show->plan.decisions[i].by != statement) {
			others +=
				route_meant(&statement->key, &show->routes.route[i], &show->links);
			continue;
		}
		one = show_one(show, i);
		active += !strcmp(json_string_value(json_object_get(one, "state")), "active");
		drift += json_integer_value(json_object_get(one, "drift"));
		json_array_append_new(routes, one);
	}
	n = json_array_size(routes);
	state = !n	      ? others ? "overruled" : "absent"
		: active == n ? "active"
		: active      ? "partial"
			      : "refused";
	route_key_words(&statement->key, words, sizeof(words));
	set_text(object, "prefix", route_prefix_text(&statement->key, text, sizeof(text)));
	set_text(object, "via", route_via_text(&statement->key, text, sizeof(text)));
	set_text(object, "dev", statement->key.dev);
	set_number(object, "mtu", statement->mtu);
	set_text(object, "state", state);
	set_text(object, "reason", n || others ? "" : absent_reason(show->agent, words));
	set_number(object, "drift", drift);
	json_object_set_new(object, "routes", routes);
	json_object_set_new(object, "lookups", show_lookups(show, &statement->key));
	return object;
}

static int look(struct show *show, struct report *rep)
{
	const struct agent *agent = show->agent;
	struct route_view view = { .config = &agent->config,
				   .found = agent->found,
				   .links = &show->links,
				   .routes = &show->routes,
				   .refused = route_note_refused,
				   .arg = (void *)&agent->routes.memory };
	int err = agent->config.n_routes ? routes_dump(&show->routes, route_watch_wants,
						       (void *)&agent->routes.watch)
					 : 0;

	if (err)
		return report_failed(rep, err, "", "cannot list the routes: %s", strerror(-err));
	if (route_plan(&show->plan, &view))
		return report_failed(rep, -ENOMEM, "", "out of memory");
	return 0;
}

json_t *show_routes(const struct agent *agent, struct report *rep)
{
	struct show show = { .agent = agent };
	json_t *array = NULL;
	size_t i;
	int err = dump_links(&show.links, rep);

	if (!err)
		err = look(&show, rep);
	if (!err)
		array = json_array();
	for (i = 0; !err && i < agent->config.n_routes; i++)
		json_array_append_new(array, show_statement(&show, &agent->config.routes[i]));
	route_plan_free(&show.plan);
	routes_free(&show.routes);
	links_free(&show.links);
	return array;
}

json_t *show_route_to(const struct agent *agent, const char *address, struct report *rep)
{
	struct show show = { .agent = agent };
	uint8_t family = strchr(address, ':') ? AF_INET6 : AF_INET, bytes[16] = {};
	json_t *object = NULL;

	if (inet_pton(family, address, bytes) != 1) {
		report_usage(rep, address, "ADDR", "%s is not an IPv4 or IPv6 address",
			     REPORT_QUOTE(address));
		return NULL;
	}
	if (!dump_links(&show.links, rep))
		object = show_lookup(&show, family, bytes);
	links_free(&show.links);
	return object;
}
