// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes of the desired state, each all or nothing. */
#include <errno.h>
#include <string.h>

#include "agent/change.h"
#include "agent/log.h"
#include "agent/reconcile.h"
#include "agent/runtime.h"
#include "config/statement.h"
#include "netstate/links.h"

/*
 * The candidate becomes the desired state, or is freed. Without what `must` names
 * the change is refused; NULL: nothing.
 */
static int commit(struct agent *agent, struct config *candidate, const struct must *must,
		  struct report *rep)
{
	struct config before = agent->config;
	int err;

	err = runtime_prepare(&agent->options, candidate, rep);
	if (err) {
		config_free(candidate);
		return err;
	}
	agent->config = *candidate;
	err = reconcile(agent, must, rep);
	if (err) {
		agent->config = before;
		reconcile(agent, NULL, NULL);
		config_free(candidate);
		runtime_discard(&agent->options);
		return err;
	}
	config_free(&before);
	agent->from_runtime = true;
	err = runtime_commit(&agent->options);
	if (err)
		log_warning("the change is in force, but would not survive the agent: %s",
			    strerror(-err));
	return 0;
}

static bool name_known(const struct config *config, const char *nic)
{
	int i;

	for (i = 0; i < CONFIG_NICS; i++)
		if (!strcmp(config->nics[i], nic))
			return true;
	return config_find_link(config, nic) || config_find_settings(config, nic);
}

/* A name that nothing bears is more likely misspelt than early. A file may be early. */
static int check_nic(const struct agent *agent, const struct links *links, const char *nic,
		     struct report *rep)
{
	if (!nic[0] || links_by_name(links, nic) || name_known(&agent->config, nic))
		return 0;
	return report_refused(rep, -ENODEV, nic,
			      "there is no NIC \"%s\" here; see ip link (a configuration file may "
			      "name one that comes later)",
			      nic);
}

static int check_nics(const struct agent *agent, const struct statement *statement,
		      struct report *rep)
{
	struct links links;
	size_t i;
	int err;

	if (statement->verb != VERB_ADD && statement->verb != VERB_REPLACE &&
	    statement->verb != VERB_SET)
		return 0;
	err = links_dump(&links);
	if (err)
		return report_failed(rep, err, "", "cannot list the links: %s", strerror(-err));
	/* What a statement does not have is "", and passes. */
	err = check_nic(agent, &links, statement->link.name, rep);
	if (!err)
		err = check_nic(agent, &links, statement->settings.name, rep);
	if (!err)
		err = check_nic(agent, &links, statement->route.key.dev, rep);
	for (i = 0; !err && i < statement->n_nics; i++)
		err = check_nic(agent, &links, statement->nics[i], rep);
	if (!err && statement->wrong == XDPFRAG_WRONG_REDIRECT)
		err = check_nic(agent, &links, statement->redirect, rep);
	links_free(&links);
	return err;
}

static void warn_unsteered(const struct agent *agent, json_t *warnings)
{
	char reason[320];
	size_t i;

	for (i = 0; i < agent->n_managed; i++) {
		const struct managed *managed = &agent->managed[i];

		if (managed->ifindex && !managed->program)
			json_array_append_new(warnings,
					      json_sprintf("%s is not steered: %s", managed->name,
							   managed->reason));
		else if (xdpcap_missing(managed))
			json_array_append_new(
				warnings,
				json_sprintf("%s has no xdpcap hook: %s", managed->name,
					     xdpcap_reason(managed, reason, sizeof(reason))));
		else if (!managed->ifindex)
			json_array_append_new(warnings,
					      json_sprintf("%s is absent; statements with it take "
							   "effect when it appears",
							   managed->name));
	}
}

int change_statement(struct agent *agent, const char *const *words, size_t n_words,
		     json_t *warnings, struct report *rep)
{
	struct statement statement;
	struct config candidate;
	struct must must = {};
	int err;

	err = statement_parse(&statement, words, n_words, rep);
	if (!err)
		err = check_nics(agent, &statement, rep);
	if (err)
		return err;
	if (config_copy(&candidate, &agent->config))
		return report_failed(rep, -ENOMEM, "", "out of memory");
	err = config_change(&candidate, &statement, rep);
	if (err) {
		config_free(&candidate);
		return err;
	}
	if (statement.verb == VERB_ADD && statement.object == OBJECT_LINK)
		must.steer = statement.link.name;
	if (statement.verb == VERB_SET && statement.object == OBJECT_LINK)
		must.set = &statement.settings;
	if (statement.verb == VERB_SET && statement.object == OBJECT_ROUTE)
		must.route = &statement.route.key;
	agent->settings.told = warnings;
	err = commit(agent, &candidate, &must, rep);
	agent->settings.told = NULL;
	if (!err && (statement.verb == VERB_ADD || statement.verb == VERB_REPLACE))
		warn_unsteered(agent, warnings);
	if (!err && must.set)
		settings_warn(agent, must.set, warnings);
	if (!err && must.route)
		routes_warn(agent, must.route, warnings);
	return err;
}

int change_apply(struct agent *agent, const char *text, size_t len, json_t *warnings,
		 struct report *rep)
{
	struct config candidate;
	int err;

	config_init(&candidate);
	err = config_parse(&candidate, text, len, rep);
	if (err) {
		config_free(&candidate);
		return err;
	}
	agent->settings.told = warnings;
	err = commit(agent, &candidate, NULL, rep);
	agent->settings.told = NULL;
	if (!err) {
		warn_unsteered(agent, warnings);
		settings_warn_refused(agent, warnings);
		routes_warn(agent, NULL, warnings);
	}
	return err;
}

int change_reload(struct agent *agent, struct report *rep)
{
	struct config candidate;
	int err;

	config_init(&candidate);
	err = runtime_load_config(&agent->options, &candidate, rep);
	if (err) {
		config_free(&candidate);
		return err;
	}
	err = commit(agent, &candidate, NULL, rep);
	if (err)
		return err;
	runtime_remove(&agent->options);
	agent->from_runtime = false;
	return 0;
}
