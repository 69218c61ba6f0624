/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of which a change consists, shared by config_change(), which takes
 * one statement, and config_parse(), which takes them by the hundred thousand.
 * Inside user/config only.
 */
#ifndef XDPFRAG_CHANGE_H
#define XDPFRAG_CHANGE_H

#include "statement.h"

/*
 * The statement's group with its names interned: they are in use from now on, and it
 * is counted when it is to be reassembled.
 * -ENOSPC: too many names. Then some of them may have been interned: the caller
 * puts config back as it was.
 */
int names_take(struct config *config, const struct statement *statement, struct group *group,
	       struct report *rep);

/* The group is gone: names that no other group has are free. */
void names_release(struct config *config, const struct group *group);

/* -EEXIST, -ENOSPC; nothing has changed then. */
int link_add(struct config *config, const struct link_config *link, struct report *rep);
int link_del(struct config *config, const char *name, struct report *rep); /* -ENOENT */

/* -ENOSPC, -ENOENT; nothing has changed then. */
int settings_set(struct config *config, const struct link_settings *wanted, struct report *rep);
int settings_unset(struct config *config, const struct link_settings *unwanted, struct report *rep);
int route_set(struct config *config, const struct route_config *route, struct report *rep);
int route_unset(struct config *config, const struct route_key *key, struct report *rep);
/* -EEXIST when it says what is said already; for files. */
int settings_refuse_twice(const struct config *config, const struct link_settings *wanted,
			  struct report *rep);
int route_refuse_twice(const struct config *config, const struct route_key *key,
		       struct report *rep);

int too_many_groups(const struct group_key *key, struct report *rep); /* -ENOSPC */
int out_of_memory(struct report *rep);				      /* -ENOMEM */

#endif
