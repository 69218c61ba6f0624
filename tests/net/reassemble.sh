#!/bin/bash
# reassemble.sh - datagrams put together in user space from what both NICs bring
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42  AF_XDP socket
#                                |    p-eth1 ------ eth1 10.84.0.42    AF_XDP socket; joins 239.0.0.15
#                                                   xdpfrag0 ~~~~~~~~> eth1, whole datagrams
#
# The receiver is unmodified: its socket is joined on eth1. "arrived" is what the
# receiver's own netfilter counted behind XDP: no fragment is to be seen there.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/together.sh
. "$(dirname "$0")/together.sh"

N=200
ALL=$((N * FRAGMENTS))

# N datagrams of SIZE bytes in PIECES fragments each, heard once: all_heard SIZE PIECES
all_heard() {
	listen app "$GROUP" eth1
	mark
	send "$GROUP" size "$1" count "$N" rate 1000
	expect_heard app "$N"
	expect_reassembly 0 0 0 0
	only_whole "$GROUP" "$N"
	expect_counts "$GROUP" eth0 reassembled $((N * $2))
	expect_counts "$GROUP" eth1 reassembled $((N * $2))
	expect "completed" "$(of_group "$GROUP" .reassembly.completed)" "$N"
	expect "bytes" "$(of_group "$GROUP" .reassembly.bytes)" $((N * ($1 + 8)))
	expect "lost" "$(of_group "$GROUP" .reassembly.lost)" 0
	expect "fragments held" "$(of_status .held.now)" 0
}

# Whose copy comes first is counted, and nothing is lost for it. What has come in on both
# before the worker looks is read NIC by NIC: now and then the other one is the first.
flood_order() {
	local other=eth0
	[ "$2" = eth1 ] || other=eth1
	together "$1"
	all_heard 8000 6
	expect "copies of $2" $(($(share "$2" first) + $(share "$2" duplicate))) "$ALL"
	expect "duplicates of $other" "$(share "$other" duplicate)" "$(share "$2" first)"
	expect "first copies of $other" "$(share "$other" first)" "$(share "$2" duplicate)"
	[ "$(share "$2" first)" -gt $((ALL / 2)) ] || fail "first copies of $2: $(share "$2" first)"
	engine_rests
	expect "made good for eth0 and eth1" "$(share eth0 made_good) $(share eth1 made_good)" "0 0"
	expect "socket of eth0" "$(socket_says eth0 '[.received, .dropped, .ring_full, .fill_empty,
		.refused] | join(" ")')" "$ALL 0 0 0 0"
	expect "reasons" "$(ctl -j link show | jq -r '[.[].sockets_reason] | join("")')" ""
}
test_every_datagram_comes_once_and_whole() { flood_order "eth1 eth0" eth1; }
test_every_datagram_comes_in_the_other_order_of_the_flood() { flood_order "eth0 eth1" eth0; }

test_datagrams_of_60000_bytes() {
	together
	all_heard 60000 41
}

# Fragments of several buffers: 50,008 bytes in pieces of 8,976.
test_jumbo_frames() {
	together "eth1 eth0" 9000
	if [ "$(ctl -j link show eth1 | jq '.[0].sockets | length')" = 0 ]; then
		skip_test "$(link_says eth1 sockets_reason)"
	fi
	all_heard 50000 6
	expect "several buffers" "$(socket_says eth1 .several_buffers)" true
}

# --- as it was sent ---

# What the stack tells an ordinary receiver: told GROUP
pktinfo() {
	spawn_in "$RX" "$PKTINFO" eth1 "$1" "$PORT" >"$DIR/told" 2>"$DIR/told.err" &
	started $!
	eventually grep -q ready "$DIR/told"
}
told() {
	settle
	grep -v ready "$DIR/told" | sort | uniq -c | xargs
}

test_the_receiver_is_told_what_was_sent() {
	together
	pktinfo "$GROUP"
	in_tx "$INJECT" --nic eth0 --source "$SENDER" --group "$GROUP" --count 3 --size 8001 \
		--port "$PORT" >/dev/null
	expect "told" "$(told)" "3 $SENDER 40000 $GROUP eth1 8001"
}

test_the_receiver_is_told_what_was_sent_over_IPv6() {
	local group=ff3e::8000:15
	together
	with_ipv6
	reassembled "$group"
	pktinfo "$group"
	in_tx "$INJECT" --nic eth0 --source fd84::73 --group "$group" --count 3 --size 8001 \
		--port "$PORT" >/dev/null
	expect "told" "$(told)" "3 fd84::73 40000 $group eth1 8001"
}

