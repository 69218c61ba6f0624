// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes that the agent makes: of a statement with a gateway, where there is none at all. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/found.h"
#include "agent/log.h"
#include "agent/routes/route_apply.h"
#include "config/statement.h"

static bool is_missing(const struct route_pass *pass, const struct route_config *statement)
{
	const struct route_key *key = &statement->key;
	uint8_t family = route_made_family(key);
	size_t i;

	if (!key->via_family || (key->dev[0] && !links_by_name(&pass->links, key->dev)))
		return false;
	for (i = 0; i < pass->routes.n; i++) {
		const struct route *route = &pass->routes.route[i];

		if (route->family == family && route->len == key->len &&
		    !memcmp(route->prefix, key->prefix, sizeof(key->prefix)))
			return false;
	}
	return true;
}

static int put_gateway(struct nl_msg *msg, const struct route_key *key, uint8_t family)
{
	size_t size = key->via_family == AF_INET ? 4 : 16;
	struct nlattr *attr;
	struct rtvia *via;

	if (key->via_family == family)
		return nla_put(msg, RTA_GATEWAY, size, key->via);
	/* Of another family (RFC 5549). */
	attr = nla_reserve(msg, RTA_VIA, sizeof(*via) + size);
	if (!attr)
		return -NLE_NOMEM;
	via = nla_data(attr);
	via->rtvia_family = key->via_family;
	memcpy(via->rtvia_addr, key->via, size);
	return 0;
}

static struct nl_msg *new_route(const struct route_pass *pass, const struct route_config *statement)
{
	const struct route_key *key = &statement->key;
	uint8_t family = route_made_family(key);
	struct rtmsg rtm = { .rtm_family = family,
			     .rtm_dst_len = key->len,
			     .rtm_table = RT_TABLE_MAIN,
			     .rtm_protocol = ROUTE_PROTOCOL,
			     .rtm_scope = RT_SCOPE_UNIVERSE,
			     .rtm_type = RTN_UNICAST };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *metrics;
	int err;

	if (!msg)
		return NULL;
	err = nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO);
	if (!err && key->len)
		err = nla_put(msg, RTA_DST, family == AF_INET ? 4 : 16, key->prefix);
	if (!err)
		err = put_gateway(msg, key, family);
	if (!err && key->dev[0])
		err = nla_put_u32(msg, RTA_OIF, links_by_name(&pass->links, key->dev)->ifindex);
	metrics = err ? NULL : nla_nest_start(msg, RTA_METRICS);
	if (metrics && !nla_put_u32(msg, RTAX_MTU, statement->mtu)) {
		nla_nest_end(msg, metrics);
		return msg;
	}
	nlmsg_free(msg);
	return NULL;
}

static int make(struct route_pass *pass, const struct route_config *statement)
{
	const struct route_key *key = &statement->key;
	struct found *found = pass->agent->found;
	char words[ROUTE_KEY_WORDS], why[ROUTE_WHY], *mark;
	struct route_note *note;
	int err;

	route_key_words(key, words, sizeof(words));
	mark = found_key_made(route_made_family(key), key->prefix, key->len);
	err = mark ? found_put(found, mark, "1") : -ENOMEM;
	free(mark);
	if (err)
		return report_failed(pass->rep, err, words, "route %s: cannot be kept: %s", words,
				     strerror(-err));
	err = route_save_found(pass);
	if (!err)
		err = route_open_writer(pass);
	if (err)
		return err;
	err = route_write(pass->writer, new_route(pass, statement), why);
	if (err && route_is_must(pass, statement))
		return report_refused(pass->rep, err, words, "route %s cannot be made: %s", words,
				      why);
	if (err) {
		route_remember(pass, words, words, statement->mtu, why);
		return 0;
	}
	note = route_note_find(&pass->agent->routes.memory, words);
	if (note)
		note->reason[0] = '\0';
	pass->changed++;
	log_notice("route %s: made, with an MTU of %u", words, statement->mtu);
	return 0;
}

int route_make_missing(struct route_pass *pass)
{
	const struct config *config = &pass->agent->config;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < config->n_routes; i++)
		if (is_missing(pass, &config->routes[i]))
			err = make(pass, &config->routes[i]);
	return err;
}
