// SPDX-License-Identifier: GPL-2.0-or-later
/* The words behind `capture`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture_options.h"
#include "number.h"
#include "xdpfrag/captured.h"

/* What is asked for, in the words of XDP, and what the agent counts there. */
static const struct {
	const char *word;
	const char *names[3];
} verdicts[] = {
	{ "pass", { "passed", "observed", "none" } },
	{ "drop", { "dropped" } },
	{ "observe", { "observed" } },
	{ "redirect", { "redirected" } },
	{ "reassemble", { "reassembled" } },
};

#define VERDICT_WORDS "pass, drop, observe, redirect or reassemble"

static int add_verdict(struct capture_options *options, const char *word, struct report *rep)
{
	size_t i, j;

	for (i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
		if (strcmp(verdicts[i].word, word))
			continue;
		for (j = 0; j < 3 && verdicts[i].names[j]; j++)
			json_array_append_new(options->verdicts, json_string(verdicts[i].names[j]));
		return 0;
	}
	return report_usage(rep, word, VERDICT_WORDS, "%s is no verdict", REPORT_QUOTE(word));
}

static int add_nic(struct capture_options *options, const char *word, struct report *rep)
{
	/* As tcpdump has it: every NIC, which is what no -i means too. */
	if (!strcmp(word, "any"))
		return 0;
	if (!*word || json_array_append_new(options->nics, json_string(word)))
		return report_usage(rep, word, "a NIC's name", "%s is no NIC's name",
				    REPORT_QUOTE(word));
	return 0;
}

static int set_file(struct capture_options *options, const char *word, struct report *rep)
{
	if (options->file)
		return report_usage(rep, word, "", "-w stands here twice");
	options->file = word;
	return 0;
}

static int set_count(struct capture_options *options, const char *word, struct report *rep)
{
	static const struct number_rule rule = { "COUNT", 1, 1e15, true };
	double number;
	int err = number_parse(word, &rule, &number, rep);

	options->count = err ? 0 : number;
	return err;
}

static int set_snaplen(struct capture_options *options, const char *word, struct report *rep)
{
	static const struct number_rule rule = { "SNAPLEN", 0, 262144, true };
	double number;
	int err = number_parse(word, &rule, &number, rep);

	/* 0, and what is longer than any frame, mean the whole frame, as they do to tcpdump. */
	options->snaplen = err || number > XDPFRAG_CAPTURED_MAX ? 0 : number;
	return err;
}

static const struct {
	const char *word, *argument;
	int (*set)(struct capture_options *options, const char *word, struct report *rep);
} with_argument[] = {
	{ "-i", "NIC", add_nic },
	{ "-w", "FILE", set_file },
	{ "-c", "COUNT", set_count },
	{ "-s", "SNAPLEN", set_snaplen },
	{ "--verdict", "VERDICT", add_verdict },
};

/* What one types to tcpdump, and what goes without saying here: no names, a line at once. */
static bool is_habit(const char *word)
{
	return !strcmp(word, "-n") || !strcmp(word, "-nn") || !strcmp(word, "-l");
}

/* "-c5" is "-c 5". */
static bool is_attached(const char *word, const char *option)
{
	return option[1] != '-' && !strncmp(word, option, 2) && word[2];
}

/* Returns how many words were taken; 0: it is no option; or a negative errno. */
static int take_option(struct capture_options *options, const char *const *words, size_t n_words,
		       struct report *rep)
{
	size_t i;

	if (!strcmp(words[0], "--decap")) {
		options->decap = true;
		return 1;
	}
	if (is_habit(words[0]))
		return 1;
	for (i = 0; i < sizeof(with_argument) / sizeof(*with_argument); i++) {
		int err;

		if (is_attached(words[0], with_argument[i].word)) {
			err = with_argument[i].set(options, words[0] + 2, rep);
			return err ? err : 1;
		}
		if (strcmp(words[0], with_argument[i].word))
			continue;
		if (n_words < 2)
			return report_usage(rep, words[0], with_argument[i].argument,
					    "%s is missing after %s", with_argument[i].argument,
					    words[0]);
		err = with_argument[i].set(options, words[1], rep);
		return err ? err : 2;
	}
	/* A filter may begin with a number below 0, and with nothing else of this kind. */
	if (words[0][0] == '-' && words[0][1] && !strchr("0123456789(", words[0][1]))
		return report_usage(rep, words[0], "-i, -w, -c, -s, --verdict, --decap or a filter",
				    "%s is no option of capture", REPORT_QUOTE(words[0]));
	return 0;
}

/* The rest of the words is the filter, with blanks between them. */
static char *join(const char *const *words, size_t n_words)
{
	size_t len = 1, i;
	char *text;

	for (i = 0; i < n_words; i++)
		len += strlen(words[i]) + 1;
	text = calloc(1, len);
	for (i = 0; text && i < n_words; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, words[i]);
	}
	return text;
}

/* libpcap would call it a syntax error, where tcpdump takes an option in any place. */
static int check_behind(const char *const *words, size_t n_words, struct report *rep)
{
	size_t i, j;

	for (i = 1; i < n_words; i++) {
		bool option = !strcmp(words[i], "--decap");

		for (j = 0; j < sizeof(with_argument) / sizeof(*with_argument); j++)
			option |= !strcmp(words[i], with_argument[j].word);
		if (option)
			return report_usage(rep, words[i], "",
					    "the option %s stands before the filter", words[i]);
	}
	return 0;
}

int capture_options_parse(struct capture_options *options, const char *const *words, size_t n_words,
			  struct report *rep)
{
	size_t i = 1;
	int taken, err;

	*options = (struct capture_options){ .nics = json_array(), .verdicts = json_array() };
	while (i < n_words) {
		if (!strcmp(words[i], "--")) {
			i++;
			break;
		}
		taken = take_option(options, words + i, n_words - i, rep);
		if (taken < 0)
			return taken;
		if (!taken)
			break;
		i += taken;
	}
	err = check_behind(words + i, n_words - i, rep);
	if (err)
		return err;
	options->filter = join(words + i, n_words - i);
	if (!options->filter || !options->nics || !options->verdicts)
		return report_failed(rep, -ENOMEM, "", "out of memory");
	return 0;
}

void capture_options_free(struct capture_options *options)
{
	json_decref(options->nics);
	json_decref(options->verdicts);
	free(options->filter);
}
