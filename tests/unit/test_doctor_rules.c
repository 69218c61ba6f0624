// SPDX-License-Identifier: GPL-2.0-or-later
/* Doctor's rules about fragments and groups: when they speak, and when they must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/sick_host.h"

#define GROUP  "239.0.0.15"
#define SENDER "10.84.0.73"

static struct sick_host host;

static int make(void **state)
{
	(void)state;
	sick_host_make(&host);
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	sick_host_free(&host);
	return 0;
}

static void test_a_healthy_host(void **state)
{
	(void)state;
	expect_healthy(&host);
}

/* Design's fault: both copies get past XDP, and datagrams are lost by it. */
static void make_twins(void)
{
	sick_host_arrive(&host, GROUP, ETH0, SENDER, ETH1, 3000, 3000);
	sick_host_twins(&host, GROUP, SENDER, 3000);
	host.facts.counters.reasm_fails = host.facts.counters.reasm_timeout = 400;
	host.facts.queues.after = 100;
}

static void test_twins_name_everything(void **state)
{
	(void)state;
	make_twins();
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_FAULT,
		       "xdpfragctl group add 239.0.0.15 eth1");
	expect_evidence(&host,
			"3000 fragments from 10.84.0.73 to 239.0.0.15 came in on eth0 and on eth1");
	expect_evidence(&host, "joined on eth1 and not on eth0: a datagram that eth0's copy");
	expect_evidence(&host, "ReasmFails rose by 400 (133.3/s)");
	expect_evidence(&host, "put together before they are routed");
}

static void test_twins_of_a_wrong_statement(void **state)
{
	(void)state;
	make_twins();
	sick_host_state(&host, "group add 239.0.0.15 eth1 wrong observe\n");
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_FAULT,
		       "xdpfragctl group replace 239.0.0.15 eth1");
	sick_host_state(&host, "group add 239.0.0.15 eth0,eth1 source 10.84.0.73\n");
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_FAULT,
		       "xdpfragctl group replace 239.0.0.15 eth1 source 10.84.0.73");
	/* A prefix stays, and the group gets a statement of its own. */
	sick_host_state(&host, "group add 239.0.0.0/16 eth0,eth1\n");
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_FAULT,
		       "xdpfragctl group add 239.0.0.15 eth1");
}

static void test_twins_joined_on_both(void **state)
{
	(void)state;
	make_twins();
	sick_host_join(&host, GROUP, ETH0);
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_FAULT,
		       "xdpfragctl group add 239.0.0.15 eth0,eth1 apart");
	/* As printed: the copies meet no more. */
	sick_host_state(&host, "group add 239.0.0.15 eth0,eth1 apart\n");
	host.facts.counters.reasm_fails = host.facts.counters.reasm_timeout = 0;
	host.facts.queues.after = 0;
	expect_healthy(&host);
}

static void test_twins_that_lose_nothing(void **state)
{
	(void)state;
	sick_host_twins(&host, GROUP, SENDER, 3000);
	/* The route lookup drops eth0's: a conntrack rule away from the fault. */
	host.facts.defrag.before_routing = ANSWER_NO;
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_WARNING,
		       "xdpfragctl group add 239.0.0.15 eth1");
	host.facts.defrag.before_routing = ANSWER_UNKNOWN;
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_WARNING,
		       "xdpfragctl group add 239.0.0.15 eth1");
	/* What cannot be seen by its cause is seen by its effect. */
	host.facts.counters.reasm_fails = 5;
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_FAULT,
		       "xdpfragctl group add 239.0.0.15 eth1");
}

static void test_twins_that_nobody_wants(void **state)
{
	(void)state;
	host.facts.n_members = 0;
	sick_host_quiet(&host);
	sick_host_twins(&host, GROUP, SENDER, 3000);
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_WARNING,
		       "xdpfragctl group add 239.0.0.15 eth1");
	host.facts.defrag.before_routing = ANSWER_NO;
	expect_healthy(&host);
}

