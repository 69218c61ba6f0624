// SPDX-License-Identifier: GPL-2.0-or-later
/* Some seconds of a host's life (sample.h). */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "diagnose/arrivals.h"
#include "diagnose/collect.h"
#include "diagnose/sample.h"
#include "diagnose/watch.h"
#include "reassembly/tap.h"

#define POLL_MS 50
#define EARLY	6 /* polls that make up the beginning; as many make up the end */

struct sample {
	struct timespec began;
	bool probe;
	struct links links; /* at the beginning */
	struct fact_counters counters;
	bool counters_known;
	struct event *timer;
	/*
	 * The last polls of the fragment queues, and the lowest of the first; each with
	 * the counters of that moment, because a queue that times out moves from one to
	 * the other. `counters` are those of the lowest of the first.
	 */
	struct {
		uint64_t waiting;
		struct fact_counters counters;
	} recent[EARLY];
	uint64_t early_low, memory_peak;
	size_t polls;
	struct arrivals *arrivals;
	struct twins *twins;
	uint64_t fragments;
	struct watch *watch; /* NULL: nothing could be watched */
	struct segment *segment;
	uint32_t watched[WATCH_NICS];
	size_t n_watched;
	char trouble[2][160]; /* notes from the beginning; "" */
};

/*
 * Between two reads a queue may time out. It is then to be missed rather than seen
 * twice: so at the end the counters come first, at the beginning the queues.
 */
static void poll_queues(struct sample *sample)
{
	size_t at = sample->polls % EARLY;
	uint64_t waiting, memory;

	if (collect_counters(&sample->recent[at].counters) || collect_queues(&waiting, &memory))
		return;
	if (sample->polls < EARLY && (!sample->polls || waiting < sample->early_low)) {
		sample->early_low = waiting;
		sample->counters_known = !collect_counters(&sample->counters);
	}
	sample->recent[at].waiting = waiting;
	sample->polls++;
	if (memory > sample->memory_peak)
		sample->memory_peak = memory;
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	poll_queues(arg);
}

static void choose_nics(struct sample *sample, struct watch_nic *nics)
{
	size_t i, left = 0;

	for (i = 0; i < sample->links.n; i++) {
		const struct link *link = &sample->links.link[i];

		if (!link_faces_stack(&sample->links, link) || !(link->flags & IFF_UP) ||
		    link_is(link, TAP_NAME, "tun"))
			continue;
		if (sample->n_watched == WATCH_NICS) {
			left++;
			continue;
		}
		/* What is sent costs a clone each: only where a capture makes one anyhow. */
		nics[sample->n_watched] = (struct watch_nic){ .ifindex = link->ifindex,
							      .mtu = link->mtu,
							      .sent = link->promiscuity };
		sample->watched[sample->n_watched++] = link->ifindex;
	}
	if (left)
		snprintf(sample->trouble[0], sizeof(sample->trouble[0]),
			 "%zu of the NICs were not watched: %d at most are", left, WATCH_NICS);
}

/* Neither is worth giving up the rest for. */
static void open_sockets(struct sample *sample, struct event_base *base)
{
	struct watch_nic nics[WATCH_NICS];
	int err;

	choose_nics(sample, nics);
	err = watch_open(&sample->watch, base, nics, sample->n_watched);
	if (err)
		snprintf(sample->trouble[0], sizeof(sample->trouble[0]),
			 "what comes in behind XDP was not watched: %s", strerror(-err));
	if (!sample->probe)
		return;
	err = segment_open(&sample->segment, base, sample->watched, sample->n_watched);
	if (err)
		snprintf(sample->trouble[1], sizeof(sample->trouble[1]),
			 "the probe frames could not be sent: %s", strerror(-err));
}

