// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers as words of a statement. */
#include <stdio.h>
#include <string.h>

#include "number.h"

int mtu_parse(const char *word, uint32_t max, uint32_t *mtu, struct report *rep)
{
	char expected[64];
	uint32_t value = 0;

	snprintf(expected, sizeof(expected), "BYTES, %d to %u", MTU_MIN, max);
	/* A zero in front means octal to some programs, iproute2 among them. */
	if (!word[0] || word[strspn(word, "0123456789")] || (word[0] == '0' && word[1]))
		return report_usage(rep, word, expected, "%s is not a number of bytes",
				    REPORT_QUOTE(word));
	for (const char *digit = word; *digit && value <= max; digit++)
		value = value * 10 + (*digit - '0');
	if (value < MTU_MIN || value > max)
		return report_usage(rep, word, expected, "%s is not an MTU", REPORT_QUOTE(word));
	*mtu = value;
	return 0;
}
