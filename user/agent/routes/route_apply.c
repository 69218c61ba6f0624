// SPDX-License-Identifier: GPL-2.0-or-later
/* One look at the routes carried out. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/found.h"
#include "agent/log.h"
#include "agent/routes/route_apply.h"
#include "config/statement.h"

bool route_is_must(const struct route_pass *pass, const struct route_config *by)
{
	return pass->must && by && !route_key_compare(&by->key, pass->must);
}

static const char *mtu_text(uint32_t mtu, char buf[16])
{
	snprintf(buf, 16, mtu ? "%u" : "none", mtu);
	return buf;
}

static int refuse(struct route_pass *pass, const struct route *route, int err, const char *why)
{
	char text[ROUTE_TEXT], words[ROUTE_KEY_WORDS];

	return report_refused(pass->rep, err, route_key_words(pass->must, words, sizeof(words)),
			      "route %s: %s", route_text(route, &pass->links, text, sizeof(text)),
			      why);
}

int route_refuse_early(struct route_pass *pass)
{
	size_t i;

	for (i = 0; i < pass->routes.n; i++) {
		const struct route_decision *decision = &pass->plan.decisions[i];

		if (route_is_must(pass, decision->by) && decision->reason[0])
			return refuse(pass, &pass->routes.route[i], -EINVAL, decision->reason);
	}
	return 0;
}

int route_open_writer(struct route_pass *pass)
{
	int err = pass->writer ? 0 : route_writer_open(&pass->writer);

	return err ? report_failed(pass->rep, err, "", "cannot change routes: %s", strerror(-err))
		   : 0;
}

/* Before the host is changed: without it, nothing could be put back later. */
int route_save_found(struct route_pass *pass)
{
	int err = found_save(pass->agent->found);

	return err ? report_failed(pass->rep, err, "", "cannot keep how the routes were found: %s",
				   strerror(-err))
		   : 0;
}

/* Told once, and again when the reason is another. */
void route_remember(struct route_pass *pass, const char *name, const char *text, uint32_t mtu,
		    const char *why)
{
	struct route_note *note = route_note_get(&pass->agent->routes.memory, name);

	if (!note || strcmp(note->reason, why))
		log_warning("route %s: no MTU of %u: %s", text, mtu, why);
	if (note)
		route_note_refuse(note, mtu, why);
}

/* --- routes that are there --- */

static int keep_found(struct route_pass *pass, const struct route *route, bool *again)
{
	char *key = found_key_route(route), value[16];
	int err = key ? 0 : -ENOMEM;

	if (key) {
		*again = found_get(pass->agent->found, key);
		snprintf(value, sizeof(value), "%u", route->mtu);
		err = found_put(pass->agent->found, key, value);
	}
	free(key);
	return err;
}

static void count_drift(struct route_pass *pass, const struct route *route, uint32_t wanted,
			const char *text, bool again)
{
	struct routes *routes = &pass->agent->routes;
	struct route_note *note = route_note_get(&routes->memory, route->name);
	char was[16];

	if (routes->undoing) {
		log_notice("route %s: MTU %u, as before", text, wanted);
		return;
	}
	/* `again`: this agent has not had it in its hands, but one before it has. */
	if (note && (note->mtu == wanted || (!note->mtu && again && !note->reason[0]))) {
		route_note_drift(note);
		routes->drift++;
		log_warning("route %s: its MTU was changed to %s; put back to %u", text,
			    mtu_text(route->mtu, was), wanted);
	} else {
		log_notice("route %s: MTU %u, found %s", text, wanted, mtu_text(route->mtu, was));
	}
}

static bool to_be_changed(const struct route_decision *decision)
{
	return decision->step == ROUTE_REPLACE || decision->step == ROUTE_REQUEUE;
}

static int refused(struct route_pass *pass, size_t i, int err, const char *why)
{
	const struct route *route = &pass->routes.route[i];
	struct route_decision *decision = &pass->plan.decisions[i];
	char text[ROUTE_TEXT];

	if (route_is_must(pass, decision->by))
		return refuse(pass, route, err, why);
	decision->step = ROUTE_LEAVE;
	snprintf(decision->reason, sizeof(decision->reason), "%s", why);
	route_remember(pass, route->name, route_text(route, &pass->links, text, sizeof(text)),
		       decision->mtu, why);
	return 0;
}

static int change(struct route_pass *pass, size_t i, bool again)
{
	struct route *route = &pass->routes.route[i];
	struct route_decision *decision = &pass->plan.decisions[i];
	char why[ROUTE_WHY], text[ROUTE_TEXT], mtu[16];
	int err;

	err = route_change(pass->writer, route, decision->mtu, decision->step == ROUTE_REPLACE,
			   why);
	if (err)
		return refused(pass, i, err, why);
	decision->done = true;
	pass->changed++;
	route_text(route, &pass->links, text, sizeof(text));
	if (decision->restore)
		log_notice("route %s: MTU as it was found, %s", text, mtu_text(decision->mtu, mtu));
	else
		count_drift(pass, route, decision->mtu, text, again);
	return 0;
}

