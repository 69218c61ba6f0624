/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which links are to be steered: the link statements, or else the agent's own choice. Pure. */
#ifndef XDPFRAG_CHOOSE_H
#define XDPFRAG_CHOOSE_H

#include "config/config.h"
#include "netstate/links.h"

struct chosen_link {
	char name[IFNAMSIZ];
	uint32_t ifindex; /* 0: absent */
	enum link_mode mode;
	bool xdpcap_hook;
	bool is_static; /* by a link statement */
};

/*
 * Returns the number of links written to `chosen`, XDPFRAG_LINKS at most;
 * *left_out counts those that the agent would have chosen beyond that.
 */
size_t choose_links(const struct config *config, const struct links *links,
		    struct chosen_link *chosen, size_t *left_out);

#endif
