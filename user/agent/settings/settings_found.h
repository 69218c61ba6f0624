/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the settings of NICs were found, as pairs in agent/found.h:
 *
 *   link/IDENTITY/mtu <TAB> FOUND SET
 *
 * IDENTITY is nic_identify()'s, so that neither a name nor an ifindex that is used
 * again is mistaken; FOUND and SET are raw values (agent/settings/setting.h). A pair is made
 * before the first touch, and goes when FOUND was put back, or with its NIC.
 */
#ifndef XDPFRAG_SETTINGS_FOUND_H
#define XDPFRAG_SETTINGS_FOUND_H

#include "config/config.h"
#include "netstate/links.h"

struct agent;
struct found;

bool settings_found_any(const struct found *found);
/*
 * The setting is about to become `set`; `raw` is how it is now, which counts only when
 * nothing is kept yet. In memory: found_save() comes before the touch. -ENOMEM, -ENOSPC.
 */
int settings_found_keep(struct found *found, uint64_t id, enum link_setting setting, uint32_t raw,
			uint32_t set);
/*
 * Puts back what nothing is stated of any more, unless it is not as it was set: then
 * somebody else has changed it since, and it is left. Forgets NICs that are gone.
 */
void settings_found_restore(struct agent *agent, const struct links *links);

#endif
