/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request says of the capture that is to begin. */
#ifndef XDPFRAG_CAPTURE_REQUEST_H
#define XDPFRAG_CAPTURE_REQUEST_H

#include <jansson.h>

#include "agent/sessions/capture.h"

/*
 * Fills in capture->program with its image, nics and filter; everything is checked, since a member
 * of the group xdpfrag is no root. 0, or a negative errno with a report and nothing left to free.
 */
int capture_read(struct capture *capture, const json_t *body, struct report *rep);

#endif
