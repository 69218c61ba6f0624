#!/bin/bash
# settings.sh - `link set` and `link unset`: put in force, kept so, refused, given back
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

NARROW=$BUILD/tests/net/narrow.bpf.o

begin() {
	hosts "eth1 eth0"
	printf 'link add eth0\nlink add eth1\n' >"$CONF"
	cat >>"$CONF"
	agent_start
	steered eth0 eth1
}

# --- what the kernel has ---

# has NIC SETTING: bytes, "on" or "off"
has() {
	case $2 in
	mtu) ip -n "$RX" -j link show dev "$1" | jq '.[0].mtu' ;;
	promisc | allmulti)
		ip -n "$RX" -j link show dev "$1" |
			jq -r --arg flag "${2^^}" 'if .[0].flags | index($flag) then "on" else "off" end'
		;;
	gro) feature "$1" generic-receive-offload ;;
	gso) feature "$1" generic-segmentation-offload ;;
	tso) feature "$1" tcp-segmentation-offload ;;
	lro) feature "$1" large-receive-offload ;;
	esac
}
feature() { in_rx ethtool -k "$1" | awk -v name="$2:" '$1 == name { print $2 }'; }
is() { [ "$(has "$1" "$2" 2>/dev/null)" = "$3" ]; }

# put NIC SETTING VALUE: behind the agent's back
put() {
	case $2 in
	mtu | promisc) ip -n "$RX" link set "$1" "$2" "$3" ;;
	allmulti) ip -n "$RX" link set "$1" allmulticast "$3" ;;
	*) in_rx ethtool -K "$1" "$2" "$3" ;;
	esac
}

# Everything that a statement could touch, as one text.
all_of() {
	ip -n "$RX" -j link show dev "$1" | jq -c '.[0] | [.mtu, .flags]'
	in_rx ethtool -k "$1" | grep -E 'segmentation|receive-offload'
}

# --- what the agent says ---

# says NIC SETTING FIELD
says() { ctl -j link show "$1" | jq -r --arg s "$2" --arg f "$3" '.[0].settings[$s][$f]'; }
said_is() { [ "$(says "$1" "$2" "$3" 2>/dev/null)" = "$4" ]; }
logged() { grep -qF "$1" "$(agent_log)"; }

# refused COMMAND…: prints the message
refused() {
	! "$@" 2>"$DIR/said" || fail "was taken: $*"
	cat "$DIR/said"
}

# One message holds another text: expect_text WHAT TEXT PART…
expect_text() {
	local what=$1 text=$2 part
	shift 2
	for part in "$@"; do
		[[ $text == *"$part"* ]] || fail "$what: \"$text\" does not say \"$part\""
	done
}

test_every_setting_is_put_in_force_and_given_back() {
	local before setting
	begin </dev/null
	before=$(all_of eth1)
	ctl link set eth1 mtu 9000 promisc on allmulti on gro on gso off tso off
	expect "mtu" "$(has eth1 mtu)" 9000
	expect "promisc" "$(has eth1 promisc)" on
	expect "allmulti" "$(has eth1 allmulti)" on
	expect "gro" "$(has eth1 gro)" on
	expect "gso" "$(has eth1 gso)" off
	expect "tso" "$(has eth1 tso)" off
	expect "shown" "$(ctl -j link show eth1 | jq -c '.[0].settings | map_values([.wanted, .now, .in_force, .reason])')" \
		'{"mtu":[9000,9000,true,""],"promisc":[true,true,true,""],"allmulti":[true,true,true,""],"gro":[true,true,true,""],"gso":[false,false,true,""],"tso":[false,false,true,""]}'
	expect "mtu shown" "$(link_says eth1 mtu)" 9000
	# The other way round, in one statement over the first.
	ctl link set eth1 mtu 1400 tso on gso on gro off promisc off allmulti off
	expect "all" "$(for setting in mtu promisc allmulti gro gso tso; do has eth1 "$setting"; done | xargs)" \
		"1400 off off off on on"
	# One of them is given back, and the rest stays.
	ctl link set eth1 promisc on
	ctl link unset eth1 mtu
	expect "mtu" "$(has eth1 mtu)" 1500
	expect "promisc" "$(has eth1 promisc)" on
	ctl link unset eth1
	expect "all given back" "$(all_of eth1)" "$before"
	expect "drift" "$(link_says eth1 drift)" 0
	expect "eth0" "$(ctl -j link show eth0 | jq -c '.[0].settings')" '{}'
	! grep link/ "$DIR/rx.run/found" || fail "something is still kept"
}

