#!/bin/bash
# holders.sh - link show: who holds a NIC promiscuous or allmulti, and what is set of it
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   receiver: eth0, eth1, and an agent; no traffic is needed
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

# begin [NICS]
begin() {
	local nics=${1:-eth0}
	hosts "$nics"
	agent_start
	# shellcheck disable=SC2086 # names, each its own
	steered $nics
}

# The holders of eth0, in the order of their kinds: holders MODE [JQ FILTER OF ONE]
holders() {
	ctl -j link show eth0 |
		jq -c --arg mode "$1" "[.[0][\$mode + \"_holders\"] | sort_by(.kind, .name, .pid)[] | ${2:-.text}]"
}
holders_are() { [ "$(holders "$1" "${3:-.text}")" = "$2" ]; }

# The count that the kernel has: kernel_count FIELD
kernel_count() { ip -n "$RX" -d -j link show dev eth0 | jq ".[0].$1"; }

# A program in the receiver's namespace: run_in_rx COMMAND…; $! is its pid
run_in_rx() {
	spawn_in "$RX" "$@" >"$DIR/program.log" 2>&1 &
	started $!
}

capture() { run_in_rx tcpdump -n -i eth0 -w /dev/null; }

stop() {
	kill "$1"
	until_true 10 not_running "$1"
	wait "$1" 2>/dev/null || true
}

# A program of ours with packet sockets: hold PERL, whose $nic is the ifindex of eth0, and
# which has add_socket() and add(MODE [ADDRESS]), a membership of the last socket.
hold() {
	# 17: AF_PACKET; 263, 1: SOL_PACKET, PACKET_ADD_MEMBERSHIP
	# shellcheck disable=SC2016 # Perl's variables
	local program='my ($nic, @sockets) = @ARGV;
		sub add_socket { socket(my $new, 17, 3, 0) or die $!; push @sockets, $new }
		my %types = (promisc => 1, allmulti => 2);
		sub add {
			my ($mode, $address) = (@_, "");
			setsockopt($sockets[-1], 263, 1,
				pack("iSSa8", $nic, $types{$mode}, length $address, $address)) or die $!;
		}'
	run_in_rx perl -e "$program $1; sleep 60" "$(ip -n "$RX" -j link show dev eth0 | jq '.[0].ifindex')"
}

test_a_NIC_that_nobody_holds_has_empty_lists_and_one_line() {
	begin "eth1 eth0"
	expect "counts" "$(ctl -j link show eth0 | jq -c '.[0] | [.promiscuity, .allmulti]')" '[0,0]'
	expect "promisc_holders" "$(holders promisc)" '[]'
	expect "allmulti_holders" "$(holders allmulti)" '[]'
	expect "settings" "$(ctl -j link show eth0 | jq -c '.[0] | [.settings, .drift]')" '[{},0]'
	expect "lines" "$(ctl link show | wc -l)" 3
}

test_tcpdump_is_named_with_its_pid_until_it_ends() {
	local pid
	begin "eth1 eth0"
	capture
	pid=$!
	eventually holders_are promisc "[\"tcpdump (pid $pid)\"]"
	expect "the whole of it" "$(holders promisc .)" \
		"[{\"kind\":\"socket\",\"pid\":$pid,\"program\":\"tcpdump\",\"count\":1,\"text\":\"tcpdump (pid $pid)\"}]"
	expect "the count" "$(link_says eth0 promiscuity)" "$(kernel_count promiscuity)"
	expect "allmulti_holders" "$(holders allmulti)" '[]'
	expect "eth1's" "$(ctl -j link show eth1 | jq -c '.[0].promisc_holders')" '[]'
	ctl link show eth0 | grep -qx "    promisc   tcpdump (pid $pid)" || fail "$(ctl link show eth0)"
	expect "lines" "$(ctl link show | wc -l)" 4
	stop "$pid"
	expect "promisc_holders" "$(holders promisc)" '[]'
	expect "lines" "$(ctl link show | wc -l)" 3
}

# Told with how to take it away, and it does.
test_the_flags_of_an_administrator() {
	begin
	ip -n "$RX" link set dev eth0 promisc on
	expect "promisc_holders" "$(holders promisc)" '["the flag (ip link set dev eth0 promisc off)"]'
	expect "allmulti_holders" "$(holders allmulti)" '[]'
	ip -n "$RX" link set dev eth0 allmulticast on
	expect "kind" "$(holders allmulti '[.kind, .count]')" '[["flag",1]]'
	ctl link show eth0 | grep -qx '    allmulti  the flag (ip link set dev eth0 allmulticast off)' ||
		fail "$(ctl link show eth0)"
	ip -n "$RX" link set dev eth0 promisc off
	ip -n "$RX" link set dev eth0 allmulticast off
	expect "both" "$(holders promisc)$(holders allmulti)" '[][]'
}

