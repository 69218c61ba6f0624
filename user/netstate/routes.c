// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes dumped, watched and changed over rtnetlink. */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "netstate/monitor.h"
#include "netstate/routes.h"

#define DUMP_BUFFER  (64 * 1024) /* fewer system calls on a host with a full table */
#define EVENT_BUFFER (32 * 1024)
#define EVENT_READS  16 /* at a time, so that a flood of events leaves time for others */

struct dump {
	struct route_list *list;
	route_wanted_fn wanted;
	void *arg;
	int err;
};

static int keep(struct route_list *list, const struct nlmsghdr *msg)
{
	if (list->n == ROUTES_MAX)
		return -E2BIG;
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		struct route *grown = reallocarray(list->route, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		list->route = grown;
		list->room = room;
	}
	return route_read(&list->route[list->n], msg);
}

static int on_route(struct nl_msg *msg, void *arg)
{
	struct dump *dump = arg;
	struct nlmsghdr *header = nlmsg_hdr(msg);
	const struct rtmsg *rtm = nlmsg_data(header);
	uint8_t family, len, prefix[16];

	if (!route_message_prefix(header, &family, prefix, &len) ||
	    rtm->rtm_table == RT_TABLE_LOCAL || rtm->rtm_flags & RTM_F_CLONED ||
	    !dump->wanted(family, prefix, len, dump->arg))
		return NL_SKIP;
	dump->err = keep(dump->list, header);
	if (dump->err)
		return NL_STOP;
	dump->list->n++;
	return NL_OK;
}

/* Without it the kernel dumps what it has cached of IPv6 destinations too (since Linux 4.20). */
static void set_strict(struct nl_sock *sock)
{
	int on = 1;

	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
}

static int dump_family(struct dump *dump, int family)
{
	struct rtmsg all = { .rtm_family = family };
	struct nl_sock *sock = nl_socket_alloc();
	int err;

	if (!sock)
		return -ENOMEM;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_route, dump);
	err = nl_connect(sock, NETLINK_ROUTE);
	if (!err) {
		set_strict(sock);
		nl_socket_set_msg_buf_size(sock, DUMP_BUFFER);
		err = nl_send_simple(sock, RTM_GETROUTE, NLM_F_DUMP, &all, sizeof(all));
	}
	if (err >= 0)
		err = nl_recvmsgs_default(sock);
	nl_socket_free(sock);
	if (dump->err)
		return dump->err;
	/* A kernel without IPv6 has no such routes. */
	if (err == -NLE_OPNOTSUPP && family == AF_INET6)
		return 0;
	if (err < 0)
		return err == -NLE_NOMEM ? -ENOMEM : err == -NLE_DUMP_INTR ? -EAGAIN : -EIO;
	return 0;
}

/* Routes that nothing but the MTU tells apart get a number, which is their order. */
static int number_twins(struct route_list *list)
{
	size_t i, j, twins, len;
	char *name;

	for (i = 1; i < list->n; i++) {
		struct route *route = &list->route[i];

		for (twins = 0, j = i; j-- > 0 && route_same_place(&list->route[j], route);) {
			const char *other = list->route[j].name;

			len = strcspn(other, "#");
			while (len && other[len - 1] == ' ')
				len--;
			twins += !strncmp(other, route->name, len) && !route->name[len];
		}
		if (!twins)
			continue;
		if (asprintf(&name, "%s #%zu", route->name, twins + 1) < 0)
			return -ENOMEM;
		free(route->name);
		route->name = name;
	}
	return 0;
}

int routes_dump(struct route_list *list, route_wanted_fn wanted, void *arg)
{
	struct dump dump = { .list = list, .wanted = wanted, .arg = arg };
	int err;

	memset(list, 0, sizeof(*list));
	err = dump_family(&dump, AF_INET);
	if (!err)
		err = dump_family(&dump, AF_INET6);
	if (!err)
		err = number_twins(list);
	if (err)
		routes_free(list);
	return err;
}

void routes_free(struct route_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		route_release(&list->route[i]);
	free(list->route);
	memset(list, 0, sizeof(*list));
}

static bool any_wanted(const void *buf, ssize_t len, route_wanted_fn wanted, void *arg)
{
	const struct nlmsghdr *msg = buf;
	uint8_t family, prefix[16], prefix_len;
	int left = len;

	for (; nlmsg_ok(msg, left); msg = nlmsg_next((struct nlmsghdr *)msg, &left))
		if (route_message_prefix(msg, &family, prefix, &prefix_len) &&
		    wanted(family, prefix, prefix_len, arg))
			return true;
	return false;
}

