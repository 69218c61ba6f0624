#!/bin/bash
# path.sh - datagrams a second from a sender's socket to a receiver's: the kernel's reassembly, and ours
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/bench/path.sh [ROUNDS [SECONDS]]
#
# One sender, one receiver, veths and a bridge between them. conntrack is loaded, so
# that the kernel puts together before it routes. All ways are gone in turns in each
# round, on the same hosts: statements alone are changed.
#
# On veths the sender's CPU does the kernel's receiving too, down to the socket: its
# sendto() comes back when the datagram has been put together or lies in an AF_XDP
# socket, and so its CPU is what bounds the rate. CPU time is what holds on a busy
# machine; "times" is by the sender's.
set -euo pipefail
# shellcheck source=tests/net/hosts.sh
. "$(dirname "$0")/../net/hosts.sh"

ROUNDS=${1:-5}
LENGTH=${2:-0.5}
GROUP=239.0.0.15
BLAST=$BUILD/tests/tools/blast
WAYS=("kernel, one NIC, no program" "kernel, one NIC, steered" "reassemble, one NIC"
	"reassemble, one NIC, generic"
	"kernel, two NICs, the wrong one's dropped" "reassemble, two NICs")
trap hosts_sweep EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

steered() { ctl -j link show "$1" 2>/dev/null | jq -e '.[0].mode != "absent"' >/dev/null; }
active() { ctl -j group show "$GROUP" | jq -e '.[0].reassembly.active' >/dev/null; }

not_steered() { [ "$(ip -n "$RX" -j link show dev "$1" | jq '.[0].xdp.prog.id // 0')" -eq 0 ]; }

# go WAY
go() {
	local cable=down
	case $1 in *two*) cable=up ;; esac
	ip -n "$SW" link set p-eth0 "$cable"
	case $1 in
	*"no program")
		# Another link alone is managed.
		echo "link add none0" >"$DIR/way.conf"
		ctl apply "$DIR/way.conf" 2>/dev/null
		until_true 10 not_steered eth1
		return
		;;
	kernel*) echo "group add $GROUP eth1" >"$DIR/way.conf" ;;
	*) echo "group add $GROUP eth1 reassemble" >"$DIR/way.conf" ;;
	esac
	case $1 in *generic) printf 'link add %s mode skb\n' eth0 eth1 >>"$DIR/way.conf" ;; esac
	ctl apply "$DIR/way.conf"
	until_true 10 steered eth0
	until_true 10 steered eth1
	case $1 in reassemble*) until_true 10 active ;; esac
	# The worker is a thread that has just begun.
	taskset -acp "$LAST_CPU" "$AGENT_PID" >/dev/null
}

# CPU time of the agent, ns: the worker's but for a little
cpu_ns() { awk '{ n += $1 } END { printf "%.0f", n }' /proc/"$AGENT_PID"/task/*/schedstat; }

# A line of: delivered a second, delivered %, and us of CPU time a delivered datagram of
# the sender (with the kernel's receiving), the agent and the receiver: measure SIZE
measure() {
	local agent pid
	spawn_in "$RX" taskset -c "$LAST_CPU" "$BLAST" recv "$GROUP" "$PORT" 10.84.0.42 >"$DIR/recv" &
	pid=$!
	started "$pid"
	until_true 10 grep -q ready "$DIR/recv"
	agent=$(cpu_ns)
	in_tx taskset -c 0 "$BLAST" send "$GROUP" "$PORT" "$SENDER" "$1" "$LENGTH" >"$DIR/sent"
	agent=$(($(cpu_ns) - agent))
	settle
	kill -TERM "$pid"
	until_true 10 not_running "$pid"
	awk -v s="$LENGTH" -v agent="$agent" '
		FNR == NR { sent = $1; sender = $2; next }
		{ got = $1; receiver = $3 }
		END {
			printf "%.0f %.1f %.1f %.1f %.1f %.1f\n", got / s, 100 * got / sent, sender / got,
				agent / 1000 / got, receiver / got, (sender + receiver + agent / 1000) / got
		}' "$DIR/sent" "$DIR/recv"
}

# Of a column of a file: median FILE COLUMN
median() {
	sort -g -k "$2,$2" "$1" | awk -v c="$2" '
		{ v[NR] = $c }
		END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}
# Of the rounds' quotients of the third column of two files: times FILE FILE
times() {
	paste -d ' ' "$1" "$2" | awk '{ print $9 / $3 }' | sort -g | awk '
		{ v[NR] = $1 }
		END { printf "%.2f", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

LAST_CPU=$(($(nproc) - 1))
hosts_up "eth1 eth0"
# The switch is none that looks at IP.
in_sw sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true
agent_start

for ((round = 0; round < ROUNDS; round++)); do
	for size in 8000 60000; do
		for way in "${!WAYS[@]}"; do
			go "${WAYS[$way]}"
			measure "$size" >>"$DIR/$size.$way"
		done
	done
done

echo "| bytes | way | delivered a second | delivered, % | CPU, us a datagram: sender and softirq | agent | receiver | all | times as many of the sender's CPU |"
echo "|--:|---|--:|--:|--:|--:|--:|--:|--:|"
for size in 8000 60000; do
	for way in "${!WAYS[@]}"; do
		file=$DIR/$size.$way
		row="| $size | ${WAYS[$way]} |"
		for column in 1 2 3 4 5 6; do
			row+=" $(median "$file" "$column") |"
		done
		echo "$row $(times "$file" "$DIR/$size.0") |"
	done
done
