#!/bin/bash
# trace.sh - each datagram's fragments and its end, on a host with the fault and with its cures
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42  joins 239.0.0.15
#
# Histories are compared as JSON. Each test has ids of its own: another test's namespaces
# may hold fragments of the same addresses, and the kernel does not say whose are whose.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/together.sh
. "$(dirname "$0")/together.sh"

ALL=8008 # bytes of payload of a datagram of 8,000: six fragments
HISTORIES=$DIR/trace.json
SUMS=$DIR/trace.sums

# Until end_trace: begin_trace [WORD...]
begin_trace() {
	rm -f "$HISTORIES" "$SUMS"
	spawn_in "$RX" "$CTL" -s "$(agent_socket)" -j trace "$@" >"$HISTORIES" 2>"$SUMS" &
	TRACE_PID=$!
	started "$TRACE_PID"
	eventually [ -s "$SUMS" ]
	[ "$(jq -r .stack "$SUMS")" = true ] || skip_test "this kernel: $(jq -r .stack_reason "$SUMS")"
}
# How many `drops` programs there are in the agent's hands.
tracing() { find "/proc/$AGENT_PID/fd" -lname 'anon_inode:bpf_link' -o -lname 'anon_inode:bpf*link*' | wc -l; }
traces_exactly() { [ "$(tracing)" = "$1" ]; }

end_trace() {
	kill -INT "$TRACE_PID"
	until_true 10 not_running "$TRACE_PID" || fail "trace goes on after SIGINT"
	wait "$TRACE_PID" || fail "trace ends with $?: $(cat "$SUMS")"
}

# Histories of an id that have ended: ended ID [N]
ended() { [ "$(of "$1" .end | wc -l)" -ge "${2:-1}" ]; }
# of ID JQ: of the histories of an id, in the order of their ends, a line each
of() { jq -c --argjson id "$1" "select(.id == \$id) | $2" "$HISTORIES"; }
# expect_of ID WHAT JQ WANTED
expect_of() {
	local got
	got=$(of "$1" "$3")
	[ "$got" = "$4" ] || {
		jq . "$HISTORIES"
		fail "$2 of $1: $got, expected $4"
	}
}
sum() { tail -n 1 "$SUMS" | jq -r "$1"; }

inject() {
	in_tx "$INJECT" --nic eth0 --source "$SENDER" --group "$GROUP" --port "$PORT" "$@" >/dev/null
}
# To one NIC alone: inject_behind_switch PORT ID
inject_behind_switch() {
	in_sw "$INJECT" --nic "$1" --source "$SENDER" --group "$GROUP" --id "$2" --port "$PORT" >/dev/null
}
# A few ids in a row, so that no other test of this machine has them: new_id
new_id() { ID=$((0x${1} + RANDOM % 200)); }

two_NICs() {
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
	listen app "$GROUP" eth1
}

# --- the fault ---

the_fault() {
	new_id a100
	begin_trace "$GROUP"
	inject --id "$ID"
	eventually ended "$ID" 2
	end_trace
	expect "received" "$(heard app)" 0
	expect_of "$ID" ends .end $'"wrong-nic"\n"duplicate"'
	expect_of "$ID" fragments '[(.fragments | length), .bytes]' $'[12,8008]\n[1,0]'
	expect_of "$ID" "the drop" '.whole[] | [.what, .link, .cause, .reason]' \
		'["dropped","eth0","not-joined","NOT_SPECIFIED"]'
	expect_of "$ID" "where" '.whole[] | .function | test("^ip_rcv_finish")' true
	expect_of "$ID" "verdicts" '[.fragments[].verdict] | unique' $'["no-policy"]\n["no-policy"]'
	expect_of "$ID" "what completed it" '[.fragments[] | select(.completes) | .link, .offset]' \
		$'["eth0",7400]\n[]'
	expect_of "$ID" "copies" '[.fragments[] | select(.stack.reason == "DUP_FRAG") | .link]
		| [length, unique]' $'[5,["eth1"]]\n[0,[]]'
	expect_of "$ID" "what trails" '[.fragments[] | select(.after) | .link, .offset, .waits]' \
		$'["eth1",7400,true]\n[]'
	expect_of "$ID" "the trailing one's drop" \
		'.fragments[0] | .link, .stack.cause, .stack.reason' \
		$'"eth0"\nnull\nnull\n"eth1"\n"timeout"\n"FRAG_REASM_TIMEOUT"'
	expect "datagrams" "$(sum .datagrams)" 1
	expect "ends" "$(sum '.ends | [."wrong-nic", .duplicate, .delivered] | join(" ")' | xargs)" "1 1 0"
}

