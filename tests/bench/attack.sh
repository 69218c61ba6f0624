#!/bin/bash
# attack.sh - an honest sender's datagrams under a flood of spoofed first fragments
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/bench/attack.sh [ROUNDS [SECONDS]]
#
# The flood goes to the same group, at the rate that one CPU can send, from sources
# that never come again, and from a thousand of them. The kernel has the time and the
# memory that it has by default (30 s, 4 MiB). Both NICs bring everything.
set -euo pipefail
# shellcheck source=tests/net/hosts.sh
. "$(dirname "$0")/../net/hosts.sh"

ROUNDS=${1:-3}
LENGTH=${2:-2}
RATE=500
GROUP=239.0.0.15
BLAST=$BUILD/tests/tools/blast
SPOOF=$BUILD/tests/tools/spoof
LAST_CPU=$(($(nproc) - 1))
SOURCES=(0 1000)
SOURCE_NAMES=("a new source each" "1000 sources")
WAYS=("kernel, the wrong NIC's dropped" "reassemble")
trap hosts_sweep EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

steered() { ctl -j link show "$1" 2>/dev/null | jq -e '.[0].mode == "native"' >/dev/null; }
active() { ctl -j group show "$GROUP" | jq -e '.[0].reassembly.active' >/dev/null; }
# shellcheck disable=SC2016 # awk's
frag_memory() { in_rx awk '/^FRAG:/ { print $5 }' /proc/net/sockstat; }
of_status() { ctl -j status | jq -r ".reassembly | $1"; }

# A new receiver: what an earlier flood left in the kernel would last for 30 s.
begin() {
	hosts_up "eth1 eth0"
	in_rx sysctl -qw net.ipv4.ipfrag_time=30
	: >"$CONF"
	agent_start
	taskset -acp "$LAST_CPU" "$AGENT_PID" >/dev/null
	until_true 10 steered eth0
	until_true 10 steered eth1
	case $1 in
	kernel*) ctl group add "$GROUP" eth1 ;;
	*)
		ctl group add "$GROUP" eth1 reassemble
		until_true 10 active
		taskset -acp "$LAST_CPU" "$AGENT_PID" >/dev/null
		;;
	esac
}

# Prints delivered %, spoofed a second, memory in use of its limit at most: measure WAY SOURCES
measure() {
	local sent got pid flood spoofed memory=0 now
	begin "$1"
	spawn_in "$RX" taskset -c "$LAST_CPU" "$BLAST" recv "$GROUP" "$PORT" 10.84.0.42 >"$DIR/recv" &
	pid=$!
	started "$pid"
	until_true 10 grep -q ready "$DIR/recv"
	spawn_in "$TX" taskset -c 0 "$SPOOF" eth0 "$GROUP" "$PORT" $((LENGTH + 2)) "$2" >"$DIR/spoofed" &
	flood=$!
	started "$flood"
	sleep 1
	in_tx taskset -c "$LAST_CPU" "$BLAST" send "$GROUP" "$PORT" "$SENDER" 8000 "$LENGTH" "$RATE" >"$DIR/sent" &
	while kill -0 $! 2>/dev/null; do
		now=$(frag_memory)
		[ "$now" -le "$memory" ] || memory=$now
		sleep 0.2
	done
	wait $!
	wait "$flood"
	sleep 0.5
	kill -TERM "$pid"
	until_true 10 not_running "$pid"
	sent=$(cut -d ' ' -f 1 "$DIR/sent")
	got=$(awk 'END { print $1 }' "$DIR/recv")
	spoofed=$(cat "$DIR/spoofed")
	awk -v got="$got" -v sent="$sent" -v n="$spoofed" -v s=$((LENGTH + 2)) -v mem="$memory" \
		-v fragments="$(of_status '.held.most // 0' 2>/dev/null)" \
		-v limit="$(of_status '.held.limit // 0')" \
		-v contexts="$(of_status '.contexts.most // 0')" \
		-v most="$(of_status '.contexts.limit // 0')" \
		'BEGIN { printf "%.1f %.0f %.1f %d/%d %d/%d\n", 100 * got / sent, n / s, mem / 1048576,
			fragments, limit, contexts, most }'
	hosts_down
	rm -f "$DIR"/*.log "$DIR"/*.err
}

median() {
	sort -g -k "$2,$2" "$1" | awk -v c="$2" '
		{ v[NR] = $c }
		END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}
for ((round = 0; round < ROUNDS; round++)); do
	for i in "${!SOURCES[@]}"; do
		for way in "${!WAYS[@]}"; do
			measure "${WAYS[$way]}" "${SOURCES[$i]}" >>"$DIR/$i.$way"
		done
	done
done

echo "| flood | way | spoofed a second | delivered of the honest sender's, % | kernel's fragment memory, MiB | fragments and datagrams held, at most of |"
echo "|---|---|--:|--:|--:|--:|"
for i in "${!SOURCES[@]}"; do
	for way in "${!WAYS[@]}"; do
		file=$DIR/$i.$way
		echo "| ${SOURCE_NAMES[$i]} | ${WAYS[$way]} | $(median "$file" 2) | $(median "$file" 1) | $(median "$file" 3) | $(tail -1 "$file" | cut -d ' ' -f 4,5) |"
	done
done
