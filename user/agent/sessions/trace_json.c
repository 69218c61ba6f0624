// SPDX-License-Identifier: GPL-2.0-or-later
/* A datagram's history as JSON (protocol.h). */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "agent/sessions/trace.h"
#include "agent/show_name.h"
#include "config/verdicts.h"
#include "diagnose/trace_judge.h"
#include "xdpfrag/event.h"

#define UNITS (65536 / 8) /* offsets are multiples of 8 */

static const char *const cause_names[] = {
	[CAUSE_NONE] = "",
	[CAUSE_NOT_JOINED] = "not-joined",
	[CAUSE_COPY] = "copy",
	[CAUSE_TIMEOUT] = "timeout",
	[CAUSE_DISCARDED] = "discarded",
	[CAUSE_IN_QUEUE] = "in-queue",
	[CAUSE_NO_SOCKET] = "no-socket",
	[CAUSE_BUFFER_FULL] = "buffer-full",
	[CAUSE_CLOSED] = "closed",
	[CAUSE_OTHER] = "other",
};

/* As its slot has it, also when the NIC is gone; "#7" when nobody knows it. */
static json_t *nic_json(const struct xdpfrag_state *state, uint32_t ifindex)
{
	char name[IFNAMSIZ];
	size_t i;

	for (i = 0; state && i < XDPFRAG_LINKS; i++)
		if (state->links[i].ifindex == ifindex && *state->links[i].name)
			return show_name(state->links[i].name);
	if (!if_indextoname(ifindex, name))
		snprintf(name, sizeof(name), "#%u", ifindex);
	return show_name(name);
}

static void set_text(json_t *object, const char *key, const char *text)
{
	if (*text)
		json_object_set_new(object, key, json_string(text));
}

static json_t *drop_json(uint64_t at, uint8_t cause, const char *reason, const char *function)
{
	json_t *drop = json_pack("{s:I, s:s}", "at", (json_int_t)at, "cause", cause_names[cause]);

	set_text(drop, "reason", reason);
	set_text(drop, "function", function);
	return drop;
}

static json_t *row_json(const struct trace_row *row, uint64_t begin,
			const struct drop_reasons *reasons, const struct xdpfrag_state *state)
{
	const char *verdict =
		row->verdict < XDPFRAG_VERDICTS ? verdict_names[row->verdict] : "no-policy";
	json_t *json =
		json_pack("{s:I, s:o, s:i, s:i, s:b, s:s}", "at", (json_int_t)(row->time - begin),
			  "link", nic_json(state, row->nic), "offset", row->offset, "len", row->len,
			  "more", row->more, "verdict", verdict);

	if (row->vlan)
		json_object_set_new(json, "vlan", json_integer(row->vlan));
	if (row->completes)
		json_object_set_new(json, "completes", json_true());
	if (row->after)
		json_object_set_new(json, "after", json_true());
	if (row->waits)
		json_object_set_new(json, "waits", json_true());
	if (row->dropped_at)
		json_object_set_new(json, "stack",
				    drop_json(row->dropped_at - begin, row->cause,
					      drop_reason(reasons, row->reason), row->function));
	return json;
}

static json_t *whole_json(const struct trace_whole *whole, uint64_t begin,
			  const struct drop_reasons *reasons, const struct xdpfrag_state *state)
{
	const char *what = whole->flags & XDPFRAG_FATE_QUEUED ? "queued"
			   : whole->flags & XDPFRAG_FATE_READ ? "read"
							      : "dropped";
	uint64_t at = whole->time - begin;
	json_t *json;

	if (whole->cause)
		json = drop_json(at, whole->cause, drop_reason(reasons, whole->reason),
				 whole->function);
	else
		json = json_pack("{s:I}", "at", (json_int_t)at);
	json_object_set_new(json, "what", json_string(what));
	if (whole->nic)
		json_object_set_new(json, "link", nic_json(state, whole->nic));
	if (whole->flags & XDPFRAG_FATE_INJECTED)
		json_object_set_new(json, "rebuilt", json_true());
	if (whole->port)
		json_object_set_new(json, "port", json_integer(whole->port));
	if (whole->pid) {
		json_object_set_new(json, "pid", json_integer(whole->pid));
		json_object_set_new(json, "program", show_name(whole->program));
	}
	return json;
}

