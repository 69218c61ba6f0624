#!/bin/bash
# cure.sh - the fault of two NICs in one broadcast domain, and its cure, with real traffic
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42  joins 239.0.0.15
#
# Every frame arrives on both NICs. Which copy comes first follows from the order
# in which the ports were enslaved: with eth1's port first, eth0's copy completes
# each datagram and the group joined on eth1 is lost; the other way round it is
# the neighbour group, joined on eth0, that is lost.
#
# A native XDP program changes a veth's receive path and may so change the order
# by itself. The honest control is therefore our own program on both NICs, told
# to `observe`: there the fault must be as it was.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=500
ALL=$((N * FRAGMENTS)) # fragments of N datagrams on one NIC

# traffic GROUP...: N datagrams to each
traffic() {
	local group
	mark
	for group in "$@"; do
		send "$group" size 8000 count "$N" rate 1000
	done
}

# --- the fault, and the control ---

# N datagrams on two NICs, and what the fault does to them. A busy machine now and
# then delivers a batch in another order and so saves a datagram: the tenth is for that.
expect_fault() {
	expect "ReasmReqds" "$(since ReasmReqds)" $((2 * ALL))
	[ "$1" -le $((N / 10)) ] || fail "the fault is not there: $1 of $N received"
	[ "$(since ReasmFails)" -ge $((N * 9 / 10)) ] || fail "ReasmFails: $(since ReasmFails)"
	[ "$(since ReasmTimeout)" -ge $((N * 9 / 10)) ] || fail "ReasmTimeout: $(since ReasmTimeout)"
}

test_without_us_no_datagram_arrives() {
	hosts "eth1 eth0"
	listen app "$GROUP" eth1
	traffic "$GROUP"
	# Each datagram is put together, on the wrong NIC; and the last fragment, which
	# trails, opens a queue that nothing completes.
	expect_fault "$(heard app)"
}

test_without_us_the_other_order_loses_the_neighbour() {
	hosts "eth0 eth1"
	listen neighbour "$NEIGHBOUR" eth0
	traffic "$NEIGHBOUR"
	expect_fault "$(heard neighbour)"
}

test_observing_changes_nothing_and_counts_it() {
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
	ctl group add "$GROUP" eth1 wrong observe
	listen app "$GROUP" eth1
	traffic "$GROUP"
	expect_fault "$(heard app)"
	expect_counts "$GROUP" eth0 observed "$ALL"
	expect_counts "$GROUP" eth1 passed "$ALL"
}

test_observing_in_the_other_order_loses_the_neighbour() {
	hosts "eth0 eth1"
	agent_start
	steered eth0 eth1
	ctl group add "$NEIGHBOUR" eth0 wrong observe
	listen neighbour "$NEIGHBOUR" eth0
	traffic "$NEIGHBOUR"
	expect_fault "$(heard neighbour)"
	expect_counts "$NEIGHBOUR" eth1 observed "$ALL"
	expect_counts "$NEIGHBOUR" eth0 passed "$ALL"
}

# --- the cure ---

cure() {
	hosts "$1"
	watch_packets
	agent_start
	steered eth0 eth1
	ctl group add "$GROUP" eth1
	listen app "$GROUP" eth1
	traffic "$GROUP"
	expect "received" "$(heard app)" "$N"
	expect_reassembly "$ALL" "$N" 0 0
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
	expect_counts "$GROUP" eth0 dropped "$ALL"
	expect_counts "$GROUP" eth1 passed "$ALL"
}
test_the_cure_with_the_wrong_copy_last() { cure "eth1 eth0"; }
test_the_cure_with_the_wrong_copy_first() { cure "eth0 eth1"; }

