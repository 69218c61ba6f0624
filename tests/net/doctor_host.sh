#!/bin/bash
# doctor_host.sh - doctor on hosts with wrong sizes, curious listeners or a troubled agent
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth1 ------ eth1 10.84.0.42
#
# What a namespace cannot make, the unit tests have: LRO, receive length errors, a
# full table, a network without an IGMP querier (it takes 130 s to miss one).
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/patient.sh
. "$(dirname "$0")/patient.sh"

one_NIC() {
	hosts "eth1" "${1:-1500}"
	agent_start
	steered eth1
}

# --- NICs ---

test_promiscuous_by_its_flag_and_by_a_capture() {
	local dump
	one_NIC 1500
	ip -n "$RX" link set eth1 promisc on
	ip -n "$RX" link set eth1 allmulticast on
	diagnose 1
	expect_found promiscuous
	mend promiscuous
	expect_healthy
	spawn_in "$RX" tcpdump -i eth1 -w /dev/null 2>/dev/null &
	dump=$!
	started "$dump"
	eventually promiscuous_is eth1 1
	diagnose 1
	expect_found promiscuous
	expect_said promiscuous "tcpdump (pid $dump)"
	expect "remedy" "$(jq -r '.findings[0].remedy[]' "$REPORT")" "kill $dump"
	mend promiscuous
	eventually promiscuous_is eth1 0
	expect_healthy
}
promiscuous_is() { [ "$(ip -n "$RX" -d -j link show "$1" | jq '.[0].promiscuity')" = "$2" ]; }

test_a_capture_of_merged_frames() {
	one_NIC 1500
	in_rx ethtool -K eth1 gro on >/dev/null
	spawn_in "$RX" tcpdump -i eth1 -w /dev/null 2>/dev/null &
	started $!
	eventually promiscuous_is eth1 1
	spawn_in "$RX" socat -u TCP-LISTEN:5001,reuseaddr,fork OPEN:/dev/null &
	started $!
	sleep 0.2
	spawn_in "$TX" socat -u /dev/zero TCP:10.84.0.42:5001 2>/dev/null &
	started $!
	diagnose 1
	expect_found "capture-merged promiscuous"
	expect_said capture-merged tcpdump eth1
	mend capture-merged
	diagnose 1
	expect_found promiscuous
}

test_a_capture_of_frames_that_TSO_cuts() {
	one_NIC 1500
	in_rx ethtool -K eth1 tso on gro off >/dev/null
	spawn_in "$RX" tcpdump -i eth1 -w /dev/null 2>/dev/null &
	started $!
	eventually promiscuous_is eth1 1
	spawn_in "$TX" socat -u TCP-LISTEN:5001,reuseaddr,fork OPEN:/dev/null &
	started $!
	sleep 0.2
	spawn_in "$RX" socat -u /dev/zero "TCP:$SENDER:5001" 2>/dev/null &
	started $!
	diagnose 1
	expect_found "capture-merged promiscuous"
	expect_said capture-merged "were sent" TSO
	mend capture-merged
	diagnose 1
	expect_found promiscuous
}

test_two_NICs_in_one_broadcast_domain() {
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
	# Seen only by who sends something, and that only when asked to.
	expect_healthy
	diagnose 1 -w 1 probe
	expect_found shared-domain
	expect_said shared-domain "sent from eth1 came in on eth0"
	mend shared-domain
	diagnose 0 -w 1 probe
	expect "segments" "$(jq -c '.segments | sort' "$REPORT")" '[["eth0","eth1"],["eth1","eth0"]]'
	ctl learn off
	apart_from_switch eth0
	diagnose 0 -w 1 probe
	expect "segments" "$(jq -c .segments "$REPORT")" '[]'
}

# --- sizes ---

test_frames_over_the_MTU() {
	one_NIC 1504
	ip -n "$RX" link set eth1 mtu 1500
	# 4 bytes too many: a veth takes them, for a VLAN tag's sake.
	spawn_in "$TX" ping -q -i 0.1 -M "do" -s 1476 10.84.0.42 >/dev/null &
	started $!
	diagnose 1
	expect_found frames-over-mtu
	expect_said frames-over-mtu "up to 1504 bytes" "the MTU of eth1 is 1500"
	mend frames-over-mtu
	expect_healthy
}

test_a_peer_with_a_larger_MTU() {
	one_NIC 1500
	ip -n "$TX" link set eth0 mtu 9000
	(while sleep 0.2; do in_tx bash -c ': </dev/tcp/10.84.0.42/9'; done) 2>/dev/null &
	started $!
	diagnose 1
	expect_found peer-mtu
	expect_said peer-mtu "8960"
	mend peer-mtu
	expect_healthy
}

test_routes_that_do_not_fit_their_link() {
	one_NIC 9000
	ip -n "$RX" route add 10.9.0.0/16 via 10.84.0.73 dev eth1 mtu 9600
	ip -n "$RX" route add default via 10.84.0.73 dev eth1
	diagnose 2
	expect_found "jumbo-default-route route-mtu-over-link"
	expect_fault route-mtu-over-link
	expect_said jumbo-default-route "tcp_mtu_probing is 0"
	mend route-mtu-over-link
	mend jumbo-default-route
	expect_healthy
}

# --- sysctls ---

test_sysctls_of_reassembly() {
	one_NIC 1500
	in_rx sysctl -qw net.ipv4.ipfrag_time=600 net.ipv4.ipfrag_max_dist=1
	in_rx sysctl -qw net.ipv4.ipfrag_low_thresh=10000
	in_rx sysctl -qw net.ipv4.ipfrag_high_thresh=20000
	diagnose 1
	expect_found "ipfrag-high-thresh ipfrag-max-dist ipfrag-time"
	mend ipfrag-time
	mend ipfrag-max-dist
	mend ipfrag-high-thresh
	expect_healthy
}

