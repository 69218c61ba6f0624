// SPDX-License-Identifier: GPL-2.0-or-later
/* The slow and plain judge of frames that the steer program is held against. */
#include <linux/bpf.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "steer_reference.h"

enum found { FOUND_OTHER, FOUND_WHOLE, FOUND_FRAGMENT, FOUND_FAULT };

struct seen {
	enum found found;
	enum xdpfrag_reason fault; /* FOUND_FAULT */
	int family;
	unsigned int tags;
	const uint8_t *ip, *source, *group;
	/* FOUND_FRAGMENT */
	uint32_t id;
	unsigned int offset, len, proto;
	bool more;
};

static struct seen fault(enum xdpfrag_reason reason)
{
	return (struct seen){ .found = FOUND_FAULT, .fault = reason };
}

static unsigned int get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static struct seen see_ipv4(const uint8_t *ip, size_t len, bool want_whole)
{
	struct seen seen = { .found = FOUND_OTHER, .family = AF_INET };
	unsigned int header, total;
	bool fragment;

	if (len < 20)
		return fault(XDPFRAG_TRUNCATED);
	fragment = (ip[6] & 0x20) || (get16(ip + 6) & 0x1fff);
	if (ip[16] < 224 || ip[16] > 239 || (!fragment && !want_whole))
		return seen;
	header = (ip[0] & 15) * 4;
	total = get16(ip + 2);
	if (ip[0] >> 4 != 4 || header < 20 || total < header)
		return fault(XDPFRAG_MALFORMED);
	if (total > len)
		return fault(XDPFRAG_TRUNCATED);
	seen.found = fragment ? FOUND_FRAGMENT : FOUND_WHOLE;
	seen.ip = ip;
	seen.source = ip + 12;
	seen.group = ip + 16;
	seen.id = get16(ip + 4);
	seen.more = ip[6] & 0x20;
	seen.offset = 8 * (get16(ip + 6) & 0x1fff);
	seen.proto = ip[9];
	seen.len = total - header;
	return seen;
}

/* Of an extension header that may stand before the fragment header; 0: it is none. */
static unsigned int extension_len(unsigned int type, const uint8_t *at)
{
	switch (type) {
	case 0:	 /* hop-by-hop options */
	case 43: /* routing */
	case 60: /* destination options */
		return 8 + 8 * at[1];
	case 51: /* authentication */
		return 8 + 4 * at[1];
	default:
		return 0;
	}
}

static struct seen see_ipv6(const uint8_t *ip, size_t len, bool want_whole)
{
	struct seen seen = { .found = FOUND_OTHER, .family = AF_INET6 };
	static const uint8_t none[8];
	unsigned int payload, at = 0, depth = 0, type;
	bool extended;

	if (len < 40)
		return fault(XDPFRAG_TRUNCATED);
	type = ip[6];
	extended = type == 44 || extension_len(type, none);
	if (ip[24] != 0xff || (!extended && !want_whole))
		return seen;
	if (ip[0] >> 4 != 6)
		return fault(XDPFRAG_MALFORMED);
	payload = get16(ip + 4);
	if (40 + payload > len)
		return fault(XDPFRAG_TRUNCATED);

	seen.found = FOUND_WHOLE;
	seen.ip = ip;
	seen.source = ip + 8;
	seen.group = ip + 24;
	while (type != 44) {
		const uint8_t *header = ip + 40 + at;

		if (!extension_len(type, none))
			break;
		if (++depth > 8)
			return fault(XDPFRAG_TOO_DEEP);
		if (payload - at < 8 || payload - at < extension_len(type, header))
			return fault(XDPFRAG_MALFORMED);
		at += extension_len(type, header);
		type = header[0];
	}
	if (type == 44) {
		const uint8_t *header = ip + 40 + at;

		if (payload - at < 8)
			return fault(XDPFRAG_MALFORMED);
		if (header[3] & 1 || get16(header + 2) >> 3)
			seen.found = FOUND_FRAGMENT;
		seen.proto = header[0];
		seen.offset = 8 * (get16(header + 2) >> 3);
		seen.more = header[3] & 1;
		seen.id = (uint32_t)get16(header + 4) << 16 | get16(header + 6);
		seen.len = payload - at - 8;
	}
	if (seen.found == FOUND_WHOLE && !want_whole)
		seen.found = FOUND_OTHER;
	return seen;
}

