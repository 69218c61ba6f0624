/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many receive queues a NIC of this network namespace has in use. */
#ifndef XDPFRAG_CHANNELS_H
#define XDPFRAG_CHANNELS_H

#include <stdint.h>

/* 1 where the driver does not say; 0 when there is no such NIC. */
uint32_t channels_rx(const char *nic);

#endif
