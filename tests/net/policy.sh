#!/bin/bash
# policy.sh - what a policy can say, each with real traffic
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#        10.84.0.74              |    p-eth1 ------ eth1 10.84.0.42
#                                                   mirror0 ---- capture
#                                                                far0
#
# "arrived" is what the receiver's own netfilter counted behind the XDP hook.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=100
ALL=$((N * FRAGMENTS))

two_NICs() {
	hosts "eth1 eth0"
	watch_packets
	agent_start
	steered eth0 eth1
}

traffic() {
	send "$1" size "${2:-8000}" count "$N" rate 1000
	settle
}

expect_arrived() {
	expect "packets of $1 on eth0" "$(arrived eth0 "$1" "${4-}")" "$2"
	expect "packets of $1 on eth1" "$(arrived eth1 "$1" "${4-}")" "$3"
}

# --- scope ---

test_scope_fragments_leaves_whole_packets_alone() {
	two_NICs
	ctl group add "$GROUP" eth1
	traffic "$GROUP" 100
	expect_arrived "$GROUP" "$N" "$N" whole4
	expect_counts "$GROUP" eth0 dropped 0
	expect_counts "$GROUP" eth1 passed 0
}

test_scope_all_steers_whole_packets_and_fragments() {
	two_NICs
	ctl group add "$GROUP" eth1 scope all
	traffic "$GROUP" 100
	expect_arrived "$GROUP" 0 "$N" whole4
	expect_counts "$GROUP" eth0 dropped "$N"
	expect_counts "$GROUP" eth1 passed "$N"
	traffic "$GROUP"
	expect_arrived "$GROUP" 0 "$ALL"
	expect_counts "$GROUP" eth0 dropped $((N + ALL))
	# Other groups' whole packets are nobody's.
	traffic "$NEIGHBOUR" 100
	expect_arrived "$NEIGHBOUR" "$N" "$N" whole4
}

# --- longest match ---

test_the_longest_prefix_wins() {
	two_NICs
	ctl group add 239.0.0.0/8 eth0
	ctl group add 239.1.0.0/16 eth1
	ctl group add 239.1.2.3 eth0
	traffic 239.9.9.9
	expect_arrived 239.9.9.9 "$ALL" 0
	traffic 239.1.9.9
	expect_arrived 239.1.9.9 0 "$ALL"
	traffic 239.1.2.3
	expect_arrived 239.1.2.3 "$ALL" 0
	traffic 238.1.2.3
	expect_arrived 238.1.2.3 "$ALL" "$ALL"
	expect_counts 239.0.0.0/8 eth1 dropped "$ALL"
	expect_counts 239.1.0.0/16 eth0 dropped "$ALL"
	expect_counts 239.1.2.3 eth1 dropped "$ALL"
	# The shorter prefix takes over when the longer one goes.
	ctl group del 239.1.2.3
	traffic 239.1.2.3
	expect_arrived 239.1.2.3 "$ALL" "$ALL"
	expect_counts 239.1.0.0/16 eth0 dropped $((2 * ALL))
}

