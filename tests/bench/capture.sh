#!/bin/bash
# capture.sh - packets captured into a file without loss, on a veth, beside tcpdump
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   capture.sh [ROUNDS]
#
# The sender sends as fast as it can for each; every fragment comes in on two NICs of the receiver,
# of which one drops it. tcpdump, which sees nothing that XDP drops, is measured with no agent.
set -eu
# shellcheck source=tests/net/hosts.sh
. "$(dirname "$0")/../net/hosts.sh"
trap hosts_sweep EXIT

ROUNDS=${1:-5}
GROUP=239.0.0.15
DATAGRAMS=5000 # of six fragments

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# Sends, and prints packets a second: flood COUNT
flood() {
	local start=${EPOCHREALTIME/./}
	in_tx "$CTL" probe send "$GROUP" "$PORT" "$SENDER" size 8000 count "$1" rate 0 >/dev/null
	echo $(($1 * 6 * 1000000 / (${EPOCHREALTIME/./} - start)))
}

rest() { sleep 0.3; }

# How many WHAT, of what was said at the end: said WHAT
said() { sed -nE "s/.*\b([0-9]+) $1.*/\1/p" "$DIR/said"; }

# Floods what a program captures, which says that it is ready and, at its end, how many it captured
# and lost, in its own words: one COUNT READY LOST FILE COMMAND…: "packets/s  captured  lost"
one() {
	local count=$1 ready=$2 lost=$3 file=$4 pid rate
	shift 4
	spawn_in "$RX" "$@" -i eth0 -w "$file" net 239.0.0.0/8 2>"$DIR/said" &
	pid=$!
	started "$pid"
	until_true 20 grep -q "$ready" "$DIR/said"
	rate=$(flood "$count")
	rest
	kill -INT "$pid"
	until_true 20 not_running "$pid"
	echo "$rate $(said "packets captured") $(said "$lost")"
	rm -f "$file"
}

one_capture() { # COUNT
	one "$1" capturing lost "$DIR/file.pcapng" "$CTL" -s "$(agent_socket)" capture
}

one_tcpdump() { # COUNT
	one "$1" listening "packets dropped by kernel" "$DIR/file.pcap" tcpdump -Z root -n
}

row() { # NAME FILE SENT
	printf '| %s | %s | %.1f %% |\n' "$1" "$(awk '{ print $1 }' "$2" | median)" \
		"$(awk -v sent="$3" '{ print 100 * $2 / sent }' "$2" | median)"
}

hosts_up "eth1 eth0"
agent_start
ctl group add "$GROUP" eth1
for ((round = 0; round < ROUNDS; round++)); do
	one_capture "$DATAGRAMS" >>"$DIR/ours"
	one_capture 750 >>"$DIR/burst"
done
agent_stop
for ((round = 0; round < ROUNDS; round++)); do
	one_tcpdump "$DATAGRAMS" >>"$DIR/tcpdump"
done

echo "| a veth, sender at full speed, into a file | packets/s sent | captured |"
echo "|---|--:|--:|"
row "xdpfragctl capture, dropped at the hook: $((DATAGRAMS * 6)) packets" "$DIR/ours" $((DATAGRAMS * 6))
row "the same, a burst of 4,500 packets" "$DIR/burst" 4500
row "tcpdump -w, without XDP: $((DATAGRAMS * 6)) packets" "$DIR/tcpdump" $((DATAGRAMS * 6))