int sample_open(struct sample **out, struct event_base *base, bool probe)
{
	static const struct timeval every = { .tv_usec = POLL_MS * 1000 };
	struct sample *sample = calloc(1, sizeof(*sample));
	int err = -ENOMEM;

	if (!sample)
		return -ENOMEM;
	sample->probe = probe;
	sample->arrivals = arrivals_new();
	sample->twins = twins_new();
	sample->timer = event_new(base, -1, EV_PERSIST, on_poll, sample);
	if (!sample->arrivals || !sample->twins || !sample->timer)
		goto out;
	err = links_dump(&sample->links);
	if (err)
		goto out;
	if (event_add(sample->timer, &every)) {
		err = -ENOMEM;
		goto out;
	}
	open_sockets(sample, base);
	clock_gettime(CLOCK_MONOTONIC, &sample->began);
	poll_queues(sample);
	*out = sample;
out:
	if (err)
		sample_close(sample);
	return err;
}

void sample_close(struct sample *sample)
{
	if (!sample)
		return;
	if (sample->timer)
		event_free(sample->timer);
	watch_close(sample->watch);
	segment_close(sample->segment);
	arrivals_free(sample->arrivals);
	twins_free(sample->twins);
	links_free(&sample->links);
	free(sample);
}

void sample_add_fragment(struct sample *sample, const struct sample_fragment *fragment)
{
	struct fact_arrival *arrival =
		arrivals_of(sample->arrivals, fragment->ifindex, fragment->family, fragment->group);
	struct twins_fragment twin = { .time = fragment->time,
				       .nic = fragment->ifindex,
				       .id = fragment->id,
				       .offset = fragment->offset,
				       .family = fragment->family };

	sample->fragments++;
	if (arrival) {
		arrival->fragments++;
		arrival->removed += !fragment->passed;
		memcpy(arrival->source, fragment->source, address_len(fragment->family));
	}
	/* A copy that a policy took away meets no other one. */
	if (!fragment->passed)
		return;
	memcpy(twin.group, fragment->group, address_len(fragment->family));
	memcpy(twin.source, fragment->source, address_len(fragment->family));
	twins_add(sample->twins, &twin);
}

uint64_t sample_fragments(const struct sample *sample)
{
	return sample->fragments;
}

uint64_t sample_twins(const struct sample *sample)
{
	return twins_total(sample->twins);
}

static int take_arrivals(struct sample *sample, struct facts *facts)
{
	size_t i, n = 0;
	const struct watch_group *groups = sample->watch ? watch_groups(sample->watch, &n) : NULL;
	const struct fact_arrival *all;

	for (i = 0; i < n; i++) {
		struct fact_arrival *arrival = arrivals_of(sample->arrivals, groups[i].ifindex,
							   groups[i].family, groups[i].group);

		if (!arrival)
			continue;
		arrival->packets = groups[i].packets;
		memcpy(arrival->source, groups[i].source, sizeof(arrival->source));
		/* Where no program of ours counts them at the hook. */
		if (arrival->fragments < groups[i].fragments)
			arrival->fragments = groups[i].fragments;
	}
	if (arrivals_left_out(sample->arrivals))
		facts_note(facts, "more than %d groups came in: not all were counted",
			   FACT_ARRIVALS);
	all = arrivals_all(sample->arrivals, &n);
	facts->arrivals = calloc(n + 1, sizeof(*facts->arrivals));
	if (!facts->arrivals)
		return -ENOMEM;
	memcpy(facts->arrivals, all, n * sizeof(*all));
	facts->n_arrivals = n;
	return 0;
}

static int take_twins(struct sample *sample, struct facts *facts)
{
	size_t i, n;
	const struct twins_pair *pairs = twins_pairs(sample->twins, &n);

	facts->twins = calloc(n + 1, sizeof(*facts->twins));
	if (!facts->twins)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		facts->twins[i].pair = pairs[i];
	facts->n_twins = n;
	return 0;
}

static int take_peers(struct sample *sample, struct facts *facts)
{
	size_t i, n = 0;
	const struct watch_peer *peers = sample->watch ? watch_peers(sample->watch, &n) : NULL;

	facts->peers = calloc(n + 1, sizeof(*facts->peers));
	if (!facts->peers)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		facts->peers[i] = (struct fact_peer){ .ifindex = peers[i].ifindex,
						      .family = peers[i].family,
						      .mss = peers[i].mss };
		memcpy(facts->peers[i].address, peers[i].address, sizeof(peers[i].address));
	}
	facts->n_peers = n;
	return 0;
}

