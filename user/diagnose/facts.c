// SPDX-License-Identifier: GPL-2.0-or-later
/* What doctor knows about the host (facts.h): looking it up. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/facts.h"

void facts_init(struct facts *facts)
{
	*facts = (struct facts){
		.sysctls = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN },
	};
}

void facts_free(struct facts *facts)
{
	free(facts->links);
	free(facts->holders);
	free(facts->managed);
	free(facts->settings);
	free(facts->members);
	free(facts->arrivals);
	free(facts->twins);
	free(facts->peers);
	free(facts->routes);
	free(facts->segments);
	facts_init(facts);
}

void facts_note(struct facts *facts, const char *fmt, ...)
{
	va_list args;

	if (facts->n_notes == FACT_NOTES)
		return;
	va_start(args, fmt);
	vsnprintf(facts->notes[facts->n_notes++], sizeof(*facts->notes), fmt, args);
	va_end(args);
}

const struct fact_link *facts_link(const struct facts *facts, uint32_t ifindex)
{
	size_t i;

	for (i = 0; i < facts->n_links; i++)
		if (facts->links[i].ifindex == ifindex)
			return &facts->links[i];
	return NULL;
}

const struct fact_link *facts_link_by_name(const struct facts *facts, const char *name)
{
	size_t i;

	for (i = 0; i < facts->n_links; i++)
		if (!strcmp(facts->links[i].name, name))
			return &facts->links[i];
	return NULL;
}

const struct fact_managed *facts_managed(const struct facts *facts, uint32_t ifindex)
{
	size_t i;

	for (i = 0; i < facts->n_managed; i++)
		if (facts->managed[i].ifindex == ifindex)
			return &facts->managed[i];
	return NULL;
}

const char *facts_name(const struct facts *facts, uint32_t ifindex)
{
	const struct fact_link *link = facts_link(facts, ifindex);

	return link ? link->name : "?";
}

const struct fact_member *facts_member(const struct facts *facts, uint8_t family,
				       const uint8_t *group, uint32_t hook)
{
	size_t i;

	for (i = 0; i < facts->n_members; i++) {
		const struct fact_member *member = &facts->members[i];

		if (member->hook == hook && member->family == family &&
		    !memcmp(member->group, group, address_len(family)))
			return member;
	}
	return NULL;
}

static void keep_bits(uint8_t *address, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		unsigned int bits = len > i * 8 ? len - i * 8 : 0;

		if (bits < 8)
			address[i] &= bits ? 0xff << (8 - bits) : 0;
	}
}

const struct group *facts_policy(const struct facts *facts, uint8_t family, const uint8_t *group,
				 const uint8_t *source)
{
	struct group_key key = { .family = family };
	unsigned int len;

	if (!facts->policy)
		return NULL;
	for (len = 8 * address_len(family); len >= 4; len--) {
		const struct group *found;

		memset(key.group, 0, sizeof(key.group));
		memcpy(key.group, group, address_len(family));
		keep_bits(key.group, len);
		key.len = len;
		key.has_source = true;
		memset(key.source, 0, sizeof(key.source));
		memcpy(key.source, source, address_len(family));
		found = config_find_group(facts->policy, &key);
		if (found)
			return found;
		key.has_source = false;
		memset(key.source, 0, sizeof(key.source));
		found = config_find_group(facts->policy, &key);
		if (found)
			return found;
	}
	return NULL;
}

bool facts_allows(const struct facts *facts, const struct group *policy, uint32_t hook)
{
	int n;

	for (n = 0; n < CONFIG_NICS; n++) {
		const struct fact_link *link;

		if (!(policy->allowed >> n & 1))
			continue;
		link = facts_link_by_name(facts, facts->policy->nics[n]);
		if (link && link->hook == hook)
			return true;
	}
	return false;
}

const char *address_text(uint8_t family, const uint8_t *address, char *buf)
{
	if (!inet_ntop(family, address, buf, ADDRESS_TEXT))
		strcpy(buf, "?");
	return buf;
}

bool group_is_local(uint8_t family, const uint8_t *group)
{
	if (family == AF_INET)
		return group[0] == 224 && !group[1] && !group[2];
	/* The scope is the lower half of the second byte: interface and link (RFC 4291, 2.7). */
	return group[0] == 0xff && (group[1] & 0x0f) <= 2;
}