static bool is_tag(unsigned int proto)
{
	return proto == 0x8100 || proto == 0x88a8;
}

static struct seen see(const uint8_t *frame, size_t len, bool want_whole)
{
	unsigned int proto, tags = 0;
	struct seen seen = { .found = FOUND_OTHER };
	size_t at = 14;

	if (len < 14)
		return fault(XDPFRAG_TRUNCATED);
	proto = get16(frame + 12);
	while (is_tag(proto)) {
		if (++tags > 2)
			return fault(XDPFRAG_TOO_DEEP);
		if (at + 4 > len)
			return fault(XDPFRAG_TRUNCATED);
		proto = get16(frame + at + 2);
		at += 4;
	}
	if (proto == 0x0800)
		seen = see_ipv4(frame + at, len - at, want_whole);
	if (proto == 0x86dd)
		seen = see_ipv6(frame + at, len - at, want_whole);
	seen.tags = tags;
	return seen;
}

static bool in_prefix(const uint8_t *address, const uint8_t *prefix, unsigned int len)
{
	unsigned int bit;

	for (bit = 0; bit < len; bit++)
		if ((address[bit / 8] ^ prefix[bit / 8]) >> (7 - bit % 8) & 1)
			return false;
	return true;
}

/* The longest prefix first; among equals the one with a source. */
static const struct rig_policy *find(const struct reference *reference, const struct seen *seen)
{
	static const uint8_t any[16];
	size_t size = seen->family == AF_INET ? 4 : 16, i;
	const struct rig_policy *best = NULL;
	unsigned int best_rank = 0;

	for (i = 0; i < reference->n; i++) {
		const struct rig_policy *policy = &reference->policies[i];
		bool has_source = memcmp(policy->source, any, size) != 0;
		unsigned int rank = 2 * policy->policy.len + has_source;

		if (policy->family != seen->family || rank <= best_rank ||
		    !in_prefix(seen->group, policy->group, policy->policy.len) ||
		    (has_source && memcmp(seen->source, policy->source, size) != 0))
			continue;
		best = policy;
		best_rank = rank;
	}
	return best;
}

/* Behind two tags nobody looks for the datagram's other fragments. */
static bool goes_to_socket(const struct reference *reference, const struct xdpfrag_policy *policy,
			   const struct seen *seen)
{
	return reference->socket && policy->flags & XDPFRAG_F_REASSEMBLE &&
	       !(policy->flags & XDPFRAG_F_OUT_OF_USE) && seen->found == FOUND_FRAGMENT &&
	       seen->tags < 2;
}

static void carry_out(const struct reference *reference, const struct xdpfrag_policy *policy,
		      const struct seen *seen, struct judgement *judgement)
{
	judgement->counted = true;
	judgement->row = policy->row;
	judgement->verdict = XDPFRAG_PASSED;
	judgement->action = XDP_PASS;
	if (policy->row >= reference->sizes.rows) {
		judgement->counted = false;
		judgement->reasons[XDPFRAG_UNCOUNTED]++;
	}
	if (goes_to_socket(reference, policy, seen)) {
		judgement->verdict = XDPFRAG_REASSEMBLED;
		judgement->action = XDP_REDIRECT;
		return;
	}
	if (policy->allowed & 1ULL << reference->sizes.link_slot ||
	    policy->flags & XDPFRAG_F_OUT_OF_USE)
		return;
	if (policy->wrong == XDPFRAG_WRONG_OBSERVE) {
		judgement->verdict = XDPFRAG_OBSERVED;
	} else if (policy->wrong == XDPFRAG_WRONG_DROP) {
		judgement->verdict = XDPFRAG_DROPPED;
		judgement->action = XDP_DROP;
	} else if (reference->targets[policy->redirect]) {
		judgement->verdict = XDPFRAG_REDIRECTED;
		judgement->action = XDP_REDIRECT;
	} else {
		judgement->reasons[XDPFRAG_REDIRECT_ABSENT]++;
	}
}

