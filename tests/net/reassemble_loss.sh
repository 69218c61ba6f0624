#!/bin/bash
# reassemble_loss.sh - two lossy networks, put together in user space, are one good one
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42  AF_XDP socket
#                                |    p-eth1 ------ eth1 10.84.0.42    AF_XDP socket; joins 239.0.0.15
#
# The switch loses fragments at p-eth0 and p-eth1, each by itself.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/together.sh
. "$(dirname "$0")/together.sh"

N=1000
ALL=$((N * FRAGMENTS))

# lossy PERCENT NIC...: fragments on their way to these
lossy() {
	local nic percent=$1
	shift
	for nic in "$@"; do
		in_sw nft -f - <<-NFT || skip_test "no egress hook in this kernel's nftables"
		table netdev $nic {
			counter lost { }
			chain out {
				type filter hook egress device "p-$nic" priority 0;
				ip daddr $GROUP numgen random mod 100 < $percent counter name lost drop
			}
		}
		NFT
	done
}
lost_at() { in_sw nft -j list counter netdev "$1" lost | jq '.nftables[].counter.packets // empty'; }

# What the NICs brought, and what became of it, fits together: every fragment once.
expect_consistent() {
	local nic kept=0
	for nic in eth0 eth1; do
		expect "fragments of $nic taken" "$(share "$nic" reassembled)" $((ALL - $(lost_at "$nic")))
		expect "first copies and duplicates of $nic" \
			$(($(share "$nic" first) + $(share "$nic" duplicate))) "$(share "$nic" reassembled)"
		kept=$((kept + $(share "$nic" first)))
	done
	expect "first copies, kept or completing" "$kept" \
		"$(of_status '.fragments.kept + .fragments.completing')"
	expect "datagrams begun" $(($(of_group "$GROUP" .reassembly.completed) + \
		$(of_group "$GROUP" .reassembly.lost))) "$N"
	expect "lost by time" "$(of_status .lost.timeout)" "$(of_group "$GROUP" .reassembly.lost)"
}

# Of 6 fragments with 10 % lost on each NIC: 53 % of all over one NIC, 94 % over both.
test_far_more_arrives_than_over_either_network() {
	local nic got least made_good
	together
	lossy 10 eth0 eth1
	listen app "$GROUP" eth1
	send "$GROUP" size 8000 count "$N" rate 1500
	engine_rests
	got=$(heard app)
	echo "received $got of $N; lost fragments: $(lost_at eth0) and $(lost_at eth1)"
	# Five standard deviations (7.5 datagrams) below.
	[ "$got" -ge $((N * 90 / 100)) ] || fail "received $got of $N"
	expect "duplicates" "$(heard app .duplicates)" 0
	expect "corrupt" "$(heard app .corrupt)" 0
	expect "completed" "$(of_group "$GROUP" .reassembly.completed)" "$got"
	expect_consistent
	# Every fragment that a NIC lost of a datagram that came whole; most did.
	for nic in eth0 eth1; do
		least=$(($(lost_at "$nic") * 75 / 100))
		made_good=$(share "$nic" made_good)
		[ "$made_good" -ge "$least" ] && [ "$made_good" -le "$(lost_at "$nic")" ] && continue
		fail "made good for $nic: $made_good of $(lost_at "$nic") lost"
	done
}

# What one network loses, the other makes good, to the last fragment.
one_lossy() {
	together
	lossy 30 "$1"
	listen app "$GROUP" eth1
	send "$GROUP" size 8000 count "$N" rate 1500
	expect_heard app "$N"
	engine_rests
	expect "made good for $1" "$(share "$1" made_good)" "$(lost_at "$1")"
	expect "made good for $2" "$(share "$2" made_good)" 0
}
test_losses_of_the_wrong_NIC_do_not_matter() { one_lossy eth0 eth1; }
test_losses_of_the_right_NIC_do_not_matter() { one_lossy eth1 eth0; }

# --- a cable is pulled ---

cable_pulled() {
	together "$2"
	listen app "$GROUP" eth1
	sending "$GROUP" size 8000 count "$N" rate 1000
	sleep 0.4
	ip -n "$SW" link set "p-$1" down
	sent
	expect_heard app "$N"
	engine_rests
	[ "$(share "$1" made_good)" -gt $((ALL / 4)) ] ||
		fail "made good for $1: $(share "$1" made_good)"
}
test_the_cable_of_the_wrong_NIC_is_pulled() { cable_pulled eth0 "eth0 eth1"; }
test_the_cable_of_the_right_NIC_is_pulled() { cable_pulled eth1 "eth1 eth0"; }

has_no_eth0() { ! ip -n "$RX" link show eth0 >/dev/null 2>&1; }

test_the_wrong_NIC_is_deleted_and_comes_back() {
	together "eth0 eth1"
	listen app "$GROUP" eth1
	sending "$GROUP" size 8000 count "$N" rate 500
	sleep 0.4
	nic_del eth0
	sleep 0.4
	nic_add eth0
	eventually has_sockets eth0 1
	sent
	expect_heard app "$N"
	[ "$(share eth0 reassembled)" -gt 0 ] || fail "eth0 brought nothing after it had come back"
	expect "fragments in the stack" "$(arrived eth1 "$GROUP")" 0
}

# Its members go with it; who joins anew is served again, without a word to the agent.
test_the_right_NIC_is_deleted_and_comes_back() {
	together
	nic_del eth1
	eventually has_sockets eth0 1
	nic_add eth1
	eventually has_sockets eth1 1
	eventually is_active "$GROUP"
	listen app "$GROUP" eth1
	send "$GROUP" size 8000 count 200 rate 1000
	expect_heard app 200
	only_whole "$GROUP" 200
}

net_tests \
	test_far_more_arrives_than_over_either_network \
	test_losses_of_the_wrong_NIC_do_not_matter \
	test_losses_of_the_right_NIC_do_not_matter \
	test_the_cable_of_the_wrong_NIC_is_pulled \
	test_the_cable_of_the_right_NIC_is_pulled \
	test_the_wrong_NIC_is_deleted_and_comes_back \
	test_the_right_NIC_is_deleted_and_comes_back
