/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host as doctor knows it, for tests of its rules: healthy when made, and made
 * sick by changing its facts. eth0 and eth1 face the stack and are steered natively,
 * 239.0.0.15 is joined on eth1 and comes in there from 10.84.0.73, which is on eth1's
 * network; conntrack puts datagrams together before routing.
 */
#ifndef XDPFRAG_SICK_HOST_H
#define XDPFRAG_SICK_HOST_H

#include "diagnose/rules.h"

#define ETH0 2
#define ETH1 3
#define ETH2 4

struct sick_host {
	struct facts facts;
	struct fact_link links[3];
	struct fact_managed managed[3];
	struct fact_setting settings[1];
	struct fact_member members[4];
	struct fact_arrival arrivals[4];
	struct fact_twins twins[4];
	struct fact_peer peers[2];
	struct fact_route routes[2];
	struct segment_pair segments[2];
	struct holder holders[2];
	struct config config;
	struct findings findings;
};

void sick_host_make(struct sick_host *host);
void sick_host_free(struct sick_host *host);

void sick_host_state(struct sick_host *host, const char *statements); /* the desired state */
void sick_host_join(struct sick_host *host, const char *group, uint32_t ifindex);
/* n packets, or fragments, from `source`, the way back to which is `back`; 0: there is none. */
void sick_host_arrive(struct sick_host *host, const char *group, uint32_t ifindex,
		      const char *source, uint32_t back, uint64_t packets, uint64_t fragments);
void sick_host_twins(struct sick_host *host, const char *group, const char *source,
		     uint64_t fragments);
void sick_host_hold(struct sick_host *host, uint32_t ifindex, const struct holder *holder);
void sick_host_peer(struct sick_host *host, uint32_t ifindex, const char *address, uint16_t mss);
void sick_host_route(struct sick_host *host, const char *dev, uint8_t len, const char *via,
		     uint32_t mtu);
void sick_host_quiet(struct sick_host *host); /* no arrivals */

/* Runs the rules; each fails the test unless it is so. */
void expect_healthy(struct sick_host *host);
/* This and nothing else, with its first remedy ("": none). */
void expect_finding(struct sick_host *host, const char *id, enum severity severity,
		    const char *remedy);
/* The last run's finding has a line of evidence that holds this. */
void expect_evidence(const struct sick_host *host, const char *text);

#endif
