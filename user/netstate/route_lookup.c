// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel would do with a packet to one address, and how large it may be. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netstate/routes.h"

#define DISCARD_PORT 9 /* nothing is sent; a connected socket must have one */

struct question {
	struct route *route;
	int err;
};

static int on_answer(struct nl_msg *msg, void *arg)
{
	struct question *question = arg;

	if (question->route->msg)
		return NL_SKIP;
	question->err = route_read(question->route, nlmsg_hdr(msg));
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	(void)from;
	((struct question *)arg)->err = error->error;
	return NL_STOP;
}

static int ask(struct route *route, uint8_t family, const uint8_t address[16], uint32_t flags)
{
	size_t size = family == AF_INET ? 4 : 16;
	struct rtmsg rtm = { .rtm_family = family, .rtm_dst_len = size * 8, .rtm_flags = flags };
	struct question question = { .route = route };
	struct nl_sock *sock = nl_socket_alloc();
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	int err = -NLE_NOMEM;

	if (!sock || !msg)
		goto out;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_answer, &question);
	nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, &question);
	nl_socket_disable_auto_ack(sock);
	err = nl_connect(sock, NETLINK_ROUTE);
	if (!err)
		err = nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO);
	if (!err)
		err = nla_put(msg, RTA_DST, size, address);
	if (!err)
		err = nl_send_auto(sock, msg);
	if (err >= 0)
		err = nl_recvmsgs_default(sock);
out:
	nlmsg_free(msg);
	if (sock)
		nl_socket_free(sock);
	if (question.err)
		return question.err;
	if (err < 0)
		return err == -NLE_NOMEM ? -ENOMEM : -EIO;
	return route->msg ? 0 : -EIO;
}

/* Asked of a connected UDP socket, which sends nothing: it gets what a sender gets. */
static uint32_t ask_socket(uint8_t family, const uint8_t address[16], uint32_t ifindex)
{
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_port = htons(DISCARD_PORT) };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons(DISCARD_PORT) };
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), mtu = 0, err;
	socklen_t len = sizeof(mtu);

	if (fd < 0)
		return 0;
	memcpy(&to4.sin_addr, address, sizeof(to4.sin_addr));
	memcpy(&to6.sin6_addr, address, sizeof(to6.sin6_addr));
	if (IN6_IS_ADDR_LINKLOCAL(&to6.sin6_addr))
		to6.sin6_scope_id = ifindex;
	err = family == AF_INET ? connect(fd, (struct sockaddr *)&to4, sizeof(to4))
				: connect(fd, (struct sockaddr *)&to6, sizeof(to6));
	if (!err && family == AF_INET)
		err = getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len);
	else if (!err)
		err = getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &len);
	close(fd);
	return err || mtu < 0 ? 0 : mtu;
}

int route_lookup(struct route_answer *answer, uint8_t family, const uint8_t address[16])
{
	int err;

	memset(answer, 0, sizeof(*answer));
	err = ask(&answer->used, family, address, RTM_F_LOOKUP_TABLE);
	if (!err)
		err = ask(&answer->entry, family, address, RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH);
	if (err) {
		route_answer_release(answer);
		return err;
	}
	/* An entry that expires is no exception: those are cloned. */
	answer->learned = answer->used.cloned && answer->used.expires && answer->used.mtu;
	answer->mtu =
		ask_socket(family, address, answer->used.n_hops ? answer->used.hops[0].ifindex : 0);
	return 0;
}

void route_answer_release(struct route_answer *answer)
{
	route_release(&answer->used);
	route_release(&answer->entry);
}
