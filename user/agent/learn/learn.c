// SPDX-License-Identifier: GPL-2.0-or-later
/* Policy from the host's own memberships: when they are read, and what then happens. */
#include <errno.h>
#include <event2/event.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "agent/learn/learn.h"
#include "agent/log.h"
#include "agent/reconcile.h"
#include "agent/steer/choose.h"
#include "netstate/monitor.h"

/* Linux 6.14 */
#ifndef RTNLGRP_IPV4_MCADDR
#define RTNLGRP_IPV4_MCADDR 37
#define RTNLGRP_IPV6_MCADDR 38
#endif

#define SETTLE_MS 20 /* after an event: joins come in flocks */
/* What a check took, times this, is the rest before another: a share of one processor. */
#define REST_TOLD   9  /* a tenth, when events come one after another */
#define REST_UNTOLD 49 /* a fiftieth, without any */

static uint64_t read_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void check_in(struct learn *learn, unsigned int ms)
{
	const struct timeval delay = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(learn->check, &delay);
}

/*
 * No event tells of a second socket that joins a group on a NIC, nor of a source
 * that is added, dropped or blocked; but none of it matters while no socket has
 * asked for sources. What somebody else wants raises no event either, and is looked
 * for less often.
 */
static bool needs_reading(struct learn *learn)
{
	bool sources = members_have_sources(), before = learn->sources;

	learn->sources = sources;
	if (!learn->by_events || learn->early || learn->trouble[0] || sources || before)
		return true;
	return read_ms(CLOCK_MONOTONIC) >= learn->untold_at;
}

/* Reads once and compares with what is in force; reconcile reads for itself. */
static void check(struct agent *agent)
{
	struct learn *learn = &agent->learn;
	struct members now;

	if (!members_read(&now)) {
		if (learn->trouble[0] || !members_equal(&now, &learn->members))
			reconcile(agent, NULL, NULL);
		members_free(&now);
	} else if (!learn->trouble[0]) {
		/* Says what is wrong, once. */
		reconcile(agent, NULL, NULL);
	}
}

static void on_check(evutil_socket_t fd, short what, void *arg)
{
	struct agent *agent = arg;
	struct learn *learn = &agent->learn;
	uint64_t begun = read_ms(CLOCK_PROCESS_CPUTIME_ID);

	(void)fd;
	(void)what;
	if (needs_reading(learn)) {
		uint64_t now, took;

		learn->early = false;
		check(agent);
		now = read_ms(CLOCK_MONOTONIC);
		took = read_ms(CLOCK_PROCESS_CPUTIME_ID) - begun;
		learn->told_at = now + REST_TOLD * took;
		learn->untold_at = now + REST_UNTOLD * took;
	}
	if (agent->config.learn)
		check_in(learn, LEARN_POLL_MS);
}

static void on_told(evutil_socket_t fd, short what, void *arg)
{
	struct learn *learn = &((struct agent *)arg)->learn;
	uint64_t now = read_ms(CLOCK_MONOTONIC), due = now + SETTLE_MS;

	(void)fd;
	(void)what;
	monitor_drain(learn->monitor);
	if (learn->early)
		return;
	learn->early = true;
	if (due < learn->told_at)
		due = learn->told_at;
	check_in(learn, due - now < LEARN_POLL_MS ? due - now : LEARN_POLL_MS);
}

int learn_start(struct agent *agent)
{
	/* What is routed is told by all kernels, what is joined by newer ones. */
	static const int all[] = { RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF, RTNLGRP_IPV4_MCADDR,
				   RTNLGRP_IPV6_MCADDR, 0 };
	static const int old[] = { RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF, 0 };
	struct learn *learn = &agent->learn;
	int err;

	agent->policy = &agent->config;
	err = monitor_open(&learn->monitor, all);
	learn->by_events = !err;
	if (err == -EINVAL)
		err = monitor_open(&learn->monitor, old);
	if (err) {
		log_warning("cannot listen to membership events: %s", strerror(-err));
		return err;
	}
	learn->check = evtimer_new(agent->base, on_check, agent);
	learn->told = event_new(agent->base, monitor_fd(learn->monitor), EV_READ | EV_PERSIST,
				on_told, agent);
	return learn->check && learn->told ? 0 : -ENOMEM;
}

