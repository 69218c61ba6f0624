// SPDX-License-Identifier: GPL-2.0-or-later
/* Which links are to be steered. */
#include <string.h>

#include "agent/steer/choose.h"
#include "reassembly/tap.h"
#include "xdpfrag/state.h"

static size_t choose_static(const struct config *config, const struct links *links,
			    struct chosen_link *chosen)
{
	size_t i;

	for (i = 0; i < config->n_links; i++) {
		const struct link *link = links_by_name(links, config->links[i].name);

		memset(&chosen[i], 0, sizeof(chosen[i]));
		memcpy(chosen[i].name, config->links[i].name, IFNAMSIZ);
		chosen[i].ifindex = link ? link->ifindex : 0;
		chosen[i].mode = config->links[i].mode;
		chosen[i].xdpcap_hook = config->links[i].xdpcap_hook;
		chosen[i].is_static = true;
	}
	return config->n_links;
}

/* NICs that groups allow are shown as absent until they appear; others are not waited for. */
static size_t add_absent(const struct config *config, const struct links *links,
			 struct chosen_link *chosen, size_t n)
{
	size_t i;

	for (i = 0; i < CONFIG_NICS && n < XDPFRAG_LINKS; i++) {
		if (!config->nics[i][0] || links_by_name(links, config->nics[i]))
			continue;
		memset(&chosen[n], 0, sizeof(chosen[n]));
		memcpy(chosen[n].name, config->nics[i], IFNAMSIZ);
		n++;
	}
	return n;
}

size_t choose_links(const struct config *config, const struct links *links,
		    struct chosen_link *chosen, size_t *left_out)
{
	size_t i, n = 0;

	*left_out = 0;
	if (config->n_links)
		return choose_static(config, links, chosen);
	for (i = 0; i < links->n; i++) {
		const struct link *link = &links->link[i];

		/* Through the agent's own TAP whole datagrams go to the stack. */
		if (!link_faces_stack(links, link) || link_is(link, TAP_NAME, "tun"))
			continue;
		if (n == XDPFRAG_LINKS) {
			++*left_out;
			continue;
		}
		memset(&chosen[n], 0, sizeof(chosen[n]));
		memcpy(chosen[n].name, link->name, IFNAMSIZ);
		chosen[n].ifindex = link->ifindex;
		n++;
	}
	return add_absent(config, links, chosen, n);
}
