#!/bin/bash
# learn.sh - policy from the host's own memberships, with real traffic
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42  joins 239.0.0.16
#                                |    p-eth1 ------ eth1 10.84.0.42    joins 239.0.0.15
#                                +--- p-eth2 ------ eth2 192.168.2.42  where a test wants it
#
# The configuration is one line, `learn on`. Every frame arrives on every NIC.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

exec 3>&1 # past the log of a test, which is shown only when it fails

JOIN=$BUILD/tests/tools/join
N=100
ALL=$((N * FRAGMENTS))

begin() {
	hosts "$1"
	echo "learn on" >"$CONF"
	agent_start
	# shellcheck disable=SC2086
	steered $1
}

traffic() {
	local group
	mark
	for group in "$@"; do
		send "$group" size 8000 count "$N" rate 1000
	done
}

# Wants multicast in the receiver until release: want NAME WORD... (tests/tools/join.c)
want() {
	local name=$1
	shift
	spawn_in "$RX" "$JOIN" "$@" >"$DIR/$name.joined" 2>"$DIR/$name.err" &
	echo $! >"$DIR/$name.pid"
	started $!
	until_true 10 grep -qs ready "$DIR/$name.joined" || fail "join $*: $(cat "$DIR/$name.err")"
}

# Ends it, and prints what each socket received: release NAME
release() {
	local pid
	pid=$(cat "$DIR/$1.pid")
	kill -TERM "$pid"
	until_true 10 not_running "$pid"
	grep -v ready "$DIR/$1.joined" || true
}

# What is in force, one policy a line: "239.0.0.15 eth1 apart"
in_force() {
	ctl -j group show | jq -r '.[] | select(.origin == "learned") | .group +
		(if .source == "" then "" else " from " + .source end) + " " +
		(.allowed | sort | join(",")) + (if .apart then " apart" else "" end)'
}
in_force_is() { [ "$(in_force)" = "$1" ]; }

# Comes true within a second of the call, and prints after how long: within_a_second POLICIES
within_a_second() {
	local since=${EPOCHREALTIME/./} took
	eventually in_force_is "$1"
	took=$(((${EPOCHREALTIME/./} - since) / 1000))
	echo "# in force after $took ms: ${1:-nothing}" | paste -sd ' ' >&3
	[ "$took" -le 1000 ] || fail "in force after $took ms"
}

# A field of what learn show says of a group: says GROUP FIELD
says() { ctl -j learn show | jq -rc --arg group "$1" --arg field "$2" '.groups[] | select(.group == $group)[$field]'; }
state_is() { [ "$(says "$GROUP" state)" = "$1" ]; }
left_out() { ctl -j learn show | jq -rc --arg group "$1" '.groups[] | select(.group == $group).left_out[] | .name + ": " + .reason'; }

# --- the two groups ---

both_groups() {
	begin "$1"
	listen app "$GROUP" eth1
	listen neighbour "$NEIGHBOUR" eth0
	eventually in_force_is "$(printf '%s eth1\n%s eth0' "$GROUP" "$NEIGHBOUR")"
	traffic "$GROUP" "$NEIGHBOUR"
	expect "received of the group" "$(heard app)" "$N"
	expect "received of the neighbour" "$(heard neighbour)" "$N"
	expect_reassembly $((2 * ALL)) $((2 * N)) 0 0
}
test_two_groups_on_two_NICs_both_whole() {
	both_groups "eth1 eth0"
	# Memberships end with their sockets, and so does what was learned from them.
	eventually in_force_is ""
	expect "the file" "$(ctl save)" "learn on"
}
test_two_groups_on_two_NICs_both_whole_in_the_other_order() { both_groups "eth0 eth1"; }

test_a_group_on_both_NICs_is_whole_on_each() {
	begin "eth1 eth0"
	want both port "$PORT" eth0 "$GROUP" eth1 "$GROUP"
	eventually in_force_is "$GROUP eth0,eth1 apart"
	traffic "$GROUP"
	settle
	# Both sockets get what arrives on either NIC (IP_MULTICAST_ALL): N from each.
	expect "received" "$(release both | xargs)" "$((2 * N)) $((2 * N))"
	expect_reassembly $((2 * ALL)) $((2 * N)) 0 0
}