bool routes_stirred(struct nl_sock *monitor, route_wanted_fn wanted, void *arg)
{
	static char buf[EVENT_BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool stirred = false;
	int reads;

	for (reads = 0; reads < EVENT_READS; reads++) {
		ssize_t len = recv(monitor_fd(monitor), buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC);

		if (len < 0 && errno != ENOBUFS && errno != EINTR)
			break;
		/* Lost, or too long to be looked through: as good as an event. */
		if (len < 0 || len > (ssize_t)sizeof(buf))
			stirred = true;
		else
			stirred = stirred || any_wanted(buf, len, wanted, arg);
	}
	return stirred;
}

/* --- changes --- */

int route_writer_open(struct nl_sock **writer)
{
	struct nl_sock *sock = nl_socket_alloc();
	int on = 1;

	if (!sock)
		return -ENOMEM;
	if (nl_connect(sock, NETLINK_ROUTE)) {
		nl_socket_free(sock);
		return -EIO;
	}
	/* The kernel's own words for a refusal, and the request not repeated before them. */
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	*writer = sock;
	return 0;
}

void route_writer_close(struct nl_sock *writer)
{
	if (writer)
		nl_socket_free(writer);
}

struct refusal {
	char *why;
	int err;
};

static int on_refusal(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	const struct nlmsghdr *header =
		(const struct nlmsghdr *)((const char *)error - NLMSG_HDRLEN);
	size_t skip = sizeof(*error);
	struct refusal *refusal = arg;
	struct nlattr *text = NULL;

	(void)from;
	refusal->err = error->error;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(error->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (header->nlmsg_flags & NLM_F_ACK_TLVS && header->nlmsg_len > NLMSG_HDRLEN + skip)
		text = nla_find((struct nlattr *)((char *)error + skip),
				header->nlmsg_len - NLMSG_HDRLEN - skip, NLMSGERR_ATTR_MSG);
	if (text)
		snprintf(refusal->why, ROUTE_WHY, "%.*s", nla_len(text),
			 (const char *)nla_data(text));
	return NL_STOP;
}

int route_write(struct nl_sock *writer, struct nl_msg *request, char why[ROUTE_WHY])
{
	struct refusal refusal = { .why = why };
	int err;

	why[0] = '\0';
	nl_socket_modify_err_cb(writer, NL_CB_CUSTOM, on_refusal, &refusal);
	err = request ? nl_send_auto(writer, request) : -NLE_NOMEM;
	nlmsg_free(request);
	if (err >= 0)
		err = nl_wait_for_ack(writer);
	nl_socket_modify_err_cb(writer, NL_CB_DEFAULT, NULL, NULL);
	if (err < 0)
		err = refusal.err ? refusal.err : err == -NLE_NOMEM ? -ENOMEM : -EIO;
	if (err < 0 && !why[0])
		snprintf(why, ROUTE_WHY, "%s", strerror(-err));
	return err < 0 ? err : 0;
}

static int add_behind(struct nl_sock *writer, const struct route *route, uint32_t mtu,
		      char why[ROUTE_WHY])
{
	return route_write(
		writer, route_request(route, mtu, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND), why);
}

static int remove_exactly(struct nl_sock *writer, const struct route *route, uint32_t mtu,
			  char why[ROUTE_WHY])
{
	return route_write(writer, route_request(route, mtu, RTM_DELROUTE, 0), why);
}

/*
 * IPv6 takes no two routes of one priority with the same next hop, whatever their
 * metrics (rt6_duplicate_nexthop()): meanwhile a copy of lower priority stands in.
 */
static int change_behind6(struct nl_sock *writer, const struct route *route, uint32_t mtu,
			  char why[ROUTE_WHY])
{
	struct route stand_in;
	struct nlattr *priority;
	char ignored[ROUTE_WHY];
	int err, again;

	err = route_read(&stand_in, route->msg);
	if (err)
		return err;
	priority = nlmsg_find_attr(stand_in.msg, sizeof(struct rtmsg), RTA_PRIORITY);
	if (!priority) {
		route_release(&stand_in);
		snprintf(why, ROUTE_WHY, "it has no priority");
		return -EINVAL;
	}
	*(uint32_t *)nla_data(priority) += 1;
	err = route_write(writer,
			  route_request(&stand_in, mtu, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL),
			  why);
	if (err)
		goto out;
	err = remove_exactly(writer, route, route->mtu, why);
	if (!err) {
		err = add_behind(writer, route, mtu, why);
		again = err ? add_behind(writer, route, route->mtu, ignored) : 0;
		/* Better the stand-in than no route at all. */
		if (again)
			goto out;
	}
	again = remove_exactly(writer, &stand_in, mtu, ignored);
	if (!err && again) {
		err = again;
		snprintf(why, ROUTE_WHY, "%s", ignored);
	}
out:
	route_release(&stand_in);
	return err;
}

int route_change(struct nl_sock *writer, const struct route *route, uint32_t mtu, bool first,
		 char why[ROUTE_WHY])
{
	char ignored[ROUTE_WHY];
	int err;

	/* Without NLM_F_CREATE: one that is gone meanwhile shall not come back. */
	if (first)
		return route_write(writer, route_request(route, mtu, RTM_NEWROUTE, NLM_F_REPLACE),
				   why);
	if (route->family == AF_INET6)
		return change_behind6(writer, route, mtu, why);
	err = add_behind(writer, route, mtu, why);
	if (err)
		return err;
	err = remove_exactly(writer, route, route->mtu, why);
	if (err && err != -ESRCH)
		remove_exactly(writer, route, mtu, ignored);
	return err == -ESRCH ? 0 : err;
}
