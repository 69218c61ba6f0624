// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `link show`: a table of the managed links, one page of which holds all of them.
 */
#include <stdio.h>

#include "config/statement.h"
#include "objects.h"
#include "output.h"

struct link_show {
	bool json;
	struct output_array out;
};

static void print_number(const json_t *link, const char *key, int width)
{
	uint64_t number = member_count(link, key);

	if (number)
		printf("  %*llu", width, (unsigned long long)number);
	else
		printf("  %*s", width, "-");
}

static void print_link(const json_t *link, int width)
{
	const char *reason = member_text(link, "reason");

	printf("%-*s", width, member_text(link, "name"));
	print_number(link, "ifindex", 7);
	printf("  %-6s  %-6s  %-6s", member_text(link, "mode"), member_text(link, "wanted"),
	       member_text(link, "origin"));
	printf("  %-5s  %-6s", member_flag(link, "frags") ? "yes" : "no",
	       member_flag(link, "dispatcher") ? "yes" : "no");
	print_number(link, "program", 7);
	print_number(link, "mtu", 5);
	print_number(link, "promiscuity", 7);
	printf("%s%s\n", *reason ? "  " : "", reason);
}

static int show_page(json_t *page, bool last, void *data)
{
	struct link_show *show = data;
	int width = member_width(page, "name", 4);
	const json_t *link;
	size_t i;

	if (show->json)
		return output_array_page(&show->out, page, last);

	if (json_array_size(page))
		printf("%-*s  IFINDEX  MODE    WANTED  ORIGIN  FRAGS  SHARED  PROGRAM    MTU  "
		       "PROMISC"
		       "  REASON\n",
		       width, "NAME");
	json_array_foreach (page, i, link)
		print_link(link, width);
	return output_flush();
}

int link_show(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	struct link_show show = { .json = ctl->json };
	char name[IFNAMSIZ];
	int err;

	err = no_more_words(words, n_words, 3, rep);
	if (!err && n_words == 3)
		err = nic_parse(name, words[2], rep);
	if (err)
		return err;
	return client_ask_pages(&ctl->client, words, n_words, show_page, &show, rep);
}
