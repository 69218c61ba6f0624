// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line's end of the control socket (client.h).
 *
 * Every wait has an end: the agent answers from one loop, so one that is stuck
 * would otherwise hold every administrator's shell. The bound is on silence, not
 * on the whole exchange, because a policy of 100,000 groups takes its time.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "interrupt.h"
#include "output.h"
#include "protocol/protocol.h"

#define CLIENT_CHUNK 65536
#define CLIENT_REPLY_MAX                                                        \
	(4 * (size_t)PROTOCOL_REQUEST_MAX) /* `save` of the largest policy fits \
					    */

void client_close(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	if (client->handed_fd >= 0)
		close(client->handed_fd);
	free(client->buffer);
	client->fd = client->handed_fd = -1;
	client->buffer = NULL;
	client->used = client->room = client->scanned = 0;
}

static int report_connect(const struct client *client, int err, struct report *rep)
{
	switch (err) {
	case -ENOENT:
	case -ECONNREFUSED:
		return report_failed(rep, err, client->path,
				     "no agent answers at %s; start it with "
				     "`systemctl start xdpfragd` or `xdpfragd`",
				     client->path);
	case -EACCES:
	case -EPERM:
		return report_failed(rep, err, client->path,
				     "permission denied at %s; be root or in the group xdpfrag",
				     client->path);
	case -EAGAIN:
		return report_failed(rep, -ETIMEDOUT, client->path,
				     "the agent at %s takes no connection for %d seconds: is it "
				     "stuck?",
				     client->path, PROTOCOL_PATIENCE);
	default:
		return report_failed(rep, err, client->path, "cannot connect to %s: %s",
				     client->path, strerror(-err));
	}
}

static int client_connect(struct client *client, struct report *rep)
{
	struct timeval timeout = { .tv_sec = PROTOCOL_PATIENCE };
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (!*client->path || strlen(client->path) >= sizeof(address.sun_path))
		return report_usage(rep, client->path, "a path of 1 to 107 bytes",
				    "the socket's path is empty or too long");
	strcpy(address.sun_path, client->path);

	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return report_failed(rep, -errno, "", "cannot make a socket: %s", strerror(errno));
	/* The send timeout bounds connect() too. */
	setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));

	while (connect(client->fd, (struct sockaddr *)&address, sizeof(address))) {
		if (errno == EINTR && !interrupted())
			continue;
		return report_connect(client, -errno, rep);
	}
	return 0;
}

static int report_exchange(const struct client *client, int err, struct report *rep)
{
	switch (err) {
	case -EAGAIN:
		return report_failed(rep, -ETIMEDOUT, client->path,
				     "the agent at %s has been silent for %d seconds: is it stuck?",
				     client->path, PROTOCOL_PATIENCE);
	case -EINTR:
		return report_failed(rep, err, "", "interrupted");
	case -EMSGSIZE:
		return report_failed(
			rep, err, client->path,
			"the reply from %s is longer than %zu bytes: is that xdpfragd?",
			client->path, CLIENT_REPLY_MAX);
	case -ENOMEM:
		return report_failed(rep, err, "", "out of memory");
	default:
		return report_failed(rep, err, client->path, "the agent at %s hung up: %s",
				     client->path, err == -ENODATA ? "no reply" : strerror(-err));
	}
}

static int send_all(struct client *client, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(client->fd, data, len, MSG_NOSIGNAL);

		if (n < 0) {
			if (errno == EINTR && !interrupted())
				continue;
			return -errno;
		}
		data += n;
		len -= n;
	}
	return 0;
}

static int buffer_grow(struct client *client)
{
	size_t room = client->room ? client->room * 2 : CLIENT_CHUNK;
	char *buffer;

	if (client->used < client->room)
		return 0;
	if (room > CLIENT_REPLY_MAX)
		return -EMSGSIZE;
	buffer = realloc(client->buffer, room);
	if (!buffer)
		return -ENOMEM;
	client->buffer = buffer;
	client->room = room;
	return 0;
}

/* As recv(), and keeps a file descriptor that comes along. */
static ssize_t receive(struct client *client, void *buf, size_t len)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { buf, len };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(client->fd, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *header = n < 0 ? NULL : CMSG_FIRSTHDR(&message);

	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
		if (client->handed_fd >= 0)
			close(client->handed_fd);
		memcpy(&client->handed_fd, CMSG_DATA(header), sizeof(int));
	}
	return n;
}

/* Receives until the buffer begins with a whole line; *len is its length without newline. */
static int receive_line(struct client *client, size_t *len)
{
	for (;;) {
		char *from = client->buffer + client->scanned;
		char *end = NULL;
		ssize_t n;
		int err;

		if (client->used > client->scanned)
			end = memchr(from, '\n', client->used - client->scanned);
		if (end) {
			*len = end - client->buffer;
			return 0;
		}
		client->scanned = client->used;

		err = buffer_grow(client);
		if (err)
			return err;
		n = receive(client, client->buffer + client->used, client->room - client->used);
		if (n < 0 && errno == EINTR && !interrupted())
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		client->used += n;
	}
}

static void take_line(struct client *client, size_t len)
{
	client->used -= len + 1;
	memmove(client->buffer, client->buffer + len + 1, client->used);
	client->scanned = 0;
}