static void test_twins_that_do_not_meet(void **state)
{
	(void)state;
	/* IPv6 multicast is put together by interface. */
	sick_host_join(&host, "ff3e::15", ETH1);
	sick_host_arrive(&host, "ff3e::15", ETH1, "fd00::73", ETH1, 3000, 3000);
	sick_host_twins(&host, "ff3e::15", "fd00::73", 3000);
	expect_healthy(&host);
	/* A VRF is part of the key. */
	host.facts.n_twins = 0;
	sick_host_twins(&host, GROUP, SENDER, 3000);
	host.links[0].vrf = 17;
	expect_healthy(&host);
}

static void test_twins_of_two_senders_are_one_finding(void **state)
{
	(void)state;
	make_twins();
	sick_host_twins(&host, GROUP, "10.84.0.74", 600);
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_FAULT,
		       "xdpfragctl group add 239.0.0.15 eth1");
	expect_evidence(&host, "600 fragments from 10.84.0.74");
}

static void test_twins_on_three_nics_are_one_finding(void **state)
{
	static const uint32_t pairs[][2] = { { ETH0, ETH1 }, { ETH0, ETH2 }, { ETH1, ETH2 } };
	size_t i;

	(void)state;
	if (host.facts.n_links == 2) {
		host.links[2] = host.links[0];
		host.links[2].ifindex = ETH2;
		strcpy(host.links[2].name, "eth2");
		host.facts.n_links = 3;
	}
	for (i = 0; i < 3; i++) {
		make_twins();
		memcpy(host.twins[i].pair.nics, pairs[i], sizeof(pairs[i]));
	}
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_FAULT,
		       "xdpfragctl group add 239.0.0.15 eth1");
	expect_evidence(&host, "joined on eth1 and not on eth0 and eth2");
	expect_evidence(&host, "came in on eth1 and on eth2");
	/* As many as want it get it, and the third is not forgotten. */
	sick_host_join(&host, GROUP, ETH2);
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_FAULT,
		       "xdpfragctl group add 239.0.0.15 eth1,eth2 apart");
	host.facts.n_members = 0;
	expect_finding(&host, "fragments-on-two-nics", SEVERITY_WARNING,
		       "xdpfragctl group add 239.0.0.15 eth1");
	expect_evidence(&host, "joined on none of them; the way back to its source is eth1");
}

static void test_failing_reassembly(void **state)
{
	(void)state;
	/* One in a thousand, and one in ten. */
	host.facts.counters.reasm_oks = 1000;
	host.facts.counters.reasm_fails = 1;
	expect_finding(&host, "reassembly-failing", SEVERITY_WARNING, "");
	host.facts.counters.reasm_fails = 100;
	host.facts.counters.reasm_overlaps = 100;
	expect_finding(&host, "reassembly-failing", SEVERITY_FAULT, "");
	expect_evidence(&host, "overlapping fragments by 100");
	expect_evidence(&host, "3000 fragments came from 10.84.0.73 to 239.0.0.15 on eth1");
}

static void test_reassembly_before_the_first_timeout(void **state)
{
	(void)state;
	/* ipfrag_time is 30 s: what waits in vain is all there is to see. */
	host.facts.queues.before = 10;
	host.facts.queues.after = 60;
	expect_finding(&host, "reassembly-failing", SEVERITY_FAULT, "");
	host.facts.queues.after = 11;
	expect_healthy(&host);
}

static void test_the_aftermath_of_a_cured_fault(void **state)
{
	(void)state;
	/* What began to wait before the cure times out for a while; nothing new does. */
	host.facts.counters.reasm_fails = host.facts.counters.reasm_timeout = 50;
	host.facts.queues.before = 90;
	host.facts.queues.after = 40;
	expect_healthy(&host);
	host.facts.queues.after = 80;
	expect_finding(&host, "reassembly-failing", SEVERITY_FAULT, "");
}

