#!/bin/bash
# reassemble_change.sh - statements, NICs and queues that come and go under reassembly
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42  AF_XDP socket; wrong: dropped
#                                |    p-eth1 ------ eth1 10.84.0.42    AF_XDP socket; joins 239.0.0.15
#
# Traffic runs meanwhile, and what is lost is counted.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/together.sh
. "$(dirname "$0")/together.sh"

# --- the statement goes ---

without() {
	together
	listen app "$GROUP" eth1
	sending "$GROUP" size 8000 count 1000 rate 1000
	sleep 0.4
	ctl "$@"
	sent
}
test_replaced_without_the_word() {
	without group replace "$GROUP" eth1
	expect_heard app 1000
	expect_kernel_path 1000
	eventually has_no_tap
	eventually has_sockets eth0 0
	expect "reassembly" "$(ctl -j status | jq .reassembly)" null
	ctl group replace "$GROUP" eth1 reassemble
	eventually is_active "$GROUP"
	expect_reassembled
}
# Datagrams that are on their way just then have fragments on both paths.
test_the_word_comes_and_goes_and_nothing_is_lost() {
	local i
	together
	listen app "$GROUP" eth1
	spreading 1500
	for ((i = 0; i < 5; i++)); do
		sleep 0.1
		ctl group replace "$GROUP" eth1
		sleep 0.05
		ctl group replace "$GROUP" eth1 reassemble
		eventually is_active "$GROUP"
	done
	sent
	expect_kernel_path 100
	expect_heard app 1500
	expect_reassembled
}
# A group that is not reassembled, within a prefix that is: who decides about it changes.
test_a_group_takes_itself_out_of_a_prefix_and_nothing_is_lost() {
	local i
	together
	ctl group del "$GROUP"
	reassembled 239.0.0.0/24
	listen app "$GROUP" eth1
	spreading 1500
	for ((i = 0; i < 5; i++)); do
		sleep 0.1
		ctl group add "$GROUP" eth1
		sleep 0.05
		ctl group del "$GROUP"
	done
	sent
	expect_kernel_path 100
	expect_heard app 1500
	expect_reassembled
}
# The worker is there already, for another group.
test_another_group_comes_and_nothing_is_lost() {
	local i
	together
	ctl group replace "$GROUP" eth1
	reassembled 239.0.0.17
	listen app "$GROUP" eth1
	spreading 1500
	for ((i = 0; i < 5; i++)); do
		sleep 0.1
		ctl group replace "$GROUP" eth1 reassemble
		sleep 0.05
		ctl group replace "$GROUP" eth1
	done
	ctl group replace "$GROUP" eth1 reassemble
	sent
	expect_kernel_path 100
	expect_heard app 1500
	expect "undelivered" "$(of_status .undelivered)" 0
	expect_reassembled
}
# In the place of one that goes with the same change.
test_a_group_that_takes_another_s_place_begins_at_zero() {
	together
	send "$GROUP" size 8000 count 20 rate 1000
	settle
	expect "completed" "$(of_group "$GROUP" .reassembly.completed)" 20
	echo "group add 239.0.0.17 eth1 reassemble" | ctl apply -
	expect "completed of the new one" "$(of_group 239.0.0.17 .reassembly.completed)" 0
	expect "copies of the new one" "$(share eth1 first 239.0.0.17)" 0
	expect "completed in all" "$(of_status .completed)" 20
}
# Without a policy the copies of both NICs are mixed, which is the fault that all this is
# about: apart from that nothing is held back.
test_deleted_and_flushed() {
	without group del "$GROUP"
	heard app >/dev/null
	eventually has_no_tap
	[ "$(arrived eth0 "$GROUP")" -gt 1000 ] || fail "eth0: $(arrived eth0 "$GROUP") fragments"
	reassembled "$GROUP"
	eventually has_tap
	ctl group flush
	eventually has_no_tap
	eventually has_sockets eth1 0
}

test_one_of_two_groups_goes() {
	together
	reassembled 239.0.0.17
	listen app "$GROUP" eth1
	sending "$GROUP" size 8000 count 1000 rate 1000
	sleep 0.3
	ctl group del 239.0.0.17
	sleep 0.3
	reassembled 239.0.0.18
	sent
	expect_heard app 1000
	only_whole "$GROUP" 1000
	expect "TAP" "$(has_tap && echo there)" there
}

