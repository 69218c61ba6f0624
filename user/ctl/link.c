// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `link show`: a table of the managed links and of the NICs that have settings, one
 * page of which holds all of them; below a link, indented, who holds it promiscuous
 * or allmulti, its hook for xdpcap, what is set of it, and its AF_XDP sockets.
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

static void print_holders(const json_t *link, const char *key, const char *mode)
{
	const json_t *holder;
	size_t i;

	json_array_foreach (json_object_get(link, key), i, holder)
		printf("    %-8s  %s\n", mode, member_text(holder, "text"));
}

static void print_value(const json_t *setting, const char *key)
{
	const json_t *value = json_object_get(setting, key);

	if (json_is_boolean(value))
		fputs(json_is_true(value) ? "on" : "off", stdout);
	else
		printf("%llu", (unsigned long long)member_count(setting, key));
}

/* "mtu 9000  not in force, now 1500: why", "promisc off  in force, put back 3 times" */
static void print_setting(const char *name, const json_t *setting)
{
	bool in_force = member_flag(setting, "in_force");
	const char *reason = member_text(setting, "reason");
	uint64_t drift = member_count(setting, "drift");

	printf("    %-8s  %s ", "setting", name);
	print_value(setting, "wanted");
	printf("  %sin force", in_force ? "" : "not ");
	if (!in_force && json_object_get(setting, "now")) {
		fputs(", now ", stdout);
		print_value(setting, "now");
	}
	if (drift)
		printf(", put back %llu time%s", (unsigned long long)drift, drift > 1 ? "s" : "");
	printf("%s%s\n", *reason ? ": " : "", reason);
}

static void print_settings(json_t *settings)
{
	const char *name;
	json_t *setting;

	json_object_foreach (settings, name, setting)
		print_setting(name, setting);
}

/* What went wrong is named only where it did. */
static void print_socket(const json_t *socket)
{
	static const struct {
		const char *key, *name;
	} faults[] = {
		{ "refused", "refused" },
		{ "dropped", "dropped" },
		{ "ring_full", "ring-full" },
		{ "fill_empty", "fill-empty" },
	};
	size_t i;

	printf("    %-8s  queue %llu %s  %llu frames%s  received %llu", "socket",
	       (unsigned long long)member_count(socket, "queue"), member_text(socket, "mode"),
	       (unsigned long long)member_count(socket, "frames"),
	       member_flag(socket, "several_buffers") ? ", several to a packet" : "",
	       (unsigned long long)member_count(socket, "received"));
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (member_count(socket, faults[i].key))
			printf("  %s %llu", faults[i].name,
			       (unsigned long long)member_count(socket, faults[i].key));
	putchar('\n');
}

static void print_sockets(const json_t *link)
{
	const char *reason = member_text(link, "sockets_reason");
	const json_t *socket;
	size_t i;

	json_array_foreach (json_object_get(link, "sockets"), i, socket)
		print_socket(socket);
	if (*reason)
		printf("    %-8s  %s\n", "socket", reason);
}

static void print_xdpcap(const json_t *link)
{
	const char *path = member_text(link, "xdpcap_hook");
	const char *reason = member_text(link, "xdpcap_reason");

	if (*path || *reason)
		printf("    %-8s  %s%s%s\n", "xdpcap", path, *path && *reason ? "  " : "", reason);
}

static void print_link(const json_t *link, int width)
{
	const char *reason = member_text(link, "reason"), *wanted = member_text(link, "wanted");

	printf("%-*s", width, member_text(link, "name"));
	print_number(link, "ifindex", 7);
	printf("  %-9s  %-6s  %-6s", member_text(link, "mode"), *wanted ? wanted : "-",
	       member_text(link, "origin"));
	printf("  %-5s  %-6s", member_flag(link, "frags") ? "yes" : "no",
	       member_flag(link, "dispatcher") ? "yes" : "no");
	print_number(link, "program", 7);
	print_number(link, "mtu", 5);
	print_number(link, "promiscuity", 7);
	printf("%s%s\n", *reason ? "  " : "", reason);
	print_holders(link, "promisc_holders", "promisc");
	print_holders(link, "allmulti_holders", "allmulti");
	print_xdpcap(link);
	print_settings(json_object_get(link, "settings"));
	print_sockets(link);
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
		printf("%-*s  IFINDEX  MODE       WANTED  ORIGIN  FRAGS  SHARED  PROGRAM    MTU  "
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
