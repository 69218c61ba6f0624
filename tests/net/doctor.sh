#!/bin/bash
# doctor.sh - doctor on hosts that lose multicast: the fault is named, its remedy mends it
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42  joins 239.0.0.15
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/patient.sh
. "$(dirname "$0")/patient.sh"

test_the_fault_is_named_within_5_seconds_and_its_remedy_cures_it() {
	local begun
	two_NICs
	# As hosts come: the first timeout is 30 s away, and the last one 30 s behind the cure.
	in_rx sysctl -qw net.ipv4.ipfrag_time=30
	listen app "$GROUP" eth1
	begun=${EPOCHREALTIME/./}
	talk "$GROUP"
	diagnose 2 -w 3
	[ $((${EPOCHREALTIME/./} - begun)) -lt 5000000 ] || fail "it took too long"
	expect_found fragments-on-two-nics
	expect_fault fragments-on-two-nics
	expect_said fragments-on-two-nics "from $SENDER to $GROUP came in on" eth0 eth1 \
		"joined on eth1 and not on eth0" 'the rule with "ct" in nftables' "ReasmFails rose by"
	expect "remedy" "$(jq -r '.findings[0].remedy[]' "$REPORT")" "xdpfragctl group add $GROUP eth1"
	mend fragments-on-two-nics
	expect_healthy
}

test_the_fault_under_a_policy_that_observes() {
	two_NICs
	ctl group add "$GROUP" eth1 wrong observe
	listen app "$GROUP" eth1
	talk "$GROUP"
	diagnose 2
	expect_found fragments-on-two-nics
	mend fragments-on-two-nics
	expect "wrong" "$(ctl -j group show "$GROUP" | jq -r '.[0].wrong')" drop
	sleep 1.2 # ipfrag_time is 1 s here
	expect_healthy
}

test_a_group_joined_on_both_NICs() {
	two_NICs
	listen right "$GROUP" eth1
	listen wrong "$GROUP" eth0
	talk "$GROUP"
	diagnose 2
	expect_found fragments-on-two-nics
	expect_said fragments-on-two-nics "joined on both"
	mend fragments-on-two-nics
	expect "apart" "$(ctl save | grep -c 'eth1,eth0 apart\|eth0,eth1 apart')" 1
	sleep 1.2
	expect_healthy
}

test_without_defragmentation_before_routing_it_is_a_warning() {
	two_NICs
	in_rx nft delete table inet firewall
	listen app "$GROUP" eth1
	talk "$GROUP"
	diagnose 1
	expect_found fragments-on-two-nics
	expect_warning fragments-on-two-nics
	mend fragments-on-two-nics
	expect_healthy
}

# Entries of conntrack stay when the rule that asked for them goes.
test_defragmentation_that_was_is_no_more() {
	two_NICs
	listen app "$GROUP" eth1
	talk "$GROUP"
	diagnose 2
	in_rx nft delete table inet firewall
	sleep 1.2
	diagnose 1
	expect_warning fragments-on-two-nics
	[ "$(jq -r .reassembly.before_routing "$REPORT")" != yes ] || fail "$(jq .reassembly "$REPORT")"
}

test_three_NICs_are_one_finding_with_one_remedy() {
	hosts "eth1 eth0 eth2"
	agent_start
	steered eth0 eth1 eth2
	listen app "$GROUP" eth1
	talk "$GROUP"
	diagnose 2
	expect_found fragments-on-two-nics
	expect_said fragments-on-two-nics "on eth1 and on eth0" "on eth1 and on eth2" "on eth0 and on eth2"
	expect "remedy" "$(jq -r '.findings[0].remedy[]' "$REPORT")" "xdpfragctl group add $GROUP eth1"
	mend fragments-on-two-nics
	sleep 1.2
	expect_healthy
}

test_a_group_joined_on_two_of_three_NICs() {
	hosts "eth1 eth0 eth2"
	agent_start
	steered eth0 eth1 eth2
	listen right "$GROUP" eth1
	listen also "$GROUP" eth2
	talk "$GROUP"
	diagnose 2
	expect_found fragments-on-two-nics
	mend fragments-on-two-nics
	expect "apart" "$(ctl save | grep -c 'eth1,eth2 apart\|eth2,eth1 apart')" 1
	sleep 1.2
	expect_healthy
}

test_a_group_that_nobody_joined() {
	two_NICs
	talk "$GROUP"
	diagnose 1
	expect_found fragments-on-two-nics
	expect_warning fragments-on-two-nics
	expect_said fragments-on-two-nics "joined on neither" "way back to its source is eth1"
	mend fragments-on-two-nics
	sleep 1.2
	expect_healthy
}

test_learning_is_a_cure_too() {
	two_NICs
	ctl learn on
	listen app "$GROUP" eth1
	talk "$GROUP"
	sleep 1.5
	expect_healthy
}

net_tests \
	test_the_fault_is_named_within_5_seconds_and_its_remedy_cures_it \
	test_the_fault_under_a_policy_that_observes \
	test_a_group_joined_on_both_NICs \
	test_without_defragmentation_before_routing_it_is_a_warning \
	test_defragmentation_that_was_is_no_more \
	test_three_NICs_are_one_finding_with_one_remedy \
	test_a_group_joined_on_two_of_three_NICs \
	test_a_group_that_nobody_joined \
	test_learning_is_a_cure_too
