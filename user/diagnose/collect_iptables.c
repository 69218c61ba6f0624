// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules of the iptables of old (x_tables, asked by getsockopt) that make the kernel
 * put IPv4 datagrams together before routing. Those of iptables-nft are nftables'.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diagnose/collect.h"

/* Behind net/if.h, so that the kernel's own names of the same things stay out. */
#include <linux/netfilter_ipv4/ip_tables.h>

#define TABLE_MAX (64U << 20) /* bytes of a table's rules that are looked through */

/* The name of a match or the target of the entry that wants it; NULL. */
static const char *wanting(const struct ipt_entry *entry)
{
	const char *bytes = (const char *)entry;
	unsigned int at = sizeof(*entry);
	const struct xt_entry_target *target = (const void *)(bytes + entry->target_offset);

	while (at + sizeof(struct xt_entry_match) <= entry->target_offset) {
		const struct xt_entry_match *match = (const void *)(bytes + at);

		if (xtables_wants_defrag(match->u.user.name))
			return match->u.user.name;
		if (match->u.match_size < sizeof(*match))
			break;
		at += match->u.match_size;
	}
	return xtables_wants_defrag(target->u.user.name) ? target->u.user.name : NULL;
}

static int search(struct fact_defrag *defrag, const char *table,
		  const struct ipt_get_entries *entries)
{
	const char *bytes = (const char *)entries->entrytable;
	unsigned int at = 0;
	int n = 0;

	while (at + sizeof(struct ipt_entry) + sizeof(struct xt_entry_target) <= entries->size) {
		const struct ipt_entry *entry = (const void *)(bytes + at);
		const char *name;

		if (entry->next_offset < sizeof(*entry) ||
		    at + entry->next_offset > entries->size ||
		    entry->target_offset + sizeof(struct xt_entry_target) > entry->next_offset)
			break;
		name = wanting(entry);
		if (name && ++n <= 2)
			defrag_add(defrag, "the rule with \"%s\" in iptables' table %s", name,
				   table);
		at += entry->next_offset;
	}
	return n;
}

static int search_table(int sock, struct fact_defrag *defrag, const char *table)
{
	struct ipt_getinfo info = {};
	socklen_t len = sizeof(info);
	struct ipt_get_entries *entries;
	int n;

	snprintf(info.name, sizeof(info.name), "%s", table);
	if (getsockopt(sock, IPPROTO_IP, IPT_SO_GET_INFO, &info, &len))
		return -errno;
	if (info.size > TABLE_MAX)
		return -E2BIG;
	len = sizeof(*entries) + info.size;
	entries = calloc(1, len);
	if (!entries)
		return -ENOMEM;
	memcpy(entries->name, info.name, sizeof(entries->name));
	entries->size = info.size;
	/* -EAGAIN: changed meanwhile. */
	n = getsockopt(sock, IPPROTO_IP, IPT_SO_GET_ENTRIES, entries, &len)
		    ? -errno
		    : search(defrag, table, entries);
	free(entries);
	return n;
}

int collect_iptables(struct fact_defrag *defrag)
{
	/* Asking for a table that nobody has used would make the kernel load it. */
	FILE *names = fopen("/proc/thread-self/net/ip_tables_names", "re");
	char table[XT_TABLE_MAXNAMELEN];
	int sock, n = 0;

	if (!names)
		return errno == ENOENT ? 0 : -errno;
	sock = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	while (sock >= 0 && fscanf(names, "%31s", table) == 1) {
		int found = search_table(sock, defrag, table);

		n += found > 0 ? found : 0;
	}
	if (sock >= 0)
		close(sock);
	fclose(names);
	return n;
}
