#!/bin/bash
# control.sh - the control socket: who may use it, and clients that misbehave
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   receiver: eth0, eth1, and an agent with its socket; no traffic is needed
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

STATUS='{"version":1,"words":["status"]}'

begin() {
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
}

# The agent answers within a second, whatever another client does.
served() {
	timeout 1 "$CTL" -s "$(agent_socket)" status >/dev/null || fail "not served within a second"
}

# One connection: what stdin says, up to N seconds for the replies: client [N]
client() { timeout 10 socat -t "${1:-5}" - "UNIX-CONNECT:$(agent_socket)"; }

error_kind() { jq -r .error.kind; }

# --- who may ---

test_the_socket_is_for_root_and_its_group() {
	begin
	expect "mode" "$(stat -c %a "$(agent_socket)")" 660
	expect "owner" "$(stat -c %u "$(agent_socket)")" 0
}

test_another_user_is_refused() {
	begin
	local status=0 said
	said=$(setpriv --reuid nobody --regid nogroup --clear-groups \
		"$CTL" -s "$(agent_socket)" group add "$GROUP" eth1 2>&1) || status=$?
	expect "exit status" "$status" 1
	[[ $said == *[Pp]ermission* ]] || fail "it is not said why: $said"
	# Were the socket open to all, the peer's credentials would refuse it still.
	chmod 0666 "$(agent_socket)"
	status=0
	setpriv --reuid nobody --regid nogroup --clear-groups \
		"$CTL" -s "$(agent_socket)" group add "$GROUP" eth1 || status=$?
	expect "exit status with mode 0666" "$status" 1
	expect "saved" "$(ctl save)" ""
}

test_the_group_xdpfrag_may_use_it() {
	hosts "eth1 eth0"
	local gid=60666 said
	# A host with that group, in a mount namespace of the agent's own.
	{ grep -v '^xdpfrag:' /etc/group; echo "xdpfrag:x:$gid:"; } >"$DIR/group"
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount sh -c 'mount --bind "$1" /etc/group; shift; exec nsenter "$@"' - "$DIR/group" \
		--net="/run/netns/$RX" "$AGENT" -f "$CONF" -s "$(agent_socket)" -r "$DIR/$WHO.run" \
		-p "$(agent_pins)" >>"$(agent_log)" 2>&1 &
	AGENT_PID=$!
	started "$AGENT_PID"
	eventually agent_answers
	expect "group of the socket" "$(stat -c %g "$(agent_socket)")" "$gid"
	setpriv --reuid nobody --regid nogroup --groups "$gid" \
		"$CTL" -s "$(agent_socket)" status >/dev/null
	setpriv --reuid nobody --regid nogroup --groups "$gid" \
		"$CTL" -s "$(agent_socket)" group add "$GROUP" eth1
	expect "saved" "$(ctl save)" "group add $GROUP eth1"
}

test_changes_are_logged_with_the_uid_of_the_caller() {
	begin
	local now
	ctl group add "$GROUP" eth1
	ctl group show >/dev/null
	eventually grep -q "uid 0: group add $GROUP eth1" "$(agent_log)"
	! grep -q 'group show' "$(agent_log)" || fail "a show is logged"
	# Each kind of statement another number of times.
	ctl apply - <<-EOT 2>/dev/null
	group add 239.0.0.1 eth1
	group add 239.0.0.2 eth1
	group add 239.0.0.3 eth1
	group add 239.0.0.4 eth1
	link add eth0
	link add eth1
	link set eth1 promisc off allmulti off
	route set 10.1.0.0/16 mtu 1400
	route set 10.2.0.0/16 mtu 1400
	route set 10.3.0.0/16 mtu 1400
	learn on
	EOT
	now="4 group, 2 link add, 1 link set and 3 route statements, learn on"
	eventually grep -q "uid 0: apply, [0-9]* bytes: $now\$" "$(agent_log)"
	ctl apply - </dev/null
	now="0 group, 0 link add, 0 link set and 0 route statements, learn off"
	eventually grep -q "uid 0: apply, 0 bytes: $now\$" "$(agent_log)"
	! echo 'group add 10.0.0.1 eth1' | ctl apply - 2>/dev/null || fail "a bad file was applied"
	eventually grep -q 'uid 0: apply, .* refused: .*10\.0\.0\.1' "$(agent_log)"
}

# --- requests ---

test_several_requests_on_a_connection_are_answered_in_order() {
	begin
	local replies
	replies=$({
		echo '{"version":1,"words":["group","add","239.0.0.1","eth1"]}'
		echo '{"version":1,"words":["group","show"]}'
		echo '{"version":1,"words":["group","del","239.0.0.1"]}'
		echo '{"version":1,"words":["group","show"]}'
	} | client | jq -c 'if (.result | type) == "array" then (.result | length) else .error end')
	expect "replies" "$(echo "$replies" | tr '\n' ' ')" "null 1 null 0 "
}

test_a_client_that_closes_its_half_gets_its_reply() {
	begin
	expect "version" "$(echo "$STATUS" | client | jq .version)" 1
	# A last line without its newline is no request; nothing hangs.
	printf '%s' "$STATUS" | client >/dev/null
	served
}

