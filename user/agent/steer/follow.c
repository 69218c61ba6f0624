// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of managed links, kept in step with the choice of links. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/log.h"
#include "agent/steer/choose.h"
#include "agent/steer/follow.h"
#include "agent/steer/links.h"
#include "datapath/bpffs.h"
#include "datapath/instance.h"

#define GONE_MAX 8 /* NICs that are gone and whose counters are kept */

/*
 * The managed link behind a chosen one: the same NIC, whatever it is called now,
 * or else the same name. An ifindex alone proves nothing, the kernel may have
 * given it to another NIC: with another name, the program must still be ours.
 */
static struct managed *find_same(struct managed *old, bool *used, size_t n,
				 const struct chosen_link *chosen, const struct link *link,
				 bool by_name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		bool same_name = !strcmp(old[i].name, chosen->name);

		if (used[i])
			continue;
		if (by_name ? same_name
			    : link && old[i].ifindex == link->ifindex &&
				      (same_name ||
				       (old[i].program && old[i].hook.main == link->program))) {
			used[i] = true;
			return &old[i];
		}
	}
	return NULL;
}

static void unpin_link(const struct agent *agent, const char *name)
{
	char path[256], folder[64];

	snprintf(path, sizeof(path), "%s/%s", agent->options.pin_dir,
		 bpffs_link_name(name, "", folder, sizeof(folder)));
	bpffs_remove_tree(path);
}

static void lose_nic(const struct agent *agent, struct managed *managed)
{
	log_notice("%s: NIC with ifindex %u is gone", managed->name, managed->ifindex);
	if (managed->hook.dispatcher)
		instance_forget(managed->ifindex, managed->hook.main);
	unpin_link(agent, managed->name);
	managed_lose_instance(managed);
	managed->ifindex = managed->mtu = managed->promiscuity = 0;
	managed->reason[0] = '\0';
	managed->xdpcap.refused = false;
}

static void follow(const struct agent *agent, struct managed *managed,
		   const struct chosen_link *chosen, const struct link *link)
{
	bool renamed;

	if (managed->ifindex && managed->ifindex != chosen->ifindex)
		lose_nic(agent, managed);
	renamed = managed->name[0] && strcmp(managed->name, chosen->name);
	if (renamed) {
		log_notice("%s is now called %s", managed->name, chosen->name);
		unpin_link(agent, managed->name);
	}
	memcpy(managed->name, chosen->name, IFNAMSIZ);
	if (renamed && managed->program)
		link_pin(agent, managed);
	managed->is_static = chosen->is_static;
	if (managed->wanted != chosen->mode)
		managed->failed_at = 0;
	managed->wanted = chosen->mode;
	xdpcap_want(&managed->xdpcap, chosen->xdpcap_hook);
	managed->ifindex = chosen->ifindex;
	managed->mtu = link ? link->mtu : 0;
	managed->promiscuity = link ? link->promiscuity : 0;
	if (!link)
		managed->reason[0] = '\0';
}

static void read_hook(struct managed *managed, const struct link *link)
{
	int err;

	if (managed->hook.main == link->program)
		return;
	err = hook_read(&managed->hook, link->ifindex);
	if (err) {
		snprintf(managed->reason, sizeof(managed->reason), "cannot read its XDP hook: %s",
			 strerror(-err));
		return;
	}
	if (managed->program && !hook_has(&managed->hook, managed->program)) {
		log_warning("%s: the steer program was taken off by someone else", managed->name);
		managed->program = 0;
		managed->slot = NO_SLOT;
	}
}

/*
 * A NIC that is gone from the host, as against one that is no longer wanted,
 * stays in the table as absent for what it has counted: should it come again, it
 * counts on. A few of them, since their maps stay too.
 */
static bool keep_gone(const struct agent *agent, const struct links *links, struct managed *managed)
{
	struct xdpfrag_counts counts;
	struct xdpfrag_reasons reasons;
	uint64_t packets = 0;
	int i;

	if (agent->config.n_links || links_by_name(links, managed->name) ||
	    (managed->ifindex && links_by_index(links, managed->ifindex)))
		return false;
	counts = counters_total(&managed->counters);
	reasons = counters_reasons(&managed->counters);
	for (i = 0; i < XDPFRAG_VERDICTS; i++)
		packets += counts.packets[i];
	for (i = 0; i < XDPFRAG_REASONS; i++)
		packets += reasons.packets[i];
	if (!packets)
		return false;
	if (managed->ifindex)
		lose_nic(agent, managed);
	return true;
}

static bool nic_is_gone(const struct managed *managed, const struct links *links)
{
	const struct link *link = links_by_index(links, managed->ifindex);

	if (!managed->ifindex)
		return false;
	return !link || (strcmp(link->name, managed->name) && link->program != managed->hook.main);
}

