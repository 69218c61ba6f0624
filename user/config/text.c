// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Escaping and listing of words for messages.
 *
 * Messages go to terminals, logs and JSON. A word that came from a file or a socket
 * must neither drive the terminal nor break the encoding there.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* Bytes of the well-formed UTF-8 sequence at s, and its code point; 0: not one. */
static size_t decode(const unsigned char *s, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n, i;

	if (s[0] < 0x80)
		n = 1, *point = s[0];
	else if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2, *point = s[0] & 0x1f;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3, *point = s[0] & 0x0f;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4, *point = s[0] & 0x07;
	else
		return 0;

	/* The NUL at the end is no continuation byte, so this stops there. */
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (s[i] & 0x3f);
	}
	if (*point < least[n] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return n;
}

/* Bytes of the character at s; 0: it cannot be shown as it is. */
static size_t printable(const char *s)
{
	uint32_t point;
	size_t n;

	n = decode((const unsigned char *)s, &point);
	if (n == 0 || point < 0x20 || (point >= 0x7f && point <= 0x9f))
		return 0;
	return n;
}

bool text_printable(const char *text)
{
	size_t n;

	for (; *text; text += n) {
		n = printable(text);
		if (n == 0)
			return false;
	}
	return true;
}

void text_escape(char *to, size_t size, const char *from)
{
	size_t used = 0, cut = 0; /* cut: where "..." still fits */

	while (*from) {
		char piece[8];
		size_t n = printable(from), taken = n ? n : 1;

		if (n)
			memcpy(piece, from, n);
		else
			n = snprintf(piece, sizeof(piece), "\\x%02x", (unsigned char)*from);
		if (used + n >= size) {
			memcpy(to + cut, "...", 4);
			return;
		}
		memcpy(to + used, piece, n);
		used += n;
		from += taken;
		if (used + 3 < size)
			cut = used;
	}
	to[used] = '\0';
}

const char *text_list(char *to, size_t size, const char *const *words, size_t n_words)
{
	size_t used = 0;

	to[0] = '\0';
	for (size_t i = 0; i < n_words && used < size; i++) {
		const char *before = i == 0 ? "" : i + 1 == n_words ? " or " : ", ";

		used += snprintf(to + used, size - used, "%s%s", before, words[i]);
	}
	return to;
}
