// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A watch: a ring for each NIC, one filter for all, and the tables. The filter counts
 * by itself what is longer than the MTU (xdpfrag/watched.h).
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>

#include "diagnose/observe.h"
#include "diagnose/packet_ring.h"
#include "diagnose/tally.h"
#include "diagnose/watch.h"
#include "xdpfrag/watched.h"
#include "watch.skel.h"

struct watched_nic {
	struct watch *watch;
	struct packet_ring ring;
	struct event *event;
};

struct watch {
	struct watch_bpf *filter;
	struct tally tally;
	size_t n;
	struct watched_nic nics[WATCH_NICS];
	struct watch_seen seen[WATCH_NICS];
};

static struct watch_seen *seen_on(struct watched_nic *nic)
{
	return &nic->watch->seen[nic - nic->watch->nics];
}

static int load_filter(struct watch *watch, const struct watch_nic *nics, size_t n)
{
	uint32_t least = UINT32_MAX;
	size_t i;
	int err;

	for (i = 0; i < n; i++)
		if (nics[i].mtu < least)
			least = nics[i].mtu;
	watch->filter = watch_bpf__open();
	if (!watch->filter)
		return -errno;
	watch->filter->rodata->least_mtu = least;
	err = bpf_map__set_max_entries(watch->filter->maps.watched, n ? n : 1);
	if (!err)
		err = watch_bpf__load(watch->filter);
	for (i = 0; i < n && !err; i++) {
		struct xdpfrag_watched record = { .mtu = nics[i].mtu };

		err = bpf_map_update_elem(bpf_map__fd(watch->filter->maps.watched),
					  &nics[i].ifindex, &record, BPF_ANY);
	}
	return err;
}

static void on_frame(const uint8_t *frame, size_t captured, size_t len, void *arg)
{
	struct watched_nic *nic = arg;
	struct observation seen;

	observe(&seen, frame, captured, len);
	tally_add(&nic->watch->tally, seen_on(nic), &seen);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct watched_nic *nic = arg;

	(void)fd;
	(void)what;
	packet_ring_read(&nic->ring, on_frame, nic);
	if (packet_ring_was_down(&nic->ring))
		seen_on(nic)->was_down = true;
}

static int open_nic(struct watched_nic *nic, struct event_base *base,
		    const struct watch_nic *wanted)
{
	int filter = bpf_program__fd(nic->watch->filter->progs.xdpfrag_watch);
	int err;

	err = packet_ring_open(&nic->ring, wanted->ifindex, wanted->sent, filter, WATCH_LAG_MS);
	if (err == -ENODEV) {
		seen_on(nic)->was_down = true;
		return 0;
	}
	if (err)
		return err;
	nic->event = event_new(base, nic->ring.fd, EV_READ | EV_PERSIST, on_readable, nic);
	if (!nic->event || event_add(nic->event, NULL))
		return -ENOMEM;
	return 0;
}

int watch_open(struct watch **result, struct event_base *base, const struct watch_nic *nics,
	       size_t n)
{
	struct watch *watch;
	size_t i;
	int err;

	if (n > WATCH_NICS)
		return -E2BIG;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return -ENOMEM;
	watch->n = n;
	for (i = 0; i < n; i++) {
		watch->nics[i].watch = watch;
		watch->nics[i].ring.fd = -1;
		watch->seen[i].ifindex = nics[i].ifindex;
	}
	err = tally_init(&watch->tally);
	if (!err)
		err = load_filter(watch, nics, n);
	for (i = 0; i < n && !err; i++)
		err = open_nic(&watch->nics[i], base, &nics[i]);
	if (err)
		watch_close(watch);
	else
		*result = watch;
	return err;
}

static void ask_kernel(struct watch *watch, struct watched_nic *nic)
{
	struct watch_seen *seen = seen_on(nic);
	struct xdpfrag_watched record;

	if (nic->ring.fd >= 0)
		seen->lost += packet_ring_lost(&nic->ring);
	/* An entry was written for every NIC, and nothing deletes one. */
	if (bpf_map_lookup_elem(bpf_map__fd(watch->filter->maps.watched), &seen->ifindex, &record))
		return;
	seen->over_mtu = record.over_mtu;
	seen->longest = record.longest;
	seen->merged = record.merged;
	seen->uncut = record.uncut;
}

const struct watch_seen *watch_seen(struct watch *watch, size_t *n)
{
	size_t i;

	for (i = 0; i < watch->n; i++)
		ask_kernel(watch, &watch->nics[i]);
	*n = watch->n;
	return watch->seen;
}

const struct watch_group *watch_groups(const struct watch *watch, size_t *n)
{
	*n = watch->tally.n_groups;
	return watch->tally.groups;
}

const struct watch_peer *watch_peers(const struct watch *watch, size_t *n)
{
	*n = watch->tally.n_peers;
	return watch->tally.peers;
}

void watch_close(struct watch *watch)
{
	size_t i;

	if (!watch)
		return;
	for (i = 0; i < watch->n; i++) {
		if (watch->nics[i].event)
			event_free(watch->nics[i].event);
		packet_ring_close(&watch->nics[i].ring);
	}
	watch_bpf__destroy(watch->filter);
	tally_free(&watch->tally);
	free(watch);
}