test_a_bridge_holds_its_port_promiscuous_and_allmulti() {
	begin
	ctl link add eth0
	ip -n "$RX" link add br9 type bridge
	ip -n "$RX" link set dev eth0 master br9
	expect "promisc_holders" "$(holders promisc)" '["bridge br9"]'
	expect "allmulti_holders" "$(holders allmulti '[.kind, .name, .link_kind, .count]')" \
		'[["link","br9","bridge",1]]'
	# Where the bridge filters by VLAN, a port need not be promiscuous.
	ip -n "$RX" link set dev br9 type bridge vlan_filtering 1 2>/dev/null || true
	expect "as many as counted" "$(holders promisc | jq length)" "$(kernel_count promiscuity)"
	ip -n "$RX" link set dev eth0 nomaster
	expect "both" "$(holders promisc)$(holders allmulti)" '[][]'
}

test_a_link_stacked_on_it() {
	begin
	ip -n "$RX" link add mv0 link eth0 type macvlan mode passthru 2>/dev/null ||
		skip_test "this kernel has no macvlan"
	expect "while it is down" "$(holders promisc)" '[]'
	ip -n "$RX" link set dev mv0 up
	expect "promisc_holders" "$(holders promisc)" '["macvlan mv0"]'
	# In passthru mode the kernel would not give allmulti back (macvlan_stop).
	ip -n "$RX" link del mv0
	expect "both" "$(holders promisc)$(holders allmulti)" '[][]'
	ip -n "$RX" link add mv0 link eth0 type macvlan mode bridge
	ip -n "$RX" link set dev mv0 allmulticast on up
	expect "allmulti_holders" "$(holders allmulti)" '["macvlan mv0"]'
	ip -n "$RX" link del mv0
	expect "both" "$(holders promisc)$(holders allmulti)" '[][]'
}

test_all_at_once_add_up_to_what_the_kernel_counts() {
	local dump other
	begin
	ctl link add eth0
	ip -n "$RX" link add br9 type bridge
	ip -n "$RX" link set dev eth0 master br9
	ip -n "$RX" link set dev eth0 promisc on
	capture
	dump=$!
	# Two sockets of one process, one of which is both.
	hold 'add_socket; add "promisc"; add_socket; add "promisc"; add "allmulti"'
	other=$!
	eventually holders_are promisc \
		"[\"the flag (ip link set dev eth0 promisc off)\",\"bridge br9\",$(
			[ "$dump" -lt "$other" ] && echo "\"tcpdump (pid $dump)\",\"perl (pid $other), 2 times\"" ||
				echo "\"perl (pid $other), 2 times\",\"tcpdump (pid $dump)\"")]"
	expect "allmulti_holders" "$(holders allmulti)" "[\"bridge br9\",\"perl (pid $other)\"]"
	expect "sum of promisc" "$(holders promisc .count | jq add)" "$(kernel_count promiscuity)"
	expect "sum of allmulti" "$(holders allmulti .count | jq add)" "$(kernel_count allmulti)"
	stop "$dump"
	expect "promisc_holders" "$(holders promisc .kind)" '["flag","link","socket"]'
}

# The kernel takes the same membership of one socket for one, but counts another address apart.
test_memberships_count_as_the_kernel_counts_them() {
	begin
	hold 'add_socket; add "promisc" for 1..3; add "promisc", "x"'
	eventually holders_are promisc "[\"perl (pid $!), 2 times\"]"
	expect "the count" "$(link_says eth0 promiscuity)" 2
	expect "the kernel's" "$(kernel_count promiscuity)" 2
}

# tcpdump and its child, which was given the socket, say.
test_of_several_processes_the_oldest_is_named() {
	local pid
	begin
	# shellcheck disable=SC2016
	hold 'add_socket; add "promisc"; $0 = "parent"; my $child = fork;
		$child ? $SIG{TERM} = sub { kill "TERM", $child; exit } : ($0 = "child")'
	pid=$!
	eventually holders_are promisc "[\"parent (pid $pid)\"]"
	expect "processes" "$(pgrep -c -P "$pid")" 1
	expect "again" "$(holders promisc)" "[\"parent (pid $pid)\"]"
}

test_a_name_that_a_terminal_would_obey_is_made_safe() {
	begin
	# shellcheck disable=SC2016
	hold '$0 = "\e[31m) (\xff"; add_socket; add "promisc"'
	eventually holders_are promisc "[\"\\\\x1b[31m) (\\\\xff (pid $!)\"]"
	! ctl link show eth0 | grep -q "$(printf '\033')" || fail "an escape sequence"
}

# smcrouted and the like; 200 and 202 are MRT_INIT and MRT_ADD_VIF.
test_multicast_routing_holds_allmulti() {
	local pid
	begin
	in_rx test -e /proc/self/net/ip_mr_vif || skip_test "this kernel has no multicast routing"
	# shellcheck disable=SC2016
	hold 'socket(my $igmp, 2, 3, 2) or die $!; setsockopt($igmp, 0, 200, pack("i", 1)) or die $!;
		setsockopt($igmp, 0, 202, pack("SCCIiI", 0, 8, 1, 0, $nic, 0)) or die $!; sleep 60'
	pid=$!
	eventually holders_are allmulti '[["routing",1]]' '[.kind, .count]'
	expect "the kernel's" "$(kernel_count allmulti)" 1
	stop "$pid"
	expect "allmulti_holders" "$(holders allmulti)" '[]'
}

