// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does the stack put IPv4 datagrams together before it routes them, and at whose
 * wish? A kernel with nfnetlink_hook (5.14 and later, a module with most
 * distributions) lists the very hook, nf_defrag_ipv4 at priority -400. Without it,
 * the rules that ask for conntrack or TPROXY tell.
 *
 * Not seen: packet sockets of a fanout group with PACKET_FANOUT_FLAG_DEFRAG, since
 * packet_diag does not show the flag, and conntrack of Open vSwitch or act_ct.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "diagnose/collect.h"

void defrag_add(struct fact_defrag *defrag, const char *fmt, ...)
{
	va_list args;

	if (defrag->n_by == FACT_TRIGGERS)
		return;
	va_start(args, fmt);
	vsnprintf(defrag->by[defrag->n_by++], sizeof(*defrag->by), fmt, args);
	va_end(args);
}

void collect_defrag(struct fact_defrag *defrag)
{
	bool found = false, exact;
	int64_t entries;

	defrag->n_by = 0;
	exact = !collect_hooks(defrag, &found);
	/* Who is to blame is worth knowing in either case. */
	if (collect_nft(defrag) > 0)
		found = found || !exact;
	if (collect_iptables(defrag) > 0)
		found = found || !exact;
	entries = read_sysctl("net/netfilter/nf_conntrack_count");
	/* No proof: they outlive the rule that asked for them, those of TCP by days. */
	if (entries > 0)
		defrag_add(defrag, "conntrack has %" PRId64 " %s here", entries,
			   entries == 1 ? "entry" : "entries");
	defrag->before_routing = found ? ANSWER_YES : exact ? ANSWER_NO : ANSWER_UNKNOWN;
}
