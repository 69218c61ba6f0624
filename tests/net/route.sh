#!/bin/bash
# route.sh - route set: the MTU of existing routes, and nothing else of them
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender, and router              switch                   receiver
#   eth0 10.84.0.73 --------- p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#        2001:db8:84::73            |    p-eth1 ------ eth1 10.84.0.42
#   lo   10.20.0.1 and 203.0.113.1, behind it
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

begin() {
	local nic
	hosts "eth1 eth0" "${1:-1500}"
	for nic in eth0 eth1; do
		# Without addresses that come and go by themselves while routes are compared.
		in_rx sysctl -qw "net.ipv6.conf.$nic.addr_gen_mode=1" \
			"net.ipv6.conf.$nic.accept_dad=0" "net.ipv6.conf.$nic.disable_ipv6=0"
	done
	rx addr add 2001:db8:192::42/64 dev eth0
	rx addr add 2001:db8:84::42/64 dev eth1
	agent_start
}

rx() { ip -n "$RX" "$@"; }

# Every route of the host, in the kernel's order.
routes() {
	ip -n "$RX" -4 -d route show table all
	ip -n "$RX" -6 -d route show table all
}
# The same but for the MTU; whether it is locked stays in.
routes_but_mtu() { routes | sed -E 's/ mtu (lock )?[0-9]+/\1/'; }
mtus() { rx -4 route show "$@" | grep -oE 'mtu (lock )?[0-9]+' | tr '\n' ' '; }
mtus6() { rx -6 route show "$@" | grep -oE 'mtu (lock )?[0-9]+' | tr '\n' ' '; }
mtu_is() { [ "$(mtus "${@:2}")" = "$1" ]; }
mtu6_is() { [ "$(mtus6 "${@:2}")" = "$1" ]; }

# Sooner than the agent looks by itself.
soon() { until_true 3 "$@" || fail "not within 3 s: $*"; }

# By this command nothing but MTUs becomes another, and some do.
changes_only_mtu() {
	local before all
	all=$(routes)
	before=$(routes_but_mtu)
	ctl "$@"
	[ "$(routes)" != "$all" ] || fail "nothing has changed by: $*"
	diff <(echo "$before") <(routes_but_mtu)
}
as_it_was() { diff <(echo "$1") <(routes); }

# refused STATEMENT...: exit status 1, and the routes are as they were; prints the message
refused() {
	local before status=0
	before=$(routes)
	"$CTL" -s "$(agent_socket)" "$@" 2>"$DIR/refused" >/dev/null || status=$?
	expect "status of $*" "$status" 1
	as_it_was "$before"
	cat "$DIR/refused"
}

# A field of the one statement: says JQ-FILTER
says() { ctl -j route show | jq -r "$1"; }
says_is() { [ "$(says "$1")" = "$2" ]; }

test_a_route_keeps_all_but_its_MTU() {
	begin
	rx route add 10.20.0.0/16 via 10.84.0.73 src 10.84.0.42 metric 7 proto bird realms 5/6 \
		advmss 1200 initcwnd 20 hoplimit 9
	rx route add 10.20.0.0/16 via 10.84.0.74 tos 8 metric 7
	rx route add 10.20.0.0/16 via 10.84.0.75 onlink dev eth1 table 1000 mtu lock 1400 \
		congctl reno features ecn
	rx route add 10.20.0.0/16 via inet6 2001:db8:84::73 dev eth1 metric 9
	rx route add 10.20.0.0/16 dev eth0 scope link metric 10 proto static
	local before
	before=$(routes)
	changes_only_mtu route set 10.20.0.0/16 mtu 1300
	expect "MTUs" "$(mtus 10.20.0.0/16 table all)" \
		"mtu lock 1300 mtu 1300 mtu 1300 mtu 1300 mtu 1300 "
	expect "state" "$(says '.[0].state')" active
	expect "found" "$(says '[.[0].routes[].found | tostring] | sort | join(" ")')" "0 0 0 0 1400"
	changes_only_mtu route set 10.20.0.0/16 mtu 1200
	ctl route unset 10.20.0.0/16
	as_it_was "$before"
	expect "kept of what was found" "$(cat "$DIR/rx.run/found")" ""
}

