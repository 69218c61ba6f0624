// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parts of the forms of `group` and `link`, and how the value of each is read.
 * Those of `link set` and of `route` stand with their objects.
 */
#include <errno.h>
#include <string.h>

#include "choice.h"
#include "parts.h"

static int read_group(struct statement *statement, const char *word, struct words *words)
{
	return group_key_parse(&statement->key, word, words->rep);
}

static bool is_allowed(const struct statement *statement, const char *name)
{
	for (size_t i = 0; i < statement->n_nics; i++)
		if (!strcmp(statement->nics[i], name))
			return true;
	return false;
}

static int add_allowed(struct statement *statement, const char *word, struct report *rep)
{
	char name[IFNAMSIZ];
	int err;

	err = nic_parse(name, word, rep);
	if (err)
		return err;
	if (is_allowed(statement, name))
		return report_usage(rep, name, "another NIC", "%s is named twice",
				    REPORT_QUOTE(name));
	if (statement->n_nics == CONFIG_NICS)
		return report_usage(rep, name, "", "%s is one NIC too many: a group takes %d",
				    REPORT_QUOTE(name), CONFIG_NICS);
	strcpy(statement->nics[statement->n_nics++], name);
	return 0;
}

static int read_allowed(struct statement *statement, const char *word, struct words *words)
{
	char element[REPORT_WORD + IFNAMSIZ]; /* longer than a name, and than is quoted of it */
	const char *list = word;
	int err;

	for (;; word++) {
		size_t len = strcspn(word, ",");
		size_t fits = len < sizeof(element) ? len : sizeof(element) - 1;

		if (len == 0 && list[0])
			return report_usage(words->rep, list, "NIC[,NIC...]",
					    "%s has a comma without a NIC beside it",
					    REPORT_QUOTE(list));
		memcpy(element, word, fits);
		element[fits] = '\0';
		err = add_allowed(statement, element, words->rep);
		if (err)
			return err;
		word += len;
		if (!*word)
			return 0;
	}
}

static int read_source(struct statement *statement, const char *word, struct words *words)
{
	return group_source_parse(&statement->key, word, words->rep);
}

static int read_scope(struct statement *statement, const char *word, struct words *words)
{
	uint8_t value = 0;
	int err;

	err = choice_parse(scope_choices, "scope", word, &value, words->rep);
	statement->scope_all = value;
	return err;
}

static int read_redirect(struct statement *statement, struct words *words)
{
	const char *word = words_take(words, "NIC");
	int err;

	if (!word)
		return -EINVAL;
	err = nic_parse(statement->redirect, word, words->rep);
	if (err)
		return err;
	if (is_allowed(statement, word))
		return report_usage(words->rep, word, "another NIC",
				    "%s is allowed already, so nothing is redirected to it",
				    REPORT_QUOTE(word));
	return 0;
}

static int read_wrong(struct statement *statement, const char *word, struct words *words)
{
	int err;

	err = choice_parse(wrong_choices, "wrong", word, &statement->wrong, words->rep);
	if (err || statement->wrong != XDPFRAG_WRONG_REDIRECT)
		return err;
	return read_redirect(statement, words);
}

/* Once from all copies, and once from each link's: it cannot be both. */
static int refuse_contradiction(const char *word, struct words *words)
{
	return report_usage(words->rep, word, "",
			    "apart delivers a datagram once for each NIC, reassemble once from the "
			    "copies of all: only one of them can be");
}

static int read_reassemble(struct statement *statement, const char *word, struct words *words)
{
	if (statement->apart)
		return refuse_contradiction(word, words);
	statement->reassemble = true;
	return 0;
}

static int read_apart(struct statement *statement, const char *word, struct words *words)
{
	if (statement->reassemble)
		return refuse_contradiction(word, words);
	if (statement->n_nics < 2)
		return report_usage(words->rep, word, "",
				    "only %s is allowed, so there is nothing to put together "
				    "apart; allow another NIC as well",
				    REPORT_QUOTE(statement->nics[0]));
	statement->apart = true;
	return 0;
}

static int read_link(struct statement *statement, const char *word, struct words *words)
{
	return nic_parse(statement->link.name, word, words->rep);
}

static int read_mode(struct statement *statement, const char *word, struct words *words)
{
	uint8_t value = LINK_AUTO;
	int err;

	err = choice_parse(link_mode_choices, "mode", word, &value, words->rep);
	statement->link.mode = value;
	return err;
}

static int read_xdpcap_hook(struct statement *statement, const char *word, struct words *words)
{
	uint8_t value = false;
	int err;

	err = choice_parse(switch_choices, "xdpcap-hook", word, &value, words->rep);
	statement->link.xdpcap_hook = value;
	return err;
}

const struct statement_part group_parts[] = {
	{ .value = "GROUP[/LEN]", .read = read_group },
	{ .value = "NIC[,NIC...]", .read = read_allowed },
	{ .keyword = "source", .value = "ADDR", .read = read_source },
	{ .keyword = "scope", .value = "fragments|all", .read = read_scope },
	{ .keyword = "wrong", .value = "drop|observe|redirect NIC", .read = read_wrong },
	{ .keyword = "apart", .read = read_apart },
	{ .keyword = "reassemble", .read = read_reassemble },
	{},
};

const struct statement_part group_del_parts[] = {
	{ .value = "GROUP[/LEN]", .read = read_group },
	{ .keyword = "source", .value = "ADDR", .read = read_source },
	{},
};

const struct statement_part link_parts[] = {
	{ .value = "NIC", .read = read_link },
	{ .keyword = "mode", .value = "auto|native|skb", .read = read_mode },
	{ .keyword = "xdpcap-hook", .value = "on|off", .read = read_xdpcap_hook },
	{},
};

const struct statement_part link_del_parts[] = {
	{ .value = "NIC", .read = read_link },
	{},
};

const struct statement_part no_parts[] = {
	{},
};
