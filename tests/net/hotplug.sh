#!/bin/bash
# hotplug.sh - policies name NICs, and NICs come, go and change their names
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42   deleted, made again,
#                                |    p-eth1 ------ eth1 10.84.0.42     renamed, moved
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=100
ALL=$((N * FRAGMENTS))

begin() {
	hosts "eth1 eth0"
	watch_packets
	printf 'group add %s eth1\n' "$GROUP" >"$CONF"
	agent_start
	steered eth0 eth1
}

# How many fragments of the next N datagrams come through: "ETH0 ETH1"
passing() {
	local wrong right
	wrong=$(arrived "${1:-eth0}" "$GROUP")
	right=$(arrived "${2:-eth1}" "$GROUP")
	send "$GROUP" size 8000 count "$N" rate 1000
	settle
	echo "$(($(arrived "${1:-eth0}" "$GROUP") - wrong)) $(($(arrived "${2:-eth1}" "$GROUP") - right))"
}

ifindex() { ip -n "$RX" -j link show dev "$1" | jq '.[0].ifindex'; }
group_state() { ctl -j group show "$GROUP" | jq -r '.[0].state'; }
group_state_is() { [ "$(group_state)" = "$1" ]; }

# The agent knows this very NIC, not the one that had the name before, and soon:
# it is told of links, rather than that it looks once in a while.
steered_now() {
	until_true 4 knows "$1" "$(ifindex "$1")" || fail "$1 is not steered within 4 s"
}
knows() { link_is "$1" ifindex "$2" && link_is "$1" mode native; }

test_a_NIC_made_again_is_steered_without_a_command() {
	begin
	expect "passing" "$(passing)" "0 $ALL"
	nic_del eth0
	eventually no_link_is_called eth0
	expect "sum while it is away" "$(ctl -j stats | jq .total.dropped)" "$ALL"
	nic_add eth0
	steered_now eth0
	expect "passing" "$(passing)" "0 $ALL"
	# What was counted before it went is not forgotten.
	expect_counts "$GROUP" eth0 dropped $((2 * ALL))
}

no_link_is_called() {
	ctl -j link show | jq -e --arg nic "$1" 'all(.[]; .name != $nic or .mode == "absent")' >/dev/null
}

test_the_allowed_NIC_made_again_is_allowed_again() {
	begin
	nic_del eth1
	eventually group_state_is absent
	# With no allowed NIC left, dropping would make it worse than without us.
	expect "passing" "$(passing)" "$ALL 0"
	nic_add eth1
	steered_now eth1
	eventually group_state_is active
	expect "passing" "$(passing)" "0 $ALL"
}

test_two_NICs_that_swap_their_ifindexes() {
	begin
	local first second
	first=$(ifindex eth0)
	second=$(ifindex eth1)
	nic_del eth0
	nic_del eth1
	nic_add eth0 index "$second"
	nic_add eth1 index "$first"
	expect "the ifindex of eth0" "$(ifindex eth0)" "$second"
	steered_now eth0
	steered_now eth1
	expect "passing" "$(passing)" "0 $ALL"
}

test_a_NIC_that_takes_the_ifindex_of_one_that_is_gone() {
	begin
	local gone
	gone=$(ifindex eth1)
	nic_del eth1
	eventually group_state_is absent
	nic_add eth2 index "$gone"
	steered_now eth2
	# eth2 has the number that was allowed, but not the name.
	expect "state" "$(group_state)" absent
	nic_add eth1
	steered_now eth1
	eventually group_state_is active
	expect "passing on eth2 and eth1" "$(passing eth2 eth1)" "0 $ALL"
	expect "passing on eth0 and eth1" "$(passing)" "0 $ALL"
}

test_names_follow_a_rename() {
	begin
	ip -n "$RX" link set eth0 down
	ip -n "$RX" link set eth0 name lan0
	ip -n "$RX" link set lan0 up
	steered_now lan0
	expect "passing on lan0 and eth1" "$(passing lan0 eth1)" "0 $ALL"

	# The allowed NIC under another name is another NIC.
	ip -n "$RX" link set eth1 down
	ip -n "$RX" link set eth1 name lan1
	ip -n "$RX" link set lan1 up
	eventually group_state_is absent
	expect "absent" "$(ctl -j group show "$GROUP" | jq -c '.[0].absent')" '["eth1"]'
	ip -n "$RX" link set lan1 down
	ip -n "$RX" link set lan1 name eth1
	ip -n "$RX" link set eth1 up
	eventually group_state_is active
	expect "passing on lan0 and eth1" "$(passing lan0 eth1)" "0 $ALL"
}

test_two_NICs_that_swap_their_names() {
	begin
	ip -n "$RX" -batch - <<-'LINKS'
	link set eth0 down
	link set eth1 down
	link set eth0 name swap
	link set eth1 name eth0
	link set swap name eth1
	link set eth0 up
	link set eth1 up
	LINKS
	steered_now eth0
	steered_now eth1
	expect "passing" "$(passing)" "0 $ALL"
}