static int exchange(struct client *client, const char *line, size_t len, json_t **reply)
{
	int sent = send_all(client, line, len);
	size_t reply_len = 0;
	int err;

	/* An agent that refuses a request may hang up before it read all of it: what
	 * it had to say lies ready nevertheless, and says more than EPIPE does. */
	if (sent && sent != -EPIPE && sent != -ECONNRESET)
		return sent;
	err = receive_line(client, &reply_len);
	if (err)
		return sent ? sent : err;

	*reply = json_loadb(client->buffer, reply_len, 0, NULL);
	take_line(client, reply_len);
	return 0;
}

static enum report_kind kind_by_name(const char *name)
{
	if (!strcmp(name, "usage"))
		return REPORT_USAGE;
	if (!strcmp(name, "refused"))
		return REPORT_REFUSED;
	return REPORT_FAILED;
}

static void copy_text(char *to, size_t len, const char *from)
{
	size_t n = strnlen(from, len - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

/* The agent's error is the same record in JSON. */
static int report_reply(const json_t *error, struct report *rep)
{
	rep->kind = kind_by_name(member_text(error, "kind"));
	rep->line = member_number(error, "line");
	copy_text(rep->word, sizeof(rep->word), member_text(error, "word"));
	copy_text(rep->expected, sizeof(rep->expected), member_text(error, "expected"));
	copy_text(rep->message, sizeof(rep->message), member_text(error, "message"));
	if (!*rep->message)
		strcpy(rep->message, "the agent gives no reason");
	return rep->kind == REPORT_USAGE ? -EINVAL : -EREMOTEIO;
}

static int check_reply(const struct client *client, const json_t *reply, struct report *rep)
{
	const json_t *version = json_object_get(reply, "version");
	const json_t *error = json_object_get(reply, "error");

	if (!json_is_integer(version))
		return report_failed(rep, -EPROTO, client->path,
				     "what answers at %s does not speak as xdpfragd does",
				     client->path);
	if (json_integer_value(version) != PROTOCOL_VERSION)
		return report_failed(
			rep, -EPROTONOSUPPORT, client->path,
			"the agent at %s speaks version %lld of the protocol, and this "
			"xdpfragctl version %d; install both from one release, and "
			"restart the agent",
			client->path, (long long)json_integer_value(version), PROTOCOL_VERSION);
	if (error)
		return report_reply(error, rep);
	if (!json_object_get(reply, "result"))
		return report_failed(rep, -EPROTO, client->path,
				     "the agent at %s gave neither a result nor an error",
				     client->path);
	return 0;
}

json_t *client_words(const char *const *words, size_t n_words)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n_words; i++) {
		if (json_array_append_new(array, json_string(words[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return json_pack("{s:i, s:o}", "version", PROTOCOL_VERSION, "words", array);
}

/* The request as a line in *line, to be freed; too long a one is refused here, not cut off there.
 */
static int encode(json_t *request, char **line, size_t *len, struct report *rep)
{
	size_t size = request ? json_dumpb(request, NULL, 0, JSON_COMPACT) : 0;

	if (!size)
		return report_usage(rep, "", "UTF-8 text", "a word is not UTF-8 text");
	if (size + 1 > PROTOCOL_REQUEST_MAX)
		return report_refused(rep, -EMSGSIZE, "",
				      "the request has %zu bytes, and the agent takes %u", size + 1,
				      PROTOCOL_REQUEST_MAX);
	*line = malloc(size + 1);
	if (!*line)
		return report_failed(rep, -ENOMEM, "", "out of memory");
	json_dumpb(request, *line, size, JSON_COMPACT);
	(*line)[size] = '\n';
	*len = size + 1;
	return 0;
}

int client_request(struct client *client, json_t *request, json_t **reply, struct report *rep)
{
	char *line = NULL;
	size_t len = 0;
	int err;

	*reply = NULL;
	err = encode(request, &line, &len, rep);
	if (!err && client->fd < 0)
		err = client_connect(client, rep);
	if (err)
		goto out;

	err = exchange(client, line, len, reply);
	if (err) {
		err = report_exchange(client, err, rep);
		goto out;
	}
	err = check_reply(client, *reply, rep);
	output_warnings(*reply);
out:
	if (err) {
		json_decref(*reply);
		*reply = NULL;
	}
	free(line);
	json_decref(request);
	return err;
}

int client_ask(struct client *client, const char *const *words, size_t n_words, json_t **reply,
	       struct report *rep)
{
	return client_request(client, client_words(words, n_words), reply, rep);
}

int client_ask_pages(struct client *client, const char *const *words, size_t n_words,
		     client_page_fn page, void *data, struct report *rep)
{
	json_t *after = NULL, *next, *reply;
	int err;

	do {
		json_t *request = client_words(words, n_words);

		if (after)
			json_object_set(request, "after", after);
		err = client_request(client, request, &reply, rep);
		if (err)
			break;
		next = json_object_get(reply, "next");
		if (next && after && json_equal(next, after))
			err = report_failed(rep, -EPROTO, "", "the agent repeats a page");
		else
			err = page(json_object_get(reply, "result"), !next, data);
		json_decref(after);
		after = json_incref(next);
		json_decref(reply);
	} while (!err && after);

	json_decref(after);
	return err;
}
