// SPDX-License-Identifier: GPL-2.0-or-later
/* Where captured packets go (capture_out.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/decision.h"
#include "capture/packet_line.h"
#include "capture/packet_text.h"
#include "capture_out.h"
#include "interrupt.h"
#include "output.h"

uint64_t capture_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* --- NICs --- */

static struct capture_nic *find(const struct capture_out *out, uint32_t slot, uint32_t ifindex)
{
	size_t i;

	for (i = 0; i < out->n_nics; i++)
		if (out->nics[i].slot == slot && out->nics[i].ifindex == ifindex)
			return (struct capture_nic *)&out->nics[i];
	return NULL;
}

static int add_nic(struct capture_out *out, const char *name, uint32_t slot, uint32_t ifindex)
{
	struct capture_nic *nics, *nic;
	int width = strlen(name);

	nics = realloc(out->nics, (out->n_nics + 1) * sizeof(*nics));
	if (!nics)
		return -ENOMEM;
	out->nics = nics;
	nic = &nics[out->n_nics];
	*nic = (struct capture_nic){ .slot = slot, .ifindex = ifindex };
	snprintf(nic->name, sizeof(nic->name), "%s", name);
	out->n_nics++;
	if (width > out->nic_width)
		out->nic_width = width;
	return out->to_file ? pcapng_nic(&out->png, nic->name, NULL, &nic->id) : 0;
}

/* The last one that had this slot, for counts of a NIC that is gone. */
static const struct capture_nic *find_gone(const struct capture_out *out, uint32_t slot)
{
	size_t i;

	for (i = out->n_nics; i-- > 0;)
		if (out->nics[i].slot == slot)
			return &out->nics[i];
	return NULL;
}

const struct capture_nic *capture_out_nic(const struct capture_out *out, const json_t *link)
{
	uint32_t slot = member_count(link, "slot"), ifindex = member_count(link, "ifindex");

	return ifindex ? find(out, slot, ifindex) : find_gone(out, slot);
}

int capture_out_links(struct capture_out *out, const json_t *links)
{
	const json_t *link;
	int err = 0;
	size_t i;

	json_array_foreach (links, i, link) {
		uint32_t slot = member_count(link, "slot"), ifindex = member_count(link, "ifindex");

		if (!err && ifindex && !find(out, slot, ifindex))
			err = add_nic(out, member_text(link, "name"), slot, ifindex);
	}
	return err;
}

bool capture_out_knows(const struct capture_out *out, const struct xdpfrag_captured *record)
{
	return find(out, record->slot, record->ifindex);
}

/* One that was gone before anybody could say its name has its number for a name. */
static struct capture_nic *nic_of(struct capture_out *out, const struct xdpfrag_captured *record)
{
	struct capture_nic *nic = find(out, record->slot, record->ifindex);
	char name[IFNAMSIZ];

	if (nic)
		return nic;
	snprintf(name, sizeof(name), "if%u", record->ifindex);
	return add_nic(out, name, record->slot, record->ifindex)
		       ? NULL
		       : find(out, record->slot, record->ifindex);
}

/* --- packets --- */

static int put_line(struct capture_out *out, const struct capture_nic *nic, uint64_t time,
		    const struct xdpfrag_captured *record, const struct view *view)
{
	char line[PACKET_LINE];
	const struct packet_line packet = { .time = time,
					    .nic = nic->name,
					    .nic_width = out->nic_width,
					    .record = record,
					    .view = view };

	packet_line(line, sizeof(line), &packet);
	return puts(line) < 0 ? -errno : 0;
}

static int put_json(const struct capture_nic *nic, uint64_t time,
		    const struct xdpfrag_captured *record, const struct view *view)
{
	char text[PACKET_LINE], policy[DECISION_TEXT], reason[DECISION_TEXT];
	struct line line;

	line_begin(&line, text, sizeof(text));
	packet_text(&line, view);
	decision_policy(record, policy, sizeof(policy));
	decision_reason(record, reason, sizeof(reason));
	return output_line(json_pack("{s:I, s:o, s:s, s:s, s:s, s:b, s:I, s:I, s:s}", "time",
				     (json_int_t)time, "nic", text_json(nic->name), "verdict",
				     decision_verdict(record), "policy", policy, "reason", reason,
				     "tunnel", record->inner != 0, "len", (json_int_t)view->len,
				     "caplen", (json_int_t)view->caplen, "packet", text));
}

/*
 * A write that a signal has interrupted goes on; the signal counts when all is written. A second
 * one ends it: whoever reads the pipe may be stuck.
 */