the_cure() {
	new_id a300
	ctl group add "$GROUP" eth1
	begin_trace
	inject --id "$ID" --count 3 --interval 20000
	eventually ended $((ID + 2))
	end_trace
	expect "received" "$(heard app)" 3
	expect_of "$ID" "end" '[.end, .bytes, .missing]' "[\"delivered\",$ALL,[]]"
	expect_of "$ID" "verdicts" '.fragments | group_by(.link) | map([.[0].link, (map(.verdict) | unique)])' \
		'[["eth0",["dropped"]],["eth1",["passed"]]]'
	expect_of "$ID" "offsets" '[.fragments[] | select(.link == "eth1") | .offset]' \
		'[0,1480,2960,4440,5920,7400]'
	expect_of "$ID" "drops by the stack" '[.fragments[] | .stack // empty]' '[]'
	expect_of "$ID" "into a socket" '[.whole[] | select(.what == "queued") | .port]' "[$PORT]"
	expect_of "$ID" "read by" '[.whole[] | select(.what == "read") | .program]' '["xdpfragctl"]'
	expect "delivered" "$(sum .ends.delivered)" 3
	expect "fragments" "$(sum .fragments)" 36
	expect "left out or lost" "$(sum '.left_out + .events_lost + .forgotten')" 0
}

routed_first() {
	new_id a500
	in_rx nft delete table inet firewall
	begin_trace
	inject --id "$ID"
	eventually ended "$ID"
	end_trace
	expect "received" "$(heard app)" 1
	expect_of "$ID" end .end '"delivered"'
	expect_of "$ID" "dropped" '[.fragments[] | select(.stack) | .link, .stack.cause] | unique' \
		'["eth0","not-joined"]'
}

one_is_missing() {
	new_id a700
	begin_trace
	inject --id "$ID" --only-fragments 0,1,3,5
	eventually ended "$ID"
	end_trace
	expect_of "$ID" end '[.end, .missing]' '["timeout",[[2960,4440],[5920,7400]]]'
	expect_of "$ID" "waited for a second" '.ended > 900000000 and .ended < 3000000000' true
	expect_of "$ID" "fates" '[.fragments[] | select(.link == "eth1") | .stack.cause] | unique' \
		'["timeout"]'
}

other_ends() {
	new_id a900
	begin_trace
	inject --id "$ID" --port 1068
	inject --id $((ID + 1)) --spoil udp
	inject --id $((ID + 2)) --only-fragments 0,1
	inject --id $((ID + 2)) --mtu 1400 --only-fragments 2
	# Its copy comes in when it is over.
	inject_behind_switch p-eth1 $((ID + 3))
	eventually ended $((ID + 3))
	inject_behind_switch p-eth0 $((ID + 3))
	inject --id $((ID + 4)) --only-fragments 0
	eventually ended $((ID + 3)) 2
	end_trace
	expect_of "$ID" "no socket" '[.end, .whole[0].cause]' '["dropped","no-socket"]'
	expect_of $((ID + 1)) "a wrong checksum" '[.end, .whole[0].reason]' '["dropped","UDP_CSUM"]'
	expect_of $((ID + 2)) "an overlap" .end '"discarded"'
	expect_of $((ID + 3)) "a late copy" .end $'"delivered"\n"duplicate"'
	expect_of $((ID + 4)) "when the trace ended" '[.end, .missing]' '["open",[[1480,-1]]]'
}

