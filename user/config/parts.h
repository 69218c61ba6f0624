/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of a statement behind its object and verb. A form of the grammar has
 * a table of parts; this reads words by such a table. Inside user/config only.
 */
#ifndef XDPFRAG_PARTS_H
#define XDPFRAG_PARTS_H

#include "statement.h"

/* Where the reading stands. */
struct words {
	const char *const *words;
	size_t n_words;
	size_t next;			    /* the word to be read */
	const struct statement_part *parts; /* of the form */
	struct report *rep;
};

/*
 * Those without keyword must be there and come first, in this order; those with
 * one may follow in any order, each once. A keyword without value stands for itself.
 */
struct statement_part {
	const char *keyword; /* "scope", or NULL */
	const char *value;   /* what is to be given, and handed to read(): "fragments|all" */
	int (*read)(struct statement *statement, const char *word, struct words *words);
	bool one_of; /* of the parts marked so, the statement needs one at least */
};

/*
 * The tables of parts; each ends with both NULL. If that last entry has a read(), it is called
 * when all words are read, with NULL for the word.
 */
extern const struct statement_part group_parts[];
extern const struct statement_part group_del_parts[];
extern const struct statement_part link_parts[];
extern const struct statement_part link_del_parts[];
extern const struct statement_part settings_parts[];
extern const struct statement_part settings_unset_parts[];
extern const struct statement_part route_parts[];
extern const struct statement_part route_unset_parts[];
extern const struct statement_part no_parts[];

/* What stands in the tables, as usage; a test holds the two together. */
#define GROUP_USAGE                                                     \
	"GROUP[/LEN] NIC[,NIC...] [source ADDR] [scope fragments|all] " \
	"[wrong drop|observe|redirect NIC] [apart] [reassemble]"
#define GROUP_DEL_USAGE "GROUP[/LEN] [source ADDR]"
#define LINK_USAGE	"NIC [mode auto|native|skb] [xdpcap-hook on|off]"
#define LINK_DEL_USAGE	"NIC"
#define SETTINGS_USAGE                                        \
	"NIC [mtu BYTES] [promisc on|off] [allmulti on|off] " \
	"[gro on|off] [lro on|off] [gso on|off] [tso on|off]"
#define SETTINGS_UNSET_USAGE "NIC [mtu] [promisc] [allmulti] [gro] [lro] [gso] [tso]"
#define ROUTE_USAGE	     "PREFIX|default [via ADDR] [dev NIC] mtu BYTES"
#define ROUTE_UNSET_USAGE    "PREFIX|default [via ADDR] [dev NIC]"

/* The next word, which is a value (read() may ask for more); NULL with a usage report when it is
 * missing. */
const char *words_take(struct words *words, const char *value);

/* All words from words->next to the last one. */
int parts_read(struct statement *statement, struct words *words);

#endif
