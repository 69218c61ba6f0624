// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts from /proc: the stack's counters, fragment queues and sysctls. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/collect.h"

/* /proc/net is the process's main thread's. */
#define PROC_NET "/proc/thread-self/net/"
#define LINE	 8192 /* TcpExt has more than 130 columns */

struct column {
	const char *table; /* "Ip:" */
	const char *name;
	size_t offset; /* into struct fact_counters */
};

#define COLUMN(table, name, member)                                 \
	{                                                           \
		table, name, offsetof(struct fact_counters, member) \
	}
static const struct column columns[] = {
	COLUMN("Ip:", "ReasmReqds", reasm_reqds),
	COLUMN("Ip:", "ReasmOKs", reasm_oks),
	COLUMN("Ip:", "ReasmFails", reasm_fails),
	COLUMN("Ip:", "ReasmTimeout", reasm_timeout),
	COLUMN("IpExt:", "ReasmOverlaps", reasm_overlaps),
	COLUMN("TcpExt:", "IPReversePathFilter", rp_filtered),
	COLUMN(NULL, "Ip6ReasmReqds", reasm6_reqds),
	COLUMN(NULL, "Ip6ReasmOKs", reasm6_oks),
	COLUMN(NULL, "Ip6ReasmFails", reasm6_fails),
	COLUMN(NULL, "Ip6ReasmTimeout", reasm6_timeout),
};

static uint64_t *member_of(struct fact_counters *counters, const struct column *column)
{
	return (uint64_t *)((char *)counters + column->offset);
}

static void take(struct fact_counters *counters, const char *table, const char *name,
		 const char *value)
{
	size_t i;

	for (i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (!strcmp(columns[i].name, name) &&
		    (table ? columns[i].table && !strcmp(columns[i].table, table)
			   : !columns[i].table))
			*member_of(counters, &columns[i]) = strtoull(value, NULL, 10);
}

/* A line of names, and below it one of values; both begin with the table's name. */
static void take_pair(struct fact_counters *counters, char *names, char *values)
{
	char *name_end, *value_end;
	char *table = strtok_r(names, " \n", &name_end);
	char *also = strtok_r(values, " \n", &value_end);
	char *name, *value;

	if (!table || !also || strcmp(table, also))
		return;
	while ((name = strtok_r(NULL, " \n", &name_end)) &&
	       (value = strtok_r(NULL, " \n", &value_end)))
		take(counters, table, name, value);
}

void parse_counters(FILE *file, struct fact_counters *counters)
{
	char names[LINE], values[LINE];

	while (fgets(names, sizeof(names), file) && fgets(values, sizeof(values), file))
		take_pair(counters, names, values);
}

void parse_counters6(FILE *file, struct fact_counters *counters)
{
	char name[64], value[32];

	while (fscanf(file, "%63s %31s", name, value) == 2)
		take(counters, NULL, name, value);
}

int collect_counters(struct fact_counters *counters)
{
	static const struct {
		const char *path;
		void (*parse)(FILE *file, struct fact_counters *counters);
		bool may_miss; /* without IPv6 */
	} files[] = {
		{ PROC_NET "snmp", parse_counters, false },
		{ PROC_NET "netstat", parse_counters, false },
		{ PROC_NET "snmp6", parse_counters6, true },
	};
	size_t i;

	memset(counters, 0, sizeof(*counters));
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		FILE *file = fopen(files[i].path, "re");

		if (!file && files[i].may_miss && errno == ENOENT)
			continue;
		if (!file)
			return -errno;
		files[i].parse(file, counters);
		fclose(file);
	}
	return 0;
}

void counters_since(struct fact_counters *after, const struct fact_counters *before)
{
	struct fact_counters start = *before;
	size_t i;

	for (i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		uint64_t *now = member_of(after, &columns[i]);
		uint64_t then = *member_of(&start, &columns[i]);

		*now = *now > then ? *now - then : 0;
	}
}

/* "FRAG: inuse 3 memory 24576" */
bool parse_queues(FILE *file, uint64_t *waiting, uint64_t *memory)
{
	char line[256];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "FRAG: inuse %" SCNu64 " memory %" SCNu64, waiting, memory) == 2)
			return true;
	return false;
}

int collect_queues(uint64_t *waiting, uint64_t *memory)
{
	FILE *file = fopen(PROC_NET "sockstat", "re");
	bool found;

	if (!file)
		return -errno;
	found = parse_queues(file, waiting, memory);
	fclose(file);
	return found ? 0 : -EPROTO;
}

int64_t read_sysctl(const char *name)
{
	char path[128];
	int64_t value;
	FILE *file;

	if (snprintf(path, sizeof(path), "/proc/sys/%s", name) >= (int)sizeof(path))
		return UNKNOWN;
	file = fopen(path, "re");
	if (!file)
		return UNKNOWN;
	if (fscanf(file, "%" SCNd64, &value) != 1)
		value = UNKNOWN;
	fclose(file);
	return value;
}

void collect_sysctls(struct facts *facts)
{
	facts->sysctls = (struct fact_sysctls){
		.ipfrag_time = read_sysctl("net/ipv4/ipfrag_time"),
		.ipfrag_high_thresh = read_sysctl("net/ipv4/ipfrag_high_thresh"),
		.ipfrag_max_dist = read_sysctl("net/ipv4/ipfrag_max_dist"),
		.tcp_mtu_probing = read_sysctl("net/ipv4/tcp_mtu_probing"),
		.forwarding4 = read_sysctl("net/ipv4/ip_forward"),
		.forwarding6 = read_sysctl("net/ipv6/conf/all/forwarding"),
	};
	if (facts->sysctls.ipfrag_time == UNKNOWN)
		facts_note(facts, "the sysctls of net.ipv4 could not be read");
}