# drifts SETTING STATED OTHER: how many milliseconds it takes
drifts() {
	local start
	ctl link set eth1 "$1" "$2"
	put eth1 "$1" "$3"
	start=${EPOCHREALTIME/./}
	until_true 1 is eth1 "$1" "$2" || fail "$1 is $(has eth1 "$1") a second later, not $2"
	echo "$1 put back within $(((${EPOCHREALTIME/./} - start) / 1000)) ms" >>"$DIR/times"
}

test_what_somebody_changes_is_put_back_within_a_second() {
	AGENT_ARGS=(--metrics 127.0.0.1:9100)
	begin </dev/null
	drifts mtu 9000 1400
	drifts promisc on off
	drifts allmulti on off
	drifts gro on off
	drifts gso off on
	drifts tso off on
	logged "eth1: mtu was 1400, put back to 9000" || fail "the log does not say it"
	logged "eth1: promisc was off, put back to on" || fail "the log does not say it"
	expect "drift" "$(link_says eth1 drift)" 6
	expect "drift of mtu" "$(says eth1 mtu drift)" 1
	in_rx curl -s http://127.0.0.1:9100/metrics >"$DIR/metrics"
	grep -qxF 'xdpfrag_link_drift_total{nic="eth1",setting="mtu"} 1' "$DIR/metrics"
	grep -qxF 'xdpfrag_link_setting_in_force{nic="eth1",setting="tso"} 1' "$DIR/metrics"
	grep -qxF 'xdpfrag_settings_drift_total 6' "$DIR/metrics"
	# A statement that changes is no drift, nor is one that goes.
	ctl link set eth1 mtu 1450 promisc off
	ctl link unset eth1 allmulti
	sleep 0.1
	expect "drift" "$(link_says eth1 drift)" 6
	expect "warnings" "$(grep -c 'put back to' "$(agent_log)")" 7
}

test_what_the_NIC_cannot_have_is_refused_with_its_limit() {
	local before text
	begin </dev/null
	before=$(all_of eth1)
	text=$(refused ctl link set eth1 promisc on lro on)
	expect_text "lro" "$text" "eth1 cannot have lro on" "fixed off"
	expect "word" "$(ctl -j link set eth1 lro on | jq -r .error.word)" lro
	text=$(refused ctl link set eth1 allmulti on mtu 65536)
	expect_text "mtu" "$text" "65536" "68 to 65535 bytes"
	expect "nothing touched" "$(all_of eth1)" "$before"
	# Off is what it has.
	ctl link set eth1 lro off
	# The peer's program narrows what a veth takes.
	in_sw ip link set dev p-eth1 xdp obj "$NARROW" program narrow_pass
	text=$(refused ctl link set eth1 mtu 9000)
	expect_text "mtu" "$text" "9000" "to $(max_mtu eth1) bytes" "XDP program without multi-buffer"
	text=$(refused ctl link set eth1 gro on tso on mtu 1400)
	before=$(all_of eth1)
	ctl link unset eth1
	expect "nothing touched" "$(all_of eth1)" "$before"
	expect "saved" "$(ctl save | grep -c 'link set')" 0
}
max_mtu() { ip -n "$RX" -j -d link show dev "$1" | jq '.[0].max_mtu'; }

# GSO needs scatter-gather, which the kernel tells only by not turning GSO on.
test_what_turns_out_to_be_refused_is_taken_back_whole() {
	local before text
	begin </dev/null
	ctl link set eth1 mtu 1450
	put eth1 gso off
	in_rx ethtool -K eth1 sg off >/dev/null
	before=$(all_of eth1)
	text=$(refused ctl link set eth1 mtu 9000 promisc on gso on)
	expect_text "gso" "$text" "eth1 cannot have gso on" "ethtool -k eth1"
	expect "nothing changed" "$(all_of eth1)" "$before"
	expect "saved" "$(ctl save | grep 'link set')" "link set eth1 mtu 1450"
	in_rx ethtool -K eth1 sg on >/dev/null
	expect "gso not asked for" "$(has eth1 gso)" off
	expect "drift" "$(link_says eth1 drift)" 0
}

