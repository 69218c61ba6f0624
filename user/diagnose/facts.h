/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that doctor knows about the host: plain data, filled by collect.h
 * and the agent over a sample of some seconds, read by the rules. What could not
 * be read says so (UNKNOWN, or a note), so that a rule never takes it for a zero.
 *
 * A zeroed struct facts with facts_init() is empty; facts_free() frees its arrays.
 * `config` and `policy` belong to the agent.
 */
#ifndef XDPFRAG_FACTS_H
#define XDPFRAG_FACTS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "config/config.h"
#include "diagnose/segment.h"
#include "diagnose/twins.h"
#include "netstate/holders.h"

#define UNKNOWN (-1) /* of the int64_t and int members below */

#define FACT_ARRIVALS 4096
#define FACT_MEMBERS  4096
#define FACT_ROUTES   1024
#define FACT_NOTES    8
#define FACT_TRIGGERS 8

struct fact_link {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	char kind[IFNAMSIZ];   /* "" for hardware */
	uint32_t flags;	       /* IFF_* */
	uint32_t mtu, mtu_max; /* bytes; max 0: not said */
	uint32_t promiscuity, allmulti;
	bool faces_stack; /* link_faces_stack(): its frames come to the stack by themselves */
	uint32_t hook;	  /* the link facing the stack through which its frames come in; 0: none */
	uint32_t vrf;	  /* ifindex of the VRF that it is in; 0: none */
	uint64_t length_errors; /* rx, during the sample, frames */
	/* 1, 0 or UNKNOWN */
	int gro, lro, gso, tso;
	int64_t rp_filter; /* what holds: the larger of "all" and the NIC's own; or UNKNOWN */
	const struct holder *holders;
	size_t n_holders;
	/* From the packet sockets; nothing when !watched. */
	bool watched;
	bool patchy;	   /* not all the time, or not all: silence is no evidence */
	uint64_t over_mtu; /* frames longer than the MTU, unmerged */
	uint32_t longest;  /* bytes of IP in the longest of them */
	uint64_t merged;   /* by GRO or LRO */
	uint64_t uncut;	   /* sent, for TSO to cut; only while the NIC is promiscuous */
	uint64_t queries4, queries6;
	bool loop; /* a probe frame that it sent came back to it */
};

enum fact_mode { MODE_ABSENT, MODE_OFF, MODE_SKB, MODE_NATIVE };

/* A link that the agent is to steer. */
struct fact_managed {
	char name[IFNAMSIZ];
	uint32_t ifindex; /* 0: absent */
	enum fact_mode mode;
	enum link_mode wanted;
	bool xdpcap; /* stated with an xdpcap hook */
	bool is_static;
	char reason[256];	 /* why not native, or why off; "" */
	char socket_reason[160]; /* why an AF_XDP socket is missing; "" */
};

/* A setting of `link set` that does not hold, or did not for a while. */
struct fact_setting {
	char name[IFNAMSIZ];
	enum link_setting setting;
	uint32_t wanted;
	uint64_t drift; /* put back during the sample */
	bool in_force;
	char reason[224]; /* why not in force; "" */
};

/* A group that a program of this host has joined on a NIC. */
struct fact_member {
	uint32_t ifindex; /* where it is joined */
	uint32_t hook;	  /* the link facing the stack through which its frames come in; 0: none */
	uint8_t family;
	uint8_t group[16];
};

/* The way back to an address. */
struct fact_path {
	bool known;
	bool unreachable;
	uint32_t ifindex; /* the NIC to it */
	bool on_link;	  /* no gateway */
};

/* Multicast that came in on a NIC during the sample. */
struct fact_arrival {
	uint32_t ifindex; /* faces the stack */
	uint8_t family;
	uint8_t group[16], source[16]; /* the source of the last packet */
	uint64_t packets;	       /* that got past XDP, fragments too */
	uint64_t fragments;	       /* at the XDP hook, or on NICs without one, behind it */
	uint64_t removed;      /* of those: dropped, redirected or reassembled by a policy */
	struct fact_path back; /* to the source */
};

/* Fragments that came in on two NICs and got past XDP on both. */
struct fact_twins {
	struct twins_pair pair;
	struct fact_path back; /* to the source */
};

struct fact_peer {
	uint32_t ifindex;
	uint8_t family;
	uint8_t address[16];
	uint16_t mss; /* bytes */
	struct fact_path back;
};

