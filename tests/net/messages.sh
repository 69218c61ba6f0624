#!/bin/bash
# messages.sh - wrong input: what is said, the exit status, and that nothing changed
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   receiver: eth0, eth1, and an agent with three policies; no traffic is needed
#
# Exit status 2: the words are not in the grammar. 1: they are, but cannot be had.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

begin() {
	hosts "eth1 eth0"
	printf 'group add %s eth1\ngroup add 239.1.0.0/16 eth0\ngroup add 239.2.0.1 eth0 source 10.1.1.1\n' \
		"$GROUP" >"$CONF"
	agent_start
	steered eth0 eth1
}

# refuses STATUS KIND WORD COMMAND...: once for people, once as JSON
refuses() {
	local status=$1 kind=$2 word=$3 got=0 said before json
	shift 3
	before=$(ctl save)
	said=$(ctl "$@" 2>&1 >/dev/null) || got=$?
	expect "exit status of '$*'" "$got" "$status"
	[[ $said == xdpfragctl:*"$word"* ]] || fail "'$*' does not name $word: $said"
	[ "$(echo "$said" | grep -c ^xdpfragctl:)" -eq 1 ] || fail "'$*' says more than one thing: $said"
	got=0
	json=$(ctl -j "$@") || got=$?
	expect "exit status of -j '$*'" "$got" "$status"
	expect "error of -j '$*'" \
		"$(echo "$json" | jq -r '.error | .kind + " " + (.word // "")')" "$kind $word"
	[ -n "$(echo "$json" | jq -r '.error.message')" ] || fail "no message for -j '$*'"
	expect "the policy after '$*'" "$(ctl save)" "$before"
}

test_words_that_are_not_in_the_grammar() {
	begin
	refuses 2 usage grup grup add "$GROUP" eth1
	refuses 2 usage ad group ad 239.0.0.1 eth1
	refuses 2 usage wong group add 239.0.0.1 eth1 wong drop
	refuses 2 usage dorp group add 239.0.0.1 eth1 wrong dorp
	refuses 2 usage some group add 239.0.0.1 eth1 scope some
	refuses 2 usage nativ link add eth0 mode nativ
	refuses 2 usage more group del "$GROUP" more
	refuses 2 usage now flush now
	refuses 2 usage maybe link set eth0 gro maybe
	refuses 2 usage abc link set eth0 mtu abc
	refuses 2 usage mtu link set eth0 mtu 9000 mtu 1500
	refuses 2 usage 9000 link unset eth0 mtu 9000
	refuses 2 usage maybe learn maybe
	refuses 2 usage on learn on on
	refuses 2 usage now save now
	# Short forms are not guessed.
	refuses 2 usage gr gr show
}

test_words_that_are_missing() {
	begin
	refuses 2 usage "" group add
	refuses 2 usage "" group add 239.0.0.1
	refuses 2 usage "" group add 239.0.0.1 eth1 wrong
	refuses 2 usage "" group add 239.0.0.1 eth1 wrong redirect
	refuses 2 usage "" group add 239.0.0.1 eth1 source
	refuses 2 usage "" group del
	refuses 2 usage "" link add
	refuses 2 usage "" link set eth0
	refuses 2 usage "" link set eth0 mtu
	refuses 2 usage tso link set eth0 gro tso off
	refuses 2 usage "" route set default
	refuses 2 usage mtu route set default via mtu 1400
	refuses 2 usage apply apply
}

test_addresses_that_are_no_group() {
	begin
	refuses 2 usage 10.84.0.42 group add 10.84.0.42 eth1
	refuses 2 usage fd84::1 group add fd84::1 eth1
	refuses 2 usage 239.0.0 group add 239.0.0 eth1
	refuses 2 usage 239.0.0.256 group add 239.0.0.256 eth1
	refuses 2 usage eth1 group add eth1 eth1
}

test_prefixes_that_are_none() {
	begin
	refuses 2 usage 239.0.0.15/24 group add 239.0.0.15/24 eth1
	refuses 2 usage ff3e::1/32 group add ff3e::1/32 eth1
	refuses 2 usage 239.0.0.0/33 group add 239.0.0.0/33 eth1
	refuses 2 usage 239.0.0.0/ group add 239.0.0.0/ eth1
	refuses 2 usage 239.0.0.0/x group add 239.0.0.0/x eth1
	# Wider than all multicast addresses: unicast would be meant too.
	refuses 2 usage 224.0.0.0/3 group add 224.0.0.0/3 eth1
	# What was meant is said.
	ctl group add 239.0.0.15/24 eth1 2>&1 | grep -q '239.0.0.0/24' || fail "the prefix is not proposed"
}

test_routes_that_are_none() {
	begin
	refuses 2 usage 10.0.0.1/8 route set 10.0.0.1/8 mtu 1400
	refuses 2 usage 0.0.0.0 route set 0.0.0.0 mtu 1400
	refuses 2 usage eth0 route set eth0 mtu 1400
	refuses 2 usage 10.0.0.1 route set fd00::/8 via 10.0.0.1 mtu 1400
	refuses 2 usage 239.0.0.1 route set default via 239.0.0.1 mtu 1400
	# Less than the kernel would send IPv6 with.
	refuses 2 usage 1000 route set fd00::/8 mtu 1000
	refuses 2 usage 1000 route set default mtu 1000
	# More than a route can have.
	refuses 2 usage 65535 route set default mtu 65535
	refuses 1 refused 10.0.0.0/8 route unset 10.0.0.0/8
}

test_sources_that_are_none() {
	begin
	refuses 2 usage 239.0.0.1 group add 239.0.0.9 eth1 source 239.0.0.1
	refuses 2 usage fd84::1 group add 239.0.0.9 eth1 source fd84::1
	refuses 2 usage nowhere group add 239.0.0.9 eth1 source nowhere
}

