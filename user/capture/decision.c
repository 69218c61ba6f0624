// SPDX-License-Identifier: GPL-2.0-or-later
/* A captured frame's verdict, policy and reason. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "config/statement.h"
#include "config/verdicts.h"
#include "decision.h"

const char *decision_verdict(const struct xdpfrag_captured *record)
{
	return verdict_names[record->verdict < XDPFRAG_VERDICTS ? record->verdict : XDPFRAG_PASSED];
}

bool decision_policy(const struct xdpfrag_captured *record, char *buf, size_t size)
{
	static const uint8_t any[16];
	struct group_key key = { .family = record->policy_family, .len = record->policy_len };

	buf[0] = '\0';
	if (key.family != AF_INET && key.family != AF_INET6)
		return false;
	memcpy(key.group, record->policy_group, sizeof(key.group));
	memcpy(key.source, record->policy_source, sizeof(key.source));
	key.has_source = memcmp(key.source, any, sizeof(any));
	group_key_words(&key, buf, size);
	return true;
}

/* The keys of the JSON, of words: "no_policy" is "no policy". */
const char *decision_reason(const struct xdpfrag_captured *record, char *buf, size_t size)
{
	char *at;

	buf[0] = '\0';
	if (record->reason < XDPFRAG_REASONS)
		snprintf(buf, size, "%s", reason_names[record->reason]);
	for (at = buf; *at; at++)
		if (*at == '_')
			*at = ' ';
	return buf;
}

/* A redirect to a link that is absent has a policy, and a reason why it was passed. */
void decision_text(const struct xdpfrag_captured *record, char *buf, size_t size)
{
	const char *verdict = decision_verdict(record);
	char policy[DECISION_TEXT], reason[32];
	bool matched = decision_policy(record, policy, sizeof(policy));

	decision_reason(record, reason, sizeof(reason));
	if (!matched)
		snprintf(buf, size, "%s, %s", verdict, *reason ? reason : "no policy");
	else
		snprintf(buf, size, "%s: %s%s%s", verdict, policy, *reason ? ", " : "", reason);
}

/* REASSEMBLED: handed to an AF_XDP socket, which is a redirect (xdp/steer.bpf.c). */
enum xdp_action decision_action(const struct xdpfrag_captured *record)
{
	switch (record->verdict) {
	case XDPFRAG_DROPPED:
		return XDP_DROP;
	case XDPFRAG_REDIRECTED:
	case XDPFRAG_REASSEMBLED:
		return XDP_REDIRECT;
	default:
		return XDP_PASS;
	}
}