test_an_IPv6_route_keeps_all_but_its_MTU() {
	begin
	rx -6 route add 2001:db8:20::/48 via 2001:db8:84::73 src 2001:db8:84::42 metric 7 proto bird \
		pref high advmss 1200 hoplimit 9
	rx -6 route add 2001:db8:20::/48 via 2001:db8:84::73 table 1000 mtu lock 1400
	rx -6 route append 2001:db8:20::/48 dev eth0 metric 7
	local before
	before=$(routes)
	changes_only_mtu route set 2001:db8:20::/48 mtu 1300
	expect "MTUs" "$(mtus6 2001:db8:20::/48 table all)" "mtu lock 1300 mtu 1300 mtu 1300 "
	ctl route unset 2001:db8:20::/48
	as_it_was "$before"
}

test_multipath_keeps_its_next_hops() {
	begin
	rx route add 10.20.0.0/16 metric 3 nexthop via 10.84.0.73 weight 3 \
		nexthop via 192.168.0.73 weight 7 nexthop via 10.84.0.99 dev eth1 onlink weight 1
	rx -6 route add 2001:db8:20::/48 metric 5 nexthop via 2001:db8:84::73 weight 3 \
		nexthop via 2001:db8:192::73 weight 7
	local before
	before=$(routes)
	changes_only_mtu route set 10.20.0.0/16 mtu 1300
	# A statement means it by any of its next hops.
	changes_only_mtu route set 2001:db8:20::/48 via 2001:db8:192::73 dev eth0 mtu 1280
	expect "MTUs" "$(mtus 10.20.0.0/16)$(mtus6 2001:db8:20::/48)" "mtu 1300 mtu 1280 "
	# Not by the gateway of one and the interface of another.
	ctl route set 2001:db8:20::/48 via 2001:db8:192::73 dev eth1 mtu 1400
	expect "state" "$(says '.[] | select(.dev == "eth1") | .state')" absent
	ctl route unset 2001:db8:20::/48 via 2001:db8:192::73 dev eth0
	ctl route unset 10.20.0.0/16
	as_it_was "$before"
}

test_routes_by_nexthop_objects() {
	begin
	rx nexthop add id 5 via 10.84.0.73 dev eth1
	rx nexthop add id 6 via 192.168.0.73 dev eth0
	rx nexthop add id 7 group 5,3/6,9
	rx nexthop add id 8 via 2001:db8:84::73 dev eth1
	rx route add 10.20.0.0/16 nhid 5
	rx route add 10.21.0.0/16 nhid 7
	rx -6 route add 2001:db8:20::/48 nhid 8
	local before
	before=$(routes)
	changes_only_mtu route set 10.20.0.0/16 mtu 1300
	changes_only_mtu route set 10.21.0.0/16 mtu 1300
	changes_only_mtu route set 2001:db8:20::/48 mtu 1300
	ctl route unset 10.20.0.0/16
	ctl route unset 10.21.0.0/16
	ctl route unset 2001:db8:20::/48
	as_it_was "$before"
}

