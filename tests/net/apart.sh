#!/bin/bash
# apart.sh - a group that is wanted from several NICs, each with a copy of every datagram
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42  joins 239.0.0.15
#                                |    p-eth1 ------ eth1 10.84.0.42    joins 239.0.0.15
#                                +--- p-eth2 ------ eth2 192.168.2.42  where a test wants it
#
# A listener for each NIC, who takes from that NIC only (IP_MULTICAST_ALL off).
# Both NICs are right, so no policy can drop a copy; but IPv4 puts the fragments
# of both into one datagram, and what trails waits in vain. It does so with
# conntrack, before the route lookup, and without, after it: membership on both
# NICs lets both copies through.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=250
ALL=$((N * FRAGMENTS)) # fragments of N datagrams on one NIC
ROUNDS=0               # of N datagrams, since the policy came

# start MODE NIC... -- WORDS: an agent, and a group statement with these words
start() {
	local nic mode=$1
	shift
	agent_start
	for (( ; $# > 0; )); do
		nic=$1
		shift
		[ "$nic" != -- ] || break
		eventually link_is "$nic" mode "$mode"
	done
	ctl group add "$GROUP" "$@"
}

# N datagrams, and a listener for each NIC: traffic SIZE NIC...
traffic() {
	local nic size=$1
	shift
	for nic in "$@"; do
		listen "$nic" "$GROUP" "$nic"
	done
	mark
	send "$GROUP" size "$size" count "$N" rate 1000
	ROUNDS=$((ROUNDS + 1))
}

without_conntrack() { in_rx nft delete table inet firewall; }

# --- the loss, and the control ---

# A busy machine now and then mixes the order: the tenth is for that.
expect_half_lost() {
	local heard
	heard=$(($(heard eth0) + $(heard eth1)))
	expect "ReasmReqds" "$(since ReasmReqds)" $((2 * ALL))
	[ "$heard" -le $((N * 11 / 10)) ] || fail "the loss is not there: $heard of $((2 * N)) received"
	[ "$(since ReasmFails)" -ge $((N * 9 / 10)) ] || fail "ReasmFails: $(since ReasmFails)"
	[ "$(since ReasmTimeout)" -ge $((N * 9 / 10)) ] || fail "ReasmTimeout: $(since ReasmTimeout)"
	expect_counts "$GROUP" eth0 passed $((ROUNDS * ALL))
	expect_counts "$GROUP" eth1 passed $((ROUNDS * ALL))
}

test_together_half_is_lost() {
	hosts "eth1 eth0"
	start native eth0 eth1 -- eth0,eth1
	traffic 8000 eth0 eth1
	expect_half_lost
	without_conntrack
	traffic 8000 eth0 eth1
	expect_half_lost
}

# --- apart ---

# Each NIC's copy is put together by itself, and delivered: expect_all NIC...
expect_all() {
	local nic
	for nic in "$@"; do
		expect "received from $nic" "$(heard "$nic")" "$N"
		expect "duplicates from $nic" "$(heard "$nic" .duplicates)" 0
		expect "corrupt from $nic" "$(heard "$nic" .corrupt)" 0
	done
	for nic in "$@"; do
		expect_counts "$GROUP" "$nic" passed $((ROUNDS * ALL))
	done
	expect_reassembly $(($# * ALL)) $(($# * N)) 0 0
}

apart() {
	hosts "$1"
	start native eth0 eth1 -- eth0,eth1 apart
	traffic 8000 eth0 eth1
	expect_all eth0 eth1
	without_conntrack
	traffic 8000 eth0 eth1
	expect_all eth0 eth1
}
test_apart_each_NIC_gets_all() { apart "eth1 eth0"; }
test_apart_each_NIC_gets_all_in_the_other_order() { apart "eth0 eth1"; }

test_apart_in_generic_mode() {
	hosts "eth1 eth0"
	printf 'link add eth0 mode skb\nlink add eth1 mode skb\n' >"$CONF"
	start skb eth0 eth1 -- eth0,eth1 apart
	traffic 8000 eth0 eth1
	expect_all eth0 eth1
}

# Frames of several buffers.
test_apart_at_MTU_9000() {
	hosts "eth1 eth0" 9000
	start native eth0 eth1 -- eth0,eth1 apart
	traffic 50000 eth0 eth1
	ALL=$((N * 6)) expect_all eth0 eth1 # 50,008 bytes in pieces of 8,976
}

# A wrong copy is dropped as ever; the others are apart all the same.
test_apart_on_three_NICs_and_with_a_wrong_one() {
	hosts "eth2 eth0 eth1"
	watch_packets
	start native eth0 eth1 eth2 -- eth0,eth1,eth2 apart
	traffic 8000 eth0 eth1 eth2
	expect_all eth0 eth1 eth2
	expect "fragments of eth0 in the stack" "$(arrived eth0 "$GROUP")" "$ALL"
	ctl group replace "$GROUP" eth1,eth2 apart
	traffic 8000 eth1 eth2
	expect_all eth1 eth2
	expect "fragments of eth0 in the stack" "$(arrived eth0 "$GROUP")" "$ALL"
	expect "dropped on eth0" "$(counted "$GROUP" eth0 dropped)" "$ALL"
}

# The word is kept, shown, and taken back with the statement.
test_apart_ends_with_the_word() {
	hosts "eth1 eth0"
	start native eth0 eth1 -- eth0,eth1 apart
	expect "apart" "$(ctl -j group show "$GROUP" | jq '.[0].apart')" true
	expect "saved" "$(ctl save)" "group add $GROUP eth0,eth1 apart"
	ctl group replace "$GROUP" eth0,eth1
	expect "apart" "$(ctl -j group show "$GROUP" | jq '.[0].apart')" false
	traffic 8000 eth0 eth1
	expect_half_lost
}

net_tests \
	test_together_half_is_lost \
	test_apart_each_NIC_gets_all \
	test_apart_each_NIC_gets_all_in_the_other_order \
	test_apart_in_generic_mode \
	test_apart_at_MTU_9000 \
	test_apart_on_three_NICs_and_with_a_wrong_one \
	test_apart_ends_with_the_word
