// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands before the packet: time, NIC, and what was decided. */
#include <net/if.h>
#include <time.h>

#include "config/text.h"
#include "decision.h"
#include "packet_line.h"
#include "packet_text.h"

#define NSEC 1000000000

static void add_time(struct line *line, uint64_t time)
{
	time_t seconds = time / NSEC;
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		line_add(line, "%02d:%02d:%02d.%09u", tm.tm_hour, tm.tm_min, tm.tm_sec,
			 (unsigned int)(time % NSEC));
}

static void add_decision(struct line *line, const struct xdpfrag_captured *record)
{
	char policy[DECISION_TEXT], reason[32];
	bool matched = decision_policy(record, policy, sizeof(policy));

	decision_reason(record, reason, sizeof(reason));
	line_add(line, " %-*s %s", DECISION_WIDTH, decision_verdict(record),
		 matched ? policy : "-");
	if (*reason)
		line_add(line, " (%s)", reason);
}

size_t packet_line(char *buf, size_t size, const struct packet_line *packet)
{
	char nic[4 * IFNAMSIZ];
	struct line line;

	line_begin(&line, buf, size);
	text_escape(nic, sizeof(nic), packet->nic);
	add_time(&line, packet->time);
	line_add(&line, " %-*s", packet->nic_width, nic);
	add_decision(&line, packet->record);
	line_add(&line, packet->record->inner ? " inner " : " ");
	packet_text(&line, packet->view);
	return line.used;
}
