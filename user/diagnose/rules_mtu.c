// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the sizes of frames, links, routes and peers. */
#include <inttypes.h>

#include "config/statement.h"
#include "diagnose/rules.h"

#define ETHERNET_MTU 1500 /* bytes */
#define JUMBO_MTU    9000

/* Bytes of IP and TCP header that an MSS leaves out. */
static unsigned int headers(uint8_t family)
{
	return family == AF_INET ? 40 : 60;
}

static bool takes_mtu(const struct fact_link *link, uint32_t mtu)
{
	return !link->mtu_max || mtu <= link->mtu_max;
}

/* The largest MTU of the link's peers, as far as seen; 0: none. */
static uint32_t largest_peer(const struct facts *facts, const struct fact_link *link)
{
	uint32_t largest = 0;
	size_t i;

	for (i = 0; i < facts->n_peers; i++) {
		const struct fact_peer *peer = &facts->peers[i];
		uint32_t mtu = peer->mss + headers(peer->family);

		if (peer->ifindex == link->ifindex && peer->back.on_link && mtu > largest)
			largest = mtu;
	}
	return largest;
}

void rule_length_errors(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_links; i++) {
		const struct fact_link *link = &facts->links[i];
		uint32_t mtu = largest_peer(facts, link);
		struct finding *finding;

		if (!link->length_errors)
			continue;
		if (mtu <= link->mtu)
			mtu = JUMBO_MTU;
		finding = finding_add(findings, "receive-length-errors", SEVERITY_FAULT,
				      "%s drops frames because of their length", link->name);
		evidence(finding,
			 "rx_length_errors of %s rose by %" PRIu64
			 " in %.1f s; its MTU is %u bytes",
			 link->name, link->length_errors, facts->seconds, link->mtu);
		if (mtu > link->mtu && takes_mtu(link, mtu))
			remedy(finding, "xdpfragctl link set %s mtu %u", link->name, mtu);
	}
}

void rule_over_mtu(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_links; i++) {
		const struct fact_link *link = &facts->links[i];
		struct finding *finding;

		if (!link->watched || !link->over_mtu)
			continue;
		finding = finding_add(findings, "frames-over-mtu", SEVERITY_WARNING,
				      "Frames longer than the MTU come in on %s", link->name);
		evidence(finding,
			 "%" PRIu64
			 " frames in %.1f s held up to %u bytes of IP, and the MTU of %s is "
			 "%u; whether a NIC takes such a frame is the driver's choice",
			 link->over_mtu, facts->seconds, link->longest, link->name, link->mtu);
		if (takes_mtu(link, link->longest))
			remedy(finding, "xdpfragctl link set %s mtu %u", link->name, link->longest);
		else
			evidence(finding, "%s takes at most %u: the senders' MTU is to be lowered",
				 link->name, link->mtu_max);
	}
}

/* As a statement names it. `default` where the gateway tells the family. */
static const char *route_words(const struct fact_route *route, char *buf, size_t len)
{
	struct route_key key = route->key;

	if (!key.len && key.via_family == key.family)
		key.family = AF_UNSPEC;
	return route_key_words(&key, buf, len);
}

static void tell_route_remedy(struct finding *finding, const struct fact_route *route, uint32_t mtu)
{
	char words[ROUTE_KEY_WORDS];

	remedy(finding, "xdpfragctl route set %s mtu %u", route_words(route, words, sizeof(words)),
	       mtu);
}

/* The route's MTU wins over the link's, and the driver drops what is too long for it. */
void rule_route_over_link(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_routes; i++) {
		const struct fact_route *route = &facts->routes[i];
		const struct fact_link *link = facts_link_by_name(facts, route->key.dev);
		struct finding *finding;
		char words[ROUTE_KEY_WORDS];

		if (!link || !(link->flags & IFF_UP) || route->mtu <= link->mtu)
			continue;
		finding = finding_add(findings, "route-mtu-over-link", SEVERITY_FAULT,
				      "A route over %s has a larger MTU than the link", link->name);
		evidence(finding,
			 "the route %s says mtu %u, and %s takes %u bytes: what is longer is sent "
			 "in "
			 "one piece and dropped",
			 route_words(route, words, sizeof(words)), route->mtu, link->name,
			 link->mtu);
		tell_route_remedy(finding, route, link->mtu);
	}
}

/* What is sent through a gateway crosses links of 1,500 bytes sooner or later. */
void rule_jumbo_default(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_routes; i++) {
		const struct fact_route *route = &facts->routes[i];
		const struct fact_link *link = facts_link_by_name(facts, route->key.dev);
		struct finding *finding;
		char words[ROUTE_KEY_WORDS];

		if (route->key.len || !route->key.via_family || !link ||
		    link->mtu <= ETHERNET_MTU || (route->mtu && route->mtu <= ETHERNET_MTU))
			continue;
		finding = finding_add(findings, "jumbo-default-route", SEVERITY_WARNING,
				      "The default route over %s sends frames of %u bytes",
				      link->name, route->mtu ? route->mtu : link->mtu);
		evidence(finding,
			 "%s has an MTU of %u, and the route %s %s: beyond the gateway, what is "
			 "longer than %u bytes depends on ICMP errors that firewalls often drop",
			 link->name, link->mtu, route_words(route, words, sizeof(words)),
			 route->mtu ? "caps it too high" : "does not cap it", ETHERNET_MTU);
		if (!facts->sysctls.tcp_mtu_probing)
			evidence(finding,
				 "net.ipv4.tcp_mtu_probing is 0: TCP does not notice a path "
				 "that swallows large packets");
		tell_route_remedy(finding, route, ETHERNET_MTU);
	}
}

/* Is the difference one between links, and not of a tunnel or a clamped MSS? */
static bool is_other_mtu(const struct fact_link *link, uint32_t mtu)
{
	return mtu > link->mtu || (link->mtu > ETHERNET_MTU && mtu < link->mtu);
}

void rule_peer_mtu(const struct facts *facts, struct findings *findings)
{
	size_t i;

	for (i = 0; i < facts->n_peers; i++) {
		const struct fact_peer *peer = &facts->peers[i];
		const struct fact_link *link = facts_link(facts, peer->ifindex);
		uint32_t mtu = peer->mss + headers(peer->family);
		struct finding *finding;

		if (!link || !peer->back.known || !peer->back.on_link ||
		    peer->back.ifindex != link->ifindex || !is_other_mtu(link, mtu))
			continue;
		finding = finding_add(findings, "peer-mtu", SEVERITY_WARNING,
				      "%s on the network of %s has an MTU of %u, and %s %u",
				      ADDRESS(peer->family, peer->address), link->name, mtu,
				      link->name, link->mtu);
		evidence(finding,
			 "the MSS in its SYN is %u bytes, so that its MTU is %u; what the one with "
			 "the "
			 "larger MTU sends in full frames, the other drops",
			 peer->mss, mtu);
		if (takes_mtu(link, mtu))
			remedy(finding, "xdpfragctl link set %s mtu %u", link->name, mtu);
	}
}
