// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `learn show`: whether the agent learns, from which links, and a line for each
 * group that the host has joined.
 */
#include <stdio.h>
#include <string.h>

#include "objects.h"
#include "output.h"

/* "eth0,eth1 (why),eth2" */
static void print_names(const char *before, const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach (names, i, name) {
		if (json_is_string(name))
			printf("%s%s", i ? "," : before, json_string_value(name));
		else
			printf("%s%s (%s)", i ? ", " : before, member_text(name, "name"),
			       member_text(name, "reason"));
	}
}

static void print_head(const json_t *learn)
{
	const json_t *link;
	size_t i;

	printf("learn %s", member_flag(learn, "learn") ? "on" : "off");
	if (!member_flag(learn, "learn")) {
		putchar('\n');
		return;
	}
	printf(", by %spolling; joined %llu, of which learned %llu\n",
	       member_flag(learn, "events") ? "events and " : "",
	       (unsigned long long)member_count(learn, "joined"),
	       (unsigned long long)member_count(learn, "learned"));
	if (*member_text(learn, "trouble"))
		printf("memberships: %s\n", member_text(learn, "trouble"));
	json_array_foreach (json_object_get(learn, "links"), i, link) {
		unsigned long long sockets = member_count(link, "packet_sockets");

		if (*member_text(link, "left_out"))
			printf("%s brings all groups: %s\n", member_text(link, "name"),
			       member_text(link, "left_out"));
		else if (sockets)
			printf("%s: %llu packet socket%s (tcpdump, dhclient ...) %s not see what "
			       "is "
			       "dropped here\n",
			       member_text(link, "name"), sockets, sockets == 1 ? "" : "s",
			       sockets == 1 ? "does" : "do");
	}
}

static void print_group(const json_t *group)
{
	printf("%s", member_text(group, "group"));
	if (*member_text(group, "source"))
		printf(" source %s", member_text(group, "source"));
	print_names(" joined ", json_object_get(group, "joined"));
	print_names(" left out ", json_object_get(group, "left_out"));
	if (*member_text(group, "reason"))
		printf(" not learned: %s", member_text(group, "reason"));
	else if (member_flag(group, "apart"))
		printf(" apart");
	putchar('\n');
}

/* The groups of all pages in one object; they are as many as the host has joined. */
static int show_page(json_t *learn, bool last, void *data)
{
	json_t **whole = data;
	(void)last;

	if (!*whole) {
		*whole = json_incref(learn);
		return 0;
	}
	return json_array_extend(json_object_get(*whole, "groups"),
				 json_object_get(learn, "groups"));
}

int learn_show(struct ctl *ctl, const char *const *words, size_t n_words, struct report *rep)
{
	json_t *whole = NULL;
	const json_t *group;
	size_t i;
	int err;

	err = no_more_words(words, n_words, 2, rep);
	if (!err)
		err = client_ask_pages(&ctl->client, words, n_words, show_page, &whole, rep);
	if (err)
		goto out;
	if (ctl->json)
		return output_line(whole);
	print_head(whole);
	json_array_foreach (json_object_get(whole, "groups"), i, group)
		print_group(group);
	err = output_flush();
out:
	json_decref(whole);
	return err;
}
