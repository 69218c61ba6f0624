// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `group show`: each policy as its statement, its state, what was put together of
 * it, and a line for each link with what became of the packets that came in there.
 */
#include <stdio.h>
#include <string.h>

#include "config/statement.h"
#include "objects.h"
#include "output.h"

struct group_show {
	bool json;
	struct output_array out;
};

static void print_names(const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach (names, i, name)
		printf("%s%s", i ? "," : "", json_string_value(name));
}

static void print_policy(const json_t *group)
{
	const json_t *absent = json_object_get(group, "absent");

	printf("%s ", member_text(group, "group"));
	print_names(json_object_get(group, "allowed"));
	if (*member_text(group, "source"))
		printf(" source %s", member_text(group, "source"));
	printf(" scope %s wrong %s", member_text(group, "scope"), member_text(group, "wrong"));
	if (*member_text(group, "redirect"))
		printf(" %s", member_text(group, "redirect"));
	if (member_flag(group, "apart"))
		printf(" apart");
	if (member_flag(group, "reassemble"))
		printf(" reassemble");
	printf(" origin %s state %s", member_text(group, "origin"), member_text(group, "state"));
	if (json_array_size(absent)) {
		printf(" (not there: ");
		print_names(absent);
		printf(")");
	}
	putchar('\n');
}

/* Nothing for a group that is not to be reassembled. */
static void print_reassembly(const json_t *group)
{
	const json_t *reassembly = json_object_get(group, "reassembly");

	if (!member_flag(group, "reassemble"))
		return;
	printf("    reassembly  %s  completed %llu  lost %llu\n",
	       member_flag(reassembly, "active") ? "active"
						 : "not in force (`xdpfragctl link show` says why)",
	       (unsigned long long)member_count(reassembly, "completed"),
	       (unsigned long long)member_count(reassembly, "lost"));
}

/* What the link gave to the group's datagrams, in fragments. */
static void print_share(const json_t *link)
{
	if (json_object_get(link, "first"))
		printf("  first %llu  duplicate %llu  made-good %llu",
		       (unsigned long long)member_count(link, "first"),
		       (unsigned long long)member_count(link, "duplicate"),
		       (unsigned long long)member_count(link, "made_good"));
}

/* The counter that the policy moves on this link is shown even at zero, the others when they moved.
 */
static void print_link(const json_t *group, const json_t *link, int width)
{
	static const struct {
		const char *key;
		const char *wrong; /* the policy that moves it; NULL: none */
	} counters[] = {
		{ "passed", NULL },	      { "dropped", "drop" },   { "observed", "observe" },
		{ "redirected", "redirect" }, { "reassembled", NULL },
	};
	bool allowed = member_flag(link, "allowed");
	const char *wrong = member_text(group, "wrong"), *name = member_text(link, "name");
	/* What comes in there is not sent back. */
	bool target = !strcmp(wrong, "redirect") && !strcmp(name, member_text(group, "redirect"));
	size_t i;

	printf("    %-*s  %-7s", width, name, allowed ? "allowed" : target ? "target" : "wrong");
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		uint64_t packets = member_count(link, counters[i].key);
		bool expected = allowed || target
					? i == 0
					: counters[i].wrong && !strcmp(wrong, counters[i].wrong);

		if (packets || expected)
			printf("  %s %llu", counters[i].key, (unsigned long long)packets);
	}
	print_share(link);
	putchar('\n');
}

static int show_page(json_t *page, bool last, void *data)
{
	struct group_show *show = data;
	const json_t *group, *link;
	size_t i, j;

	if (show->json)
		return output_array_page(&show->out, page, last);

	json_array_foreach (page, i, group) {
		const json_t *links = json_object_get(group, "links");
		int width = member_width(links, "name", 0);

		print_policy(group);
		print_reassembly(group);
		json_array_foreach (links, j, link)
			print_link(group, link, width);
	}
	return output_flush();
}

int group_show(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	struct group_show show = { .json = ctl->json };
	struct group_key key;
	int err;

	err = no_more_words(words, n_words, 3, rep);
	if (!err && n_words == 3)
		err = group_key_parse(&key, words[2], rep);
	if (err)
		return err;

	err = client_ask_pages(&ctl->client, words, n_words, show_page, &show, rep);
	/* An array that breaks off is left open, so that nobody takes it for the whole. */
	if (show.out.open)
		putchar('\n');
	return err;
}
