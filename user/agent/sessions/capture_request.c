// SPDX-License-Identifier: GPL-2.0-or-later
/* The request `capture begin`, read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/sessions/capture_request.h"
#include "capture/filter_check.h"
#include "config/verdicts.h"
#include "xdpfrag/captured.h"
#include "xdpfrag/verdict.h"

#define NO_VERDICT "none" /* a frame that no policy names, in a list of verdicts */

static int read_nics(struct capture *capture, const json_t *body, struct report *rep)
{
	const json_t *nics = json_object_get(body, "nics"), *nic;
	size_t i;

	if (!nics)
		return 0;
	if (!json_is_array(nics) || json_array_size(nics) > XDPFRAG_LINKS)
		return report_usage(rep, "nics", "an array of at most 64 names",
				    "\"nics\" is none");
	json_array_foreach (nics, i, nic) {
		const char *name = json_string_value(nic);

		if (!name || !*name || strlen(name) >= IFNAMSIZ)
			return report_usage(rep, name, "a NIC's name", "NIC %zu has no name", i);
		strcpy(capture->nics[capture->n_nics++], name);
	}
	return 0;
}

static int read_snaplen(struct capture *capture, const json_t *body, struct report *rep)
{
	const json_t *value = json_object_get(body, "snaplen");
	json_int_t snaplen = value ? json_integer_value(value) : XDPFRAG_CAPTURED_MAX;

	if (snaplen < 1 || snaplen > XDPFRAG_CAPTURED_MAX)
		return report_usage(rep, "snaplen", "1 to 65664",
				    "the snap length is out of range");
	capture->program.snaplen = snaplen;
	return 0;
}

static int verdict_by_name(const char *name)
{
	int i;

	for (i = 0; name && i < XDPFRAG_VERDICTS; i++)
		if (!strcmp(name, verdict_names[i]))
			return i;
	return name && !strcmp(name, NO_VERDICT) ? XDPFRAG_VERDICTS : -EINVAL;
}

static int read_verdicts(struct capture *capture, const json_t *body, struct report *rep)
{
	const json_t *verdicts = json_object_get(body, "verdicts"), *each;
	size_t i;

	capture->program.verdicts = verdicts ? 0 : ~0U;
	if (verdicts && !json_array_size(verdicts))
		return report_usage(rep, "verdicts", "an array of names", "\"verdicts\" is none");
	json_array_foreach (verdicts, i, each) {
		int verdict = verdict_by_name(json_string_value(each));

		if (verdict < 0)
			return report_usage(
				rep, json_string_value(each),
				"passed, dropped, observed, redirected, reassembled, none",
				"verdict %zu is not known", i);
		capture->program.verdicts |= 1U << verdict;
	}
	return 0;
}

/* An instruction is [code, jt, jf, k]. */
static int read_insn(struct sock_filter *insn, const json_t *array)
{
	static const json_int_t most[] = { 0xffff, 0xff, 0xff, 0xffffffff };
	json_int_t fields[4];
	size_t i;

	if (json_array_size(array) != 4)
		return -EINVAL;
	for (i = 0; i < 4; i++) {
		const json_t *field = json_array_get(array, i);

		fields[i] = json_integer_value(field);
		if (!json_is_integer(field) || fields[i] < 0 || fields[i] > most[i])
			return -EINVAL;
	}
	*insn = (struct sock_filter){ fields[0], fields[1], fields[2], fields[3] };
	return 0;
}

static int explain(int err, size_t at, size_t n, struct report *rep)
{
	if (err == -ENOSPC)
		return report_refused(
			rep, err, "",
			"the filter is too long: its %zu instructions become %zu of "
			"the kernel's, more than a program has room for; leave part of "
			"it to whatever reads the capture",
			n, at);
	if (err == -EINVAL)
		return report_usage(rep, "program", "a filter as libpcap compiles it",
				    "instruction %zu of the filter cannot be run in the kernel "
				    "(protochain is one that loops)",
				    at);
	return report_failed(rep, err, "", "cannot make the program: %s", strerror(-err));
}

static int read_program(struct capture *capture, const json_t *body, struct report *rep)
{
	const json_t *program = json_object_get(body, "program"), *insn;
	size_t n = json_array_size(program), i, at = 0;
	struct sock_filter *filter;
	int err = 0;

	if (!n || n > FILTER_MAX)
		return report_usage(rep, "program", "an array of 1 to 4096 instructions",
				    "a capture needs the \"program\" of its filter");
	filter = calloc(n, sizeof(*filter));
	if (!filter)
		return report_failed(rep, -ENOMEM, "", "out of memory");
	json_array_foreach (program, i, insn) {
		err = read_insn(&filter[i], insn);
		if (err)
			break;
	}
	if (err) {
		err = report_usage(rep, "program", "[code, jt, jf, k]",
				   "instruction %zu of the filter is none", i);
		goto out;
	}
	err = steer_capture_make(&capture->program, filter, n, &at);
	if (err)
		err = explain(err, at, n, rep);
out:
	free(filter);
	return err;
}

int capture_read(struct capture *capture, const json_t *body, struct report *rep)
{
	const char *filter = json_string_value(json_object_get(body, "filter"));
	int err;

	memset(&capture->program, 0, sizeof(capture->program));
	capture->n_nics = 0;
	capture->program.decap = json_is_true(json_object_get(body, "decap"));
	report_quote(capture->filter, sizeof(capture->filter), filter ? filter : "");
	err = read_nics(capture, body, rep);
	if (!err)
		err = read_snaplen(capture, body, rep);
	if (!err)
		err = read_verdicts(capture, body, rep);
	return err ? err : read_program(capture, body, rep);
}
