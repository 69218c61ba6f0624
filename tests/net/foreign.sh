#!/bin/bash
# foreign.sh - other XDP programs on the hook are left alone, and ours comes back
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   sender                       switch                   receiver
#   eth0 10.84.0.73 ------ p-tx  br0  p-eth0 ------ eth0 192.168.0.42   a foreign XDP_PASS
#                                |    p-eth1 ------ eth1 10.84.0.42     free
#
# The foreign program is attached without libxdp's dispatcher, so that no kernel
# lets us join it: it must be refused. Sharing a hook is tested in tests/vm.
set -u
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

N=100
ALL=$((N * FRAGMENTS))

begin() {
	hosts "eth1 eth0"
	watch_packets
	printf 'group add %s eth1\n' "$GROUP" >"$CONF"
}

# attach_foreign NIC [xdp|xdpgeneric]
attach_foreign() {
	in_rx ip link set dev "$1" "${2:-xdp}" obj "$BARE" program bare_pass
	FOREIGN=$(kernel_program "$1")
}

passing() {
	local wrong
	wrong=$(arrived eth0 "$GROUP")
	send "$GROUP" size 8000 count "$N" rate 1000
	settle
	echo $(($(arrived eth0 "$GROUP") - wrong))
}

expect_refused() {
	local reason
	eventually link_is eth0 mode off
	reason=$(link_says eth0 reason)
	[[ $reason == *bare_pass* || $reason == *"$FOREIGN"* ]] || fail "who holds the hook is not named: $reason"
	expect "the program on eth0" "$(kernel_program eth0)" "$FOREIGN"
	expect "links, and those off" "$(ctl -j status | jq -c '[.links, .links_off]')" "[2,1]"
	# Once, however often it is looked at.
	expect "times logged" "$(grep -c 'eth0: not steered: XDP program' "$(agent_log)")" 1
}

foreign_first() {
	begin
	attach_foreign eth0 "$1"
	agent_start
	steered eth1
	expect_refused
	expect "passing on eth0" "$(passing)" "$ALL"
	agent_stop
	expect "the program on eth0 after SIGTERM" "$(kernel_program eth0)" "$FOREIGN"
	expect "the program on eth1 after SIGTERM" "$(kernel_program eth1)" 0
	expect "let go of" "$(sed -n 's/^xdpfragd: \(.*\): no longer steered$/\1/p' "$(agent_log)")" eth1
}
test_a_foreign_program_is_named_and_left_alone() { foreign_first xdp; }
test_a_foreign_generic_program_is_named_and_left_alone() { foreign_first xdpgeneric; }

test_a_link_whose_hook_is_taken_is_refused_on_the_command_line() {
	begin
	printf 'link add eth1\n' >"$CONF"
	agent_start
	steered eth1
	attach_foreign eth0
	local status=0 said
	said=$(ctl link add eth0 2>&1) || status=$?
	expect "exit status" "$status" 1
	[[ $said == *eth0* ]] || fail "the NIC is not named: $said"
	[[ $said == *bare_pass* || $said == *"$FOREIGN"* ]] || fail "the holder is not named: $said"
	expect "saved" "$(ctl save)" "link add eth1"
	expect "the program on eth0" "$(kernel_program eth0)" "$FOREIGN"
}

test_it_attaches_when_the_foreign_program_goes() {
	begin
	attach_foreign eth0
	agent_start
	steered eth1
	expect_refused
	in_rx ip link set dev eth0 xdp off
	steered eth0
	expect "reason" "$(link_says eth0 reason)" ""
	expect "passing on eth0" "$(passing)" 0
}

# That an attempt on the empty hook failed before must not hold up the next one.
test_it_attaches_when_the_foreign_program_goes_also_after_a_failure() {
	begin
	printf 'link add eth0 mode native\nlink add eth1\n' >>"$CONF"
	# A veth takes no native program while its peer sends on more queues than it receives on.
	in_rx ethtool -L eth0 rx 1
	in_sw ethtool -L p-eth0 tx 2
	agent_start
	steered eth1
	eventually link_is eth0 mode off
	in_sw ethtool -L p-eth0 tx 1
	attach_foreign eth0
	eventually reason_names eth0 bare_pass
	in_rx ip link set dev eth0 xdp off
	until_true 5 link_is eth0 mode native || fail "not attached within 5 s: $(link_says eth0 reason)"
	expect "reason" "$(link_says eth0 reason)" ""
	expect "passing on eth0" "$(passing)" 0
}
reason_names() { [[ $(link_says "$1" reason) == *"$2"* ]]; }

test_it_comes_back_when_it_is_taken_off() {
	begin
	agent_start
	steered eth0 eth1
	in_rx ip link set dev eth0 xdp off
	until_true 3 has_program eth0 || fail "not attached again within 3 s"
	steered eth0
	expect "passing on eth0" "$(passing)" 0
}
has_program() { [ "$(kernel_program "$1")" -ne 0 ]; }

test_it_yields_to_a_program_put_in_its_place() {
	begin
	agent_start
	steered eth0 eth1
	in_rx ip -force link set dev eth0 xdp obj "$BARE" program bare_pass
	FOREIGN=$(kernel_program eth0)
	expect_refused
	agent_stop
	expect "the program on eth0 after SIGTERM" "$(kernel_program eth0)" "$FOREIGN"
}

test_a_program_of_xdp_loader_is_joined_or_left_alone() {
	begin
	in_rx xdp-loader load eth0 "$BARE" -n bare_pass >/dev/null 2>&1 ||
		skip_test "xdp-loader does not attach here"
	agent_start
	steered eth1
	eventually link_decided eth0
	if link_is eth0 dispatcher true; then
		in_rx xdp-loader status eth0 | grep -q bare_pass || fail "bare_pass is gone"
		expect "passing on eth0" "$(passing)" 0
	else
		FOREIGN=$(kernel_program eth0)
		expect_refused
	fi
	agent_stop
	in_rx ip -d link show dev eth0 | grep -q 'prog/xdp' || fail "no program on eth0 any more"
}
link_decided() { link_is "$1" mode off || link_is "$1" mode native; }

net_tests \
	test_a_foreign_program_is_named_and_left_alone \
	test_a_foreign_generic_program_is_named_and_left_alone \
	test_a_link_whose_hook_is_taken_is_refused_on_the_command_line \
	test_it_attaches_when_the_foreign_program_goes \
	test_it_attaches_when_the_foreign_program_goes_also_after_a_failure \
	test_it_comes_back_when_it_is_taken_off \
	test_it_yields_to_a_program_put_in_its_place \
	test_a_program_of_xdp_loader_is_joined_or_left_alone