both_groups() {
	hosts "$1"
	agent_start
	steered eth0 eth1
	ctl group add "$GROUP" eth1
	ctl group add "$NEIGHBOUR" eth0
	listen app "$GROUP" eth1
	listen neighbour "$NEIGHBOUR" eth0
	traffic "$GROUP" "$NEIGHBOUR"
	expect "received of the group" "$(heard app)" "$N"
	expect "received of the neighbour" "$(heard neighbour)" "$N"
	expect_reassembly $((2 * ALL)) $((2 * N)) 0 0
	expect_counts "$GROUP" eth0 dropped "$ALL"
	expect_counts "$GROUP" eth1 passed "$ALL"
	expect_counts "$NEIGHBOUR" eth0 passed "$ALL"
	expect_counts "$NEIGHBOUR" eth1 dropped "$ALL"
}
test_two_groups_on_two_NICs_both_whole() { both_groups "eth1 eth0"; }
test_two_groups_on_two_NICs_both_whole_in_the_other_order() { both_groups "eth0 eth1"; }

test_the_cure_ends_with_the_policy() {
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
	ctl group add "$GROUP" eth1
	listen app "$GROUP" eth1
	traffic "$GROUP"
	expect "received" "$(heard app)" "$N"
	ctl group del "$GROUP"
	listen app "$GROUP" eth1
	traffic "$GROUP"
	expect_fault "$(heard app)"
	# Fragments that no policy names are counted as such.
	expect "no_policy" "$(ctl -j stats | jq .total.no_policy)" $((2 * ALL))
}

test_the_cure_in_generic_mode() {
	hosts "eth1 eth0"
	printf 'link add eth0 mode skb\nlink add eth1 mode skb\n' >"$CONF"
	agent_start
	eventually link_is eth0 mode skb
	eventually link_is eth1 mode skb
	expect "the kernel's mode" \
		"$(ip -n "$RX" -j link show dev eth0 | jq -r '.[0].xdp.mode')" 2
	ctl group add "$GROUP" eth1
	listen app "$GROUP" eth1
	traffic "$GROUP"
	expect "received" "$(heard app)" "$N"
	expect_reassembly "$ALL" "$N" 0 0
	expect_counts "$GROUP" eth0 dropped "$ALL"
}

test_the_cure_at_MTU_9000_in_native_mode() {
	hosts "eth1 eth0" 9000
	agent_start
	steered eth0 eth1
	expect "frags" "$(link_says eth0 frags)" true
	expect "mtu" "$(link_says eth0 mtu)" 9000
	ctl group add "$GROUP" eth1
	listen app "$GROUP" eth1
	mark
	send "$GROUP" size 20000 count 300 rate 1000
	expect "received" "$(heard app)" 300
	expect_reassembly 900 300 0 0 # 20,008 bytes in pieces of 8,976
	expect_counts "$GROUP" eth0 dropped 900
}

test_three_NICs_two_of_them_allowed() {
	hosts "eth2 eth1 eth0"
	watch_packets
	agent_start
	steered eth0 eth1 eth2
	ctl group add "$GROUP" eth1,eth2
	traffic "$GROUP"
	settle
	expect "fragments on eth0" "$(arrived eth0 "$GROUP")" 0
	expect "fragments on eth1" "$(arrived eth1 "$GROUP")" "$ALL"
	expect "fragments on eth2" "$(arrived eth2 "$GROUP")" "$ALL"
	expect_counts "$GROUP" eth0 dropped "$ALL"
	expect_counts "$GROUP" eth1 passed "$ALL"
	expect_counts "$GROUP" eth2 passed "$ALL"
	expect "allowed" "$(ctl -j group show "$GROUP" | jq -c '.[0].allowed')" '["eth1","eth2"]'
}

net_tests \
	test_without_us_no_datagram_arrives \
	test_without_us_the_other_order_loses_the_neighbour \
	test_observing_changes_nothing_and_counts_it \
	test_observing_in_the_other_order_loses_the_neighbour \
	test_the_cure_with_the_wrong_copy_last \
	test_the_cure_with_the_wrong_copy_first \
	test_two_groups_on_two_NICs_both_whole \
	test_two_groups_on_two_NICs_both_whole_in_the_other_order \
	test_the_cure_ends_with_the_policy \
	test_the_cure_in_generic_mode \
	test_the_cure_at_MTU_9000_in_native_mode \
	test_three_NICs_two_of_them_allowed
