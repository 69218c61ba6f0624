// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of `probe send` and `probe recv` (probe.h). One table of options for
 * both, from which parsing and the errors follow.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "number.h"
#include "probe.h"
#include "probe_payload.h"

struct probe_option {
	const char *word;
	unsigned int directions; /* enum probe_direction, or-ed */
	bool flag;		 /* stands alone, and means 1 */
	size_t offset;		 /* of the double in struct probe */
	struct number_rule rule;
};

#define AT(member) offsetof(struct probe, member)

static const struct probe_option options[] = {
	{ "size", PROBE_SEND, false, AT(size), { "BYTES", PROBE_HEADER, PROBE_SIZE_MAX, true } },
	{ "rate", PROBE_SEND, false, AT(rate), { "PER_SECOND", 0, 1e6, false } },
	{ "count", PROBE_SEND | PROBE_RECV, false, AT(count), { "N", 0, UINT32_MAX, true } },
	{ "ttl", PROBE_SEND, false, AT(ttl), { "N", 0, 255, true } },
	{ "source-port", PROBE_SEND, false, AT(source_port), { "PORT", 1, 65535, true } },
	{ "timeout", PROBE_RECV, false, AT(timeout), { "SECONDS", 0.001, 1e6, false } },
	{ "quiet", PROBE_RECV, true, AT(quiet), { NULL, 0, 0, false } },
};

#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

static const struct probe_option *find_option(const char *word, enum probe_direction direction)
{
	size_t i;

	for (i = 0; i < N_OPTIONS; i++) {
		if ((options[i].directions & direction) && !strcmp(options[i].word, word))
			return &options[i];
	}
	return NULL;
}

static int unknown_option(const char *word, enum probe_direction direction, struct report *rep)
{
	char list[sizeof(rep->expected)] = "";
	size_t i;

	for (i = 0; i < N_OPTIONS; i++) {
		if (!(options[i].directions & direction))
			continue;
		if (*list)
			strncat(list, ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, options[i].word, sizeof(list) - strlen(list) - 1);
	}
	return report_usage(rep, word, list, "%s is not an option of this command",
			    REPORT_QUOTE(word));
}

static int parse_options(struct probe *probe, enum probe_direction direction,
			 const char *const *words, size_t n_words, struct report *rep)
{
	bool given[N_OPTIONS] = { false };
	size_t i;
	int err;

	for (i = 0; i < n_words; i++) {
		const struct probe_option *option = find_option(words[i], direction);
		double number = 1;

		if (!option)
			return unknown_option(words[i], direction, rep);
		if (given[option - options])
			return report_usage(rep, words[i], "each option once", "%s is given twice",
					    REPORT_QUOTE(words[i]));
		given[option - options] = true;
		if (!option->flag) {
			if (++i == n_words)
				return report_usage(rep, option->word, option->rule.name,
						    "%s is missing after %s", option->rule.name,
						    option->word);
			err = number_parse(words[i], &option->rule, &number, rep);
			if (err)
				return err;
		}
		*(double *)((char *)probe + option->offset) = number;
	}
	return 0;
}

int probe_parse(struct probe *probe, enum probe_direction direction, const char *const *words,
		size_t n_words, struct report *rep)
{
	static const struct number_rule port_rule = { "PORT", 1, 65535, true };
	static const char *const expected[] = { "GROUP", "PORT", "ADDR|NIC" };
	double port;
	int err;

	memset(probe, 0, sizeof(*probe));
	probe->size = 8000;
	probe->rate = 100;
	probe->count = direction == PROBE_SEND ? 500 : 0;
	probe->ttl = 1;

	if (n_words < 5)
		return report_usage(rep, words[n_words - 1], expected[n_words - 2],
				    "%s is missing after %s", expected[n_words - 2],
				    REPORT_QUOTE(words[n_words - 1]));
	err = probe_parse_group(probe, words[2], rep);
	if (!err)
		err = number_parse(words[3], &port_rule, &port, rep);
	if (err)
		return err;
	probe->port = port;
	probe_address_set_port(&probe->group, port);
	/* Before the NIC is looked up: wrong words are told from a NIC that is not there. */
	err = parse_options(probe, direction, words + 5, n_words - 5, rep);
	if (!err)
		err = probe_parse_nic(probe, words[4], rep);
	return err;
}
