#!/bin/bash
# apply.sh - whole policies: files, all or nothing, large ones, and swaps under traffic
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42  joins 239.0.0.15
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=200
ALL=$((N * FRAGMENTS))

begin() {
	hosts "eth1 eth0"
	watch_packets
	agent_start
	steered eth0 eth1
}

# many COUNT [NIC]: that many group statements, 238.0.0.0 and up
many() {
	awk -v count="$1" -v nic="${2:-eth1}" 'BEGIN {
		for (i = 0; i < count; i++)
			printf "group add 238.%d.%d.%d %s\n", i / 65536, i / 256 % 256, i % 256, nic
	}'
}

groups() { ctl -j status | jq .groups; }

cat >"$DIR/full.conf" <<-'FILE'
	link add eth0
	link add eth1 mode native
	group add 239.0.0.0/8 eth0 wrong observe
	group add 239.0.0.15 eth1
	group add 239.0.0.15 eth0,eth1 source 10.84.0.73 scope all
	group add 239.0.0.16 eth0 wrong redirect eth1
	group add 239.0.0.17 eth9
	group add ff3e::/32 eth1
	group add ff3e::8000:15 eth0 source fd84::73 wrong observe
FILE

test_apply_and_save_agree() {
	begin
	ctl apply "$DIR/full.conf"
	ctl save >"$DIR/saved.conf"
	expect "what is saved" "$(sort "$DIR/saved.conf")" "$(sort "$DIR/full.conf")"
	ctl flush
	expect "what is saved after flush" "$(ctl save)" ""
	ctl apply "$DIR/saved.conf"
	ctl save | cmp - "$DIR/saved.conf"
	# From standard input too, with comments, blanks and no newline at the end.
	printf '# a comment\n\n  group   add 239.0.0.15\teth1 # why\ngroup add 239.0.0.16 eth0' | ctl apply -
	expect "what is saved of stdin" "$(ctl save)" \
		"$(printf 'group add 239.0.0.15 eth1\ngroup add 239.0.0.16 eth0')"
}

test_a_saved_file_starts_an_agent_with_the_same_policy() {
	begin
	ctl apply "$DIR/full.conf"
	ctl save >"$DIR/saved.conf"
	agent_stop
	rm -rf "$DIR/$WHO.run"
	CONF=$DIR/saved.conf agent_start
	ctl save | cmp - "$DIR/saved.conf"
	expect "origin" "$(ctl -j status | jq -r .origin)" config
}

test_applying_what_is_in_force_changes_nothing() {
	begin
	local before
	ctl apply "$DIR/full.conf"
	before="$(kernel_program eth0) $(kernel_program eth1)"
	ctl apply "$DIR/full.conf"
	expect "programs" "$(kernel_program eth0) $(kernel_program eth1)" "$before"
}

# bad_file LINE WORD: stdin is the file
bad_file() {
	local status=0 said before
	cat >"$DIR/bad.conf"
	before=$(ctl save)
	said=$(ctl apply "$DIR/bad.conf" 2>&1) || status=$?
	[ "$status" -ne 0 ] || fail "applied: $(cat "$DIR/bad.conf")"
	[[ $said == *"bad.conf:$1:"* ]] || fail "line $1 is not named: $said"
	[[ $said == *"$2"* ]] || fail "$2 is not named: $said"
	expect "line in JSON" "$(ctl -j apply "$DIR/bad.conf" | jq .error.line)" "$1"
	expect "what is saved" "$(ctl save)" "$before"
}

test_one_bad_line_and_nothing_changes() {
	begin
	ctl group add "$GROUP" eth1
	ctl group add "$NEIGHBOUR" eth0
	bad_file 2 10.0.0.1 <<-FILE
	group add 239.7.7.7 eth1
	group add 10.0.0.1 eth1
	group add 239.7.7.8 eth1
	FILE
	bad_file 3 239.7.7.7 <<-FILE
	group add 239.7.7.7 eth1

	group add 239.7.7.7 eth0
	FILE
	bad_file 1 show <<<"group show"
	bad_file 4 dorp <<-FILE
	# line 1
	link add eth0
	link add eth1
	group add 239.7.7.7 eth1 wrong dorp # the fault
	FILE
	{ many 5000; echo "group add 239.0.0.15/24 eth1"; } | bad_file 5001 239.0.0.15/24
	# And what was in force goes on.
	send "$GROUP" size 8000 count "$N" rate 1000
	settle
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
	expect_counts "$GROUP" eth0 dropped "$ALL"
}

test_files_that_cannot_be_read() {
	begin
	local file status
	for file in "$DIR/missing.conf" "$DIR" /dev/null/x; do
		status=0
		ctl apply "$file" 2>"$DIR/said" || status=$?
		expect "exit status for $file" "$status" 1
		grep -Fq "$file" "$DIR/said" || fail "$file is not named"
	done
	printf 'group add 239.0.0.1 eth1\n\xff\xfe\n' | ctl apply - 2>"$DIR/said" && fail "not text, but applied"
	printf 'group add 239.0.0.1 eth1\0\n' | ctl apply - 2>"$DIR/said" && fail "a NUL, but applied"
	expect "what is saved" "$(ctl save)" ""
}

