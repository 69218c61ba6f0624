#!/bin/bash
# guest.sh - what only a distribution's kernel can show; runs inside a guest of scripts/vm
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Usage: scripts/vm run VERSION tests/vm/guest.sh [FUNCTION...]
#
# One function is one test (see tests/lib/tap.sh). The first ones hold the
# platform itself to what the others build upon, so that a kernel or a guest that
# lacks something is not mistaken for a fault of ours.
#
#   $A                         $SW                        $B
#   eth0 10.84.0.1  ------  p-a  br0  p-b  ------  eth0 10.84.0.2
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"

# It changes whatever machine it runs on.
if [ -z "${VM_KERNEL-}" ]; then
	echo "guest.sh: only for the inside of a guest: tests/vm/run.sh" >&2
	exit 2
fi

A=a SW=sw B=b

# Not `ip netns exec`, which mounts a /sys without the BPF file system.
in_ns() {
	nsenter --net="/run/netns/$1" "${@:2}"
}

namespace() {
	ip netns add "$1"
	defer ip netns del "$1"
}

# Two hosts and the switch between them. In batches, because emulation makes the
# start of a program dear.
hosts() {
	namespace $A
	namespace $SW
	namespace $B
	ip -n $SW -batch - <<-EOF
		link add br0 type bridge mcast_snooping 0
		link set br0 up
		link add p-a type veth peer name eth0 netns $A
		link add p-b type veth peer name eth0 netns $B
		link set p-a master br0 up
		link set p-b master br0 up
	EOF
	host $A 10.84.0.1
	host $B 10.84.0.2
}

# host NAMESPACE ADDRESS
host() {
	ip -n "$1" -batch - <<-EOF
		address add $2/24 dev eth0
		link set lo up
		link set eth0 up
	EOF
}

# Port states, ARP and the rest settle while this tries.
reach() {
	in_ns $A ping -q -c 1 -w 10 10.84.0.2
}

does_not_reach() {
	! in_ns $A ping -q -c 2 -i 0.2 -W 1 10.84.0.2
}

# eventually COMMAND...: tries for 20 s
eventually() {
	local end=$((SECONDS + 20))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || fail "never came true: $*"
		sleep 0.2
	done
}

# has TEXT COMMAND...: shows what it printed when TEXT is not in it
has() {
	local text=$1 output
	shift
	output=$("$@")
	printf '%s\n' "$output"
	[[ $output == *"$text"* ]] || fail "no '$text' in the output of: $*"
}

test_two_processors_and_the_kernel_asked_for() {
	[ "$(nproc)" -eq 2 ]
	[[ $(uname -r) == "$VM_KERNEL".* ]]
}

test_root_file_system_takes_writes() {
	echo new >/etc/vm-test
	[ "$(cat /etc/vm-test)" = new ]
}

test_type_information_of_kernel_and_modules_is_there() {
	modprobe veth
	[ -s /sys/kernel/btf/vmlinux ]
	[ -s /sys/kernel/btf/veth ]
}

test_maps_can_be_pinned() {
	bpftool map create /sys/fs/bpf/vm-test type array key 4 value 8 entries 2 name vm_test
	defer rm /sys/fs/bpf/vm-test
	has vm_test bpftool map show pinned /sys/fs/bpf/vm-test
}

test_veth_and_bridge_carry_traffic() {
	hosts
	reach
}

test_conntrack_counts_a_reassembled_datagram_once() {
	hosts
	in_ns $B nft -f - <<-'EOF'
		table ip t {
			chain c {
				type filter hook prerouting priority 0
				icmp type echo-request ct state new counter
			}
		}
	EOF
	reach
	# one packet so far, and this one in three fragments is one more
	in_ns $A ping -q -c 1 -w 10 -s 4000 10.84.0.2
	has "packets 2 " in_ns $B nft list table ip t
}

test_native_xdp_through_the_libxdp_dispatcher() {
	hosts
	reach
	in_ns $B xdp-filter load -m native eth0
	defer in_ns $B xdp-filter unload eth0
	has xdp_dispatcher in_ns $B xdp-loader status
	reach
	in_ns $B xdp-filter ip -m src 10.84.0.1
	does_not_reach
	in_ns $B xdp-filter ip -m src -r 10.84.0.1
	reach
}

test_two_programs_share_an_interface() {
	local status second=(/usr/lib/*/bpf/xsk_def_xdp_prog.o)
	hosts
	in_ns $B xdp-filter load -m native eth0
	defer in_ns $B xdp-loader unload eth0 --all
	# removes its pinned maps too, and with them the rule below
	defer in_ns $B xdp-filter unload eth0
	in_ns $B xdp-loader load -m native eth0 "${second[0]}"
	status=$(in_ns $B xdp-loader status)
	has xdpfilt echo "$status"
	has xsk_def_prog echo "$status"
	reach
	# the first in the chain still decides
	in_ns $B xdp-filter ip -m src 10.84.0.1
	does_not_reach
}

# xdpdump hangs an fentry and an fexit program on the XDP program it watches.
test_bpf_trampolines() {
	local dump log=/tmp/xdpdump.log
	hosts
	in_ns $B xdp-filter load -m native eth0
	defer in_ns $B xdp-filter unload eth0
	nsenter --net=/run/netns/$B xdpdump -i eth0 --rx-capture entry,exit >$log 2>&1 &
	dump=$!
	eventually grep -q '^listening' $log
	reach
	kill -INT $dump
	wait $dump
	has @entry cat $log
	has @exit cat $log
}

test_tap_devices_and_clsact() {
	namespace $A
	ip -n $A tuntap add tap0 mode tap
	tc -n $A qdisc add dev tap0 clsact
	has clsact tc -n $A qdisc show dev tap0
}

# Not every machine's own kernel has these.
test_vlan_bond_vrf_dummy_and_netem() {
	namespace $A
	ip -n $A -batch - <<-EOF
		link add eth0 type dummy
		link add link eth0 name eth0.5 type vlan id 5
		link add bond0 type bond mode active-backup
		link add vrf0 type vrf table 10
	EOF
	tc -n $A qdisc add dev eth0 root netem loss 5%
}

# What this machine's verifier takes, that of another kernel need not: a capture with the whole of
# what it may have, and filters that no compiler would write. A bit of what the host runs of them.
test_captures_load_and_filter_as_libpcap_does() {
	local tests=$here/../../${BUILD:-build}/tests/prog
	"$tests/test_capture" 'where_the_view*'
	"$tests/test_capture_random" 1 5
}

# Last: what all of the above, and our programs, made the kernel say.
test_kernel_log_has_no_warning() {
	dmesg >/tmp/kernel.log
	! grep -E -A 20 'WARNING:|BUG:|Oops|Call Trace' /tmp/kernel.log
}

platform=(
	test_two_processors_and_the_kernel_asked_for
	test_root_file_system_takes_writes
	test_type_information_of_kernel_and_modules_is_there
	test_maps_can_be_pinned
	test_veth_and_bridge_carry_traffic
	test_conntrack_counts_a_reassembled_datagram_once
	test_native_xdp_through_the_libxdp_dispatcher
	test_two_programs_share_an_interface
	test_bpf_trampolines
	test_tap_devices_and_clsact
	test_vlan_bond_vrf_dummy_and_netem
)

[ $# -gt 0 ] || set -- "${platform[@]}" test_captures_load_and_filter_as_libpcap_does \
	test_kernel_log_has_no_warning
run_tests "$@"
