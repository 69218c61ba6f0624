/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as words of a statement. Inside user/config only. */
#ifndef XDPFRAG_CONFIG_NUMBER_H
#define XDPFRAG_CONFIG_NUMBER_H

#include <stdint.h>

#include "report.h"

#define MTU_MIN	      68    /* of IPv4 (RFC 791) */
#define MTU_MIN_IPV6  1280  /* RFC 8200, section 5 */
#define MTU_MAX_LINK  65536 /* what loopback has; the kernel knows each driver's own bound */
#define MTU_MAX_ROUTE 65520 /* a greater one the kernel makes this: ip_metrics_convert() */

/* BYTES of `mtu BYTES`: decimal, from MTU_MIN to max. */
int mtu_parse(const char *word, uint32_t max, uint32_t *mtu, struct report *rep);

#endif
