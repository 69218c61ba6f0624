// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of all commands, and the usage that is printed from it (commands.h).
 */
#include <string.h>

#include "commands.h"
#include "config/statement.h"
#include "objects.h"

#define OPTIONS	      "[-j] [-s SOCKET]"
#define USAGE_COLUMNS 80 /* a line of usage is not longer, where it can be helped */

/* clang-format off */
const struct ctl_command ctl_commands[] = {
	{ "group", "add", change_run, NULL, NULL },
	{ "group", "replace", change_run, NULL, NULL },
	{ "group", "del", change_run, NULL, NULL },
	{ "group", "flush", change_run, NULL, NULL },
	{ "group", "show", group_show, "[GROUP[/LEN]]",
	  "the policies, and what each link did with their packets" },
	{ "link", "add", change_run, NULL, NULL },
	{ "link", "del", change_run, NULL, NULL },
	{ "link", "set", change_run, NULL, NULL },
	{ "link", "unset", change_run, NULL, NULL },
	{ "link", "show", link_show, "[NIC]", "the managed links, and how each is attached" },
	{ "route", "set", change_run, NULL, NULL },
	{ "route", "unset", change_run, NULL, NULL },
	{ "route", "show", route_show, "[ADDR]",
	  "the routes that are set, and the MTU that the kernel would use; with ADDR, to there" },
	{ "learn", "on", change_run, NULL, NULL },
	{ "learn", "off", change_run, NULL, NULL },
	{ "learn", "show", learn_show, "", "what is learned from which membership, and what is not, and why" },
	{ "status", "", status_run, "", "the agent: version, configuration, sizes" },
	{ "stats", "", stats_run, "[-w SECONDS]",
	  "packets per link and verdict; with -w the rates, every SECONDS" },
	{ "doctor", "", doctor_run, "[-w SECONDS] [probe]",
	  "what is wrong with this host, how it is known, and the command that mends it" },
	{ "capture", "", capture_run,
	  "[-i NIC] [-w FILE|-] [-c COUNT] [-s SNAPLEN] [--verdict VERDICT] [--decap] [FILTER]",
	  "packets as the XDP hook sees them, with what was decided; FILTER as pcap-filter(7) has it" },
	{ "trace", "", trace_run, "[GROUP[/LEN]] [-c COUNT] [-w SECONDS]",
	  "each datagram's fragments over time, per NIC, and how it ended" },
	{ "save", "", save_run, "", "print what is in force as a configuration file" },
	{ "apply", "", apply_run, "FILE|-", "make what is in force equal to FILE, all or nothing" },
	{ "flush", "", change_run, NULL, NULL },
	{ "probe", "send", probe_send_run,
	  "GROUP PORT ADDR|NIC [size BYTES] [rate PER_SECOND] [count N] [ttl N] [source-port PORT]",
	  "send numbered test datagrams" },
	{ "probe", "recv", probe_recv_run, "GROUP PORT ADDR|NIC [count N] [timeout SECONDS] [quiet]",
	  "receive them, and report gaps, duplicates, reordering and damage" },
	{ "help", "", NULL, "[OBJECT [COMMAND]]", "this text; `help` among other words does the same" },
	{ NULL, NULL, NULL, NULL, NULL },
};
/* clang-format on */

/* The grammar's own entry for a changing command. */
static const struct statement_form *form_of(const struct ctl_command *command)
{
	/* `flush` has no object in the grammar. */
	const char *object = *command->name ? command->object : "";
	const char *verb = *command->name ? command->name : command->object;
	const struct statement_form *form;

	for (form = statement_forms; form->object; form++) {
		if (!strcmp(form->object, object) && !strcmp(form->verb, verb))
			return form;
	}
	return NULL;
}

static const char *command_usage(const struct ctl_command *command)
{
	const struct statement_form *form = command->usage ? NULL : form_of(command);

	return command->usage ? command->usage : form ? form->usage : "";
}

static const char *command_help(const struct ctl_command *command)
{
	const struct statement_form *form = command->help ? NULL : form_of(command);

	return command->help ? command->help : form ? form->help : "";
}

/* Bytes up to the first blank that is not inside brackets: a word, or an option with its value. */
static size_t unit_len(const char *usage)
{
	size_t len = 0;
	int depth = 0;

	for (; usage[len] && (usage[len] != ' ' || depth > 0); len++)
		depth += (usage[len] == '[') - (usage[len] == ']');
	return len;
}

bool command_has_option(const struct ctl_command *command, const char *option)
{
	const char *usage = command_usage(command);

	while (*usage) {
		size_t len = unit_len(usage), word = strcspn(usage + 1, " ]");

		if (*usage == '[' && word == strlen(option) && !strncmp(usage + 1, option, word))
			return true;
		usage += len + (usage[len] == ' ');
	}
	return false;
}