test_a_file_with_a_bad_setting_holds_but_for_that_one() {
	local text before
	begin </dev/null
	printf 'link set eth1 mtu 65536 promisc on lro on\nlink set eth0 mtu 1400\n' >"$DIR/file"
	text=$(ctl apply "$DIR/file" 2>&1)
	expect_text "warnings" "$text" "eth1 cannot have mtu 65536: it takes an MTU of 68 to 65535 bytes" \
		"eth1 cannot have lro on: the driver has it fixed off"
	expect "promisc" "$(has eth1 promisc)" on
	expect "eth0" "$(has eth0 mtu)" 1400
	expect "eth1" "$(has eth1 mtu)" 1500
	expect "shown" "$(says eth1 mtu reason)" "it takes an MTU of 68 to 65535 bytes"
	expect "shown" "$(says eth1 mtu in_force)" false
	expect "saved" "$(ctl save | grep -c 'link set')" 2
	# Kept, said once, and nothing runs hot.
	sleep 0.3
	before=$(ctl -j status | jq .reconciles)
	sleep 1
	[ $(($(ctl -j status | jq .reconciles) - before)) -le 1 ] || fail "the agent goes round and round"
	expect "lines" "$(grep -c 'cannot have mtu' "$(agent_log)")" 1
	# What was refused before stands in no other statement's way.
	ctl link set eth1 allmulti on
	expect "allmulti" "$(has eth1 allmulti)" on
}

test_a_statement_waits_for_its_NIC() {
	local text
	begin <<-CONF
		link set eth2 mtu 1400 promisc on
	CONF
	text=$(ctl link set eth2 allmulti on 2>&1)
	expect_text "warning" "$text" "eth2 is absent"
	nic_add eth2
	until_true 2 is eth2 mtu 1400 || fail "mtu is $(has eth2 mtu)"
	eventually is eth2 promisc on
	eventually is eth2 allmulti on
	# Deleted and made again: applied again, and no drift.
	nic_del eth2
	nic_add eth2
	until_true 2 is eth2 mtu 1400 || fail "mtu is $(has eth2 mtu)"
	eventually is eth2 promisc on
	expect "drift" "$(ctl -j status | jq .link_drift)" 0
	eventually pairs_are 3
}
pairs_are() { [ "$(grep -c link/ "$DIR/rx.run/found")" = "$1" ]; }

test_settings_follow_the_name_and_what_was_found_the_NIC() {
	begin </dev/null
	put eth1 mtu 1490
	ctl link set eth1 mtu 1400
	# The NIC that had the name gets back what it had; the one that has it now is set.
	ip -n "$RX" link set eth1 name lan1
	eventually is lan1 mtu 1490
	ip -n "$RX" link set lan1 name eth1
	eventually is eth1 mtu 1400
	expect "drift" "$(says eth1 mtu drift)" 0
	ctl link unset eth1
	expect "mtu" "$(has eth1 mtu)" 1490
}

# Same name, same ifindex: still another NIC, to which nothing was done.
test_a_NIC_in_the_place_of_another_gets_nothing_of_its() {
	local ifindex
	begin </dev/null
	put eth1 mtu 1490
	ctl link set eth1 mtu 1400 promisc on
	ifindex=$(ip -n "$RX" -j link show dev eth1 | jq '.[0].ifindex')
	agent_stop
	nic_del eth1
	nic_add eth1 index "$ifindex"
	agent_start
	eventually is eth1 mtu 1400
	ctl link unset eth1
	expect "mtu" "$(has eth1 mtu)" 1500
	expect "promisc" "$(has eth1 promisc)" off
}

test_the_agents_end_leaves_settings_and_the_next_gives_back() {
	local before
	begin </dev/null
	before=$(all_of eth1)
	ctl link set eth1 mtu 9000 promisc on tso off
	agent_stop
	expect "mtu" "$(has eth1 mtu)" 9000
	expect "promisc" "$(has eth1 promisc)" on
	agent_start
	expect "mtu" "$(has eth1 mtu)" 9000
	expect "drift" "$(link_says eth1 drift)" 0
	agent_kill
	put eth1 promisc off
	agent_start
	expect "promisc" "$(has eth1 promisc)" on
	ctl link unset eth1
	expect "given back" "$(all_of eth1)" "$before"
	# What somebody else set meanwhile is theirs.
	ctl link set eth1 mtu 9000 promisc on
	agent_stop
	put eth1 mtu 1300
	rm "$DIR/rx.run/state.conf"
	agent_start
	expect "promisc" "$(has eth1 promisc)" off
	expect "mtu" "$(has eth1 mtu)" 1300
}

