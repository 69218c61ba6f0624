// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memberships out of the kernel's lists (net/ipv4/igmp.c, net/ipv6/mcast.c,
 * net/core/net-procfs.c). Pure.
 *
 * igmp and igmp6 say how many sockets have joined a group on a NIC, mcfilter and
 * mcfilter6 how many of them include or exclude a source. How many sockets are in
 * which mode is said nowhere. When a source is included by as many as have joined,
 * all of them are source-specific, and the included sources are all that can come
 * in; otherwise one may have joined from any source.
 */
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "netstate/members.h"

#define MAC_TEXT 12 /* hexadecimal digits */

struct joined {
	uint8_t family;
	uint8_t group[16];
	uint32_t ifindex;
	uint32_t users; /* sockets, or 1 for the kernel itself */
};

struct included {
	struct joined where; /* users: sockets that include the source */
	uint8_t source[16];
};

struct filter {
	struct member_mac at;
	uint32_t uses;
};

struct list {
	void *items;
	size_t n, room;
};

struct lists {
	struct list joined, included, filters;
};

static int append(struct list *list, const void *item, size_t size)
{
	if (list->n == MEMBERS_MAX)
		return -E2BIG;
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		void *items = reallocarray(list->items, room, size);

		if (!items)
			return -ENOMEM;
		list->items = items;
		list->room = room;
	}
	memcpy((char *)list->items + list->n++ * size, item, size);
	return 0;
}

static void sort(struct list *list, size_t size, int (*compare)(const void *, const void *))
{
	if (list->n)
		qsort(list->items, list->n, size, compare);
}

static bool read_hex(uint8_t *bytes, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++) {
		const char digits[] = { text[2 * i], text[2 * i] ? text[2 * i + 1] : '\0', '\0' };

		if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]))
			return false;
		bytes[i] = strtoul(digits, NULL, 16);
	}
	return !text[2 * n];
}

/* --- one line of each; `at` is the NIC that the lines of igmp stand under --- */

typedef int (*line_fn)(struct lists *lists, const char *line, uint32_t *at);

/* A NIC with its index, and under it a line for each group, indented. */
static int read_igmp(struct lists *lists, const char *line, uint32_t *at)
{
	struct joined joined = { .family = AF_INET };
	unsigned int group;

	if (isdigit((unsigned char)line[0]))
		return sscanf(line, "%u", at) == 1 ? 0 : -EPROTO;
	if (!*at || line[0] != '\t' || sscanf(line, " %8X %u", &group, &joined.users) != 2)
		return -EPROTO;
	/* The kernel prints a __be32 as a number of the host's. */
	memcpy(joined.group, &group, sizeof(group));
	joined.ifindex = *at;
	return append(&lists->joined, &joined, sizeof(joined));
}

static int read_igmp6(struct lists *lists, const char *line, uint32_t *at)
{
	struct joined joined = { .family = AF_INET6 };
	char group[34];

	(void)at;
	if (sscanf(line, "%u %*s %33s %u", &joined.ifindex, group, &joined.users) != 3 ||
	    !read_hex(joined.group, 16, group))
		return -EPROTO;
	return append(&lists->joined, &joined, sizeof(joined));
}

static int add_included(struct lists *lists, const struct included *included)
{
	/* Sources that are only excluded say nothing: the group is joined from any then. */
	if (!included->where.users)
		return 0;
	return append(&lists->included, included, sizeof(*included));
}

static int read_mcfilter(struct lists *lists, const char *line, uint32_t *at)
{
	struct included included = { .where.family = AF_INET };
	unsigned int group, source;

	(void)at;
	if (sscanf(line, " %u %*s 0x%8x 0x%8x %u", &included.where.ifindex, &group, &source,
		   &included.where.users) != 4)
		return -EPROTO;
	group = htonl(group);
	source = htonl(source);
	memcpy(included.where.group, &group, sizeof(group));
	memcpy(included.source, &source, sizeof(source));
	return add_included(lists, &included);
}

static int read_mcfilter6(struct lists *lists, const char *line, uint32_t *at)
{
	struct included included = { .where.family = AF_INET6 };
	char group[34], source[34];

	(void)at;
	if (sscanf(line, " %u %*s %33s %33s %u", &included.where.ifindex, group, source,
		   &included.where.users) != 4 ||
	    !read_hex(included.where.group, 16, group) || !read_hex(included.source, 16, source))
		return -EPROTO;
	return add_included(lists, &included);
}

static int read_dev_mcast(struct lists *lists, const char *line, uint32_t *at)
{
	struct filter filter = {};
	char mac[66];

	(void)at;
	if (sscanf(line, "%u %*s %u %*u %65s", &filter.at.ifindex, &filter.uses, mac) != 3)
		return -EPROTO;
	/* Other links than Ethernet have longer ones, and nobody asks for those. */
	if (strlen(mac) != MAC_TEXT || !read_hex(filter.at.mac, 6, mac))
		return 0;
	return append(&lists->filters, &filter, sizeof(filter));
}