/* The table of `n` chosen links out of the old one; used[] are the entries that went on. */
static void match_links(const struct agent *agent, const struct links *links,
			const struct chosen_link *chosen, size_t n, struct managed *old,
			size_t n_old, bool *used, struct managed *next)
{
	struct managed *same[XDPFRAG_LINKS] = {};
	size_t i;

	for (i = 0; i < n; i++)
		same[i] = find_same(old, used, n_old, &chosen[i],
				    links_by_index(links, chosen[i].ifindex), false);
	for (i = 0; i < n; i++)
		if (!same[i])
			same[i] = find_same(old, used, n_old, &chosen[i], NULL, true);
	for (i = 0; i < n; i++) {
		const struct link *link = links_by_index(links, chosen[i].ifindex);

		if (same[i])
			next[i] = *same[i];
		else
			managed_init(&next[i]);
		follow(agent, &next[i], &chosen[i], link);
		if (link)
			read_hook(&next[i], link);
	}
}

void links_follow(struct agent *agent, const struct links *links)
{
	struct chosen_link chosen[XDPFRAG_LINKS];
	struct managed next[2 * XDPFRAG_LINKS];
	bool used[2 * XDPFRAG_LINKS] = {};
	size_t n_old = agent->n_managed + agent->n_released;
	size_t n = choose_links(&agent->config, links, chosen, &agent->left_out);
	size_t i, total, gone = 0;

	match_links(agent, links, chosen, n, agent->managed, n_old, used, next);
	for (i = 0; i < n_old; i++) {
		if (used[i] || n == XDPFRAG_LINKS || gone == GONE_MAX ||
		    !keep_gone(agent, links, &agent->managed[i]))
			continue;
		next[n++] = agent->managed[i];
		used[i] = true;
		gone++;
	}
	for (i = 0, total = n; i < n_old; i++) {
		if (used[i] || total == 2 * XDPFRAG_LINKS)
			continue;
		/* At once, or it would go on acting wherever its NIC is now. */
		if (nic_is_gone(&agent->managed[i], links))
			lose_nic(agent, &agent->managed[i]);
		next[total++] = agent->managed[i];
	}
	memcpy(agent->managed, next, total * sizeof(*next));
	agent->n_managed = n;
	agent->n_released = total - n;
}

static bool is_above(const struct links *links, const struct managed *upper,
		     const struct link *lower)
{
	const struct link *link = links_by_index(links, upper->ifindex);

	return link && link->ifindex != lower->ifindex &&
	       (lower->master == link->ifindex || link_stacked_on(links, link, lower));
}

/*
 * A NIC was put into a bridge that is steered itself. The bridge's program makes
 * way for a moment, and reconcile attaches it again.
 */
static int detach_below(struct agent *agent, struct managed *managed, const struct links *links,
			const struct link *link)
{
	size_t i;

	for (i = 0; i < agent->n_managed + agent->n_released; i++) {
		struct managed *upper = &agent->managed[i];

		if (!upper->program || !is_above(links, upper, link))
			continue;
		managed_detach(upper, 0);
		upper->program = 0;
		hook_read(&upper->hook, upper->ifindex);
	}
	return managed_detach(managed, 0);
}

static void take_off(struct agent *agent, struct managed *managed, const struct links *links,
		     const struct link *link)
{
	int err = managed_detach(managed, 0);

	if (err == -EEXIST)
		err = detach_below(agent, managed, links, link);
	if (err == -EEXIST)
		log_warning("%s: its program stays, inert, until nothing stacked on it has one",
			    managed->name);
}

/* What it counted stays in the sums. */
static void keep_counts(struct agent *agent, const struct counters *counters)
{
	struct xdpfrag_counts counts = counters_total(counters);
	struct xdpfrag_reasons reasons = counters_reasons(counters);
	int i;

	for (i = 0; i < XDPFRAG_VERDICTS; i++)
		agent->gone_counts.packets[i] += counts.packets[i];
	for (i = 0; i < XDPFRAG_REASONS; i++)
		agent->gone_reasons.packets[i] += reasons.packets[i];
}

void links_release(struct agent *agent, const struct links *links)
{
	size_t i;

	for (i = 0; i < agent->n_released; i++) {
		struct managed *managed = &agent->managed[agent->n_managed + i];
		const struct link *link = links_by_index(links, managed->ifindex);
		bool steered = managed_steered(managed);

		if (link)
			take_off(agent, managed, links, link);
		else if (managed->hook.dispatcher)
			instance_forget(managed->ifindex, managed->hook.main);
		keep_counts(agent, &managed->counters);
		counters_close(&managed->counters);
		xdpcap_close(&managed->xdpcap);
		if (!managed_by_name(agent->managed, agent->n_managed, managed->name))
			unpin_link(agent, managed->name);
		if (steered)
			log_notice("%s: no longer steered", managed->name);
	}
	agent->n_released = 0;
}
