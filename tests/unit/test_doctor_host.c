// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Doctor's rules about sizes, NICs, sysctls and the agent: when they speak, and when
 * they must not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../lib/sick_host.h"

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

static void test_frames_over_the_mtu(void **state)
{
	(void)state;
	host.links[0].over_mtu = 12;
	host.links[0].longest = 4000;
	expect_finding(&host, "frames-over-mtu", SEVERITY_WARNING,
		       "xdpfragctl link set eth0 mtu 4000");
	host.links[0].mtu_max = 1500;
	expect_finding(&host, "frames-over-mtu", SEVERITY_WARNING, "");
}

static void test_length_errors(void **state)
{
	(void)state;
	host.links[1].length_errors = 5;
	expect_finding(&host, "receive-length-errors", SEVERITY_FAULT,
		       "xdpfragctl link set eth1 mtu 9000");
	expect_evidence(&host, "rx_length_errors of eth1 rose by 5");
}

static void test_route_over_link(void **state)
{
	(void)state;
	sick_host_route(&host, "eth1", 16, "10.84.0.1", 9000);
	expect_finding(&host, "route-mtu-over-link", SEVERITY_FAULT,
		       "xdpfragctl route set 10.9.0.0/16 via 10.84.0.1 dev eth1 mtu 1500");
	host.routes[0].mtu = 1400;
	expect_healthy(&host);
	/* A link that is down sends nothing. */
	host.routes[0].mtu = 9000;
	host.links[1].flags = 0;
	expect_healthy(&host);
}

static void test_jumbo_default_route(void **state)
{
	(void)state;
	sick_host_route(&host, "eth1", 0, "10.84.0.1", 0);
	expect_healthy(&host);
	host.links[1].mtu = 9000;
	expect_finding(&host, "jumbo-default-route", SEVERITY_WARNING,
		       "xdpfragctl route set default via 10.84.0.1 dev eth1 mtu 1500");
	expect_evidence(&host, "net.ipv4.tcp_mtu_probing is 0");
	host.facts.sysctls.tcp_mtu_probing = 1;
	expect_finding(&host, "jumbo-default-route", SEVERITY_WARNING,
		       "xdpfragctl route set default via 10.84.0.1 dev eth1 mtu 1500");
	host.routes[0].mtu = 1500;
	expect_healthy(&host);
	/* Into the jumbo network itself. */
	host.routes[0].mtu = 0;
	host.routes[0].key.via_family = 0;
	expect_healthy(&host);
}

static void test_mtu_of_peers(void **state)
{
	(void)state;
	sick_host_peer(&host, ETH1, "10.84.0.73", 1460);
	expect_healthy(&host);
	/* Clamped for a tunnel. */
	host.peers[0].mss = 1360;
	expect_healthy(&host);
	host.peers[0].mss = 8960;
	expect_finding(&host, "peer-mtu", SEVERITY_WARNING, "xdpfragctl link set eth1 mtu 9000");
	/* Beyond a router. */
	host.peers[0].back.on_link = false;
	expect_healthy(&host);
	host.peers[0].back.on_link = true;
	host.links[1].mtu = 9000;
	expect_healthy(&host);
	host.peers[0].mss = 1460;
	expect_finding(&host, "peer-mtu", SEVERITY_WARNING, "xdpfragctl link set eth1 mtu 1500");
}

