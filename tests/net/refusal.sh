#!/bin/bash
# refusal.sh - what is refused changes nothing, and what goes leaves nothing behind
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42
#                                |    p-eth1 ------ eth1 10.84.0.42
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=100
ALL=$((N * FRAGMENTS))

begin() {
	hosts "eth1 eth0"
	printf 'group add %s eth1\n' "$GROUP" >"$CONF"
	agent_start
	steered eth0 eth1
}

traffic() {
	send "$GROUP" size 8000 count $N rate 1000
	settle
}

# A bridge takes no native program: asked for by name, it stays as it was.
test_a_mode_that_the_NIC_refuses_leaves_it_in_the_other() {
	begin
	ip -n "$RX" link add br9 type bridge
	eventually link_is br9 mode skb
	ctl link add br9 mode skb
	ctl link del br9
	! ctl link add br9 mode native 2>"$DIR/said" || fail "native mode on a bridge was taken"
	grep -q 'br9 cannot be steered: native XDP refused' "$DIR/said" || fail "$(cat "$DIR/said")"
	expect "mode" "$(link_says br9 mode)" skb
	expect "kernel's program" "$(kernel_program br9)" "$(link_says br9 program)"
}

# The candidate steers eth2 alone: the others must not be let go for its sake.
test_a_refused_link_strips_no_other() {
	local before
	begin
	nic_add eth2
	steered eth2
	traffic
	ctl link add eth0
	ctl link add eth1
	before=$(ctl -j link show | jq -c 'map(.program)')
	# Held by a program that cannot be joined.
	bpftool prog load "$BARE" "/sys/fs/bpf/$HOSTS-held" type xdp
	defer rm -f "/sys/fs/bpf/$HOSTS-held"
	in_rx bpftool net attach xdpdrv pinned "/sys/fs/bpf/$HOSTS-held" dev eth2
	! ctl link add eth2 2>"$DIR/said" || fail "a held NIC was taken"
	expect "programs" "$(ctl -j link show | jq -c 'map(.program)')" "$before"
	expect "lines saved" "$(ctl save | wc -l)" 3
	expect_counts "$GROUP" eth0 dropped $ALL
	traffic
	expect_counts "$GROUP" eth0 dropped $((2 * ALL))
	ctl link del eth0
	ctl link del eth1
	# Now by the agent's own choice, of which a first `link add` would be the end.
	steered eth0 eth1
	before=$(ctl -j link show | jq -c 'map(.program)')
	! ctl link add eth2 2>"$DIR/said" || fail "a held NIC was taken"
	expect "programs by choice" "$(ctl -j link show | jq -c 'map(.program)')" "$before"
}

# Its frames come in on the bridge, which would otherwise be a wrong link.
test_an_allowed_NIC_in_a_bridge_allows_the_bridge() {
	begin
	watch_packets
	ip -n "$RX" link add br9 type bridge mcast_snooping 0
	# Where bridges call iptables, datagrams are whole before the bridge hands them up.
	in_rx sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true
	ip -n "$RX" link set br9 up
	ip -n "$RX" link set eth1 master br9
	eventually has_no_program eth1
	eventually link_is br9 mode skb
	traffic
	expect "fragments past br9" "$(arrived br9 "$GROUP")" $ALL
	expect_counts "$GROUP" br9 passed $ALL
}
has_no_program() { [ "$(kernel_program "$1")" = 0 ]; }

descriptors() { find "/proc/$AGENT_PID/fd" -mindepth 1 | wc -l; }
test_NICs_that_come_and_go_leave_no_descriptor_open() {
	local before i
	begin
	nic_add eth2
	steered eth2
	nic_del eth2
	nic_add eth2
	steered eth2
	before=$(descriptors)
	for ((i = 0; i < 8; i++)); do
		nic_del eth2
		nic_add eth2
		steered eth2
	done
	eventually descriptors_are "$before"
}
descriptors_are() { [ "$(descriptors)" -le "$1" ]; }

test_a_pin_folder_that_others_use_is_refused() {
	begin
	agent_stop
	! in_rx "$AGENT" -f "$CONF" -s "$DIR/other.sock" -r "$DIR/other.run" -p /sys/fs/bpf \
		2>"$DIR/said" || fail "it runs"
	grep -q "must be the agent's own" "$DIR/said" || fail "$(cat "$DIR/said")"
}

net_tests \
	test_a_mode_that_the_NIC_refuses_leaves_it_in_the_other \
	test_a_refused_link_strips_no_other \
	test_an_allowed_NIC_in_a_bridge_allows_the_bridge \
	test_NICs_that_come_and_go_leave_no_descriptor_open \
	test_a_pin_folder_that_others_use_is_refused
