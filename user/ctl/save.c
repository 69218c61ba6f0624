// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `save`: what is in force, as the text of a configuration file.
 */
#include <stdio.h>

#include "objects.h"
#include "output.h"

int save_run(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	json_t *reply, *result;
	int err;

	err = no_more_words(words, n_words, 1, rep);
	if (!err)
		err = client_ask(&ctl->client, words, n_words, &reply, rep);
	if (err)
		return err;

	result = json_object_get(reply, "result");
	if (ctl->json) {
		err = output_line(json_incref(result));
	} else {
		fputs(member_text(result, "config"), stdout);
		err = output_flush();
	}
	json_decref(reply);
	return err;
}