test_default_means_both_families_and_all_tables() {
	begin
	rx route add default via 10.84.0.73
	rx route add default via 192.168.0.73 table 100 mtu 1450
	rx -6 route add default via 2001:db8:84::73 metric 20
	rx -6 route add default via 2001:db8:192::73 metric 30
	local before
	before=$(routes)
	changes_only_mtu route set default mtu 1400
	expect "MTUs" "$(mtus default table all)$(mtus6 default table all)" \
		"mtu 1400 mtu 1400 mtu 1400 mtu 1400 "
	# The more specific statement holds, whichever comes last.
	ctl route set 0.0.0.0/0 mtu 1401
	ctl route set default dev eth0 mtu 1402
	ctl route set default via 192.168.0.73 mtu 1403
	ctl route set default mtu 1400
	expect "MTU in main" "$(mtus default)" "mtu 1401 "
	expect "MTU in table 100" "$(mtus default table 100)" "mtu 1403 "
	expect "MTUs of IPv6" "$(mtus6 default)" "mtu 1400 mtu 1402 "
	ctl route unset default via 192.168.0.73
	expect "MTU in table 100" "$(mtus default table 100)" "mtu 1402 "
	ctl flush
	as_it_was "$before"
}

# The kernel replaces the first of them, whichever is meant.
test_appended_routes_are_told_apart() {
	begin
	local before n
	for n in 1 2 3; do
		rx route append 10.20.0.0/16 via 10.84.0.7$n mtu 140$n
	done
	rx -6 route append 2001:db8:20::/48 dev eth0
	rx -6 route append 2001:db8:20::/48 dev eth1
	before=$(routes)
	changes_only_mtu route set 10.20.0.0/16 mtu 1300
	expect "MTUs" "$(mtus 10.20.0.0/16)" "mtu 1300 mtu 1300 mtu 1300 "
	ctl route unset 10.20.0.0/16
	as_it_was "$before"
	# The last one alone.
	changes_only_mtu route set 10.20.0.0/16 via 10.84.0.73 mtu 1300
	expect "MTUs" "$(mtus 10.20.0.0/16)" "mtu 1401 mtu 1402 mtu 1300 "
	ctl route unset 10.20.0.0/16 via 10.84.0.73
	as_it_was "$before"
	# The one between cannot be changed without another losing its place.
	refused route set 10.20.0.0/16 via 10.84.0.72 mtu 1300 | grep -q 'this one is between'
	changes_only_mtu route set 2001:db8:20::/48 dev eth1 mtu 1300
	expect "MTUs" "$(mtus6 2001:db8:20::/48)" "mtu 1300 "
	rx -6 route show 2001:db8:20::/48 | grep -q 'dev eth1 .*mtu 1300'
	ctl route unset 2001:db8:20::/48 dev eth1
	as_it_was "$before"
}

test_drift_is_put_back_logged_and_counted() {
	begin
	rx route add default via 10.84.0.73
	rx -6 route add default via 2001:db8:84::73
	ctl route set default mtu 1400
	rx route change default via 10.84.0.73 mtu 1300
	soon mtu_is "mtu 1400 " default
	rx route del default
	sleep 0.5
	rx route add default via 10.84.0.73
	soon mtu_is "mtu 1400 " default
	rx -6 route change default via 2001:db8:84::73
	soon mtu6_is "mtu 1400 " default
	soon says_is '.[0].drift' 3
	grep -q 'route default via 10.84.0.73 dev eth1: its MTU was changed to 1300; put back to 1400' \
		"$(agent_log)"
	# The one that came anew was found without.
	ctl route unset default
	expect "MTUs" "$(mtus default)$(mtus6 default)" ""
}

test_a_route_that_came_anew_gets_back_what_it_came_with() {
	begin
	rx route add 10.20.0.0/16 via 10.84.0.73
	ctl route set 10.20.0.0/16 mtu 1400
	rx route del 10.20.0.0/16
	soon says_is '.[0].state' absent
	soon nothing_found
	rx route add 10.20.0.0/16 via 10.84.0.73 mtu 1450
	soon mtu_is "mtu 1400 " 10.20.0.0/16
	ctl route unset 10.20.0.0/16
	expect "MTU" "$(mtus 10.20.0.0/16)" "mtu 1450 "
}
nothing_found() { [ ! -s "$DIR/rx.run/found" ]; }

