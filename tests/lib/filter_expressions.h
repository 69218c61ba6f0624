/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expressions of pcap-filter(7), primitive by primitive. Each list ends with NULL; groups of
 * numbers and addresses are those of tests/lib/filter_frames.c.
 */
#ifndef XDPFRAG_TESTS_FILTER_EXPRESSIONS_H
#define XDPFRAG_TESTS_FILTER_EXPRESSIONS_H

extern const char *const filter_primitives[];
extern const char *const filter_encapsulations[];
extern const char *const filter_arithmetic[];

/*
 * What libpcap compiles and is refused: loops, and questions to a socket rather than of a
 * packet, which pcap_offline_filter() has no answer to.
 */
extern const char *const filter_untranslated[];

/* What libpcap itself refuses on Ethernet. */
extern const char *const filter_refused[];

#endif
