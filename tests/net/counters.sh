#!/bin/bash
# counters.sh - one truth: group show, stats and metrics say the same, and it is what was sent
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=500
ALL=$((N * FRAGMENTS))
METRICS=127.0.0.1:9104

begin() {
	hosts "eth1 eth0"
	AGENT_ARGS=(--metrics "$METRICS")
	agent_start
	steered eth0 eth1
}

traffic() {
	send "$1" size 8000 count "$N" rate 1000
	settle
}

metrics() { in_rx curl -sS -m 5 "http://$METRICS/metrics"; }

# metric NAME LABEL=VALUE...: the value of the one series that has all of these
metric() {
	local name=$1 lines label
	shift
	lines=$(metrics | grep "^${name}[{ ]")
	for label in "$@"; do
		lines=$(grep -F "${label%%=*}=\"${label#*=}\"" <<<"$lines")
	done
	awk '{ sum += $NF } END { print sum + 0 }' <<<"$lines"
}

stat_of() { ctl -j stats | jq --arg nic "$1" --arg field "$2" '.links[] | select(.name == $nic)[$field]'; }

test_all_places_show_what_was_sent() {
	begin
	ctl group add "$GROUP" eth1
	ctl group add "$NEIGHBOUR" eth0 wrong observe
	traffic "$GROUP"
	traffic "$NEIGHBOUR"
	traffic 239.9.9.9
	expect_counts "$GROUP" eth0 dropped "$ALL"
	expect_counts "$GROUP" eth1 passed "$ALL"
	expect_counts "$NEIGHBOUR" eth0 passed "$ALL"
	expect_counts "$NEIGHBOUR" eth1 observed "$ALL"
	expect "stats of eth0" "$(ctl -j stats | jq -c '.links[] | select(.name == "eth0")
		| [.passed, .dropped, .observed, .redirected, .no_policy, .malformed, .uncounted]')" \
		"[$ALL,$ALL,0,0,$ALL,0,0]"
	expect "stats of eth1" "$(ctl -j stats | jq -c '.links[] | select(.name == "eth1")
		| [.passed, .dropped, .observed, .redirected, .no_policy, .malformed, .uncounted]')" \
		"[$ALL,0,$ALL,0,$ALL,0,0]"
	expect "stats in all" "$(ctl -j stats | jq -c '.total | [.passed, .dropped, .observed, .no_policy]')" \
		"[$((2 * ALL)),$ALL,$ALL,$((2 * ALL))]"
	expect "metric dropped on eth0" "$(metric xdpfrag_packets_total nic=eth0 verdict=dropped)" "$ALL"
	expect "metric passed on eth1" "$(metric xdpfrag_packets_total nic=eth1 verdict=passed)" "$ALL"
	expect "metric no_policy on eth1" \
		"$(metric xdpfrag_unsteered_packets_total nic=eth1 reason=no_policy)" "$ALL"
	expect "metric of the group on eth0" \
		"$(metric xdpfrag_group_packets_total "group=$GROUP" nic=eth0 verdict=dropped)" "$ALL"
	expect "metric of the neighbour on eth1" \
		"$(metric xdpfrag_group_packets_total "group=$NEIGHBOUR" nic=eth1 verdict=observed)" "$ALL"
	# And for people.
	ctl group show | grep -q "$GROUP" || fail "the table lacks the group"
	ctl stats | grep -q "$ALL" || fail "the table lacks the count"
}

# share GROUP NIC NAME
share() {
	ctl -j group show "$1" |
		jq --arg nic "$2" --arg name "$3" '.[0].links[] | select(.name == $nic)[$name]'
}

