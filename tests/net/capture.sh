#!/bin/bash
# capture.sh - packets at the XDP hook: what is captured, who reads it, and that nobody notices
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42  the wrong NIC
#                                |    p-eth1 ------ eth1 10.84.0.42    the right one
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=50
ALL=$((N * FRAGMENTS))

# A receiver with an agent and the group's policy: policy_hosts [MTU]
policy_hosts() {
	hosts "eth1 eth0" "$@"
	agent_start
	steered eth0 eth1
	ctl group add "$GROUP" eth1
}

# Captures until it is ended: capture NAME [ARG...]; standard output is NAME.out
capture() {
	local name=$1
	shift
	spawn_in "$RX" "$CTL" -s "$(agent_socket)" capture "$@" \
		>"$DIR/$name.out" 2>"$DIR/$name.err" &
	echo $! >"$DIR/$name.pid"
	started $!
	until_true 20 grep -q capturing "$DIR/$name.err" || fail "no capture: $(cat "$DIR/$name.err")"
}

# end_capture NAME: its last line, "N packets captured, M lost"
end_capture() {
	local pid
	pid=$(cat "$DIR/$1.pid")
	kill -INT "$pid" 2>/dev/null || true
	until_true 20 not_running "$pid" || fail "the capture goes on"
	tail -n 1 "$DIR/$1.err" | sed 's/^xdpfragctl: //'
	rm "$DIR/$1.err"
}

lines() { grep -cE "$2" "$DIR/$1.out" || true; }
fields() { # FILE FIELD...: by tshark, without what would be resolved or put together
	local file=$1 args=()
	shift
	for field; do args+=(-e "$field"); done
	tshark -n -o ip.defragment:FALSE -o ipv6.defragment:FALSE -r "$file" -T fields "${args[@]}" 2>/dev/null
}
no_capture() { ctl -j status | jq -e 'has("capture") | not' >/dev/null; }
capture_runs() { ! no_capture; }

test_every_packet_has_its_line_with_verdict_and_policy() {
	policy_hosts
	capture seen "net 239.0.0.0/8"
	send "$GROUP" size 8000 count "$N" rate 1000
	send "$NEIGHBOUR" size 100 count 3
	settle
	expect "the end" "$(end_capture seen)" "$((2 * ALL + 6)) packets captured, 0 lost"
	expect "dropped on eth0" "$(lines seen "eth0 dropped +$GROUP $SENDER.* > $GROUP")" "$ALL"
	expect "passed on eth1" "$(lines seen "eth1 passed +$GROUP $SENDER.* > $GROUP")" "$ALL"
	expect "without a policy" "$(lines seen "passed +- ${SENDER}[.0-9]* > $NEIGHBOUR.$PORT UDP length")" 6
	expect "first fragments" "$(lines seen "UDP id [0-9]+ offset 0 MF length 1480")" "$((2 * N))"
	expect "last fragments" "$(lines seen "offset 7400 last length 608")" "$((2 * N))"
	expect_counts "$GROUP" eth0 dropped "$ALL"
	expect_counts "$GROUP" eth1 passed "$ALL"
}

test_verdicts_nics_count_and_snap_length_choose() {
	policy_hosts
	capture drop --verdict drop
	send "$GROUP" size 8000 count 2
	settle
	end_capture drop >/dev/null
	expect "lines of --verdict drop" "$(lines drop .)" 12
	expect "of those dropped" "$(lines drop "eth0 dropped")" 12
	capture pass --verdict pass -i eth0
	send "$GROUP" size 8000 count 2
	send "$NEIGHBOUR" size 100 count 2
	settle
	end_capture pass >/dev/null
	expect "passed on eth0" "$(lines pass "^[0-9:.]+ eth0 passed +- ")" "$(lines pass .)"
	expect "datagrams of the neighbour" "$(lines pass "> $NEIGHBOUR.$PORT")" 2
	capture short -w "$DIR/short.pcapng" -s 60 -c 5 udp
	send "$GROUP" size 8000 count 2
	until_true 10 not_running "$(cat "$DIR/short.pid")" || fail "-c does not end it"
	end_capture short >/dev/null
	expect "lengths" "$(fields "$DIR/short.pcapng" frame.cap_len frame.len | sort -u)" $'60\t1514'
	expect "packets" "$(fields "$DIR/short.pcapng" frame.number | wc -l)" 5
	expect "what is left of it" "$(ctl -j status | jq .capture)" null
}

