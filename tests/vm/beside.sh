#!/bin/bash
# beside.sh - our program and xdp-filter on one NIC, under libxdp's dispatcher; runs inside a guest
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Usage: scripts/vm run VERSION tests/vm/beside.sh [all]
#
# The dispatcher needs BPF trampolines, which not every machine's own kernel has;
# Debian's do. Each of the two programs must do its work whoever came first and
# whoever leaves first. Ours drops fragments of 239.0.0.15 on eth0; xdp-filter
# drops everything to 239.77.77.77 there.
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42  both programs
#                                |    p-eth1 ------ eth1 10.84.0.42    joins 239.0.0.15
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/../net/lib.sh"
# shellcheck source=tests/net/together.sh
. "$(dirname "$0")/../net/together.sh"

# It loads xdp-filter, whose maps are the whole machine's.
if [ -z "${VM_KERNEL-}" ]; then
	echo "beside.sh: only for the inside of a guest: tests/vm/run.sh" >&2
	exit 2
fi

BLOCKED=239.77.77.77
N=40 RATE=50 # an emulated processor stalls now and then: slow enough for a veth's ring
ALL=$((N * FRAGMENTS))

# --- the two programs, coming and going ---

filter_comes() {
	in_rx xdp-filter load -m native eth0
	in_rx xdp-filter ip -m dst "$BLOCKED"
}
filter_goes() { in_rx xdp-filter unload eth0; }

steer_comes() {
	agent_start
	steered eth0 eth1
	ctl group show "$GROUP" >/dev/null 2>&1 || ctl group add "$GROUP" eth1
}
steer_goes() { agent_stop; }