is_put_together() { [ "$(ctl -j group show | jq '.[0].reassembly.active')" = true ]; }
test_all_places_show_what_was_put_together() {
	local nic kind line
	begin
	ctl group add "$GROUP" eth1 reassemble
	eventually is_put_together
	listen app "$GROUP" eth1
	traffic "$GROUP"
	expect "received" "$(heard app)" "$N"
	expect "group" "$(ctl -j group show | jq -c '.[0].reassembly')" \
		"{\"completed\":$N,\"bytes\":$((N * 8008)),\"lost\":0,\"active\":true}"
	expect "status" "$(ctl -j status | jq -c '.reassembly | [.completed, .delivered, .undelivered,
		([.lost[]] | add), .fragments.kept + .fragments.completing, .held.now]')" "[$N,$N,0,0,$ALL,0]"
	expect "completed" "$(metric xdpfrag_reassembly_completed_total)" "$N"
	expect "delivered" "$(metric xdpfrag_reassembly_delivered_total)" "$N"
	expect "lost" "$(metric xdpfrag_reassembly_lost_total)" 0
	expect "of the group" "$(metric xdpfrag_group_reassembly_completed_total "group=$GROUP")" "$N"
	expect "running" "$(metric xdpfrag_reassembly_running)" 1
	for nic in eth0 eth1; do
		expect_counts "$GROUP" "$nic" reassembled "$ALL"
		expect "first and duplicate on $nic" \
			$(($(share "$GROUP" "$nic" first) + $(share "$GROUP" "$nic" duplicate))) "$ALL"
		for kind in first duplicate made_good; do
			expect "metric $kind on $nic" \
				"$(metric xdpfrag_group_reassembly_fragments_total "nic=$nic" "kind=$kind")" \
				"$(share "$GROUP" "$nic" "$kind")"
		done
		expect "received by the socket of $nic" \
			"$(metric xdpfrag_socket_received_total "nic=$nic" queue=0)" "$ALL"
	done
	expect "first on both" \
		$(($(share "$GROUP" eth0 first) + $(share "$GROUP" eth1 first))) "$ALL"
	# And for people.
	ctl group show >"$DIR/said"
	ctl link show >>"$DIR/said"
	ctl status >>"$DIR/said"
	for line in "reassembly  active  completed $N  lost 0" "first .*duplicate .*made-good 0" \
		"socket    queue 0 copy  .* frames.* received $ALL" \
		"datagrams $N completed, $N delivered; lost 0$"; do
		grep -q "$line" "$DIR/said" || fail "nobody says: $line; $(cat "$DIR/said")"
	done
	ctl group del "$GROUP"
	expect "running without such a group" "$(metric xdpfrag_reassembly_running)" 0
	expect "status without" "$(ctl -j status | jq -c .reassembly)" null
	expect "sockets without" "$(ctl -j link show | jq -c '[.[].sockets[]]')" '[]'
}

test_the_map_says_the_same() {
	begin
	ctl group add "$GROUP" eth1
	traffic "$GROUP"
	local map
	map=$(find "$(agent_pins)" -name '*counters*' -path '*eth0*' | head -n 1)
	[ -n "$map" ] || fail "no pinned counters of eth0: $(find "$(agent_pins)")"
	expect "dropped in the map" "$(bpftool -j map dump pinned "$map" |
		jq '[.[] | (.formatted // .).value.packets[1]] | add')" "$ALL"
}

test_metrics_are_well_formed() {
	begin
	ctl group add "$GROUP" eth1
	traffic "$GROUP"
	metrics >"$DIR/metrics"
	# Every line is a comment or a sample, and every sample's metric has its TYPE.
	! grep -Ev '^# (HELP|TYPE) [a-z_]+ .+$|^[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+]+$' \
		"$DIR/metrics" || fail "lines of no known form"
	local name
	sed -n 's/^\([a-z_]*\)[{ ].*/\1/p' "$DIR/metrics" | sort -u >"$DIR/names"
	while read -r name; do
		grep -q "^# TYPE $name " "$DIR/metrics" || fail "$name has no TYPE"
	done <"$DIR/names"
	expect "content type" "$(in_rx curl -sS -m 5 -o /dev/null -w '%{content_type}' "http://$METRICS/metrics")" \
		"text/plain; version=0.0.4"
	expect "another page" "$(in_rx curl -s -m 5 -o /dev/null -w '%{http_code}' "http://$METRICS/other")" 404
	# A client that asks and never reads, or asks for nothing, holds nobody up.
	in_rx socat -u - "TCP:$METRICS" < <(sleep 30) &
	started $!
	sleep 0.2
	metrics >/dev/null
	ctl status >/dev/null
}

