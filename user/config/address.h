/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses and prefix lengths as text, for groups and routes. Inside user/config
 * only. Addresses are 16 bytes in network byte order, IPv4 in the first four.
 */
#ifndef XDPFRAG_ADDRESS_H
#define XDPFRAG_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.h"

/* What differs between the families. */
struct family {
	int id;
	const char *name;
	const char *multicast; /* all its groups */
	unsigned int bits;     /* of an address */
	unsigned int min_len;  /* of a prefix that holds nothing but groups */
};

const struct family *family_of(int id);
/* The first len bytes of word; NULL when they are no address. */
const struct family *address_parse(const char *word, size_t len, uint8_t bytes[16]);
bool address_is_multicast(const struct family *family, const uint8_t *bytes);
/* Clear what lies behind the first len bits; true if anything but zeros did. */
bool address_clear_host_bits(uint8_t bytes[16], unsigned int len);
/* What stands behind the slash in word: min_len to all bits. A usage report otherwise. */
int address_len_parse(uint8_t *len, const struct family *family, unsigned int min_len,
		      const char *word, const char *text, struct report *rep);
/* The report on a word that is no address. */
int address_refuse(const char *word, const char *expected, struct report *rep);
/* One address that a host can have. `what`: "source", for the message; NULL with rep. */
const struct family *address_unicast_parse(const char *what, const char *word, uint8_t bytes[16],
					   struct report *rep);

#endif
