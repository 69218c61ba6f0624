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

#define CONFIG_NICS	   64	  /* different NIC names in all group statements */
#define CONFIG_LINKS	   64	  /* link statements, as many as there are link slots */
#define CONFIG_GROUPS	   262144 /* group statements */
#define CONFIG_ROUTES	   256	  /* route statements */
#define CONFIG_REASSEMBLED 1024	  /* group statements with `reassemble` */

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
	bool apart;	  /* copies from different allowed links are put together apart */
	bool learned;	  /* by the agent, never in a desired state */
	uint64_t allowed; /* bit n: config.nics[n] */
};

enum link_mode { LINK_AUTO, LINK_NATIVE, LINK_SKB };

struct link_config {
	char name[IFNAMSIZ];
	enum link_mode mode;
	bool xdpcap_hook; /* steered alone, with a hook for Cloudflare's xdpcap */
};

/* What `link set` can say of a NIC, whether the agent steers it or not. */
enum link_setting {
	SETTING_MTU,	  /* bytes */
	SETTING_PROMISC,  /* IFF_PROMISC as an administrator sets it; 0 or 1, like all below */
	SETTING_ALLMULTI, /* IFF_ALLMULTI, likewise */
	SETTING_GRO,	  /* offloads, as ethtool -K calls them */
	SETTING_LRO,
	SETTING_GSO,
	SETTING_TSO,
	LINK_SETTINGS,
};

struct link_settings {
	char name[IFNAMSIZ];
	uint8_t said;			/* bit n: enum link_setting n has a value */
	uint32_t values[LINK_SETTINGS]; /* 0 where nothing is said */
};

/* What a route statement is known by. It means every route of the host that fits. */
struct route_key {
	uint8_t family;	    /* AF_INET, AF_INET6; AF_UNSPEC: `default` of both */
	uint8_t len;	    /* bits of the prefix */
	uint8_t via_family; /* AF_UNSPEC: any gateway, or none */
	uint8_t prefix[16]; /* network byte order, IPv4 in the first four bytes */
	uint8_t via[16];    /* same */
	char dev[IFNAMSIZ]; /* "": any */
};

struct route_config {
	struct route_key key;
	uint32_t mtu; /* bytes */
};

struct config {
	char nics[CONFIG_NICS][IFNAMSIZ]; /* "": free */
	uint32_t nic_uses[CONFIG_NICS];	  /* how often groups name nics[n]; at 0 it is free */
	struct group *groups;		  /* sorted by group_key_compare() */
	size_t n_groups;
	size_t room;				     /* allocated in groups */
	struct link_config links[CONFIG_LINKS];	     /* sorted by name */
	size_t n_links;				     /* 0: the agent chooses the links itself */
	struct link_settings settings[CONFIG_LINKS]; /* sorted by name; each says something */
	size_t n_settings;
	struct route_config routes[CONFIG_ROUTES]; /* sorted by route_key_compare() */
	size_t n_routes;
	size_t n_reassembled; /* groups with `reassemble` */
	bool learn;	      /* policy from the host's own memberships, besides the statements */
};

struct statement;

void config_init(struct config *config);
void config_free(struct config *config);		       /* leaves it initialised and empty */
int config_copy(struct config *to, const struct config *from); /* `to` need not be initialised */

int group_key_compare(const struct group_key *a, const struct group_key *b);
/* NULL when there is none. */
const struct group *config_find_group(const struct config *config, const struct group_key *key);
const struct link_config *config_find_link(const struct config *config, const char *name);
const struct link_settings *config_find_settings(const struct config *config, const char *name);
int route_key_compare(const struct route_key *a, const struct route_key *b);

/*
 * Carry out one statement. On error nothing has changed and rep says why:
 * -EEXIST (add of what is there), -ENOENT (del or unset of what is not), -ENOSPC (a
 * bound above), -ENOMEM. A `set` takes the place of what was set before.
 */
int config_change(struct config *config, const struct statement *statement, struct report *rep);

/*
 * A whole file into an initialised, empty config: one statement a line, words
 * parted by blanks, '#' begins a comment wherever it stands. A file says what is,
 * so it holds `add`, `set` and `learn` statements only, none twice. rep->line names the line of the
 * first fault, and config is left empty. `text` is text_len bytes and need not end with NUL; a NUL
 * in it is a fault, and so are other control characters but tab and the CR of a CRLF.
 */
int config_parse(struct config *config, const char *text, size_t text_len, struct report *rep);

/*
 * Every statement, a line each, such that config_parse() gives back an equal config.
 * Sorted throughout, so that equal configs print equal texts.
 */
int config_print(const struct config *config, FILE *to); /* and flush; 0 or -EIO */

bool config_equal(const struct config *a, const struct config *b); /* same meaning */

#endif
