#!/bin/bash
# start.sh - how an agent starts, and when it refuses to
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=100
ALL=$((N * FRAGMENTS))

begin() {
	hosts "eth1 eth0"
	printf 'group add %s eth1\ngroup add %s eth0\n' "$GROUP" "$NEIGHBOUR" >"$CONF"
	agent_start
	steered eth0 eth1
}

traffic() {
	send "$GROUP" size 8000 count "$N" rate 1000
	settle
}

programs() { echo "$(kernel_program eth0) $(kernel_program eth1)"; }

# The agent just started ends by itself, and not well.
expect_refusal() {
	until_true 10 not_running "$AGENT_PID" || fail "it runs"
	! wait "$AGENT_PID" || fail "its exit status is 0"
}

expect_nothing_left() {
	expect "XDP programs" "$(programs)" "0 0"
	[ ! -e "$(agent_pins)" ] || fail "pins are left: $(find "$(agent_pins)")"
}

test_a_second_agent_in_the_namespace_is_refused() {
	begin
	local before
	before=$(programs)
	WHO=second agent_spawn "$RX"
	expect_refusal
	# Same folders, same socket: no different.
	agent_spawn "$RX"
	expect_refusal
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
	expect_refusal
	expect "the first one's links" "$(ctl -j link show | jq -c 'map(.name) | sort')" '["eth0","eth1"]'
	expect "saved policy" "$(ctl save | wc -l)" 2
	traffic
	expect_counts "$GROUP" eth0 dropped "$ALL"
}

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
	expect_refusal
	grep -q 10.0.0.1 "$(agent_log)" || fail "the word is not named"
	grep -Eq "$CONF:2|line 2" "$(agent_log)" || fail "the line is not named"
	expect_nothing_left
}

test_a_metrics_address_that_is_none_keeps_it_from_starting() {
	hosts "eth1 eth0"
	AGENT_ARGS=(--metrics nonsense)
	agent_spawn "$RX"
	expect_refusal
	grep -q nonsense "$(agent_log)" || fail "the word is not named"
	expect_nothing_left
}

test_a_start_that_fails_leaves_the_policy_of_a_dead_agent() {
	begin
	local before
	before=$(programs)
	agent_kill
	AGENT_ARGS=(--metrics nonsense)
	agent_spawn "$RX"
	expect_refusal
	expect "programs" "$(programs)" "$before"
	watch_packets
	traffic
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
}

test_a_file_in_the_place_of_the_socket_is_not_removed() {
	hosts "eth1 eth0"
	echo precious >"$(agent_socket)"
	defer rm "$(agent_socket)"
	agent_spawn "$RX"
	expect_refusal
	expect "the file" "$(cat "$(agent_socket)")" precious
	expect_nothing_left
}

# In a mount namespace of its own, where /sys/fs/bpf is an empty folder.
test_it_mounts_the_BPF_file_system_where_there_is_none() {
	hosts "eth1 eth0"
	echo "group add $GROUP eth1" >"$CONF"
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount sh -c 'while mountpoint -q /sys/fs/bpf; do umount -l /sys/fs/bpf || exit; done; exec "$@"' - \
		nsenter --net="/run/netns/$RX" "$AGENT" -f "$CONF" -s "$(agent_socket)" \
		-r "$DIR/$WHO.run" -p "$(agent_pins)" >>"$(agent_log)" 2>&1 &
	AGENT_PID=$!
	started "$AGENT_PID"
	eventually agent_answers
	steered eth0 eth1
	[ -e "/proc/$AGENT_PID/root$(agent_pins)/state" ] || fail "nothing is pinned"
	traffic
	expect_counts "$GROUP" eth0 dropped "$ALL"
}

net_tests \
	test_a_second_agent_in_the_namespace_is_refused \
	test_an_agent_in_another_namespace_is_its_own \
	test_an_agent_with_another_ones_folders_is_refused \
	test_systemd_is_told_when_it_is_ready \
	test_a_file_with_a_fault_keeps_it_from_starting \
	test_a_metrics_address_that_is_none_keeps_it_from_starting \
	test_a_start_that_fails_leaves_the_policy_of_a_dead_agent \
	test_a_file_in_the_place_of_the_socket_is_not_removed \
	test_it_mounts_the_BPF_file_system_where_there_is_none