# Programs and maps are made anew for it, and the worker goes on with the same sockets.
test_a_policy_of_another_shape_comes() {
	together
	listen app "$GROUP" eth1
	sending "$GROUP" size 8000 count 2000 rate 1000
	sleep 0.5
	ctl group add 239.9.9.9 eth0 scope all
	sleep 0.5
	ctl group del 239.9.9.9
	sent
	expect_heard app 2000
	only_whole "$GROUP" 2000
	expect_reassembled
}

test_the_agent_s_end_leaves_nothing() {
	together
	listen app "$GROUP" eth1
	sending "$GROUP" size 8000 count 500 rate 1000
	sleep 0.2
	agent_stop
	sent
	heard app >/dev/null
	expect "TAP" "$(has_tap && echo there)" ""
	expect "pins" "$(ls "$(agent_pins)" 2>/dev/null)" ""
	expect "programs" "$(kernel_program eth0) $(kernel_program eth1)" "0 0"
	spawn_in "$RX" "$HOLD_QUEUE" eth1 0 >"$DIR/hold" 2>&1 &
	started $!
	eventually grep -q ready "$DIR/hold"
}

# --- queues ---

four_queues() {
	hosts ""
	local nic
	for nic in eth1 eth0; do
		nic_add "$nic" numrxqueues 4 numtxqueues 4
		in_rx ethtool -L "$nic" rx "$1" tx "$1"
	done
	watch_packets
	agent_start
	steered eth0 eth1
	reassembled "$GROUP"
	has_sockets eth0 "$1" || fail "sockets of eth0: $(ctl -j link show eth0 | jq -c '.[0].sockets')"
}
is_in_force_with() { has_sockets eth1 "$1" && is_active "$GROUP"; }

test_a_queue_is_added() {
	four_queues 2
	listen app "$GROUP" eth1
	sending "$GROUP" size 8000 count 2000 rate 1000
	in_rx ethtool -L eth1 rx 4 tx 4
	ip -n "$RX" link set lo mtu 60000 # the agent looks now, not within 10 s
	eventually is_in_force_with 4
	sent
	expect_heard app 2000
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
	expect_reassembled
}

# Another program's queue: its NIC's fragments take the kernel's path, and since it is the
# right one, those of the others do too, lest datagrams come twice.
queue_taken() {
	hosts "eth1 eth0"
	watch_packets
	spawn_in "$RX" "$HOLD_QUEUE" "$1" 0 >"$DIR/hold" 2>&1 &
	holder=$!
	started "$holder"
	eventually grep -q ready "$DIR/hold"
	agent_start
	steered eth0 eth1
	ctl group add "$GROUP" eth1 reassemble
	eventually is_said "$1" "another program has an AF_XDP socket on queue 0"
	expect "sockets of $1" "$(ctl -j link show "$1" | jq '.[0].sockets | length')" 0
	eventually "$2" "$GROUP"
	listen app "$GROUP" eth1
	send "$GROUP" size 8000 count 200 rate 1000
	expect_heard app 200
}
is_said() { ctl -j link show "$1" | jq -r '.[0].sockets_reason' | grep -qF "$2"; }

test_a_queue_of_the_right_NIC_that_another_program_has() {
	queue_taken eth1 is_inactive
	expect_counts "$GROUP" eth1 passed 1200
	expect_counts "$GROUP" eth0 dropped 1200
	# It ends, and reassembly begins by itself: with the next look, for which a test does not wait.
	kill "$holder"
	eventually not_running "$holder"
	sleep 0.3
	ip -n "$RX" link set lo mtu 60000
	eventually is_active "$GROUP"
	expect_reassembled
}
test_a_queue_of_the_wrong_NIC_that_another_program_has() {
	queue_taken eth0 is_active
	expect_counts "$GROUP" eth1 reassembled 1200
	expect_counts "$GROUP" eth0 dropped 1200
}

net_tests \
	test_replaced_without_the_word \
	test_the_word_comes_and_goes_and_nothing_is_lost \
	test_a_group_takes_itself_out_of_a_prefix_and_nothing_is_lost \
	test_another_group_comes_and_nothing_is_lost \
	test_a_group_that_takes_another_s_place_begins_at_zero \
	test_deleted_and_flushed \
	test_one_of_two_groups_goes \
	test_a_policy_of_another_shape_comes \
	test_the_agent_s_end_leaves_nothing \
	test_a_queue_is_added \
	test_a_queue_of_the_right_NIC_that_another_program_has \
	test_a_queue_of_the_wrong_NIC_that_another_program_has
