// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a frame, captured whole and in part: what is said of it never
 * contradicts itself, and less of a frame tells less, never something else.
 */
#include <string.h>
#include <sys/socket.h>

#include "diagnose/observe.h"
#include "fuzz.h"

#define PADDING 12 /* of an IPv4 address in its field */

static void check(const struct observation *seen, size_t len)
{
	static const struct observation nothing;
	static const uint8_t zeros[PADDING];
	bool ipv4 = seen->family == AF_INET;

	if (!seen->family) {
		must(!memcmp(seen, &nothing, sizeof(nothing)), "something of no packet");
		return;
	}
	must(ipv4 || seen->family == AF_INET6, "a family of its own");
	must(seen->length >= (ipv4 ? 20 : 40), "a packet shorter than its header");
	must(seen->length + 14 <= len, "a packet longer than its frame");
	must(!ipv4 || (!memcmp(seen->source + 4, zeros, PADDING) &&
		       !memcmp(seen->destination + 4, zeros, PADDING)),
	     "something behind an IPv4 address");
	must(seen->multicast ==
		     (ipv4 ? seen->destination[0] >> 4 == 0xe : seen->destination[0] == 0xff),
	     "multicast, and its address is not, or the other way round");
	must(!seen->query || !seen->fragment, "a query in a fragment");
	must(!seen->query || !seen->mss, "a query and a SYN");
}

/* `part` is of the same frame as `whole`, with fewer bytes captured. */
static void check_part(const struct observation *part, const struct observation *whole)
{
	if (!part->family)
		return;
	must(part->family == whole->family && part->length == whole->length &&
		     part->multicast == whole->multicast &&
		     !memcmp(part->source, whole->source, 16) &&
		     !memcmp(part->destination, whole->destination, 16),
	     "another packet where less of it was captured");
	must(!part->fragment || whole->fragment, "a fragment only in part");
	must(!part->query || whole->query, "a query only in part");
	must(!part->mss || part->mss == whole->mss, "another MSS in part");
}

/* In memory of its own size, so that a read behind the end is found. */
static struct observation observed(const uint8_t *data, size_t captured, size_t len)
{
	uint8_t *copy = malloc(captured ? captured : 1);
	struct observation seen;

	must(copy, "memory");
	memcpy(copy, data, captured);
	memset(&seen, 0xa5, sizeof(seen));
	observe(&seen, copy, captured, len);
	free(copy);
	check(&seen, len);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct observation whole = observed(data, size, size), part, longer;
	size_t captured;

	for (captured = 0; captured < size; captured += 1 + captured / 16) {
		part = observed(data, captured, size);
		check_part(&part, &whole);
	}
	/* What lies behind the capture, as in a long frame. */
	longer = observed(data, size, size + 2000);
	if (whole.family)
		check_part(&whole, &longer);
	return 0;
}
