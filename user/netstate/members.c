// SPDX-License-Identifier: GPL-2.0-or-later
/* The host's memberships, read from where the kernel lists them. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netstate/members.h"

/* /proc/net is the process's main thread's. */
#define PROC_NET      "/proc/thread-self/net/"
#define SETTLED_TRIES 8

/* Without IPv6 its files are not there. */
static int open_file(FILE **file, const char *path, bool may_miss)
{
	*file = fopen(path, "re");
	return *file || (may_miss && errno == ENOENT) ? 0 : -errno;
}

static void close_file(FILE *file)
{
	if (file)
		fclose(file);
}

int members_read(struct members *members)
{
	struct members_files files = {};
	int err;

	memset(members, 0, sizeof(*members));
	err = open_file(&files.igmp, PROC_NET "igmp", false);
	if (!err)
		err = open_file(&files.mcfilter, PROC_NET "mcfilter", false);
	if (!err)
		err = open_file(&files.igmp6, PROC_NET "igmp6", true);
	if (!err)
		err = open_file(&files.mcfilter6, PROC_NET "mcfilter6", !files.igmp6);
	if (!err)
		err = open_file(&files.dev_mcast, PROC_NET "dev_mcast", false);
	if (!err)
		err = members_parse(members, &files);
	if (!err)
		err = members_find_routers(members);
	close_file(files.igmp);
	close_file(files.mcfilter);
	close_file(files.igmp6);
	close_file(files.mcfilter6);
	close_file(files.dev_mcast);
	if (err)
		members_free(members);
	return err;
}

/* Has it a line below its heading? */
static bool has_lines(const char *path, bool may_miss)
{
	char line[256];
	bool has;
	FILE *file;

	if (open_file(&file, path, may_miss))
		return true;
	if (!file)
		return false;
	has = fgets(line, sizeof(line), file) && fgets(line, sizeof(line), file);
	has = has || ferror(file);
	fclose(file);
	return has;
}

bool members_have_sources(void)
{
	return has_lines(PROC_NET "mcfilter", false) || has_lines(PROC_NET "mcfilter6", true);
}

int members_read_settled(struct members *members)
{
	struct members before;
	int tries, err;

	err = members_read(members);
	for (tries = 0; !err && tries < SETTLED_TRIES; tries++) {
		bool equal;

		before = *members;
		err = members_read(members);
		equal = !err && members_equal(&before, members);
		members_free(&before);
		if (equal)
			return 0;
	}
	if (err)
		return err;
	members_free(members);
	return -EAGAIN;
}

void members_free(struct members *members)
{
	free(members->member);
	free(members->mac);
	free(members->router);
	memset(members, 0, sizeof(*members));
}

static bool member_equal(const struct member *a, const struct member *b)
{
	return a->family == b->family && a->has_source == b->has_source &&
	       a->ifindex == b->ifindex && !memcmp(a->group, b->group, sizeof(a->group)) &&
	       !memcmp(a->source, b->source, sizeof(a->source));
}

bool members_equal(const struct members *a, const struct members *b)
{
	size_t i;

	if (a->n != b->n || a->n_macs != b->n_macs || a->n_routers != b->n_routers)
		return false;
	for (i = 0; i < a->n; i++)
		if (!member_equal(&a->member[i], &b->member[i]))
			return false;
	for (i = 0; i < a->n_macs; i++)
		if (a->mac[i].ifindex != b->mac[i].ifindex ||
		    memcmp(a->mac[i].mac, b->mac[i].mac, sizeof(a->mac[i].mac)))
			return false;
	for (i = 0; i < a->n_routers; i++)
		if (a->router[i].ifindex != b->router[i].ifindex ||
		    a->router[i].family != b->router[i].family)
			return false;
	return true;
}

void members_mac(uint8_t mac[6], int family, const uint8_t *group)
{
	if (family == AF_INET) {
		memcpy(mac, "\x01\x00\x5e", 3);
		memcpy(mac + 3, group + 1, 3);
		mac[3] &= 0x7f;
	} else {
		memcpy(mac, "\x33\x33", 2);
		memcpy(mac + 2, group + 12, 4);
	}
}

static int compare_mac(const void *left, const void *right)
{
	const struct member_mac *a = left, *b = right;

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return memcmp(a->mac, b->mac, sizeof(a->mac));
}

bool members_wanted_besides(const struct members *members, uint32_t ifindex, const uint8_t mac[6])
{
	struct member_mac key = { .ifindex = ifindex };

	if (!members->n_macs)
		return false;
	memcpy(key.mac, mac, sizeof(key.mac));
	return bsearch(&key, members->mac, members->n_macs, sizeof(key), compare_mac);
}
