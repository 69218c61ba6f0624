#!/bin/bash
# reassemble_safe.sh - when reassembly in user space cannot go on, the kernel's path does
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42  AF_XDP socket; wrong: dropped
#                                |    p-eth1 ------ eth1 10.84.0.42    AF_XDP socket; joins 239.0.0.15
#
# At 1,000 datagrams a second, what is lost around a fault tells how long it lasted.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/together.sh
. "$(dirname "$0")/together.sh"

FALLBACK=100 # datagrams of 100 ms

# Each of its threads: a signal that is sent has not yet stopped anything.
agent_pause() {
	kill -STOP "$AGENT_PID"
	until_true 10 agent_is_paused
}
agent_is_paused() { ! grep -L '^State:	T' "/proc/$AGENT_PID"/task/*/status | grep -q .; }

# --- the agent stops ---

test_a_stopped_agent_holds_nothing_up() {
	together
	listen app "$GROUP" eth1
	sending "$GROUP" size 8000 count 2000 rate 1000
	sleep 0.5
	agent_pause
	sleep 0.4
	expect_kernel_path 1000
	kill -CONT "$AGENT_PID"
	sent
	expect_heard app 2000
	expect_reassembled
}

# Each time the path changes, a datagram has fragments on both; none of them is lost.
test_a_datagram_with_fragments_on_both_paths_arrives() {
	local i
	together
	listen app "$GROUP" eth1
	spreading 1500
	for ((i = 0; i < 6; i++)); do
		sleep 0.1
		agent_pause
		sleep 0.15
		kill -CONT "$AGENT_PID"
	done
	sent
	expect_kernel_path 100
	expect_heard app 1500
	expect "lost" "$(of_status '[.lost[]] | add')" 0
	expect_reassembled
}

# What has lain in the sockets for longer than a datagram lives is not delivered any more.
test_an_agent_that_was_stopped_for_long_delivers_nothing_old() {
	local before tries
	together
	# Before the deadline has passed; where the machine was too busy for that, once more.
	for ((tries = 0; tries < 5; tries++)); do
		before=$(arrived eth1 "$GROUP")
		agent_pause
		send "$GROUP" size 8000 count 3 rate 1000
		settle
		[ "$(arrived eth1 "$GROUP")" != "$before" ] || break
		kill -CONT "$AGENT_PID"
		eventually agent_answers
		sleep 0.2
	done
	sleep 1.5
	listen app "$GROUP" eth1
	kill -CONT "$AGENT_PID"
	eventually agent_answers
	settle
	expect "received" "$(heard app '.received // 0')" 0
	expect "late" "$(of_status .late)" $((2 * 3 * FRAGMENTS))
	expect_reassembled
}

test_a_killed_agent_leaves_the_policy() {
	together
	listen app "$GROUP" eth1
	sending "$GROUP" size 8000 count 3000 rate 1000
	sleep 0.5
	agent_kill
	sleep 0.5
	expect_kernel_path 1000
	expect "TAP" "$(has_tap && echo there)" ""
	# Another takes over, and goes on putting together without a word.
	agent_start
	eventually is_active "$GROUP"
	sent
	expect_lost app 3000 "$FALLBACK"
	expect_reassembled
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
}

# More comes than the worker takes: it is held up for most of the time, but never past
# its deadline, and has little room: so many queues share it.
test_an_overloaded_worker_does_not_swallow_a_group() {
	local nic heard
	hosts ""
	for nic in eth1 eth0 eth2; do
		nic_add "$nic" numrxqueues 64 numtxqueues 64
	done
	watch_packets
	agent_start
	steered eth0 eth1 eth2
	reassembled "$GROUP"
	expect "frames" "$(socket_says eth1 .frames)" 256
	listen app "$GROUP" eth1
	sending "$GROUP" size 60000 count 2000 rate 1000
	while kill -0 "$SENDING" 2>/dev/null; do
		kill -STOP "$AGENT_PID"
		sleep 0.04
		kill -CONT "$AGENT_PID"
		sleep 0.01
	done
	sent
	heard=$(heard app)
	echo "received $heard of 2000, $(heard app .duplicates) twice, refused $(sockets_say eth1 .refused)"
	[ "$(sockets_say eth1 .refused)" -gt 0 ] || fail "the worker was never short of room"
	[ "$heard" -ge 1000 ] || fail "received $heard of 2000"
	expect "corrupt" "$(heard app .corrupt)" 0
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
	for nic in eth0 eth1; do
		expect "lost in the socket of $nic" "$(sockets_say "$nic" '.dropped + .ring_full + .fill_empty')" 0
	done
	expect_reassembled
}

# Who sends only first fragments takes no other's room, and the group does not leave user space.
test_fragments_without_an_end_do_not_push_a_group_out() {
	together
	listen app "$GROUP" eth1
	flooding
	send "$GROUP" size 8000 count 1000 rate 1000
	sent
	expect_heard app 1000
	expect "fragments in the stack" "$(arrived eth1 "$GROUP")" 0
	expect "refused" "$(socket_says eth1 .refused)" 0
	[ "$(of_status .lost.fragments)" -gt 0 ] || fail "nothing was evicted"
	[ "$(of_status '.held.most <= .held.limit')" = true ] || fail "held: $(of_status .held)"
}

# Where many queues share what there is, the fragments of one alone fill the engine, and
# yet another one always comes in, that makes the oldest go.
test_such_fragments_in_one_of_many_queues_do_not_either() {
	local nic
	hosts ""
	for nic in eth1 eth0 eth2; do
		nic_add "$nic" numrxqueues 64 numtxqueues 64
	done
	ip -n "$SW" link set p-eth0 nomaster
	ip -n "$SW" link set p-eth2 nomaster
	watch_packets
	agent_start
	steered eth0 eth1 eth2
	reassembled "$GROUP"
	expect "frames" "$(socket_says eth1 .frames)" 256
	listen app "$GROUP" eth1
	flooding
	send "$GROUP" size 8000 count 1000 rate 1000
	sent
	expect_heard app 1000
	[ "$(of_status .lost.fragments)" -gt 0 ] || fail "nothing was evicted"
	[ "$(arrived eth1 "$GROUP")" -lt 600 ] || fail "fragments in the stack: $(arrived eth1 "$GROUP")"
}

net_tests \
	test_a_stopped_agent_holds_nothing_up \
	test_a_datagram_with_fragments_on_both_paths_arrives \
	test_an_agent_that_was_stopped_for_long_delivers_nothing_old \
	test_a_killed_agent_leaves_the_policy \
	test_an_overloaded_worker_does_not_swallow_a_group \
	test_fragments_without_an_end_do_not_push_a_group_out \
	test_such_fragments_in_one_of_many_queues_do_not_either