test_a_file_says_what_was_decided() {
	policy_hosts
	ctl group add "$NEIGHBOUR/31" eth1 wrong observe
	capture file -w "$DIR/file.pcapng" ip multicast and udp
	send "$GROUP" size 8000 count 1
	inject_neighbour=(--source "$SENDER" --group "$NEIGHBOUR" --size 3000)
	in_tx "$INJECT" --nic eth0 "${inject_neighbour[@]}" >/dev/null
	settle
	end_capture file >/dev/null
	expect "interfaces" "$(fields "$DIR/file.pcapng" frame.interface_name | sort | uniq -c | xargs)" "9 eth0 9 eth1"
	expect "comments" "$(fields "$DIR/file.pcapng" frame.interface_name frame.comment | sort | uniq -c | xargs)" \
		"6 eth0 dropped: $GROUP 3 eth0 observed: $NEIGHBOUR/31 6 eth1 passed: $GROUP 3 eth1 passed: $NEIGHBOUR/31"
	expect "dropped by XDP" "$(tshark -n -r "$DIR/file.pcapng" -Y 'frame.verdict.ebpf_xdp == 1' 2>/dev/null | wc -l)" 6
	expect "tcpdump's lines" "$(tcpdump -nr "$DIR/file.pcapng" 2>/dev/null | grep -c "$SENDER")" 18
	# Of now, and not of when the host was started.
	expect "minutes since" "$((($(date +%s) - $(fields "$DIR/file.pcapng" frame.time_epoch | head -n 1 | cut -d . -f 1)) / 60))" 0
}

test_why_a_packet_is_not_redirected_is_said() {
	policy_hosts
	ip -n "$RX" link add gone0 type dummy 2>/dev/null || ip -n "$RX" link add gone0 type veth peer name gone1
	ctl group replace "$GROUP" eth1 wrong redirect gone0
	ip -n "$RX" link del gone0
	eventually is_absent gone0
	capture absent net 239.0.0.0/8
	send "$GROUP" size 8000 count 1
	settle
	end_capture absent >/dev/null
	expect "with a reason" "$(lines absent "eth0 passed +$GROUP \\(redirect absent\\) $SENDER")" "$FRAGMENTS"
	expect "on the right NIC" "$(lines absent "eth1 passed +$GROUP $SENDER")" "$FRAGMENTS"
}
is_absent() { ! ip -n "$RX" link show "$1" 2>/dev/null && ! ctl -j link show | jq -e --arg nic "$1" '.[] | select(.name == $nic and .mode == "native")' >/dev/null; }

# bytes FILE: of each UDP packet to a group, in the order of its id and offset
bytes() {
	tcpdump -nXXtr "$1" "udp and net 239.0.0.0/8 or (net 239.0.0.0/8 and ip[6:2] & 0x1fff != 0)" 2>/dev/null |
		grep -E '^\s+0x' | sort
}

all_are_written() { [ "$(tcpdump -nr "$DIR/sent.pcap" 2>/dev/null | wc -l)" -ge 76 ]; }
test_packets_are_those_that_were_sent() {
	policy_hosts
	spawn_in "$TX" tcpdump -Z root --immediate-mode -nU -i eth0 -w "$DIR/sent.pcap" "net 239.0.0.0/8" 2>"$DIR/tcpdump.err" &
	started $!
	tcpdump=$!
	until_true 10 grep -q listening "$DIR/tcpdump.err" || fail "tcpdump does not listen"
	rm "$DIR/tcpdump.err"
	for nic in eth0 eth1; do
		capture "$nic" -i "$nic" -w "$DIR/$nic.pcapng" "net 239.0.0.0/8"
		send "$GROUP" size 8000 count 5
		send "$NEIGHBOUR" size 777 count 5
		in_tx "$INJECT" --nic eth0 --source "$SENDER" --group "$GROUP" --size 3001 >/dev/null
		settle
		expect "on $nic" "$(end_capture "$nic")" "38 packets captured, 0 lost"
	done
	# It is not always done with what the kernel has for it: both captures' 38.
	eventually all_are_written
	kill -INT "$tcpdump"
	until_true 10 not_running "$tcpdump"
	bytes "$DIR/sent.pcap" >"$DIR/sent"
	# Each capture saw one half of what was sent: what was sent is both.
	cat <(bytes "$DIR/eth0.pcapng") <(bytes "$DIR/eth1.pcapng") | sort >"$DIR/seen"
	[ "$(wc -l <"$DIR/sent")" -gt 6000 ] || fail "tcpdump saw little"
	cmp "$DIR/sent" "$DIR/seen" || fail "other packets than those that were sent"
}

