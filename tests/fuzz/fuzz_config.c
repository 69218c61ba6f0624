// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a file: what is taken survives printing and parsing, what is not
 * is answered with a report that can be shown.
 */
#include <string.h>

#include "config/text.h"
#include "../lib/configs.h"
#include "fuzz.h"

static bool is_shown(const char *text, size_t size)
{
	return memchr(text, '\0', size) && text_printable(text);
}

/* Lines up to and with the faulty one. */
static void check_report(const struct report *rep, int err, const uint8_t *data, size_t size)
{
	unsigned int lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	must(err < 0, "an error is not negative");
	must(rep->kind == REPORT_USAGE || rep->kind == REPORT_REFUSED, "a report of no kind");
	must(rep->line >= 1 && rep->line <= lines, "a report on a line that is not there");
	must(rep->message[0], "a report without message");
	must(is_shown(rep->word, sizeof(rep->word)), "a word that cannot be shown");
	must(is_shown(rep->expected, sizeof(rep->expected)), "expected what cannot be shown");
	must(is_shown(rep->message, sizeof(rep->message)), "a message that cannot be shown");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config, empty;
	struct report rep;
	int err;

	config_init(&config);
	config_init(&empty);
	memset(&rep, 0xa5, sizeof(rep));
	err = config_parse(&config, (const char *)data, size, &rep);
	if (err) {
		check_report(&rep, err, data, size);
		must(!memcmp(&config, &empty, sizeof(config)), "refused, but not empty");
	}
	must_not(configs_fault(&config));
	must_not(configs_round_trip_fault(&config));
	config_free(&config);
	return 0;
}
