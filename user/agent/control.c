// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/control.h"
#include "agent/log.h"
#include "agent/peer.h"
#include "agent/request.h"
#include "protocol/protocol.h"

#define CLIENTS_MAX    128
#define SMALL_REQUEST  (64U << 10)
#define BACKLOG_MAX    (1U << 20) /* bytes of replies unread before no more requests are taken */
#define CLIENT_SECONDS 30	  /* of silence in the middle of a request or a reply */

struct client {
	struct client *next, **link;
	struct control *control;
	struct bufferevent *stream;
	struct caller caller;
	int handed_fd;		   /* goes with the next reply; -1: none */
	void (*on_end)(void *arg); /* control_tie()'s; NULL: none */
	void *on_end_arg;
	size_t scanned; /* bytes of the input known to hold no newline */
	bool eof;	/* has shut down its side; still gets its replies */
	bool ending;	/* hang up when the last reply is out */
};

struct control {
	struct agent *agent;
	struct evconnlistener *listener;
	struct client *clients;
	struct client *large; /* the one that sends a long line now */
	unsigned int n_clients;
};

static void client_free(struct client *client)
{
	struct control *control = client->control;

	if (client->on_end)
		client->on_end(client->on_end_arg);
	if (client->handed_fd >= 0)
		close(client->handed_fd);
	if (control->large == client)
		control->large = NULL;
	*client->link = client->next;
	if (client->next)
		client->next->link = client->link;
	control->n_clients--;
	bufferevent_free(client->stream);
	free(client);
}

/*
 * The beginning of the text with handed_fd, past libevent, which has nothing to send before it.
 * Returns how much went, or -1.
 */
static ssize_t send_with_fd(struct client *client, const char *text, size_t len)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = { (char *)text, len };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t n;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &client->handed_fd, sizeof(int));
	n = sendmsg(bufferevent_getfd(client->stream), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(client->handed_fd);
	client->handed_fd = -1;
	return n;
}

static void send_reply(struct client *client, json_t *reply)
{
	struct evbuffer *out = bufferevent_get_output(client->stream);
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;
	ssize_t sent = 0;

	json_decref(reply);
	if (text && client->handed_fd >= 0)
		sent = send_with_fd(client, text, strlen(text));
	/* Without the descriptor the reply would be a lie. */
	if (text && sent >= 0)
		evbuffer_add_printf(out, "%s\n", text + sent);
	else
		client->ending = true;
	free(text);
}

static void send_error(struct client *client, const char *message)
{
	struct report rep = {};

	report_refused(&rep, -EMSGSIZE, "", "%s", message);
	send_reply(client, request_error(&rep));
	client->ending = true;
}

/* A line longer than is taken from this client now ends the connection. */
static void check_length(struct client *client, size_t waiting)
{
	struct control *control = client->control;

	if (waiting > PROTOCOL_REQUEST_MAX) {
		send_error(client, "the request is longer than 64 MiB");
	} else if (waiting > SMALL_REQUEST) {
		if (!control->large)
			control->large = client;
		if (control->large != client)
			send_error(client, "another client sends a long request; try again");
	}
}

/* The next whole line, without its newline; the caller frees it. NULL when there is none yet. */
static char *take_line(struct client *client, size_t *len)
{
	struct evbuffer *in = bufferevent_get_input(client->stream);
	struct evbuffer_ptr from, found;
	char *line;

	if (evbuffer_ptr_set(in, &from, client->scanned, EVBUFFER_PTR_SET) < 0)
		return NULL;
	found = evbuffer_search(in, "\n", 1, &from);
	if (found.pos < 0) {
		/* A long line comes in pieces: none is searched twice. */
		client->scanned = evbuffer_get_length(in);
		return NULL;
	}
	line = malloc(found.pos + 1);
	if (!line) {
		client->ending = true;
		return NULL;
	}
	*len = found.pos;
	evbuffer_remove(in, line, found.pos + 1);
	client->scanned = 0;
	return line;
}

/*
 * Requests in order, for as long as their replies are read: while too many bytes
 * wait to go out, none come in. Frees the client when all is said.
 */
static void serve(struct client *client)
{
	struct evbuffer *in = bufferevent_get_input(client->stream);
	struct evbuffer *out = bufferevent_get_output(client->stream);
	bool full;

	while (!(full = evbuffer_get_length(out) >= BACKLOG_MAX) && !client->ending) {
		size_t len;
		char *line = take_line(client, &len);

		if (!line) {
			check_length(client, evbuffer_get_length(in));
			client->ending |= client->eof;
			break;
		}
		if (client->control->large == client)
			client->control->large = NULL;
		send_reply(client,
			   request_handle(client->control->agent, line, len, &client->caller));
		free(line);
	}
	if (client->ending && !evbuffer_get_length(out))
		client_free(client);
	else if (client->ending || client->eof || full)
		bufferevent_disable(client->stream, EV_READ);
	else
		bufferevent_enable(client->stream, EV_READ);
}

