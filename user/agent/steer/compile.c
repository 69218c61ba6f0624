// SPDX-License-Identifier: GPL-2.0-or-later
/* From the desired state in names to a policy in link slots. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "agent/steer/compile.h"

#define ROWS_MIN 1024

/* What a NIC's name means now. */
struct nic {
	bool present;
	uint64_t slots;	  /* of the links through which its frames come in */
	uint64_t returns; /* of those through which comes in what is sent out on it */
};

/*
 * A group may be joined on a VLAN device or a macvlan: its frames come in, and
 * are judged, on the link below. Those of a bond's or bridge's port are judged
 * on the bond or bridge.
 */
static void resolve(const struct compile_input *input, struct nic *nics)
{
	size_t n, i;

	for (n = 0; n < CONFIG_NICS; n++) {
		const struct link *nic = NULL;

		memset(&nics[n], 0, sizeof(nics[n]));
		if (input->config->nics[n][0])
			nic = links_by_name(input->links, input->config->nics[n]);
		if (!nic)
			continue;
		nics[n].present = true;
		for (i = 0; i < input->n_slots; i++) {
			const struct link *link =
				links_by_index(input->links, input->slots[i].ifindex);

			if (link && link_carries(input->links, link, nic))
				nics[n].slots |= 1ULL << input->slots[i].slot;
			if (link && link_returns(input->links, link, nic))
				nics[n].returns |= 1ULL << input->slots[i].slot;
		}
	}
}

/*
 * On an allowed link without sockets, datagrams would come whole through the kernel,
 * and once more from what the others brought to user space.
 */
static bool can_reassemble(const struct compile_input *input, const struct nic *nics,
			   const struct group *group)
{
	int n;

	for (n = 0; n < CONFIG_NICS; n++)
		if (group->allowed >> n & 1 && nics[n].present &&
		    (!nics[n].slots || nics[n].slots & ~input->sockets))
			return false;
	return group->reassemble;
}

static struct xdpfrag_policy policy_of(const struct compile_input *input, const struct nic *nics,
				       size_t index)
{
	const struct group *group = &input->config->groups[index];
	struct xdpfrag_policy policy = {
		.len = group->key.len,
		.flags = XDPFRAG_F_POLICY | XDPFRAG_F_OUT_OF_USE,
		.wrong = group->wrong,
		.row = input->rows[index],
	};
	int n;

	for (n = 0; n < CONFIG_NICS; n++) {
		if (!(group->allowed >> n & 1) || !nics[n].present)
			continue;
		policy.allowed |= nics[n].slots;
		policy.flags &= ~XDPFRAG_F_OUT_OF_USE;
	}
	if (group->scope_all)
		policy.flags |= XDPFRAG_F_SCOPE_ALL;
	if (can_reassemble(input, nics, group))
		policy.flags |= XDPFRAG_F_REASSEMBLE;
	/* IPv6 copies are apart already (xdp/apart.bpf.h), and the fast way knows no flags. */
	if (group->apart && group->key.family == AF_INET)
		policy.flags |= XDPFRAG_F_APART;
	if (group->wrong == XDPFRAG_WRONG_REDIRECT) {
		policy.redirect = input->redirect_keys[group->redirect];
		/*
		 * What comes in where it would be sent to is not sent back; nor at the other end of
		 * a veth, where it would go round for ever.
		 */
		policy.allowed |= nics[group->redirect].slots | nics[group->redirect].returns;
	}
	return policy;
}

static void add_entry(struct policy_set *set, const struct group_key *key,
		      const struct xdpfrag_policy *policy)
{
	if (key->family == AF_INET) {
		struct xdpfrag_group4 *entry = &set->groups4[set->n4++];

		memcpy(&entry->group, key->group, 4);
		memcpy(&entry->source, key->source, 4);
		entry->policy = *policy;
	} else {
		struct xdpfrag_group6 *entry = &set->groups6[set->n6++];

		memcpy(entry->group, key->group, 16);
		memcpy(entry->source, key->source, 16);
		entry->policy = *policy;
	}
}

int compile_policy(const struct compile_input *input, struct policy_set *set)
{
	const struct config *config = input->config;
	struct nic nics[CONFIG_NICS];
	size_t i;

	memset(set, 0, sizeof(*set));
	set->groups4 = calloc(config->n_groups + 1, sizeof(*set->groups4));
	set->groups6 = calloc(config->n_groups + 1, sizeof(*set->groups6));
	if (!set->groups4 || !set->groups6) {
		policy_set_free(set);
		return -ENOMEM;
	}
	for (i = 0; i < input->n_slots; i++)
		set->links |= 1ULL << input->slots[i].slot;
	resolve(input, nics);
	for (i = 0; i < config->n_groups; i++) {
		struct xdpfrag_policy policy = policy_of(input, nics, i);

		add_entry(set, &config->groups[i].key, &policy);
	}
	return 0;
}

struct plane_shape compile_shape(const struct config *config)
{
	size_t n4 = 0, n6 = 0, i;
	struct plane_shape shape = { .rows = ROWS_MIN };

	for (i = 0; i < config->n_groups; i++) {
		const struct group *group = &config->groups[i];
		/* A source may need an entry that leads to it. */
		size_t entries = group->key.has_source ? 2 : 1;

		if (group->key.family == AF_INET)
			n4 += entries;
		else
			n6 += entries;
		shape.scope_all |= group->scope_all;
	}
	/* Twice: a policy that takes another's place does not count in its row. */
	while (shape.rows < 2 * (config->n_groups + 1))
		shape.rows *= 2;
	shape.bits4 = table_bits(n4);
	shape.bits6 = table_bits(n6);
	return shape;
}
