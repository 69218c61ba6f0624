// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route statements: the words, and a few of them kept sorted. What is set twice
 * has the later MTU.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "change.h"
#include "number.h"
#include "parts.h"

#define PREFIX_WORD "PREFIX|default"

static int read_prefix_len(struct route_key *key, const struct family *family, const char *word,
			   const char *text, struct report *rep)
{
	char right[64];
	int err = address_len_parse(&key->len, family, 0, word, text, rep);

	if (err)
		return err;
	if (address_clear_host_bits(key->prefix, key->len))
		return report_usage(rep, word, PREFIX_WORD, "%s has host bits set; did you mean %s",
				    REPORT_QUOTE(word),
				    route_prefix_text(key, right, sizeof(right)));
	return 0;
}

int route_prefix_parse(struct route_key *key, const char *word, struct report *rep)
{
	static const uint8_t zero[sizeof(key->prefix)];
	const char *slash = strchrnul(word, '/');
	const struct family *family;

	key->family = AF_UNSPEC;
	key->len = 0;
	memset(key->prefix, 0, sizeof(key->prefix));
	if (!strcmp(word, "default"))
		return 0;
	family = address_parse(word, slash - word, key->prefix);
	if (!family)
		return address_refuse(word, PREFIX_WORD, rep);
	key->family = family->id;
	key->len = family->bits;
	/* ff00::/8 of each link, in table local, comes before what main has. IPv4 has no such. */
	if (family->id == AF_INET6 && address_is_multicast(family, key->prefix))
		return report_usage(rep, word, PREFIX_WORD,
				    "%s is multicast, which IPv6 sends by routes of the kernel's "
				    "own that are left alone; it has the MTU of the link",
				    REPORT_QUOTE(word));
	if (*slash)
		return read_prefix_len(key, family, word, slash + 1, rep);
	/* 0.0.0.0, as `route -n` prints the default route. */
	if (!memcmp(key->prefix, zero, sizeof(zero)))
		return report_usage(rep, word, PREFIX_WORD,
				    "no route leads to %s alone; did you mean default or %s/0",
				    REPORT_QUOTE(word), REPORT_QUOTE(word));
	return 0;
}

static int read_prefix(struct statement *statement, const char *word, struct words *words)
{
	return route_prefix_parse(&statement->route.key, word, words->rep);
}

static int read_via(struct statement *statement, const char *word, struct words *words)
{
	struct route_key *key = &statement->route.key;
	const struct family *family;

	family = address_unicast_parse("gateway", word, key->via, words->rep);
	if (!family)
		return -EINVAL;
	/* An IPv4 route may have an IPv6 gateway (RFC 5549), not the other way round. */
	if (key->family == AF_INET6 && family->id == AF_INET)
		return report_usage(words->rep, word, "ADDR",
				    "%s is IPv4, which is no gateway of an IPv6 prefix",
				    REPORT_QUOTE(word));
	key->via_family = family->id;
	return 0;
}

static int read_dev(struct statement *statement, const char *word, struct words *words)
{
	return nic_parse(statement->route.key.dev, word, words->rep);
}

static int read_route_mtu(struct statement *statement, const char *word, struct words *words)
{
	return mtu_parse(word, MTU_MAX_ROUTE, &statement->route.mtu, words->rep);
}

/* Known at the end only: the words may come in any order. */
static int check_mtu(struct statement *statement, const char *word, struct words *words)
{
	const struct route_config *route = &statement->route;
	bool only_ipv4 = route->key.family == AF_INET || route->key.via_family == AF_INET;
	char mtu[16];

	(void)word;
	if (only_ipv4 || route->mtu >= MTU_MIN_IPV6)
		return 0;
	snprintf(mtu, sizeof(mtu), "%u", route->mtu);
	if (route->key.family == AF_UNSPEC)
		return report_usage(words->rep, mtu, "",
				    "default means that of IPv6 too, whose MTU is %d at least; "
				    "0.0.0.0/0 is that of IPv4 alone",
				    MTU_MIN_IPV6);
	return report_usage(words->rep, mtu, "", "%s is less than an MTU of IPv6, %d", mtu,
			    MTU_MIN_IPV6);
}

