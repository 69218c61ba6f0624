// SPDX-License-Identifier: GPL-2.0-or-later
/* What doctor reads of the kernel's texts, and how it counts what came in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/sessions/doctor.h"
#include "diagnose/arrivals.h"
#include "diagnose/collect.h"

static FILE *text(const char *text)
{
	FILE *file = fmemopen((char *)text, strlen(text), "r");

	assert_non_null(file);
	return file;
}

static void test_parse_counters(void **state)
{
	struct fact_counters counters = {}, before = {};
	FILE *file = text("Ip: Forwarding ReasmTimeout ReasmReqds ReasmOKs ReasmFails\n"
			  "Ip: 2 11 12 13 14\n"
			  "Udp: InDatagrams ReasmFails\nUdp: 1 99\n"
			  "TcpExt: A IPReversePathFilter B\nTcpExt: 1 15 2\n"
			  "IpExt: InNoRoutes ReasmOverlaps\nIpExt: 0 16\n");

	(void)state;
	parse_counters(file, &counters);
	fclose(file);
	file = text("Ip6ReasmReqds                   \t21\nIp6ReasmFails\t22\n");
	parse_counters6(file, &counters);
	fclose(file);
	assert_int_equal(counters.reasm_timeout, 11);
	assert_int_equal(counters.reasm_reqds, 12);
	assert_int_equal(counters.reasm_oks, 13);
	assert_int_equal(counters.reasm_fails, 14);
	assert_int_equal(counters.rp_filtered, 15);
	assert_int_equal(counters.reasm_overlaps, 16);
	assert_int_equal(counters.reasm6_reqds, 21);
	assert_int_equal(counters.reasm6_fails, 22);
	before.reasm_fails = 10;
	before.reasm_oks = 20; /* never goes back, but if it does */
	counters_since(&counters, &before);
	assert_int_equal(counters.reasm_fails, 4);
	assert_int_equal(counters.reasm_oks, 0);
}

static void test_parse_queues(void **state)
{
	uint64_t waiting, memory;
	FILE *file = text("sockets: used 1\nRAW: inuse 0\nFRAG: inuse 3 memory 24576\n");

	(void)state;
	assert_true(parse_queues(file, &waiting, &memory));
	fclose(file);
	assert_int_equal(waiting, 3);
	assert_int_equal(memory, 24576);
	file = text("sockets: used 1\n");
	assert_false(parse_queues(file, &waiting, &memory));
	fclose(file);
}

static void test_arrivals(void **state)
{
	struct arrivals *arrivals = arrivals_new();
	uint8_t group[16] = { 239 };
	struct fact_arrival *first;
	uint32_t i;
	size_t n;

	(void)state;
	assert_non_null(arrivals);
	first = arrivals_of(arrivals, 2, AF_INET, group);
	assert_non_null(first);
	first->packets = 7;
	group[15] = 1; /* behind an IPv4 address: no part of it */
	assert_ptr_equal(arrivals_of(arrivals, 2, AF_INET, group), first);
	assert_ptr_not_equal(arrivals_of(arrivals, 3, AF_INET, group), first);
	assert_ptr_not_equal(arrivals_of(arrivals, 2, AF_INET6, group), first);
	for (i = 0; i < FACT_ARRIVALS + 5; i++) {
		uint32_t number = htonl(0xef010000 + i);

		memcpy(group, &number, sizeof(number));
		arrivals_of(arrivals, 2, AF_INET, group);
	}
	assert_int_equal(arrivals_all(arrivals, &n)[0].packets, 7);
	assert_int_equal(n, FACT_ARRIVALS);
	assert_int_equal(arrivals_left_out(arrivals), 3 + 5);
	arrivals_free(arrivals);
}

static void test_what_wants_defragmentation(void **state)
{
	(void)state;
	assert_true(xtables_wants_defrag("conntrack"));
	assert_true(xtables_wants_defrag("TPROXY"));
	assert_true(xtables_wants_defrag("MASQUERADE"));
	assert_false(xtables_wants_defrag("udp"));
	assert_false(xtables_wants_defrag("DROP"));
	assert_false(xtables_wants_defrag(""));
}

/* What doctor is to know of the agent's AF_XDP sockets: of a steered link alone. */
static void test_missing_sockets(void **state)
{
	static struct agent agent = { .n_managed = 3 };
	struct doctor_baseline baseline;
	struct facts facts;
	size_t i;

	(void)state;
	agent.policy = &agent.config;
	agent.config.n_reassembled = 2;
	for (i = 0; i < agent.n_managed; i++) {
		struct managed *managed = &agent.managed[i];

		memcpy(managed->name, "eth0", sizeof("eth0"));
		managed->name[3] += i;
		managed->ifindex = 2 + i;
		managed->slot = i < 2 ? 7 + i : NO_SLOT;
		managed->program = i < 2 ? 40 + i : 0;
		managed->counters.reasons_fd = -1;
	}
	strcpy(agent.reassemble.reason, "reassembly cannot be started: No such device");
	strcpy(agent.reassemble.links[8].reason,
	       "no AF_XDP socket on queue 0: Device or resource busy");
	doctor_take_baseline(&agent, &baseline);
	facts_init(&facts);
	assert_int_equal(doctor_add_facts(&agent, &baseline, &facts), 0);
	assert_int_equal(facts.agent.reassembled, 2);
	assert_false(facts.agent.reassembles);
	assert_string_equal(facts.agent.reassembly_reason,
			    "reassembly cannot be started: No such device");
	assert_int_equal(facts.n_managed, 3);
	assert_string_equal(facts.managed[0].socket_reason, "");
	assert_string_equal(facts.managed[1].socket_reason,
			    "no AF_XDP socket on queue 0: Device or resource busy");
	assert_string_equal(facts.managed[2].socket_reason, "");
	facts_free(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_counters),
		cmocka_unit_test(test_parse_queues),
		cmocka_unit_test(test_arrivals),
		cmocka_unit_test(test_what_wants_defragmentation),
		cmocka_unit_test(test_missing_sockets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("doctor_facts", tests, NULL, NULL);
}
