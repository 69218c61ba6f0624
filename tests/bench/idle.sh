#!/bin/bash
# idle.sh - what an agent costs that has nothing to do: CPU time and memory
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/bench/idle.sh [SECONDS]
#
# Four NICs are steered and have settings, a hundred groups are stated, nothing
# changes. Private memory is what would be free without the agent; maps and
# programs, which the kernel holds, are in `status`.
set -eu
# shellcheck source=tests/net/hosts.sh
. "$(dirname "$0")/../net/hosts.sh"

LENGTH=${1:-60}
trap hosts_sweep EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nanoseconds on a CPU; /proc/PID/stat counts in ticks of 10 ms.
cpu_ns() { cut -d ' ' -f 1 "/proc/$AGENT_PID/schedstat"; }
cpu_ticks() { sed 's/.*) //' "/proc/$AGENT_PID/stat" | awk '{ print $12 + $13 }'; }
memory() { awk -v name="$1:" '$1 ~ name { n += $2 } END { printf "%.1f", n / 1024 }' "/proc/$AGENT_PID/smaps_rollup"; }
all_steered() { [ "$(ctl -j status | jq .links)" -eq 4 ]; }

for ((i = 0; i < 100; i++)); do
	echo "group add 239.1.0.$i eth1"
done >"$CONF"
for nic in eth0 eth1 eth2 eth3; do
	echo "link set $nic mtu 1400 promisc off gro off"
done >>"$CONF"
hosts_up "eth1 eth0 eth2 eth3"
agent_start
until_true 10 all_steered
sleep 2
ns=$(cpu_ns)
ticks=$(cpu_ticks)
reconciles=$(ctl -j status | jq .reconciles)
sleep "$LENGTH"
ns=$(($(cpu_ns) - ns))
ticks=$(($(cpu_ticks) - ticks))
reconciles=$(($(ctl -j status | jq .reconciles) - reconciles))
awk -v ns="$ns" -v ticks="$ticks" -v hz="$(getconf CLK_TCK)" -v s="$LENGTH" -v n="$reconciles" \
	-v rss="$(memory Rss)" -v pss="$(memory Pss)" -v own="$(memory 'Private_(Dirty|Clean)')" 'BEGIN {
	print "| seconds | reconciles | CPU, ms | in ticks, ms | of a core, % | RSS, MiB | PSS, MiB | private, MiB |"
	print "|--:|--:|--:|--:|--:|--:|--:|--:|"
	printf "| %d | %d | %.1f | %d | %.4f | %s | %s | %s |\n", s, n, ns / 1e6, ticks * 1000 / hz,
		ns / 1e7 / s, rss, pss, own
}'