test_another_program_that_insists_is_not_fought_without_end() {
	begin
	rx route add 10.20.0.0/16 via 10.84.0.73
	ctl route set 10.20.0.0/16 mtu 1400
	local n
	for n in 1 2 3; do
		rx route change 10.20.0.0/16 via 10.84.0.73 mtu 1300
		soon mtu_is "mtu 1400 " 10.20.0.0/16
	done
	rx route change 10.20.0.0/16 via 10.84.0.73 mtu 1300
	soon says_is '.[0].state' refused
	sleep 0.5
	expect "MTU" "$(mtus 10.20.0.0/16)" "mtu 1300 "
	expect "drift" "$(says '.[0].drift')" 3
	says '.[0].routes[0].reason' | grep -q 'another program changes it again and again'
}

test_a_route_that_is_absent_is_waited_for() {
	begin
	ctl route set 10.20.0.0/16 mtu 1400 2>"$DIR/warning"
	grep -q 'route 10.20.0.0/16: no route goes by this yet' "$DIR/warning"
	expect "state" "$(says '.[0].state')" absent
	rx route add 10.20.0.0/16 via 10.84.0.73 mtu 1300
	soon mtu_is "mtu 1400 " 10.20.0.0/16
	expect "drift" "$(says '.[0].drift')" 0
	ctl route unset 10.20.0.0/16
	expect "MTU" "$(mtus 10.20.0.0/16)" "mtu 1300 "
}

test_unset_restores_after_a_restart() {
	begin
	rx route add 10.20.0.0/16 via 10.84.0.73 mtu lock 1300
	rx route add 10.21.0.0/16 via 10.84.0.73
	rx -6 route add default via 2001:db8:84::73 mtu 1350
	local before
	before=$(routes)
	ctl route set 10.20.0.0/16 mtu 1400
	ctl route set 10.21.0.0/16 mtu 1400
	ctl route set 10.22.0.0/16 via 10.84.0.73 mtu 1400
	ctl route set default mtu 1400
	agent_kill
	# Drift while nobody looked.
	rx route change 10.21.0.0/16 via 10.84.0.73
	agent_start
	soon mtu_is "mtu 1400 " 10.21.0.0/16
	expect "MTUs" "$(mtus 10.20.0.0/16)$(mtus6 default)" "mtu lock 1400 mtu 1400 "
	ctl route unset 10.20.0.0/16
	ctl route unset 10.21.0.0/16
	ctl route unset 10.22.0.0/16 via 10.84.0.73
	ctl route unset default
	as_it_was "$before"
}

# What the next agent is not told any more, it puts back as soon as it starts.
test_a_statement_that_went_while_no_agent_ran() {
	begin
	rx route add 10.20.0.0/16 via 10.84.0.73
	local before
	before=$(routes)
	ctl route set 10.20.0.0/16 mtu 1400
	ctl route set 10.22.0.0/16 via 10.84.0.73 mtu 1400
	agent_stop
	expect "MTU after its end" "$(mtus 10.20.0.0/16)" "mtu 1400 "
	find "$DIR/rx.run" -type f ! -name found -delete
	agent_start
	as_it_was "$before"
}

test_a_route_is_made_only_where_there_is_none() {
	begin
	local before
	before=$(routes)
	ctl route set 10.20.0.0/16 via 10.84.0.73 mtu 1400
	expect "route" "$(rx -d route show 10.20.0.0/16 | sed 's/ *$//')" \
		"unicast 10.20.0.0/16 via 10.84.0.73 dev eth1 proto 88 scope global mtu 1400"
	ctl route set default via 2001:db8:84::73 dev eth1 mtu 1400
	rx -6 -d route show default |
		grep -q 'default via 2001:db8:84::73 dev eth1 proto 88 .* mtu 1400'
	expect "IPv4 default" "$(rx route show default)" ""
	# Deleted, it is made again.
	rx route del 10.20.0.0/16
	soon mtu_is "mtu 1400 " 10.20.0.0/16
	ctl route unset 10.20.0.0/16 via 10.84.0.73
	ctl route unset default via 2001:db8:84::73 dev eth1
	as_it_was "$before"

	# Another route to the prefix, in whichever table: none is made beside it.
	rx route add 10.20.0.0/16 via 10.84.0.99 table 100
	before=$(routes)
	ctl route set 10.20.0.0/16 via 10.84.0.73 mtu 1400
	as_it_was "$before"
	refused route set 10.21.0.0/16 via 10.99.0.1 mtu 1400 | grep -q 'cannot be made: .*gateway'
}

