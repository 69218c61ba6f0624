// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `probe recv` says: a line, or an object, for each event, and the summary
 * (probe_recv.h).
 */
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "interrupt.h"
#include "output.h"
#include "probe_recv.h"

bool probe_recv_enough(const struct probe_recv *recv)
{
	return recv->probe->count && recv->track.received >= recv->probe->count;
}

uint64_t probe_recv_lost(const struct probe_recv *recv)
{
	/* Of a run of which nothing arrived, only the count that was asked for is known. */
	return recv->has_run ? recv->track.missing : (uint64_t)recv->probe->count;
}

bool probe_recv_whole(const struct probe_recv *recv)
{
	return recv->track.received && !recv->track.missing && !recv->corrupt &&
	       recv->track.received >= recv->probe->count;
}

int probe_print_begin(const struct probe_recv *recv)
{
	const struct probe *probe = recv->probe;

	if (probe->quiet)
		return 0;
	if (recv->json)
		return output_line(json_pack("{s:s, s:s, s:i, s:o}", "event", "listening", "group",
					     probe->group_text, "port", probe->port, "nic",
					     text_json(probe->nic)));
	printf("listening to %s port %u on %s\n", probe->group_text, probe->port, probe->nic);
	return output_flush();
}

int probe_print_packet(const struct probe_recv *recv, const struct probe_packet *packet,
		       uint64_t sequence, const char *event)
{
	char nic[IFNAMSIZ] = "?", from[INET6_ADDRSTRLEN];
	unsigned int port = probe_address_port(&packet->from);

	if (recv->probe->quiet)
		return 0;
	probe_address_text(&packet->from, from, sizeof(from));
	if (packet->ifindex)
		if_indextoname(packet->ifindex, nic);
	if (recv->json)
		return output_line(json_pack("{s:s, s:s, s:I, s:I, s:s, s:i, s:o}", "event",
					     "datagram", "status", event, "sequence",
					     (json_int_t)sequence, "size", (json_int_t)packet->len,
					     "source", from, "port", port, "nic", text_json(nic)));
	printf("%" PRIu64 ": %zu bytes from %s port %u on %s%s%s\n", sequence, packet->len, from,
	       port, nic, strcmp(event, "new") ? ", " : "", strcmp(event, "new") ? event : "");
	return output_flush();
}

int probe_print_lost(const struct probe_recv *recv, const struct probe_arrival *arrival)
{
	uint64_t first = arrival->gap_first, last = first + arrival->gap_count - 1;

	if (recv->probe->quiet)
		return 0;
	if (recv->json)
		return output_line(json_pack("{s:s, s:I, s:I}", "event", "lost", "first",
					     (json_int_t)first, "last", (json_int_t)last));
	if (first == last)
		printf("lost %" PRIu64 "\n", first);
	else
		printf("lost %" PRIu64 "-%" PRIu64 "\n", first, last);
	return output_flush();
}

static int summary_json(const struct probe_recv *recv)
{
	const struct probe_track *track = &recv->track;
	char run[17] = "";

	if (recv->has_run)
		snprintf(run, sizeof(run), "%016" PRIx64, recv->run);
	return output_line(json_pack(
		"{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "event",
		"summary", "run", run, "total", (json_int_t)recv->newest.total, "received",
		(json_int_t)track->received, "lost", (json_int_t)probe_recv_lost(recv), "pending",
		(json_int_t)recv->pending, "duplicates", (json_int_t)track->duplicates, "reordered",
		(json_int_t)track->reordered, "late", (json_int_t)track->late, "corrupt",
		(json_int_t)recv->corrupt, "others", (json_int_t)recv->others, "overruns",
		(json_int_t)recv->overruns, "seconds", (monotonic_ns() - recv->began) / 1e9));
}

static void print_unless_zero(uint64_t number, const char *what)
{
	if (number)
		printf(", %" PRIu64 " %s", number, what);
}

int probe_print_summary(const struct probe_recv *recv)
{
	const struct probe_track *track = &recv->track;

	if (recv->json)
		return summary_json(recv);
	printf("received %" PRIu64 ", lost %" PRIu64 ", duplicates %" PRIu64 ", reordered %" PRIu64
	       ", corrupt %" PRIu64,
	       track->received, probe_recv_lost(recv), track->duplicates, track->reordered,
	       recv->corrupt);
	print_unless_zero(recv->pending, "not due yet");
	print_unless_zero(track->late, "too late to tell");
	print_unless_zero(recv->others, "of others");
	print_unless_zero(recv->overruns, "dropped by our own full receive buffer");
	putchar('\n');
	return output_flush();
}
