#!/bin/bash
# doctor_healthy.sh - doctor on healthy hosts finds nothing, and changes nothing on any
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth1 ------ eth1 10.84.0.42
#        192.168.0.73                 p-eth0 ------ eth0 192.168.0.42
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/patient.sh
. "$(dirname "$0")/patient.sh"

# All at once: large multicast that is joined and firewalled, small multicast of
# others, TCP in both directions, a bridge for virtual machines with a port, IPv6.
test_a_busy_host() {
	hosts "eth1"
	in_rx sysctl -qw net.ipv6.conf.default.disable_ipv6=0 net.ipv4.ipfrag_time=30
	ip -n "$RX" link add virbr0 type bridge
	ip -n "$RX" link add vnet0 type veth peer name guest0
	ip -n "$RX" link set vnet0 master virbr0
	ip -n "$RX" link set vnet0 up
	ip -n "$RX" link set virbr0 up
	agent_start
	steered eth1
	eventually link_is virbr0 mode skb
	ctl group add "$GROUP" eth1
	listen app "$GROUP" eth1
	talk "$GROUP"
	talk 224.0.0.99 200
	spawn_in "$RX" socat -u TCP-LISTEN:5001,reuseaddr,fork OPEN:/dev/null &
	started $!
	sleep 0.2
	spawn_in "$TX" socat -u /dev/zero TCP:10.84.0.42:5001 2>/dev/null &
	started $!
	diagnose 0 -w 3
	expect_found ""
	expect "watched" "$(jq -r '.watched | index("eth1") != null' "$REPORT")" true
	[ "$(jq .fragments "$REPORT")" -ge 600 ] || fail "no fragments were seen"
}

# Two networks as they should be, each with its own sender of the same group.
test_two_networks_apart() {
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
	apart_from_switch eth0
	ip -n "$SW" link add br1 type bridge mcast_snooping 0
	ip -n "$SW" link set br1 up
	ip -n "$SW" link set p-eth0 master br1
	ip -n "$TX" link add eth1 type veth peer name p-tx1 netns "$SW"
	ip -n "$TX" addr add 192.168.0.73/24 dev eth1
	ip -n "$TX" link set eth1 up
	ip -n "$SW" link set p-tx1 master br1 up
	listen right "$GROUP" eth1
	listen other "$GROUP" eth0
	talk "$GROUP"
	FROM=192.168.0.73 talk "$GROUP"
	diagnose 0 -w 2
	expect_found ""
	expect "on two NICs" "$(jq .on_two_nics "$REPORT")" 0
	diagnose 0 -w 1 probe
}

# The fault, cured in another way than doctor would say.
test_hosts_that_are_cured_differently() {
	hosts "eth1 eth0"
	in_rx ip link add vcap type veth peer name far0
	in_rx ip link set vcap up
	in_rx ip link set far0 up
	printf 'link add eth0\nlink add eth1\n' >"$CONF"
	agent_start
	steered eth0 eth1
	listen app "$GROUP" eth1
	talk "$GROUP"
	ctl group add 239.0.0.0/16 eth1 wrong redirect vcap
	sleep 1.2
	expect_healthy
	ctl group del 239.0.0.0/16
	ctl group add "$GROUP" eth1 source "$SENDER" scope all
	sleep 1.2
	expect_healthy
}

# Datagrams that were put together come in longer than the MTU, and on a TAP first.
test_a_host_that_reassembles() {
	two_NICs
	listen app "$GROUP" eth1
	ctl group add "$GROUP" eth1 reassemble
	talk "$GROUP"
	sleep 1.2
	diagnose 0 -w 2 probe
	expect_found ""
	expect "watched" "$(jq -c '.watched | sort' "$REPORT")" '["eth0","eth1"]'
	[ "$(ctl -j status | jq .reassembly.delivered)" -gt 100 ] || fail "nothing was put together"
}

host_state() {
	ip -n "$RX" -d -j link show | jq '[.[] | {ifname, mtu, flags, promiscuity, allmulti, xdp}]'
	ip -n "$RX" addr show
	ip -n "$RX" route show table all
	ip -n "$RX" maddr show
	in_rx nft list ruleset | sed 's/packets.*//'
	in_rx sysctl -a -r '^net\.' 2>/dev/null | grep -v nf_conntrack_count
	in_rx ethtool -k eth1
	ctl save
}

test_nothing_is_changed() {
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
	listen app "$GROUP" eth1
	talk "$GROUP"
	host_state >"$DIR/before"
	(
		sleep 0.6
		host_state >"$DIR/meanwhile"
	) &
	diagnose 2 -w 2 probe
	wait $!
	host_state >"$DIR/after"
	diff "$DIR/before" "$DIR/after" || fail "doctor changed the host"
	diff "$DIR/before" "$DIR/meanwhile" || fail "doctor changed the host for a while"
}

# A request of the control socket: ask WORD [MEMBER...]
ask() {
	printf '{"version": 1, "words": ["doctor", "%s"]%s}\n' "$1" "${2:+, $2}" |
		socat -t 5 - "UNIX-CONNECT:$(agent_socket)"
}

test_one_at_a_time_and_an_end_when_interrupted() {
	local id first
	hosts "eth1"
	agent_start
	steered eth1
	id=$(ask begin '"seconds": 60' | jq .result.id)
	ctl doctor -w 1 2>"$DIR/refused" && fail "two at once"
	grep -q "another doctor samples" "$DIR/refused" || fail "$(cat "$DIR/refused")"
	[ "$(ask report "\"id\": $id" | jq '.result.left')" != null ] || fail "no time left"
	expect "end" "$(ask end "\"id\": $id" | jq -c .result)" '{}'
	expect "end of what has ended" "$(ask end "\"id\": $id" | jq -r .error.kind)" refused
	expect "seconds" "$(ask begin '"seconds": "3"' | jq -r .error.kind)" usage
	"$CTL" -s "$(agent_socket)" doctor -w 60 >/dev/null 2>"$DIR/interrupted" &
	first=$!
	started "$first"
	sleep 1
	kill -INT "$first"
	wait "$first" && fail "an interrupted doctor ends well"
	grep -q interrupted "$DIR/interrupted" || fail "$(cat "$DIR/interrupted")"
	expect_healthy
	ctl doctor -w 0 2>/dev/null && fail "0 seconds"
	ctl doctor probe probe 2>/dev/null && fail "probe twice"
	return 0
}

# Not to be taken for a finding: the message is another, and so is stdout.
test_without_an_agent() {
	local status=0
	hosts "eth1"
	ctl doctor >"$DIR/out" 2>"$DIR/message" || status=$?
	expect "exit status" "$status" 1
	grep -q "no agent answers" "$DIR/message" || fail "$(cat "$DIR/message")"
	expect "stdout" "$(cat "$DIR/out")" ""
}

net_tests \
	test_a_busy_host \
	test_two_networks_apart \
	test_hosts_that_are_cured_differently \
	test_a_host_that_reassembles \
	test_nothing_is_changed \
	test_one_at_a_time_and_an_end_when_interrupted \
	test_without_an_agent
