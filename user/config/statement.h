/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One statement of the grammar as words in and out. The same words stand in
 * /etc/xdpfrag.conf and on the command line, and this is the only parser.
 * A struct statement owns nothing.
 */
#ifndef XDPFRAG_STATEMENT_H
#define XDPFRAG_STATEMENT_H

#include "config.h"

enum statement_object { OBJECT_GROUP, OBJECT_LINK, OBJECT_ROUTE, OBJECT_LEARN, OBJECT_ALL };
enum statement_verb {
	VERB_ADD,
	VERB_REPLACE,
	VERB_DEL,
	VERB_FLUSH,
	VERB_SET,
	VERB_UNSET,
	VERB_ON,
	VERB_OFF,
};

struct statement {
	enum statement_object object;
	enum statement_verb verb;
	/* group */
	struct group_key key;
	char nics[CONFIG_NICS][IFNAMSIZ]; /* the allowed ones, each once, in the order given */
	size_t n_nics;
	uint8_t wrong; /* enum xdpfrag_wrong */
	char redirect[IFNAMSIZ];
	bool scope_all;
	bool reassemble;
	bool apart;
	/* link */
	struct link_config link;
	/* link set, unset; unset has no values, and means all settings when it says none */
	struct link_settings settings;
	/* route */
	struct route_config route;
};

/* The grammar as a table, from which parsing and usage both come. */
struct statement_part;
struct statement_form {
	const char *object; /* "group"; "" for `flush`, which has no object */
	const char *verb;   /* "add" */
	const char *usage;  /* what follows: "GROUP[/LEN] NIC[,NIC…] [source ADDR] …" */
	const char *help;   /* one line */
	enum statement_object object_id;
	enum statement_verb verb_id;
	bool in_file;			    /* says what is, and so may stand in a file */
	const struct statement_part *parts; /* the words behind `usage` */
};
extern const struct statement_form statement_forms[]; /* ends with object NULL */

/* Every form's first word; or, given an object, the verbs that it has. How many. */
#define STATEMENT_WORDS 16
size_t statement_words(const char *list[STATEMENT_WORDS], const char *object);

/* Is this a changing statement by its first words, well-formed or not? */
bool statement_is_change(const char *const *words, size_t n_words);

/*
 * The forms stand in statement_forms. Words match exactly. -EINVAL with a usage
 * report naming the word and what was expected.
 */
int statement_parse(struct statement *statement, const char *const *words, size_t n_words,
		    struct report *rep);
/* The same for a file, which holds only forms that say what is. */
int statement_parse_in_file(struct statement *statement, const char *const *words, size_t n_words,
			    struct report *rep);

/* GROUP[/LEN] alone; used by `group show GROUP` as well. */
int group_key_parse(struct group_key *key, const char *word, struct report *rep);
/* ADDR of `source ADDR`, into a key that has its group. */
int group_source_parse(struct group_key *key, const char *word, struct report *rep);
/* "239.0.0.15", "239.1.0.0/16", "ff3e::/32"; buf of 64 bytes; returns buf. */
const char *group_key_text(const struct group_key *key, char *buf, size_t len);
/* "" when any source. */
const char *group_source_text(const struct group_key *key, char *buf, size_t len);
/* Both as in a statement: "239.0.0.15 source 10.84.0.73"; buf of GROUP_KEY_WORDS bytes. */
#define GROUP_KEY_WORDS 128
const char *group_key_words(const struct group_key *key, char *buf, size_t len);

/* PREFIX|default; for `route show` as well. Fills in family, len and prefix. */
int route_prefix_parse(struct route_key *key, const char *word, struct report *rep);
/* "default", "10.0.0.0/8", "::/0"; buf of 64 bytes; returns buf. */
const char *route_prefix_text(const struct route_key *key, char *buf, size_t len);
/* "" when any. */
const char *route_via_text(const struct route_key *key, char *buf, size_t len);
/* As in a statement: "default via 10.0.0.1 dev eth1"; buf of ROUTE_KEY_WORDS bytes. */
#define ROUTE_KEY_WORDS 160
const char *route_key_words(const struct route_key *key, char *buf, size_t len);

const char *setting_name(enum link_setting setting); /* "mtu", "promisc", … */
/* "9000", "on", "off"; buf of 16 bytes; returns buf. */
const char *setting_text(enum link_setting setting, uint32_t value, char *buf, size_t len);

const char *wrong_name(uint8_t wrong);	    /* "drop", "observe", "redirect" */
const char *link_mode_name(enum link_mode); /* "auto", "native", "skb" */
bool nic_name_valid(const char *name);	    /* as the kernel's dev_valid_name() */
/*
 * A NIC's name as a word of a statement. A name with ',', '#', a control character
 * or bytes that are not UTF-8 is one to the kernel, but is refused here: it could
 * not be written to the file, or sent as JSON, and read back.
 */
int nic_parse(char name[IFNAMSIZ], const char *word, struct report *rep);

/* The statement's line in a file, without newline: "group add 239.0.0.15 eth1 wrong observe". */
int group_print(const struct config *config, const struct group *group, FILE *to);

#endif