test_two_programs_that_fight_do_not_run_hot() {
	local i
	begin </dev/null
	ctl link set eth1 mtu 9000
	for ((i = 0; i < 14; i++)); do
		put eth1 mtu 1400
		until_true 2 put_back_or_given_up || fail "mtu is $(has eth1 mtu)"
	done
	expect "mtu" "$(has eth1 mtu)" 1400
	expect "put back" "$(grep -c 'put back to 9000' "$(agent_log)")" 10
	expect "warnings" "$(grep -c 'again and again' "$(agent_log)")" 1
	expect_text "shown" "$(says eth1 mtu reason)" "another program"
	# Whoever asks for it himself gets it.
	ctl link set eth1 mtu 9000
	expect "mtu" "$(has eth1 mtu)" 9000
	expect "in force" "$(says eth1 mtu in_force)" true
}

put_back_or_given_up() { is eth1 mtu 9000 || logged "again and again"; }

test_an_MTU_that_changes_under_traffic_lets_no_wrong_fragment_in() {
	local n=400 pid mtu=1500 program changes=0
	begin <<-CONF
		group add $GROUP eth1
	CONF
	watch_packets
	program=$(kernel_program eth0)
	listen right "$GROUP" eth1
	send "$GROUP" size 8000 count "$n" rate 200 &
	pid=$!
	while running "$pid"; do
		mtu=$((10500 - mtu))
		ctl link set eth0 mtu "$mtu"
		ctl link set eth1 mtu "$mtu"
		expect "mtu" "$(has eth0 mtu)" "$mtu"
		changes=$((changes + 1))
	done
	wait "$pid"
	[ "$changes" -ge 4 ] || fail "only $changes changes while there was traffic"
	expect "received" "$(heard right)" "$n"
	expect "wrong fragments" "$(arrived eth0 "$GROUP")" 0
	expect_counts "$GROUP" eth0 dropped $((n * FRAGMENTS))
	expect_counts "$GROUP" eth1 passed $((n * FRAGMENTS))
	expect "program" "$(kernel_program eth0)" "$program"
}

test_who_holds_a_NIC_promiscuous_is_named() {
	local text pid
	begin </dev/null
	ctl link set eth1 promisc on
	spawn_in "$RX" tcpdump -i eth1 -w /dev/null >/dev/null 2>"$DIR/tcpdump.err" &
	pid=$!
	started "$pid"
	eventually promiscuity_is eth1 2
	text=$(ctl link set eth1 promisc off 2>&1)
	expect_text "warning" "$text" "eth1 stays promiscuous: tcpdump (pid $pid)" "must let go"
	expect "flag" "$(has eth1 promisc)" off
	expect "in force" "$(says eth1 promisc in_force)" true
	kill "$pid"
	eventually promiscuity_is eth1 0
	expect "silent" "$(ctl link set eth1 promisc off 2>&1)" ""
}
promiscuity_is() { [ "$(ip -n "$RX" -j -d link show dev "$1" | jq '.[0].promiscuity')" = "$2" ]; }

test_a_NIC_that_is_not_steered_is_set_too() {
	begin </dev/null
	ip -n "$RX" link add br9 type bridge
	ctl link set br9 mtu 1400
	expect "mtu" "$(has br9 mtu)" 1400
	ctl link set lo mtu 9000
	expect "mtu" "$(has lo mtu)" 9000
	expect "shown" "$(says br9 mtu wanted)" 1400
	ctl link unset lo
	expect "mtu" "$(has lo mtu)" 65536
}

net_tests \
	test_every_setting_is_put_in_force_and_given_back \
	test_what_somebody_changes_is_put_back_within_a_second \
	test_what_the_NIC_cannot_have_is_refused_with_its_limit \
	test_what_turns_out_to_be_refused_is_taken_back_whole \
	test_a_file_with_a_bad_setting_holds_but_for_that_one \
	test_a_statement_waits_for_its_NIC \
	test_settings_follow_the_name_and_what_was_found_the_NIC \
	test_a_NIC_in_the_place_of_another_gets_nothing_of_its \
	test_the_agents_end_leaves_settings_and_the_next_gives_back \
	test_two_programs_that_fight_do_not_run_hot \
	test_an_MTU_that_changes_under_traffic_lets_no_wrong_fragment_in \
	test_who_holds_a_NIC_promiscuous_is_named \
	test_a_NIC_that_is_not_steered_is_set_too
status=$?
[ ! -e "$DIR/times" ] || tap_diagnose <"$DIR/times"
[ "$status" -eq 0 ]