test_what_is_refused_changes_nothing() {
	begin
	rx link set eth1 mtu 9000
	rx route add default via 10.84.0.73
	rx route add default via 192.168.0.73 metric 9
	rx -6 route add default via 2001:db8:84::73
	# eth0 has 1500: the others are not changed either.
	refused route set default mtu 9000 | grep -q 'eth0 has an MTU of 1500.*link set eth0 mtu 9000'
	expect "statements" "$(ctl save | grep -c route)" 0
	# Nor is what was set before.
	ctl route set default mtu 1400
	refused route set default mtu 9000 >/dev/null
	expect "MTUs" "$(mtus default)$(mtus6 default)" "mtu 1400 mtu 1400 mtu 1400 "
	expect "drift" "$(says '.[0].drift')" 0
	ctl route set default dev eth1 mtu 9000
	expect "MTUs" "$(mtus default)$(mtus6 default)" "mtu 9000 mtu 1400 mtu 9000 "
	# One MTU twice would make two routes that are the same.
	rx route append 10.20.0.0/16 via 10.84.0.73 mtu 1301
	rx route append 10.20.0.0/16 via 10.84.0.73 mtu 1302
	refused route set 10.20.0.0/16 mtu 1300 | grep -q 'route 10.20.0.0/16 via 10.84.0.73.*File exists'
	expect "drift" "$(says '[.[].drift] | add')" 0
}

test_a_route_that_expires_is_left_alone() {
	begin
	rx -6 route add default via 2001:db8:84::73 proto ra expires 600
	rx route add default via 10.84.0.73
	ctl route set default mtu 1400 2>"$DIR/refused" && fail "not refused"
	grep -q 'default via 2001:db8:84::73 dev eth1 metric 1024: it expires' "$DIR/refused"
	expect "MTUs" "$(mtus default)$(mtus6 default)" ""
	ctl route set 0.0.0.0/0 mtu 1400
	expect "MTU" "$(mtus default)" "mtu 1400 "
	# From a file, what can be had is.
	echo 'route set default mtu 1399' | ctl apply - 2>"$DIR/warning"
	grep -q 'route default: 1 of 2 routes cannot have an MTU of 1399' "$DIR/warning"
	expect "state" "$(says '.[0].state')" partial
	expect "MTUs" "$(mtus default)$(mtus6 default)" "mtu 1399 "
	rx -6 route show default | grep -q 'expires 59[0-9]sec'
}

# A route's MTU above the link's would make a hole that swallows large packets.
test_an_MTU_above_the_links_waits_for_the_link() {
	begin
	rx route add 10.20.0.0/16 via 10.84.0.73
	rx -6 route add 2001:db8:20::/48 via 2001:db8:84::73
	rx link set eth1 mtu 9000
	ctl route set 10.20.0.0/16 mtu 9000
	ctl route set 2001:db8:20::/48 mtu 8000
	rx link set eth1 mtu 1500
	soon mtu_is "" 10.20.0.0/16
	soon mtu6_is "" 2001:db8:20::/48
	expect "state" "$(says '.[0].state')" refused
	says '.[0].routes[0].reason' | grep -q 'eth1 has an MTU of 1500'
	rx link set eth1 mtu 9000
	soon mtu_is "mtu 9000 " 10.20.0.0/16
	soon mtu6_is "mtu 8000 " 2001:db8:20::/48
	expect "states" "$(says '[.[].state] | join(" ")')" "active active"
}

# --- the recipe, with packets ---

