/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `apart` (xdp/apart.bpf.h) makes of a fragment's identification. */
#ifndef XDPFRAG_APART_H
#define XDPFRAG_APART_H

#include "datapath/plane.h"
#include "xdpfrag/event.h"

/* The id with which the stack sees the fragment, by the policy that is in force now. */
uint32_t apart_id(const struct plane *plane, const struct xdpfrag_event *event);

#endif