/*
 * "group add GROUP[/LEN] …" behind what is on the line already (`column` bytes, ASCII like all
 * usage), with an end of line. What does not fit goes on below the first word of the usage.
 */
static void print_form(FILE *to, int column, const struct ctl_command *command)
{
	const char *usage = command_usage(command);
	int indent;

	column += fprintf(to, "%s%s%s", command->object, *command->name ? " " : "", command->name);
	indent = column;
	while (*usage) {
		int len = unit_len(usage);

		if (column + 1 + len > USAGE_COLUMNS)
			column = fprintf(to, "\n%*s", indent, "") - 1;
		column += fprintf(to, " %.*s", len, usage);
		usage += len + (usage[len] == ' ');
	}
	fputc('\n', to);
}

void usage_command(FILE *to, const struct ctl_command *command)
{
	int column = fprintf(to, "  ");

	print_form(to, column, command);
	fprintf(to, "      %s\n", command_help(command));
}

static bool matches(const struct ctl_command *command, const char *object, const char *name)
{
	return (!object || !strcmp(command->object, object)) &&
	       (!name || !strcmp(command->name, name));
}

static size_t count(const char *object, const char *name)
{
	const struct ctl_command *command;
	size_t n = 0;

	for (command = ctl_commands; command->object; command++)
		n += matches(command, object, name);
	return n;
}

void usage_fitting(FILE *to, const char *const *words, size_t n_words)
{
	const char *object = n_words > 0 && count(words[0], NULL) ? words[0] : NULL;
	const char *name = object && n_words > 1 && count(object, words[1]) ? words[1] : NULL;
	const struct ctl_command *command;

	fputs("Usage: xdpfragctl " OPTIONS " OBJECT COMMAND ...\n", to);
	if (!object)
		fputs("       xdpfragctl -V | -h\n", to);
	for (command = ctl_commands; command->object; command++) {
		if (matches(command, object, name))
			usage_command(to, command);
	}
	if (!object)
		fputs("Options:\n"
		      "  -j         JSON, for every show and for errors\n"
		      "  -s SOCKET  the agent's socket\n"
		      "  -V         print the version\n"
		      "  -h         print this text\n",
		      to);
}

/* The objects, or the commands of one, as "add, del, show". */
static void list_words(const char *object, char *list, size_t len)
{
	const struct ctl_command *command;
	const char *last = "";

	*list = '\0';
	for (command = ctl_commands; command->object; command++) {
		const char *word = object ? command->name : command->object;

		if ((object && strcmp(command->object, object)) || !strcmp(word, last))
			continue;
		if (*list)
			strncat(list, ", ", len - strlen(list) - 1);
		strncat(list, word, len - strlen(list) - 1);
		last = word;
	}
}

static const struct ctl_command *find(const char *object, const char *name)
{
	const struct ctl_command *command;

	for (command = ctl_commands; command->object; command++) {
		if (matches(command, object, name))
			return command;
	}
	return NULL;
}

/* "group add|replace|del|flush|show …" */
static void print_object(FILE *to, const char *object)
{
	const struct ctl_command *command;
	char between = ' ';

	fprintf(to, "%s", object);
	for (command = ctl_commands; command->object; command++) {
		if (strcmp(command->object, object))
			continue;
		fprintf(to, "%c%s", between, command->name);
		between = '|';
	}
	fprintf(to, " ...; `xdpfragctl %s help` explains\n", object);
}

void usage_line(FILE *to, const struct ctl_command *command, const char *const *words,
		size_t n_words)
{
	int column = fprintf(to, "Usage: xdpfragctl ");

	if (command)
		print_form(to, column, command);
	else if (n_words && find(words[0], NULL))
		print_object(to, words[0]);
	else
		fputs(OPTIONS " OBJECT COMMAND ...; `xdpfragctl help` lists them\n", to);
}

const struct ctl_command *command_find(const char *const *words, size_t n_words, struct report *rep)
{
	const char *name = n_words > 1 ? words[1] : "show";
	const struct ctl_command *command;
	char list[sizeof(rep->expected)];

	if (n_words == 0 || !find(words[0], NULL)) {
		list_words(NULL, list, sizeof(list));
		if (n_words == 0)
			report_usage(rep, "", list, "an object is missing");
		else
			report_usage(rep, words[0], list, "%s is not an object",
				     REPORT_QUOTE(words[0]));
		return NULL;
	}
	command = find(words[0], "");
	if (!command)
		command = find(words[0], name);
	if (command)
		return command;

	list_words(words[0], list, sizeof(list));
	if (n_words == 1)
		report_usage(rep, words[0], list, "a command is missing after %s", words[0]);
	else
		report_usage(rep, name, list, "%s is not a command of %s", REPORT_QUOTE(name),
			     words[0]);
	return NULL;
}
