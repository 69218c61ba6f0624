// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fragments and fates as the input says, of a few datagrams whose ids come again, out of order,
 * in a table with little room, while time passes. Each history that is told holds fragments of
 * its datagram alone, in the order of time, each told once, but where it still waited; each
 * fragment is told, left out or forgotten, and counted so. What is printed of a history, as
 * JSON and as a picture, can be shown, and no time in it lies before its beginning.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/sessions/trace.h"
#include "diagnose/trace_judge.h"
#include "fuzz.h"
#include "../lib/trace_shown.h"
#include "xdpfrag/event.h"
#include "xdpfrag/state.h"
#include "xdpfrag/verdict.h"

#define FED  1024 /* fragments */
#define KEYS 256  /* datagrams to the stack */
#define NICS 24	  /* the first of which have a slot */
#define SLOT 3

#define TICK	 4096ULL /* ns; what lies below is a fragment's number, by which it is known */
#define MS	 1000000ULL
#define S	 (1000 * MS)
#define BEGIN	 (S / TICK * TICK)
#define EPOCH	 1700000000000000000ULL
#define TIMEOUT4 (30 * S)
#define TIMEOUT6 (60 * S)

struct key {
	uint8_t group[16], source[16];
	uint32_t stack_id;
	uint8_t family, proto;
	bool told;
	unsigned int untold; /* fragments that no history had */
};

struct fed {
	struct trace_fragment fragment;
	struct key *key;
	bool told;
	bool waits; /* when it was told last */
};

static struct {
	const uint8_t *at, *end;
	struct trace *trace;
	uint64_t now;
	struct fed fed[FED];
	size_t n;
	struct key keys[KEYS];
	size_t n_keys;
	bool flushing;
	uint64_t told, tails, left_out; /* the last: fragments */
	uint64_t cut;			/* histories that left some out */
	uint64_t ends[TRACE_ENDS];
} world;

static struct xdpfrag_state state;

/* The running kernel's, stood in for. */
const char *drop_reason(const struct drop_reasons *reasons, uint32_t reason)
{
	static const char *const names[] = {
		"",
		"NOT_SPECIFIED",
		"DUP_FRAG",
		"FRAG_REASM_TIMEOUT",
		"SOCKET_RCVBUFF",
		"QUEUE_PURGE",
		"NO_SOCKET",
		"UDP_CSUM",
		"IPV6_NDISC_NS_OTHERHOST",
	};

	(void)reasons;
	return reason < sizeof(names) / sizeof(*names) ? names[reason] : "";
}

static uint32_t take(uint32_t below)
{
	uint32_t value = world.at < world.end ? *world.at++ : 0;

	if (below > 256)
		value = value << 8 | (world.at < world.end ? *world.at++ : 0);
	return value % below;
}

static void take_bytes(char *to, size_t n)
{
	size_t left = world.end - world.at, has = left < n ? left : n;

	memset(to, 0, n);
	memcpy(to, world.at, has);
	world.at += has;
}

/* --- what is told --- */

static struct fed *fed_of(const struct trace_datagram *datagram, const struct trace_row *row)
{
	struct fed *fed = &world.fed[row->time % TICK];
	const struct trace_fragment *fragment = &fed->fragment;

	must(row->time % TICK < world.n && row->time == fragment->time, "a fragment that was fed");
	must(row->nic == fragment->nic && row->offset == fragment->offset &&
		     row->len == fragment->len && row->vlan == fragment->vlan &&
		     row->verdict == fragment->verdict && row->more == fragment->more,
	     "as it was fed");
	must(fed->key->family == datagram->family && fed->key->proto == datagram->proto &&
		     fed->key->stack_id == datagram->stack_id &&
		     !memcmp(fed->key->group, datagram->group, 16) &&
		     !memcmp(fed->key->source, datagram->source, 16),
	     "in its own datagram's history");
	return fed;
}

/* Told once; again only in a tail, where it still waited. */
static void check_row(const struct trace_datagram *datagram, const struct trace_row *row)
{
	struct fed *fed = fed_of(datagram, row);

	must(!fed->told || (datagram->tail && fed->waits), "a fragment told twice");
	must(!datagram->tail || fed->key->told, "a tail of nothing");
	must(!row->dropped_at == !row->cause, "a drop with a cause");
	must(!row->dropped_at || row->dropped_at >= row->time, "dropped before it came in");
	must(!row->dropped_at || trace_went_on(row->verdict), "dropped by two");
	must(row->cause != CAUSE_IN_QUEUE && row->cause <= CAUSE_OTHER, "a cause");
	must(!row->completes || !row->waits, "complete, and waits");
	if (!fed->told)
		fed->key->untold--;
	fed->told = true;
	fed->waits = row->waits;
}

static void check_rows(const struct trace_datagram *datagram)
{
	const struct trace_row *row;
	unsigned int n = 0;

	must(datagram->rows, "a history with a fragment");
	for (row = datagram->rows; row; row = row->next) {
		check_row(datagram, row);
		must(!row->next || row->time < row->next->time, "the order of time");
		must(++n <= TRACE_ROWS_EACH, "no more than it has room for");
	}
	must(n == datagram->n_rows, "as many as it says");
	fed_of(datagram, datagram->rows)->key->told = true;
}