lines_at_least() { [ "$(wc -l <"$1")" -ge "$2" ]; }
test_a_pipe_is_read_live() {
	policy_hosts
	(in_rx "$CTL" -s "$(agent_socket)" capture -w - udp 2>"$DIR/live.err" || echo "status $?" >&2) |
		timeout 20 tcpdump -l -c 4 -nr - >"$DIR/live.out" 2>"$DIR/live.status" &
	pipe=$!
	until_true 10 capture_runs || fail "no capture"
	send "$GROUP" size 1000 count 2
	# Without an end of the file, and without more packets: these are there at once.
	eventually lines_at_least "$DIR/live.out" 4
	# tcpdump has gone; the next packet ends the capture, in peace.
	send "$GROUP" size 1000 count 2
	until_true 10 no_capture || fail "the capture goes on without a reader"
	wait "$pipe"
	! grep status "$DIR/live.status" || fail "the capture failed: $(cat "$DIR/live.err")"
	rm "$DIR/live.err" "$DIR/live.status"
}

# Lines and objects too: who reads two of them and goes has had what it wanted.
test_lines_end_in_peace_with_their_reader() {
	policy_hosts
	for json in "" -j; do
		# shellcheck disable=SC2086
		(in_rx "$CTL" $json -s "$(agent_socket)" capture udp 2>"$DIR/lines.err" || echo "status $?" >&2) |
			head -n 2 >"$DIR/lines.out" 2>"$DIR/lines.status" &
		pipe=$!
		until_true 10 capture_runs || fail "no capture"
		send "$GROUP" size 1000 count 1
		eventually lines_at_least "$DIR/lines.out" 2
		send "$GROUP" size 1000 count 2 rate 10
		until_true 10 no_capture || fail "the capture goes on without a reader"
		wait "$pipe"
		! grep . "$DIR/lines.status" || fail "the capture failed"
		! grep 'cannot write' "$DIR/lines.err" || fail "it complains"
	done
	rm "$DIR/lines.err" "$DIR/lines.status"
}

# Programs write faster than the pipe is read: the ring is never found empty.
test_a_signal_ends_it_in_a_flood() {
	policy_hosts
	mkfifo "$DIR/flood.fifo"
	(while dd bs=1M count=1 iflag=fullblock of=/dev/null 2>&1 | grep -q '^1+0'; do sleep 0.05; done) <"$DIR/flood.fifo" &
	started $!
	spawn_in "$TX" "$BUILD/tests/tools/blast" send "$GROUP" "$PORT" "$SENDER" 60000 60 >"$DIR/blast.out" &
	started $!
	capture flood -w "$DIR/flood.fifo"
	pid=$(cat "$DIR/flood.pid")
	eventually a_ring_is_lost
	kill -INT "$pid"
	until_true 20 not_running "$pid" || fail "it goes on as long as packets come"
	wait "$pid" || fail "$(cat "$DIR/flood.err")"
	rm "$DIR/flood.err"
}
a_ring_is_lost() { [ "$(ctl -j status | jq .capture.lost)" -gt 1000 ]; }

# Two signals end it all the same, and nothing more is tried to be written.
test_who_reads_a_pipe_may_be_stuck() {
	policy_hosts
	mkfifo "$DIR/stuck.fifo"
	(exec 9<"$DIR/stuck.fifo" && exec sleep 1000) &
	started $!
	capture stuck -w "$DIR/stuck.fifo"
	pid=$(cat "$DIR/stuck.pid")
	send "$GROUP" size 60000 count 20
	settle
	eventually waits_for_a_pipe "$pid"
	kill -INT "$pid"
	sleep 0.2
	eventually waits_for_a_pipe "$pid"
	kill -INT "$pid"
	until_true 10 not_running "$pid" || fail "it goes on after two signals"
	wait "$pid" && fail "no failure, though packets were not written"
	grep -q "cannot write .*: Interrupted" "$DIR/stuck.err" || fail "$(cat "$DIR/stuck.err")"
	eventually no_capture
	rm "$DIR/stuck.err"
}
waits_for_a_pipe() { grep -q pipe "/proc/$1/wchan"; }

