/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names that the running kernel has for the reasons of a drop (enum skb_drop_reason). */
#ifndef XDPFRAG_DROP_REASONS_H
#define XDPFRAG_DROP_REASONS_H

#include <stdint.h>

struct drop_reasons;

/* From the kernel's BTF, of which nothing is kept but the names. 0 or negative errno. */
int drop_reasons_open(struct drop_reasons **out);
/* "DUP_FRAG"; "" for one that has no name there. NULL for `reasons`: none has. */
const char *drop_reason(const struct drop_reasons *reasons, uint32_t reason);
void drop_reasons_close(struct drop_reasons *reasons); /* NULL: nothing */

#endif
