// SPDX-License-Identifier: GPL-2.0-or-later
/* Packet sockets that hold a NIC promiscuous or allmulti (net/packet/diag.c). */
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "netstate/packet_diag.h"

/* The kernel dumps into buffers as large as the reader's, and a socket has to fit into one. */
#define DIAG_BUFFER 32768 /* bytes */

static void add(struct memberships *all, size_t first, uint32_t inode,
		const struct packet_diag_mclist *entry, enum rx_mode mode)
{
	struct membership *membership;
	size_t i;

	for (i = first; i < all->n; i++) {
		membership = &all->membership[i];
		if (membership->ifindex == entry->pdmc_index && membership->mode == mode) {
			membership->count++;
			return;
		}
	}
	if (all->n == MEMBERSHIPS_MAX)
		return;
	all->membership[all->n++] = (struct membership){
		.inode = inode, .ifindex = entry->pdmc_index, .mode = mode, .count = 1
	};
}

/* A dump in several parts repeats a socket when a new one was opened in between. */
static bool is_known(const struct memberships *all, uint32_t inode)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->membership[i].inode == inode)
			return true;
	return false;
}

static int on_socket(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct packet_diag_msg *socket = nlmsg_data(header);
	struct nlattr *tb[PACKET_DIAG_MAX + 1];
	struct memberships *all = arg;
	struct packet_diag_mclist entry;
	size_t first = all->n;
	int at;

	if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    nlmsg_parse(header, sizeof(*socket), tb, PACKET_DIAG_MAX, NULL) < 0 ||
	    !tb[PACKET_DIAG_MCLIST] || is_known(all, socket->pdiag_ino))
		return NL_SKIP;
	/*
	 * An entry makes the NIC count once, however often the socket asked for the
	 * same (pdmc_count; packet_mc_add in net/packet/af_packet.c). Entries that differ
	 * in the address only, which means nothing here, are counted apart.
	 */
	for (at = 0; at + (int)sizeof(entry) <= nla_len(tb[PACKET_DIAG_MCLIST]);
	     at += sizeof(entry)) {
		memcpy(&entry, (char *)nla_data(tb[PACKET_DIAG_MCLIST]) + at, sizeof(entry));
		if (entry.pdmc_type == PACKET_MR_PROMISC)
			add(all, first, socket->pdiag_ino, &entry, RX_PROMISC);
		else if (entry.pdmc_type == PACKET_MR_ALLMULTI)
			add(all, first, socket->pdiag_ino, &entry, RX_ALLMULTI);
	}
	return NL_OK;
}

static int errno_of(int nl_err)
{
	switch (nl_err) {
	case -NLE_NOMEM:
		return -ENOMEM;
	/* No diagnosis of packet sockets, or of any sockets at all. */
	case -NLE_OBJ_NOTFOUND:
	case -NLE_PROTO_MISMATCH:
	case -NLE_OPNOTSUPP:
		return -EPROTONOSUPPORT;
	}
	return -EIO;
}

int memberships_dump(struct memberships *memberships)
{
	struct packet_diag_req request = {
		.sdiag_family = AF_PACKET,
		.pdiag_show = PACKET_SHOW_MCLIST,
	};
	struct nl_sock *sock = nl_socket_alloc();
	int err;

	memberships->n = 0;
	if (!sock)
		return -ENOMEM;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_socket, memberships);
	err = nl_connect(sock, NETLINK_SOCK_DIAG);
	if (!err)
		err = nl_socket_set_msg_buf_size(sock, DIAG_BUFFER);
	if (!err)
		err = nl_send_simple(sock, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request,
				     sizeof(request));
	if (err >= 0)
		err = nl_recvmsgs_default(sock);
	nl_socket_free(sock);
	return err < 0 ? errno_of(err) : 0;
}