test_what_cannot_be_written_is_named() {
	policy_hosts
	mkdir "$DIR/small"
	mount -t tmpfs -o size=64k none "$DIR/small"
	defer umount "$DIR/small"
	capture full -w "$DIR/small/full.pcapng"
	pid=$(cat "$DIR/full.pid")
	send "$GROUP" size 60000 count 4
	until_true 10 not_running "$pid" || fail "it goes on with a full disk"
	wait "$pid" && fail "no failure"
	grep -q "cannot write to $DIR/small/full.pcapng: No space left on device" "$DIR/full.err" ||
		fail "$(cat "$DIR/full.err")"
	rm "$DIR/full.err"
	# And nothing is left of one that has not begun.
	eventually no_capture
	! in_rx timeout 10 "$CTL" -s "$(agent_socket)" capture -w "$DIR/small/second.pcapng" 2>"$DIR/refused" ||
		fail "no failure"
	grep -q "cannot write to $DIR/small/second.pcapng: No space left" "$DIR/refused" || fail "$(cat "$DIR/refused")"
	[ ! -e "$DIR/small/second.pcapng" ] || fail "an empty file is left"
}

test_begin_and_end_are_not_noticed() {
	policy_hosts
	listen right "$GROUP" eth1
	mark
	send "$GROUP" size 8000 count 600 rate 200 &
	sender=$!
	for filter in udp "port 7" ""; do
		# shellcheck disable=SC2086
		capture change $filter
		end_capture change >/dev/null
		until_true 10 no_capture
	done
	wait "$sender"
	expect "datagrams" "$(heard right)" 600
	expect_reassembly $((600 * FRAGMENTS)) 600 0 0
	expect_counts "$GROUP" eth0 dropped $((600 * FRAGMENTS))
	expect_counts "$GROUP" eth1 passed $((600 * FRAGMENTS))
}

test_a_burst_is_not_lost() {
	policy_hosts
	capture burst -w "$DIR/burst.pcapng" -i eth0 udp or net 239.0.0.0/8
	kill -STOP "$(cat "$DIR/burst.pid")"
	send "$GROUP" size 8000 count 750 rate 0
	settle
	expect "the agent" "$(ctl -j status | jq -c '[.capture.captured, .capture.lost]')" "[4500,0]"
	kill -CONT "$(cat "$DIR/burst.pid")"
	expect "the end" "$(end_capture burst)" "4500 packets captured, 0 lost"
	expect "in the file" "$(fields "$DIR/burst.pcapng" frame.number | wc -l)" 4500
}

test_what_the_ring_has_no_room_for_is_counted() {
	policy_hosts

	capture full -w "$DIR/full.pcapng" net 239.0.0.0/8
	kill -STOP "$(cat "$DIR/full.pid")"
	send "$GROUP" size 60000 count 400 rate 0
	settle
	lost=$(ctl -j status | jq .capture.lost)
	[ "$lost" -gt 0 ] || fail "32 MiB hold all"
	kill -CONT "$(cat "$DIR/full.pid")"
	end=$(end_capture full)
	kept=$(fields "$DIR/full.pcapng" frame.number | wc -l)
	expect "what is said at the end" "${end%% lost*} lost" "$kept packets captured, $lost lost"
	until_true 10 no_capture
	expect "the sum" "$(ctl -j status | jq -c '[.captured, .capture_lost]')" "[$kept,$lost]"
	expect "all" "$((kept + lost))" "$(ctl -j group show "$GROUP" | jq '[.[].links[] | .passed + .dropped] | add')"
}

test_what_was_lost_on_a_NIC_that_is_gone_is_still_told() {
	policy_hosts
	capture gone -w "$DIR/gone.pcapng" net 239.0.0.0/8
	kill -STOP "$(cat "$DIR/gone.pid")"
	send "$GROUP" size 60000 count 400 rate 0
	settle
	lost=$(ctl -j status | jq '.capture.links[] | select(.name == "eth0").lost')
	nic_del eth0
	eventually link_is eth0 mode absent
	kill -CONT "$(cat "$DIR/gone.pid")"
	end=$(end_capture gone)
	[[ $end == *", $lost of them on eth0"* ]] || fail "not $lost of eth0: $end"
	expect "statistics blocks" "$(capinfos "$DIR/gone.pcapng" 2>/dev/null | grep -c 'Number of stat entries = 1')" 2
}

