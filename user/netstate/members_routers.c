// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * On which NICs multicast is routed: the kernel counts up mc_forwarding with each
 * NIC that a multicast router (mrouted, pimd, smcroute …) takes, whichever routing
 * table it uses; /proc/net/ip_mr_vif lists those of the default table only.
 */
#include <errno.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "netstate/members.h"

struct dump {
	struct members *members;
	int err;
};

static int on_netconf(struct nl_msg *msg, void *arg)
{
	struct dump *dump = arg;
	struct members *members = dump->members;
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct netconfmsg *info = nlmsg_data(header);
	struct nlattr *tb[NETCONFA_MAX + 1];
	struct member_router *grown;
	int32_t ifindex;

	if (header->nlmsg_type != RTM_NEWNETCONF ||
	    nlmsg_parse(header, sizeof(*info), tb, NETCONFA_MAX, NULL) < 0 ||
	    !tb[NETCONFA_IFINDEX] || !tb[NETCONFA_MC_FORWARDING])
		return NL_SKIP;
	ifindex = nla_get_s32(tb[NETCONFA_IFINDEX]);
	/* Below zero: "all" and "default". */
	if (ifindex <= 0 || nla_get_s32(tb[NETCONFA_MC_FORWARDING]) <= 0)
		return NL_OK;
	if (members->n_routers == MEMBERS_MAX) {
		dump->err = -E2BIG;
		return NL_STOP;
	}
	grown = reallocarray(members->router, members->n_routers + 1, sizeof(*grown));
	if (!grown) {
		dump->err = -ENOMEM;
		return NL_STOP;
	}
	members->router = grown;
	grown[members->n_routers++] = (struct member_router){ ifindex, info->ncm_family };
	return NL_OK;
}

static int dump_family(struct nl_sock *sock, uint8_t family)
{
	struct netconfmsg all = { .ncm_family = family };
	int err = nl_send_simple(sock, RTM_GETNETCONF, NLM_F_DUMP, &all, sizeof(all));

	if (err >= 0)
		err = nl_recvmsgs_default(sock);
	/* The kernel has no IPv6. */
	return err == -NLE_OPNOTSUPP ? 0 : err;
}

static int compare_router(const void *left, const void *right)
{
	const struct member_router *a = left, *b = right;

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return a->family - b->family;
}

int members_find_routers(struct members *members)
{
	struct dump dump = { .members = members };
	struct nl_sock *sock = nl_socket_alloc();
	int err;

	if (!sock)
		return -ENOMEM;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_netconf, &dump);
	err = nl_connect(sock, NETLINK_ROUTE);
	if (err >= 0)
		err = dump_family(sock, AF_INET);
	if (err >= 0 && !dump.err)
		err = dump_family(sock, AF_INET6);
	nl_socket_free(sock);
	if (dump.err)
		return dump.err;
	if (err < 0)
		return err == -NLE_NOMEM ? -ENOMEM : err == -NLE_DUMP_INTR ? -EAGAIN : -EIO;
	if (members->n_routers)
		qsort(members->router, members->n_routers, sizeof(*members->router),
		      compare_router);
	return 0;
}