# --- reassembly, IPv6, `apart` ---

rebuilt() {
	new_id ab00
	reassembled "$GROUP"
	begin_trace
	inject --id "$ID"
	eventually ended "$ID"
	end_trace
	expect "received" "$(heard app)" 1
	expect_of "$ID" end .end '"rebuilt"'
	expect_of "$ID" "verdicts" '[.fragments[].verdict] | unique' '["reassembled"]'
	expect_of "$ID" "the whole" '[.whole[] | select(.what == "queued") | .rebuilt, .port]' "[true,$PORT]"
	expect_of "$ID" "completed" '[.fragments[] | select(.completes)] | length' 1
}

test_IPv6_copies_end_by_themselves() {
	local group=ff3e::8000:15
	hosts "eth1 eth0"
	with_ipv6
	agent_start
	steered eth0 eth1
	listen app "$group" eth1
	new_id cafe0
	begin_trace "$group"
	in_tx "$INJECT" --nic eth0 --source fd84::73 --group "$group" --id "$ID" --port "$PORT" >/dev/null
	eventually ended "$ID"
	ctl group add "$group" eth1
	in_tx "$INJECT" --nic eth0 --source fd84::73 --group "$group" --id $((ID + 1)) --port "$PORT" >/dev/null
	eventually ended $((ID + 1))
	end_trace
	expect_of "$ID" end .end '"delivered"'
	expect_of "$ID" "eth0's copy" '[.whole[] | select(.what == "dropped") | .link, .cause]' \
		'["eth0","not-joined"]'
	expect_of $((ID + 1)) end .end '"delivered"'
	expect_of $((ID + 1)) "drops" '[.fragments[] | select(.verdict == "dropped") | .link] | unique' '["eth0"]'
	expect_of $((ID + 1)) "fates" '[.whole[] | select(.what == "dropped")]' '[]'
}

test_apart_each_copy_is_a_datagram_to_the_stack() {
	two_NICs
	new_id ad00
	listen other "$GROUP" eth0
	ctl group add "$GROUP" eth0,eth1 apart
	begin_trace
	inject --id "$ID"
	eventually ended "$ID" 2
	end_trace
	expect_of "$ID" ends .end $'"delivered"\n"delivered"'
	expect "ids of the stack" "$(of "$ID" '.stack_id // .id' | sort -n | xargs)" \
		"$(printf '%s\n' "$ID" $((ID ^ 0x8000)) | sort -n | xargs)"
}

# --- the command ---

so_many() {
	new_id af00
	begin_trace 239.0.0.0/28 -c 2
	inject --id "$ID" --group 239.0.0.16
	inject --id "$ID" --count 5 --interval 1000
	until_true 10 not_running "$TRACE_PID" || fail "trace goes on behind its count"
	wait "$TRACE_PID"
	expect "histories" "$(jq -s 'length' "$HISTORIES")" 2
	expect "groups" "$(jq -s -c '[.[].group] | unique' "$HISTORIES")" "[\"$GROUP\"]"
}

more_than_can_be_shown() {
	begin_trace
	inject --id 20000 --count 400 --interval 200
	eventually all_passed $((400 * FRAGMENTS))
	sleep 0.5
	end_trace
	expect "datagrams" "$(sum '.datagrams')" 400
	expect "ends" "$(sum '[.ends[]] | add')" 400
	expect "shown and left out" "$(($(jq -s length "$HISTORIES") + $(sum .left_out)))" 400
	[ "$(sum .left_out)" -gt 0 ] || fail "none is left out"
	expect "received" "$(heard app)" 400
}
all_passed() { [ "$(counted "$GROUP" eth1 passed)" = "$1" ]; }