test_jumbo_frames_are_captured_whole() {
	policy_hosts 9000
	capture jumbo -w "$DIR/jumbo.pcapng" "udp and ip[8990] >= 0"
	send "$GROUP" size 20000 count 2
	settle
	end_capture jumbo >/dev/null
	expect "lengths" "$(fields "$DIR/jumbo.pcapng" frame.cap_len frame.len | sort | uniq -c | xargs)" "8 9010 9010"
	capture all -i eth1 -w "$DIR/all.pcapng" net 239.0.0.0/8
	send "$GROUP" size 20000 count 1
	settle
	end_capture all >/dev/null
	expect "datagrams with the right checksum" \
		"$(tshark -n -r "$DIR/all.pcapng" -o udp.check_checksum:TRUE -Y 'udp.checksum.status == 1' 2>/dev/null | wc -l)" 1
}

test_what_a_tunnel_carries_is_asked_and_shown() {
	policy_hosts
	ip -n "$TX" link add vx0 type vxlan id 5 dstport 4789 remote 10.84.0.42 local "$SENDER" dev eth0 2>/dev/null ||
		skip_test "no VXLAN in this kernel"
	ip -n "$TX" addr add 172.16.0.1/24 dev vx0
	ip -n "$TX" link set vx0 mtu 1400 up
	ip -n "$TX" neigh add 172.16.0.2 lladdr 02:00:00:00:00:99 dev vx0
	capture inner --decap -w "$DIR/inner.pcapng" "udp port 9999 and ip[2:2] > 500"
	in_tx socat -u SYSTEM:'head -c 700 /dev/zero' UDP4-SENDTO:172.16.0.2:9999
	in_tx socat -u SYSTEM:'head -c 100 /dev/zero' UDP4-SENDTO:172.16.0.2:9999
	settle
	expect "the end" "$(end_capture inner)" "1 packets captured, 0 lost"
	expect "what is written" "$(fields "$DIR/inner.pcapng" ip.src ip.dst ip.len eth.dst)" \
		$'172.16.0.1\t172.16.0.2\t728\t02:00:00:00:00:99'
	capture outer "udp port 4789"
	in_tx socat -u SYSTEM:'head -c 100 /dev/zero' UDP4-SENDTO:172.16.0.2:9999
	settle
	end_capture outer >/dev/null
	expect "without --decap" "$(lines outer "$SENDER.[0-9]+ > 10.84.0.42.4789 UDP")" 1
}

test_a_capture_ends_with_whoever_asked_for_it() {
	policy_hosts
	plain=$(kernel_program eth0)
	memory=$(ctl -j status | jq .memory)
	capture killed
	with=$(kernel_program eth0)
	[ "$with" != "$plain" ] || fail "the program is the one from before"
	expect "more memory" "$(ctl -j status | jq ".memory - $memory")" $((32 * 1024 * 1024 - 4096))
	kill -KILL "$(cat "$DIR/killed.pid")"
	eventually no_capture
	[ "$(kernel_program eth0)" != "$with" ] || fail "the program with the filter stays"
	expect "memory" "$(ctl -j status | jq .memory)" "$memory"
	rm "$DIR/killed.err"
}

test_a_killed_agent_s_capture_is_taken_away_by_the_next() {
	policy_hosts
	capture orphan udp
	with=$(kernel_program eth0)
	agent_kill
	until_true 10 not_running "$(cat "$DIR/orphan.pid")" || fail "the capture goes on"
	grep -q 'hung up\|has ended' "$DIR/orphan.err" || fail "says nothing: $(cat "$DIR/orphan.err")"
	expect "the program meanwhile" "$(kernel_program eth0)" "$with"
	send "$GROUP" size 8000 count "$N" rate 2000
	settle
	agent_start
	[ "$(kernel_program eth0)" != "$with" ] || fail "the program with the filter stays"
	expect_counts "$GROUP" eth0 dropped "$ALL"
	rm "$DIR/orphan.err"
}

test_a_capture_goes_on_while_the_policy_outgrows_its_maps() {
	policy_hosts
	capture grown "dst $GROUP"
	send "$GROUP" size 8000 count "$N" rate 2000
	settle
	seq 1 3000 | awk '{ printf "group add 239.7.%d.%d eth1\n", $1 / 256, $1 % 256 }' >"$DIR/large.conf"
	ctl save >>"$DIR/large.conf"
	with=$(kernel_program eth0)
	ctl apply "$DIR/large.conf"
	[ "$(kernel_program eth0)" != "$with" ] || fail "the maps did not grow"
	nic_del eth0
	nic_add eth0
	steered eth0
	send "$GROUP" size 8000 count "$N" rate 2000
	settle
	expect "the end" "$(end_capture grown)" "$((4 * ALL)) packets captured, 0 lost"
	expect "dropped on eth0" "$(lines grown "eth0 dropped")" $((2 * ALL))
}