static bool was_whole(const struct trace_datagram *datagram)
{
	const struct trace_row *row;

	for (row = datagram->rows; row && !row->completes; row = row->next)
		;
	return row;
}

/* Did something become known of it that had been so before? */
static bool was_revised(const struct trace_datagram *datagram)
{
	const struct trace_row *row;

	for (row = datagram->rows; row; row = row->next)
		if (row->dropped_at || (row->next && row->next->time % TICK < row->time % TICK))
			return true;
	return false;
}

static bool has_whole(const struct trace_datagram *datagram, uint8_t flags)
{
	unsigned int i;

	for (i = 0; i < datagram->n_whole; i++)
		if (datagram->whole[i].flags & flags)
			return true;
	return false;
}

static bool went_past(const struct trace_datagram *datagram)
{
	const struct trace_row *row;

	for (row = datagram->rows; row; row = row->next)
		if (trace_went_on(row->verdict) || row->verdict == XDPFRAG_REASSEMBLED)
			return true;
	return false;
}

static void check_end(const struct trace_datagram *datagram)
{
	enum trace_end end = datagram->end;
	unsigned int i;

	must(end < TRACE_ENDS, "an end");
	must(datagram->ended_at >= datagram->rows->time, "an end before its beginning");
	must(end != END_OPEN || world.flushing, "open, while the trace goes on");
	must(end != END_POLICY || !went_past(datagram), "kept out, and passed");
	must(end != END_DUPLICATE || datagram->tail, "a duplicate of nothing");
	must((end != END_DELIVERED && end != END_REBUILT) || was_whole(datagram) ||
		     has_whole(datagram, XDPFRAG_FATE_QUEUED | XDPFRAG_FATE_READ),
	     "delivered, and never whole");
	must(!datagram->tail || !datagram->n_whole || was_whole(datagram) || was_revised(datagram),
	     "what became of a datagram, told of fragments behind it");
	must(datagram->n_whole <= TRACE_FATES, "no more fates than there is room for");
	must(datagram->n_whole == TRACE_FATES || !datagram->whole_left_out, "left out with room");
	for (i = 0; i < datagram->n_whole; i++) {
		const struct trace_whole *whole = &datagram->whole[i];

		must(whole->time >= datagram->rows->time, "whole before its first fragment");
		must(memchr(whole->program, '\0', sizeof(whole->program)), "a name that ends");
	}
}

static void on_ended(const struct trace_datagram *datagram, void *arg)
{
	struct trace_style style = { .utf8 = world.told % 2 };
	json_t *json;

	must(arg == &world, "its argument");
	check_rows(datagram);
	check_end(datagram);
	world.told++;
	world.tails += datagram->tail;
	world.left_out += datagram->rows_left_out;
	world.cut += !!datagram->rows_left_out;
	world.ends[datagram->end]++;
	json = trace_json(datagram, NULL, &state, EPOCH);
	must(json, "JSON");
	must_not(trace_shown_fault(datagram, json));
	must_not(trace_picture_fault(datagram, json, &style));
	json_decref(json);
}

/* --- what is fed --- */

static struct key *key_of(const struct trace_fragment *fragment)
{
	struct key key = { .stack_id = fragment->stack_id,
			   .family = fragment->family,
			   .proto = fragment->proto };
	size_t len = key.family == AF_INET ? 4 : 16, i;
	struct key *found;

	memcpy(key.group, fragment->group, len);
	memcpy(key.source, fragment->source, len);
	for (i = 0; i < world.n_keys; i++) {
		found = &world.keys[i];
		if (found->stack_id == key.stack_id && found->family == key.family &&
		    found->proto == key.proto && !memcmp(found->group, key.group, 16) &&
		    !memcmp(found->source, key.source, 16))
			return found;
	}
	if (world.n_keys == KEYS)
		return NULL;
	found = &world.keys[world.n_keys++];
	*found = key;
	return found;
}

/* What lies behind an IPv4 address in its field is not looked at. */
static const uint8_t *address(uint8_t first)
{
	static uint8_t addresses[4][16];
	uint8_t *made = addresses[first % 4];

	memset(made, 0x11 * (first % 4), 16);
	made[0] = first / 4;
	made[3] = first;
	return made;
}

static uint64_t moment(void)
{
	uint64_t back = take(4) ? 0 : take(64) * TICK;

	return world.now - back;
}