test_a_capture_on_the_NIC_sees_each_datagram_once() {
	together
	command -v tcpdump >/dev/null || skip_test "no tcpdump"
	listen app "$GROUP" eth1
	spawn_in "$RX" tcpdump -Z root -i eth1 --immediate-mode -nU -w "$DIR/eth1.pcap" udp 2>"$DIR/tcpdump.log" &
	started $!
	eventually grep -q "listening on" "$DIR/tcpdump.log"
	send "$GROUP" size 8000 count 20 rate 200
	expect_heard app 20
	eventually captured_is 20
	sleep 0.2
	captured_is 20
	rm "$DIR/tcpdump.log"
	expect "datagrams, bytes" "$(tcpdump -nr "$DIR/eth1.pcap" 2>/dev/null |
		grep -c "$SENDER\.[0-9]* > $GROUP\.$PORT: UDP, length 8000")" 20
}
captured_is() { [ "$(tcpdump -nr "$DIR/eth1.pcap" 2>/dev/null | grep -c .)" = "$1" ]; }

udp() { in_rx cat /proc/net/snmp | awk -v field="$1" '
	/^Udp:/ && !n { n = split($0, name); next }
	/^Udp:/ { for (i = 2; i <= n; i++) if (name[i] == field) print $i }'; }

test_the_stack_verifies_the_checksum() {
	local before
	together
	pktinfo "$GROUP"
	before=$(udp InCsumErrors)
	in_tx "$INJECT" --nic eth0 --source "$SENDER" --group "$GROUP" --count 5 --spoil udp \
		--port "$PORT" >/dev/null
	expect "told" "$(told)" ""
	expect "InCsumErrors" "$(($(udp InCsumErrors) - before))" 5
	expect "delivered" "$(of_status .delivered)" 5
}

# --- other shapes ---

inject() { in_tx "$INJECT" --nic eth0 --source "$SENDER" --group "$GROUP" --port "$PORT" "$@"; }

test_IP_options_on_the_first_fragment() {
	together
	listen app "$GROUP" eth1
	inject --count 20 --first-options 24 --interval 500 >/dev/null
	expect_heard app 20
	only_whole "$GROUP" 20
}

# The stack has no VLAN device for it: the whole datagram is seen with its tag, once.
test_a_VLAN_tag_is_kept() {
	together
	local nic
	for nic in eth0 eth1; do
		in_sw ethtool -K "p-$nic" txvlan off >/dev/null
		in_rx nft -f - <<-NFT
		table netdev $nic {
			counter whole { }
			counter pieces { }
			chain early {
				type filter hook ingress device "$nic" priority 0;
				vlan id 10 ip length > 8000 counter name whole
				vlan id 10 ip frag-off & 0x3fff != 0 counter name pieces
			}
		}
		NFT
	done
	inject --vlan 10 --count 20 --interval 500 >/dev/null
	settle
	expect "completed" "$(of_status .completed)" 20
	expect "whole on eth1" "$(packets_of eth1 whole)" 20
	expect "fragments on eth1" "$(packets_of eth1 pieces)" 0
	expect "whole on eth0" "$(packets_of eth0 whole)" 0
	expect "fragments on eth0" "$(packets_of eth0 pieces)" 0
}
packets_of() {
	in_rx nft -j list counter netdev "$1" "$2" | jq '.nftables[].counter.packets // empty'
}

test_two_VLAN_tags_take_the_path_of_the_policy() {
	together
	in_sw ethtool -K p-eth0 txvlan off >/dev/null
	in_sw ethtool -K p-eth1 txvlan off >/dev/null
	inject --vlan 10 --vlan 20 --count 20 --interval 500 >/dev/null
	settle
	expect "reassembled" "$(counted "$GROUP" eth1 reassembled)" 0
	expect_counts "$GROUP" eth0 dropped $((20 * FRAGMENTS))
	expect_counts "$GROUP" eth1 passed $((20 * FRAGMENTS))
}

test_whole_datagrams_are_left_alone() {
	together
	listen app "$GROUP" eth1
	send "$GROUP" size 100 count "$N" rate 1000
	expect "received" "$(heard app)" "$N"
	# No fragments, so no policy of scope fragments is asked: both copies come, as without us.
	expect "on eth0" "$(arrived eth0 "$GROUP" whole4)" "$N"
	expect "on eth1" "$(arrived eth1 "$GROUP" whole4)" "$N"
	expect_counts "$GROUP" eth0 reassembled 0
	expect "fragments taken" "$(socket_says eth1 .received)" 0
}

# --- beside others ---

test_two_groups_and_a_neighbour() {
	local other=239.0.0.17
	together
	reassembled "$other"
	ctl group add "$NEIGHBOUR" eth0
	listen app "$GROUP" eth1
	listen other "$other" eth1
	listen neighbour "$NEIGHBOUR" eth0
	sending "$other" size 20000 count "$N" rate 1000
	send "$NEIGHBOUR" size 8000 count "$N" rate 1000
	send "$GROUP" size 8000 count "$N" rate 1000
	sent
	expect_heard app "$N"
	expect_heard other "$N"
	expect_heard neighbour "$N"
	only_whole "$GROUP" "$N"
	only_whole "$other" "$N"
	expect "fragments of the neighbour" "$(arrived eth0 "$NEIGHBOUR")" "$ALL"
	expect_counts "$NEIGHBOUR" eth1 dropped "$ALL"
	expect "completed of each" "$(of_group "$GROUP" .reassembly.completed) $(of_group "$other" \
		.reassembly.completed)" "$N $N"
	expect "bytes of the other" "$(of_group "$other" .reassembly.bytes)" $((N * 20008))
}

test_IPv6() {
	local group=ff3e::8000:15
	together
	with_ipv6
	reassembled "$group"
	listen app "$group" eth1
	send "$group" size 8000 count "$N" rate 1000
	expect_heard app "$N"
	expect_counts "$group" eth0 reassembled "$ALL"
	expect_counts "$group" eth1 reassembled "$ALL"
	expect "fragments in the stack" "$(arrived eth0 "$group") $(arrived eth1 "$group")" "0 0"
	expect "completed" "$(of_group "$group" .reassembly.completed)" "$N"
}

# Through a bridge that does not look at IP headers.
inject_broken() {
	in_sw sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true
	inject --spoil ip "$@" >/dev/null
}

generic() {
	hosts "eth1 eth0"
	watch_packets
	printf 'link add eth0 mode skb\nlink add eth1 mode skb\n' >"$CONF"
	agent_start
	eventually link_is eth0 mode skb
	eventually link_is eth1 mode skb
	reassembled "$GROUP"
}
test_in_generic_mode() {
	generic
	all_heard 8000 6
}
test_60000_bytes_in_generic_mode() {
	generic
	all_heard 60000 41
}

# What is no fragment to the worker must not go round: generic XDP sees it again.
test_broken_headers_do_not_go_round_in_generic_mode() {
	generic
	inject_broken --count 5
	settle
	expect "returned" "$(of_status .returned)" $((2 * 5 * FRAGMENTS))
	expect "taken on eth1" "$(socket_says eth1 .received)" $((5 * FRAGMENTS))
}

test_broken_headers_are_the_stack_s_to_refuse() {
	local before
	together
	before=$(snmp InHdrErrors)
	inject_broken --count 5
	settle
	expect "returned" "$(of_status .returned)" $((2 * 5 * FRAGMENTS))
	expect "taken on eth1" "$(socket_says eth1 .received)" $((5 * FRAGMENTS))
	expect "delivered" "$(of_status .delivered)" 0
	expect "refused by the stack" "$(($(snmp InHdrErrors) - before))" $((2 * 5 * FRAGMENTS))
}

net_tests \
	test_every_datagram_comes_once_and_whole \
	test_every_datagram_comes_in_the_other_order_of_the_flood \
	test_datagrams_of_60000_bytes \
	test_jumbo_frames \
	test_the_receiver_is_told_what_was_sent \
	test_the_receiver_is_told_what_was_sent_over_IPv6 \
	test_a_capture_on_the_NIC_sees_each_datagram_once \
	test_the_stack_verifies_the_checksum \
	test_IP_options_on_the_first_fragment \
	test_a_VLAN_tag_is_kept \
	test_two_VLAN_tags_take_the_path_of_the_policy \
	test_whole_datagrams_are_left_alone \
	test_two_groups_and_a_neighbour \
	test_IPv6 \
	test_in_generic_mode \
	test_60000_bytes_in_generic_mode \
	test_broken_headers_do_not_go_round_in_generic_mode \
	test_broken_headers_are_the_stack_s_to_refuse
