// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interned NIC names. A name is counted in use once for each group that allows it,
 * and once for each that redirects to it; it is gone with the last of them. The
 * count makes that cheap: to look for other users would read every group.
 */
#include <errno.h>
#include <string.h>

#include "change.h"

/* -1: no room. */
static int intern(struct config *config, const char *name)
{
	int free = -1;

	for (int i = 0; i < CONFIG_NICS; i++) {
		if (config->nic_uses[i] == 0) {
			if (free < 0)
				free = i;
		} else if (!strcmp(config->nics[i], name)) {
			config->nic_uses[i]++;
			return i;
		}
	}
	if (free >= 0) {
		strcpy(config->nics[free], name);
		config->nic_uses[free] = 1;
	}
	return free;
}

static void release(struct config *config, unsigned int i)
{
	if (--config->nic_uses[i] == 0)
		memset(config->nics[i], 0, sizeof(config->nics[i]));
}

static int too_many_names(const char *name, struct report *rep)
{
	return report_refused(rep, -ENOSPC, name,
			      "%s would be one name too many: all groups together name %d NICs at "
			      "most",
			      REPORT_QUOTE(name), CONFIG_NICS);
}

int names_take(struct config *config, const struct statement *statement, struct group *group,
	       struct report *rep)
{
	int nic;

	if (statement->reassemble && config->n_reassembled == CONFIG_REASSEMBLED)
		return report_refused(rep, -ENOSPC, "reassemble",
				      "this would be one group too many to reassemble: there are "
				      "%d, the most there can be",
				      CONFIG_REASSEMBLED);
	config->n_reassembled += statement->reassemble;
	memset(group, 0, sizeof(*group));
	group->key = statement->key;
	group->wrong = statement->wrong;
	group->scope_all = statement->scope_all;
	group->reassemble = statement->reassemble;
	group->apart = statement->apart;
	for (size_t i = 0; i < statement->n_nics; i++) {
		nic = intern(config, statement->nics[i]);
		if (nic < 0)
			return too_many_names(statement->nics[i], rep);
		group->allowed |= 1ULL << nic;
	}
	if (group->wrong != XDPFRAG_WRONG_REDIRECT)
		return 0;
	nic = intern(config, statement->redirect);
	if (nic < 0)
		return too_many_names(statement->redirect, rep);
	group->redirect = nic;
	return 0;
}

void names_release(struct config *config, const struct group *group)
{
	config->n_reassembled -= group->reassemble;
	for (uint64_t left = group->allowed; left; left &= left - 1)
		release(config, __builtin_ctzll(left));
	if (group->wrong == XDPFRAG_WRONG_REDIRECT)
		release(config, group->redirect);
}
