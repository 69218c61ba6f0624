// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One route as a message: read, compared, and written again with another MTU. Pure.
 *
 * What is sent back is what the kernel's dump says, attribute by attribute as raw
 * bytes, known here or not. Left out is only what a dump adds and a request may not
 * hold: fib_dump_info() and fib_create_info() in net/ipv4/fib_semantics.c,
 * rt6_fill_node() and rtm_to_fib6_config() in net/ipv6/route.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netstate/routes.h"

/* Of rtm_flags and rtnh_flags, those that a request may hold; the rest is state. */
#define KEPT_FLAGS (RTNH_F_ONLINK | RTNH_F_PERVASIVE)

static size_t address_size(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

static bool is_route(const struct nlmsghdr *msg)
{
	const struct rtmsg *rtm = nlmsg_data(msg);

	return (msg->nlmsg_type == RTM_NEWROUTE || msg->nlmsg_type == RTM_DELROUTE) &&
	       msg->nlmsg_len >= NLMSG_LENGTH(sizeof(*rtm)) &&
	       ((rtm->rtm_family == AF_INET && rtm->rtm_dst_len <= 32) ||
		(rtm->rtm_family == AF_INET6 && rtm->rtm_dst_len <= 128));
}

/* nlmsg_find_attr() changes nothing, but takes no const. */
static struct nlattr *find(const struct nlmsghdr *msg, int type)
{
	return nlmsg_find_attr((struct nlmsghdr *)msg, sizeof(struct rtmsg), type);
}

static void read_address(uint8_t to[16], const struct nlattr *attr, uint8_t family)
{
	memset(to, 0, 16);
	if (attr && nla_len(attr) >= (int)address_size(family))
		memcpy(to, nla_data(attr), address_size(family));
}

static uint32_t read_u32(const struct nlattr *attr)
{
	return attr && nla_len(attr) >= (int)sizeof(uint32_t) ? nla_get_u32(attr) : 0;
}

bool route_message_prefix(const struct nlmsghdr *msg, uint8_t *family, uint8_t prefix[16],
			  uint8_t *len)
{
	const struct rtmsg *rtm = nlmsg_data(msg);

	if (!is_route(msg))
		return false;
	*family = rtm->rtm_family;
	*len = rtm->rtm_dst_len;
	read_address(prefix, *len ? find(msg, RTA_DST) : NULL, *family);
	return true;
}

static void read_gateway(struct route_hop *hop, struct nlattr **tb, uint8_t family)
{
	if (tb[RTA_GATEWAY]) {
		hop->via_family = family;
		read_address(hop->via, tb[RTA_GATEWAY], family);
	} else if (tb[RTA_VIA] && nla_len(tb[RTA_VIA]) >= (int)(sizeof(struct rtvia) + 16)) {
		/* A gateway of another family (RFC 5549). */
		const struct rtvia *via = nla_data(tb[RTA_VIA]);

		hop->via_family = via->rtvia_family;
		memcpy(hop->via, via->rtvia_addr, 16);
	}
}

/* RTNH_OK() reads the length before it asks whether there is one. */
static bool is_hop(const struct rtnexthop *next, int left)
{
	return left >= (int)sizeof(*next) && RTNH_OK(next, left);
}

/* hops NULL: count only. */
static size_t read_hops(struct route_hop *hops, const struct nlattr *multipath, uint8_t family)
{
	const struct rtnexthop *next = nla_data(multipath);
	int left = nla_len(multipath);
	size_t n = 0;

	for (; is_hop(next, left);
	     left -= RTNH_ALIGN(next->rtnh_len), next = RTNH_NEXT(next), n++) {
		struct nlattr *tb[RTA_MAX + 1];

		if (!hops)
			continue;
		hops[n].ifindex = next->rtnh_ifindex;
		if (!nla_parse(tb, RTA_MAX, (struct nlattr *)RTNH_DATA(next),
			       next->rtnh_len - sizeof(*next), NULL))
			read_gateway(&hops[n], tb, family);
	}
	return n;
}

static int read_nexthops(struct route *route, struct nlattr **tb)
{
	size_t n = tb[RTA_MULTIPATH] ? read_hops(NULL, tb[RTA_MULTIPATH], route->family) : 1;

	route->hops = calloc(n ? n : 1, sizeof(*route->hops));
	if (!route->hops)
		return -ENOMEM;
	route->n_hops = n;
	if (tb[RTA_MULTIPATH]) {
		read_hops(route->hops, tb[RTA_MULTIPATH], route->family);
	} else {
		route->hops[0].ifindex = read_u32(tb[RTA_OIF]);
		read_gateway(&route->hops[0], tb, route->family);
	}
	return 0;
}

static void read_metrics(struct route *route, struct nlattr *metrics)
{
	struct nlattr *tb[RTAX_MAX + 1];

	if (!metrics || nla_parse_nested(tb, RTAX_MAX, metrics, NULL) < 0)
		return;
	route->mtu = read_u32(tb[RTAX_MTU]);
	route->locked = read_u32(tb[RTAX_LOCK]) & 1U << RTAX_MTU;
}

/* By ifindex: a route belongs to the interface, and not to its name. */
static int make_name(struct route *route)
{
	char address[INET6_ADDRSTRLEN];
	size_t len, i;
	FILE *file = open_memstream(&route->name, &len);
	static const uint8_t none[16];

	if (!file)
		return -ENOMEM;
	fprintf(file, "%s/%u table %u metric %u tos %u proto %u type %u",
		inet_ntop(route->family, route->prefix, address, sizeof(address)), route->len,
		route->table, route->priority, route->tos, route->protocol, route->type);
	if (route->source_len)
		fprintf(file, " from %s/%u",
			inet_ntop(route->family, route->source, address, sizeof(address)),
			route->source_len);
	if (memcmp(route->prefsrc, none, sizeof(none)))
		fprintf(file, " src %s",
			inet_ntop(route->family, route->prefsrc, address, sizeof(address)));
	if (route->nexthop)
		fprintf(file, " nhid %u", route->nexthop);
	for (i = 0; !route->nexthop && i < route->n_hops; i++) {
		const struct route_hop *hop = &route->hops[i];

		if (hop->via_family &&
		    inet_ntop(hop->via_family, hop->via, address, sizeof(address)))
			fprintf(file, " via %s", address);
		fprintf(file, " dev %u", hop->ifindex);
	}
	if (fclose(file))
		return -ENOMEM;
	return 0;
}

int route_read(struct route *route, const struct nlmsghdr *msg)
{
	const struct rtmsg *rtm = nlmsg_data(msg);
	struct nlattr *tb[RTA_MAX + 1];
	struct rta_cacheinfo cache = {};
	int err;

	memset(route, 0, sizeof(*route));
	if (!is_route(msg) ||
	    nlmsg_parse((struct nlmsghdr *)msg, sizeof(*rtm), tb, RTA_MAX, NULL) < 0)
		return -EINVAL;
	route->family = rtm->rtm_family;
	route->len = rtm->rtm_dst_len;
	route->source_len = rtm->rtm_src_len;
	route->tos = rtm->rtm_tos;
	route->protocol = rtm->rtm_protocol;
	route->type = rtm->rtm_type;
	route->cloned = rtm->rtm_flags & RTM_F_CLONED;
	route->table = tb[RTA_TABLE] ? read_u32(tb[RTA_TABLE]) : rtm->rtm_table;
	route->priority = read_u32(tb[RTA_PRIORITY]);
	route->nexthop = read_u32(tb[RTA_NH_ID]);
	read_address(route->prefix, tb[RTA_DST], route->family);
	read_address(route->source, tb[RTA_SRC], route->family);
	read_address(route->prefsrc, tb[RTA_PREFSRC], route->family);
	read_metrics(route, tb[RTA_METRICS]);
	if (tb[RTA_CACHEINFO])
		nla_memcpy(&cache, tb[RTA_CACHEINFO], sizeof(cache));
	route->expires = cache.rta_expires;
	err = read_nexthops(route, tb);
	if (!err)
		err = make_name(route);
	route->msg = err ? NULL : malloc(msg->nlmsg_len);
	if (!route->msg) {
		route_release(route);
		return err ? err : -ENOMEM;
	}
	memcpy(route->msg, msg, msg->nlmsg_len);
	return 0;
}

void route_release(struct route *route)
{
	free(route->hops);
	free(route->name);
	free(route->msg);
	memset(route, 0, sizeof(*route));
}

bool route_has_mtu(const struct route *route)
{
	return route->type == RTN_UNICAST && route->table != RT_TABLE_LOCAL && !route->cloned;
}

/*
 * rt6_qualify_for_ecmp(): those with a gateway become one route with several next
 * hops. One from a router advertisement does not; it can be told by its expiry.
 */
static bool joins_multipath(const struct route *route)
{
	return !route->nexthop && route->n_hops && route->hops[0].via_family &&
	       !(route->protocol == RTPROT_RA && route->expires);
}

bool route_same_place(const struct route *a, const struct route *b)
{
	if (a->family != b->family || a->table != b->table || a->len != b->len ||
	    memcmp(a->prefix, b->prefix, sizeof(a->prefix)) || a->priority != b->priority)
		return false;
	/* fib_table_insert() in net/ipv4/fib_trie.c */
	if (a->family == AF_INET)
		return a->tos == b->tos;
	/* fib6_add_rt2node() in net/ipv6/ip6_fib.c */
	return a->source_len == b->source_len && !memcmp(a->source, b->source, sizeof(a->source)) &&
	       joins_multipath(a) == joins_multipath(b);
}

/* What the kernel takes only from a nexthop object when there is one, and says twice. */
static bool belongs_to_nexthop(int type)
{
	switch (type) {
	case RTA_GATEWAY:
	case RTA_VIA:
	case RTA_OIF:
	case RTA_MULTIPATH:
	case RTA_FLOW:
	case RTA_ENCAP:
	case RTA_ENCAP_TYPE:
		return true;
	}
	return false;
}

static int put_raw(struct nl_msg *msg, const struct nlattr *attr)
{
	return nla_put(msg, attr->nla_type, nla_len(attr), nla_data(attr));
}

/* The state of a next hop's link is no part of it. */
static int put_multipath(struct nl_msg *msg, const struct nlattr *attr)
{
	struct nlattr *copy = nla_reserve(msg, attr->nla_type, nla_len(attr));
	struct rtnexthop *next;
	int left = nla_len(attr);

	if (!copy)
		return -NLE_NOMEM;
	memcpy(nla_data(copy), nla_data(attr), left);
	for (next = nla_data(copy); is_hop(next, left); next = RTNH_NEXT(next)) {
		next->rtnh_flags &= KEPT_FLAGS;
		left -= RTNH_ALIGN(next->rtnh_len);
	}
	return 0;
}

/*
 * `exact`: say also that there is no MTU, which tells two routes apart when one is deleted.
 * Of a route by a nexthop object, say also that there is no metric: without a word of
 * metrics IPv4 takes over those of any route by the same object (fib_find_info_nh()).
 */
static int put_metrics(struct nl_msg *msg, const struct route *route, uint32_t mtu, bool exact)
{
	const struct nlattr *metrics = find(route->msg, RTA_METRICS);
	struct nlattr *nest = nla_nest_start(msg, RTA_METRICS), *metric;
	bool any = mtu || exact || route->nexthop;
	int err = nest ? 0 : -NLE_NOMEM, left;

	if (metrics) {
		nla_for_each_nested (metric, metrics, left) {
			if (err || nla_type(metric) == RTAX_MTU)
				continue;
			err = put_raw(msg, metric);
			any = true;
		}
	}
	if (!err && (mtu || exact))
		err = nla_put_u32(msg, RTAX_MTU, mtu);
	if (err)
		return err;
	if (any)
		nla_nest_end_keep_empty(msg, nest);
	else
		nla_nest_cancel(msg, nest);
	return 0;
}

static int put_attribute(struct nl_msg *msg, const struct route *route, const struct nlattr *attr)
{
	int type = nla_type(attr);

	if (type == RTA_CACHEINFO || (route->nexthop && belongs_to_nexthop(type)))
		return 0;
	return type == RTA_MULTIPATH ? put_multipath(msg, attr) : put_raw(msg, attr);
}

struct nl_msg *route_request(const struct route *route, uint32_t mtu, int type, int flags)
{
	/* Room for one more metric in a nest of its own. */
	struct nl_msg *msg = nlmsg_alloc_size(route->msg->nlmsg_len + 64);
	struct rtmsg rtm = *(struct rtmsg *)nlmsg_data(route->msg);
	struct nlattr *attr;
	int left, err;

	if (!msg || !nlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, type, 0, flags))
		goto fail;
	rtm.rtm_flags &= KEPT_FLAGS;
	err = nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO);
	nlmsg_for_each_attr(attr, route->msg, sizeof(rtm), left)
	{
		if (!err && nla_type(attr) != RTA_METRICS)
			err = put_attribute(msg, route, attr);
	}
	if (!err)
		err = put_metrics(msg, route, mtu, type == RTM_DELROUTE);
	if (!err)
		return msg;
fail:
	nlmsg_free(msg);
	return NULL;
}

bool route_alike(const struct route *a, const struct route *b)
{
	struct nl_msg *left = route_request(a, 0, RTM_NEWROUTE, 0);
	struct nl_msg *right = route_request(b, 0, RTM_NEWROUTE, 0);
	bool alike = false;

	if (left && right) {
		const struct nlmsghdr *l = nlmsg_hdr(left), *r = nlmsg_hdr(right);

		alike = l->nlmsg_len == r->nlmsg_len &&
			!memcmp(nlmsg_data(l), nlmsg_data(r), l->nlmsg_len - NLMSG_HDRLEN);
	}
	nlmsg_free(left);
	nlmsg_free(right);
	return alike;
}