hits() { in_rx xdp-filter status | awk -v group="$BLOCKED" '$1 == group { print $NF; found = 1 }
	END { if (!found) print 0 }'; }

filter_works() {
	local before
	before=$(hits)
	send "$BLOCKED" size 100 count 10 rate 100
	settle
	expect "xdp-filter's hits" $(($(hits) - before)) 10
}

# xdp-filter takes the first bytes of any UDP fragment for a UDP header and aborts the
# frame when the length in it is under 8: one fragment in 8,192 of random payload,
# which it then has eaten before or after we see it.
aborted() { in_rx xdp-filter status 2>/dev/null | awk '$1 == "XDP_ABORTED" { n = $2 } END { print n + 0 }'; }

# N datagrams arrive whole, and the stack sees the fragments of the right NIC alone.
steer_works() {
	local before eaten
	before=$(counted "$GROUP" eth0 dropped)
	eaten=$(aborted)
	listen app "$GROUP" eth1
	mark
	send "$GROUP" size 8000 count $N rate $RATE
	expect "received" "$(heard app)" $N
	expect_reassembly $ALL $N 0 0
	eaten=$(($(aborted) - eaten))
	expect "dropped on eth0" $(($(counted "$GROUP" eth0 dropped) - before)) $((ALL - eaten))
}

# --- tests ---

test_the_fault_is_there_when_observed_and_gone_when_steered() {
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
	ctl group add "$GROUP" eth1 wrong observe
	listen app "$GROUP" eth1
	mark
	send "$GROUP" size 8000 count $N rate $RATE
	[ "$(heard app)" -lt $N ] || fail "all $N received although nothing was dropped"
	expect "ReasmReqds" "$(since ReasmReqds)" $((2 * ALL))
	[ "$(since ReasmTimeout)" -gt 0 ] || fail "no datagram timed out"
	ctl group replace "$GROUP" eth1
	steer_works
	expect "eth0 shares its hook" "$(link_says eth0 dispatcher)" true
	expect "eth0 takes several buffers" "$(link_says eth0 frags)" true
}

beside() { # who comes first, who second, who goes first, who second
	hosts "eth1 eth0"
	defer eval 'in_rx xdp-filter unload eth0 2>/dev/null || true'
	"$1_comes"
	"$2_comes"
	filter_works
	steer_works
	"$3_goes"
	"$4_works"
	"$4_goes"
	expect "program left on eth0" "$(kernel_program eth0)" 0
}

test_filter_comes_first_and_goes_first() { beside filter steer filter steer; }
test_filter_comes_first_and_goes_last() { beside filter steer steer filter; }
test_filter_comes_last_and_goes_first() { beside steer filter filter steer; }
test_filter_comes_last_and_goes_last() { beside steer filter steer filter; }

test_killed_agent_is_taken_over_beside_a_filter() {
	local program
	hosts "eth1 eth0"
	defer eval 'in_rx xdp-filter unload eth0 2>/dev/null || true'
	filter_comes
	steer_comes
	steer_works
	program=$(link_says eth0 program)
	agent_kill
	listen app "$GROUP" eth1
	mark
	send "$GROUP" size 8000 count $N rate $RATE
	expect "received without an agent" "$(heard app)" $N
	expect_reassembly $ALL $N 0 0
	steer_comes
	expect "program" "$(link_says eth0 program)" "$program"
	expect_counts "$GROUP" eth0 dropped $((2 * ALL - $(aborted)))
	filter_works
	steer_works
}

# The maps are made anew, larger, and every program with them, under traffic.
test_growth_beside_a_filter_leaves_no_gap() {
	local program sender
	hosts "eth1 eth0"
	defer eval 'in_rx xdp-filter unload eth0 2>/dev/null || true'
	filter_comes
	steer_comes
	program=$(link_says eth0 program)
	{
		echo "group add $GROUP eth1"
		seq -f "group add 239.8.0.%g eth1" 1 250
		seq -f "group add 239.8.1.%g eth1" 1 250
		seq -f "group add 239.8.2.%g eth1" 1 250
		seq -f "group add 239.8.3.%g eth1" 1 250
		seq -f "group add 239.8.4.%g eth1" 1 250
	} >"$DIR/grown"
	listen app "$GROUP" eth1
	mark
	send "$GROUP" size 8000 count $((4 * N)) rate $RATE &
	sender=$!
	eventually some_dropped
	ctl apply "$DIR/grown"
	wait $sender
	expect "received" "$(heard app)" $((4 * N))
	expect_reassembly $((4 * ALL)) $((4 * N)) 0 0
	[ "$(link_says eth0 program)" != "$program" ] || fail "the program was not renewed"
	expect_counts "$GROUP" eth0 dropped $((4 * ALL - $(aborted)))
	expect_counts "$GROUP" eth1 passed $((4 * ALL))
	filter_works
}
some_dropped() { [ "$(counted "$GROUP" eth0 dropped)" -gt 0 ]; }

# The programs are replaced within the dispatcher, under traffic, when it begins and when it ends.
test_a_capture_beside_a_filter_is_not_noticed() {
	local sender capture captured
	hosts "eth1 eth0"
	defer eval 'in_rx xdp-filter unload eth0 2>/dev/null || true'
	filter_comes
	steer_comes
	listen app "$GROUP" eth1
	mark
	# Programs take an emulated processor seconds to load: traffic goes on for longer.
	send "$GROUP" size 8000 count $((30 * N)) rate $RATE &
	sender=$!
	eventually some_dropped
	spawn_in "$RX" "$CTL" -s "$(agent_socket)" capture -i eth0 "dst $GROUP and ip[6:2] & 0x3fff != 0" \
		>"$DIR/capture" 2>"$DIR/said" &
	capture=$!
	started $capture
	until_true 60 grep -q capturing "$DIR/said" || fail "no capture: $(cat "$DIR/said")"
	expect "eth0 shares its hook" "$(link_says eth0 dispatcher)" true
	eventually [ -s "$DIR/capture" ]
	kill -INT $capture
	eventually not_running $capture
	wait $sender
	expect "received" "$(heard app)" $((30 * N))
	expect_reassembly $((30 * ALL)) $((30 * N)) 0 0
	expect_counts "$GROUP" eth0 dropped $((30 * ALL - $(aborted)))
	captured=$(wc -l <"$DIR/capture")
	expect "lines of packets that were dropped" "$(grep -c "eth0 dropped *$GROUP $SENDER" "$DIR/capture")" "$captured"
	expect "what is said at the end" "$(tail -n 1 "$DIR/said")" "xdpfragctl: $captured packets captured, 0 lost"
	filter_works
}

# Which tracepoints and reasons there are differs from kernel to kernel.
test_a_trace_sees_the_fault_and_the_cure() {
	local trace
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
	listen app "$GROUP" eth1
	spawn_in "$RX" "$CTL" -s "$(agent_socket)" -j trace "$GROUP" >"$DIR/trace" 2>"$DIR/said" &
	trace=$!
	started $trace
	eventually [ -s "$DIR/said" ]
	expect "the stack's side" "$(jq -c '[.stack, .stack_reason]' "$DIR/said")" '[true,""]'
	send "$GROUP" size 8000 count 1
	eventually grep -q '"end":"wrong-nic"' "$DIR/trace"
	ctl group add "$GROUP" eth1
	send "$GROUP" size 8000 count 1
	eventually grep -q '"end":"delivered"' "$DIR/trace"
	kill -INT $trace
	eventually not_running $trace
	expect "received" "$(heard app)" 1
}

test_jumbo_frames_under_the_dispatcher() {
	hosts "eth1 eth0" 9000
	steer_comes
	expect "eth0 shares its hook" "$(link_says eth0 dispatcher)" true
	listen app "$GROUP" eth1
	mark
	send "$GROUP" size 40000 count $N rate $RATE
	expect "received" "$(heard app)" $N
	# 40,008 bytes of UDP in fragments of 8,976
	expect_reassembly $((5 * N)) $N 0 0
}

test_nothing_is_left_of_a_nic_that_goes() {
	local ifindex
	hosts "eth1 eth0"
	steer_comes
	ifindex=$(link_says eth0 ifindex)
	compgen -G "/sys/fs/bpf/xdp/dispatch-$ifindex-*" >/dev/null || fail "no dispatcher was pinned"
	nic_del eth0
	eventually no_link eth0
	! compgen -G "/sys/fs/bpf/xdp/dispatch-$ifindex-*" || fail "pins of the dispatcher are left"
	nic_add eth0
	steered eth0
	steer_works
	agent_stop
	! compgen -G "/sys/fs/bpf/xdp/dispatch-*" || fail "pins of a dispatcher are left"
}
no_link() { [ "$(ctl -j link show | jq --arg nic "$1" '[.[] | select(.name == $nic)] | length')" = 0 ]; }

# Until it is killed: the longest time for which this process did not run, in ms, into a file.
stalls() {
	local before=${EPOCHREALTIME/./} now most=0
	while :; do
		read -rt 0.01 <> <(:) || true
		now=${EPOCHREALTIME/./}
		[ $(((now - before) / 1000)) -le "$most" ] || most=$(((now - before) / 1000))
		before=$now
		echo "$most" >"$DIR/stalled"
	done
}

test_both_copies_are_put_together() {
	local try watch
	hosts "eth1 eth0"
	steer_comes
	ctl group replace "$GROUP" eth1 reassemble
	eventually is_active "$GROUP"
	# An emulated processor that stalls for about as long as the agent may be silent (80 ms) leaves
	# datagrams to the kernel, as it is meant to: nothing is lost, and it is tried again. Where
	# no stall was seen, all is put together by the agent.
	for ((try = 0; try < 5; try++)); do
		settle
		listen app "$GROUP" eth1
		mark
		stalls &
		watch=$!
		started $watch
		send "$GROUP" size 8000 count $N rate $RATE
		expect_heard app $N
		kill $watch
		[ "$(since ReasmReqds)" -ne 0 ] || break
		[ "$(cat "$DIR/stalled")" -ge 40 ] || break
	done
	expect_reassembly 0 0 0 0
}

test_no_reassembly_below_a_vlan_device() {
	modprobe 8021q
	hosts "eth1 eth0"
	steer_comes
	ctl group replace "$GROUP" eth1 reassemble
	eventually has_sockets eth0 1
	ip -n "$RX" link add link eth0 name eth0.10 type vlan id 10
	eventually has_sockets eth0 0
	ctl -j link show eth0 | jq -r '.[0].sockets_reason' | grep -q "VLAN device"
	ip -n "$RX" link del eth0.10
	eventually has_sockets eth0 1
}

# The dispatcher makes way for the one program with a tail call in one step, and back.
test_an_xdpcap_hook_comes_and_goes_without_a_gap() {
	local ifindex hook sender i
	hosts "eth1 eth0"
	watch_packets
	steer_comes
	expect "eth0 shares its hook" "$(link_says eth0 dispatcher)" true
	ifindex=$(link_says eth0 ifindex)
	printf 'link add eth0\nlink add eth1\ngroup add %s eth1\n' "$GROUP" >"$DIR/plain"
	sed 's/eth0$/& xdpcap-hook on/' "$DIR/plain" >"$DIR/hooked"
	send "$GROUP" size 8000 count $((4 * N)) rate $RATE &
	sender=$!
	started $sender
	eventually some_dropped
	for ((i = 0; i < 2; i++)); do
		ctl apply "$DIR/plain"
		ctl apply "$DIR/hooked"
	done
	expect "eth0 shares its hook" "$(link_says eth0 dispatcher)" false
	! compgen -G "/sys/fs/bpf/xdp/dispatch-$ifindex-*" || fail "pins of the dispatcher are left"
	ctl apply "$DIR/plain"
	wait $sender
	settle
	expect_counts "$GROUP" eth0 dropped $((4 * ALL))
	expect "past eth0" "$(arrived eth0 "$GROUP")" 0

	ctl apply "$DIR/hooked"
	hook=$(link_says eth0 xdpcap_hook)
	spawn_in "$RX" "$BUILD/tests/tools/standin" "$hook" >"$DIR/seen" &
	started $!
	until_true 10 test -s "$DIR/seen" || fail "nothing attaches to $hook"
	steer_works
	eventually all_seen
}
all_seen() { [ "$(tail -n 1 "$DIR/seen" | jq '.actions[1].fragments')" = $ALL ]; }

test_an_xdpcap_hook_is_refused_beside_a_filter() {
	local program
	hosts "eth1 eth0"
	defer eval 'in_rx xdp-filter unload eth0 2>/dev/null || true'
	filter_comes
	steer_comes
	program=$(kernel_program eth0)
	! ctl link add eth0 xdpcap-hook on 2>"$DIR/said" || fail "it was taken"
	grep -q 'eth0 cannot have an xdpcap hook: XDP program xdpfilt_' "$DIR/said" || fail "$(cat "$DIR/said")"
	expect "the program" "$(kernel_program eth0)" "$program"
	expect "saved" "$(ctl save)" "group add $GROUP eth1"
	filter_works
	# From a file: steered without, until it goes.
	printf 'link add eth0 xdpcap-hook on\nlink add eth1\ngroup add %s eth1\n' "$GROUP" >"$DIR/hooked"
	ctl apply "$DIR/hooked" 2>"$DIR/said"
	grep -q 'eth0 has no xdpcap hook: XDP program xdpfilt_' "$DIR/said" || fail "$(cat "$DIR/said")"
	[[ $(link_says eth0 xdpcap_reason) == "XDP program xdpfilt_"* ]] || fail "no reason"
	filter_works
	steer_works
	filter_goes
	eventually has_hook
	steer_works
}
has_hook() { [ -n "$(link_says eth0 xdpcap_hook)" ]; }

# On every kernel: what its verifier, its tracepoints or its AF_XDP may see otherwise.
tests=(
	test_the_fault_is_there_when_observed_and_gone_when_steered
	test_filter_comes_first_and_goes_last
	test_growth_beside_a_filter_leaves_no_gap
	test_a_trace_sees_the_fault_and_the_cure
	test_both_copies_are_put_together
	test_an_xdpcap_hook_comes_and_goes_without_a_gap
)
# What libxdp and the agent do, on one kernel unless all is asked for: emulation is slow.
on_6_1=(
	test_filter_comes_first_and_goes_first
	test_filter_comes_last_and_goes_first
	test_filter_comes_last_and_goes_last
	test_jumbo_frames_under_the_dispatcher
	test_nothing_is_left_of_a_nic_that_goes
)
on_6_12=(
	test_a_capture_beside_a_filter_is_not_noticed
	test_killed_agent_is_taken_over_beside_a_filter
	test_no_reassembly_below_a_vlan_device
	test_an_xdpcap_hook_is_refused_beside_a_filter
)
case ${1-}/$VM_KERNEL in
/6.1) tests+=("${on_6_1[@]}") ;;
/6.12) tests+=("${on_6_12[@]}") ;;
*) tests+=("${on_6_1[@]}" "${on_6_12[@]}") ;;
esac
net_tests "${tests[@]}"
