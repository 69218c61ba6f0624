#!/bin/bash
# xdpcap_hook.sh - the hook for xdpcap: where it is, what is seen there, and what it outlives
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42   the hook
#                                |    p-eth1 ------ eth1 10.84.0.42     joins, without
#
# In xdpcap's place stands tests/tools/standin, which makes the same calls with the
# same arguments.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

STANDIN=$BUILD/tests/tools/standin
N=100
ALL=$((N * FRAGMENTS))
DROP=1 PASS=2 # enum xdp_action

begin() {
	hosts "eth1 eth0"
	watch_packets
	cat >"$CONF" <<-CONF
	link add eth0 xdpcap-hook on
	link add eth1
	group add $GROUP eth1
	group add $NEIGHBOUR eth0
	CONF
	agent_start
	steered eth0 eth1
	HOOK=$(agent_pins)/links/eth0/xdpcap
}

# Returns when it stands at the hook: capture NAME HOOK
capture() {
	spawn_in "$RX" "$STANDIN" "$2" >"$DIR/$1.seen" 2>"$DIR/$1.err" &
	CAPTURE_PID=$!
	started "$CAPTURE_PID"
	until_true 10 test -s "$DIR/$1.seen" || fail "it does not attach: $(cat "$DIR/$1.err")"
}

# Fragments that it has seen with an action: seen NAME ACTION
seen() { tail -n 1 "$DIR/$1.seen" | jq ".actions[$2].fragments"; }
seen_is() { [ "$(seen "$1" "$2")" = "$3" ]; }

traffic() {
	send "${1:-$GROUP}" size 8000 count $N rate 1000
	settle
}

# The file with eth0's line as it is said here: restate eth0's WORDS…
restate() {
	sed "s/^link add eth0.*/link add eth0 $*/" "$CONF" | ctl apply -
}

expect_hook() {
	expect "the hook" "$(link_says eth0 xdpcap_hook)" "$HOOK"
	[[ $(link_says eth0 xdpcap_reason) == "steered alone"* ]] ||
		fail "it is not said that it is alone: $(link_says eth0 xdpcap_reason)"
	expect "the pin" "$(bpftool -j map show pinned "$HOOK" |
		jq -c '[.type, .bytes_key, .bytes_value, .max_entries]')" '["prog_array",4,4,5]'
}

expect_no_hook() {
	expect "the hook" "$(link_says eth0 xdpcap_hook)" ""
	expect "its reason" "$(link_says eth0 xdpcap_reason)" ""
	[ ! -e "$HOOK" ] || fail "the pin is there"
}

array_id() { bpftool -j map show pinned "$HOOK" | jq .id; }

test_it_is_there_and_shown() {
	begin
	expect_hook
	expect "takes several buffers" "$(link_says eth0 frags)" true
	expect "shares its XDP hook" "$(link_says eth0 dispatcher)" false
	expect "reason" "$(link_says eth0 reason)" ""
	ctl link show eth0 | grep -q "^    xdpcap *$HOOK  steered alone" || fail "$(ctl link show eth0)"
	expect "the hook of eth1" "$(link_says eth1 xdpcap_hook)$(link_says eth1 xdpcap_reason)" ""
	expect "saved" "$(ctl save | head -n 2)" "$(head -n 2 "$CONF")"
	agent_stop
	[ ! -e "$HOOK" ] || fail "the pin is there after SIGTERM"
}

test_dropped_and_passed_packets_are_seen_with_their_action() {
	begin
	capture one "$HOOK"
	traffic
	traffic "$NEIGHBOUR"
	eventually seen_is one $DROP $ALL
	eventually seen_is one $PASS $ALL
	expect "aborted" "$(seen one 0)" 0
	expect "sent" "$(seen one 3)" 0
	expect "redirected" "$(seen one 4)" 0
	expect_counts "$GROUP" eth0 dropped $ALL
	expect_counts "$NEIGHBOUR" eth0 passed $ALL
	expect "past eth0" "$(arrived eth0 "$GROUP")" 0
	expect "the neighbour's" "$(arrived eth0 "$NEIGHBOUR")" $ALL
}

