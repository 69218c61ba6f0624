// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From words to addresses and interfaces, and back (probe.h).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>

#include "config/statement.h"
#include "probe.h"

socklen_t probe_address_len(const union probe_address *address)
{
	return address->any.sa_family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

unsigned int probe_address_port(const union probe_address *address)
{
	return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port
						       : address->v6.sin6_port);
}

void probe_address_set_port(union probe_address *address, unsigned int port)
{
	if (address->any.sa_family == AF_INET)
		address->v4.sin_port = htons(port);
	else
		address->v6.sin6_port = htons(port);
}

const char *probe_address_text(const union probe_address *address, char *buf, size_t len)
{
	const void *from = &address->v6.sin6_addr;

	if (address->any.sa_family == AF_INET)
		from = &address->v4.sin_addr;
	return inet_ntop(address->any.sa_family, from, buf, len) ?: "?";
}

/* Either family; false when it is no address. */
static bool parse_address(union probe_address *address, const char *word)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, word, &address->v4.sin_addr) == 1)
		address->any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, word, &address->v6.sin6_addr) == 1)
		address->any.sa_family = AF_INET6;
	return address->any.sa_family != AF_UNSPEC;
}

static bool is_multicast(const union probe_address *address)
{
	if (address->any.sa_family == AF_INET)
		return IN_MULTICAST(ntohl(address->v4.sin_addr.s_addr));
	return IN6_IS_ADDR_MULTICAST(&address->v6.sin6_addr);
}

int probe_parse_group(struct probe *probe, const char *word, struct report *rep)
{
	union probe_address *group = &probe->group;

	if (!parse_address(group, word) || !is_multicast(group))
		return report_usage(rep, word, "GROUP, one multicast address",
				    "%s is not a multicast address", REPORT_QUOTE(word));
	probe_address_text(group, probe->group_text, sizeof(probe->group_text));
	return 0;
}

static bool same_address(const union probe_address *a, const struct sockaddr *b)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)b;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)b;

	if (!b || a->any.sa_family != b->sa_family)
		return false;
	if (b->sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == v4->sin_addr.s_addr;
	return IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &v6->sin6_addr);
}

/* The NIC that has probe->local; 0, -ENOENT, or -EEXIST when several have it. */
static int find_nic(struct probe *probe)
{
	struct ifaddrs *list, *item;
	int err = -ENOENT;

	if (getifaddrs(&list))
		return -errno;
	for (item = list; item; item = item->ifa_next) {
		if (!same_address(&probe->local, item->ifa_addr))
			continue;
		if (!err && strcmp(probe->nic, item->ifa_name)) {
			err = -EEXIST;
			break;
		}
		snprintf(probe->nic, sizeof(probe->nic), "%s", item->ifa_name);
		err = 0;
	}
	freeifaddrs(list);
	return err;
}

static int nic_by_address(struct probe *probe, const char *word, struct report *rep)
{
	int err;

	if (probe->local.any.sa_family != probe->group.any.sa_family)
		return report_usage(rep, word, "an address of the group's family, or a NIC",
				    "%s and %s are not of one family", REPORT_QUOTE(word),
				    probe->group_text);
	err = find_nic(probe);
	if (err == -EEXIST)
		return report_refused(rep, err, word,
				      "several NICs have the address %s; name the NIC instead",
				      word);
	if (err == -ENOENT)
		return report_refused(rep, err, word, "no NIC of this host has the address %s",
				      word);
	if (err)
		return report_failed(rep, err, word, "cannot list addresses: %s", strerror(-err));
	return 0;
}

int probe_parse_nic(struct probe *probe, const char *word, struct report *rep)
{
	int err = 0;

	if (parse_address(&probe->local, word))
		err = nic_by_address(probe, word, rep);
	else if (!nic_name_valid(word))
		err = report_usage(rep, word, "ADDR|NIC, a local address or the name of a NIC",
				   "%s is neither an address nor the name of a NIC",
				   REPORT_QUOTE(word));
	else
		snprintf(probe->nic, sizeof(probe->nic), "%s", word);
	if (err)
		return err;

	probe->ifindex = if_nametoindex(probe->nic);
	if (!probe->ifindex)
		return report_refused(rep, -ENODEV, word, "there is no NIC named %s", probe->nic);
	/* Link-local groups and addresses mean nothing without their link. */
	if (probe->group.any.sa_family == AF_INET6) {
		probe->group.v6.sin6_scope_id = probe->ifindex;
		probe->local.v6.sin6_scope_id = probe->ifindex;
	}
	return 0;
}
