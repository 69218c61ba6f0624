// SPDX-License-Identifier: GPL-2.0-or-later
/* The links of this network namespace, from one RTM_GETLINK dump. */
#include <errno.h>
#include <net/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "netstate/links.h"

#define LINK_DEPTH 8 /* of stacked links; MAX_NEST_DEV in the kernel */

struct dump {
	struct links *links;
	size_t room;
	int err;
};

static uint32_t attr_u32(struct nlattr *attr)
{
	return attr && nla_len(attr) >= (int)sizeof(uint32_t) ? nla_get_u32(attr) : 0;
}

/* A veth or netkit names its peer, not a lower link, in IFLA_LINK; so do tunnels 0. */
static void read_link(struct link *link, struct nlattr **tb)
{
	uint32_t other = attr_u32(tb[IFLA_LINK]);

	if (tb[IFLA_LINK_NETNSID] || other == link->ifindex)
		return;
	if (!strcmp(link->kind, "veth") || !strcmp(link->kind, "netkit"))
		link->peer = other;
	else
		link->lower = other;
}

static void read_kind(struct link *link, struct nlattr *linkinfo)
{
	struct nlattr *tb[IFLA_INFO_MAX + 1];

	if (!linkinfo || nla_parse_nested(tb, IFLA_INFO_MAX, linkinfo, NULL) < 0 ||
	    !tb[IFLA_INFO_KIND])
		return;
	nla_strlcpy(link->kind, tb[IFLA_INFO_KIND], sizeof(link->kind));
}

static void read_xdp(struct link *link, struct nlattr *xdp)
{
	struct nlattr *tb[IFLA_XDP_MAX + 1];

	if (!xdp || nla_parse_nested(tb, IFLA_XDP_MAX, xdp, NULL) < 0)
		return;
	link->program = attr_u32(tb[IFLA_XDP_PROG_ID]);
}

static void read_stats(struct link *link, struct nlattr *attr)
{
	struct rtnl_link_stats64 stats = {};

	if (!attr)
		return;
	/* Shorter from an older kernel; unaligned in the message. */
	nla_memcpy(&stats, attr, sizeof(stats));
	link->rx_dropped = stats.rx_dropped;
	link->rx_length_errors = stats.rx_length_errors;
}

static int on_link(struct nl_msg *msg, void *arg)
{
	struct dump *dump = arg;
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *tb[IFLA_MAX + 1];
	struct link *link;

	if (header->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(header, sizeof(*info), tb, IFLA_MAX, NULL) < 0 || !tb[IFLA_IFNAME])
		return NL_SKIP;
	if (dump->links->n == dump->room) {
		size_t room = dump->room ? 2 * dump->room : 16;
		struct link *grown = reallocarray(dump->links->link, room, sizeof(*grown));

		if (!grown) {
			dump->err = -ENOMEM;
			return NL_STOP;
		}
		dump->links->link = grown;
		dump->room = room;
	}
	link = &dump->links->link[dump->links->n++];
	memset(link, 0, sizeof(*link));
	link->ifindex = info->ifi_index;
	link->type = info->ifi_type;
	link->flags = info->ifi_flags;
	nla_strlcpy(link->name, tb[IFLA_IFNAME], sizeof(link->name));
	link->mtu = attr_u32(tb[IFLA_MTU]);
	link->promiscuity = attr_u32(tb[IFLA_PROMISCUITY]);
	link->allmulti = attr_u32(tb[IFLA_ALLMULTI]);
	link->mtu_min = attr_u32(tb[IFLA_MIN_MTU]);
	link->mtu_max = attr_u32(tb[IFLA_MAX_MTU]);
	link->master = attr_u32(tb[IFLA_MASTER]);
	read_kind(link, tb[IFLA_LINKINFO]);
	read_link(link, tb);
	read_xdp(link, tb[IFLA_XDP]);
	read_stats(link, tb[IFLA_STATS64]);
	return NL_OK;
}

static int by_ifindex(const void *a, const void *b)
{
	uint32_t left = ((const struct link *)a)->ifindex,
		 right = ((const struct link *)b)->ifindex;

	return left < right ? -1 : left > right;
}

int links_dump(struct links *links)
{
	struct dump dump = { .links = links };
	struct ifinfomsg all = { .ifi_family = AF_UNSPEC };
	struct nl_sock *sock = nl_socket_alloc();
	int err;

	memset(links, 0, sizeof(*links));
	if (!sock)
		return -ENOMEM;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_link, &dump);
	err = nl_connect(sock, NETLINK_ROUTE);
	if (!err)
		err = nl_send_simple(sock, RTM_GETLINK, NLM_F_DUMP, &all, sizeof(all));
	/* A dump that a change interrupted (NLE_DUMP_INTR) is not a picture of any moment. */
	if (err >= 0)
		err = nl_recvmsgs_default(sock);
	nl_socket_free(sock);
	if (dump.err)
		err = dump.err;
	else if (err < 0)
		err = err == -NLE_NOMEM ? -ENOMEM : err == -NLE_DUMP_INTR ? -EAGAIN : -EIO;
	if (err < 0) {
		links_free(links);
		return err;
	}
	if (links->n)
		qsort(links->link, links->n, sizeof(*links->link), by_ifindex);
	return 0;
}

void links_free(struct links *links)
{
	free(links->link);
	memset(links, 0, sizeof(*links));
}

const struct link *links_by_name(const struct links *links, const char *name)
{
	size_t i;

	for (i = 0; i < links->n; i++)
		if (!strcmp(links->link[i].name, name))
			return &links->link[i];
	return NULL;
}

const struct link *links_by_index(const struct links *links, uint32_t ifindex)
{
	struct link key = { .ifindex = ifindex };

	if (!links->n)
		return NULL;
	return bsearch(&key, links->link, links->n, sizeof(key), by_ifindex);
}

bool link_is(const struct link *link, const char *name, const char *kind)
{
	return !strcmp(link->name, name) && !strcmp(link->kind, kind);
}

bool link_faces_stack(const struct links *links, const struct link *link)
{
	const struct link *master = link->master ? links_by_index(links, link->master) : NULL;

	if (link->type != ARPHRD_ETHER || link->flags & IFF_LOOPBACK || link->lower)
		return false;
	/* A VRF's ports keep their own way into the stack; every other master takes it. */
	return !link->master || (master && !strcmp(master->kind, "vrf"));
}

bool link_stacked_on(const struct links *links, const struct link *upper, const struct link *lower)
{
	int depth;

	for (depth = 0; upper && depth <= LINK_DEPTH; depth++) {
		if (upper->ifindex == lower->ifindex)
			return true;
		if (!upper->lower)
			return false;
		upper = links_by_index(links, upper->lower);
	}
	return false;
}

bool link_carries(const struct links *links, const struct link *link, const struct link *nic)
{
	int depth;

	for (depth = 0; nic && depth <= LINK_DEPTH; depth++) {
		if (link_stacked_on(links, nic, link))
			return true;
		nic = nic->master ? links_by_index(links, nic->master) : NULL;
		if (nic && !strcmp(nic->kind, "vrf"))
			return false;
	}
	return false;
}

bool link_returns(const struct links *links, const struct link *link, const struct link *nic)
{
	const struct link *peer = nic->peer ? links_by_index(links, nic->peer) : NULL;

	return peer && link_carries(links, link, peer);
}