static int remove_leftover(struct route_pass *pass, size_t i)
{
	struct route *route = &pass->routes.route[i];
	char why[ROUTE_WHY], text[ROUTE_TEXT];
	int err;

	err = route_write(pass->writer, route_request(route, route->mtu, RTM_DELROUTE, 0), why);
	if (err && err != -ESRCH)
		return refused(pass, i, err, why);
	pass->plan.decisions[i].done = true;
	pass->changed++;
	log_notice("route %s: was made for a statement that is no more; removed",
		   route_text(route, &pass->links, text, sizeof(text)));
	return 0;
}

static int carry_out(struct route_pass *pass, const bool *again)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < pass->routes.n; i++) {
		const struct route_decision *decision = &pass->plan.decisions[i];

		if (decision->step == ROUTE_LEAVE)
			continue;
		err = route_open_writer(pass);
		if (!err)
			err = decision->step == ROUTE_REMOVE ? remove_leftover(pass, i)
							     : change(pass, i, again[i]);
	}
	return err;
}

int route_carry_out(struct route_pass *pass)
{
	bool *again = calloc(pass->routes.n + 1, sizeof(*again));
	size_t i;
	int err = 0;

	if (!again)
		return report_failed(pass->rep, -ENOMEM, "", "out of memory");
	for (i = 0; !err && i < pass->routes.n; i++) {
		if (!to_be_changed(&pass->plan.decisions[i]) || pass->plan.decisions[i].restore)
			continue;
		err = keep_found(pass, &pass->routes.route[i], &again[i]);
		/* What cannot be put back is not touched. */
		if (err)
			err = refused(pass, i, err, strerror(-err));
	}
	if (!err)
		err = route_save_found(pass);
	if (!err)
		err = carry_out(pass, again);
	free(again);
	return err;
}

/* --- afterwards --- */

static const struct route *find(const struct route_list *routes, const struct route *like)
{
	size_t i;

	for (i = 0; i < routes->n; i++)
		if (!strcmp(routes->route[i].name, like->name))
			return &routes->route[i];
	return NULL;
}

static int verify(struct route_pass *pass, size_t i, const struct route_list *after)
{
	const struct route_decision *decision = &pass->plan.decisions[i];
	const struct route *before = &pass->routes.route[i], *now = find(after, before);
	char why[ROUTE_REASON], ignored[ROUTE_WHY];
	int err;

	/* Gone meanwhile is no fault: an event tells, and the next look sees. */
	if (!now || (now->mtu == decision->mtu && route_alike(before, now)))
		return 0;
	if (now->mtu != decision->mtu)
		snprintf(why, sizeof(why), "the kernel makes %u of %u", now->mtu, decision->mtu);
	else
		snprintf(why, sizeof(why), "the kernel changes more of it than the MTU");
	if (decision->step == ROUTE_REPLACE)
		err = route_change(pass->writer, before, before->mtu, true, ignored);
	else
		err = route_change(pass->writer, now, before->mtu, false, ignored);
	if (err)
		snprintf(why + strlen(why), sizeof(why) - strlen(why),
			 ", and what was before cannot be put back: %.80s", ignored);
	return refused(pass, i, -EINVAL, why);
}

int route_verify(struct route_pass *pass, const struct route_list *after)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < pass->routes.n; i++)
		if (pass->plan.decisions[i].done && to_be_changed(&pass->plan.decisions[i]))
			err = verify(pass, i, after);
	return err;
}

static bool made_is_over(const struct route_pass *pass, const struct route_list *now,
			 const char *key)
{
	const struct config *config = &pass->agent->config;
	uint8_t family, prefix[16], len;
	size_t i;

	if (!found_key_prefix(key, &family, prefix, &len))
		return false;
	for (i = 0; i < now->n; i++)
		if (now->route[i].protocol == ROUTE_PROTOCOL && now->route[i].family == family &&
		    now->route[i].len == len && !memcmp(now->route[i].prefix, prefix, 16))
			return false;
	for (i = 0; i < config->n_routes; i++) {
		const struct route_key *statement = &config->routes[i].key;

		if (statement->via_family && route_made_family(statement) == family &&
		    statement->len == len && !memcmp(statement->prefix, prefix, 16))
			return false;
	}
	return true;
}

static bool is_over(const struct route_pass *pass, const struct route_list *now, const char *key,
		    const char *value)
{
	const char *name = key + strlen(FOUND_ROUTE);
	size_t i;

	if (!strncmp(key, FOUND_MADE, strlen(FOUND_MADE)))
		return made_is_over(pass, now, key);
	if (strncmp(key, FOUND_ROUTE, strlen(FOUND_ROUTE)))
		return false;
	for (i = 0; i < now->n; i++)
		if (!strcmp(now->route[i].name, name))
			return !route_statement(&pass->agent->config, &now->route[i],
						&pass->links) &&
			       now->route[i].mtu == strtoul(value, NULL, 10);
	return true;
}

void route_forget(struct route_pass *pass, const struct route_list *now)
{
	struct found *found = pass->agent->found;
	const char *key, *value;
	size_t i = 0;

	/* A forget moves the last pair to this place. */
	while (found_nth(found, i, &key, &value)) {
		if (is_over(pass, now, key, value))
			found_forget(found, key);
		else
			i++;
	}
	if (found_save(found))
		log_warning("cannot write what was found of the routes");
}
