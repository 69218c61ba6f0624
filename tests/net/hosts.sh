# hosts.sh - a receiver, a sender and a switch in network namespaces, agents and traffic; source it
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Three namespaces of our own, $RX, $TX and $SW; the host's interfaces are never
# touched. hosts_up makes them, hosts_down removes them and all that runs inside.
# Whatever a script leaves behind, however it ends, goes with hosts_sweep.
#
#   $TX                     $SW                          $RX
#   eth0 10.84.0.73 ---- p-tx  br0  p-eth0 ---- eth0 192.168.0.42  the wrong NIC
#                              |    p-eth1 ---- eth1 10.84.0.42    the right one
#                              +--- p-eth2 ---- eth2 192.168.2.42  where a test wants it
#
# The bridge floods every multicast frame to all ports (mcast_snooping 0), and
# the order in which its ports were enslaved decides whose copy comes first.
# The receiver has one conntrack rule, which makes the stack put datagrams
# together before it routes them.
#
# Functions print what failed on stderr and return 1; they expect `set -e`.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
AGENT=$BUILD/xdpfragd
CTL=$BUILD/xdpfragctl
: "${AGENT}" "${CTL}"

HOSTS=xf$$
RX=$HOSTS-rx
TX=$HOSTS-tx
SW=$HOSTS-sw
DIR=$(mktemp -d "${TMPDIR:-/tmp}/xdpfrag.XXXXXX") || exit 1
chmod 0755 "$DIR" # an unprivileged caller shall fail at the socket, not on the way to it

PORT=1067
SENDER=10.84.0.73

in_ns() {
	local ns=$1
	shift
	# Not `ip netns exec`: it remounts /sys and so hides the BPF file system.
	nsenter --net="/run/netns/$ns" "$@"
}
# For the background, where $! shall be the program's own pid: spawn_in NAMESPACE COMMAND… &
spawn_in() {
	local ns=$1
	shift
	exec nsenter --net="/run/netns/$ns" "$@"
}
in_rx() { in_ns "$RX" "$@"; }
in_tx() { in_ns "$TX" "$@"; }
in_sw() { in_ns "$SW" "$@"; }

# Polls a command until it succeeds: until_true SECONDS COMMAND [ARG...]
until_true() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt "$deadline" ] || return 1
		sleep 0.02
	done
}

# --- processes: only what was started here is ever ended ---

# Remembers a background process with its start time, so that a reused pid is nobody's.
started() {
	printf '%s %s\n' "$1" "$(cut -d ' ' -f 22 "/proc/$1/stat" 2>/dev/null)" >>"$DIR/pids"
}

running() { [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
not_running() { ! running "$1"; }

stop_processes() {
	local pid start
	[ -e "$DIR/pids" ] || return 0
	while read -r pid start; do
		[ "$(cut -d ' ' -f 22 "/proc/$pid/stat" 2>/dev/null)" = "$start" ] || continue
		kill -TERM "$pid" 2>/dev/null
		# Not `wait`: the sweep runs in a shell that may not be the parent.
		until_true 10 not_running "$pid" && continue
		echo "process $pid goes on after SIGTERM and is killed" | tee -a "$DIR/stubborn.log"
		kill -KILL "$pid" 2>/dev/null
	done <"$DIR/pids"
	rm -f "$DIR/pids"
}

# --- namespaces ---

nic_addr() {
	case $1 in
	eth0) echo 192.168.0.42 ;;
	eth1) echo 10.84.0.42 ;;
	*) echo "192.168.${1#eth}.42" ;;
	esac
}

ns_add() {
	ip netns add "$1"
	# Router solicitations and MLD would count among the test's packets.
	in_ns "$1" sysctl -qw net.ipv6.conf.default.disable_ipv6=1 2>/dev/null || true
	ip -n "$1" link set lo up
}

# One NIC of the receiver and its port in the switch: nic_add NIC [ifindex N]
nic_add() {
	local nic=$1
	shift
	ip -n "$RX" -batch - <<-EOT
	link add $nic $* mtu $MTU type veth peer name p-$nic mtu $MTU netns $SW
	addr add $(nic_addr "$nic")/24 dev $nic
	link set $nic up
	EOT
	ip -n "$SW" link set "p-$nic" master br0 up
}

nic_del() { ip -n "$RX" link del "$1"; }

# hosts_up "NIC NIC..." [MTU]: the receiver's NICs in the order of their enslaving
hosts_up() {
	local nic
	MTU=${2:-1500}

	ns_add "$RX"
	ns_add "$TX"
	ns_add "$SW"
	in_rx sysctl -qw net.ipv4.ipfrag_time=1 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.default.rp_filter=0
	in_rx nft -f - <<-'NFT'
	table inet firewall {
		chain input { type filter hook prerouting priority 0; ct state new counter; }
	}
	NFT
	ip -n "$SW" -batch - <<-EOT
	link add br0 mtu $MTU type bridge mcast_snooping 0
	link set br0 up
	EOT
	for nic in $1; do
		nic_add "$nic"
	done
	ip -n "$TX" -batch - <<-EOT
	link add eth0 mtu $MTU type veth peer name p-tx mtu $MTU netns $SW
	addr add $SENDER/24 dev eth0
	link set eth0 up
	route add default dev eth0
	EOT
	ip -n "$SW" link set p-tx master br0 up
}

