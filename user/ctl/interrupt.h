/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that run until interrupted: SIGINT and SIGTERM end their wait, so that
 * they can still print their summary.
 */
#ifndef XDPFRAG_INTERRUPT_H
#define XDPFRAG_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

/* From here on the two signals only make interrupted() true. */
void interrupt_catch(void);
bool interrupted(void);
int interrupts(void); /* how many */

int64_t monotonic_ns(void);

#define WAIT_FOREVER INT64_MAX

/*
 * Waits until fd (-1: none) is readable, the clock of monotonic_ns() has reached
 * `until`, or a signal came: 1, 0 or -EINTR. A signal that came before counts.
 */
int interrupt_wait(int fd, int64_t until);

#endif
