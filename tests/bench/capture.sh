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

one_capture() { # COUNT: "packets/s  captured  lost"
	local pid rate
	spawn_in "$RX" "$CTL" -s "$(agent_socket)" capture -i eth0 -w "$DIR/file.pcapng" net 239.0.0.0/8 2>"$DIR/said" &
	pid=$!
	started "$pid"
	until_true 20 grep -q capturing "$DIR/said"
	rate=$(flood "$1")
	rest
	kill -INT "$pid"
	until_true 20 not_running "$pid"
	echo "$rate $(sed -n 's/^xdpfragctl: \([0-9]*\) packets captured, \([0-9]*\) lost.*/\1 \2/p' "$DIR/said")"
	rm -f "$DIR/file.pcapng"
}

one_tcpdump() { # COUNT
	local pid rate
	spawn_in "$RX" tcpdump -Z root -n -i eth0 -w "$DIR/file.pcap" net 239.0.0.0/8 2>"$DIR/said" &
	pid=$!
	started "$pid"
	until_true 20 grep -q listening "$DIR/said"
	rate=$(flood "$1")
	rest
	kill -INT "$pid"
	until_true 20 not_running "$pid"
	echo "$rate $(sed -n 's/^\([0-9]*\) packets captured/\1/p' "$DIR/said") $(sed -n 's/^\([0-9]*\) packets dropped by kernel/\1/p' "$DIR/said")"
	rm -f "$DIR/file.pcap"
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
