/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The desired state: what the administrator asked for, in names. One plain model
 * for the command line, the file, reconcile and the printers.
 *
 * A struct config is made by config_init() or config_copy(), changed only by
 * config_change(), and freed by config_free(). A command is carried out on a
 * copy, which replaces the original only when it went through whole.
 *
 * NIC names are interned: a group holds one bit for each, so that 100,000
 * groups take 6 MB and a compiler of the policy resolves each name once.
 */
#ifndef XDPFRAG_CONFIG_H
#define XDPFRAG_CONFIG_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "report.h"
#include "xdpfrag/policy.h"

#define CONFIG_NICS   64     /* different NIC names in all group statements */
#define CONFIG_LINKS  64     /* link statements, as many as there are link slots */
#define CONFIG_GROUPS 262144 /* group statements */

/* What a group statement is known by. Sorted for people: family, group, len, source. */
struct group_key {
	uint8_t family;	    /* AF_INET or AF_INET6 */
	uint8_t len;	    /* bits of the prefix; 32 or 128 for one group */
	bool has_source;    /* else any source, and `source` is zero */
	uint8_t group[16];  /* network byte order, IPv4 in the first four bytes */
	uint8_t source[16]; /* same */
};

struct group {
	struct group_key key;
	uint8_t wrong;	  /* enum xdpfrag_wrong */
	uint8_t redirect; /* XDPFRAG_WRONG_REDIRECT: index into config.nics */
	bool scope_all;	  /* every packet, not only fragments */
	bool reassemble;  /* fragments go to user space */
	uint64_t allowed; /* bit n: config.nics[n] */
};

enum link_mode { LINK_AUTO, LINK_NATIVE, LINK_SKB };

struct link_config {
	char name[IFNAMSIZ];
	enum link_mode mode;
};

struct config {
	char nics[CONFIG_NICS][IFNAMSIZ]; /* "": free */
	uint32_t nic_uses[CONFIG_NICS];	  /* how often groups name nics[n]; at 0 it is free */
	struct group *groups;		  /* sorted by group_key_compare() */
	size_t n_groups;
	size_t room;				/* allocated in groups */
	struct link_config links[CONFIG_LINKS]; /* sorted by name */
	size_t n_links;				/* 0: the agent chooses the links itself */
};

struct statement;

void config_init(struct config *config);
void config_free(struct config *config);		       /* leaves it initialised and empty */
int config_copy(struct config *to, const struct config *from); /* `to` need not be initialised */

int group_key_compare(const struct group_key *a, const struct group_key *b);
/* NULL when there is none. */
const struct group *config_find_group(const struct config *config, const struct group_key *key);
const struct link_config *config_find_link(const struct config *config, const char *name);

/*
 * Carry out one statement. On error nothing has changed and rep says why:
 * -EEXIST (add of what is there), -ENOENT (del of what is not), -ENOSPC (a bound
 * above), -ENOMEM.
 */
int config_change(struct config *config, const struct statement *statement, struct report *rep);

/*
 * A whole file into an initialised, empty config: one statement a line, words
 * parted by blanks, '#' begins a comment wherever it stands. A file says what is,
 * so it holds `add` statements only. rep->line names the line of the first fault,
 * and config is left empty. `text` is text_len bytes and need not end with NUL; a
 * NUL in it is a fault, and so are other control characters but tab and the CR of
 * a CRLF.
 */
int config_parse(struct config *config, const char *text, size_t text_len, struct report *rep);

/*
 * Every statement, a line each, such that config_parse() gives back an equal config.
 * Sorted throughout, so that equal configs print equal texts.
 */
int config_print(const struct config *config, FILE *to); /* and flush; 0 or -EIO */

bool config_equal(const struct config *a, const struct config *b); /* same meaning */

#endif
