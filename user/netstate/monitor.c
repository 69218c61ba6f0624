// SPDX-License-Identifier: GPL-2.0-or-later
/* Events from rtnetlink, as a bell. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include "netstate/monitor.h"

int monitor_open(struct nl_sock **out, const int *groups)
{
	struct nl_sock *sock = nl_socket_alloc();
	int err;

	if (!sock)
		return -ENOMEM;
	nl_socket_disable_seq_check(sock);
	err = nl_connect(sock, NETLINK_ROUTE);
	for (; !err && *groups; groups++)
		err = nl_socket_add_membership(sock, *groups);
	if (!err)
		err = nl_socket_set_nonblocking(sock);
	if (err) {
		nl_socket_free(sock);
		return err == -NLE_INVAL ? -EINVAL : -EIO;
	}
	*out = sock;
	return 0;
}

int monitor_fd(struct nl_sock *sock)
{
	return nl_socket_get_fd(sock);
}

void monitor_drain(struct nl_sock *sock)
{
	char buf[8192];
	ssize_t len;

	do {
		len = recv(monitor_fd(sock), buf, sizeof(buf), MSG_DONTWAIT);
	} while (len > 0 || (len < 0 && (errno == ENOBUFS || errno == EINTR)));
}

void monitor_close(struct nl_sock *sock)
{
	if (sock)
		nl_socket_free(sock);
}
