// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts about the links: as they are, what they counted, who holds them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/collect.h"
#include "netstate/nic.h"
#include "reassembly/tap.h"

static uint32_t hook_of(const struct links *links, const struct link *link)
{
	size_t i;

	for (i = 0; i < links->n; i++)
		if (link_faces_stack(links, &links->link[i]) &&
		    link_carries(links, &links->link[i], link))
			return links->link[i].ifindex;
	return 0;
}

static uint32_t vrf_of(const struct links *links, const struct link *link)
{
	const struct link *master = link->master ? links_by_index(links, link->master) : NULL;

	return master && !strcmp(master->kind, "vrf") ? master->ifindex : 0;
}

/* The larger of the two holds (Documentation/networking/ip-sysctl.rst). */
static int64_t rp_filter_of(const char *name)
{
	int64_t all = read_sysctl("net/ipv4/conf/all/rp_filter"), own;
	char path[64];

	snprintf(path, sizeof(path), "net/ipv4/conf/%s/rp_filter", name);
	own = read_sysctl(path);
	return all > own ? all : own;
}

static void set_offloads(struct fact_link *fact, struct nic_access *access, const struct link *link)
{
	struct nic_features features;

	fact->gro = fact->lro = fact->gso = fact->tso = UNKNOWN;
	if (nic_get_features(access, link, &features))
		return;
	fact->gro = features.active >> NIC_GRO & 1;
	fact->lro = features.active >> NIC_LRO & 1;
	fact->gso = features.active >> NIC_GSO & 1;
	fact->tso = features.active >> NIC_TSO4 & 1;
}

static void fill(struct fact_link *fact, const struct links *links, const struct link *link,
		 const struct link *before)
{
	*fact = (struct fact_link){
		.ifindex = link->ifindex,
		.flags = link->flags,
		.mtu = link->mtu,
		.mtu_max = link->mtu_max,
		.promiscuity = link->promiscuity,
		.allmulti = link->allmulti,
		.faces_stack = link_faces_stack(links, link),
		.hook = hook_of(links, link),
		.vrf = vrf_of(links, link),
		.rp_filter = rp_filter_of(link->name),
	};
	memcpy(fact->name, link->name, sizeof(fact->name));
	memcpy(fact->kind, link->kind, sizeof(fact->kind));
	if (before && link->rx_length_errors > before->rx_length_errors)
		fact->length_errors = link->rx_length_errors - before->rx_length_errors;
}

static int collect_holders(struct facts *facts, const struct links *links)
{
	size_t i, n = 0;
	int err;

	/* Two kilobytes and more each: only for those that somebody holds. */
	for (i = 0; i < facts->n_links; i++)
		n += facts->links[i].promiscuity || facts->links[i].allmulti;
	if (!n)
		return 0;
	facts->holders = calloc(n, sizeof(*facts->holders));
	if (!facts->holders)
		return -ENOMEM;
	for (i = n = 0; i < facts->n_links; i++)
		if (facts->links[i].promiscuity || facts->links[i].allmulti)
			facts->holders[n++].ifindex = facts->links[i].ifindex;
	err = holders_find(links, facts->holders, n);
	if (err)
		facts_note(facts, "not all who hold NICs promiscuous could be found: %s",
			   strerror(-err));
	for (i = n = 0; i < facts->n_links; i++) {
		struct fact_link *link = &facts->links[i];

		if (!link->promiscuity && !link->allmulti)
			continue;
		link->holders = facts->holders[n].holder;
		link->n_holders = facts->holders[n++].n;
	}
	return 0;
}

int collect_links(struct facts *facts, const struct links *before)
{
	struct nic_access access = {};
	struct links links;
	size_t i;
	int err;

	err = links_dump(&links);
	if (err)
		return err;
	facts->links = calloc(links.n + 1, sizeof(*facts->links));
	if (!facts->links) {
		links_free(&links);
		return -ENOMEM;
	}
	err = nic_open(&access);
	if (err)
		facts_note(facts, "the offloads could not be read: %s", strerror(-err));
	for (i = 0; i < links.n; i++) {
		const struct link *link = &links.link[i];
		struct fact_link *fact = &facts->links[facts->n_links];

		/* The agent's own: none of its frames came from a network. */
		if (link_is(link, TAP_NAME, "tun"))
			continue;
		facts->n_links++;
		fill(fact, &links, link, links_by_index(before, link->ifindex));
		if (fact->faces_stack && !err)
			set_offloads(fact, &access, link);
		else
			fact->gro = fact->lro = fact->gso = fact->tso = UNKNOWN;
	}
	nic_close(&access);
	err = collect_holders(facts, &links);
	links_free(&links);
	return err;
}
