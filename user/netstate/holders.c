// SPDX-License-Identifier: GPL-2.0-or-later
/* Who holds a NIC in promiscuous or allmulti mode. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/report.h"
#include "netstate/holders.h"
#include "netstate/members.h"
#include "netstate/packet_diag.h"
#include "netstate/socket_owner.h"
#include "netstate/uppers.h"

/* What is being put together of one NIC in one mode. */
struct tally {
	struct holders *holders;
	enum rx_mode mode;
	uint32_t left; /* of the kernel's count, to be accounted for */
	bool full;     /* there was no room for one */
};

struct search {
	struct memberships memberships;
	struct socket_owner owners[MEMBERSHIPS_MAX];
	size_t n_owners;
	bool no_packet_diag;
	struct members routers; /* nothing else of it */
};

static bool same_holder(const struct holder *a, const struct holder *b)
{
	return a->kind == b->kind && a->promisc == b->promisc && a->pid == b->pid &&
	       !strcmp(a->link, b->link);
}

/*
 * What finds no room is not accounted for, and so goes to the HOLDER_UNKNOWN of its
 * mode, for which room is kept.
 */
static void tally_add(struct tally *tally, struct holder holder, uint32_t count)
{
	struct holders *holders = tally->holders;
	size_t room = HOLDERS_MAX - (holder.kind == HOLDER_UNKNOWN ? 0 : RX_MODES), i;

	holder.promisc = tally->mode == RX_PROMISC;
	holder.allmulti = tally->mode == RX_ALLMULTI;
	for (i = 0; i < holders->n; i++)
		if (same_holder(&holders->holder[i], &holder))
			break;
	if (i == holders->n && holders->n < room)
		holders->holder[holders->n++] = holder;
	if (i == holders->n) {
		tally->full = true;
		return;
	}
	holders->holder[i].count += count;
	tally->left -= count < tally->left ? count : tally->left;
}

static void add_upper(const struct link *upper, void *data)
{
	struct holder holder = { .kind = HOLDER_LINK };

	memcpy(holder.link, upper->name, sizeof(holder.link));
	memcpy(holder.link_kind, upper->kind, sizeof(holder.link_kind));
	tally_add(data, holder, 1);
}

static void add_sockets(struct tally *tally, struct search *search)
{
	size_t i;

	for (i = 0; i < search->memberships.n; i++) {
		const struct membership *membership = &search->memberships.membership[i];
		struct holder holder = { .kind = HOLDER_SOCKET };
		const struct socket_owner *owner;

		if (membership->ifindex != tally->holders->ifindex ||
		    membership->mode != tally->mode)
			continue;
		owner = socket_owner_of(search->owners, search->n_owners, membership->inode);
		if (owner && owner->process.pid) {
			holder.pid = owner->process.pid;
			memcpy(holder.program, owner->process.program, sizeof(holder.program));
		}
		tally_add(tally, holder, membership->count);
	}
}

static void add_flag(struct tally *tally, const struct link *link)
{
	if (link_flagged(link, tally->mode))
		tally_add(tally, (struct holder){ .kind = HOLDER_FLAG }, 1);
}

/* Each of its vifs is allmulti (vif_add in net/ipv4/ipmr.c, mif6_add in net/ipv6/ip6mr.c). */
static void add_routing(struct tally *tally, const struct search *search)
{
	size_t i;

	if (tally->mode != RX_ALLMULTI)
		return;
	for (i = 0; i < search->routers.n_routers; i++)
		if (search->routers.router[i].ifindex == tally->holders->ifindex)
			tally_add(tally, (struct holder){ .kind = HOLDER_ROUTING }, 1);
}

static void add_rest(struct tally *tally, const struct search *search)
{
	struct holder holder = { .kind = HOLDER_UNKNOWN };

	if (tally->full)
		holder.why = UNKNOWN_NO_ROOM;
	else if (search->no_packet_diag)
		holder.why = UNKNOWN_NO_PACKET_DIAG;
	if (tally->left)
		tally_add(tally, holder, tally->left);
}