static void test_promiscuous(void **state)
{
	const struct holder flag = { .kind = HOLDER_FLAG, .promisc = true, .count = 1 };
	const struct holder dump = { .kind = HOLDER_SOCKET,
				     .promisc = true,
				     .count = 1,
				     .pid = 4711,
				     .program = "tcpdump" };
	const struct holder multi = { .kind = HOLDER_FLAG, .allmulti = true, .count = 1 };
	const struct holder bridge = { .kind = HOLDER_LINK, .promisc = true, .count = 1 };
	const struct holder router = { .kind = HOLDER_ROUTING, .allmulti = true, .count = 1 };

	(void)state;
	sick_host_hold(&host, ETH0, &flag);
	expect_finding(&host, "promiscuous", SEVERITY_WARNING,
		       "xdpfragctl link set eth0 promisc off");
	sick_host_hold(&host, ETH0, &multi);
	expect_finding(&host, "promiscuous", SEVERITY_WARNING,
		       "xdpfragctl link set eth0 allmulti off");
	sick_host_hold(&host, ETH0, &dump);
	expect_finding(&host, "promiscuous", SEVERITY_WARNING, "kill 4711");
	expect_evidence(&host, "tcpdump (pid 4711)");
	/* As the host is built. */
	sick_host_hold(&host, ETH0, &bridge);
	expect_healthy(&host);
	sick_host_hold(&host, ETH0, &router);
	expect_healthy(&host);
	/* A port of a bridge. */
	sick_host_hold(&host, ETH0, &flag);
	host.links[0].faces_stack = false;
	expect_healthy(&host);
}

static void test_capture_of_merged_frames(void **state)
{
	const struct holder dump = { .kind = HOLDER_SOCKET,
				     .promisc = true,
				     .count = 1,
				     .pid = 4711,
				     .program = "tcpdump" };

	(void)state;
	/* GRO merges on most hosts, and nobody looks. */
	host.links[0].merged = 1000;
	expect_healthy(&host);
	sick_host_hold(&host, ETH0, &dump);
	rules_run(&host.facts, &host.findings);
	assert_true(findings_have(&host.findings, "capture-merged", SEVERITY_WARNING));
	assert_string_equal(host.findings.finding[1].remedy[0], "xdpfragctl link set eth0 gro off");
	/* TSO alone. */
	host.links[0].merged = 0;
	host.links[0].uncut = 1000;
	host.links[0].tso = 1;
	host.findings.n = 0;
	rules_run(&host.facts, &host.findings);
	assert_true(findings_have(&host.findings, "capture-merged", SEVERITY_WARNING));
	assert_string_equal(host.findings.finding[1].remedy[0], "xdpfragctl link set eth0 tso off");
	/* A capture of frames as they came. */
	host.links[0].uncut = 0;
	host.findings.n = 0;
	rules_run(&host.facts, &host.findings);
	assert_false(findings_have(&host.findings, "capture-merged", SEVERITY_WARNING));
}

static void test_lro(void **state)
{
	(void)state;
	host.links[0].lro = 1;
	expect_finding(&host, "lro", SEVERITY_WARNING, "xdpfragctl link set eth0 lro off");
	host.facts.n_managed = 0;
	expect_healthy(&host);
	host.facts.sysctls.forwarding4 = 1;
	expect_finding(&host, "lro", SEVERITY_WARNING, "xdpfragctl link set eth0 lro off");
}

static void test_shared_domain(void **state)
{
	(void)state;
	host.segments[0] = (struct segment_pair){ ETH0, ETH1 };
	host.segments[1] = (struct segment_pair){ ETH1, ETH0 };
	host.facts.n_segments = 2;
	expect_finding(&host, "shared-domain", SEVERITY_WARNING, "xdpfragctl learn on");
	expect_evidence(&host, "sent from eth0 came in on eth1, and the other way round");
	/* Every group has its policy. */
	sick_host_state(&host, "group add 239.0.0.15 eth1\n");
	expect_healthy(&host);
	sick_host_state(&host, "learn on\n");
	expect_healthy(&host);
}

static void test_network_loop(void **state)
{
	(void)state;
	host.links[0].loop = true;
	expect_finding(&host, "network-loop", SEVERITY_FAULT, "");
}

