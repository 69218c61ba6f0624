#!/bin/bash
# watch.sh - what doctor's packet sockets see, counted exactly, and which NICs share a segment
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42
#                                |    p-eth2 ------ eth2 192.168.2.42, where a test wants it
#
# tests/tools/watch listens in the receiver; no agent runs.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

WATCH=$BUILD/tests/tools/watch
N=100
ALL=$((N * FRAGMENTS))

# Listens until it is asked for what it saw: watch NAME [--segment] NIC...
watch() {
	local name=$1
	shift
	spawn_in "$RX" "$WATCH" "$@" >"$DIR/$name.json" 2>"$DIR/$name.err" &
	echo $! >"$DIR/$name.pid"
	started $!
	until_true 10 grep -q ready "$DIR/$name.err" || fail "watch does not listen: $(cat "$DIR/$name.err")"
}

# Ends it; it reads to the end of what has come in: end NAME
end() {
	local pid
	pid=$(cat "$DIR/$1.pid")
	kill -INT "$pid"
	until_true 10 not_running "$pid" || fail "watch goes on"
	expect "what watch said" "$(cat "$DIR/$1.err")" ready
	rm "$DIR/$1.err"
}

# saw NAME FILTER: of its JSON, compact
saw() { jq -c "$2" "$DIR/$1.json"; }
nic_saw() { saw "$1" ".nics[] | select(.nic == \"$2\") | $3"; }
group_saw() { saw "$1" ".groups[] | select(.nic == \"$2\" and .group == \"$3\") | [.packets, .fragments, .longest]"; }

inject() { in_tx "$INJECT" --nic eth0 "$@" >/dev/null; }

test_groups_are_counted_on_each_nic() {
	hosts "eth1 eth0 eth2"
	watch seen eth0 eth1
	send "$GROUP" size 8000 count "$N" rate 2000
	send "$NEIGHBOUR" size 500 count 50 rate 2000
	inject --source "$SENDER" --group 239.1.1.1 --count 7 --only-fragments 0,3
	inject --source fd00::73 --group ff15::15 --count 5
	inject --source "$SENDER" --group 239.1.1.2 --vlan 5
	inject --source "$SENDER" --group 239.1.1.3 --vlan 5 --vlan 6 --vlan-proto 88a8
	settle
	end seen
	for nic in eth0 eth1; do
		expect "$GROUP on $nic" "$(group_saw seen "$nic" "$GROUP")" "[$ALL,$ALL,1500]"
		expect "$NEIGHBOUR on $nic" "$(group_saw seen "$nic" "$NEIGHBOUR")" "[50,0,528]"
		expect "two of the fragments on $nic" "$(group_saw seen "$nic" 239.1.1.1)" "[14,14,1500]"
		expect "IPv6 on $nic" "$(group_saw seen "$nic" ff15::15)" "[30,30,1496]"
		expect "with one VLAN tag on $nic" "$(group_saw seen "$nic" 239.1.1.2)" "[6,6,1492]"
		expect "with two on $nic" "$(group_saw seen "$nic" 239.1.1.3)" "[6,6,1492]"
		expect "$nic" "$(nic_saw seen "$nic" '[.frames, .lost, .uncounted, .over_mtu, .was_down]')" \
			"[$((ALL + 50 + 14 + 30 + 12)),0,0,0,false]"
	done
	expect "groups in all" "$(saw seen '.groups | length')" 12
	expect "senders" "$(saw seen '[.groups[].source] | unique')" '["10.84.0.73","fd00::73"]'
}

# What a listener could change: flags, promiscuity, memberships.
settings() {
	ip -n "$RX" -d -j link show | jq -c 'map([.ifname, .flags, .promiscuity, .allmulti, .mtu])'
	ip -n "$RX" maddr show
}

test_watching_changes_and_sends_nothing() {
	local before sent
	hosts "eth1 eth0"
	before=$(settings)
	sent=$(sent_by eth0)
	watch seen eth0 eth1
	expect "settings while it listens" "$(settings)" "$before"
	# What this host sends itself is not what comes in.
	in_rx "$CTL" probe send "$GROUP" "$PORT" 10.84.0.42 size 8000 count "$N" rate 2000 >/dev/null
	end seen
	expect "the group on the NIC that sent" "$(group_saw seen eth1 "$GROUP")" ""
	expect "on the other" "$(group_saw seen eth0 "$GROUP")" "[$ALL,$ALL,1500]"
	expect "settings" "$(settings)" "$before"
	expect "packets sent by the other" "$(sent_by eth0)" "$sent"
}
sent_by() { ip -n "$RX" -s -j link show dev "$1" | jq '.[0].stats64.tx.packets'; }

