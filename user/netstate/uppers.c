// SPDX-License-Identifier: GPL-2.0-or-later
/* Which links above a NIC hold it promiscuous or allmulti. */
#include <string.h>

#include "netstate/uppers.h"

enum claim {
	NEVER,
	ITSELF, /* as long as it is in that mode itself, and up */
	ALWAYS, /* for being there */
	/* For reasons of which rtnetlink shows too little; one stacked on the NIC while it is up.
	 */
	PERHAPS,
};

/* Callers of dev_set_promiscuity() and dev_set_allmulti() in the kernel, by the link's kind. */
static const struct {
	const char *kind;
	bool master; /* of which the NIC is a port; else stacked on the NIC */
	enum claim claims[RX_MODES];
} rules[] = {
	/* A bridge that filters by VLAN lets ports be that learn nothing (br_manage_promisc). */
	{ "bridge", true, { PERHAPS, ALWAYS } },
	{ "openvswitch", true, { ALWAYS, NEVER } },
	/* Not where the hardware forwards (fwd_offloaded); its port's master from 6.18 on. */
	{ "hsr", true, { PERHAPS, NEVER } },
	/* Of a bond with a primary, the active port only. */
	{ "bond", true, { ITSELF, ITSELF } },
	{ "team", true, { ITSELF, ITSELF } },
	{ "", true, { ITSELF, ITSELF } }, /* netvsc over its VF */
	{ "vlan", false, { ITSELF, ITSELF } },
	{ "macsec", false, { ITSELF, ITSELF } },
	{ "dsa", false, { ITSELF, ITSELF } },
	{ "ipvlan", false, { NEVER, ITSELF } },
	{ "ipvtap", false, { NEVER, ITSELF } },
	{ "macvlan", false, { ITSELF, ITSELF } },
	{ "macvtap", false, { ITSELF, ITSELF } },
	/* One in passthru mode is always that. The address of any other makes a NIC promiscuous
	 * that has no unicast filter, once for all of them (__dev_set_rx_mode).
	 */
	{ "macvlan", false, { PERHAPS, NEVER } },
	{ "macvtap", false, { PERHAPS, NEVER } },
};

/* In this order: first what is certain. */
enum round { CERTAIN, POSSIBLE, DOWN, ROUNDS };

uint32_t link_held(const struct link *link, enum rx_mode mode)
{
	return mode == RX_PROMISC ? link->promiscuity : link->allmulti;
}

bool link_flagged(const struct link *link, enum rx_mode mode)
{
	return link->flags & (mode == RX_PROMISC ? IFF_PROMISC : IFF_ALLMULTI);
}

static bool claims_in(enum round round, enum claim claim, const struct link *upper, bool master,
		      enum rx_mode mode)
{
	bool up = upper->flags & IFF_UP;

	switch (claim) {
	case ITSELF:
		/* Later kernels pass the mode of a vlan on that is down, too. */
		return link_held(upper, mode) && round == (up ? CERTAIN : DOWN);
	case ALWAYS:
		return round == CERTAIN;
	case PERHAPS:
		return (up || master) && round == POSSIBLE;
	case NEVER:
		break;
	}
	return false;
}

uint32_t uppers_claim(const struct links *links, const struct link *nic, enum rx_mode mode,
		      uint32_t left, upper_fn claim, void *data)
{
	enum round round;
	size_t i, n;

	for (round = CERTAIN; round < ROUNDS; round++) {
		for (i = 0; i < links->n && left; i++) {
			const struct link *upper = &links->link[i];
			bool master = nic->master && nic->master == upper->ifindex;

			if (!master && upper->lower != nic->ifindex)
				continue;
			for (n = 0; n < sizeof(rules) / sizeof(*rules) && left; n++) {
				if (rules[n].master != master ||
				    strcmp(rules[n].kind, upper->kind) ||
				    !claims_in(round, rules[n].claims[mode], upper, master, mode))
					continue;
				claim(upper, data);
				left--;
			}
		}
	}
	return left;
}