static void test_ipfrag_sysctls(void **state)
{
	(void)state;
	host.facts.sysctls.ipfrag_time = 1;
	host.facts.sysctls.ipfrag_max_dist = 0;
	expect_healthy(&host);
	host.facts.sysctls.ipfrag_time = 300;
	expect_finding(&host, "ipfrag-time", SEVERITY_WARNING, "sysctl -w net.ipv4.ipfrag_time=30");
	host.facts.sysctls.ipfrag_time = 0;
	expect_finding(&host, "ipfrag-time", SEVERITY_WARNING, "sysctl -w net.ipv4.ipfrag_time=30");
	host.facts.sysctls.ipfrag_time = 30;
	host.facts.sysctls.ipfrag_max_dist = 2;
	expect_finding(&host, "ipfrag-max-dist", SEVERITY_WARNING,
		       "sysctl -w net.ipv4.ipfrag_max_dist=64");
	host.facts.sysctls.ipfrag_max_dist = 64;
	host.facts.sysctls.ipfrag_high_thresh = 262144; /* the default of old kernels */
	expect_healthy(&host);
	host.facts.sysctls.ipfrag_high_thresh = 0;
	expect_finding(&host, "ipfrag-high-thresh", SEVERITY_FAULT,
		       "sysctl -w net.ipv4.ipfrag_high_thresh=4194304");
	/* What could not be read is not zero. */
	facts_init(&host.facts);
	expect_healthy(&host);
}

static void test_links_that_are_not_steered(void **state)
{
	(void)state;
	host.managed[0].mode = MODE_OFF;
	strcpy(host.managed[0].reason,
	       "XDP program x holds the hook; detach it (ip link set dev eth0 "
	       "xdp off), or load it with xdp-loader");
	expect_finding(&host, "not-steered", SEVERITY_WARNING, "ip link set dev eth0 xdp off");
	sick_host_state(&host, "group add 239.0.0.15 eth1\n");
	expect_finding(&host, "not-steered", SEVERITY_FAULT, "ip link set dev eth0 xdp off");
	/* Chosen by the agent and gone; and asked for and gone. */
	host.managed[0].mode = MODE_ABSENT;
	host.managed[0].ifindex = 0;
	expect_healthy(&host);
	host.managed[0].is_static = true;
	expect_finding(&host, "link-absent", SEVERITY_WARNING, "xdpfragctl link del eth0");
}

static void test_generic_mode(void **state)
{
	(void)state;
	host.managed[0].mode = MODE_SKB;
	expect_finding(&host, "generic-mode", SEVERITY_WARNING,
		       "(xdpfragctl save; printf 'link add eth0 mode skb\\nlink add eth1\\n') | "
		       "xdpfragctl apply -");
	host.managed[0].is_static = true;
	expect_finding(
		&host, "generic-mode", SEVERITY_WARNING,
		"xdpfragctl save | sed 's/^link add eth0$/& mode skb/' | xdpfragctl apply -");
	host.managed[0].xdpcap = true;
	expect_finding(&host, "generic-mode", SEVERITY_WARNING,
		       "xdpfragctl save | sed 's/^link add eth0 xdpcap-hook on$/& mode skb/' | "
		       "xdpfragctl apply -");
	host.managed[0].xdpcap = false;
	host.links[0].lro = 1;
	rules_run(&host.facts, &host.findings);
	assert_true(findings_have(&host.findings, "lro", SEVERITY_WARNING));
	host.links[0].lro = 0;
	host.managed[0].wanted = LINK_SKB;
	expect_healthy(&host);
	/* A bridge cannot do better. */
	host.managed[0].wanted = LINK_AUTO;
	strcpy(host.links[0].kind, "bridge");
	expect_healthy(&host);
}

static void test_policy_without_its_nic(void **state)
{
	(void)state;
	sick_host_state(&host, "group add 239.0.0.16 eth9 source 10.84.0.73\n");
	expect_finding(&host, "policy-without-nic", SEVERITY_WARNING,
		       "xdpfragctl group del 239.0.0.16 source 10.84.0.73");
	/* One of two is enough. */
	sick_host_state(&host, "group add 239.0.0.16 eth0,eth9\n");
	expect_healthy(&host);
}

