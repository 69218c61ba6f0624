// SPDX-License-Identifier: GPL-2.0-or-later
/* Reconcile's part for `route set`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/found.h"
#include "agent/log.h"
#include "agent/reconcile.h"
#include "agent/routes/route_apply.h"
#include "config/statement.h"

#define DUMP_TRIES 5 /* a dump that a change interrupted is taken again */

int routes_start(struct agent *agent)
{
	(void)agent;
	return 0;
}

void routes_end(struct agent *agent)
{
	route_watch_end(&agent->routes.watch);
	route_memory_free(&agent->routes.memory);
}

static int dump(struct route_pass *pass, struct route_list *list)
{
	struct route_watch *watch = &pass->agent->routes.watch;
	uint64_t begun = route_watch_begin(watch);
	int tries, err = -EAGAIN;

	for (tries = 0; err == -EAGAIN && tries < DUMP_TRIES; tries++)
		err = routes_dump(list, route_watch_wants, watch);
	route_watch_done(watch, begun);
	if (err == -E2BIG)
		return report_refused(pass->rep, err, "",
				      "the route statements mean more than %d routes", ROUTES_MAX);
	if (err)
		return report_failed(pass->rep, err, "", "cannot list the routes: %s",
				     strerror(-err));
	return 0;
}

static int look(struct route_pass *pass)
{
	struct route_view view = { .config = &pass->agent->config,
				   .found = pass->agent->found,
				   .links = &pass->links,
				   .routes = &pass->routes,
				   /* What an administrator asks for now is tried in any case. */
				   .refused = pass->must ? NULL : route_note_refused,
				   .arg = &pass->agent->routes.memory };
	int err = dump(pass, &pass->routes);

	if (!err && route_plan(&pass->plan, &view))
		err = report_failed(pass->rep, -ENOMEM, "", "out of memory");
	return err;
}

static void forget_look(struct route_pass *pass)
{
	route_plan_free(&pass->plan);
	routes_free(&pass->routes);
}

/* What is in force now, and what is not and why. */
static void note_outcome(struct route_pass *pass)
{
	struct routes *routes = &pass->agent->routes;
	size_t i;

	memset(routes->outcomes, 0, sizeof(routes->outcomes));
	for (i = 0; i < routes->memory.n; i++)
		routes->memory.notes[i].here = false;
	for (i = 0; i < pass->routes.n; i++) {
		const struct route_decision *decision = &pass->plan.decisions[i];
		const struct route *route = &pass->routes.route[i];
		char text[ROUTE_TEXT];
		struct route_outcome *outcome;
		struct route_note *note;

		if (!decision->by)
			continue;
		note = route_note_get(&routes->memory, route->name);
		if (!note)
			continue;
		note->here = true;
		if (decision->reason[0] && strcmp(decision->reason, note->reason))
			log_warning("route %s: no MTU of %u: %s",
				    route_text(route, &pass->links, text, sizeof(text)),
				    decision->by->mtu, decision->reason);
		snprintf(note->reason, sizeof(note->reason), "%s", decision->reason);
		note->mtu = decision->reason[0] ? 0 : decision->by->mtu;
		outcome = &routes->outcomes[decision->by - pass->agent->config.routes];
		outcome->refused += decision->reason[0] != '\0';
		outcome->in_force += decision->reason[0] == '\0';
	}
}

/*
 * A route that is not in the dump can have been left out of it by a change
 * elsewhere in the table. What was found of it is forgotten only after a second look.
 */
static int forget_absent(struct route_pass *pass)
{
	struct route_list again;
	const char *key, *value;
	bool absent = false;
	size_t i, j;
	int err;

	for (i = 0; !absent && found_nth(pass->agent->found, i, &key, &value); i++) {
		if (strncmp(key, FOUND_ROUTE, strlen(FOUND_ROUTE)))
			continue;
		for (j = 0, absent = true; absent && j < pass->routes.n; j++)
			absent = strcmp(pass->routes.route[j].name, key + strlen(FOUND_ROUTE));
	}
	if (!absent && !pass->changed) {
		route_forget(pass, &pass->routes);
		return 0;
	}
	err = dump(pass, &again);
	if (err)
		return err;
	err = route_verify(pass, &again);
	if (!err)
		route_forget(pass, &again);
	routes_free(&again);
	return err;
}