test_redirected_packets_are_seen_and_arrive() {
	begin
	ip netns add "$HOSTS-far"
	ip -n "$RX" link add mirror0 type veth peer name far0 netns "$HOSTS-far"
	# A veth's native receive path, without which it takes no redirected frame.
	ip -n "$HOSTS-far" link set far0 up
	ip -n "$RX" link set mirror0 up
	in_ns "$HOSTS-far" ip link set dev far0 xdp obj "$BARE" program bare_pass
	ctl group replace "$GROUP" eth1 wrong redirect mirror0
	capture one "$HOOK"
	traffic
	eventually seen_is one 4 $ALL
	expect_counts "$GROUP" eth0 redirected $ALL
	expect "on far0" "$(ip -n "$HOSTS-far" -s -j link show dev far0 | jq '.[0].stats64.rx.packets')" $ALL
}

# Policies beyond what the tables hold: every program is loaded anew, with larger maps.
grow() {
	{
		cat "$CONF"
		seq 1 2000 | awk '{ printf "group add 239.3.%d.%d eth1\n", $1 / 250, $1 % 250 + 1 }'
	} >"$DIR/large.conf"
	ctl apply "$DIR/large.conf"
}

test_it_outlives_a_move_of_the_policy() {
	local program array
	begin
	capture one "$HOOK"
	traffic
	program=$(link_says eth0 program) array=$(array_id)
	grow
	[ "$(link_says eth0 program)" != "$program" ] || fail "nothing was moved"
	expect_hook
	expect "the array" "$(array_id)" "$array"
	traffic
	eventually seen_is one $DROP $((2 * ALL))
	expect_counts "$GROUP" eth0 dropped $((2 * ALL))
}

test_it_outlives_a_killed_agent() {
	local program array
	begin
	capture one "$HOOK"
	traffic
	program=$(link_says eth0 program) array=$(array_id)
	agent_kill
	traffic
	eventually seen_is one $DROP $((2 * ALL))
	agent_start
	steered eth0 eth1
	expect "the program" "$(link_says eth0 program)" "$program"
	expect_hook
	expect "the array" "$(array_id)" "$array"
	traffic
	eventually seen_is one $DROP $((3 * ALL))
	expect_counts "$GROUP" eth0 dropped $((3 * ALL))
	# Another one may come, as xdpcap may: it takes the places.
	capture two "$HOOK"
	traffic
	eventually seen_is two $DROP $ALL
}

# Also when the pins are gone, as they are in another mount namespace.
test_a_killed_agents_hook_is_found_without_its_pin() {
	begin
	capture one "$HOOK"
	agent_kill
	rm -r "$(agent_pins)"
	agent_start
	steered eth0 eth1
	expect_hook
	traffic
	eventually seen_is one $DROP $ALL
}

# And when its program is gone, and the pin is not.
test_a_killed_agents_hook_is_found_without_its_program() {
	begin
	capture one "$HOOK"
	agent_kill
	in_rx ip link set dev eth0 xdp off
	agent_start
	steered eth0 eth1
	expect_hook
	traffic
	eventually seen_is one $DROP $ALL
}

test_a_NIC_that_comes_again_has_the_same_hook() {
	begin
	capture one "$HOOK"
	nic_del eth0
	eventually link_is eth0 mode absent
	expect_no_hook
	nic_add eth0
	steered eth0
	expect_hook
	traffic
	eventually seen_is one $DROP $ALL
}

test_it_goes_with_its_NIC_to_another_name() {
	begin
	capture one "$HOOK"
	sed 's/eth0/lan0/' "$CONF" >"$DIR/renamed.conf"
	ctl apply "$DIR/renamed.conf"
	ip -n "$RX" link set eth0 down
	ip -n "$RX" link set eth0 name lan0
	ip -n "$RX" link set lan0 up
	steered lan0
	[ ! -e "$HOOK" ] || fail "the old pin is there"
	expect "the hook" "$(link_says lan0 xdpcap_hook)" "$(agent_pins)/links/lan0/xdpcap"
}

# An array that belongs to programs of another kind can take neither ours nor xdpcap's.
test_a_stale_array_under_its_name_makes_way() {
	local stale
	begin
	agent_stop
	mkdir -p "${HOOK%/*}"
	in_rx "$STANDIN" --stale "$HOOK"
	stale=$(array_id)
	agent_start
	steered eth0 eth1
	expect_hook
	[ "$(array_id)" != "$stale" ] || fail "the stale array is still there"
	grep -q 'eth0: its xdpcap hook .* start xdpcap again' "$(agent_log)" || fail "it is not said"
	capture one "$HOOK"
	traffic
	eventually seen_is one $DROP $ALL
}

