/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link's hook for Cloudflare's xdpcap: the program array (include/xdpfrag/xdpcap.h),
 * which lives through reloads of the program, so that a running xdpcap goes on.
 *
 * The program with the hook has the XDP hook to itself. Where another program shares
 * it, or the kernel refuses the one with the hook, the link is steered without.
 */
#ifndef XDPFRAG_AGENT_XDPCAP_H
#define XDPFRAG_AGENT_XDPCAP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent;
struct managed;

struct xdpcap {
	bool wanted;
	bool refused; /* by the kernel, in these words; until the statement or the NIC changes */
	char reason[256]; /* same */
	int array;	  /* -1: none. Stays while the NIC is absent */
	uint32_t id;	  /* of the array that was pinned last; 0: none */
	int pin_error;	  /* negative errno */
};

void xdpcap_init(struct xdpcap *xdpcap);
void xdpcap_close(struct xdpcap *xdpcap);
/* As the statement has it. */
void xdpcap_want(struct xdpcap *xdpcap, bool wanted);
/* Should the program on the link be the one with the hook? */
bool xdpcap_due(const struct managed *managed);
/* Looks for the array that an earlier program or agent left, unless there is one. */
void xdpcap_find(const struct agent *agent, struct managed *managed);
/* The pin as the program on the link is: there, or gone and the array with it. */
void xdpcap_pin(const struct agent *agent, struct managed *managed);

/* Asked for, and the link is steered without? */
bool xdpcap_missing(const struct managed *managed);
/* Why it is missing, or what follows from it; "" where there is nothing to say. Returns buf. */
const char *xdpcap_reason(const struct managed *managed, char *buf, size_t len);
/* Into a link of `link show`; `managed` NULL: not managed. */
void xdpcap_show(const struct agent *agent, const struct managed *managed, json_t *object);

#endif
