// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes as the kernel would dump them, for tests. */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "routes.h"

static int family_of_text(const char *address)
{
	return strchr(address, ':') ? AF_INET6 : AF_INET;
}

static void put_address(struct nl_msg *msg, int type, const char *text)
{
	uint8_t address[16];

	assert_int_equal(inet_pton(family_of_text(text), text, address), 1);
	assert_int_equal(nla_put(msg, type, family_of_text(text) == AF_INET ? 4 : 16, address), 0);
}

static void put_metrics(struct nl_msg *msg, const struct given_route *given)
{
	struct nlattr *nest;

	if (!given->mtu && !given->advmss && !given->locked)
		return;
	nest = nla_nest_start(msg, RTA_METRICS);
	if (given->locked)
		nla_put_u32(msg, RTAX_LOCK, 1U << RTAX_MTU);
	if (given->mtu)
		nla_put_u32(msg, RTAX_MTU, given->mtu);
	if (given->advmss)
		nla_put_u32(msg, RTAX_ADVMSS, given->advmss);
	nla_nest_end(msg, nest);
}

struct nl_msg *given_message(const struct given_route *given)
{
	struct rtmsg rtm = { .rtm_family = family_of_text(given->prefix),
			     .rtm_dst_len = given->len,
			     .rtm_tos = given->tos,
			     .rtm_table = given->table ? given->table : RT_TABLE_MAIN,
			     .rtm_protocol = given->protocol ? given->protocol : RTPROT_STATIC,
			     .rtm_type = given->type ? given->type : RTN_UNICAST,
			     .rtm_flags = RTNH_F_ONLINK | RTNH_F_LINKDOWN | RTM_F_OFFLOAD };
	struct rta_cacheinfo cache = { .rta_expires = given->expires, .rta_clntref = 4 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWROUTE, NLM_F_MULTI);

	nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO);
	nla_put_u32(msg, RTA_TABLE, rtm.rtm_table);
	if (given->len)
		put_address(msg, RTA_DST, given->prefix);
	nla_put_u32(msg, RTA_PRIORITY, given->priority);
	put_metrics(msg, given);
	if (given->nexthop)
		nla_put_u32(msg, RTA_NH_ID, given->nexthop);
	if (given->via)
		put_address(msg, RTA_GATEWAY, given->via);
	nla_put_u32(msg, RTA_OIF, given->dev);
	nla_put_string(msg, GIVEN_UNKNOWN, "of a later kernel");
	nla_put(msg, RTA_CACHEINFO, sizeof(cache), &cache);
	return msg;
}

struct route given_route(const struct given_route *given)
{
	struct nl_msg *msg = given_message(given);
	struct route read;

	assert_int_equal(route_read(&read, nlmsg_hdr(msg)), 0);
	nlmsg_free(msg);
	return read;
}