/* Of the first tag, if there is one. */
static unsigned int vlan_of(const uint8_t *frame)
{
	return is_tag(get16(frame + 12)) ? get16(frame + 14) % 4096 : 0;
}

static void make_event(const struct reference *reference, const struct seen *seen,
		       const uint8_t *frame, size_t len, struct judgement *judgement)
{
	size_t size = seen->family == AF_INET ? 4 : 16;

	judgement->told = true;
	judgement->event = (struct xdpfrag_event){
		.slot = reference->sizes.link_slot,
		.row = XDPFRAG_ROW_DELETED,
		.family = seen->family,
		.verdict = XDPFRAG_NO_VERDICT,
		.proto = seen->proto,
		.more = seen->more,
		.offset = seen->offset,
		.len = seen->len,
		.id = seen->id,
		.vlan = vlan_of(frame),
		.frame_len = len < 65535 ? len : 65535,
	};
	memcpy(judgement->event.group, seen->group, size);
	memcpy(judgement->event.source, seen->source, size);
}

/* The n-th of the allowed links, counted from 0, changes the bits that n has, from the top. */
static uint16_t change_for(uint64_t allowed, uint32_t slot)
{
	unsigned int n = 0, i;
	uint16_t change = 0;

	for (i = 0; i < slot; i++)
		if (allowed & 1ULL << i)
			n++;
	for (i = 0x8000; n; i /= 2, n /= 2)
		if (n % 2)
			change += i;
	return change;
}

/* A policy that was not asked about this packet is none. */
static struct xdpfrag_captured make_record(const struct reference *reference,
					   const struct rig_policy *policy, uint8_t verdict,
					   uint8_t reason)
{
	struct xdpfrag_captured record = { .slot = reference->sizes.link_slot,
					   .verdict = verdict,
					   .reason = reason };

	if (policy) {
		record.policy_family = policy->family;
		record.policy_len = policy->policy.len;
		memcpy(record.policy_group, policy->group, 16);
		memcpy(record.policy_source, policy->source, 16);
	}
	return record;
}

struct judgement reference_judge(const struct reference *reference, const uint8_t *frame,
				 size_t len)
{
	struct seen seen = see(frame, len, reference->sizes.scope_all);
	struct judgement judgement = { .action = XDP_PASS };
	const struct rig_policy *policy;

	judgement.record = make_record(reference, NULL, XDPFRAG_NO_VERDICT, XDPFRAG_NO_REASON);
	if (seen.found == FOUND_FAULT) {
		judgement.reasons[seen.fault]++;
		judgement.record.reason = seen.fault;
		return judgement;
	}
	if (seen.found == FOUND_OTHER || !(reference->links >> reference->sizes.link_slot & 1))
		return judgement;
	if (seen.found == FOUND_FRAGMENT)
		make_event(reference, &seen, frame, len, &judgement);
	policy = find(reference, &seen);
	if (!policy) {
		if (seen.found == FOUND_FRAGMENT) {
			judgement.reasons[XDPFRAG_NO_POLICY]++;
			judgement.record.reason = XDPFRAG_NO_POLICY;
		}
		return judgement;
	}
	if (seen.found == FOUND_FRAGMENT || policy->policy.flags & XDPFRAG_F_SCOPE_ALL) {
		carry_out(reference, &policy->policy, &seen, &judgement);
		/* With no target there, the verdict alone would look like an allowed link's. */
		judgement.record = make_record(reference, policy, judgement.verdict,
					       judgement.reasons[XDPFRAG_REDIRECT_ABSENT]
						       ? XDPFRAG_REDIRECT_ABSENT
						       : XDPFRAG_NO_REASON);
	}
	judgement.event.row = policy->policy.row;
	judgement.event.verdict = judgement.verdict;
	if (seen.found == FOUND_FRAGMENT && seen.family == AF_INET &&
	    judgement.verdict != XDPFRAG_REASSEMBLED && policy->policy.flags & XDPFRAG_F_APART &&
	    policy->policy.allowed & 1ULL << reference->sizes.link_slot) {
		judgement.id_at = seen.ip + 4 - frame;
		judgement.id_change =
			change_for(policy->policy.allowed, reference->sizes.link_slot);
	}
	return judgement;
}
