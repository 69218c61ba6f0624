# lib.sh - what the network tests share: hosts, TAP, and assertions; source it
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# BUILD=DIR chooses the programs under test (default build), so that the same
# tests run on a build with sanitizers. A test file is a row of functions
# test_what_must_hold, each of which makes its own hosts, and ends with
# `net_tests FUNCTION...`.

# shellcheck source=tests/net/hosts.sh
. "$(dirname "${BASH_SOURCE[0]}")/hosts.sh"
# A failing command within $( ) fails the test too.
shopt -s inherit_errexit

# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

GROUP=239.0.0.15     # joined on eth1
NEIGHBOUR=239.0.0.16 # joined on eth0
BARE=$BUILD/tests/bench/bare.bpf.o
INJECT=$BUILD/tests/tools/inject
: "$GROUP" "$NEIGHBOUR" "$BARE" "$INJECT"

# 8,000 bytes of payload at MTU 1500: six fragments.
FRAGMENTS=6
: "$FRAGMENTS"

net_tests() {
	local tool
	trap hosts_sweep EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	for tool in "$AGENT" "$CTL"; do
		[ -x "$tool" ] && continue
		not_ok "the programs are built" "$tool is missing: run make"
		done_testing
		return
	done
	if [ "$(id -u)" -ne 0 ]; then
		not_ok "root, for namespaces and BPF"
		done_testing
		return
	fi
	: >"$DIR/logs"
	run_tests "$@" test_every_program_ended_well
}

# --- hosts for the length of a test ---

hosts() {
	defer leave
	: >"$CONF"
	hosts_up "$@"
}

# The logs are shown with a failed test only, and kept for the last test of the file.
leave() {
	local log
	# Of tap_cleanup: with a failed test only, since it takes a moment.
	[ "${status-0}" -eq 0 ] || nic_counters >"$DIR/nics.log" 2>/dev/null
	hosts_down
	for log in "$DIR"/*.log "$DIR"/*.err; do
		[ -s "$log" ] || continue
		echo "--- ${log##*/}"
		tail -n 30 "$log"
		cat "$log" >>"$DIR/logs"
		rm "$log"
	done
}

# What the drivers counted, zeros left out: whether a frame was lost before any program saw it.
nic_counters() {
	local ns nic
	for ns in "$TX" "$SW" "$RX"; do
		for nic in $(ip -n "$ns" -j link show | jq -r '.[].ifname'); do
			echo "${ns##*-} $nic: $(in_ns "$ns" ethtool -S "$nic" 2>/dev/null |
				awk 'NR > 1 && $2 != 0 { printf "%s %s ", $1, $2 }')" \
				"$(ip -n "$ns" -s -j link show dev "$nic" | jq -r '.[0].stats64
				| "rx \(.rx.packets) dropped \(.rx.dropped) tx \(.tx.packets) dropped \(.tx.dropped)"')"
		done
	done
}

test_every_program_ended_well() {
	! grep -E -A 30 'ERROR: (Address|Leak)Sanitizer|runtime error:|goes on after SIGTERM' "$DIR/logs"
}

# --- assertions: each ends the test with a sentence ---

# expect WHAT GOT WANTED
expect() {
	[ "$2" = "$3" ] || fail "$1: $2, expected $3"
}

# Polls up to 10 s: eventually COMMAND [ARG...]
eventually() {
	until_true 10 "$@" || fail "never came true: $*"
}

# The difference of a counter since mark: since FIELD
mark() { in_rx cat /proc/net/snmp >"$DIR/mark"; }
since() { echo $(($(snmp "$1") - $(snmp_in "$1" <"$DIR/mark"))); }

# What the stack put together since mark: expect_reassembly REQDS OKS FAILS TIMEOUT
expect_reassembly() {
	local got
	got=$(in_rx cat /proc/net/snmp | awk '
		/^Ip:/ && !($2 + 0) { split($0, name); next }
		/^Ip:/ { for (i = 2; i <= NF; i++) n[name[i]] = $i - n[name[i]] }
		END { print n["ReasmReqds"], n["ReasmOKs"], n["ReasmFails"], n["ReasmTimeout"] }
		' "$DIR/mark" -)
	expect "ReasmReqds, ReasmOKs, ReasmFails, ReasmTimeout" "$got" "$*"
}

# --- what the agent says ---

# One count of a group on a NIC: counted GROUP NIC VERDICT
counted() {
	ctl -j group show "$1" |
		jq --arg nic "$2" --arg verdict "$3" '[.[].links[] | select(.name == $nic) | .[$verdict]] | add // 0'
}

# expect_counts GROUP NIC VERDICT N: exactly this, and no other verdict
expect_counts() {
	local got wanted
	wanted=$(jq -cn --arg verdict "$3" --argjson n "$4" \
		'{passed: 0, dropped: 0, observed: 0, redirected: 0, reassembled: 0} | .[$verdict] = $n')
	got=$(ctl -j group show "$1" | jq -c --arg nic "$2" '[.[].links[] | select(.name == $nic)][0]
		| {passed, dropped, observed, redirected, reassembled}')
	expect "counts of $1 on $2" "$got" "$wanted"
}

# A field of a link: link_says NIC FIELD
link_says() {
	ctl -j link show "$1" | jq -r --arg field "$2" '.[0][$field]'
}
link_is() { [ "$(link_says "$1" "$2" 2>/dev/null)" = "$3" ]; }

# The agent attaches by itself; traffic waits for it.
steered() {
	local nic
	for nic in "$@"; do
		eventually link_is "$nic" mode native
	done
}

# The id of the XDP program that the kernel has on a NIC, 0 for none.
kernel_program() { ip -n "$RX" -j link show dev "$1" | jq '.[0].xdp.prog.id // 0'; }

# --- what the stack says: packets that came past XDP, counted before defragmentation ---

watch_packets() {
	in_rx nft -f - <<-'NFT'
	table inet watch {
		set fragment4 { typeof iifname . ip daddr; size 1024; flags dynamic; }
		set fragment6 { typeof iifname . ip6 daddr; size 1024; flags dynamic; }
		set whole4 { typeof iifname . ip daddr; size 1024; flags dynamic; }
		chain early {
			type filter hook prerouting priority -450;
			ip frag-off & 0x3fff != 0 update @fragment4 { iifname . ip daddr counter }
			exthdr frag exists update @fragment6 { iifname . ip6 daddr counter }
			ip frag-off & 0x3fff == 0 update @whole4 { iifname . ip daddr counter }
		}
	}
	NFT
}

# How many fragments reached the stack: arrived NIC GROUP; whole packets: arrived NIC GROUP whole4
arrived() {
	local set=fragment4
	case $2 in *:*) set=fragment6 ;; esac
	in_rx nft -j list set inet watch "${3:-$set}" |
		jq --arg nic "$1" --arg group "$2" '[.nftables[].set.elem // [] | .[].elem
			| select(.val.concat == [$nic, $group]).counter.packets] | add // 0'
}