static void test_the_agent_itself(void **state)
{
	(void)state;
	host.facts.agent.left_out = 3;
	expect_finding(&host, "links-left-out", SEVERITY_WARNING, "xdpfragctl link add eth0");
	host.facts.agent.left_out = 0;
	host.facts.agent.uncounted = 1;
	expect_finding(&host, "counters-full", SEVERITY_WARNING, "systemctl restart xdpfragd");
	host.facts.agent.uncounted = 0;
	strcpy(host.facts.agent.last_error, "cannot make the maps");
	expect_finding(&host, "reconcile-failed", SEVERITY_FAULT, "journalctl -u xdpfragd -n 50");
}

static void test_missing_sockets(void **state)
{
	struct fact_managed *eth1 = &host.managed[1];

	(void)state;
	/* Nobody wants one. */
	strcpy(eth1->socket_reason, "no AF_XDP socket on queue 0: Cannot allocate memory");
	expect_healthy(&host);
	host.facts.agent.reassembled = 2;
	host.facts.agent.reassembles = true;
	expect_finding(&host, "sockets-missing", SEVERITY_WARNING, "journalctl -u xdpfragd -n 50");
	expect_evidence(&host, "queue 0: Cannot allocate memory");
	expect_evidence(&host, "2 groups are to be reassembled");
	strcpy(eth1->socket_reason, "another program has an AF_XDP socket on queue 0 (ss --xdp "
				    "shows whose)");
	expect_finding(&host, "sockets-missing", SEVERITY_WARNING, "ss --xdp -p");
	strcpy(eth1->socket_reason, "MTU 9000 is over what AF_XDP takes on this kernel");
	expect_finding(&host, "sockets-missing", SEVERITY_WARNING, "");
	eth1->socket_reason[0] = '\0';
	expect_healthy(&host);
	/* One finding for all NICs. */
	strcpy(eth1->socket_reason, "no AF_XDP socket on queue 0: Cannot allocate memory");
	host.facts.agent.reassembles = false;
	strcpy(host.facts.agent.reassembly_reason,
	       "reassembly cannot be started: No such file or directory");
	expect_finding(&host, "sockets-missing", SEVERITY_WARNING, "modprobe tun");
	expect_evidence(&host, "reassembly cannot be started");
	host.facts.agent.reassembly_reason[0] = '\0';
	expect_finding(&host, "sockets-missing", SEVERITY_WARNING, "journalctl -u xdpfragd -n 50");
}

static void test_drift(void **state)
{
	struct fact_setting *setting = &host.settings[0];

	(void)state;
	*setting = (struct fact_setting){
		.name = "eth1", .setting = SETTING_MTU, .wanted = 9000, .in_force = true
	};
	host.facts.n_settings = 1;
	expect_healthy(&host);
	setting->drift = 2;
	expect_finding(&host, "drift", SEVERITY_WARNING, "xdpfragctl link unset eth1 mtu");
	setting->drift = 0;
	setting->in_force = false;
	strcpy(setting->reason, "the driver takes at most 1500");
	expect_finding(&host, "setting-refused", SEVERITY_WARNING,
		       "xdpfragctl link unset eth1 mtu");
	host.facts.n_settings = 0;
	host.facts.agent.route_drift = 1;
	expect_finding(&host, "drift", SEVERITY_WARNING, "xdpfragctl route show");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_frames_over_the_mtu),
		TEST(test_length_errors),
		TEST(test_route_over_link),
		TEST(test_jumbo_default_route),
		TEST(test_mtu_of_peers),
		TEST(test_promiscuous),
		TEST(test_capture_of_merged_frames),
		TEST(test_lro),
		TEST(test_shared_domain),
		TEST(test_network_loop),
		TEST(test_ipfrag_sysctls),
		TEST(test_links_that_are_not_steered),
		TEST(test_generic_mode),
		TEST(test_policy_without_its_nic),
		TEST(test_the_agent_itself),
		TEST(test_missing_sockets),
		TEST(test_drift),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("doctor_host", tests, NULL, NULL);
}