test_numbers_are_the_same_everywhere() {
	AGENT_ARGS=(--metrics 127.0.0.1:9488)
	policy_hosts
	capture some net 239.0.0.0/8
	send "$GROUP" size 8000 count 3
	settle
	expect "status" "$(ctl -j status | jq -c '[.captured, .capture.captured, ([.capture.links[].captured] | add)]')" "[36,36,36]"
	ctl status | grep -q '^capture .*: 36 packets, 0 lost; filter net 239.0.0.0/8' || fail "$(ctl status)"
	expect "metrics" "$(in_rx curl -s 127.0.0.1:9488/metrics | grep '^xdpfrag_captured_packets_total')" \
		"xdpfrag_captured_packets_total 36"
	end_capture some >/dev/null
	expect "JSON" "$(in_rx timeout -s INT 5 "$CTL" -j -s "$(agent_socket)" capture -c 1 udp 2>&1 >"$DIR/json" &
		until_true 5 capture_runs
		send "$GROUP" size 100 count 1
		wait)" ""
	expect "an object" "$(jq -c '[.nic == "eth0" or .nic == "eth1", .verdict, .policy, .len]' "$DIR/json")" '[true,"passed","",142]'
}

# refused WORDS STATUS ARG...: and nothing has changed
refused() {
	local words=$1 status=$2 got=0 before
	shift 2
	before=$(kernel_program eth0)
	in_rx timeout -s INT 10 "$CTL" -s "$(agent_socket)" capture "$@" >"$DIR/refused" 2>&1 || got=$?
	expect "status where it says $words" "$got" "$status"
	grep -q -- "$words" "$DIR/refused" || fail "not $words: $(head -c 500 "$DIR/refused")"
	expect "the program" "$(kernel_program eth0)" "$before"
}

test_wrong_words_are_named_and_change_nothing() {
	policy_hosts
	refused "eth7 is not a link" 1 -i eth7
	refused "NIC is missing" 2 -i
	refused "^xdpfragctl: x cannot be SNAPLEN" 2 -s x
	refused "^xdpfragctl: 0 cannot be COUNT" 2 -c 0
	refused "foo is no verdict; expected pass, drop" 2 --verdict foo
	refused "-q is no option" 2 -q
	refused "portt 5: the filter cannot be compiled" 2 udp portt 5
	refused "inbound is not known at the XDP hook" 2 inbound
	refused "ifindex is not known" 2 ifindex 3
	refused "protochain takes a loop" 2 ip protochain 6
	# As many as there is no room for in the program.
	refused "the filter is too long" 1 "$(seq 1000 | awk '{ printf "%sudp[%d] = %d", (NR > 1 ? " and " : ""), $1 + 8, $1 % 251 }')"
	refused "cannot write to /nowhere/x: No such file" 1 -w /nowhere/x
	refused 'cannot write to "": No such file' 1 -w ""
	refused "from 1 to 1000000000000000$" 2 -c 0
	capture first udp
	refused "another capture runs" 1
	end_capture first >/dev/null
}

net_tests test_every_packet_has_its_line_with_verdict_and_policy \
	test_verdicts_nics_count_and_snap_length_choose \
	test_a_file_says_what_was_decided \
	test_why_a_packet_is_not_redirected_is_said \
	test_packets_are_those_that_were_sent \
	test_a_pipe_is_read_live \
	test_lines_end_in_peace_with_their_reader \
	test_a_signal_ends_it_in_a_flood \
	test_who_reads_a_pipe_may_be_stuck \
	test_what_cannot_be_written_is_named \
	test_begin_and_end_are_not_noticed \
	test_a_burst_is_not_lost \
	test_what_the_ring_has_no_room_for_is_counted \
	test_what_was_lost_on_a_NIC_that_is_gone_is_still_told \
	test_jumbo_frames_are_captured_whole \
	test_what_a_tunnel_carries_is_asked_and_shown \
	test_a_capture_ends_with_whoever_asked_for_it \
	test_a_killed_agent_s_capture_is_taken_away_by_the_next \
	test_a_capture_goes_on_while_the_policy_outgrows_its_maps \
	test_numbers_are_the_same_everywhere \
	test_wrong_words_are_named_and_change_nothing
