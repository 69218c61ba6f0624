/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of the user's on their way back to him: made safe to show, and lists of
 * words as a sentence has them.
 */
#ifndef XDPFRAG_TEXT_H
#define XDPFRAG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Nothing but whole UTF-8 characters that are not control characters? */
bool text_printable(const char *text);

/*
 * Copy with every other byte as "\x1b", ending in "..." when it does not fit. What
 * is escaped already stays as it is. size is at least 4.
 */
void text_escape(char *to, size_t size, const char *from);

/* "source, scope or wrong"; returns to. */
const char *text_list(char *to, size_t size, const char *const *words, size_t n_words);

#endif
