// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdpfragctl: the command line of xdpfrag. Reads the options, runs one command
 * from the table, and says once what went wrong.
 *
 * Exit status: 0 done, 1 refused or failed, 2 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "ctl.h"
#include "output.h"
#include "protocol/protocol.h"

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "socket", required_argument, NULL, 's' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/*
 * A descriptor 0, 1 or 2 that the shell closed would be given to the agent's
 * socket next, and what is printed would go there. Filled such that using it fails.
 */
static void keep_standard_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

static bool wants_help(const char *const *words, size_t n_words)
{
	size_t i;

	for (i = 0; i < n_words; i++) {
		if (!strcmp(words[i], "help") || !strcmp(words[i], "-h") ||
		    !strcmp(words[i], "--help"))
			return true;
	}
	return false;
}

/* The usage for the words without "help", so that `help group` and `group help` are one. */
static int show_help(const char *const *words, size_t n_words)
{
	const char *others[2];
	size_t i, n = 0;

	for (i = 0; i < n_words && n < 2; i++) {
		if (!wants_help(&words[i], 1))
			others[n++] = words[i];
	}
	usage_fitting(stdout, others, n);
	return output_flush() ? 1 : 0;
}

/*
 * iproute2 wants its options in front, and so do we; the message should say so. But `capture`
 * has a -s of its own.
 */
static int check_options(const struct ctl_command *command, const char *const *words,
			 size_t n_words, struct report *rep)
{
	size_t i;

	for (i = 1; i < n_words; i++) {
		if ((!strcmp(words[i], "-j") || !strcmp(words[i], "-s") ||
		     !strcmp(words[i], "-V")) &&
		    !command_has_option(command, words[i]))
			return report_usage(rep, words[i], "",
					    "the option %s stands before the object", words[i]);
	}
	return 0;
}

static int run(struct ctl *ctl, const struct ctl_command *command, const char *const *words,
	       size_t n_words, struct report *rep)
{
	const char *const with_show[] = { command->object, command->name };
	int err;

	err = check_options(command, words, n_words, rep);
	if (err)
		return err;
	if (n_words == 1 && *command->name)
		return command->run(ctl, with_show, 2, rep);
	return command->run(ctl, words, n_words, rep);
}

/* What was called, for the message that may follow. */
struct call {
	const char *const *words;
	size_t n_words;
	const struct ctl_command *command; /* NULL: no such command */
};

/* The one place where an error is said; returns the exit status. */
static int finish(const struct ctl *ctl, const struct call *call, int err, const struct report *rep)
{
	const char *file = NULL;

	if (!err)
		err = output_flush();
	if (!err)
		return ctl->status;

	/* Only `apply FILE` has errors with a line. */
	if (rep->line && call->n_words > 1)
		file = strcmp(call->words[1], "-") ? call->words[1] : "stdin";
	if (rep->kind != REPORT_NONE)
		output_error(ctl->json, rep, file);
	else if (err != -EPIPE && ferror(stdout))
		fprintf(stderr, "xdpfragctl: cannot write to standard output: %s\n",
			strerror(-err));
	if (rep->kind == REPORT_USAGE && !rep->line && !ctl->json)
		usage_line(stderr, call->command, call->words, call->n_words);
	return rep->kind == REPORT_USAGE ? 2 : 1;
}

static int dispatch(struct ctl *ctl, const char *const *words, size_t n_words)
{
	struct call call = { .words = words, .n_words = n_words };
	struct report rep = { 0 };
	int err = -EINVAL;

	if (wants_help(words, n_words))
		return show_help(words, n_words);
	call.command = command_find(words, n_words, &rep);
	if (call.command)
		err = run(ctl, call.command, words, n_words, &rep);
	client_close(&ctl->client);
	return finish(ctl, &call, err, &rep);
}

/* getopt() leaves the letter of a short option in optopt, and 0 for an unknown long one. */
static int bad_option(const struct ctl *ctl, const char *word)
{
	char letter[] = { '-', optopt, '\0' };
	struct call call = { .words = NULL };
	struct report rep = { 0 };
	int err;

	if (optopt)
		word = letter;
	if (optopt == 's')
		err = report_usage(&rep, word, "SOCKET", "SOCKET is missing after %s", word);
	else
		err = report_usage(&rep, word, "-j, -s SOCKET, -V or -h", "%s is not an option",
				   REPORT_QUOTE(word));
	return finish(ctl, &call, err, &rep);
}

int main(int argc, char **argv)
{
	struct ctl ctl = { .client = { .path = PROTOCOL_SOCKET, .fd = -1, .handed_fd = -1 } };
	int option;

	keep_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+js:Vh", long_options, NULL)) != -1) {
		switch (option) {
		case 'j':
			ctl.json = true;
			break;
		case 's':
			ctl.client.path = optarg;
			break;
		case 'V':
			puts("xdpfragctl " VERSION);
			return output_flush() ? 1 : 0;
		case 'h':
			return show_help(NULL, 0);
		default:
			return bad_option(&ctl, argv[optind - 1]);
		}
	}
	return dispatch(&ctl, (const char *const *)argv + optind, argc - optind);
}
