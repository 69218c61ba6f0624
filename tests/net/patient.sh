# patient.sh - what the tests of doctor share: sick hosts, and what doctor says of them; source it
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced behind lib.sh. A test makes a host sick, lets traffic flow, asks doctor for
# its report ($REPORT), carries out the remedy word for word, and asks again.

REPORT=$DIR/report.json

two_NICs() {
	hosts "eth1 eth0"
	agent_start
	steered eth0 eth1
}

# Takes a NIC's port out of the switch: a network of its own, where nobody speaks.
apart_from_switch() {
	ip -n "$SW" link set "p-$1" nomaster
}

# Sends until the test ends, 100 datagrams a second: talk GROUP [BYTES]
talk() {
	spawn_in "$TX" "$CTL" probe send "$1" "$PORT" "$FROM" size "${2:-8000}" rate 100 count 0 \
		>/dev/null 2>&1 &
	started $!
}
# Datagrams of which a fragment is missing, for a second, in the background.
talk_with_gaps() {
	spawn_in "$TX" "$INJECT" --nic eth0 --source "$SENDER" --group "$GROUP" --count 100 \
		--only-fragments 0,1,2,4,5 --interval 10000 >/dev/null &
	started $!
}

# A program that joins without naming an interface: join_anywhere GROUP
join_anywhere() {
	spawn_in "$RX" socat -u "UDP4-RECV:$PORT,reuseaddr,ip-add-membership=$1:0.0.0.0" \
		OPEN:/dev/null &
	JOINED=$!
	started "$JOINED"
}

# diagnose STATUS [ARG...]: samples for a second, unless told otherwise
diagnose() {
	local status=0 wanted=$1
	shift
	if [ "${1-}" != -w ]; then
		set -- -w 1 "$@"
	fi
	ctl -j doctor "$@" >"$REPORT" || status=$?
	[ "$status" = "$wanted" ] || {
		jq . "$REPORT"
		fail "doctor ends with $status, expected $wanted"
	}
}

# "ID ID", sorted: these, and nothing else
expect_found() {
	expect "findings" "$(jq -r '[.findings[].id] | sort | join(" ")' "$REPORT")" "$1"
}
severity_of() { jq -r --arg id "$1" '[.findings[] | select(.id == $id)][0].severity' "$REPORT"; }
# expect_fault ID, expect_warning ID
expect_fault() { expect "severity of $1" "$(severity_of "$1")" fault; }
expect_warning() { expect "severity of $1" "$(severity_of "$1")" warning; }
# expect_said ID TEXT...: each in the finding's evidence
expect_said() {
	local id=$1 text
	shift
	for text in "$@"; do
		jq -e --arg id "$id" --arg text "$text" '[.findings[] | select(.id == $id)
			| .evidence[] | select(contains($text))] | length > 0' "$REPORT" >/dev/null || {
			jq . "$REPORT"
			fail "$id has no evidence with: $text"
		}
	done
}

# Carries out the remedies of a finding as printed: mend ID
mend() {
	local line
	jq -r --arg id "$1" '.findings[] | select(.id == $id) | .remedy[]' "$REPORT" >"$DIR/remedies"
	[ -s "$DIR/remedies" ] || fail "$1 has no remedy"
	while IFS= read -r line; do
		(
			# shellcheck disable=SC2317 # what the remedy calls
			xdpfragctl() { ctl "$@"; }
			case $line in
			*xdpfragctl*) eval "$line" ;;
			*) eval "in_rx $line" ;;
			esac
		) </dev/null >/dev/null || fail "the remedy fails: $line"
	done <"$DIR/remedies"
}

expect_healthy() {
	diagnose 0
	expect_found ""
}