/* What no NIC brought past the policy: [[from, to], …], to excluded; -1 when that is not known. */
static json_t *missing_json(const struct trace_datagram *datagram)
{
	uint8_t has[UNITS] = { 0 };
	unsigned int end = (datagram->bytes + 7) / 8, i, from;
	json_t *missing = json_array();
	const struct trace_row *row;

	for (row = datagram->rows; row; row = row->next) {
		if (!row->len ||
		    (!trace_went_on(row->verdict) && row->verdict != XDPFRAG_REASSEMBLED))
			continue;
		for (i = row->offset / 8; i < (row->offset + row->len + 7U) / 8 && i < UNITS; i++)
			has[i] = 1;
		if (i > end)
			end = i;
	}
	for (i = 0; i < end && i < UNITS; i++) {
		if (has[i])
			continue;
		for (from = i; i < end && i < UNITS && !has[i]; i++)
			;
		json_array_append_new(
			missing,
			json_pack("[i, i]", from * 8,
				  i == end && datagram->bytes ? (int)datagram->bytes : (int)i * 8));
	}
	if (!datagram->bytes)
		json_array_append_new(missing, json_pack("[i, i]", end * 8, -1));
	return missing;
}

static json_t *protocol_json(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_UDP:
		return json_string("udp");
	case IPPROTO_TCP:
		return json_string("tcp");
	case IPPROTO_ICMP:
		return json_string("icmp");
	case IPPROTO_ICMPV6:
		return json_string("icmp6");
	default:
		return json_sprintf("%u", proto);
	}
}

static uint64_t begin_of(const struct trace_datagram *datagram)
{
	return datagram->rows ? datagram->rows->time : datagram->ended_at;
}

json_t *trace_json(const struct trace_datagram *datagram, const struct drop_reasons *reasons,
		   const struct xdpfrag_state *state, uint64_t epoch)
{
	json_t *rows = json_array(), *whole = json_array(), *json;
	char group[INET6_ADDRSTRLEN], source[INET6_ADDRSTRLEN];
	uint64_t begin = begin_of(datagram);
	const struct trace_row *row;
	unsigned int i;

	for (row = datagram->rows; row; row = row->next)
		json_array_append_new(rows, row_json(row, begin, reasons, state));
	for (i = 0; i < datagram->n_whole; i++)
		json_array_append_new(whole,
				      whole_json(&datagram->whole[i], begin, reasons, state));
	inet_ntop(datagram->family, datagram->group, group, sizeof(group));
	inet_ntop(datagram->family, datagram->source, source, sizeof(source));
	json = json_pack("{s:s, s:s, s:I, s:o, s:I, s:i, s:o, s:o, s:o, s:s, s:I}", "source",
			 source, "group", group, "id", (json_int_t)datagram->id, "protocol",
			 protocol_json(datagram->proto), "time", (json_int_t)(epoch + begin),
			 "bytes", (int)datagram->bytes, "fragments", rows, "whole", whole,
			 "missing", missing_json(datagram), "end", trace_end_names[datagram->end],
			 "ended", (json_int_t)(datagram->ended_at - begin));
	if (datagram->stack_id != datagram->id)
		json_object_set_new(json, "stack_id", json_integer(datagram->stack_id));
	if (datagram->rows_left_out)
		json_object_set_new(json, "fragments_left_out",
				    json_integer(datagram->rows_left_out));
	if (datagram->whole_left_out)
		json_object_set_new(json, "whole_left_out", json_integer(datagram->whole_left_out));
	return json;
}

json_t *trace_sums_json(const struct trace_sums *sums)
{
	json_t *ends = json_object();
	int i;

	for (i = 0; i < TRACE_ENDS; i++)
		json_object_set_new(ends, trace_end_names[i], json_integer(sums->ends[i]));
	return json_pack("{s:I, s:I, s:o, s:I}", "datagrams", (json_int_t)sums->datagrams,
			 "fragments", (json_int_t)sums->fragments, "ends", ends, "forgotten",
			 (json_int_t)sums->forgotten);
}