test_NICs_that_are_not_there() {
	begin
	refuses 1 refused eth7 group add 239.0.0.1 eth7
	refuses 1 refused eth7 group add 239.0.0.1 eth1,eth7
	refuses 1 refused eth7 group replace "$GROUP" eth7
	refuses 1 refused eth7 group add 239.0.0.1 eth1 wrong redirect eth7
	refuses 1 refused eth7 link add eth7
	refuses 1 refused eth7 link show eth7
	refuses 1 refused eth7 link set eth7 mtu 1400
	refuses 1 refused eth7 link unset eth7
	refuses 1 refused eth7 route set default dev eth7 mtu 1400
	refuses 2 usage a-name-that-is-too-long group add 239.0.0.1 a-name-that-is-too-long
	refuses 2 usage eth1, group add 239.0.0.1 eth1,
}

test_what_is_there_already_and_what_is_not() {
	begin
	refuses 1 refused "$GROUP" group add "$GROUP" eth0
	refuses 1 refused 239.9.9.9 group del 239.9.9.9
	refuses 1 refused 239.2.0.1 group del 239.2.0.1 # only with its source
	refuses 1 refused eth1 link del eth1
	ctl link add eth0
	refuses 1 refused eth0 link add eth0
	refuses 1 refused eth0 link unset eth0 mtu
	# With one NIC there is nothing to keep apart.
	refuses 2 usage apart group add 239.0.0.1 eth1 apart
}

# ask WORD...: on the socket itself, as a client of another release does
ask() {
	printf '%s\n' "$@" | jq -R . | jq -sc '{version: 1, words: .}' |
		timeout 5 socat -t 3 - "UNIX-CONNECT:$(agent_socket)"
}

test_what_the_agent_can_do_is_listed() {
	begin
	local object objects
	objects=$(ask nothing | jq -r .error.expected)
	for object in group link route learn flush status stats save apply; do
		[[ $objects =~ (^|[ ,])"$object"($|[ ,]) ]] || fail "$object is not among the objects: $objects"
	done
	expect "commands of group" "$(ask group nothing | jq -r .error.expected)" \
		"add, replace, del, flush or show"
	expect "commands of link" "$(ask link nothing | jq -r .error.expected)" \
		"add, del, set, unset or show"
}

test_probe_says_what_it_wants() {
	begin
	local words
	for words in "recv 10.84.0.42 1067 10.84.0.42" "recv $GROUP 0 10.84.0.42" "recv $GROUP 1067" \
		"send $GROUP 1067 10.84.0.42 size -1" "send $GROUP 70000 10.84.0.42" \
		"send $GROUP 1067 10.84.0.42 colour 3" "listen $GROUP 1067 10.84.0.42"; do
		local status=0
		# shellcheck disable=SC2086 # words, each its own
		timeout 5 nsenter --net="/run/netns/$RX" "$CTL" probe $words 2>"$DIR/said" || status=$?
		expect "exit status of 'probe $words'" "$status" 2
		[ -s "$DIR/said" ] || fail "'probe $words' says nothing"
	done
	for words in "recv $GROUP 1067 10.99.0.1" "recv $GROUP 1067 eth7" "send $GROUP 1067 eth7"; do
		status=0
		# shellcheck disable=SC2086
		timeout 5 nsenter --net="/run/netns/$RX" "$CTL" probe $words 2>"$DIR/said" || status=$?
		expect "exit status of 'probe $words'" "$status" 1
		[ -s "$DIR/said" ] || fail "'probe $words' says nothing"
	done
}

test_no_agent_is_said_so() {
	local status=0 said
	said=$("$CTL" -s "$DIR/nobody.sock" group add "$GROUP" eth1 2>&1) || status=$?
	expect "exit status" "$status" 1
	[[ $said == *"$DIR/nobody.sock"* && $said == *xdpfragd* ]] || fail "neither socket nor agent is named: $said"
	# A socket that a killed agent left behind is no agent either.
	begin
	agent_kill
	status=0
	said=$(ctl status 2>&1) || status=$?
	expect "exit status with a dead socket" "$status" 1
	[[ $said == *xdpfragd* ]] || fail "the agent is not named: $said"
	# Wrong words are wrong whether or not an agent runs.
	status=0
	"$CTL" -s "$DIR/nobody.sock" group add 10.0.0.1 eth1 2>/dev/null || status=$?
	expect "exit status of wrong words" "$status" 2
}

test_help_is_help_anywhere() {
	local words
	for words in help "group help" "group add help" "link help" "probe help" "help group"; do
		# shellcheck disable=SC2086
		"$CTL" -s "$DIR/nobody.sock" $words >"$DIR/said" || fail "'$words' fails"
		grep -q Usage "$DIR/said" || fail "'$words' prints no usage"
	done
	"$CTL" group help | grep -Fq 'group add GROUP[/LEN]' || fail "the form of group add is not shown"
	local status=0
	"$AGENT" --nonsense 2>"$DIR/said" || status=$?
	expect "exit status of a wrong option of the agent" "$status" 2
	grep -q nonsense "$DIR/said" || fail "the option is not named"
}

net_tests \
	test_words_that_are_not_in_the_grammar \
	test_words_that_are_missing \
	test_addresses_that_are_no_group \
	test_prefixes_that_are_none \
	test_routes_that_are_none \
	test_sources_that_are_none \
	test_NICs_that_are_not_there \
	test_what_is_there_already_and_what_is_not \
	test_what_the_agent_can_do_is_listed \
	test_probe_says_what_it_wants \
	test_no_agent_is_said_so \
	test_help_is_help_anywhere