static void forget(struct learn *learn)
{
	config_free(&learn->merged);
	members_free(&learn->members);
	learned_free(&learn->set);
	learn->trouble[0] = '\0';
	learn->full_told = learn->early = learn->sources = false;
}

void learn_end(struct agent *agent)
{
	struct learn *learn = &agent->learn;

	agent->policy = &agent->config;
	forget(learn);
	if (learn->check)
		event_free(learn->check);
	if (learn->told)
		event_free(learn->told);
	monitor_close(learn->monitor);
}

/* Says so once, and once again when it is over. */
static void set_trouble(struct learn *learn, const char *trouble)
{
	if (trouble[0] && strcmp(trouble, learn->trouble))
		log_warning("memberships: %s", trouble);
	else if (!trouble[0] && learn->trouble[0])
		log_notice("memberships can be read again");
	snprintf(learn->trouble, sizeof(learn->trouble), "%s", trouble);
}

/* What cannot be read leaves what was read last in force; too much of it leaves nothing. */
static void read_members(struct learn *learn)
{
	char trouble[sizeof(learn->trouble)] = "";
	struct members now = {};
	int err = members_read_settled(&now);

	if (err == -E2BIG)
		snprintf(trouble, sizeof(trouble),
			 "there are more than %d, which is too many: nothing is learned",
			 MEMBERS_MAX);
	else if (err)
		snprintf(trouble, sizeof(trouble),
			 "cannot read them: %s; what was learned last stays", strerror(-err));
	set_trouble(learn, trouble);
	if (err && err != -E2BIG)
		return;
	members_free(&learn->members);
	learn->members = now;
}

static int resolve(const struct agent *agent, const struct links *links, struct learned_set *set)
{
	struct chosen_link chosen[XDPFRAG_LINKS];
	uint32_t steered[XDPFRAG_LINKS];
	struct learned_input input = { .links = links,
				       .members = &agent->learn.members,
				       .steered = steered };
	size_t left_out, i, n = choose_links(&agent->config, links, chosen, &left_out);
	int err;

	for (i = 0; i < n; i++)
		if (chosen[i].ifindex)
			steered[input.n_steered++] = chosen[i].ifindex;
	err = learned_resolve(set, &input);
	if (!err)
		learned_decide(set, &agent->config);
	return err;
}

/* The merged policy stays as long as it is what it would be: it may hold 100,000 statements. */
static int merge(struct agent *agent, const struct learned_set *set)
{
	struct learn *learn = &agent->learn;
	struct config merged;
	int err;

	if (!set->counts[LEARNED]) {
		agent->policy = &agent->config;
		config_free(&learn->merged);
		return 0;
	}
	if (!learned_is_merged(&learn->merged, &agent->config, set)) {
		err = learned_merge(&merged, &agent->config, set);
		if (err)
			return err;
		config_free(&learn->merged);
		learn->merged = merged;
	}
	agent->policy = &learn->merged;
	return 0;
}

static void tell_full(struct learn *learn)
{
	const size_t *counts = learn->set.counts;
	bool full = counts[LEARNED_NAMES] + counts[LEARNED_FULL];

	if (full && !learn->full_told)
		log_warning("%zu groups are joined beyond the %d that can be learned, and %zu on "
			    "NICs beyond the %d that policies can name: they come in as without "
			    "learning; see xdpfragctl learn show",
			    counts[LEARNED_FULL], LEARNED_MAX, counts[LEARNED_NAMES], CONFIG_NICS);
	learn->full_told = full;
}

static void stop(struct agent *agent)
{
	agent->policy = &agent->config;
	event_del(agent->learn.check);
	event_del(agent->learn.told);
	forget(&agent->learn);
}

int learn_update(struct agent *agent, const struct links *links, struct report *rep)
{
	struct learn *learn = &agent->learn;
	struct learned_set set;
	int err;

	if (!agent->config.learn) {
		stop(agent);
		return 0;
	}
	read_members(learn);
	err = resolve(agent, links, &set);
	if (!err) {
		err = merge(agent, &set);
		if (err)
			learned_free(&set);
	}
	if (err)
		return report_failed(rep, err, "", "cannot learn from memberships: %s",
				     strerror(-err));
	learned_free(&learn->set);
	learn->set = set;
	tell_full(learn);
	if (!event_pending(learn->check, EV_TIMEOUT, NULL)) {
		event_add(learn->told, NULL);
		check_in(learn, LEARN_POLL_MS);
	}
	return 0;
}