/* Something has come in, or the last reply is out. */
static void on_progress(struct bufferevent *stream, void *arg)
{
	(void)stream;
	serve(arg);
}

static void on_event(struct bufferevent *stream, short what, void *arg)
{
	struct client *client = arg;
	bool idle = !evbuffer_get_length(bufferevent_get_input(stream)) &&
		    !evbuffer_get_length(bufferevent_get_output(stream));

	/* Silence between two requests is nothing: `stats -w 60` makes it. */
	if (what & BEV_EVENT_TIMEOUT && idle) {
		bufferevent_enable(stream, EV_READ);
		return;
	}
	if (!(what & BEV_EVENT_EOF)) {
		client_free(client);
		return;
	}
	client->eof = true;
	serve(client);
}

static struct client *client_new(struct control *control, int fd, uid_t uid, pid_t pid)
{
	static const struct timeval silence = { .tv_sec = CLIENT_SECONDS };
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->stream = bufferevent_socket_new(control->agent->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!client->stream) {
		free(client);
		return NULL;
	}
	client->control = control;
	client->caller = (struct caller){ uid, pid, client };
	client->handed_fd = -1;
	client->next = control->clients;
	client->link = &control->clients;
	if (client->next)
		client->next->link = &client->next;
	control->clients = client;
	control->n_clients++;
	bufferevent_setcb(client->stream, on_progress, on_progress, on_event, client);
	bufferevent_setwatermark(client->stream, EV_READ, 0, PROTOCOL_REQUEST_MAX + 1);
	bufferevent_set_timeouts(client->stream, &silence, &silence);
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
	return client;
}

void control_tie(struct client *client, void (*fn)(void *arg), void *arg)
{
	client->on_end = fn;
	client->on_end_arg = arg;
}

void control_untie(struct client *client)
{
	client->on_end = NULL;
}

bool control_can_hand_over(const struct client *client)
{
	return client->handed_fd < 0 &&
	       !evbuffer_get_length(bufferevent_get_output(client->stream));
}

int control_hand_over(struct client *client, int fd)
{
	if (!control_can_hand_over(client))
		return -EBUSY;
	client->handed_fd = dup(fd);
	return client->handed_fd < 0 ? -errno : 0;
}

static void on_connect(struct evconnlistener *listener, evutil_socket_t fd,
		       struct sockaddr *address, int len, void *arg)
{
	static const char refused[] =
		"{\"version\":1,\"error\":{\"kind\":\"refused\",\"message\":"
		"\"only root and the group xdpfrag may talk to the agent\"}}\n";
	static const char full[] = "{\"version\":1,\"error\":{\"kind\":\"refused\",\"message\":"
				   "\"too many clients; try again\"}}\n";
	struct control *control = arg;
	uid_t uid = -1;
	pid_t pid = 0;

	(void)listener;
	(void)address;
	(void)len;
	if (!peer_may_connect(fd, &uid, &pid)) {
		log_warning("uid %u: refused at the control socket", uid);
		send(fd, refused, sizeof(refused) - 1, MSG_NOSIGNAL);
		close(fd);
	} else if (control->n_clients >= CLIENTS_MAX) {
		send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL);
		close(fd);
	} else if (!client_new(control, fd, uid, pid)) {
		close(fd);
	}
}

/* Bound under umask, so that there is no moment at which others could connect. */
static int bind_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	int fd, err = 0;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* A socket that nobody answers was left by a dead agent; anything else is not ours. */
	if (!lstat(path, &st) && !S_ISSOCK(st.st_mode)) {
		close(fd);
		return -EEXIST;
	}
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -EADDRINUSE;
	}
	unlink(path);
	mask = umask(0117);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		err = -errno;
	umask(mask);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int control_open(struct control **out, struct agent *agent)
{
	struct control *control = calloc(1, sizeof(*control));
	int fd, err;

	if (!control)
		return -ENOMEM;
	control->agent = agent;
	fd = bind_socket(agent->options.socket);
	if (fd < 0) {
		free(control);
		return fd;
	}
	err = peer_give_to_group(agent->options.socket);
	if (err)
		log_warning("cannot give %s to its group: %s", agent->options.socket,
			    strerror(-err));
	control->listener = evconnlistener_new(agent->base, on_connect, control,
					       LEV_OPT_CLOSE_ON_FREE, SOMAXCONN, fd);
	if (!control->listener) {
		close(fd);
		free(control);
		return -ENOMEM;
	}
	*out = control;
	return 0;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	while (control->clients)
		client_free(control->clients);
	evconnlistener_free(control->listener);
	unlink(control->agent->options.socket);
	free(control);
}
