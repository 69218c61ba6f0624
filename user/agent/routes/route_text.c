// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes as text: for people, and as keys of what was found. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/routes/route_plan.h"
#include "config/statement.h"

const char *route_dev_name(uint32_t ifindex, const struct links *links, char buf[IFNAMSIZ])
{
	const struct link *link = links_by_index(links, ifindex);

	if (link)
		memcpy(buf, link->name, IFNAMSIZ);
	else if (ifindex)
		snprintf(buf, IFNAMSIZ, "if%u", ifindex);
	else
		buf[0] = '\0';
	return buf;
}

static size_t add(char *buf, size_t len, size_t used, const char *word, const char *value)
{
	if (!*value || used >= len)
		return used;
	return used + snprintf(buf + used, len - used, " %s %s", word, value);
}

static const char *number(uint32_t value, char buf[16])
{
	snprintf(buf, 16, "%u", value);
	return buf;
}

const char *route_text(const struct route *route, const struct links *links, char *buf, size_t len)
{
	struct route_key key = { .family = route->family, .len = route->len };
	char text[64], name[IFNAMSIZ], digits[16];
	size_t used, i;

	memcpy(key.prefix, route->prefix, sizeof(key.prefix));
	used = snprintf(buf, len, "%s",
			route->len ? route_prefix_text(&key, text, sizeof(text)) : "default");
	for (i = 0; i < route->n_hops && used < len; i++) {
		const struct route_hop *hop = &route->hops[i];

		if (route->n_hops > 1)
			used += snprintf(buf + used, len - used, " nexthop");
		if (hop->via_family && inet_ntop(hop->via_family, hop->via, text, sizeof(text)))
			used = add(buf, len, used, "via", text);
		used = add(buf, len, used, "dev", route_dev_name(hop->ifindex, links, name));
	}
	if (route->nexthop)
		used = add(buf, len, used, "nhid", number(route->nexthop, digits));
	if (route->table != RT_TABLE_MAIN)
		used = add(buf, len, used, "table", number(route->table, digits));
	if (route->tos)
		used = add(buf, len, used, "tos", number(route->tos, digits));
	if (route->priority)
		used = add(buf, len, used, "metric", number(route->priority, digits));
	return buf;
}

char *found_key_route(const struct route *route)
{
	char *key;

	return asprintf(&key, FOUND_ROUTE "%s", route->name) < 0 ? NULL : key;
}

char *found_key_made(uint8_t family, const uint8_t prefix[16], uint8_t len)
{
	char address[INET6_ADDRSTRLEN], *key;

	inet_ntop(family, prefix, address, sizeof(address));
	return asprintf(&key, FOUND_MADE "%s/%u", address, len) < 0 ? NULL : key;
}

bool found_key_prefix(const char *key, uint8_t *family, uint8_t prefix[16], uint8_t *len)
{
	char word[64] = "";
	struct route_key parsed;
	struct report rep;
	const char *begin;

	if (!strncmp(key, FOUND_ROUTE, strlen(FOUND_ROUTE)))
		begin = key + strlen(FOUND_ROUTE);
	else if (!strncmp(key, FOUND_MADE, strlen(FOUND_MADE)))
		begin = key + strlen(FOUND_MADE);
	else
		return false;
	if (strcspn(begin, " ") >= sizeof(word))
		return false;
	memcpy(word, begin, strcspn(begin, " "));
	if (route_prefix_parse(&parsed, word, &rep) || parsed.family == AF_UNSPEC)
		return false;
	*family = parsed.family;
	*len = parsed.len;
	memcpy(prefix, parsed.prefix, 16);
	return true;
}
