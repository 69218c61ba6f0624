#!/bin/bash
# apply.sh - how long a large policy takes to be in force, next to nftables with a set of as many
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/bench/apply.sh [ROUNDS]
#
# Both start from nothing in each round, in the same namespace and in turns:
# `xdpfragctl apply FILE` and `nft -f FILE`, from the command's start to its end.
set -eu
# shellcheck source=tests/net/hosts.sh
. "$(dirname "$0")/../net/hosts.sh"

ROUNDS=${1:-5}
trap hosts_sweep EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# addresses COUNT FORMAT: a line for each group
addresses() {
	awk -v count="$1" -v format="$2\n" 'BEGIN {
		for (i = 0; i < count; i++)
			printf format, sprintf("238.%d.%d.%d", i / 65536, i / 256 % 256, i % 256)
	}'
}

# A counting set would be slower: what is compared with is the plainest rule.
nft_rules() {
	cat <<-'NFT'
	table netdev bench {
		set groups {
			type ipv4_addr
			elements = {
	NFT
	addresses "$1" '%s,'
	cat <<-'NFT'
			}
		}
		chain in {
			type filter hook ingress device "eth0" priority 0;
			ip daddr @groups ip frag-off & 0x3fff != 0 drop
		}
	}
	NFT
}

# Milliseconds that a command takes: timed COMMAND [ARG...]
timed() {
	local start=${EPOCHREALTIME/./}
	"$@"
	echo $((${EPOCHREALTIME/./} - start)) | awk '{ printf "%.1f\n", $1 / 1000 }'
}

median() { sort -g "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

has_groups() { [ "$(ctl -j status | jq .groups)" -eq "$1" ]; }

one_round() {
	local count=$1
	timed ctl apply "$DIR/$count.conf" >>"$DIR/$count.apply"
	has_groups "$count"
	timed ctl apply "$DIR/$count.conf" >>"$DIR/$count.again"
	ctl apply "$DIR/0.conf"
	timed in_rx nft -f "$DIR/$count.nft" >>"$DIR/$count.set"
	in_rx nft delete table netdev bench
}

hosts_up "eth1 eth0"
echo "link add eth0" >"$DIR/0.conf"
echo "link add eth1" >>"$DIR/0.conf"
agent_start
ctl apply "$DIR/0.conf"
for count in 10000 100000; do
	{
		cat "$DIR/0.conf"
		addresses "$count" 'group add %s eth1'
	} >"$DIR/$count.conf"
	nft_rules "$count" >"$DIR/$count.nft"
done
for ((round = 0; round < ROUNDS; round++)); do
	one_round 10000
	one_round 100000
done

echo "| groups | xdpfragctl apply, ms | the same file again, ms | nft -f, ms |"
echo "|--:|--:|--:|--:|"
for count in 10000 100000; do
	echo "| $count | $(median "$DIR/$count.apply") | $(median "$DIR/$count.again") | $(median "$DIR/$count.set") |"
done
