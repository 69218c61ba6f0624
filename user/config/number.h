/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as words of a statement. Inside user/config only. */
#ifndef XDPFRAG_CONFIG_NUMBER_H
#define XDPFRAG_CONFIG_NUMBER_H

#include <stdint.h>

#include "report.h"

/* The least MTU of an IPv4 link (RFC 791), and the most that a length field holds. */
#define MTU_MIN 68
#define MTU_MAX 65535

/* BYTES of `mtu BYTES`: decimal, from MTU_MIN to MTU_MAX. */
int mtu_parse(const char *word, uint32_t *mtu, struct report *rep);

#endif
