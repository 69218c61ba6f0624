// SPDX-License-Identifier: GPL-2.0-or-later
/* Which multicast came in on which NIC (arrivals.h). */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "diagnose/arrivals.h"

#define SLOTS  (2 * FACT_ARRIVALS)
#define PROBES 64

struct arrivals {
	uint64_t seed; /* so that a sender cannot choose groups that fall into one place */
	struct fact_arrival arrival[FACT_ARRIVALS];
	size_t n;
	uint16_t slots[SLOTS]; /* 1 + index into arrival; 0: free */
	uint64_t left_out;
};

struct arrivals *arrivals_new(void)
{
	struct arrivals *arrivals = calloc(1, sizeof(*arrivals));

	if (arrivals &&
	    getrandom(&arrivals->seed, sizeof(arrivals->seed), 0) != sizeof(arrivals->seed)) {
		free(arrivals);
		return NULL;
	}
	return arrivals;
}

void arrivals_free(struct arrivals *arrivals)
{
	free(arrivals);
}

/* Multiply and fold, a word at a time. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 32;
}

static uint32_t home_of(const struct arrivals *arrivals, uint32_t ifindex, uint8_t family,
			const uint8_t *group)
{
	uint64_t words[2] = {};

	memcpy(words, group, address_len(family));
	return mix(mix(mix(arrivals->seed, words[0]), words[1]), (uint64_t)family << 32 | ifindex) %
	       SLOTS;
}

static struct fact_arrival *add(struct arrivals *arrivals, uint16_t *slot, uint32_t ifindex,
				uint8_t family, const uint8_t *group)
{
	struct fact_arrival *arrival = &arrivals->arrival[arrivals->n++];

	*slot = arrivals->n;
	arrival->ifindex = ifindex;
	arrival->family = family;
	memcpy(arrival->group, group, address_len(family));
	return arrival;
}

struct fact_arrival *arrivals_of(struct arrivals *arrivals, uint32_t ifindex, uint8_t family,
				 const uint8_t *group)
{
	uint32_t home = home_of(arrivals, ifindex, family, group), i;

	for (i = 0; i < PROBES; i++) {
		uint16_t *slot = &arrivals->slots[(home + i) % SLOTS];
		struct fact_arrival *arrival;

		if (!*slot && arrivals->n < FACT_ARRIVALS)
			return add(arrivals, slot, ifindex, family, group);
		if (!*slot)
			break;
		arrival = &arrivals->arrival[*slot - 1];
		if (arrival->ifindex == ifindex && arrival->family == family &&
		    !memcmp(arrival->group, group, address_len(family)))
			return arrival;
	}
	arrivals->left_out++;
	return NULL;
}

const struct fact_arrival *arrivals_all(const struct arrivals *arrivals, size_t *n)
{
	*n = arrivals->n;
	return arrivals->arrival;
}

uint64_t arrivals_left_out(const struct arrivals *arrivals)
{
	return arrivals->left_out;
}