doctor_listens() { in_rx cat /proc/net/packet | grep -q "^[0-9a-f]\{16\}"; }
with_doctor() {
	new_id b100
	begin_trace
	spawn_in "$RX" "$CTL" -s "$(agent_socket)" -j trace >"$DIR/second.json" 2>"$DIR/second.sums" &
	started $!
	eventually [ -s "$DIR/second.sums" ]
	ctl -j doctor -w 2 >"$DIR/doctor.json" &
	eventually doctor_listens
	# Its sockets come first; whoever is answered then comes behind the rest.
	eventually agent_answers
	inject --id "$ID" --count 3 --interval 1000
	wait $! || true
	eventually ended "$ID"
	end_trace
	expect "fragments that doctor saw" "$(jq .fragments "$DIR/doctor.json")" $((3 * 2 * FRAGMENTS))
	expect "doctor's notes" "$(jq -c '[.notes[] | select(test("XDP hook"))]' "$DIR/doctor.json")" '[]'
	eventually [ -s "$DIR/second.json" ]
	expect "the other trace" "$(jq -s --argjson id "$ID" '[.[] | select(.id == $id)] | length > 0' "$DIR/second.json")" true
}

killed() {
	local before
	before=$(tracing)
	begin_trace
	[ "$(tracing)" -gt "$before" ] || fail "no program is there while it traces"
	kill -KILL "$TRACE_PID"
	# TRACE_LEASE
	until_true 9 traces_exactly "$before" || fail "its program is still there"
	ctl trace -w 0.1 2>/dev/null
}

# As while it loads programs on a slow machine; and nobody can ask it anything meanwhile.
stood_still() {
	local others=9000 lost
	new_id b500
	begin_trace "$GROUP"
	kill -STOP "$TRACE_PID" "$AGENT_PID"
	sleep 5.5 # TRACE_LEASE and more
	inject --id "$ID" --count 3 --interval 1000
	# One record of the stack each, of which the ring holds 7,281; the parts go without.
	inject --id 20000 --port 1068 --count "$others" --interval 100
	kill -CONT "$AGENT_PID"
	eventually agent_answers
	sleep 0.2
	kill -CONT "$TRACE_PID"
	eventually ended $((ID + 2))
	end_trace
	expect "received" "$(heard app)" 3
	expect "ends of those that came in late" "$(for i in 0 1 2; do of $((ID + i)) .end; done | xargs)" \
		"delivered delivered delivered"
	lost=$(sum .fates_lost)
	((lost > 0 && lost < others)) ||
		fail "$lost records of the stack lost, of $others datagrams"
}

# Seconds until the programs on the links write no more for those who watch: watched
watched() {
	local until now
	until=$(bpftool -j map dump pinned "$(agent_pins)/state" | jq 'first(.. | .watch? // empty)')
	now=$(sed -n 's/^now at \([0-9]*\) nsecs/\1/p' /proc/timer_list)
	echo $(((until - now) / 1000000000))
}
is_not_watched() { [ "$(watched)" -lt 0 ]; }

agent_killed() {
	local left
	begin_trace
	agent_kill
	wait "$TRACE_PID" && fail "trace goes on without its agent"
	left=$(watched)
	# PROTOCOL_PATIENCE: a client waits as long, and so does the trace of a busy agent.
	((left > 20 && left <= 30)) || fail "watched for $left more seconds"
	agent_start
	steered eth0 eth1
	is_not_watched || fail "watched for $(watched) more seconds by nobody"
}