# --- who puts datagrams together before they are routed ---

reassembly() { jq -r ".reassembly.$1" "$REPORT"; }

test_who_asks_for_defragmentation_is_named() {
	one_NIC 1500
	in_rx nft flush ruleset
	expect_healthy
	# "unknown" where the kernel does not list its hooks.
	[ "$(reassembly before_routing)" != yes ] || fail "$(jq .reassembly "$REPORT")"
	in_rx iptables-nft -A INPUT -m conntrack --ctstate INVALID -j DROP
	expect_healthy
	expect "before routing" "$(reassembly before_routing)" yes
	reassembly asked_by | grep -q '"conntrack\\" in nftables.* chain ip filter INPUT' ||
		fail "$(jq .reassembly "$REPORT")"
	in_rx nft flush ruleset
	in_rx iptables-legacy -t mangle -A PREROUTING -p udp -j TPROXY --on-port 1 2>/dev/null ||
		skip_test "no iptables of old, or no TPROXY, in this kernel"
	expect_healthy
	expect "before routing" "$(reassembly before_routing)" yes
	reassembly asked_by | grep -q '"TPROXY\\" in iptables.* table mangle' ||
		fail "$(jq .reassembly "$REPORT")"
}

# --- the agent ---

test_a_policy_without_its_NIC_and_a_link_that_is_gone() {
	one_NIC 1500
	nic_add eth2
	steered eth2
	ctl group add "$GROUP" eth2
	nic_del eth2
	eventually group_absent
	diagnose 1
	expect_found policy-without-nic
	expect_said policy-without-nic eth2
	mend policy-without-nic
	expect_healthy
}
group_absent() { [ "$(ctl -j group show "$GROUP" | jq -r '.[0].state')" = absent ]; }

test_a_hook_that_another_program_holds() {
	hosts "eth1"
	ip -n "$RX" link add eth3 type veth peer name p-eth3 netns "$SW"
	ip -n "$RX" link set eth3 xdpgeneric obj "$BARE" program bare_pass
	ip -n "$RX" link set eth3 up
	agent_start
	steered eth1
	ctl group add "$GROUP" eth1
	eventually link_is eth3 mode off
	diagnose 2
	expect_found not-steered
	expect_fault not-steered
	mend not-steered
	eventually link_is eth3 mode native
	expect_healthy
}

test_generic_mode_where_native_was_refused() {
	one_NIC 1500
	# A veth with fewer queues to receive on than its peer has to send has no native XDP.
	ip -n "$SW" link add p-eth3 numtxqueues 4 type veth peer name eth3 numrxqueues 1 netns "$RX"
	ip -n "$SW" link set p-eth3 up
	ip -n "$RX" link set eth3 up
	eventually link_is eth3 mode skb
	diagnose 1
	expect_found generic-mode
	expect_said generic-mode "rx queues"
	mend generic-mode
	expect "modes" "$(ctl -j link show | jq -c '[.[] | [.name, .mode, .wanted]] | sort')" \
		'[["eth1","native","auto"],["eth3","skb","skb"]]'
	expect_healthy
}

test_settings_that_another_program_changes() {
	one_NIC 1500
	ctl link set eth1 mtu 1450
	expect_healthy
	(
		for _ in 1 2 3 4; do
			sleep 0.2
			ip -n "$RX" link set eth1 mtu 1500
		done
	) &
	diagnose 1
	wait $!
	expect_found drift
	expect_said drift "eth1 mtu was put back to 1450"
	eventually mtu_is eth1 1450
	expect_healthy
}
mtu_is() { [ "$(ip -n "$RX" -j link show "$1" | jq '.[0].mtu')" = "$2" ]; }

test_an_AF_XDP_socket_that_is_missing() {
	two_NICs
	ctl group add "$GROUP" eth1
	spawn_in "$RX" "$BUILD/tests/tools/hold_queue" eth1 0 >"$DIR/held" &
	started $!
	eventually grep -q ready "$DIR/held"
	ctl group replace "$GROUP" eth1 reassemble
	eventually no_socket_on eth1
	diagnose 1
	expect_found sockets-missing
	expect_said sockets-missing "on queue 0" "1 group is to be reassembled"
	expect "remedy" "$(jq -r '.findings[0].remedy[0]' "$REPORT")" "ss --xdp -p"
	expect "title" "$(jq -r '.findings[0].title' "$REPORT")" \
		"AF_XDP sockets missing: fragments on eth1 are not reassembled"
	ctl group show | grep -q "reassembly  not in force" || fail "$(ctl group show)"
	ctl link show eth1 | grep -q "socket .*on queue 0" || fail "$(ctl link show)"
	ctl group replace "$GROUP" eth1
	expect_healthy
}
no_socket_on() { [ -n "$(link_says "$1" sockets_reason)" ]; }

net_tests \
	test_promiscuous_by_its_flag_and_by_a_capture \
	test_a_capture_of_merged_frames \
	test_a_capture_of_frames_that_TSO_cuts \
	test_two_NICs_in_one_broadcast_domain \
	test_frames_over_the_MTU \
	test_a_peer_with_a_larger_MTU \
	test_routes_that_do_not_fit_their_link \
	test_sysctls_of_reassembly \
	test_who_asks_for_defragmentation_is_named \
	test_a_policy_without_its_NIC_and_a_link_that_is_gone \
	test_a_hook_that_another_program_holds \
	test_generic_mode_where_native_was_refused \
	test_settings_that_another_program_changes \
	test_an_AF_XDP_socket_that_is_missing
