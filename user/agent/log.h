/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's log: lines on stderr with the priority that journald reads (sd-daemon(3)). */
#ifndef XDPFRAG_LOG_H
#define XDPFRAG_LOG_H

void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
