/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps libbpf and libxdp from writing to stderr, and remembers the kernel's
 * own words on why it refused something (the extended ACK).
 */
#ifndef XDPFRAG_LIBS_H
#define XDPFRAG_LIBS_H

#include <stdbool.h>

void libs_quiet(bool debug);	       /* debug: everything to stderr all the same */
void libs_forget(void);		       /* before a call whose refusal is to be explained */
const char *libs_kernel_message(void); /* "" when the kernel said nothing */

#endif
