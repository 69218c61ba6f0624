// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `probe recv`: joins a group on one interface and accounts for every datagram of
 * one run, the first that it hears.
 *
 * The tail of a run needs care: nothing arrives behind the last datagrams, so
 * that no gap shows their loss. Each header says how long the run still takes;
 * when that time is over at the end, what did not arrive was lost, and before,
 * it was not sent yet.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "objects.h"
#include "probe_listen.h"
#include "probe_recv.h"

#define GRACE_NS 500000000LL /* for delays on the way */
#define DRAIN_NS 200000000LL /* between two looks at the clock and the signals */

static int lost(struct probe_recv *recv, const struct probe_arrival *arrival)
{
	return arrival->gap_count ? probe_print_lost(recv, arrival) : 0;
}

static int take_intact(struct probe_recv *recv, const struct probe_packet *packet)
{
	struct probe_arrival arrival;
	int err;

	probe_track_add(&recv->track, packet->header.sequence, &arrival);
	if (arrival.event == PROBE_NEW) {
		recv->newest = packet->header;
		recv->newest_at = monotonic_ns();
	}
	err = lost(recv, &arrival);
	if (err)
		return err;
	return probe_print_packet(recv, packet, arrival.sequence, probe_event_name(arrival.event));
}

/* The first intact datagram says which run is listened to. */
static int take(struct probe_recv *recv, const struct probe_packet *packet)
{
	enum probe_verdict verdict = packet->verdict;

	if (verdict == PROBE_INTACT && !recv->has_run) {
		recv->has_run = true;
		recv->run = packet->header.run;
	}
	if (verdict == PROBE_FOREIGN || (recv->has_run && packet->header.run != recv->run)) {
		recv->others++;
		return 0;
	}
	if (verdict == PROBE_CORRUPT) {
		recv->corrupt++;
		return probe_print_packet(recv, packet, packet->header.sequence, "corrupt");
	}
	return take_intact(recv, packet);
}

/* Takes what has arrived, if need be for DRAIN_NS: a sender that never pauses must not keep us. */
static int take_waiting(struct probe_recv *recv)
{
	int64_t stop = monotonic_ns() + DRAIN_NS;
	struct probe_packet packet;
	int err = 0;

	while (!err && !probe_recv_enough(recv) && monotonic_ns() < stop) {
		err = probe_receive(recv->fd, recv->payload, &packet);
		if (err)
			return err == -EAGAIN ? 0 : err;
		if (packet.overruns)
			recv->overruns = packet.overruns;
		err = take(recv, &packet);
	}
	return err;
}

static int listen_until_end(struct probe_recv *recv)
{
	int err = 0, ready = 1;

	while (!err && ready > 0 && !probe_recv_enough(recv)) {
		ready = interrupt_wait(recv->fd, recv->until);
		/* At the end too: what waits in the buffer arrived in time. */
		if (ready >= 0 || ready == -EINTR)
			err = take_waiting(recv);
	}
	return err;
}

/* Declares the tail lost when it should have been here by now. */
static int account_tail(struct probe_recv *recv)
{
	uint32_t total = recv->newest.total;
	struct probe_arrival arrival;
	uint64_t left;
	int64_t due;

	if (!recv->has_run || !total || recv->track.next >= total || probe_recv_enough(recv))
		return 0;
	left = total - recv->track.next;
	due = recv->newest_at + (int64_t)(left * recv->newest.interval * 1000) + GRACE_NS;
	if (monotonic_ns() < due) {
		recv->pending = left;
		return 0;
	}
	probe_track_end(&recv->track, total, &arrival);
	return lost(recv, &arrival);
}

static int run_probe(struct probe_recv *recv, struct report *rep)
{
	const struct probe *probe = recv->probe;
	int err;

	err = probe_listen(probe, &recv->fd);
	if (err)
		return report_failed(rep, err, probe->nic, "cannot listen to %s port %u on %s: %s",
				     probe->group_text, probe->port, probe->nic, strerror(-err));
	interrupt_catch();
	recv->began = monotonic_ns();
	recv->until = WAIT_FOREVER;
	if (probe->timeout)
		recv->until = recv->began + (int64_t)(probe->timeout * 1e9);

	err = probe_print_begin(recv);
	if (!err)
		err = listen_until_end(recv);
	if (!err)
		err = account_tail(recv);
	if (!err)
		err = probe_print_summary(recv);
	if (!err && !probe_recv_whole(recv))
		err = -ENODATA; /* said in the summary: the status is all that is left to do */
	return err;
}

int probe_recv_run(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	struct probe_recv *recv = calloc(1, sizeof(*recv));
	struct probe probe;
	int err;

	if (!recv)
		return report_failed(rep, -ENOMEM, "", "out of memory");
	recv->probe = &probe;
	recv->json = ctl->json;
	recv->fd = -1;

	err = probe_parse(&probe, PROBE_RECV, words, n_words, rep);
	if (!err)
		err = run_probe(recv, rep);
	if (recv->fd >= 0)
		close(recv->fd);
	free(recv);
	return err;
}
