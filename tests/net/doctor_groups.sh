#!/bin/bash
# doctor_groups.sh - doctor on hosts whose groups do not come in, or not whole, or twice
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/patient.sh
. "$(dirname "$0")/patient.sh"

test_fragments_that_are_lost_on_the_way() {
	hosts "eth1"
	agent_start
	steered eth1
	listen app "$GROUP" eth1
	talk_with_gaps
	diagnose 2
	expect_found reassembly-failing
	expect_said reassembly-failing "from $SENDER to $GROUP on eth1" "lost before it came to this host"
	settle
	expect_healthy
}

test_fragments_that_fill_their_memory() {
	hosts "eth1"
	agent_start
	steered eth1
	in_rx sysctl -qw net.ipv4.ipfrag_low_thresh=200000
	in_rx sysctl -qw net.ipv4.ipfrag_high_thresh=300000
	listen app "$GROUP" eth1
	talk_with_gaps
	diagnose 2
	expect_found "fragment-memory reassembly-failing"
	expect_fault fragment-memory
	mend fragment-memory
	settle
	talk "$GROUP"
	expect_healthy
}

test_a_group_joined_on_the_NIC_where_it_does_not_come_in() {
	two_NICs
	in_rx ip route add "$GROUP/32" dev eth1
	apart_from_switch eth1
	join_anywhere "$GROUP"
	eventually joined "$GROUP" eth1
	talk "$GROUP" 200
	diagnose 2
	expect_found group-on-other-nic
	# The sender's address belongs to eth1's network.
	expect_fault group-on-other-nic
	expect_said group-on-other-nic "came in on eth0" "none on eth1"
	mend group-on-other-nic
	kill "$JOINED"
	join_anywhere "$GROUP"
	eventually joined "$GROUP" eth0
	expect_healthy
}

test_packets_that_are_received_twice() {
	two_NICs
	listen right "$GROUP" eth1
	listen wrong "$GROUP" eth0
	talk "$GROUP" 200
	diagnose 1
	expect_found group-twice
	expect_said group-twice "$SENDER" "on eth0" "on eth1"
	mend group-twice
	expect_healthy
}

test_a_source_that_rp_filter_drops() {
	two_NICs
	apart_from_switch eth0
	in_rx sysctl -qw net.ipv4.conf.eth1.rp_filter=1
	ip -n "$TX" addr add 192.168.0.73/32 dev eth0
	listen app "$GROUP" eth1
	FROM=192.168.0.73 talk "$GROUP"
	diagnose 2
	expect_found rp-filter
	expect_said rp-filter "IPReversePathFilter rose by" "the way back to 192.168.0.73 is eth0"
	mend rp-filter
	expect_healthy
}

test_silence_is_spoken_of_only_when_asked_to_listen() {
	two_NICs
	listen app "$GROUP" eth1
	expect_healthy
	diagnose 1 -w 10
	expect_found group-silent
	expect_said group-silent "no packet for it came in on eth1" "no IGMP query came in on eth1"
}

net_tests \
	test_fragments_that_are_lost_on_the_way \
	test_fragments_that_fill_their_memory \
	test_a_group_joined_on_the_NIC_where_it_does_not_come_in \
	test_packets_that_are_received_twice \
	test_a_source_that_rp_filter_drops \
	test_silence_is_spoken_of_only_when_asked_to_listen
