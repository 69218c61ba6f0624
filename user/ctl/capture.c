// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `capture`: has the agent put a filter into the programs on the links, reads the ring that
 * they write matching frames to, and prints them or writes them to a file. The capture lasts
 * as long as the connection to the agent.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture_options.h"
#include "capture_out.h"
#include "capture_ring.h"
#include "interrupt.h"
#include "objects.h"
#include "output.h"

/* Programs wake nobody for a frame: that would cost more than the frame. */
#define POLL_NS	  10000000LL
#define CLOCKS_NS 1000000000LL /* between looks at the clocks, which drift apart */

struct session {
	struct ctl *ctl;
	const struct capture_options *options;
	struct capture_ring *ring;
	struct capture_out out;
	uint64_t packets;
	uint64_t bytes; /* of the ring that were read */
	bool enough;	/* options->count is reached */
	uint64_t ahead; /* ns of CLOCK_REALTIME before CLOCK_MONOTONIC */
	int64_t clocks_at;
	bool asked; /* for links, since the last one was found unknown */
};

static void read_clocks(struct session *session)
{
	int64_t now = monotonic_ns();

	if (session->clocks_at && now < session->clocks_at + CLOCKS_NS)
		return;
	session->clocks_at = now;
	session->ahead = capture_now() - now;
}

/* What the agent says of the capture; NULL when it says nothing. */
static json_t *ask(struct session *session)
{
	static const char *const words[] = { "capture", "show" };
	struct report ignored = {};
	json_t *reply = NULL;

	return client_ask(&session->ctl->client, words, 2, &reply, &ignored) ? NULL : reply;
}

/* A NIC that came while the capture runs. Once, and not for each of its frames. */
static int learn_nic(struct session *session)
{
	json_t *reply = session->asked ? NULL : ask(session);
	int err = 0;

	session->asked = true;
	if (reply)
		err = capture_out_links(&session->out,
					json_object_get(json_object_get(reply, "result"), "links"));
	json_decref(reply);
	return err;
}

static int on_frame(const struct xdpfrag_captured *record, const void *frame, void *arg)
{
	struct session *session = arg;
	struct view view;
	int err = 0;

	session->bytes += sizeof(*record) + record->caplen;
	if (session->enough)
		return 0;
	if (!capture_out_knows(&session->out, record))
		err = learn_nic(session);
	else
		session->asked = false;
	view_make(&view, record, frame, session->options->snaplen);
	if (!err)
		err = capture_out_packet(&session->out, record->time + session->ahead, record,
					 &view);
	session->packets++;
	session->enough = session->packets == session->options->count;
	return err;
}

/* --- begin --- */

static json_t *request(const struct capture_options *options, struct report *rep)
{
	static const char *const words[] = { "capture", "begin" };
	json_t *program = capture_filter_compile(options->filter, rep), *request;

	if (!program)
		return NULL;
	request = client_words(words, 2);
	json_object_set_new(request, "program", program);
	json_object_set_new(request, "filter", text_json(options->filter));
	json_object_set_new(request, "decap", json_boolean(options->decap));
	if (options->snaplen)
		json_object_set_new(request, "snaplen", json_integer(options->snaplen));
	if (json_array_size(options->nics))
		json_object_set(request, "nics", options->nics);
	if (json_array_size(options->verdicts))
		json_object_set(request, "verdicts", options->verdicts);
	return request;
}

/* To stderr, since the packets may go to stdout. */
static void say_begin(const json_t *links)
{
	const json_t *link;
	size_t i;

	fputs("xdpfragctl: capturing on ", stderr);
	json_array_foreach (links, i, link)
		fprintf(stderr, "%s%s", i ? ", " : "", member_text(link, "name"));
	if (!json_array_size(links))
		fputs("no NIC yet: none is steered", stderr);
	fputs("; Ctrl-C ends it\n", stderr);
}

/* Takes `wanted`. */
static int begin(struct session *session, json_t *wanted, json_t **links, struct report *rep)
{
	struct client *client = &session->ctl->client;
	json_t *reply;
	int err;

	err = client_request(client, wanted, &reply, rep);
	if (err)
		return err;
	if (client->handed_fd < 0) {
		json_decref(reply);
		return report_failed(rep, -EPROTO, client->path,
				     "the agent at %s gave no ring to read from", client->path);
	}
	*links = json_incref(json_object_get(json_object_get(reply, "result"), "links"));
	json_decref(reply);
	err = capture_ring_open(&session->ring, client->handed_fd, on_frame, session);
	if (err)
		return report_failed(rep, err, "", "cannot read the ring: %s", strerror(-err));
	return 0;
}

/* --- until it ends --- */