# Not one wrong fragment passes while it comes and goes, and none is counted twice or lost.
test_it_comes_and_goes_without_a_gap() {
	local i
	begin
	restate
	expect_no_hook
	send "$GROUP" size 8000 count 600 rate 300 &
	started $!
	for ((i = 0; i < 8; i++)); do
		restate xdpcap-hook on
		expect_hook
		restate
		expect_no_hook
	done
	wait $!
	settle
	expect_counts "$GROUP" eth0 dropped $((600 * FRAGMENTS))
	expect_counts "$GROUP" eth1 passed $((600 * FRAGMENTS))
	expect "past eth0" "$(arrived eth0 "$GROUP")" 0
	expect "past eth1" "$(arrived eth1 "$GROUP")" $((600 * FRAGMENTS))
	expect "saved" "$(ctl save | head -n 1)" "link add eth0"
}

test_it_comes_and_goes_by_command() {
	begin
	ctl link del eth0
	[ ! -e "$HOOK" ] || fail "the pin is there"
	ctl link add eth0 xdpcap-hook off
	expect_no_hook
	! ctl link add eth0 xdpcap-hook on 2>"$DIR/said" || fail "there are two statements for eth0"
	grep -q 'link eth0 is there already' "$DIR/said" || fail "$(cat "$DIR/said")"
	expect_no_hook
	ctl link del eth0
	ctl link add eth0 mode skb xdpcap-hook on
	expect "mode" "$(link_says eth0 mode)" skb
	expect_hook
	expect "saved" "$(ctl save | head -n 1)" "link add eth0 mode skb xdpcap-hook on"
	capture one "$HOOK"
	traffic
	eventually seen_is one $DROP $ALL
}

test_it_is_refused_beside_another_program() {
	local foreign before
	begin
	ctl link del eth0
	in_rx ip link set dev eth0 xdp obj "$BARE" program bare_pass
	foreign=$(kernel_program eth0)
	before=$(ctl save)
	! ctl link add eth0 xdpcap-hook on 2>"$DIR/said" || fail "it was taken"
	grep -q "eth0 cannot be steered: XDP program bare_pass (id $foreign) holds the hook" "$DIR/said" ||
		fail "$(cat "$DIR/said")"
	grep -q "ip link set dev eth0 xdp off" "$DIR/said" || fail "no remedy: $(cat "$DIR/said")"
	expect "saved" "$(ctl save)" "$before"
	expect "the program" "$(kernel_program eth0)" "$foreign"
	[ ! -e "$HOOK" ] || fail "the pin is there"
	# From a file it waits.
	ctl apply "$CONF"
	expect "mode" "$(link_says eth0 mode)" off
	expect_no_hook
	in_rx ip link set dev eth0 xdp off
	steered eth0
	expect_hook
}

# Jumbo frames pass the hook whole, though xdpcap sees the first buffer of them.
test_it_takes_jumbo_frames() {
	hosts "eth1 eth0" 9000
	watch_packets
	printf 'link add eth0 xdpcap-hook on\nlink add eth1\ngroup add %s eth1\n' "$GROUP" >"$CONF"
	agent_start
	steered eth0 eth1
	HOOK=$(agent_pins)/links/eth0/xdpcap
	expect_hook
	capture one "$HOOK"
	send "$GROUP" size 20000 count $N rate 500
	settle
	eventually seen_is one $DROP $((3 * N))
	expect_counts "$GROUP" eth0 dropped $((3 * N))
}

net_tests \
	test_it_is_there_and_shown \
	test_dropped_and_passed_packets_are_seen_with_their_action \
	test_redirected_packets_are_seen_and_arrive \
	test_it_outlives_a_move_of_the_policy \
	test_it_outlives_a_killed_agent \
	test_a_killed_agents_hook_is_found_without_its_pin \
	test_a_killed_agents_hook_is_found_without_its_program \
	test_a_NIC_that_comes_again_has_the_same_hook \
	test_it_goes_with_its_NIC_to_another_name \
	test_a_stale_array_under_its_name_makes_way \
	test_it_comes_and_goes_without_a_gap \
	test_it_comes_and_goes_by_command \
	test_it_is_refused_beside_another_program \
	test_it_takes_jumbo_frames