reaches() { in_rx ping -q -n -c 1 -W 2 -M 'do' -s $(($2 - 28)) "$1" >/dev/null 2>&1; }
does_not_fit() {
	in_rx ping -n -c 1 -W 1 -M 'do' -s $(($2 - 28)) "$1" 2>&1 | grep -q "message too long, mtu[=: ]*$3"
}

test_large_frames_within_and_small_ones_without() {
	begin 9000
	rx link set eth1 mtu 1500
	in_tx sysctl -qw net.ipv4.ip_forward=1
	ip -n "$TX" addr add 10.20.0.1/32 dev lo
	ip -n "$TX" addr add 203.0.113.1/32 dev lo
	rx route add default via 10.84.0.73
	rx route add 10.0.0.0/8 via 10.84.0.73
	ctl link set eth1 mtu 9000
	ctl route set default mtu 1500
	ctl route set 10.0.0.0/8 mtu 9000

	reaches 10.20.0.1 9000 || fail "9000 bytes do not reach the prefix"
	reaches 203.0.113.1 1500 || fail "1500 bytes do not reach the world"
	does_not_fit 203.0.113.1 1501 1500 || fail "1501 bytes go out to the world"
	in_tx nft -f - <<-'NFT'
	table ip watch {
		set fragments { typeof ip daddr; size 16; flags dynamic; }
		chain early {
			type filter hook prerouting priority -450;
			ip frag-off & 0x3fff != 0 update @fragments { ip daddr counter }
		}
	}
	NFT
	in_rx ping -q -n -c 1 -W 2 -M dont -s 8000 203.0.113.1 >/dev/null
	in_rx ping -q -n -c 1 -W 2 -M dont -s 8000 10.20.0.1 >/dev/null
	expect "fragments" "$(in_tx nft -j list set ip watch fragments |
		jq -c '[.nftables[].set.elem // [] | .[].elem | [.val, .counter.packets]]')" \
		'[["203.0.113.1",6]]'

	expect "within" "$(ctl -j route show 10.20.0.1 | jq -c '[.dev, .via, .source, .prefix,
		.route_mtu, .link_mtu, .mtu, .statement]')" \
		'["eth1","10.84.0.73","10.84.0.42","10.0.0.0/8",9000,9000,9000,"10.0.0.0/8"]'
	expect "without" "$(ctl -j route show 203.0.113.1 | jq -c '[.prefix, .route_mtu, .link_mtu,
		.mtu, .statement]')" '["0.0.0.0/0",1500,9000,1500,"default"]'
}

test_show_tells_what_was_learned_of_the_path() {
	begin
	in_tx sysctl -qw net.ipv4.ip_forward=1
	ip -n "$TX" tuntap add narrow mode tap
	ip -n "$TX" link set narrow up mtu 1300
	ip -n "$TX" route add 203.0.113.0/24 dev narrow
	rx route add default via 10.84.0.73
	ctl route set default mtu 1400
	expect "path" "$(ctl -j route show 203.0.113.9 | jq -c '[.path_mtu, .mtu]')" '[0,1400]'
	in_rx ping -q -n -c 1 -W 1 -M 'do' -s 1372 203.0.113.9 >/dev/null 2>&1 || true
	expect "path" "$(ctl -j route show 203.0.113.9 | jq -c '[.route_mtu, .path_mtu, .mtu,
		.path_mtu_expires > 0, .statement]')" '[1400,1300,1300,true,"default"]'
	ctl route show 203.0.113.9 | grep -q '^to 203.0.113.9: via 10.84.0.73 dev eth1 src 10.84.0.42 mtu 1300 (route default mtu 1400, link 1500, path 1300 for [0-9]* s) by route set default$'
	expect "no route" "$(ctl -j route show 2001:db8:99::1 | jq -r .error)" "Network is unreachable"
}