test_malformed_requests_get_an_error() {
	begin
	local request
	for request in '{"version":1,"words":["status"]' 'status' '[]' '{}' '""' '{"version":1}' \
		'{"version":1,"words":[]}' '{"version":1,"words":"status"}' \
		'{"version":1,"words":[1]}' '{"version":1,"words":[["status"]]}' \
		'{"version":1,"words":["no\u0000where"]}' '{"version":1,"words":["nowhere"]}' \
		'{"version":1,"words":["apply"]}' '{"version":1,"words":["apply"],"config":7}' \
		'{"version":1,"words":["group","show"],"after":"nonsense"}' \
		$'{"version":1,"words":["\xff\xfe"]}' '{"version":99,"words":["status"]}' '{"words":["status"]}'; do
		expect "error kind of $request" "$(echo "$request" | client | error_kind)" usage
	done
	# And the same connection goes on after one.
	expect "the request after it" \
		"$(printf 'nonsense\n%s\n' "$STATUS" | client | tail -n 1 | jq '.result.version? // .version')" 1
	served
}

test_deeply_nested_json_is_refused() {
	begin
	{ head -c 1000000 /dev/zero | tr '\0' '['; echo; } | client | error_kind >"$DIR/kind"
	expect "error kind" "$(cat "$DIR/kind")" usage
	served
}

test_an_oversized_request_is_refused_and_hung_up_on() {
	begin
	# No newline ever: it must not be waited for. How long 64 MiB take is the machine's affair; that
	# nothing moves for longer than the agent lets a client be silent (30 s) is not. Not socat, which
	# reads no more once it cannot write.
	# shellcheck disable=SC2016 # Perl's, not the shell's
	perl -MIO::Socket::UNIX -e '
		$SIG{PIPE} = "IGNORE";
		$agent = IO::Socket::UNIX->new($ARGV[0]) or die;
		for (1 .. 65 * 16) {
			alarm 40;
			$sent += syswrite($agent, "x" x 65536) // last;
		}
		$sent > 64 << 20 or die "hung up on after $sent bytes";
		alarm 40;
		print <$agent>;' "$(agent_socket)" >"$DIR/reply" || fail "hung up on too early, or not at all"
	expect "error" "$(jq -c '[.error.kind, .error.message]' "$DIR/reply")" \
		'["refused","the request is longer than 64 MiB"]'
	served
}

# --- clients that disturb ---

test_a_slow_client_disturbs_nobody() {
	begin
	{ printf '{"version":1,"wo'; sleep 30; } | socat - "UNIX-CONNECT:$(agent_socket)" >/dev/null &
	started $!
	sleep 0.2
	served
	ctl group add "$GROUP" eth1
	served
}

# The listening socket is the receiver's, what it accepted is listed where the client is.
connections() { { cat /proc/net/unix; in_rx cat /proc/net/unix; } | grep -c "$(agent_socket)" || true; }
connections_at_least() { [ "$(connections)" -ge "$1" ]; }

test_50_idle_clients_disturb_nobody() {
	begin
	local i
	for ((i = 0; i < 50; i++)); do
		socat -u "UNIX-CONNECT:$(agent_socket)" - >/dev/null 2>&1 </dev/null &
		started $!
	done
	eventually connections_at_least 51
	served
	ctl group add "$GROUP" eth1
	served
}

rss() { awk '/^VmRSS/ { print $2 }' "/proc/$AGENT_PID/status"; }

test_a_client_that_never_reads_costs_little() {
	! grep -q __asan_init "$AGENT" || skip_test "memory is not measured in a build with ASan"
	begin
	local before after
	seq -f 'group add 239.1.1.%g eth1' 1 200 | ctl apply -
	before=$(rss)
	yes '{"version":1,"words":["group","show"]}' | head -n 5000 |
		timeout 3 socat -u - "UNIX-CONNECT:$(agent_socket)" 2>/dev/null &
	started $!
	sleep 1
	served
	after=$(rss)
	# Replies to all of them would take more than 100 MB; unread, one MB waits.
	[ $((after - before)) -lt 20000 ] || fail "from $before to $after kB"
	wait $! || true
	served
}

test_clients_that_come_and_go_leave_nothing_open() {
	begin
	local i before
	served
	before=$(open_files)
	for ((i = 0; i < 50; i++)); do
		printf '{"version' | client 0 >/dev/null
	done
	eventually open_files_at_most "$before"
}
open_files() { find "/proc/$AGENT_PID/fd" -mindepth 1 | wc -l; }
open_files_at_most() { [ "$(open_files)" -le "$1" ]; }

net_tests \
	test_the_socket_is_for_root_and_its_group \
	test_another_user_is_refused \
	test_the_group_xdpfrag_may_use_it \
	test_changes_are_logged_with_the_uid_of_the_caller \
	test_several_requests_on_a_connection_are_answered_in_order \
	test_a_client_that_closes_its_half_gets_its_reply \
	test_malformed_requests_get_an_error \
	test_deeply_nested_json_is_refused \
	test_an_oversized_request_is_refused_and_hung_up_on \
	test_a_slow_client_disturbs_nobody \
	test_50_idle_clients_disturb_nobody \
	test_a_client_that_never_reads_costs_little \
	test_clients_that_come_and_go_leave_nothing_open