static void test_fragment_memory(void **state)
{
	(void)state;
	host.facts.queues.memory_peak = 3000000;
	expect_healthy(&host);
	host.facts.queues.memory_peak = 3500000;
	expect_finding(&host, "fragment-memory", SEVERITY_WARNING,
		       "sysctl -w net.ipv4.ipfrag_high_thresh=16777216");
	host.facts.queues.memory_peak = 4194304;
	expect_finding(&host, "fragment-memory", SEVERITY_FAULT,
		       "sysctl -w net.ipv4.ipfrag_high_thresh=16777216");
}

static void test_failing_reassembly_of_ipv6(void **state)
{
	(void)state;
	host.facts.counters.reasm6_oks = 100;
	expect_healthy(&host);
	host.facts.counters.reasm6_fails = 20;
	expect_finding(&host, "reassembly6-failing", SEVERITY_FAULT, "");
}

static void test_group_on_the_other_nic(void **state)
{
	(void)state;
	sick_host_quiet(&host);
	sick_host_arrive(&host, GROUP, ETH0, "192.168.0.9", ETH0, 40, 0);
	expect_finding(&host, "group-on-other-nic", SEVERITY_WARNING,
		       "ip route replace 239.0.0.15/32 dev eth0");
	/* The sender is on eth1's network, and still not heard there. */
	sick_host_quiet(&host);
	sick_host_arrive(&host, GROUP, ETH0, SENDER, ETH1, 40, 0);
	expect_finding(&host, "group-on-other-nic", SEVERITY_FAULT,
		       "ip route replace 239.0.0.15/32 dev eth0");
	expect_evidence(
		&host,
		"40 packets for it came in on eth0, the last from 10.84.0.73, and none on eth1");
	/* Silence that was not listened to. */
	host.links[1].patchy = true;
	expect_healthy(&host);
	host.links[1].patchy = false;
	/* Joined on both, as programs that announce services do. */
	sick_host_join(&host, GROUP, ETH0);
	expect_healthy(&host);
}

static void test_group_that_comes_in_on_both(void **state)
{
	(void)state;
	sick_host_arrive(&host, GROUP, ETH0, SENDER, ETH1, 3000, 3000);
	expect_healthy(&host);
}

static void test_group_received_twice(void **state)
{
	(void)state;
	sick_host_quiet(&host);
	sick_host_join(&host, GROUP, ETH0);
	sick_host_arrive(&host, GROUP, ETH0, SENDER, ETH1, 100, 0);
	sick_host_arrive(&host, GROUP, ETH1, SENDER, ETH1, 101, 0);
	expect_finding(&host, "group-twice", SEVERITY_WARNING,
		       "xdpfragctl group add 239.0.0.15 eth1 scope all");
	/* Who names both means both. */
	sick_host_state(&host, "group add 239.0.0.15 eth0,eth1\n");
	expect_healthy(&host);
	/* Each network has a sender of its own. */
	sick_host_state(&host, "");
	host.arrivals[0].source[3] = 74;
	expect_healthy(&host);
}

static void test_silent_group(void **state)
{
	(void)state;
	sick_host_quiet(&host);
	expect_healthy(&host);
	/* Only who asked for a longer sample hears of silence. */
	host.facts.seconds = 12;
	expect_finding(&host, "group-silent", SEVERITY_WARNING, "");
	sick_host_join(&host, GROUP, ETH0);
	expect_healthy(&host);
}

static void test_no_querier(void **state)
{
	(void)state;
	sick_host_join(&host, "239.0.0.99", ETH1);
	host.facts.seconds = 12;
	sick_host_arrive(&host, "239.0.0.99", ETH0, "10.9.9.9", ETH0, 5, 0);
	expect_finding(&host, "group-on-other-nic", SEVERITY_WARNING,
		       "ip route replace 239.0.0.99/32 dev eth0");
	host.facts.seconds = 140;
	rules_run(&host.facts, &host.findings);
	assert_true(findings_have(&host.findings, "no-igmp-querier", SEVERITY_WARNING));
	/* One that is heard; and a network that floods. */
	host.findings.n = 0;
	host.links[1].queries4 = 1;
	rules_run(&host.facts, &host.findings);
	assert_false(findings_have(&host.findings, "no-igmp-querier", SEVERITY_WARNING));
	host.links[1].queries4 = 0;
	host.facts.n_members = 1;
	expect_healthy(&host);
}