# --- what is honoured, and how soon ---

test_joins_and_leaves_are_honoured_within_a_second() {
	begin "eth1 eth0"
	want app eth1 "$GROUP"
	within_a_second "$GROUP eth1"
	# A second socket on another NIC, and it leaves again.
	want other eth0 "$GROUP"
	within_a_second "$GROUP eth0,eth1 apart"
	release other
	within_a_second "$GROUP eth1"
	release app
	within_a_second ""
}

# Changes of sources raise no event in any kernel: they are polled.
test_a_source_specific_membership_is_whole_and_followed() {
	begin "eth1 eth0"
	want one port "$PORT" eth1 "$GROUP" source "$SENDER"
	within_a_second "$GROUP from $SENDER eth1"
	traffic "$GROUP"
	settle
	expect_reassembly "$ALL" "$N" 0 0
	want two eth1 "$GROUP"
	within_a_second "$GROUP eth1"
	release two
	within_a_second "$GROUP from $SENDER eth1"
	want three eth0 "$GROUP" not 10.84.0.99
	expect "received" "$(release one)" "$N"
	want one eth1 "$GROUP" source "$SENDER"
	within_a_second "$(printf '%s eth0\n%s from %s eth0,eth1 apart' "$GROUP" "$GROUP" "$SENDER")"
}

# --- what is not learned ---

test_statements_win() {
	begin "eth1 eth0"
	listen app "$GROUP" eth1
	eventually in_force_is "$GROUP eth1"
	ctl group add 239.0.0.0/24 eth0 wrong observe
	expect "learned" "$(in_force)" ""
	expect "why" "$(says "$GROUP" reason)" "the statement for group 239.0.0.0/24 decides"
	traffic "$GROUP"
	settle
	expect_counts 239.0.0.0/24 eth1 observed "$ALL"
	ctl group del 239.0.0.0/24
	expect "learned" "$(in_force)" "$GROUP eth1"
	# For one sender; the rest is learned.
	ctl group add "$GROUP" eth0 source 10.84.0.99
	expect "learned" "$(in_force)" "$GROUP eth1"
	expect "statements" "$(ctl save)" "$(printf 'learn on\ngroup add %s eth0 source 10.84.0.99' "$GROUP")"
}

test_learning_ends_and_begins_at_once() {
	begin "eth1 eth0"
	listen app "$GROUP" eth1
	eventually in_force_is "$GROUP eth1"
	traffic "$GROUP"
	settle
	expect_counts "$GROUP" eth0 dropped "$ALL"
	ctl learn off
	expect "learned" "$(in_force)" ""
	expect "learn show" "$(ctl learn show)" "learn off"
	# What was counted stays in the sums.
	expect "dropped" "$(ctl -j stats | jq .total.dropped)" "$ALL"
	ctl learn on
	expect "learned" "$(in_force)" "$GROUP eth1"
}

test_one_NIC_alone_learns_nothing() {
	begin "eth1"
	want app eth1 "$GROUP"
	eventually state_is idle
	expect "learned" "$(in_force)" ""
	# Until there is a second one.
	nic_add eth0
	eventually in_force_is "$GROUP eth1"
}

# --- a NIC whose packets somebody else wants ---

test_a_NIC_that_somebody_else_wants_is_left_out() {
	begin "eth1 eth0"
	listen app "$GROUP" eth1
	eventually in_force_is "$GROUP eth1"
	want router eth0 route
	within_a_second "$GROUP eth0,eth1 apart"
	expect "why" "$(left_out "$GROUP")" "eth0: an IPv4 multicast router runs on it"
	release router
	within_a_second "$GROUP eth1"
	want sniffer eth0 mac 01:00:5e:00:00:0f
	eventually in_force_is "$GROUP eth0,eth1 apart"
	expect "why" "$(left_out "$GROUP")" \
		"eth0: its filter has the group's MAC address for somebody else"
	# The application loses nothing by that.
	traffic "$GROUP"
	settle
	expect_counts "$GROUP" eth0 passed "$ALL"
	expect "received" "$(heard app)" "$N"
}