test_show_and_metrics() {
	begin
	rx route add 10.20.0.0/16 via 10.84.0.73 src 10.84.0.42 metric 7
	rx route add default via 192.168.0.73
	ctl route set 10.20.0.0/16 mtu 1400
	ctl route set default dev eth0 mtu 1450
	ctl route set default mtu 1451
	expect "show" "$(ctl route show)" "$(cat <<-'SHOW'
	default mtu 1451 state overruled
	    to 1.0.0.1: via 192.168.0.73 dev eth0 src 192.168.0.42 mtu 1450 (route default mtu 1450, link 1500) by route set default dev eth0
	    to 2000::1: Network is unreachable
	default dev eth0 mtu 1450 state active
	    default via 192.168.0.73 dev eth0 mtu 1450 link 1500 found none
	    to 1.0.0.1: via 192.168.0.73 dev eth0 src 192.168.0.42 mtu 1450 (route default mtu 1450, link 1500) by route set default dev eth0
	    to 2000::1: Network is unreachable
	10.20.0.0/16 mtu 1400 state active
	    10.20.0.0/16 via 10.84.0.73 dev eth1 src 10.84.0.42 metric 7 mtu 1400 link 1500 found none
	    to 10.20.0.1: via 10.84.0.73 dev eth1 src 10.84.0.42 mtu 1400 (route 10.20.0.0/16 mtu 1400, link 1500) by route set 10.20.0.0/16
	SHOW
	)"
	agent_stop
	AGENT_ARGS=(--metrics 127.0.0.1:9101)
	agent_start
	rx route change 10.20.0.0/16 via 10.84.0.73 src 10.84.0.42 metric 7
	soon mtu_is "mtu 1400 " 10.20.0.0/16
	soon drift_is_served
	in_rx curl -s http://127.0.0.1:9101/metrics >"$DIR/metrics"
	grep -q '^xdpfrag_routes{route="10.20.0.0/16",state="active"} 1$' "$DIR/metrics"
	grep -q '^xdpfrag_routes{route="10.20.0.0/16",state="refused"} 0$' "$DIR/metrics"
	grep -q '^xdpfrag_routes{route="default",state="active"} 0$' "$DIR/metrics"
}
drift_is_served() { in_rx curl -s http://127.0.0.1:9101/metrics | grep -q '^xdpfrag_route_drift_total 1$'; }

# Events of prefixes that nobody asked for do not make the agent look.
test_other_routes_do_not_wake_the_agent() {
	begin
	rx route add default via 10.84.0.73
	ctl route set default mtu 1400
	sleep 0.5
	local before n
	before=$(ctl -j status | jq .reconciles)
	for n in {1..50}; do
		echo "route replace 10.30.$n.0/24 via 10.84.0.73"
	done | rx -batch -
	sleep 0.5
	# One by the clock may fall in between.
	[ $(($(ctl -j status | jq .reconciles) - before)) -le 1 ] || fail "it looked more than once"
}

net_tests \
	test_a_route_keeps_all_but_its_MTU \
	test_an_IPv6_route_keeps_all_but_its_MTU \
	test_multipath_keeps_its_next_hops \
	test_routes_by_nexthop_objects \
	test_default_means_both_families_and_all_tables \
	test_appended_routes_are_told_apart \
	test_drift_is_put_back_logged_and_counted \
	test_a_route_that_came_anew_gets_back_what_it_came_with \
	test_another_program_that_insists_is_not_fought_without_end \
	test_a_route_that_is_absent_is_waited_for \
	test_unset_restores_after_a_restart \
	test_a_statement_that_went_while_no_agent_ran \
	test_a_route_is_made_only_where_there_is_none \
	test_what_is_refused_changes_nothing \
	test_a_route_that_expires_is_left_alone \
	test_an_MTU_above_the_links_waits_for_the_link \
	test_large_frames_within_and_small_ones_without \
	test_show_tells_what_was_learned_of_the_path \
	test_show_and_metrics \
	test_other_routes_do_not_wake_the_agent