test_a_statement_waits_for_its_NIC() {
	hosts "eth0"
	watch_packets
	printf 'group add %s eth1\n' "$GROUP" >"$CONF"
	agent_start
	steered eth0
	expect "state" "$(group_state)" absent
	expect "absent" "$(ctl -j group show "$GROUP" | jq -c '.[0].absent')" '["eth1"]'
	expect "groups_absent" "$(ctl -j status | jq .groups_absent)" 1
	expect "passing" "$(passing)" "$ALL 0"
	expect_counts "$GROUP" eth0 passed "$ALL"
	nic_add eth1
	eventually group_state_is active
	steered_now eth1
	expect "passing" "$(passing)" "0 $ALL"
}

test_one_of_two_allowed_NICs_is_enough() {
	hosts "eth0 eth1"
	watch_packets
	printf 'group add %s eth1,eth9\n' "$GROUP" >"$CONF"
	agent_start
	steered eth0 eth1
	expect "absent" "$(ctl -j group show "$GROUP" | jq -c '.[0].absent')" '["eth9"]'
	expect "passing" "$(passing)" "0 $ALL"
}

test_a_link_statement_waits_for_its_NIC() {
	hosts "eth1"
	printf 'link add eth0 mode skb\nlink add eth1\n' >"$CONF"
	agent_start
	steered eth1
	expect "mode" "$(link_says eth0 mode)" absent
	expect "ifindex" "$(link_says eth0 ifindex)" 0
	nic_add eth0
	eventually link_is eth0 mode skb
	# The first link statement turned the automatic choice off.
	nic_add eth2
	sleep 0.5
	expect "links" "$(ctl -j link show | jq -c 'map(.name) | sort')" '["eth0","eth1"]'
	expect "program on eth2" "$(kernel_program eth2)" 0
}

test_a_bridge_port_is_let_go_and_taken_back() {
	begin
	ip -n "$RX" link add br9 type bridge
	ip -n "$RX" link set br9 up
	ip -n "$RX" link set eth0 master br9
	# With the link's event, not with the look every 10 s.
	until_true 4 has_no_program eth0 || fail "eth0 is still steered"
	ip -n "$RX" link set eth0 nomaster
	steered_now eth0
	expect "passing" "$(passing)" "0 $ALL"
}
has_no_program() { [ "$(kernel_program "$1")" -eq 0 ]; }

# In another namespace the policy of this one holds no longer, whatever stays attached.
test_a_NIC_moved_to_another_namespace_is_let_go() {
	begin
	local other=$HOSTS-other
	ns_add "$other"
	ip -n "$RX" link set eth0 netns "$other"
	eventually no_link_is_called eth0
	ip -n "$other" link set eth0 up
	in_ns "$other" nft -f - <<-'NFT'
	table inet watch {
		counter fragments { }
		chain early {
			type filter hook prerouting priority -450;
			ip frag-off & 0x3fff != 0 counter name fragments
		}
	}
	NFT
	send "$GROUP" size 8000 count "$N" rate 1000
	settle
	expect "fragments in the other namespace" "$(in_ns "$other" nft -j list counters table inet watch |
		jq '.nftables[].counter.packets // empty')" "$ALL"
	ip -n "$other" link set eth0 netns "$RX"
	ip -n "$RX" addr add "$(nic_addr eth0)/24" dev eth0
	ip -n "$RX" link set eth0 up
	steered_now eth0
	expect "passing" "$(passing)" "0 $ALL"
}

test_a_raised_MTU_and_a_link_that_went_down_change_nothing() {
	begin
	local program
	program=$(kernel_program eth0)
	ip -n "$RX" link set eth0 mtu 9000
	ip -n "$RX" link set eth0 down
	ip -n "$RX" link set eth0 up
	eventually link_is eth0 mtu 9000
	expect "program" "$(kernel_program eth0)" "$program"
	expect "passing" "$(passing)" "0 $ALL"
}

net_tests \
	test_a_NIC_made_again_is_steered_without_a_command \
	test_the_allowed_NIC_made_again_is_allowed_again \
	test_two_NICs_that_swap_their_ifindexes \
	test_a_NIC_that_takes_the_ifindex_of_one_that_is_gone \
	test_names_follow_a_rename \
	test_two_NICs_that_swap_their_names \
	test_a_statement_waits_for_its_NIC \
	test_one_of_two_allowed_NICs_is_enough \
	test_a_link_statement_waits_for_its_NIC \
	test_a_bridge_port_is_let_go_and_taken_back \
	test_a_NIC_moved_to_another_namespace_is_let_go \
	test_a_raised_MTU_and_a_link_that_went_down_change_nothing