test_100000_groups() {
	begin
	{ many 100000; echo "group add $GROUP eth1"; echo "group add $NEIGHBOUR eth0"; } >"$DIR/large.conf"
	ctl apply "$DIR/large.conf"
	expect "groups" "$(groups)" 100002
	listen app "$GROUP" eth1
	listen neighbour "$NEIGHBOUR" eth0
	mark
	send "$GROUP" size 8000 count "$N" rate 1000
	send "$NEIGHBOUR" size 8000 count "$N" rate 1000
	expect "received of the group" "$(heard app)" "$N"
	expect "received of the neighbour" "$(heard neighbour)" "$N"
	expect_reassembly $((2 * ALL)) $((2 * N)) 0 0
	expect_counts "$GROUP" eth0 dropped "$ALL"
	expect_counts "$NEIGHBOUR" eth1 dropped "$ALL"
	# One more, and one less, with the others untouched.
	ctl group add 239.0.0.17 eth1
	ctl group del 238.0.0.7
	expect "groups" "$(groups)" 100002
	expect "what is saved" "$(ctl save | wc -l)" 100002
	expect "what is shown" "$(ctl -j group show | jq length)" 100002
	# The whole survives the agent.
	agent_kill
	agent_start
	expect "groups after a restart" "$(groups)" 100002
	expect_counts "$GROUP" eth0 dropped "$ALL"
	ctl flush
	expect "groups after flush" "$(groups)" 0
}

# A policy that is swapped again and again. The large ones are of one size and fill
# the same tables, but name the group with traffic in another way each; the small
# one has another size and scope, so that tables and programs are made anew.
test_swaps_under_traffic_lose_nothing_and_let_nothing_through() {
	begin
	local swaps=0 sent=0 sender
	{ many 20000; echo "group add $GROUP eth1"; } >"$DIR/exact.conf"
	{ many 20000 eth0; echo "group add ${GROUP%.*}.0/24 eth1"; } >"$DIR/prefix.conf"
	{ many 10; echo "group add $GROUP eth1"; echo "group add 237.0.0.1 eth0 scope all"; } >"$DIR/small.conf"
	ctl apply "$DIR/exact.conf"
	listen app "$GROUP" eth1
	mark
	# A slow machine swaps less often in a second, so it is given more traffic.
	while [ "$swaps" -lt 20 ]; do
		send "$GROUP" size 8000 count 2000 rate 1000 &
		sender=$!
		sent=$((sent + 2000))
		while running "$sender"; do
			ctl apply "$DIR/prefix.conf"
			ctl apply "$DIR/exact.conf"
			ctl group add 237.5.5.5 eth0
			ctl apply "$DIR/prefix.conf"
			ctl apply "$DIR/small.conf"
			swaps=$((swaps + 5))
		done
		wait "$sender"
	done
	# Each run of the sender numbers its datagrams anew, and the listener keeps to the first.
	expect "received of the first run" "$(heard app)" 2000
	expect_reassembly $((sent * FRAGMENTS)) "$sent" 0 0
	expect "wrong fragments in the stack" "$(arrived eth0 "$GROUP")" 0
	expect "dropped and passed, by whichever policy" \
		"$(ctl -j stats | jq -c '.total | [.dropped, .passed]')" \
		"[$((sent * FRAGMENTS)),$((sent * FRAGMENTS))]"
}

test_a_group_that_moves_between_NICs_under_traffic_has_one_at_a_time() {
	begin
	local i sender
	ctl group add "$GROUP" eth1
	mark
	# For as long as a slow machine, with the sanitizers, takes for the swaps.
	send "$GROUP" size 8000 count 3000 rate 1000 &
	sender=$!
	for ((i = 0; i < 200; i++)); do
		running "$sender" || break
		ctl group replace "$GROUP" eth0
		ctl group replace "$GROUP" eth1
	done
	wait "$sender"
	settle
	# Whatever the moment: of two copies, one is right and one is wrong. A fragment
	# that a swap falls between can be taken twice or not at all, nothing more.
	local passed dropped
	passed=$(($(counted "$GROUP" eth0 passed) + $(counted "$GROUP" eth1 passed)))
	dropped=$(($(counted "$GROUP" eth0 dropped) + $(counted "$GROUP" eth1 dropped)))
	expect "verdicts" $((passed + dropped)) 36000
	expect "in the stack" $(($(arrived eth0 "$GROUP") + $(arrived eth1 "$GROUP"))) "$passed"
	[ "$i" -ge 5 ] || fail "only $i swaps while there was traffic"
}

net_tests \
	test_apply_and_save_agree \
	test_a_saved_file_starts_an_agent_with_the_same_policy \
	test_applying_what_is_in_force_changes_nothing \
	test_one_bad_line_and_nothing_changes \
	test_files_that_cannot_be_read \
	test_100000_groups \
	test_swaps_under_traffic_lose_nothing_and_let_nothing_through \
	test_a_group_that_moves_between_NICs_under_traffic_has_one_at_a_time
