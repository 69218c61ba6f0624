// SPDX-License-Identifier: GPL-2.0-or-later
/* A host as doctor knows it (sick_host.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "sick_host.h"

static uint8_t parse(const char *text, uint8_t *address)
{
	uint8_t family = strchr(text, ':') ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, text, address), 1);
	return family;
}

static void add_link(struct sick_host *host, uint32_t ifindex, const char *name)
{
	size_t n = host->facts.n_links++;

	host->links[n] = (struct fact_link){ .ifindex = ifindex,
					     .flags = IFF_UP,
					     .mtu = 1500,
					     .mtu_max = 9216,
					     .faces_stack = true,
					     .hook = ifindex,
					     .gro = 1,
					     .lro = 0,
					     .gso = 1,
					     .tso = 1,
					     .watched = true };
	strcpy(host->links[n].name, name);
	host->managed[n] = (struct fact_managed){ .ifindex = ifindex, .mode = MODE_NATIVE };
	strcpy(host->managed[n].name, name);
	host->facts.n_managed++;
}

void sick_host_make(struct sick_host *host)
{
	struct facts *facts = &host->facts;

	memset(host, 0, sizeof(*host));
	facts_init(facts);
	config_init(&host->config);
	facts->links = host->links;
	facts->managed = host->managed;
	facts->settings = host->settings;
	facts->members = host->members;
	facts->arrivals = host->arrivals;
	facts->twins = host->twins;
	facts->peers = host->peers;
	facts->routes = host->routes;
	facts->segments = host->segments;
	facts->config = facts->policy = &host->config;
	facts->seconds = 3;
	facts->counters.reasm_reqds = 3000;
	facts->counters.reasm_oks = 500;
	facts->queues = (struct fact_queues){ .known = true, .memory_peak = 60000 };
	facts->sysctls = (struct fact_sysctls){ 30, 4194304, 64, 0, 0, 0 };
	facts->defrag.before_routing = ANSWER_YES;
	add_link(host, ETH0, "eth0");
	add_link(host, ETH1, "eth1");
	sick_host_join(host, "239.0.0.15", ETH1);
	sick_host_arrive(host, "239.0.0.15", ETH1, "10.84.0.73", ETH1, 3000, 3000);
}

void sick_host_free(struct sick_host *host)
{
	config_free(&host->config);
}

void sick_host_state(struct sick_host *host, const char *statements)
{
	struct report rep = {};

	config_free(&host->config);
	if (config_parse(&host->config, statements, strlen(statements), &rep))
		fail_msg("%s: %s", statements, rep.message);
}

void sick_host_join(struct sick_host *host, const char *group, uint32_t ifindex)
{
	struct fact_member *member = &host->members[host->facts.n_members++];

	*member = (struct fact_member){ .ifindex = ifindex, .hook = ifindex };
	member->family = parse(group, member->group);
}

static struct fact_path path(uint32_t back)
{
	return (struct fact_path){
		.known = true, .ifindex = back, .unreachable = !back, .on_link = back
	};
}

void sick_host_arrive(struct sick_host *host, const char *group, uint32_t ifindex,
		      const char *source, uint32_t back, uint64_t packets, uint64_t fragments)
{
	struct fact_arrival *arrival = &host->arrivals[host->facts.n_arrivals++];

	*arrival = (struct fact_arrival){
		.ifindex = ifindex, .packets = packets, .fragments = fragments, .back = path(back)
	};
	arrival->family = parse(group, arrival->group);
	parse(source, arrival->source);
}

void sick_host_quiet(struct sick_host *host)
{
	host->facts.n_arrivals = 0;
}

void sick_host_twins(struct sick_host *host, const char *group, const char *source,
		     uint64_t fragments)
{
	struct fact_twins *twins = &host->twins[host->facts.n_twins++];

	*twins = (struct fact_twins){ .pair = { .nics = { ETH0, ETH1 },
						.fragments = fragments,
						.first_on = { 1, fragments - 1 } },
				      .back = path(ETH1) };
	twins->pair.family = parse(group, twins->pair.group);
	parse(source, twins->pair.source);
}

static struct fact_link *link_of(struct sick_host *host, uint32_t ifindex)
{
	return (struct fact_link *)facts_link(&host->facts, ifindex);
}

void sick_host_hold(struct sick_host *host, uint32_t ifindex, const struct holder *holder)
{
	struct fact_link *link = link_of(host, ifindex);

	host->holders[0] = *holder;
	link->holders = host->holders;
	link->n_holders = 1;
	link->promiscuity = holder->promisc;
	link->allmulti = holder->allmulti;
}

void sick_host_peer(struct sick_host *host, uint32_t ifindex, const char *address, uint16_t mss)
{
	struct fact_peer *peer = &host->peers[host->facts.n_peers++];

	*peer = (struct fact_peer){ .ifindex = ifindex, .mss = mss, .back = path(ifindex) };
	peer->family = parse(address, peer->address);
}

void sick_host_route(struct sick_host *host, const char *dev, uint8_t len, const char *via,
		     uint32_t mtu)
{
	struct fact_route *route = &host->routes[host->facts.n_routes++];

	*route = (struct fact_route){ .mtu = mtu };
	route->key.family = AF_INET;
	route->key.len = len;
	if (len)
		parse("10.9.0.0", route->key.prefix);
	if (via)
		route->key.via_family = parse(via, route->key.via);
	strcpy(route->key.dev, dev);
}

static void run(struct sick_host *host)
{
	host->findings.n = host->findings.left_out = 0;
	rules_run(&host->facts, &host->findings);
}

static void print_all(const struct sick_host *host)
{
	size_t i, n;

	for (i = 0; i < host->findings.n; i++) {
		const struct finding *finding = &host->findings.finding[i];

		print_message("# %s %s: %s\n", severity_name(finding->severity), finding->id,
			      finding->title);
		for (n = 0; n < finding->n_evidence; n++)
			print_message("#   %s\n", finding->evidence[n]);
		for (n = 0; n < finding->n_remedies; n++)
			print_message("#   > %s\n", finding->remedy[n]);
	}
}

void expect_healthy(struct sick_host *host)
{
	run(host);
	if (host->findings.n) {
		print_all(host);
		fail_msg("%s was found", host->findings.finding[0].id);
	}
}

void expect_finding(struct sick_host *host, const char *id, enum severity severity,
		    const char *remedy)
{
	const struct finding *finding = &host->findings.finding[0];

	run(host);
	if (host->findings.n != 1 || strcmp(finding->id, id) || finding->severity != severity) {
		print_all(host);
		fail_msg("not just a %s %s", severity_name(severity), id);
	}
	assert_true(finding->n_evidence > 0);
	assert_string_equal(finding->n_remedies ? finding->remedy[0] : "", remedy);
}

void expect_evidence(const struct sick_host *host, const char *text)
{
	const struct finding *finding = &host->findings.finding[0];
	size_t i;

	for (i = 0; i < finding->n_evidence; i++)
		if (strstr(finding->evidence[i], text))
			return;
	print_all(host);
	fail_msg("no evidence \"%s\"", text);
}
