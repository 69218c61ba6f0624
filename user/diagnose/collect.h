/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filling in struct facts from the kernel, a file for each source. Nothing here
 * changes anything. What cannot be read becomes a note, and the facts that depend
 * on it stay unknown.
 */
#ifndef XDPFRAG_COLLECT_H
#define XDPFRAG_COLLECT_H

#include <stdio.h>

#include "diagnose/facts.h"
#include "netstate/links.h"

/* collect_proc.c: the calling thread's network namespace. 0 or negative errno. */
int collect_counters(struct fact_counters *counters);
void counters_since(struct fact_counters *after, const struct fact_counters *before);
/* IPv4 datagrams that wait for fragments, and the bytes that all of them hold. */
int collect_queues(uint64_t *waiting, uint64_t *memory);
void collect_sysctls(struct facts *facts);
int64_t read_sysctl(const char *name); /* below /proc/sys; UNKNOWN when it is not there */

/* What they read from; in the tables of snmp and netstat a header line names the columns. */
void parse_counters(FILE *file, struct fact_counters *counters);
void parse_counters6(FILE *file, struct fact_counters *counters);
bool parse_queues(FILE *file, uint64_t *waiting, uint64_t *memory);

/* collect_links.c: links, offloads, holders, rp_filter. `before`: at the sample's beginning. */
int collect_links(struct facts *facts, const struct links *before);

/* collect_groups.c: memberships, and the ways back to sources and peers. */
int collect_members(struct facts *facts);
void collect_paths(struct facts *facts);
/* collect_routes.c */
int collect_routes(struct facts *facts);

/* collect_defrag.c, with those that it asks. */
void collect_defrag(struct fact_defrag *defrag);
void defrag_add(struct fact_defrag *defrag, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* collect_hooks.c: the hooks of IPv4's prerouting. -EOPNOTSUPP: this kernel does not list them. */
int collect_hooks(struct fact_defrag *defrag, bool *found);
/* collect_nft.c, collect_iptables.c: rules that want conntrack or TPROXY; how many, or errno. */
int collect_nft(struct fact_defrag *defrag);
int collect_iptables(struct fact_defrag *defrag);
/* A match or target of iptables that makes the kernel put datagrams together? */
bool xtables_wants_defrag(const char *name);

#endif