# queries IGMP-VERSION MLD-VERSION: the bridge asks, as a switch with a querier does
queries() {
	in_sw sysctl -qw net.ipv6.conf.br0.accept_dad=0
	in_sw sysctl -qw net.ipv6.conf.br0.disable_ipv6=0
	eventually has_address6 br0
	ip -n "$SW" link set br0 type bridge mcast_igmp_version "$1" mcast_mld_version "$2" \
		mcast_startup_query_interval 20 mcast_query_interval 20 mcast_snooping 1 mcast_querier 1
}
has_address6() { ip -n "$SW" -6 -j addr show dev "$1" scope link -tentative | jq -e '.[0].addr_info[0]' >/dev/null; }

queried_with() {
	local address
	hosts "eth1 eth0"
	ip -n "$SW" addr add 10.84.0.1/24 dev br0
	ip -n "$SW" link set br0 type bridge mcast_query_use_ifaddr 1
	watch seen eth0 eth1
	queries "$@"
	sleep 0.5
	end seen
	address=$(ip -n "$SW" -6 -j addr show dev br0 scope link | jq '.[0].addr_info[0].local')
	for nic in eth0 eth1; do
		expect "IGMP queries on $nic" "$(nic_saw seen "$nic" '.queries4 >= 1')" true
		expect "MLD queries on $nic" "$(nic_saw seen "$nic" '.queries6 >= 1')" true
		expect "the IGMP querier" "$(nic_saw seen "$nic" .querier4)" '"10.84.0.1"'
		expect "the MLD querier" "$(nic_saw seen "$nic" .querier6)" "$address"
	done
}
test_a_querier_of_igmp_2_and_mld_1_is_seen() { queried_with 2 1; }
test_a_querier_of_igmp_3_and_mld_2_is_seen() { queried_with 3 2; }

# A veth takes four bytes more than its MTU, for a VLAN tag.
test_a_frame_over_the_mtu_is_counted() {
	hosts "eth1 eth0" 1504
	ip -n "$RX" link set eth0 mtu 1500
	watch seen eth0 eth1
	inject --source "$SENDER" --group "$GROUP" --mtu 1500 --size 1472 --count 3
	inject --source "$SENDER" --group "$GROUP" --mtu 1501 --size 1473 --count 4
	inject --source "$SENDER" --group "$GROUP" --mtu 1504 --size 1476 --count 5
	inject --source "$SENDER" --group "$GROUP" --mtu 1500 --size 1472 --count 6 --vlan 5
	settle
	end seen
	expect "eth0, MTU 1500" "$(nic_saw seen eth0 '[.over_mtu, .longest, .merged]')" "[9,1504,0]"
	expect "eth1, MTU 1504" "$(nic_saw seen eth1 '[.over_mtu, .longest, .merged]')" "[0,0,0]"
	expect "the group" "$(group_saw seen eth0 "$GROUP")" "[18,0,1504]"
}

tcp() {
	spawn_in "$RX" socat -u TCP-LISTEN:9000,bind=10.84.0.42,reuseaddr STDOUT >"$DIR/tcp.out" 2>/dev/null &
	started $!
	local pid=$!
	eventually listening
	head -c 3000000 /dev/zero | in_tx socat -u STDIN TCP:10.84.0.42:9000
	until_true 10 not_running "$pid"
	expect "bytes over TCP" "$(stat -c %s "$DIR/tcp.out")" 3000000
}
listening() { in_rx ss -Htln 'sport = 9000' | grep -q .; }

test_of_tcp_the_mss_is_read_and_a_merged_frame_is_not_over_the_mtu() {
	hosts eth1
	ip -n "$TX" route replace 10.84.0.0/24 dev eth0 advmss 1336
	watch seen eth1
	tcp
	end seen
	expect "over the MTU" "$(nic_saw seen eth1 .over_mtu)" 0
	expect "many merged frames" "$(nic_saw seen eth1 '.merged > 20')" true
	expect "few frames handed to user space" "$(nic_saw seen eth1 '.frames < 5')" true
	expect "peers" "$(saw seen .peers)" '[{"nic":"eth1","address":"10.84.0.73","mss":1336}]'
}

test_what_the_ring_has_no_room_for_is_told() {
	local frames lost
	hosts "eth1 eth0"
	watch seen eth0
	kill -STOP "$(cat "$DIR/seen.pid")"
	inject --source "$SENDER" --group "$GROUP" --count 2000
	settle
	kill -CONT "$(cat "$DIR/seen.pid")"
	end seen
	frames=$(nic_saw seen eth0 .frames)
	lost=$(nic_saw seen eth0 .lost)
	expect "seen and lost" "$((frames + lost))" $((2000 * FRAGMENTS))
	[ "$frames" -ge 500 ] || fail "the ring held $frames frames only"
	[ "$lost" -ge 1 ] || fail "nothing was lost"
}

