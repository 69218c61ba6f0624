#!/bin/bash
# lifecycle.sh - an agent that is killed, restarted, stopped, or told to read its file again
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42  joins 239.0.0.15
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=200
ALL=$((N * FRAGMENTS))

# The file knows the neighbour, the command line adds the group.
begin() {
	hosts "eth1 eth0"
	watch_packets
	printf 'group add %s eth0\n' "$NEIGHBOUR" >"$CONF"
	agent_start
	steered eth0 eth1
	ctl group add "$GROUP" eth1
}

traffic() {
	send "$GROUP" size 8000 count "$N" rate 1000
	settle
}

programs() { echo "$(kernel_program eth0) $(kernel_program eth1)"; }

test_a_killed_agent_leaves_its_policy_in_force() {
	begin
	listen app "$GROUP" eth1
	agent_kill
	mark
	traffic
	expect "received" "$(heard app)" "$N"
	expect_reassembly "$ALL" "$N" 0 0
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
}

test_a_restarted_agent_adopts_what_is_there() {
	begin
	local before
	traffic
	before=$(programs)
	agent_kill
	traffic
	agent_start
	steered eth0 eth1
	expect "XDP programs" "$(programs)" "$before"
	expect "XDP programs as told" "$(link_says eth0 program) $(link_says eth1 program)" "$before"
	expect "saved policy" "$(ctl save | sort)" \
		"$(printf 'group add %s eth1\ngroup add %s eth0\n' "$GROUP" "$NEIGHBOUR")"
	expect "origin" "$(ctl -j status | jq -r .origin)" runtime
	# Counted on, while nobody was there too.
	expect_counts "$GROUP" eth0 dropped $((2 * ALL))
	expect_counts "$GROUP" eth1 passed $((2 * ALL))
	traffic
	expect_counts "$GROUP" eth0 dropped $((3 * ALL))
}

test_no_wrong_fragment_gets_through_a_restart() {
	begin
	local sender
	mark
	listen app "$GROUP" eth1
	send "$GROUP" size 8000 count 3000 rate 1000 &
	sender=$!
	sleep 0.5
	agent_kill
	sleep 0.2
	agent_start
	sleep 0.3
	agent_kill
	agent_start
	running "$sender" || fail "the restarts outlasted the traffic"
	wait "$sender"
	expect "received" "$(heard app)" 3000
	expect_reassembly 18000 3000 0 0
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
	expect_counts "$GROUP" eth0 dropped 18000
	expect_counts "$GROUP" eth1 passed 18000
}

# Killed while it changes the policy, and so now and then between two of its steps.
test_a_kill_at_any_moment_of_a_change_lets_nothing_through() {
	begin
	local sender changer kills=0
	{ many 200; echo "group add $GROUP eth1"; } >"$DIR/exact.conf"
	{ many 2000; echo "group add ${GROUP%.*}.0/24 eth1"; echo "group add 237.0.0.1 eth0 scope all"; } >"$DIR/prefix.conf"
	listen app "$GROUP" eth1
	mark
	send "$GROUP" size 8000 count 5000 rate 1000 &
	sender=$!
	while running "$sender"; do
		change_forever &
		changer=$!
		sleep "0.$((RANDOM % 30 + 10))"
		agent_kill
		kill "$changer" 2>/dev/null || true
		wait "$changer" 2>/dev/null || true
		agent_start
		kills=$((kills + 1))
	done
	wait "$sender"
	expect "received" "$(heard app)" 5000
	expect_reassembly 30000 5000 0 0
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
	[ "$kills" -ge 3 ] || fail "only $kills kills while there was traffic"
}
change_forever() {
	while :; do
		ctl apply "$DIR/exact.conf" || true
		ctl apply "$DIR/prefix.conf" || true
	done
}
many() {
	awk -v count="$1" 'BEGIN { for (i = 0; i < count; i++) printf "group add 238.0.%d.%d eth1\n", i / 256, i % 256 }'
}

test_what_changed_while_no_agent_ran_is_made_good() {
	begin
	agent_kill
	nic_del eth0
	nic_add eth0
	in_rx ip link set dev eth1 xdp off
	agent_start
	steered eth0 eth1
	mark
	traffic
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
	expect "right fragments in the stack" "$(arrived eth1 "$GROUP")" "$ALL"
}

nothing_is_left() {
	local nic
	for nic in "$@"; do
		expect "the XDP program on $nic" "$(kernel_program "$nic")" 0
	done
	[ ! -e "$(agent_pins)" ] || fail "pins are left: $(find "$(agent_pins)")"
	[ ! -e "$(agent_socket)" ] || fail "the socket is left"
}

test_SIGTERM_leaves_nothing_behind() {
	hosts "eth1 eth0"
	watch_packets
	mkdir "/sys/fs/bpf/$HOSTS-other"
	printf 'group add %s eth1\ngroup add 239.1.0.0/16 eth0 wrong observe scope all\n' "$GROUP" >"$CONF"
	agent_start
	steered eth0 eth1
	[ -n "$(find "$(agent_pins)" -mindepth 1)" ] || fail "nothing was pinned"
	agent_stop || fail "exit status $?"
	nothing_is_left eth0 eth1
	[ -d "/sys/fs/bpf/$HOSTS-other" ] || fail "another folder of the BPF file system is gone"
	traffic
	expect "fragments on eth0" "$(arrived eth0 "$GROUP")" "$ALL"
}

test_SIGTERM_after_a_crash_leaves_nothing_behind() {
	begin
	agent_kill
	nic_del eth0
	agent_start
	steered eth1
	nic_add eth0
	steered eth0
	agent_stop || fail "exit status $?"
	nothing_is_left eth0 eth1
}

test_runtime_changes_outlive_a_stop_but_not_a_new_file() {
	begin
	agent_stop
	agent_start
	expect "saved policy" "$(ctl save | sort)" \
		"$(printf 'group add %s eth1\ngroup add %s eth0\n' "$GROUP" "$NEIGHBOUR")"
	agent_stop
	printf 'group add 239.5.5.5 eth0\n' >"$CONF"
	agent_start
	expect "saved policy after a new file" "$(ctl save)" "group add 239.5.5.5 eth0"
	expect "origin" "$(ctl -j status | jq -r .origin)" config
}

test_SIGHUP_reads_the_file_again() {
	begin
	printf 'group add 239.5.5.5 eth0\n' >"$CONF"
	kill -HUP "$AGENT_PID"
	eventually saved_is "group add 239.5.5.5 eth0"
	# A faulty file changes nothing.
	printf 'group add 10.0.0.1 eth0\n' >"$CONF"
	kill -HUP "$AGENT_PID"
	eventually grep -q 10.0.0.1 "$(agent_log)"
	saved_is "group add 239.5.5.5 eth0"
}
saved_is() { [ "$(ctl save)" = "$1" ]; }

net_tests \
	test_a_killed_agent_leaves_its_policy_in_force \
	test_a_restarted_agent_adopts_what_is_there \
	test_no_wrong_fragment_gets_through_a_restart \
	test_a_kill_at_any_moment_of_a_change_lets_nothing_through \
	test_what_changed_while_no_agent_ran_is_made_good \
	test_SIGTERM_leaves_nothing_behind \
	test_SIGTERM_after_a_crash_leaves_nothing_behind \
	test_runtime_changes_outlive_a_stop_but_not_a_new_file \
	test_SIGHUP_reads_the_file_again
