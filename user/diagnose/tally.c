// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of a watch. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/tally.h"

#define NONE	   UINT16_MAX
#define INDEX_BITS 13
#define INDEX_SIZE (1U << INDEX_BITS)

_Static_assert(INDEX_SIZE >= 2 * WATCH_GROUPS && WATCH_GROUPS < NONE, "room, and 16 bits wide");

int tally_init(struct tally *tally)
{
	memset(tally, 0, sizeof(*tally));
	tally->groups = calloc(WATCH_GROUPS, sizeof(*tally->groups));
	tally->index = malloc(INDEX_SIZE * sizeof(*tally->index));
	if (!tally->groups || !tally->index)
		return -ENOMEM;
	memset(tally->index, 0xff, INDEX_SIZE * sizeof(*tally->index));
	return multilinear_init(&tally->hash);
}

void tally_free(struct tally *tally)
{
	free(tally->groups);
	free(tally->index);
	memset(tally, 0, sizeof(*tally));
}

/* NULL when it is not there and there is no room. */
static struct watch_group *find_group(struct tally *tally, uint32_t ifindex,
				      const struct observation *seen)
{
	uint32_t key[6] = { ifindex, seen->family };
	struct watch_group *group;
	uint32_t at;

	memcpy(key + 2, seen->destination, sizeof(seen->destination));
	at = multilinear(&tally->hash, key, 6, INDEX_BITS);
	for (; tally->index[at] != NONE; at = (at + 1) % INDEX_SIZE) {
		group = &tally->groups[tally->index[at]];
		if (group->ifindex == ifindex && group->family == seen->family &&
		    !memcmp(group->group, seen->destination, sizeof(group->group)))
			return group;
	}
	if (tally->n_groups == WATCH_GROUPS)
		return NULL;
	tally->index[at] = tally->n_groups;
	group = &tally->groups[tally->n_groups++];
	group->ifindex = ifindex;
	group->family = seen->family;
	memcpy(group->group, seen->destination, sizeof(group->group));
	return group;
}

static void add_packet(struct tally *tally, struct watch_seen *nic, const struct observation *seen)
{
	struct watch_group *group = find_group(tally, nic->ifindex, seen);

	if (!group) {
		nic->uncounted++;
		return;
	}
	memcpy(group->source, seen->source, sizeof(group->source));
	group->packets++;
	group->fragments += seen->fragment;
	if (seen->length > group->longest)
		group->longest = seen->length;
}

static void add_query(struct watch_seen *nic, const struct observation *seen)
{
	if (seen->family == AF_INET) {
		nic->queries4++;
		memcpy(nic->querier4, seen->source, sizeof(nic->querier4));
	} else {
		nic->queries6++;
		memcpy(nic->querier6, seen->source, sizeof(nic->querier6));
	}
}

static void add_peer(struct tally *tally, uint32_t ifindex, const struct observation *seen)
{
	struct watch_peer *peer;
	size_t i;

	for (i = 0; i < tally->n_peers; i++) {
		peer = &tally->peers[i];
		if (peer->ifindex == ifindex && peer->family == seen->family &&
		    !memcmp(peer->address, seen->source, sizeof(peer->address))) {
			peer->mss = seen->mss;
			return;
		}
	}
	if (tally->n_peers < WATCH_PEERS) {
		peer = &tally->peers[tally->n_peers++];
	} else {
		peer = &tally->peers[tally->oldest_peer];
		tally->oldest_peer = (tally->oldest_peer + 1) % WATCH_PEERS;
	}
	peer->ifindex = ifindex;
	peer->family = seen->family;
	peer->mss = seen->mss;
	memcpy(peer->address, seen->source, sizeof(peer->address));
}

void tally_add(struct tally *tally, struct watch_seen *nic, const struct observation *seen)
{
	nic->frames++;
	if (!seen->family)
		return;
	if (seen->multicast)
		add_packet(tally, nic, seen);
	if (seen->query)
		add_query(nic, seen);
	if (seen->mss)
		add_peer(tally, nic->ifindex, seen);
}