# A socket whose NIC is gone has an error to say, which must not keep the loop awake.
test_a_nic_that_goes_is_told_and_costs_nothing() {
	hosts "eth1 eth0 eth2"
	ip -n "$RX" link set eth2 down
	watch seen eth0 eth1 eth2
	nic_del eth1
	sleep 1
	ip -n "$RX" link set eth2 up
	eventually forwards p-eth2
	inject --source "$SENDER" --group "$GROUP" --count 3
	settle
	end seen
	expect "was down" "$(saw seen '[.nics[] | [.nic, .was_down]]')" \
		'[["eth0",false],["gone",true],["eth2",true]]'
	expect "eth0" "$(group_saw seen eth0 "$GROUP")" "[18,18,1500]"
	expect "eth2, up again" "$(group_saw seen eth2 "$GROUP")" "[18,18,1500]"
	expect "CPU time is small" "$(saw seen '.cpu_ms < 200')" true
}

# --- segment ---

# The kernel follows a carrier with a delay.
forwards() { in_sw bridge -j link show dev "$1" | jq -e '.[0].state == "forwarding"' >/dev/null; }
is_up() { ip -n "$RX" -j link show dev "$1" | jq -e '.[0].operstate == "UP"' >/dev/null; }
is_not_up() { ! is_up "$1"; }

segment_hosts() {
	local nic
	hosts "$1"
	for nic in $1; do
		eventually is_up "$nic"
		eventually forwards "p-$nic"
	done
}

pairs() { saw "$1" '[.segment.pairs[] | .from + " " + .to] | sort | join(", ")'; }
segment_errors() { saw "$1" '[.segment.nics[] | .nic + ": " + .error] | join(", ")'; }

test_nics_of_one_segment_are_paired() {
	local before
	segment_hosts "eth1 eth0 eth2"
	before=$(sent_by eth0)
	watch seen --segment eth0 eth1 eth2
	end seen
	expect "pairs" "$(pairs seen)" \
		'"eth0 eth1, eth0 eth2, eth1 eth0, eth1 eth2, eth2 eth0, eth2 eth1"'
	expect "frames sent by eth0" "$(($(sent_by eth0) - before))" 1
	expect "errors" "$(segment_errors seen)" '"eth0: , eth1: , eth2: "'
	expect "loops" "$(saw seen '[.segment.nics[].loop] | any')" false
}

test_nics_of_two_segments_and_loops_are_no_pairs() {
	segment_hosts "eth1 eth0 eth2"
	ip -n "$SW" link add br1 type bridge mcast_snooping 0
	ip -n "$SW" link set br1 up
	ip -n "$SW" link set p-eth1 master br1
	eventually forwards p-eth1
	in_sw bridge link set dev p-eth1 hairpin on
	watch seen --segment eth0 eth1 eth2
	end seen
	expect "pairs" "$(pairs seen)" '"eth0 eth2, eth2 eth0"'
	expect "loops" "$(saw seen '[.segment.nics[] | select(.loop).nic]')" '["eth1"]'
}

test_a_nic_that_cannot_send_is_told() {
	segment_hosts "eth1 eth0 eth2"
	ip -n "$RX" link set eth1 down
	ip -n "$SW" link set p-eth2 down
	eventually is_not_up eth2
	watch seen --segment eth0 eth1 eth2 lo
	end seen
	expect "pairs" "$(pairs seen)" '""'
	expect "errors" "$(segment_errors seen)" \
		'"eth0: , eth1: Network is down, eth2: Link has been severed, lo: Address family not supported by protocol"'
}

# One run listens while its NICs are apart; they are joined, and a second run sends.
test_frames_of_another_run_are_not_taken_for_ours() {
	segment_hosts "eth1 eth0"
	ip -n "$SW" link add br1 type bridge mcast_snooping 0
	ip -n "$SW" link set br1 up
	ip -n "$SW" link set p-eth1 master br1
	eventually forwards p-eth1
	watch one --segment eth0 eth1
	ip -n "$SW" link set p-eth1 master br0
	eventually forwards p-eth1
	watch two --segment eth0 eth1
	end two
	end one
	expect "pairs of the second run" "$(pairs two)" '"eth0 eth1, eth1 eth0"'
	expect "pairs of the first" "$(pairs one)" '""'
}

net_tests \
	test_groups_are_counted_on_each_nic \
	test_watching_changes_and_sends_nothing \
	test_a_querier_of_igmp_2_and_mld_1_is_seen \
	test_a_querier_of_igmp_3_and_mld_2_is_seen \
	test_a_frame_over_the_mtu_is_counted \
	test_of_tcp_the_mss_is_read_and_a_merged_frame_is_not_over_the_mtu \
	test_what_the_ring_has_no_room_for_is_told \
	test_a_nic_that_goes_is_told_and_costs_nothing \
	test_nics_of_one_segment_are_paired \
	test_nics_of_two_segments_and_loops_are_no_pairs \
	test_a_nic_that_cannot_send_is_told \
	test_frames_of_another_run_are_not_taken_for_ours
