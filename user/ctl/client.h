/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line's end of the control socket: one connection, made at the first
 * request and kept for all that follow.
 *
 * A struct client begins as {.path = …, .fd = -1, .handed_fd = -1} and ends with client_close().
 * A reply belongs to the caller, who frees it with json_decref().
 */
#ifndef XDPFRAG_CLIENT_H
#define XDPFRAG_CLIENT_H

#include <jansson.h>
#include <stddef.h>

#include "config/report.h"

struct client {
	const char *path;
	int fd;		/* -1: not connected */
	int handed_fd;	/* that the agent gave with a reply; -1: none */
	char *buffer;	/* what was received and not yet taken */
	size_t used;	/* bytes in buffer */
	size_t room;	/* bytes allocated */
	size_t scanned; /* bytes in which no newline was found */
};

void client_close(struct client *client);

/* {"version": 1, "words": […]}; NULL when the words cannot be said in JSON or memory is out. */
json_t *client_words(const char *const *words, size_t n_words);

/*
 * Sends a request and waits for its reply, whose warnings go to stderr. An error
 * in the reply becomes *rep. `request` is always freed; NULL means that it could
 * not be built.
 */
int client_request(struct client *client, json_t *request, json_t **reply, struct report *rep);

/* The usual case of both: these words, and the whole answer in one reply. */
int client_ask(struct client *client, const char *const *words, size_t n_words, json_t **reply,
	       struct report *rep);

/*
 * A show: calls page() with the array of each page as it comes in, and with
 * `last` on the last one. A negative return from page() ends it.
 */
typedef int (*client_page_fn)(json_t *array, bool last, void *data);
int client_ask_pages(struct client *client, const char *const *words, size_t n_words,
		     client_page_fn page, void *data, struct report *rep);

#endif
