/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that others have chosen, as JSON. */
#ifndef XDPFRAG_AGENT_SHOW_NAME_H
#define XDPFRAG_AGENT_SHOW_NAME_H

#include <jansson.h>

/*
 * A NIC's name as a string, or another's. The kernel takes names that are not UTF-8; JSON does not.
 * A new reference, or NULL when memory is out.
 */
json_t *show_name(const char *name);

#endif
