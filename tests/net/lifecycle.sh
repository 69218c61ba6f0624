#!/bin/bash
# lifecycle.sh - an agent that is killed, restarted, stopped, or not alone
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

test_a_second_agent_in_the_namespace_is_refused() {
	begin
	local before
	before=$(programs)
	WHO=second agent_spawn "$RX"
	until_true 10 not_running "$AGENT_PID" || fail "it runs"
	! wait "$AGENT_PID" || fail "its exit status is 0"
	# Same folders, same socket: no different.
	agent_spawn "$RX"
	until_true 10 not_running "$AGENT_PID" || fail "it runs with the same socket"
	! wait "$AGENT_PID" || fail "its exit status is 0 with the same socket"
	expect "programs" "$(programs)" "$before"
	ctl group show "$GROUP" >/dev/null
	traffic
	expect_counts "$GROUP" eth0 dropped "$ALL"
}

test_an_agent_in_another_namespace_is_its_own() {
	begin
	WHO=tx
	: >"$DIR/empty.conf"
	CONF=$DIR/empty.conf agent_spawn "$TX"
	eventually agent_answers
	ctl group add "$GROUP" eth0
	expect "its links" "$(ctl -j link show | jq -c 'map(.name)')" '["eth0"]'
	WHO=rx
	expect "the first one's links" "$(ctl -j link show | jq -c 'map(.name) | sort')" '["eth0","eth1"]'
	traffic
	expect_counts "$GROUP" eth0 dropped "$ALL"
	expect_counts "$GROUP" eth1 passed "$ALL"
	WHO=tx
	expect "what the other one counted" "$(ctl -j stats | jq -c '.total | [.passed, .dropped]')" '[0,0]'
}

# Both would write the same socket, pins and state.
test_an_agent_with_another_ones_folders_is_refused() {
	begin
	agent_spawn "$TX"
	until_true 5 not_running "$AGENT_PID" || fail "it runs"
	! wait "$AGENT_PID" || fail "its exit status is 0"
	expect "the first one's links" "$(ctl -j link show | jq -c 'map(.name) | sort')" '["eth0","eth1"]'
	expect "saved policy" "$(ctl save | wc -l)" 2
	traffic
	expect_counts "$GROUP" eth0 dropped "$ALL"
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

test_systemd_is_told_when_it_is_ready() {
	hosts "eth1 eth0"
	socat -u "UNIX-RECV:$DIR/notify" "CREATE:$DIR/notified" &
	started $!
	eventually test -S "$DIR/notify"
	NOTIFY_SOCKET=$DIR/notify agent_start
	eventually grep -q READY=1 "$DIR/notified"
	agent_stop
	eventually grep -q STOPPING=1 "$DIR/notified"
}

test_a_file_with_a_fault_keeps_it_from_starting() {
	hosts "eth1 eth0"
	printf 'group add %s eth1\ngroup add 10.0.0.1 eth1\n' "$GROUP" >"$CONF"
	agent_spawn "$RX"
	until_true 10 not_running "$AGENT_PID" || fail "it runs"
	! wait "$AGENT_PID" || fail "its exit status is 0"
	grep -q 10.0.0.1 "$(agent_log)" || fail "the word is not named"
	grep -Eq "$CONF:2|line 2" "$(agent_log)" || fail "the line is not named"
	nothing_is_left eth0 eth1
}

net_tests \
	test_a_killed_agent_leaves_its_policy_in_force \
	test_a_restarted_agent_adopts_what_is_there \
	test_no_wrong_fragment_gets_through_a_restart \
	test_what_changed_while_no_agent_ran_is_made_good \
	test_SIGTERM_leaves_nothing_behind \
	test_SIGTERM_after_a_crash_leaves_nothing_behind \
	test_a_second_agent_in_the_namespace_is_refused \
	test_an_agent_in_another_namespace_is_its_own \
	test_an_agent_with_another_ones_folders_is_refused \
	test_runtime_changes_outlive_a_stop_but_not_a_new_file \
	test_SIGHUP_reads_the_file_again \
	test_systemd_is_told_when_it_is_ready \
	test_a_file_with_a_fault_keeps_it_from_starting
