# together.sh - what the tests of `reassemble` share; source it after lib.sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash

PKTINFO=$BUILD/tests/tools/pktinfo
HOLD_QUEUE=$BUILD/tests/tools/hold_queue
: "$PKTINFO" "$HOLD_QUEUE"

# An agent, and the group put together from what both NICs bring: together [ORDER [MTU]]
# shellcheck disable=SC2120 # arguments are for those who want them
together() {
	hosts "${1:-eth1 eth0}" "${2:-1500}"
	watch_packets
	agent_start
	steered eth0 eth1
	reassembled "$GROUP"
}

# reassembled GROUP [WORD...]: the statement, allowed on eth1, in force
reassembled() {
	ctl group add "$1" eth1 reassemble "${@:2}"
	eventually is_active "$1"
}

of_group() { ctl -j group show "$1" | jq -r "[.[] | select(.reassemble)][0] | $2"; }
is_active() { [ "$(of_group "$1" .reassembly.active)" = true ]; }
is_inactive() { [ "$(of_group "$1" .reassembly.active)" = false ]; }
of_status() { ctl -j status | jq -r ".reassembly | $1"; }

# A count of a group on a NIC: share NIC FIELD [GROUP]
share() { of_group "${3:-$GROUP}" "(.links[] | select(.name == \"$1\") | .$2)"; }

# Of a NIC's first socket: socket_says NIC JQ
socket_says() { ctl -j link show "$1" | jq -r ".[0].sockets[0] | $2"; }
# Of all of them: sockets_say NIC JQ, a number
sockets_say() { ctl -j link show "$1" | jq "[.[0].sockets[] | $2] | add"; }
has_sockets() { [ "$(ctl -j link show "$1" | jq '.[0].sockets | length')" = "$2" ]; }

# Nothing is on its way any more, in the stack or in the agent.
engine_rests() {
	settle
	eventually status_is '.contexts.now + .lingering.now' 0
}
status_is() { [ "$(of_status "$1")" = "$2" ]; }

# No fragment of the group met the stack; whole datagrams on eth1 only: only_whole GROUP N
only_whole() {
	local nic
	for nic in eth0 eth1 xdpfrag0; do
		expect "fragments of $1 in the stack on $nic" "$(arrived "$nic" "$1")" 0
	done
	expect "whole datagrams of $1 on eth1" "$(arrived eth1 "$1" whole4)" "$2"
	expect "whole datagrams of $1 on eth0" "$(arrived eth0 "$1" whole4)" 0
	expect "whole datagrams of $1 on the TAP" "$(arrived xdpfrag0 "$1" whole4)" 0
}

# A listener has heard N datagrams, each once, as they were sent: expect_heard NAME N
expect_heard() {
	expect "received by $1" "$(heard "$1")" "$2"
	expect "duplicates at $1" "$(heard "$1" .duplicates)" 0
	expect "corrupt at $1" "$(heard "$1" .corrupt)" 0
}

# All but a few: expect_lost NAME OF MOST
expect_lost() {
	local got
	got=$(heard "$1")
	LOST=$(($2 - got))
	echo "lost: $LOST of $2"
	[ "$LOST" -le "$3" ] || fail "$LOST of $2 lost at $1, at most $3 may be"
	expect "corrupt at $1" "$(heard "$1" .corrupt)" 0
	expect "duplicates at $1" "$(heard "$1" .duplicates)" 0
}

# In the background, for a test that does something meanwhile: sending GROUP [ARG...]; sent waits.
sending() {
	send "$@" &
	SENDING=$!
}
# The same to $GROUP, each fragment 150 us behind the other: whatever changes meanwhile meets a
# datagram that is half on its way. spreading COUNT
spreading() {
	in_tx "$INJECT" --nic eth0 --source "$SENDER" --group "$GROUP" --port "$PORT" --count "$1" \
		--gap 150 >/dev/null &
	SENDING=$!
}
# First fragments alone, of a source that sends nothing else.
flooding() {
	in_tx "$INJECT" --nic eth0 --source 10.84.0.99 --group "$GROUP" --count 20000 --size 1600 \
		--only-fragments 0 --interval 50 >/dev/null &
	SENDING=$!
}
sent() { wait "$SENDING"; }

# An IPv6 group on both: with_ipv6
with_ipv6() {
	local ns nic host
	while read -r ns nic host; do
		in_ns "$ns" sysctl -qw "net.ipv6.conf.$nic.accept_dad=0" \
			"net.ipv6.conf.$nic.disable_ipv6=0" || skip_test "no IPv6 in this kernel"
		ip -n "$ns" addr add "fd84::$host/64" dev "$nic" nodad
	done <<-EOT
	$TX eth0 73
	$RX eth0 42
	$RX eth1 43
	EOT
}

has_tap() { ip -n "$RX" link show xdpfrag0 >/dev/null 2>&1; }
has_no_tap() { ! has_tap; }

# The kernel's path was taken, and only by what the policy lets pass.
expect_kernel_path() {
	[ "$(arrived eth1 "$GROUP")" -gt "$1" ] || fail "no fragments on the kernel's path"
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
}

# Reassembly goes on: 200 more datagrams, each by the worker.
expect_reassembled() {
	local before
	before=$(of_status .completed)
	listen again "$GROUP" eth1
	send "$GROUP" size 8000 count 200 rate 1000
	expect_heard again 200
	expect "completed" "$(($(of_status .completed) - before))" 200
}
