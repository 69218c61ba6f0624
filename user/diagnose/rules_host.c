// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules about the sysctls of reassembly. A value that differs from the default is
 * no finding by itself; one with which datagrams are bound to be lost is.
 */
#include <inttypes.h>

#include "diagnose/rules.h"

#define DATAGRAM_MEMORY 131072 /* bytes that 45 fragments of a datagram of 64 KiB take, about */
#define TIME_LONG	120    /* seconds: four times the default */
#define DIST_SHORT	8      /* datagrams; the default is 64 */

static void high_thresh(const struct facts *facts, struct findings *findings)
{
	int64_t limit = facts->sysctls.ipfrag_high_thresh;
	struct finding *finding;

	if (limit == UNKNOWN || limit >= DATAGRAM_MEMORY)
		return;
	finding = finding_add(findings, "ipfrag-high-thresh",
			      facts->counters.reasm_reqds ? SEVERITY_FAULT : SEVERITY_WARNING,
			      "Large datagrams find no memory to be put together in");
	evidence(finding,
		 "net.ipv4.ipfrag_high_thresh is %" PRId64 " bytes, and one datagram of 64 KiB in "
		 "fragments of 1,500 takes about %d; %" PRIu64 " fragments came in %.1f s",
		 limit, DATAGRAM_MEMORY, facts->counters.reasm_reqds, facts->seconds);
	remedy(finding, "sysctl -w net.ipv4.ipfrag_high_thresh=4194304");
}

static void timeout(const struct facts *facts, struct findings *findings)
{
	int64_t seconds = facts->sysctls.ipfrag_time;
	struct finding *finding;

	if (seconds == UNKNOWN || (seconds > 0 && seconds <= TIME_LONG))
		return;
	finding = finding_add(findings, "ipfrag-time", SEVERITY_WARNING,
			      seconds ? "Fragments wait very long for the rest"
				      : "Fragments do not wait for the rest");
	if (seconds)
		evidence(finding,
			 "net.ipv4.ipfrag_time is %" PRId64 " s: a sender uses its 65,536 IP ids "
			 "again within that time, and parts of two datagrams are put together",
			 seconds);
	else
		evidence(finding,
			 "net.ipv4.ipfrag_time is 0: a datagram is lost whose fragments do "
			 "not all come at once");
	remedy(finding, "sysctl -w net.ipv4.ipfrag_time=30");
}

static void max_dist(const struct facts *facts, struct findings *findings)
{
	int64_t dist = facts->sysctls.ipfrag_max_dist;
	struct finding *finding;

	if (dist <= 0 || dist >= DIST_SHORT)
		return;
	finding = finding_add(findings, "ipfrag-max-dist", SEVERITY_WARNING,
			      "Datagrams that come in interleaved are given up");
	evidence(finding,
		 "net.ipv4.ipfrag_max_dist is %" PRId64
		 ": a datagram is given up when a source has "
		 "begun that many others meanwhile, and the default is 64",
		 dist);
	remedy(finding, "sysctl -w net.ipv4.ipfrag_max_dist=64");
}

void rule_ipfrag_sysctls(const struct facts *facts, struct findings *findings)
{
	high_thresh(facts, findings);
	timeout(facts, findings);
	max_dist(facts, findings);
}