static void feed_fragment(void)
{
	static const uint8_t verdicts[] = { XDPFRAG_PASSED,	XDPFRAG_PASSED,
					    XDPFRAG_NO_VERDICT, XDPFRAG_DROPPED,
					    XDPFRAG_OBSERVED,	XDPFRAG_REDIRECTED,
					    XDPFRAG_REASSEMBLED };
	struct fed *fed = &world.fed[world.n];
	struct trace_fragment *fragment = &fed->fragment;
	uint32_t what = take(256);

	if (world.n == FED)
		return;
	*fragment = (struct trace_fragment){ .family = what & 2 ? AF_INET6 : AF_INET, .len = 8 };
	fragment->time = moment() + world.n;
	fragment->nic = 1 + take(what & 1 ? NICS : 3);
	fragment->proto = what & 4 ? take(256) : IPPROTO_UDP;
	fragment->id = take(what & 8 ? 64 : 3);
	fragment->offset = 8 * take(what & 16 ? 8192 : 4);
	fragment->more = take(4);
	fragment->verdict = verdicts[take(sizeof(verdicts))];
	if (what & 32)
		fragment->len = take(65536);
	if (what & 64)
		fragment->vlan = take(4096);
	fragment->stack_id = what & 128 ? fragment->id ^ 0x8000 : fragment->id;
	fragment->group = address(take(2));
	fragment->source = address(2 + take(2));
	fed->key = key_of(fragment);
	if (!fed->key)
		return;
	fed->told = fed->waits = false;
	fed->key->untold++;
	world.n++;
	trace_add_fragment(world.trace, fragment);
}

/* The kernel's symbols are nothing else; a process may have any name. */
static void make_ascii(char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (text[i])
			text[i] = '!' + (unsigned char)text[i] % ('~' - '!');
}

/* Of a fragment that was fed, or its datagram. */
static void feed_fate(void)
{
	const struct fed *fed = world.n ? &world.fed[take(world.n)] : NULL;
	struct xdpfrag_fate fate = {};

	if (!fed)
		return;
	fate.time = moment();
	fate.flags = take(256);
	/* A fragment alone comes into no socket. */
	if (fate.flags & XDPFRAG_FATE_FRAGMENT)
		fate.flags &= ~(XDPFRAG_FATE_READ | XDPFRAG_FATE_QUEUED);
	fate.reason = take(10);
	fate.iif = take(8) ? fed->fragment.nic : take(NICS + 4);
	fate.dev = fate.flags & XDPFRAG_FATE_OURS ? (take(8) ? fate.iif : take(NICS + 4)) : 0;
	fate.family = fed->fragment.family;
	fate.proto = fed->fragment.proto;
	fate.id = fed->fragment.stack_id;
	fate.offset = fed->fragment.offset;
	fate.len = take(4) ? 65528 : take(65536);
	fate.port = take(4) ? 1067 : 0;
	fate.pid = take(3);
	memcpy(fate.group, fed->key->group, 16);
	memcpy(fate.source, fed->key->source, 16);
	take_bytes(fate.program, take(sizeof(fate.program) + 1));
	take_bytes(fate.function, take(sizeof(fate.function) + 1));
	make_ascii(fate.function, sizeof(fate.function));
	trace_add_fate(world.trace, &fate, trace_cause(&fate, drop_reason(NULL, fate.reason)));
}

/* --- sums --- */

static void check_sums(void)
{
	const struct trace_sums *sums = trace_sums(world.trace);
	uint64_t whole = world.told - world.tails, untold = 0, short_of = 0;
	size_t i;

	for (i = 0; i < TRACE_ENDS; i++)
		must(sums->ends[i] == world.ends[i], "an end counted");
	must(sums->fragments == world.n, "a fragment counted");
	must(whole <= sums->datagrams && sums->datagrams <= whole + sums->forgotten,
	     "a datagram told or forgotten");
	for (i = 0; i < world.n_keys; i++) {
		untold += world.keys[i].untold;
		short_of += !!world.keys[i].untold;
	}
	must(untold >= world.left_out, "a fragment left out and told");
	must(untold == world.left_out || sums->forgotten, "a fragment told or left out");
	must(short_of <= world.cut + sums->forgotten, "a fragment told, left out or forgotten");
}

static void begin(void)
{
	struct trace_setup setup = { .stack_seen = take(4),
				     .timeout4 = TIMEOUT4,
				     .timeout6 = TIMEOUT6,
				     .timeout_agent = S,
				     .ended = on_ended,
				     .arg = &world };
	int i;

	for (i = 0; i < SLOT; i++) {
		state.links[i].ifindex = 1 + i;
		snprintf(state.links[i].name, sizeof(state.links[i].name), "eth%d", i);
	}
	world.now = BEGIN;
	world.trace = trace_new(&setup);
	must(world.trace, "memory");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(&world, 0, sizeof(world));
	world.at = data;
	world.end = data + size;
	begin();
	while (world.at < world.end) {
		uint32_t what = take(16);

		world.now += TICK;
		if (what == 0)
			world.now += take(256) * (MS / TICK * TICK);
		else if (what == 1)
			world.now += take(64) * (S / TICK * TICK);
		else if (what < 4)
			trace_look(world.trace, world.now);
		else if (what == 4 && !take(16))
			trace_doubt(world.trace);
		else if (what < 8)
			feed_fate();
		else
			feed_fragment();
	}
	world.flushing = true;
	trace_flush(world.trace);
	check_sums();
	trace_free(world.trace);
	return 0;
}
