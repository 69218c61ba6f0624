#!/bin/bash
# drift.sh - how soon a setting that somebody changed behind the agent's back is put back
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/bench/drift.sh [CHANGES]
#
# Four NICs with six settings each are changed in turn, one at a time. The kernel
# tells of each change and of each putting back; the times are those at which
# `ip monitor` read of the two.
set -euo pipefail
# shellcheck source=tests/net/hosts.sh
. "$(dirname "$0")/../net/hosts.sh"

CHANGES=${1:-120}
NICS=(eth0 eth1 eth2 eth3)
SETTINGS=(mtu promisc allmulti gro gso tso)
trap hosts_sweep EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# put NIC SETTING
put() {
	case $2 in
	mtu) ip -n "$RX" link set "$1" mtu 1400 ;;
	promisc) ip -n "$RX" link set "$1" promisc off ;;
	allmulti) ip -n "$RX" link set "$1" allmulticast off ;;
	*) in_rx ethtool -K "$1" "$2" on ;;
	esac
}

drift_is() { [ "$(ctl -j status | jq .link_drift)" -eq "$1" ]; }

hosts_up "${NICS[*]}"
agent_start
for nic in "${NICS[@]}"; do
	ctl link set "$nic" mtu 9000 promisc on allmulti on gro off gso off tso off
done
sleep 1
spawn_in "$RX" ip -ts -o monitor link >"$DIR/events" &
started $!
until_true 5 grep -q ip "/proc/$!/comm"
sleep 0.5
for ((i = 0; i < CHANGES; i++)); do
	put "${NICS[i % 4]}" "${SETTINGS[i / 4 % 6]}"
	until_true 5 drift_is $((i + 1))
	sleep 0.05
done
sleep 0.2

# "[2026-01-31T12:00:00.123456] …": a change and its putting back take turns.
sed 's/^\[[^T]*T\([0-9:.]*\)\].*/\1/; s/:/ /g' "$DIR/events" | awk -v changes="$CHANGES" '
	{ t = ($1 * 60 + $2) * 60 + $3 }
	NR % 2 { start = t; next }
	{ d = (t - start) * 1000; print d < 0 ? d + 86400000 : d }
	END {
		if (NR == 2 * changes)
			exit
		print NR " events for " changes " changes" >"/dev/stderr"
		exit 1
	}' | sort -g >"$DIR/times"
awk '
	{ v[NR] = $1 }
	END {
		print "| changes | median, ms | p99, ms | max, ms |"
		print "|--:|--:|--:|--:|"
		printf "| %d | %.1f | %.1f | %.1f |\n", NR, v[int((NR + 1) / 2)], v[int(NR * 0.99 + 0.5)], v[NR]
	}' "$DIR/times"