picture() {
	new_id b300
	spawn_in "$RX" "$CTL" -s "$(agent_socket)" trace -c 1 >"$DIR/picture" 2>"$DIR/sums" &
	started $!
	eventually grep -q "^tracing fragments on eth1, eth0;" "$DIR/sums"
	inject --id "$ID"
	wait $!
	cat "$DIR/picture" "$DIR/sums"
	expect "lines" "$(grep -c . "$DIR/picture")" 17
	grep -q "^$SENDER > $GROUP  udp  id $ID  8008 bytes" "$DIR/picture"
	grep -Eq '^ +[0-9.]+ .s +7400\+608 passed, whole$' "$DIR/picture"
	grep -Eq '^ +[0-9.]+ .s +7400\+608 dropped$' "$DIR/picture"
	grep -Eq '^ +[0-9.]+ .s  whole: into a socket on port 1067$' "$DIR/picture"
	grep -Eq '= delivered$' "$DIR/picture"
	expect "lines with colours" "$(grep -c $'\033' "$DIR/picture" || true)" 0
	grep -q "^1 datagram in 12 fragments" "$DIR/sums"
}

is_gone() { [ "$(ctl -j link show | jq --arg nic "$1" '[.[] | select(.name == $nic and .mode != "absent")] | length')" = 0 ]; }
refused() { # WORD WORD-NAMED...
	local named=$1 status=0
	shift
	ctl -j trace "$@" >"$DIR/refusal" 2>&1 || status=$?
	expect "status of trace $*" "$status" 2
	expect "the word named by trace $*" "$(jq -r .error.word "$DIR/refusal")" "$named"
}
test_wrong_words_are_refused_and_named() {
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
	refused 10.0.0.1 10.0.0.1
	refused eth1 eth1
	refused 239.0.0.0/40 239.0.0.0/40
	refused 239.0.0.1 "$GROUP" 239.0.0.1
	refused -x -x
	refused -c "$GROUP" -c
	refused 0 -c 0
	refused 1.5 -c 1.5
	refused -1 -w -1
	refused -c -c 1 -c 2
	# Where nothing can come in, that is said at once.
	nic_del eth0
	nic_del eth1
	eventually is_gone eth0
	eventually is_gone eth1
	ctl -j trace >"$DIR/refusal" 2>&1 && fail "a trace without a NIC"
	expect "why not" "$(jq -r '.error | .kind, (.message | test("no NIC is steered"))' \
		"$DIR/refusal" | xargs)" "refused true"
}

# --- parts of one test have their hosts in common ---

test_the_fault_is_seen_with_the_kernels_reason_and_its_cure() {
	two_NICs
	the_fault
	listen app "$GROUP" eth1
	the_cure
}

test_what_does_not_reach_a_socket_says_why() {
	two_NICs
	ctl group add "$GROUP" eth1
	one_is_missing
	other_ends
}

test_fragments_dropped_alone_and_datagrams_put_together_by_the_agent() {
	two_NICs
	routed_first
	listen app "$GROUP" eth1
	rebuilt
}

test_so_many_of_one_group_no_more_than_can_be_shown_and_a_picture() {
	two_NICs
	so_many
	ctl group add "$GROUP" eth1
	more_than_can_be_shown
	listen app "$GROUP" eth1
	picture
}

test_doctor_and_traces_at_once_and_a_killed_one_leaves_nothing() {
	two_NICs
	with_doctor
	killed
	agent_killed
}

test_a_busy_agent_misses_nothing() {
	two_NICs
	ctl group add "$GROUP" eth1
	stood_still
}

net_tests \
	test_the_fault_is_seen_with_the_kernels_reason_and_its_cure \
	test_what_does_not_reach_a_socket_says_why \
	test_fragments_dropped_alone_and_datagrams_put_together_by_the_agent \
	test_IPv6_copies_end_by_themselves \
	test_apart_each_copy_is_a_datagram_to_the_stack \
	test_so_many_of_one_group_no_more_than_can_be_shown_and_a_picture \
	test_doctor_and_traces_at_once_and_a_killed_one_leaves_nothing \
	test_a_busy_agent_misses_nothing \
	test_wrong_words_are_refused_and_named