static void test_rp_filter(void **state)
{
	(void)state;
	host.links[1].rp_filter = 1;
	expect_healthy(&host);
	host.arrivals[0].back.ifindex = ETH0;
	/* Not dropped: the kernel's lookup knows better. */
	expect_healthy(&host);
	host.facts.counters.rp_filtered = 3000;
	expect_finding(&host, "rp-filter", SEVERITY_FAULT,
		       "sysctl -w net/ipv4/conf/eth1/rp_filter=2");
	expect_evidence(&host, "IPReversePathFilter rose by 3000");
	/* Loose: any way back will do. */
	host.links[1].rp_filter = 2;
	expect_healthy(&host);
	host.arrivals[0].back.unreachable = true;
	expect_finding(&host, "rp-filter", SEVERITY_FAULT, "ip route add 10.84.0.73/32 dev eth1");
	host.links[1].rp_filter = 0;
	expect_healthy(&host);
}

static void test_worst_first(void **state)
{
	const struct holder flag = { .kind = HOLDER_FLAG, .promisc = true, .count = 1 };

	(void)state;
	sick_host_hold(&host, ETH0, &flag);
	host.links[0].over_mtu = 3;
	host.links[0].longest = 4000;
	make_twins();
	rules_run(&host.facts, &host.findings);
	assert_int_equal(host.findings.n, 3);
	assert_string_equal(host.findings.finding[0].id, "fragments-on-two-nics");
	assert_string_equal(host.findings.finding[1].id, "frames-over-mtu");
	assert_string_equal(host.findings.finding[2].id, "promiscuous");
}

/* Every text ends within its room, as UTF-8, and what has no room is counted. */
static void test_bounds_of_findings(void **state)
{
	struct findings *findings = calloc(1, sizeof(*findings));
	struct finding *finding;
	char text[400];
	int i;

	(void)state;
	assert_non_null(findings);
	memset(text, 'x', sizeof(text));
	for (i = 0; i < (int)sizeof(text) - 2; i += 2)
		memcpy(text + i, "\xc3\xbc", 2);
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < FINDINGS_MAX + 3; i++)
		finding_add(findings, "id", SEVERITY_WARNING, "x%s", text);
	assert_int_equal(findings->n, FINDINGS_MAX);
	assert_int_equal(findings->left_out, 3);
	finding = &findings->finding[0];
	assert_int_equal(strlen(finding->title) % 2, 1);
	for (i = 0; i < FINDING_EVIDENCE + 3; i++)
		evidence(finding, "%d", i);
	assert_int_equal(finding->n_evidence, FINDING_EVIDENCE);
	for (i = 0; i < FINDING_REMEDIES + 3; i++)
		remedy(finding, "%d", i / 2);
	assert_int_equal(finding->n_remedies, (FINDING_REMEDIES + 4) / 2);
	evidence(NULL, "nothing");
	remedy(NULL, "nothing");
	free(findings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_healthy_host),
		TEST(test_twins_name_everything),
		TEST(test_twins_of_a_wrong_statement),
		TEST(test_twins_joined_on_both),
		TEST(test_twins_that_lose_nothing),
		TEST(test_twins_that_nobody_wants),
		TEST(test_twins_that_do_not_meet),
		TEST(test_twins_of_two_senders_are_one_finding),
		TEST(test_twins_on_three_nics_are_one_finding),
		TEST(test_failing_reassembly),
		TEST(test_reassembly_before_the_first_timeout),
		TEST(test_the_aftermath_of_a_cured_fault),
		TEST(test_fragment_memory),
		TEST(test_failing_reassembly_of_ipv6),
		TEST(test_group_on_the_other_nic),
		TEST(test_group_that_comes_in_on_both),
		TEST(test_group_received_twice),
		TEST(test_silent_group),
		TEST(test_no_querier),
		TEST(test_rp_filter),
		TEST(test_worst_first),
		TEST(test_bounds_of_findings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("doctor_rules", tests, NULL, NULL);
}