struct fact_route {
	struct route_key key; /* dev is always said */
	uint32_t mtu;	      /* bytes; 0: none, the link's holds */
};

/* Sums of the network namespace; in struct facts, what they rose by during the sample. */
struct fact_counters {
	uint64_t reasm_reqds, reasm_oks, reasm_fails, reasm_timeout; /* IPv4 */
	uint64_t reasm_overlaps;				     /* fragments */
	uint64_t reasm6_reqds, reasm6_oks, reasm6_fails, reasm6_timeout;
	uint64_t rp_filtered; /* packets that rp_filter dropped */
};

/* Datagrams that wait for fragments. Lows, because some are always under way. */
struct fact_queues {
	bool known;
	uint64_t before, after; /* IPv4 datagrams: the lowest seen early and late in the sample */
	uint64_t memory_peak;	/* bytes */
};

struct fact_sysctls {
	int64_t ipfrag_time, ipfrag_high_thresh, ipfrag_max_dist; /* seconds, bytes, datagrams */
	int64_t tcp_mtu_probing;
	int64_t forwarding4, forwarding6;
};

enum fact_answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES };

/* Does the stack put IPv4 datagrams together before it routes them? */
struct fact_defrag {
	enum fact_answer before_routing;
	char by[FACT_TRIGGERS][160]; /* what shows it, and what asked for it */
	size_t n_by;
};

struct fact_agent {
	char last_error[160]; /* of the last reconcile; "" */
	size_t left_out;      /* links that there are no slots for */
	uint64_t route_drift; /* routes put back during the sample */
	uint64_t uncounted;   /* verdicts that could not be counted, during the sample */
	size_t reassembled;   /* groups that are to be reassembled */
	bool reassembles;
	char reassembly_reason[160]; /* why it does not; "" */
};

struct facts {
	double seconds; /* of the sample */
	bool probed;
	const struct config *config; /* the statements */
	const struct config *policy; /* those and what was learned */
	struct fact_link *links;     /* all of the namespace */
	size_t n_links;
	struct holders *holders; /* links[i].holders point into it */
	struct fact_managed *managed;
	size_t n_managed;
	struct fact_setting *settings;
	size_t n_settings;
	struct fact_member *members;
	size_t n_members;
	struct fact_arrival *arrivals;
	size_t n_arrivals;
	struct fact_twins *twins;
	size_t n_twins;
	struct fact_peer *peers;
	size_t n_peers;
	struct fact_route *routes;
	size_t n_routes;
	struct segment_pair *segments; /* proven by a probe frame */
	size_t n_segments;
	struct fact_counters counters;
	struct fact_queues queues;
	struct fact_sysctls sysctls;
	struct fact_defrag defrag;
	struct fact_agent agent;
	/* What could not be looked at, a sentence each: the report says so. */
	char notes[FACT_NOTES][224];
	size_t n_notes;
};

void facts_init(struct facts *facts);
void facts_free(struct facts *facts);
void facts_note(struct facts *facts, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* NULL when there is none. */
const struct fact_link *facts_link(const struct facts *facts, uint32_t ifindex);
const struct fact_link *facts_link_by_name(const struct facts *facts, const char *name);
const struct fact_managed *facts_managed(const struct facts *facts, uint32_t ifindex);
/* "?" when there is none. */
const char *facts_name(const struct facts *facts, uint32_t ifindex);

/* Is the group joined on this NIC that faces the stack, or on one whose frames come through it? */
const struct fact_member *facts_member(const struct facts *facts, uint8_t family,
				       const uint8_t *group, uint32_t hook);
/* The policy in force for a packet: the longest prefix, and a source before any. NULL: none. */
const struct group *facts_policy(const struct facts *facts, uint8_t family, const uint8_t *group,
				 const uint8_t *source);
/* Does the policy allow a NIC that faces the stack, by its own name or that of a link on it? */
bool facts_allows(const struct facts *facts, const struct group *policy, uint32_t hook);

static inline size_t address_len(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}
/* As numbers and dots or colons; buf of ADDRESS_TEXT bytes; returns buf. */
#define ADDRESS_TEXT 48
const char *address_text(uint8_t family, const uint8_t *address, char *buf);
#define ADDRESS(family, address) address_text((family), (address), (char[ADDRESS_TEXT]){ 0 })

/* Groups that every host has, and that no router forwards: 224.0.0.0/24, ff01::/16, ff02::/16. */
bool group_is_local(uint8_t family, const uint8_t *group);

#endif