static int read_lines(struct lists *lists, FILE *file, bool headed, line_fn read_line)
{
	char *line = NULL;
	uint32_t at = 0;
	size_t room = 0;
	int err = 0;

	if (!file)
		return 0;
	errno = 0;
	while (!err && getline(&line, &room, file) > 0) {
		if (!headed)
			err = read_line(lists, line, &at);
		headed = false;
	}
	if (!err && ferror(file))
		err = errno ? -errno : -EIO;
	free(line);
	return err;
}

/* --- what they come to --- */

static int compare_u32(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_joined(const void *left, const void *right)
{
	const struct joined *a = left, *b = right;
	int order = a->family - b->family;

	if (!order)
		order = memcmp(a->group, b->group, sizeof(a->group));
	return order ? order : compare_u32(a->ifindex, b->ifindex);
}

static int compare_included(const void *left, const void *right)
{
	const struct included *a = left, *b = right;
	int order = compare_joined(&a->where, &b->where);

	return order ? order : memcmp(a->source, b->source, sizeof(a->source));
}

static int compare_filter(const void *left, const void *right)
{
	const struct filter *a = left, *b = right;
	int order = compare_u32(a->at.ifindex, b->at.ifindex);

	return order ? order : memcmp(a->at.mac, b->at.mac, sizeof(a->at.mac));
}

static int compare_member(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	int order = a->family - b->family;

	if (!order)
		order = memcmp(a->group, b->group, sizeof(a->group));
	if (!order)
		order = a->has_source - b->has_source;
	if (!order)
		order = memcmp(a->source, b->source, sizeof(a->source));
	return order ? order : compare_u32(a->ifindex, b->ifindex);
}

/* The sources of one NIC's group, or the group itself. */
static int add_members(struct list *members, const struct joined *joined,
		       const struct included *included, size_t n)
{
	struct member member = { .family = joined->family, .ifindex = joined->ifindex };
	bool specific = false;
	size_t i;
	int err = 0;

	memcpy(member.group, joined->group, sizeof(member.group));
	for (i = 0; i < n; i++)
		specific = specific || included[i].where.users == joined->users;
	if (!specific)
		return append(members, &member, sizeof(member));
	member.has_source = true;
	for (i = 0; !err && i < n; i++) {
		memcpy(member.source, included[i].source, sizeof(member.source));
		err = append(members, &member, sizeof(member));
	}
	return err;
}

static int make_members(struct members *to, const struct lists *lists)
{
	const struct joined *joined = lists->joined.items;
	const struct included *included = lists->included.items;
	struct list members = {};
	size_t i, first = 0, end;
	int err = 0;

	for (i = 0; !err && i < lists->joined.n; i++) {
		while (first < lists->included.n &&
		       compare_joined(&included[first].where, &joined[i]) < 0)
			first++;
		for (end = first; end < lists->included.n; end++)
			if (compare_joined(&included[end].where, &joined[i]))
				break;
		err = add_members(&members, &joined[i], included + first, end - first);
	}
	sort(&members, sizeof(struct member), compare_member);
	to->member = members.items;
	to->n = members.n;
	return err;
}

/*
 * Each membership puts its address into the NIC's filter once, however many
 * sockets have joined. Who else does: a packet socket, ip maddr, a link that is
 * stacked on this one, in whichever namespace.
 */
static int make_macs(struct members *to, struct lists *lists)
{
	const struct joined *joined = lists->joined.items;
	struct filter *filters = lists->filters.items;
	struct list macs = {};
	size_t i;
	int err = 0;

	for (i = 0; i < lists->joined.n && lists->filters.n; i++) {
		struct filter key = { .at.ifindex = joined[i].ifindex }, *own;

		members_mac(key.at.mac, joined[i].family, joined[i].group);
		own = bsearch(&key, filters, lists->filters.n, sizeof(key), compare_filter);
		if (own && own->uses)
			own->uses--;
	}
	for (i = 0; !err && i < lists->filters.n; i++)
		if (filters[i].uses)
			err = append(&macs, &filters[i].at, sizeof(filters[i].at));
	to->mac = macs.items;
	to->n_macs = macs.n;
	return err;
}

int members_parse(struct members *members, const struct members_files *files)
{
	struct lists lists = {};
	int err;

	memset(members, 0, sizeof(*members));
	err = read_lines(&lists, files->igmp, true, read_igmp);
	if (!err)
		err = read_lines(&lists, files->mcfilter, true, read_mcfilter);
	if (!err)
		err = read_lines(&lists, files->igmp6, false, read_igmp6);
	if (!err)
		err = read_lines(&lists, files->mcfilter6, true, read_mcfilter6);
	if (!err)
		err = read_lines(&lists, files->dev_mcast, false, read_dev_mcast);
	sort(&lists.joined, sizeof(struct joined), compare_joined);
	sort(&lists.included, sizeof(struct included), compare_included);
	sort(&lists.filters, sizeof(struct filter), compare_filter);
	if (!err)
		err = make_members(members, &lists);
	if (!err)
		err = make_macs(members, &lists);
	free(lists.joined.items);
	free(lists.included.items);
	free(lists.filters.items);
	if (err)
		members_free(members);
	return err;
}