test_a_source_wins_over_any_source_of_the_same_group() {
	two_NICs
	ip -n "$TX" addr add 10.84.0.74/24 dev eth0
	ctl group add "$GROUP" eth0
	ctl group add "$GROUP" eth1 source "$SENDER"
	traffic "$GROUP"
	expect_arrived "$GROUP" 0 "$ALL"
	FROM=10.84.0.74 traffic "$GROUP"
	expect_arrived "$GROUP" "$ALL" "$ALL"
	expect "each policy counted its own" \
		"$(ctl -j group show "$GROUP" |
			jq -c '[.[] | [.source, (.links | map(.dropped) | add), (.links | map(.passed) | add)]] | sort')" \
		"[[\"\",$ALL,$ALL],[\"$SENDER\",$ALL,$ALL]]"
}

test_a_source_within_a_prefix() {
	two_NICs
	ip -n "$TX" addr add 10.84.0.74/24 dev eth0
	ctl group add 239.1.0.0/16 eth1 source "$SENDER"
	traffic 239.1.2.3
	expect_arrived 239.1.2.3 0 "$ALL"
	FROM=10.84.0.74 traffic 239.1.2.4
	expect_arrived 239.1.2.4 "$ALL" "$ALL"
}

# --- what becomes of a wrong arrival ---

test_replace_changes_the_verdict_and_keeps_the_counts() {
	two_NICs
	ctl group add "$GROUP" eth1 wrong observe
	traffic "$GROUP"
	ctl group replace "$GROUP" eth1 wrong drop
	traffic "$GROUP"
	expect_arrived "$GROUP" "$ALL" $((2 * ALL))
	expect "observed" "$(counted "$GROUP" eth0 observed)" "$ALL"
	expect "dropped" "$(counted "$GROUP" eth0 dropped)" "$ALL"
	expect "passed" "$(counted "$GROUP" eth1 passed)" $((2 * ALL))
}

# A veth of another namespace, as a container or a capture box has it. It takes
# frames from XDP only if its far end polls: GRO on, or a program of its own.
mirror() {
	[ -e "/run/netns/$HOSTS-capture" ] || ns_add "$HOSTS-capture"
	ip -n "$RX" link add mirror0 type veth peer name far0 netns "$HOSTS-capture"
	in_ns "$HOSTS-capture" ethtool -K far0 gro on
	ip -n "$HOSTS-capture" link set far0 up
	ip -n "$RX" link set mirror0 up
	in_ns "$HOSTS-capture" nft -f - <<-'NFT'
	flush ruleset
	table netdev watch {
		counter fragments { }
		chain early {
			type filter hook ingress device "far0" priority 0;
			ip frag-off & 0x3fff != 0 counter name fragments
		}
	}
	NFT
}

mirrored() {
	in_ns "$HOSTS-capture" nft -j list counters table netdev watch |
		jq '.nftables[].counter.packets // empty'
}
mirrored_is() { [ "$(mirrored)" = "$1" ]; }

test_redirect_hands_wrong_arrivals_to_another_link() {
	two_NICs
	mirror
	steered mirror0
	ctl group add "$GROUP" eth1 wrong redirect mirror0
	mark
	listen app "$GROUP" eth1
	traffic "$GROUP"
	expect "received" "$(heard app)" "$N"
	expect_reassembly "$ALL" "$N" 0 0
	expect_arrived "$GROUP" 0 "$ALL"
	expect_counts "$GROUP" eth0 redirected "$ALL"
	eventually mirrored_is "$ALL"
}

test_what_comes_in_on_the_target_of_a_redirect_passes() {
	two_NICs
	ctl group add "$GROUP" eth1 wrong redirect eth0
	traffic "$GROUP"
	expect_arrived "$GROUP" "$ALL" "$ALL"
	expect_counts "$GROUP" eth0 passed "$ALL"
	ctl group show "$GROUP" | grep -q "eth0  target   passed $ALL$" || fail "$(ctl group show)"
}

# It would go round for ever: each end steered, each fragment wrong at both.
test_what_comes_out_of_the_other_end_of_a_target_passes() {
	two_NICs
	ip -n "$RX" link add vcap type veth peer name vcap1
	ip -n "$RX" link set vcap up
	ip -n "$RX" link set vcap1 up
	steered vcap vcap1
	ctl group add "$GROUP" eth1 wrong redirect vcap
	traffic "$GROUP"
	expect_counts "$GROUP" eth0 redirected "$ALL"
	expect_counts "$GROUP" vcap1 passed "$ALL"
	expect "allowed" "$(ctl -j group show "$GROUP" |
		jq '.[0].links[] | select(.name == "vcap1").allowed')" true
}

test_redirect_passes_while_its_target_is_absent() {
	two_NICs
	mirror
	ctl group add "$GROUP" eth1 wrong redirect mirror0
	ip -n "$RX" link del mirror0
	traffic "$GROUP"
	expect_arrived "$GROUP" "$ALL" "$ALL"
	expect "redirect_absent" "$(ctl -j stats | jq .total.redirect_absent)" "$ALL"
	expect "absent" "$(ctl -j group show "$GROUP" | jq -c '.[0].absent')" '["mirror0"]'
	mirror
	steered mirror0
	traffic "$GROUP"
	expect_arrived "$GROUP" "$ALL" $((2 * ALL))
	eventually mirrored_is "$ALL"
}

