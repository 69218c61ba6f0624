#!/bin/bash
# loss.sh - what is delivered when two networks lose fragments, each by itself
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/bench/loss.sh [DATAGRAMS]
#
# The switch loses fragments at random on their way to each NIC. A datagram has six.
# Of probability theory: all six over one NIC come with (1 - p)^6; with both copies a
# fragment is lost with p^2, and all six come with (1 - p^2)^6. The kernel is measured
# with the 4 MiB for fragments that it has by default, which incomplete datagrams fill
# although they wait for a second here and not for thirty, and with as much as the agent's.
set -euo pipefail
# shellcheck source=tests/net/hosts.sh
. "$(dirname "$0")/../net/hosts.sh"

COUNT=${1:-4000}
GROUP=239.0.0.15
trap hosts_sweep EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

steered() { ctl -j link show "$1" 2>/dev/null | jq -e '.[0].mode == "native"' >/dev/null; }
active() { ctl -j group show "$GROUP" | jq -e '.[0].reassembly.active' >/dev/null; }

# lossy PERCENT: from now on
lossy() {
	local nic
	for nic in eth0 eth1; do
		in_sw nft -f - <<-NFT
		table netdev $nic
		delete table netdev $nic
		table netdev $nic {
			chain out {
				type filter hook egress device "p-$nic" priority 0;
				ip daddr $GROUP numgen random mod 100 < $1 drop
			}
		}
		NFT
	done
}

# Delivered of COUNT, %: delivered
delivered() {
	listen app "$GROUP" eth1
	send "$GROUP" size 8000 count "$COUNT" rate 2000
	# The last one that misses a fragment may wait for it.
	sleep 1.2
	heard app ".received * 100 / $COUNT"
}

hosts_up "eth1 eth0"
if ! lossy 0; then
	echo "loss.sh: no egress hook in this kernel's nftables" >&2
	exit 1
fi

# The stack alone, mixing both copies, comes before the agent.
declare -A alone dropped roomy both
for percent in 1 5 10; do
	lossy "$percent"
	alone[$percent]=$(delivered)
done
agent_start
until_true 10 steered eth0
until_true 10 steered eth1
for percent in 1 5 10; do
	lossy "$percent"
	ctl group add "$GROUP" eth1
	dropped[$percent]=$(delivered)
	in_rx sysctl -qw net.ipv4.ipfrag_high_thresh=$((64 << 20))
	roomy[$percent]=$(delivered)
	in_rx sysctl -qw net.ipv4.ipfrag_high_thresh=$((4 << 20))
	ctl group replace "$GROUP" eth1 reassemble
	until_true 10 active
	both[$percent]=$(delivered)
	[ "$percent" = 10 ] || ctl group flush
done

echo "| lost on each NIC, % | without xdpfrag | the wrong NIC's dropped | and 64 MiB | in theory | reassemble | in theory |"
echo "|--:|--:|--:|--:|--:|--:|--:|"
for percent in 1 5 10; do
	awk -v p="$percent" -v a="${alone[$percent]}" -v d="${dropped[$percent]}" \
		-v r="${roomy[$percent]}" -v b="${both[$percent]}" 'BEGIN {
		q = p / 100
		printf "| %d | %.2f %% | %.2f %% | %.2f %% | %.2f %% | %.2f %% | %.2f %% |\n", p, a, d, r,
			100 * (1 - q) ^ 6, b, 100 * (1 - q * q) ^ 6
	}'
done
echo
echo "Of $COUNT datagrams each, 2,000 a second. Packets refused for want of room in a socket:" \
	"$(ctl -j link show | jq '[.[].sockets[].refused] | add // 0') since the last group began."
