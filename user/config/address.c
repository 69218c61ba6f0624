// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Groups and sources as text: GROUP[/LEN] and the ADDR of `source ADDR`.
 *
 * A policy for an address that can never be a packet's destination, or its
 * source, would sit there and do nothing: such an address is refused with the
 * reason, rather than taken in silence.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "statement.h"

#define GROUP_WORD "GROUP[/LEN]"
#define ADDR_WORD  "a unicast address"

static const struct family families[] = {
	{ AF_INET, "IPv4", "224.0.0.0/4", 32, 4 },
	{ AF_INET6, "IPv6", "ff00::/8", 128, 8 },
};

const struct family *family_of(int id)
{
	return &families[id == AF_INET6];
}

/* inet_pton() itself refuses leading zeros, short forms ("239.1") and zones ("%eth0"). */
const struct family *address_parse(const char *word, size_t len, uint8_t bytes[16])
{
	char text[INET6_ADDRSTRLEN];

	if (len >= sizeof(text))
		return NULL;
	memcpy(text, word, len);
	text[len] = '\0';
	memset(bytes, 0, 16);
	for (size_t i = 0; i < 2; i++)
		if (inet_pton(families[i].id, text, bytes) == 1)
			return &families[i];
	return NULL;
}

bool address_is_multicast(const struct family *family, const uint8_t *bytes)
{
	return family->id == AF_INET ? (bytes[0] & 0xf0) == 0xe0 : bytes[0] == 0xff;
}

bool address_clear_host_bits(uint8_t bytes[16], unsigned int len)
{
	bool any = false;

	for (unsigned int i = len / 8; i < 16; i++) {
		uint8_t mask = i == len / 8 ? 0xff >> len % 8 : 0xff;

		any = any || (bytes[i] & mask);
		bytes[i] &= ~mask;
	}
	return any;
}

/* Decimal digits without a leading zero; 0: not a number that could be a length. */
static unsigned int length_parse(const char *text)
{
	unsigned int len = 0;

	if (text[0] == '0' || strlen(text) > 3)
		return 0;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return 0;
		len = len * 10 + (*text - '0');
	}
	return len;
}

int address_refuse(const char *word, const char *expected, struct report *rep)
{
	if (strchr(word, '%'))
		return report_usage(rep, word, expected,
				    "%s has a zone, but NICs are a word of their own",
				    REPORT_QUOTE(word));
	return report_usage(rep, word, expected, "%s is not an IPv4 or IPv6 address",
			    REPORT_QUOTE(word));
}

int address_len_parse(uint8_t *len, const struct family *family, unsigned int min_len,
		      const char *word, const char *text, struct report *rep)
{
	char expected[64];
	unsigned int parsed = length_parse(text);

	snprintf(expected, sizeof(expected), "a prefix length of %u to %u", min_len, family->bits);
	if (parsed == 0 && strcmp(text, "0"))
		return report_usage(rep, word, expected, "%s has no valid prefix length",
				    REPORT_QUOTE(word));
	if (parsed > family->bits)
		return report_usage(rep, word, expected, "%s has a prefix length over %u",
				    REPORT_QUOTE(word), family->bits);
	/* Only prefixes of groups have a least length. */
	if (parsed < min_len)
		return report_usage(rep, word, expected,
				    "%s holds more than multicast groups, which are %s",
				    REPORT_QUOTE(word), family->multicast);
	*len = parsed;
	return 0;
}

static int prefix_parse(struct group_key *key, const struct family *family, const char *word,
			const char *text, struct report *rep)
{
	char right[64];
	int err = address_len_parse(&key->len, family, family->min_len, word, text, rep);

	if (err)
		return err;
	if (address_clear_host_bits(key->group, key->len))
		return report_usage(rep, word, GROUP_WORD, "%s has host bits set; did you mean %s",
				    REPORT_QUOTE(word), group_key_text(key, right, sizeof(right)));
	return 0;
}

int group_key_parse(struct group_key *key, const char *word, struct report *rep)
{
	const char *slash = strchrnul(word, '/');
	struct group_key parsed = { 0 };
	const struct family *family;
	int err;

	family = address_parse(word, slash - word, parsed.group);
	if (!family)
		return address_refuse(word, GROUP_WORD, rep);
	if (!address_is_multicast(family, parsed.group))
		return report_usage(rep, word, GROUP_WORD,
				    "%s is not a multicast group; those of %s are %s",
				    REPORT_QUOTE(word), family->name, family->multicast);
	parsed.family = family->id;
	parsed.len = family->bits;
	if (*slash) {
		err = prefix_parse(&parsed, family, word, slash + 1, rep);
		if (err)
			return err;
	}
	*key = parsed;
	return 0;
}

/* What an address is that no host can have; NULL: one can. */
static const char *unicast_fault(const struct family *family, const uint8_t bytes[16])
{
	static const uint8_t zero[16], broadcast[4] = { 255, 255, 255, 255 };

	if (!memcmp(bytes, zero, 16))
		return "the unspecified address";
	if (address_is_multicast(family, bytes))
		return "a multicast group";
	if (family->id == AF_INET && !memcmp(bytes, broadcast, 4))
		return "the broadcast address";
	return NULL;
}

const struct family *address_unicast_parse(const char *what, const char *word, uint8_t bytes[16],
					   struct report *rep)
{
	const struct family *family = address_parse(word, strlen(word), bytes);
	const char *fault = family ? unicast_fault(family, bytes) : NULL;

	if (family && !fault)
		return family;
	if (fault)
		report_usage(rep, word, ADDR_WORD,
			     "%s is %s, which is never a %s; without one, any is meant",
			     REPORT_QUOTE(word), fault, what);
	else if (strchr(word, '/'))
		report_usage(rep, word, ADDR_WORD, "%s is a prefix, but a %s is one address",
			     REPORT_QUOTE(word), what);
	else
		address_refuse(word, ADDR_WORD, rep);
	return NULL;
}

int group_source_parse(struct group_key *key, const char *word, struct report *rep)
{
	const struct family *family, *wanted = family_of(key->family);
	uint8_t bytes[16];
	char group[64];

	family = address_unicast_parse("source", word, bytes, rep);
	if (!family)
		return -EINVAL;
	if (family != wanted)
		return report_usage(rep, word, ADDR_WORD, "%s is %s, but the group %s is %s",
				    REPORT_QUOTE(word), family->name,
				    group_key_text(key, group, sizeof(group)), wanted->name);
	memcpy(key->source, bytes, sizeof(key->source));
	key->has_source = true;
	return 0;
}

const char *group_key_text(const struct group_key *key, char *buf, size_t len)
{
	size_t used;

	if (!inet_ntop(key->family, key->group, buf, len)) {
		buf[0] = '\0';
		return buf;
	}
	used = strlen(buf);
	if (key->len < family_of(key->family)->bits)
		snprintf(buf + used, len - used, "/%u", key->len);
	return buf;
}

const char *group_source_text(const struct group_key *key, char *buf, size_t len)
{
	if (!key->has_source || !inet_ntop(key->family, key->source, buf, len))
		buf[0] = '\0';
	return buf;
}

const char *group_key_words(const struct group_key *key, char *buf, size_t len)
{
	char group[64], source[64];

	group_key_text(key, group, sizeof(group));
	group_source_text(key, source, sizeof(source));
	snprintf(buf, len, "%s%s%s", group, key->has_source ? " source " : "", source);
	return buf;
}