# --- other frames ---

test_ipv6_fragments_are_steered() {
	two_NICs
	local group=ff3e::8000:15 where nic
	for where in "$TX eth0 73" "$RX eth0 42" "$RX eth1 43"; do
		read -r ns nic host <<<"$where"
		in_ns "$ns" sysctl -qw "net.ipv6.conf.$nic.accept_dad=0" \
			"net.ipv6.conf.$nic.disable_ipv6=0" || skip_test "no IPv6 in this kernel"
		ip -n "$ns" addr add "fd84::$host/64" dev "$nic" nodad
	done
	ctl group add "$group" eth1
	listen app "$group" eth1
	traffic "$group"
	expect "received" "$(heard app)" "$N"
	expect_arrived "$group" 0 "$ALL"
	expect_counts "$group" eth0 dropped "$ALL"
	expect_counts "$group" eth1 passed "$ALL"
	# While observing they pass, and the listener loses nothing: IPv6 keeps the NICs apart.
	ctl group replace "$group" eth1 wrong observe
	traffic "$group"
	expect_arrived "$group" "$ALL" $((2 * ALL))
}

# Frames with tags, which the stack here has no device for: what came past XDP is
# counted at the ingress of each NIC. The switch must leave the tags in the frames,
# as a wire does, and not beside them.
tagged_NICs() {
	local nic
	two_NICs
	for nic in eth0 eth1; do
		in_sw ethtool -K "p-$nic" txvlan off >/dev/null
		in_rx nft -f - <<-NFT
		table netdev $nic {
			counter tagged { }
			chain early {
				type filter hook ingress device "$nic" priority 0;
				ether type 8021q vlan id 10 counter name tagged
			ether type 8021ad vlan id 10 counter name tagged
			}
		}
		NFT
	done
}

tagged() { in_rx nft -j list counters table netdev "$1" | jq '.nftables[].counter.packets // empty'; }

# inject ARG...: N datagrams with VLAN 10 as the outer tag; prints the number of frames
inject() {
	in_tx "$INJECT" --nic eth0 --source "$SENDER" --group "$GROUP" --count "$N" --interval 500 \
		--vlan 10 "$@"
}

tags_are_parsed() {
	tagged_NICs
	local sent
	ctl group add "$GROUP" eth1
	sent=$(inject "$@")
	settle
	expect_counts "$GROUP" eth0 dropped "$sent"
	expect_counts "$GROUP" eth1 passed "$sent"
	expect "tagged frames past eth0" "$(tagged eth0)" 0
	expect "tagged frames past eth1" "$(tagged eth1)" "$sent"
}
test_one_VLAN_tag_is_parsed() { tags_are_parsed; }
test_two_VLAN_tags_are_parsed() { tags_are_parsed --vlan 20 --vlan-proto 88a8; }

test_three_VLAN_tags_are_too_deep_and_pass() {
	tagged_NICs
	local sent
	ctl group add "$GROUP" eth1
	sent=$(inject --vlan 20 --vlan 30)
	settle
	expect_counts "$GROUP" eth0 dropped 0
	expect "too_deep" "$(ctl -j stats | jq .total.too_deep)" $((2 * sent))
	expect "tagged frames past eth0" "$(tagged eth0)" "$sent"
}

net_tests \
	test_scope_fragments_leaves_whole_packets_alone \
	test_scope_all_steers_whole_packets_and_fragments \
	test_the_longest_prefix_wins \
	test_a_source_wins_over_any_source_of_the_same_group \
	test_a_source_within_a_prefix \
	test_replace_changes_the_verdict_and_keeps_the_counts \
	test_redirect_hands_wrong_arrivals_to_another_link \
	test_what_comes_in_on_the_target_of_a_redirect_passes \
	test_what_comes_out_of_the_other_end_of_a_target_passes \
	test_redirect_passes_while_its_target_is_absent \
	test_ipv6_fragments_are_steered \
	test_one_VLAN_tag_is_parsed \
	test_two_VLAN_tags_are_parsed \
	test_three_VLAN_tags_are_too_deep_and_pass
