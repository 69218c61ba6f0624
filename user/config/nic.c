// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of NICs: what the kernel takes for one, and what a statement does.
 */
#include <errno.h>
#include <string.h>

#include "statement.h"
#include "text.h"

/* The kernel's isspace(), which knows Latin-1's no-break space and no locale. */
static bool is_kernel_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
}

bool nic_name_valid(const char *name)
{
	size_t len = strnlen(name, IFNAMSIZ);

	if (len == 0 || len == IFNAMSIZ || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || *name == ':' || is_kernel_space(*name))
			return false;
	return true;
}

int nic_parse(char name[IFNAMSIZ], const char *word, struct report *rep)
{
	if (strnlen(word, IFNAMSIZ) == IFNAMSIZ)
		return report_usage(rep, word, "a NIC's name",
				    "%s is longer than a NIC's name, which is %d bytes at most",
				    REPORT_QUOTE(word), IFNAMSIZ - 1);
	if (!nic_name_valid(word))
		return report_usage(rep, word, "a NIC's name", "%s cannot be a NIC's name",
				    REPORT_QUOTE(word));
	if (strpbrk(word, ",#") || !text_printable(word))
		return report_usage(rep, word, "a NIC's name",
				    "%s holds a character that no statement can hold",
				    REPORT_QUOTE(word));
	strcpy(name, word);
	return 0;
}
