// SPDX-License-Identifier: GPL-2.0-or-later
/* A link that is to be steered. */
#include <errno.h>
#include <string.h>

#include "agent/log.h"
#include "agent/managed.h"
#include "datapath/instance.h"

void managed_init(struct managed *managed)
{
	memset(managed, 0, sizeof(*managed));
	managed->slot = NO_SLOT;
	counters_init(&managed->counters);
	xdpcap_init(&managed->xdpcap);
}

struct managed *managed_by_name(struct managed *table, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

void managed_lose_instance(struct managed *managed)
{
	managed->program = 0;
	managed->slot = NO_SLOT;
	memset(&managed->hook, 0, sizeof(managed->hook));
}

int managed_detach(struct managed *managed, uint32_t but)
{
	unsigned int i;
	int err, failed = 0;

	for (i = 0; i < managed->hook.n_ours; i++) {
		if (managed->hook.ours[i] == but)
			continue;
		err = instance_detach(managed->ifindex, managed->hook.ours[i]);
		if (err && err != -EEXIST)
			log_warning("%s: cannot detach program %u: %s", managed->name,
				    managed->hook.ours[i], strerror(-err));
		failed = err ? err : failed;
	}
	return failed;
}