static void take_loops(struct sample *sample, struct facts *facts)
{
	size_t i, l, n = 0;
	const struct segment_nic *nics = sample->segment ? segment_nics(sample->segment, &n) : NULL;

	for (i = 0; i < n; i++)
		for (l = 0; l < facts->n_links; l++)
			if (facts->links[l].ifindex == nics[i].ifindex)
				facts->links[l].loop = nics[i].loop;
}

static int take_segments(struct sample *sample, struct facts *facts)
{
	size_t n = 0;
	const struct segment_pair *pairs =
		sample->segment ? segment_pairs(sample->segment, &n) : NULL;

	facts->segments = calloc(n + 1, sizeof(*facts->segments));
	if (!facts->segments)
		return -ENOMEM;
	if (n)
		memcpy(facts->segments, pairs, n * sizeof(*pairs));
	facts->n_segments = n;
	take_loops(sample, facts);
	return 0;
}

static void take_seen(struct sample *sample, struct facts *facts)
{
	size_t i, n = 0, l;
	const struct watch_seen *seen = sample->watch ? watch_seen(sample->watch, &n) : NULL;

	for (i = 0; i < n; i++)
		for (l = 0; l < facts->n_links; l++) {
			struct fact_link *link = &facts->links[l];

			if (link->ifindex != seen[i].ifindex)
				continue;
			link->watched = true;
			/* Then silence is no evidence. */
			link->patchy = seen[i].was_down || seen[i].lost || seen[i].uncounted;
			link->over_mtu = seen[i].over_mtu;
			link->longest = seen[i].longest;
			link->merged = seen[i].merged;
			link->uncut = seen[i].uncut;
			link->queries4 = seen[i].queries4;
			link->queries6 = seen[i].queries6;
		}
}

/* The lowest of the last polls; NULL: too few for two lows of their own. */
static const struct fact_counters *take_queues(struct sample *sample, struct facts *facts)
{
	size_t low = 0, i;

	poll_queues(sample);
	if (sample->polls < 2 * EARLY)
		return NULL;
	for (i = 1; i < EARLY; i++)
		if (sample->recent[i].waiting < sample->recent[low].waiting)
			low = i;
	facts->queues = (struct fact_queues){ .known = true,
					      .before = sample->early_low,
					      .after = sample->recent[low].waiting,
					      .memory_peak = sample->memory_peak };
	return &sample->recent[low].counters;
}

static void take_counters(struct sample *sample, struct facts *facts)
{
	const struct fact_counters *last = take_queues(sample, facts);

	if (last)
		facts->counters = *last;
	if (sample->counters_known && (last || !collect_counters(&facts->counters))) {
		counters_since(&facts->counters, &sample->counters);
		return;
	}
	memset(&facts->counters, 0, sizeof(facts->counters));
	facts_note(facts, "the counters of the IP stack could not be read");
}

/* What one source has not, the others still have. */
static void note_failure(struct facts *facts, const char *what, int err)
{
	if (err)
		facts_note(facts, "%s could not be read: %s", what, strerror(-err));
}

int sample_finish(struct sample *sample, struct facts *facts)
{
	struct timespec now;
	int err;
	size_t i;

	clock_gettime(CLOCK_MONOTONIC, &now);
	facts->seconds =
		now.tv_sec - sample->began.tv_sec + (now.tv_nsec - sample->began.tv_nsec) / 1e9;
	facts->probed = sample->segment;
	for (i = 0; i < 2; i++)
		if (sample->trouble[i][0])
			facts_note(facts, "%s", sample->trouble[i]);
	/* First what counts: the rest takes its time. */
	take_counters(sample, facts);
	err = collect_links(facts, &sample->links);
	if (!err)
		err = take_arrivals(sample, facts);
	if (!err)
		err = take_twins(sample, facts);
	if (!err)
		err = take_peers(sample, facts);
	if (!err)
		err = take_segments(sample, facts);
	if (err)
		return err;
	take_seen(sample, facts);
	note_failure(facts, "the multicast memberships", collect_members(facts));
	note_failure(facts, "the routes", collect_routes(facts));
	collect_paths(facts);
	collect_sysctls(facts);
	collect_defrag(&facts->defrag);
	return 0;
}
