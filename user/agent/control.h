/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: clients, their lines in and replies out. No client can
 * hold up the agent or another client, and memory for all of them is bounded:
 * CLIENTS_MAX clients, of which one at a time may send a line of more than
 * SMALL_REQUEST bytes, up to PROTOCOL_REQUEST_MAX.
 */
#ifndef XDPFRAG_CONTROL_H
#define XDPFRAG_CONTROL_H

#include "agent/agent.h"

struct control;
struct client;

/* Who makes a request. */
struct caller {
	uid_t uid;
	pid_t pid;
	struct client *client; /* its connection */
};

/* Listens on agent->options.socket, mode 0660, group xdpfrag where there is one. */
int control_open(struct control **control, struct agent *agent);
void control_close(struct control *control); /* hangs up, and removes the socket */

/*
 * Calls fn when the connection ends, however it does; once, and one function at a time. Not
 * after control_untie().
 */
void control_tie(struct client *client, void (*fn)(void *arg), void *arg);
void control_untie(struct client *client);
/* Can the reply to the request that is being handled take a descriptor along? All before are read.
 */
bool control_can_hand_over(const struct client *client);
/* It takes a duplicate of fd along (SCM_RIGHTS). */
int control_hand_over(struct client *client, int fd);

#endif
