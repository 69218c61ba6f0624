/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request of the control socket: JSON text in, a reply out (user/protocol/protocol.h). */
#ifndef XDPFRAG_REQUEST_H
#define XDPFRAG_REQUEST_H

#include <jansson.h>
#include <sys/types.h>

#include "agent/agent.h"
#include "agent/control.h"

/* A new reference; NULL when memory is out. */
json_t *request_handle(struct agent *agent, const char *line, size_t len,
		       const struct caller *caller);
/* A reply that only says why there is none. */
json_t *request_error(const struct report *rep);

#endif