# More addresses than a NIC without a filter can have: the kernel does it by itself.
test_what_is_not_found_is_said_with_its_count() {
	begin
	in_rx bridge fdb add 02:00:00:00:00:05 dev eth0 self
	[ "$(kernel_count promiscuity)" -eq 1 ] || skip_test "this NIC filters unicast addresses"
	ip -n "$RX" link set dev eth0 promisc on
	expect "promisc_holders" "$(holders promisc '[.kind, .count]')" '[["flag",1],["unknown",1]]'
	ctl link show eth0 | grep -q '^    promisc   not found: ' || fail "$(ctl link show eth0)"
}

test_more_holders_than_are_listed_still_add_up() {
	begin
	# shellcheck disable=SC2016
	hold 'my @children; for (1..70) {
			my $child = fork; push @children, $child;
			$child or add_socket, add("promisc"), sleep 60, exit
		}
		$SIG{TERM} = sub { kill "TERM", @children; exit }'
	eventually link_is eth0 promiscuity 70
	expect "holders" "$(holders promisc | jq length)" 63
	expect "sum" "$(holders promisc .count | jq add)" 70
	expect "not listed" "$(holders promisc 'select(.kind == "unknown") | .text')" \
		'["not listed, as there are too many, 8 times"]'
}

# `ip` would only be overruled.
test_a_flag_that_link_set_set_names_the_command_for_that() {
	begin
	ctl link set eth0 promisc on
	expect "promisc_holders" "$(holders promisc)" '["the flag (xdpfragctl link set eth0 promisc off)"]'
	# The other one is none of its business.
	ip -n "$RX" link set dev eth0 allmulticast on
	expect "allmulti_holders" "$(holders allmulti)" \
		'["the flag (ip link set dev eth0 allmulticast off)"]'
	ctl link set eth0 promisc off
	expect "promisc_holders" "$(holders promisc)" '[]'
}

test_a_NIC_that_is_only_set_is_shown_too() {
	begin
	ip -n "$RX" link add br9 type bridge
	# A port from the first: as a link of its own it would be one to be managed.
	ip -n "$RX" link add port9 master br9 type veth peer name end9
	# Its other end is, which came with it: the agent has seen both.
	steered end9
	! ctl link show port9 2>"$DIR/said" || fail "a NIC that is neither managed nor set is shown"
	ctl link set port9 mtu 1400
	expect "as JSON" "$(ctl -j link show port9 | jq -c '.[0] |
		[.mode, .origin, .wanted, .mtu, .program, .settings.mtu.wanted, .settings.mtu.in_force,
			.promisc_holders[0].name, .drift]')" \
		'["unmanaged","set","",1400,0,1400,true,"br9",0]'
	expect "once" "$(ctl -j link show | jq '[.[] | select(.name == "port9")] | length')" 1
	ctl link show port9 | grep -q '^port9 .* unmanaged  -       set ' || fail "$(ctl link show port9)"
	ctl link show port9 | grep -qx '    setting   mtu 1400  in force' || fail "$(ctl link show port9)"
	ip -n "$RX" link set dev port9 mtu 1300
	eventually link_is port9 drift 1
	eventually link_is port9 mtu 1400
	ctl link show port9 | grep -qx '    setting   mtu 1400  in force, put back 1 time' ||
		fail "$(ctl link show port9)"
	ip -n "$RX" link del port9
	expect "gone" "$(ctl -j link show port9 | jq -c '.[0] | [.mode, .ifindex, .promisc_holders]')" \
		'["absent",0,[]]'
	# Managed and set: one entry.
	ctl link set eth0 mtu 1400
	expect "eth0" "$(ctl -j link show | jq -c '[.[] | select(.name == "eth0").mode]')" '["native"]'
}

net_tests \
	test_a_NIC_that_nobody_holds_has_empty_lists_and_one_line \
	test_tcpdump_is_named_with_its_pid_until_it_ends \
	test_the_flags_of_an_administrator \
	test_a_bridge_holds_its_port_promiscuous_and_allmulti \
	test_a_link_stacked_on_it \
	test_all_at_once_add_up_to_what_the_kernel_counts \
	test_memberships_count_as_the_kernel_counts_them \
	test_of_several_processes_the_oldest_is_named \
	test_a_name_that_a_terminal_would_obey_is_made_safe \
	test_multicast_routing_holds_allmulti \
	test_what_is_not_found_is_said_with_its_count \
	test_more_holders_than_are_listed_still_add_up \
	test_a_flag_that_link_set_set_names_the_command_for_that \
	test_a_NIC_that_is_only_set_is_shown_too