const struct statement_part route_parts[] = {
	{ .value = PREFIX_WORD, .read = read_prefix },
	{ .keyword = "via", .value = "ADDR", .read = read_via },
	{ .keyword = "dev", .value = "NIC", .read = read_dev },
	{ .keyword = "mtu", .value = "BYTES", .read = read_route_mtu, .one_of = true },
	{ .read = check_mtu },
};

const struct statement_part route_unset_parts[] = {
	{ .value = PREFIX_WORD, .read = read_prefix },
	{ .keyword = "via", .value = "ADDR", .read = read_via },
	{ .keyword = "dev", .value = "NIC", .read = read_dev },
	{},
};

int route_key_compare(const struct route_key *a, const struct route_key *b)
{
	int order;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	order = memcmp(a->prefix, b->prefix, sizeof(a->prefix));
	if (order)
		return order;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (a->via_family != b->via_family)
		return a->via_family < b->via_family ? -1 : 1;
	order = memcmp(a->via, b->via, sizeof(a->via));
	return order ? order : strcmp(a->dev, b->dev);
}

const char *route_prefix_text(const struct route_key *key, char *buf, size_t len)
{
	size_t used;

	if (key->family == AF_UNSPEC) {
		snprintf(buf, len, "default");
		return buf;
	}
	if (!inet_ntop(key->family, key->prefix, buf, len))
		buf[0] = '\0';
	used = strlen(buf);
	if (key->len < family_of(key->family)->bits)
		snprintf(buf + used, len - used, "/%u", key->len);
	return buf;
}

const char *route_via_text(const struct route_key *key, char *buf, size_t len)
{
	if (key->via_family == AF_UNSPEC || !inet_ntop(key->via_family, key->via, buf, len))
		buf[0] = '\0';
	return buf;
}

const char *route_key_words(const struct route_key *key, char *buf, size_t len)
{
	char prefix[64], via[64];

	route_prefix_text(key, prefix, sizeof(prefix));
	route_via_text(key, via, sizeof(via));
	snprintf(buf, len, "%s%s%s%s%s", prefix, *via ? " via " : "", via,
		 key->dev[0] ? " dev " : "", key->dev);
	return buf;
}

/* The first place whose key does not come before this one; is it there? */
static bool find_place(const struct config *config, const struct route_key *key, size_t *place)
{
	for (*place = 0; *place < config->n_routes; ++*place) {
		int order = route_key_compare(&config->routes[*place].key, key);

		if (order >= 0)
			return order == 0;
	}
	return false;
}

static void move(struct config *config, size_t to, size_t from)
{
	memmove(&config->routes[to], &config->routes[from],
		(config->n_routes - from) * sizeof(config->routes[0]));
}

int route_set(struct config *config, const struct route_config *route, struct report *rep)
{
	char words[ROUTE_KEY_WORDS];
	size_t place;

	if (!find_place(config, &route->key, &place)) {
		route_key_words(&route->key, words, sizeof(words));
		if (config->n_routes == CONFIG_ROUTES)
			return report_refused(rep, -ENOSPC, words,
					      "%s would be one route too many: there are %d, the "
					      "most there can be",
					      words, CONFIG_ROUTES);
		move(config, place + 1, place);
		config->n_routes++;
	}
	config->routes[place] = *route;
	return 0;
}

int route_refuse_twice(const struct config *config, const struct route_key *key, struct report *rep)
{
	char words[ROUTE_KEY_WORDS];
	size_t place;

	if (!find_place(config, key, &place))
		return 0;
	route_key_words(key, words, sizeof(words));
	return report_refused(rep, -EEXIST, words, "route %s is set in a line before this", words);
}

int route_unset(struct config *config, const struct route_key *key, struct report *rep)
{
	char words[ROUTE_KEY_WORDS];
	size_t place;

	if (!find_place(config, key, &place)) {
		route_key_words(key, words, sizeof(words));
		return report_refused(rep, -ENOENT, words, "there is no route set for %s", words);
	}
	move(config, place, place + 1);
	config->n_routes--;
	memset(&config->routes[config->n_routes], 0, sizeof(config->routes[0]));
	return 0;
}