static int read_all(struct session *session)
{
	int n, err;

	read_clocks(session);
	n = capture_ring_read(session->ring);
	err = n < 0 ? n : 0;
	if (!err)
		err = capture_out_flush(&session->out);
	return err ? err : n;
}

/*
 * As tcpdump does: what came before the signal counts. That is a ring full at most; where programs
 * write as fast as this reads, the ring never is empty.
 */
static int read_rest(struct session *session)
{
	uint64_t end = session->bytes + XDPFRAG_CAPTURED_SIZE;
	int n = CAPTURE_RING_READ;

	while (!session->enough && n == CAPTURE_RING_READ && session->bytes < end)
		n = read_all(session);
	return n < 0 ? n : 0;
}

/* 0: it is over; what was in the ring by then has been read. */
static int run(struct session *session, struct report *rep)
{
	int n = 0, ready;

	while (!interrupted() && !session->enough) {
		n = read_all(session);
		if (n < 0)
			return n;
		if (session->enough || n == CAPTURE_RING_READ)
			continue;
		ready = interrupt_wait(session->ctl->client.fd, monotonic_ns() + POLL_NS);
		/* The agent says nothing without being asked: it is gone. */
		if (ready > 0) {
			n = read_all(session);
			return n < 0 ? n
				     : report_failed(
					       rep, -EPIPE, "",
					       "the agent has ended, and the capture with it");
		}
	}
	return read_rest(session);
}

static void say_end(const struct session *session, const json_t *state)
{
	const json_t *link;
	size_t i;

	fprintf(stderr, "xdpfragctl: %" PRIu64 " packets captured, ", session->packets);
	if (!state) {
		fputs("how many were lost is not known\n", stderr);
		return;
	}
	fprintf(stderr, "%" PRIu64 " lost", member_count(state, "lost"));
	json_array_foreach (json_object_get(state, "links"), i, link) {
		const struct capture_nic *nic = capture_out_nic(&session->out, link);

		if (member_count(link, "lost") && nic)
			fprintf(stderr, ", %" PRIu64 " of them on %s", member_count(link, "lost"),
				nic->name);
	}
	fputc('\n', stderr);
}

/* What could not be written is not tried again: that might wait for ever. */
static int end(struct session *session, bool can_write)
{
	json_t *reply = ask(session);
	const json_t *state = json_object_get(reply, "result");
	int err = 0;

	if (can_write)
		err = capture_out_statistics(&session->out, json_object_get(state, "links"));
	if (!session->out.json)
		say_end(session, state);
	json_decref(reply);
	return err;
}

static int capture(struct session *session, json_t *wanted, struct report *rep)
{
	json_t *links = NULL;
	int err, end_err;

	err = begin(session, wanted, &links, rep);
	if (!err)
		err = capture_out_begin(&session->out, links, rep);
	if (!err) {
		if (!session->ctl->json)
			say_begin(links);
		err = run(session, rep);
		end_err = end(session, !err || rep->kind != REPORT_NONE);
		err = err ? err : end_err;
	}
	json_decref(links);
	capture_ring_close(session->ring);
	/* The reader of the pipe has gone, and wants nothing more: that is no failure. */
	if (err == -EPIPE && rep->kind == REPORT_NONE) {
		output_abandon();
		return 0;
	}
	if ((err == -EBADMSG || err == -ENOMEM) && rep->kind == REPORT_NONE)
		return report_failed(rep, err, "", "cannot go on: %s", strerror(-err));
	if (err && rep->kind == REPORT_NONE)
		return capture_out_failed(&session->out, err, rep);
	return err;
}

int capture_run(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	struct capture_options options;
	struct session session = { .ctl = ctl, .options = &options };
	json_t *wanted = NULL;
	int err;

	err = capture_options_parse(&options, words, n_words, rep);
	if (!err && options.file && !strcmp(options.file, "-") && isatty(STDOUT_FILENO))
		err = report_usage(rep, "-w", "FILE, or a pipe",
				   "-w - writes a file, which is not for a terminal");
	if (!err && options.file && ctl->json)
		err = report_usage(rep, "-w", "", "-w writes pcapng, which -j does not change");
	if (!err) {
		/* libpcap may take its time, and a name server too: until then signals end it. */
		wanted = request(&options, rep);
		err = wanted ? 0 : -EINVAL; /* rep says more */
	}
	if (!err) {
		interrupt_catch();
		err = capture_out_open(&session.out, &options, ctl->json, rep);
		if (err)
			json_decref(wanted);
	}
	if (!err) {
		err = capture(&session, wanted, rep);
		capture_out_close(&session.out);
	}
	capture_options_free(&options);
	return err;
}