static bool goes_on(int err)
{
	return err == -EINTR && interrupts() < 2;
}

/* An error comes before anything of the packet is there. */
static int put_packet(struct capture_out *out, const struct capture_nic *nic, uint64_t time,
		      const struct xdpfrag_captured *record, const struct view *view)
{
	int err;

	do
		err = pcapng_packet(&out->png, nic->id, time, record, view);
	while (goes_on(err));
	return err;
}

int capture_out_packet(struct capture_out *out, uint64_t time,
		       const struct xdpfrag_captured *record, const struct view *view)
{
	const struct capture_nic *nic = nic_of(out, record);

	if (!nic)
		return -ENOMEM;
	if (out->to_file)
		return put_packet(out, nic, time, record, view);
	return out->json ? put_json(nic, time, record, view)
			 : put_line(out, nic, time, record, view);
}

static int flush_file(struct capture_out *out)
{
	int err;

	do
		err = pcapng_flush(&out->png);
	while (goes_on(err));
	return err;
}

int capture_out_flush(struct capture_out *out)
{
	return out->to_file ? flush_file(out) : output_flush();
}

/* --- the file --- */

int capture_out_failed(const struct capture_out *out, int err, struct report *rep)
{
	const char *file = out->options->file;

	if (!file || !strcmp(file, "-"))
		return report_failed(rep, err, "", "cannot write to standard output: %s",
				     strerror(-err));
	return report_failed(rep, err, file, "cannot write to %s: %s", REPORT_QUOTE(file),
			     strerror(-err));
}

static int open_file(struct capture_out *out, const char *file, struct report *rep)
{
	const int flags = O_WRONLY | O_CLOEXEC;

	if (!strcmp(file, "-")) {
		out->fd = STDOUT_FILENO;
		return 0;
	}
	out->fd = open(file, flags | O_CREAT | O_EXCL, 0666);
	out->is_new = out->fd >= 0;
	if (out->fd < 0 && errno == EEXIST)
		out->fd = open(file, flags);
	if (out->fd < 0)
		return capture_out_failed(out, -errno, rep);
	return 0;
}

int capture_out_open(struct capture_out *out, const struct capture_options *options, bool json,
		     struct report *rep)
{
	*out = (struct capture_out){ .options = options, .json = json, .fd = -1 };
	return options->file ? open_file(out, options->file, rep) : 0;
}

static int begin_file(struct capture_out *out)
{
	const struct capture_options *options = out->options;
	const struct pcapng_about about = { .application = "xdpfragctl " VERSION,
					    .filter = *options->filter ? options->filter : NULL,
					    .snaplen = options->snaplen };

	out->to_file = true;
	return pcapng_open(&out->png, out->fd, &about);
}

/* When all is there that the file begins with; a pipe has no length, and says so. */
static int empty_file(const struct capture_out *out)
{
	return out->to_file && ftruncate(out->fd, 0) < 0 && errno != EINVAL ? -errno : 0;
}

int capture_out_begin(struct capture_out *out, const json_t *links, struct report *rep)
{
	const char *file = out->options->file;
	int err = file ? begin_file(out) : 0;

	out->began = capture_now();
	if (!err)
		err = capture_out_links(out, links);
	if (!err)
		err = empty_file(out);
	/* What reads a pipe wants to see the file begin. */
	if (!err)
		err = capture_out_flush(out);
	if (err == -E2BIG)
		return report_refused(rep, err, "-w",
				      "the filter is longer than a pcapng file can note: %d bytes",
				      PCAPNG_TEXT);
	if (err && file)
		return capture_out_failed(out, err, rep);
	out->begun = !err;
	return err;
}

int capture_out_statistics(struct capture_out *out, const json_t *links)
{
	struct pcapng_statistics statistics = { .start = out->began, .received = PCAPNG_UNKNOWN };
	const json_t *link;
	int err = 0;
	size_t i;

	if (!out->to_file)
		return 0;
	statistics.time = statistics.end = capture_now();
	json_array_foreach (links, i, link) {
		const struct capture_nic *nic = capture_out_nic(out, link);

		statistics.captured = member_count(link, "captured");
		statistics.lost = member_count(link, "lost");
		if (!err && nic)
			err = pcapng_statistics(&out->png, nic->id, &statistics);
	}
	return err ? err : flush_file(out);
}

void capture_out_close(struct capture_out *out)
{
	if (out->to_file)
		pcapng_close(&out->png);
	if (out->is_new && !out->begun)
		unlink(out->options->file); /* as if nothing had been asked for */
	if (out->fd > STDERR_FILENO)
		close(out->fd);
	free(out->nics);
}