test_a_deleted_policy_keeps_the_sums() {
	begin
	ctl group add "$GROUP" eth1
	traffic "$GROUP"
	ctl group del "$GROUP"
	expect "dropped on eth0" "$(stat_of eth0 dropped)" "$ALL"
	# A policy made again is a new one.
	ctl group add "$GROUP" eth1
	expect_counts "$GROUP" eth0 dropped 0
	traffic "$GROUP"
	expect_counts "$GROUP" eth0 dropped "$ALL"
	expect "dropped on eth0" "$(stat_of eth0 dropped)" $((2 * ALL))
}

test_the_sums_survive_growth_and_a_NIC_made_again() {
	begin
	ctl group add "$GROUP" eth1
	traffic "$GROUP"
	# More policies than the first maps hold, and a scope that takes another program.
	{ ctl save; echo "group add 239.8.0.0/16 eth0 scope all"; seq -f 'group add 238.0.1.%g eth1' 0 255
		seq -f 'group add 238.0.2.%g eth1' 0 255; seq -f 'group add 238.0.3.%g eth1' 0 255
		seq -f 'group add 238.0.4.%g eth1' 0 255; seq -f 'group add 238.0.5.%g eth1' 0 255; } |
		ctl apply -
	expect_counts "$GROUP" eth0 dropped "$ALL"
	traffic "$GROUP"
	expect_counts "$GROUP" eth0 dropped $((2 * ALL))
	expect "dropped on eth0" "$(stat_of eth0 dropped)" $((2 * ALL))
	nic_del eth0
	nic_add eth0
	eventually link_is eth0 ifindex "$(ip -n "$RX" -j link show dev eth0 | jq '.[0].ifindex')"
	steered eth0
	expect "dropped in all" "$(ctl -j stats | jq .total.dropped)" $((2 * ALL))
	traffic "$GROUP"
	expect "dropped in all" "$(ctl -j stats | jq .total.dropped)" $((3 * ALL))
}

test_rates_are_of_the_traffic() {
	begin
	ctl group add "$GROUP" eth1
	"$CTL" -j -s "$(agent_socket)" stats -w 0.5 >"$DIR/rates" &
	local watcher=$!
	started "$watcher"
	send "$GROUP" size 8000 count 1000 rate 500
	sleep 0.6
	kill -INT "$watcher"
	wait "$watcher" || fail "exit status $? after SIGINT"
	# Sum over the intervals of rate times seconds: all that was sent.
	expect "dropped, integrated" \
		"$(jq -s 'map(.seconds * .total.dropped) | add | round' "$DIR/rates")" 6000
}

test_probe_tells_losses() {
	hosts "eth1"
	in_rx nft -f - <<-'NFT'
	table inet lossy {
		chain early {
			type filter hook prerouting priority -450;
			udp dport 1067 numgen inc mod 10 == 3 drop
		}
	}
	NFT
	listen app "$GROUP" eth1
	send "$GROUP" size 100 count 500 rate 2000
	expect "received" "$(heard app)" 450
	expect "lost" "$(heard app .lost)" 50
	expect "duplicates" "$(heard app .duplicates)" 0
}

net_tests \
	test_all_places_show_what_was_sent \
	test_all_places_show_what_was_put_together \
	test_the_map_says_the_same \
	test_metrics_are_well_formed \
	test_a_deleted_policy_keeps_the_sums \
	test_the_sums_survive_growth_and_a_NIC_made_again \
	test_rates_are_of_the_traffic \
	test_probe_tells_losses