test_a_port_that_is_steered_by_name_is_left_out() {
	hosts "eth1 eth0"
	printf 'learn on\nlink add eth0\nlink add eth1\n' >"$CONF"
	ip -n "$RX" link add br9 type bridge
	ip -n "$RX" link set eth0 master br9
	agent_start
	steered eth0 eth1
	want app eth1 "$GROUP"
	eventually in_force_is "$GROUP eth0,eth1 apart"
	expect "why" "$(left_out "$GROUP")" "eth0: its frames go to a bridge, bond or team"
}

told_of() { ctl learn show | grep -qF "$1"; }

test_a_packet_socket_that_listens_is_told_of() {
	begin "eth1 eth0"
	want app eth1 "$GROUP"
	want sniffer eth0 listen
	eventually told_of "eth0: 1 packet socket (tcpdump, dhclient ...) does not see"
	eventually in_force_is "$GROUP eth1"
}

# --- the rest ---

test_an_agent_that_comes_back_goes_on() {
	begin "eth1 eth0"
	listen app "$GROUP" eth1
	eventually in_force_is "$GROUP eth1"
	send "$GROUP" size 8000 count 10 rate 1000
	settle
	agent_kill
	send "$GROUP" size 8000 count 10 rate 1000 # what was learned stays in force
	agent_start
	expect "learned" "$(in_force)" "$GROUP eth1"
	send "$GROUP" size 8000 count 10 rate 1000
	settle
	expect_counts "$GROUP" eth0 dropped $((30 * FRAGMENTS))
}

test_groups_of_IPv6_are_learned() {
	begin "eth1 eth0"
	local group=ff3e::8000:15 ns nic host
	for where in "$TX eth0 73" "$RX eth0 42" "$RX eth1 43"; do
		read -r ns nic host <<<"$where"
		in_ns "$ns" sysctl -qw "net.ipv6.conf.$nic.accept_dad=0" \
			"net.ipv6.conf.$nic.disable_ipv6=0" || skip_test "no IPv6 in this kernel"
		ip -n "$ns" addr add "fd84::$host/64" dev "$nic" nodad
	done
	listen app "$group" eth1
	eventually in_force_is "$group eth1"
	traffic "$group"
	settle
	expect_counts "$group" eth0 dropped "$ALL"
	expect_counts "$group" eth1 passed "$ALL"
	expect "received" "$(heard app)" "$N"
}

learned_are() { [ "$(ctl -j learn show | jq .learned)" = "$1" ]; }
reconciles() { ctl -j status | jq .reconciles; }

test_many_groups_cost_nothing_at_rest() {
	begin "eth1 eth0"
	want many eth1 many 600 # more than a page
	eventually learned_are 600
	expect "policies" "$(in_force | wc -l)" 600
	expect "lines" "$(ctl learn show | grep -c ' joined eth1$')" 600
	local before
	before=$(reconciles)
	sleep 1.2
	[ "$(reconciles)" -le $((before + 1)) ] || fail "it reconciles without a change"
	release many
	eventually in_force_is ""
}

net_tests \
	test_two_groups_on_two_NICs_both_whole \
	test_two_groups_on_two_NICs_both_whole_in_the_other_order \
	test_a_group_on_both_NICs_is_whole_on_each \
	test_joins_and_leaves_are_honoured_within_a_second \
	test_a_source_specific_membership_is_whole_and_followed \
	test_statements_win \
	test_learning_ends_and_begins_at_once \
	test_one_NIC_alone_learns_nothing \
	test_a_NIC_that_somebody_else_wants_is_left_out \
	test_a_port_that_is_steered_by_name_is_left_out \
	test_a_packet_socket_that_listens_is_told_of \
	test_an_agent_that_comes_back_goes_on \
	test_groups_of_IPv6_are_learned \
	test_many_groups_cost_nothing_at_rest