/* The links above come late: what they hold is in part worked out from what is left. */
static void name_holders(struct holders *holders, const struct links *links,
			 const struct link *link, struct search *search)
{
	enum rx_mode mode;

	for (mode = 0; mode < RX_MODES; mode++) {
		struct tally tally = { holders, mode, link_held(link, mode), false };

		add_flag(&tally, link);
		add_sockets(&tally, search);
		add_routing(&tally, search);
		uppers_claim(links, link, mode, tally.left, add_upper, &tally);
		add_rest(&tally, search);
	}
}

static bool more_than_flags(const struct link *link)
{
	enum rx_mode mode;

	for (mode = 0; mode < RX_MODES; mode++)
		if (link_held(link, mode) > link_flagged(link, mode))
			return true;
	return false;
}

static bool is_asked(const struct holders *holders, size_t n, uint32_t ifindex)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (holders[i].ifindex == ifindex)
			return true;
	return false;
}

static int find_owners(struct search *search, const struct holders *holders, size_t n)
{
	const struct memberships *memberships = &search->memberships;
	size_t i;

	for (i = 0; i < memberships->n; i++)
		if (is_asked(holders, n, memberships->membership[i].ifindex))
			search->owners[search->n_owners++].inode = memberships->membership[i].inode;
	if (!search->n_owners)
		return 0;
	return socket_owners_find(search->owners, &search->n_owners);
}

static int find_sockets(struct search *search, const struct holders *holders, size_t n)
{
	int err = memberships_dump(&search->memberships), owners_err;

	/* No fault of this host's: told with what is not found. */
	search->no_packet_diag = err == -EPROTONOSUPPORT;
	if (search->no_packet_diag)
		return 0;
	owners_err = find_owners(search, holders, n);
	return err ? err : owners_err;
}

int holders_find(const struct links *links, struct holders *holders, size_t n)
{
	struct search *search = calloc(1, sizeof(*search));
	bool any = false;
	int err = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct link *link = links_by_index(links, holders[i].ifindex);

		holders[i].n = 0;
		any = any || (link && more_than_flags(link));
	}
	if (!search)
		return -ENOMEM;
	if (any) {
		int sockets_err = find_sockets(search, holders, n);

		err = members_find_routers(&search->routers);
		err = sockets_err ? sockets_err : err;
	}
	for (i = 0; i < n; i++) {
		const struct link *link = links_by_index(links, holders[i].ifindex);

		if (link)
			name_holders(&holders[i], links, link, search);
	}
	members_free(&search->routers);
	free(search);
	return err;
}

static const char *const unknown_texts[] = {
	[UNKNOWN_ELSEWHERE] = "not found: a driver, another network namespace, or more unicast "
			      "addresses than the NIC can filter",
	[UNKNOWN_NO_PACKET_DIAG] = "not found: perhaps packet sockets, which this kernel does not "
				   "list (no packet_diag)",
	[UNKNOWN_NO_ROOM] = "not listed, as there are too many",
};

static void name_text(const struct holder *holder, const char *nic, char *buf, size_t len)
{
	switch (holder->kind) {
	case HOLDER_FLAG:
		snprintf(buf, len, "the flag (ip link set dev %s %s off)", REPORT_QUOTE(nic),
			 holder->promisc ? "promisc" : "allmulticast");
		break;
	case HOLDER_LINK:
		snprintf(buf, len, "%s %s", *holder->link_kind ? holder->link_kind : "link",
			 REPORT_QUOTE(holder->link));
		break;
	case HOLDER_ROUTING:
		snprintf(buf, len, "multicast routing (smcrouted, pimd or the like)");
		break;
	case HOLDER_SOCKET:
		if (holder->pid)
			snprintf(buf, len, "%s (pid %d)", REPORT_QUOTE(holder->program),
				 holder->pid);
		else
			snprintf(buf, len, "a packet socket of no process that can be seen");
		break;
	case HOLDER_UNKNOWN:
		snprintf(buf, len, "%s", unknown_texts[holder->why]);
		break;
	}
}

const char *holder_text(const struct holder *holder, const char *nic, char *buf, size_t len)
{
	size_t used;

	buf[0] = '\0';
	name_text(holder, nic, buf, len);
	used = strlen(buf);
	if (holder->count > 1)
		snprintf(buf + used, len - used, ", %u times", holder->count);
	return buf;
}
