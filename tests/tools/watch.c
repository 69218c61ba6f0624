// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch: what user/diagnose/watch.h and segment.h see on some NICs, as JSON.
 *
 *   watch [--segment] NIC...
 *
 * Prints "ready" on stderr when it listens, and the JSON at SIGINT or SIGTERM.
 * "cpu_ms" is the processor time that the listening took.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <jansson.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "diagnose/segment.h"
#include "diagnose/watch.h"

struct nics {
	struct watch_nic nic[WATCH_NICS];
	uint32_t ifindexes[WATCH_NICS];
	size_t n;
};

static json_t *address(uint8_t family, const uint8_t *bytes)
{
	char text[INET6_ADDRSTRLEN];

	return json_string(inet_ntop(family, bytes, text, sizeof(text)));
}

static json_t *nic_name(uint32_t ifindex)
{
	char name[IFNAMSIZ];

	return json_string(if_indextoname(ifindex, name) ? name : "gone");
}

static json_t *nics_json(struct watch *watch)
{
	const struct watch_seen *seen;
	json_t *array = json_array();
	size_t i, n;

	seen = watch_seen(watch, &n);
	for (i = 0; i < n; i++)
		json_array_append_new(
			array,
			json_pack("{so sb sI sI sI sI si sI sI sI so so}", "nic",
				  nic_name(seen[i].ifindex), "was_down", seen[i].was_down, "frames",
				  seen[i].frames, "lost", seen[i].lost, "uncounted",
				  seen[i].uncounted, "over_mtu", seen[i].over_mtu, "longest",
				  seen[i].longest, "merged", seen[i].merged, "queries4",
				  seen[i].queries4, "queries6", seen[i].queries6, "querier4",
				  address(AF_INET, seen[i].querier4), "querier6",
				  address(AF_INET6, seen[i].querier6)));
	return array;
}

static json_t *groups_json(const struct watch *watch)
{
	const struct watch_group *group;
	json_t *array = json_array();
	size_t i, n;

	group = watch_groups(watch, &n);
	for (i = 0; i < n; i++, group++)
		json_array_append_new(
			array,
			json_pack("{so so so sI sI si}", "nic", nic_name(group->ifindex), "group",
				  address(group->family, group->group), "source",
				  address(group->family, group->source), "packets", group->packets,
				  "fragments", group->fragments, "longest", group->longest));
	return array;
}

static json_t *peers_json(const struct watch *watch)
{
	const struct watch_peer *peer;
	json_t *array = json_array();
	size_t i, n;

	peer = watch_peers(watch, &n);
	for (i = 0; i < n; i++, peer++)
		json_array_append_new(
			array, json_pack("{so so si}", "nic", nic_name(peer->ifindex), "address",
					 address(peer->family, peer->address), "mss", peer->mss));
	return array;
}

static json_t *segment_json(const struct segment *segment)
{
	json_t *pairs = json_array(), *nics = json_array();
	const struct segment_pair *pair;
	const struct segment_nic *nic;
	size_t i, n;

	pair = segment_pairs(segment, &n);
	for (i = 0; i < n; i++, pair++)
		json_array_append_new(pairs, json_pack("{so so}", "from", nic_name(pair->from),
						       "to", nic_name(pair->to)));
	nic = segment_nics(segment, &n);
	for (i = 0; i < n; i++, nic++)
		json_array_append_new(nics, json_pack("{so ss sb}", "nic", nic_name(nic->ifindex),
						      "error", nic->err ? strerror(-nic->err) : "",
						      "loop", nic->loop));
	return json_pack("{so so}", "pairs", pairs, "nics", nics);
}

static bool find_nics(struct nics *nics, char **names)
{
	struct ifreq request = {};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (; *names && nics->n < WATCH_NICS; names++, nics->n++) {
		strncpy(request.ifr_name, *names, IFNAMSIZ - 1);
		nics->ifindexes[nics->n] = if_nametoindex(*names);
		nics->nic[nics->n].ifindex = nics->ifindexes[nics->n];
		if (!nics->ifindexes[nics->n] || ioctl(fd, SIOCGIFMTU, &request)) {
			fprintf(stderr, "watch: %s: %s\n", *names, strerror(errno));
			break;
		}
		nics->nic[nics->n].mtu = request.ifr_mtu;
	}
	close(fd);
	return nics->n && !*names;
}

static double cpu_ms(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void on_signal(evutil_socket_t number, short what, void *base)
{
	(void)number;
	(void)what;
	event_base_loopbreak(base);
}

/* Also of what is still on its way through the ring; whatever waits is read in a few turns. */
static void listen_to_the_end(struct event_base *base)
{
	int i;

	event_base_dispatch(base);
	usleep(2 * WATCH_LAG_MS * 1000);
	for (i = 0; i < 4; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static int listen_and_print(struct event_base *base, const struct nics *nics, bool with_segment)
{
	struct segment *segment = NULL;
	struct watch *watch = NULL;
	json_t *result;
	double before;
	int err;

	err = watch_open(&watch, base, nics->nic, nics->n);
	if (!err && with_segment)
		err = segment_open(&segment, base, nics->ifindexes, nics->n);
	if (err) {
		fprintf(stderr, "watch: %s\n", strerror(-err));
		watch_close(watch);
		return 1;
	}
	fputs("ready\n", stderr);
	before = cpu_ms();
	listen_to_the_end(base);
	result = json_pack("{so so so sf}", "nics", nics_json(watch), "groups", groups_json(watch),
			   "peers", peers_json(watch), "cpu_ms", cpu_ms() - before);
	if (segment)
		json_object_set_new(result, "segment", segment_json(segment));
	json_dumpf(result, stdout, JSON_INDENT(1));
	json_decref(result);
	segment_close(segment);
	watch_close(watch);
	return 0;
}

int main(int argc, char **argv)
{
	bool with_segment = argc > 1 && !strcmp(argv[1], "--segment");
	struct nics nics = {};
	struct event_base *base;
	struct event *interrupt, *end;
	int status = 1;

	if (argc < 2 + with_segment) {
		fputs("Usage: watch [--segment] NIC...\n", stderr);
		return 2;
	}
	if (!find_nics(&nics, argv + 1 + with_segment))
		return 1;
	base = event_base_new();
	interrupt = evsignal_new(base, SIGINT, on_signal, base);
	end = evsignal_new(base, SIGTERM, on_signal, base);
	if (!event_add(interrupt, NULL) && !event_add(end, NULL))
		status = listen_and_print(base, &nics, with_segment);
	event_free(interrupt);
	event_free(end);
	event_base_free(base);
	return status;
}
