// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything that changes the desired state: every form of the grammar.
 *
 * The words are parsed here too, so that a wrong one is a usage error whether or
 * not an agent runs. The agent gets the words, not the result: it is the authority,
 * and may be of another release.
 */
#include "config/statement.h"
#include "objects.h"

int no_more_words(const char *const *words, size_t n_words, size_t max, struct report *rep)
{
	if (n_words <= max)
		return 0;
	return report_usage(rep, words[max], "", "%s is one word too many",
			    REPORT_QUOTE(words[max]));
}

int change_run(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	struct statement statement;
	json_t *reply;
	int err;

	err = statement_parse(&statement, words, n_words, rep);
	if (err)
		return err;
	err = client_ask(&ctl->client, words, n_words, &reply, rep);
	if (!err)
		json_decref(reply);
	return err;
}
