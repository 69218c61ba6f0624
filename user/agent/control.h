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

/* Listens on agent->options.socket, mode 0660, group xdpfrag where there is one. */
int control_open(struct control **control, struct agent *agent);
void control_close(struct control *control); /* hangs up, and removes the socket */

#endif