static int settle(struct route_pass *pass)
{
	int err = look(pass);

	if (!err)
		err = route_refuse_early(pass);
	if (!err)
		err = route_make_missing(pass);
	if (!err && pass->changed) {
		forget_look(pass);
		err = look(pass);
		if (!err)
			err = route_refuse_early(pass);
	}
	if (!err)
		err = route_carry_out(pass);
	if (!err)
		err = forget_absent(pass);
	if (!err)
		note_outcome(pass);
	return err;
}

static bool statements_changed(struct agent *agent)
{
	struct routes *routes = &agent->routes;
	const struct config *config = &agent->config;
	size_t i;
	bool same = routes->n_applied == config->n_routes;

	for (i = 0; same && i < config->n_routes; i++)
		same = routes->applied[i].mtu == config->routes[i].mtu &&
		       !route_key_compare(&routes->applied[i].key, &config->routes[i].key);
	memcpy(routes->applied, config->routes, sizeof(routes->applied));
	routes->n_applied = config->n_routes;
	return !same;
}

/* Trouble with the routes is not to keep the links from being steered. */
static void tell_trouble(struct agent *agent, int err, const struct report *rep)
{
	char *trouble = agent->routes.trouble;
	const size_t size = sizeof(agent->routes.trouble);

	if (err && strncmp(trouble, rep->message, size - 1))
		log_warning("%s", rep->message);
	snprintf(trouble, size, "%.*s", (int)size - 1, err ? rep->message : "");
}

int routes_reconcile(struct agent *agent, const struct links *links, const struct route_key *must,
		     struct report *rep)
{
	struct report own = {};
	struct route_pass pass = { .agent = agent, .must = must, .rep = must ? rep : &own };
	bool changed = statements_changed(agent);
	int err = route_watch_update(agent);

	/* Not used: link settings may have been changed since it was dumped. */
	(void)links;
	if (err) {
		report_failed(pass.rep, err, "", "cannot watch the routes: %s", strerror(-err));
		goto out;
	}
	if (changed)
		route_memory_tidy(&agent->routes.memory);
	if (!agent->routes.watch.n_prefixes) {
		route_memory_free(&agent->routes.memory);
		goto out;
	}
	if (!must && !changed && !route_watch_due(&agent->routes.watch))
		return 0;
	err = dump_links(&pass.links, pass.rep);
	if (!err)
		err = settle(&pass);
	forget_look(&pass);
	route_writer_close(pass.writer);
	links_free(&pass.links);
out:
	agent->routes.undoing = must && err;
	if (must)
		return err;
	tell_trouble(agent, err, &own);
	return 0;
}

static void warn(const struct agent *agent, size_t n, json_t *warnings)
{
	const struct route_outcome *outcome = &agent->routes.outcomes[n];
	const struct route_config *statement = &agent->config.routes[n];
	char words[ROUTE_KEY_WORDS];

	route_key_words(&statement->key, words, sizeof(words));
	if (outcome->refused)
		json_array_append_new(warnings,
				      json_sprintf("route %s: %u of %u routes cannot have an MTU "
						   "of %u; see xdpfragctl route show",
						   words, outcome->refused,
						   outcome->refused + outcome->in_force,
						   statement->mtu));
	else if (!outcome->in_force)
		json_array_append_new(warnings,
				      json_sprintf("route %s: no route goes by this yet; it takes "
						   "effect when one appears",
						   words));
}

void routes_warn(const struct agent *agent, const struct route_key *key, json_t *warnings)
{
	size_t i;

	for (i = 0; i < agent->config.n_routes; i++)
		if (!key || !route_key_compare(&agent->config.routes[i].key, key))
			warn(agent, i, warnings);
}