hosts_down() {
	local ns
	stop_processes
	for ns in /run/netns/"$HOSTS"-*; do
		[ ! -e "$ns" ] || ip netns del "${ns##*/}"
	done
	rm -rf "/sys/fs/bpf/$HOSTS"-* "$DIR"/*.run
}

hosts_sweep() {
	hosts_down
	rm -rf "$DIR"
}

# --- the agent ---

# agent_start starts one in the receiver, on the file $CONF, and waits until it
# answers. It is called rx unless $WHO says otherwise; $AGENT_PID is the last one started.
WHO=rx
CONF=$DIR/rx.conf
AGENT_ARGS=()
: >"$CONF"

agent_socket() { echo "$DIR/$WHO.sock"; }
agent_pins() { echo "/sys/fs/bpf/$HOSTS-$WHO"; }
agent_log() { echo "$DIR/$WHO.log"; }

# Starts without waiting: agent_spawn NAMESPACE
agent_spawn() {
	spawn_in "$1" "$AGENT" -f "$CONF" -s "$(agent_socket)" -r "$DIR/$WHO.run" \
		-p "$(agent_pins)" "${AGENT_ARGS[@]}" >>"$(agent_log)" 2>&1 &
	AGENT_PID=$!
	started "$AGENT_PID"
}

agent_answers() { ctl status >/dev/null 2>&1; }
agent_answers_or_died() { agent_answers || not_running "$AGENT_PID"; }

agent_start() {
	agent_spawn "$RX"
	until_true 20 agent_answers_or_died && running "$AGENT_PID" && return
	echo "the agent does not answer; its log:" >&2
	cat "$(agent_log)" >&2
	return 1
}

# SIGTERM, and its exit status: agent_stop
agent_stop() {
	kill -TERM "$AGENT_PID"
	until_true 20 not_running "$AGENT_PID" || {
		echo "the agent goes on after SIGTERM" >&2
		return 1
	}
	wait "$AGENT_PID"
}

agent_kill() {
	kill -KILL "$AGENT_PID"
	wait "$AGENT_PID" 2>/dev/null || true
}

ctl() { "$CTL" -s "$(agent_socket)" "$@"; }

# --- traffic ---

# Joins, and returns when the membership is there: listen NAME GROUP NIC [ARG...]
listen() {
	local name=$1 group=$2 nic=$3 where
	shift 3
	where=$(nic_addr "$nic")
	case $group in *:*) where=$nic ;; esac
	spawn_in "$RX" "$CTL" -j probe recv "$group" "$PORT" "$where" quiet "$@" \
		>"$DIR/$name.json" 2>"$DIR/$name.err" &
	echo $! >"$DIR/$name.pid"
	started $!
	until_true 10 joined "$group" "$nic" && return
	echo "probe recv did not join $group on $nic" >&2
	cat "$DIR/$name.err" >&2
	return 1
}

joined() { ip -n "$RX" maddr show dev "$2" | grep -q "inet6\? *$1\b"; }

# What a listener has received: heard NAME [JQ FILTER]
heard() {
	local pid filter=${2:-.received}
	if [ -e "$DIR/$1.pid" ]; then
		pid=$(cat "$DIR/$1.pid")
		settle
		kill -INT "$pid" 2>/dev/null || true
		until_true 10 not_running "$pid"
		rm "$DIR/$1.pid"
	fi
	jq -r "$filter" "$DIR/$1.json"
}

# Sends numbered datagrams: send GROUP [size N] [rate N] [count N]; $FROM is the source
FROM=$SENDER
send() {
	local group=$1 where=$FROM
	shift
	case $group in *:*) where=eth0 ;; esac
	in_tx "$CTL" probe send "$group" "$PORT" "$where" "$@" >/dev/null
}

# Returns when what was sent has gone through: no counter moves any more, and no
# datagram waits for a fragment, so that no timeout is still to come.
settle() {
	local before now tries
	now=$(flow)
	for ((tries = 0; tries < 200; tries++)); do
		sleep 0.05
		before=$now
		now=$(flow)
		[ "$before" = "$now" ] && [[ $now == *"FRAG: inuse 0 "* ]] && return
	done
	echo "the traffic does not come to rest" >&2
	return 1
}

flow() { in_rx cat /proc/net/snmp /proc/net/sockstat /proc/net/dev; }

# --- counters of the receiver's stack ---

snmp() { in_rx cat /proc/net/snmp | snmp_in "$1"; }
snmp_in() {
	awk -v field="$1" '
		/^Ip:/ && !n { n = split($0, name); next }
		/^Ip:/ { for (i = 2; i <= n; i++) if (name[i] == field) print $i }'
}
