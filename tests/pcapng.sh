#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The files of `capture -w`, read by others: what tshark, capinfos and tcpdump make of the
# known packets that build/tests/tools/write_pcapng writes.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

writer=${BUILD:-build}/tests/tools/write_pcapng
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
"$writer" >"$dir/capture" || exit 1

# fields FIELD…: of each packet, separated by bars
fields() {
	tshark -r "$dir/capture" -T fields -E separator='|' "${@/#/-e}"
}

# blocks FIELD: of all blocks of the file, which tshark can dissect as a file, too
blocks() {
	tshark -r "$dir/capture" -X 'read_format:MIME Files Format' -T fields \
		-e "pcapng.options.option.data.$1"
}

test_tshark_reads_times_NICs_and_lengths() {
	diff - <(fields frame.time_epoch frame.interface_name frame.len frame.cap_len) <<-'END'
	1700049600.000000001|eth0|1514|1000
	1700049600.123456789|eth1|562|562
	1700049601.000000000|eth0|95|95
	1700049602.000000000|eth0|42|42
	1700049603.000000000|eth1|1234|1000
	END
}

test_tshark_reads_verdict_policy_queue_and_flags() {
	diff - <(fields frame.verdict.ebpf_xdp frame.comment frame.interface_queue \
		frame.packet_flags) <<-'END'
	1|dropped: 239.0.0.15|3|0x00000009
	2|passed: 239.0.0.15 source 10.0.0.1|0|0x00000009
	4|reassembled: ff3e::/32|0|0x00000009
	2|passed, no policy|0|0x0000000d
	4|redirected: 239.0.0.15|0|0x00000005
	END
}

test_tshark_finds_what_was_dropped() {
	local dropped
	dropped=$(tshark -r "$dir/capture" -Y 'frame.verdict.ebpf_xdp == 1' -T fields -e ip.id)
	[ "$dropped" = 0x1267 ]
}

test_tshark_finds_no_packet_malformed() {
	diff - <(fields ip.src ip.id ipv6.fraghdr.ident arp.dst.proto_ipv4 \
		_ws.malformed) <<-'END'
	10.84.0.73|0x1267|||
	10.84.0.73|0x1267|||
	||0x00000007||
	|||10.84.0.42|
	10.84.0.73|0x0000|||
	END
}

test_tshark_reads_the_statistics_of_each_NIC() {
	[ "$(blocks interface.dropped)" = 12345,0 ]
	[ "$(blocks interface.delivered_to_user)" = 3,2 ]
	[ "$(blocks interface.received)" = 1000 ]
}

test_capinfos_reads_what_wrote_it_and_by_which_filter() {
	capinfos "$dir/capture" >"$dir/info"
	grep -x 'Capture application: xdpfragctl [0-9.]*' "$dir/info"
	[ "$(grep -c 'Filter string = ip or ip6 or arp$' "$dir/info")" -eq 2 ]
	[ "$(grep -c 'Number of stat entries = 1$' "$dir/info")" -eq 2 ]
	grep -x 'Number of packets:   5' "$dir/info"
	grep -x 'Strict time order:   True' "$dir/info"
	grep 'Description = the right one$' "$dir/info"
}

test_tcpdump_reads_every_packet() {
	diff - <(tcpdump -nttr - --time-stamp-precision=nano <"$dir/capture" 2>"$dir/said") <<-'END'
	1700049600.000000001 IP 10.84.0.73.40000 > 239.0.0.15.1067: UDP, length 2000
	1700049600.123456789 IP 10.84.0.73 > 239.0.0.15: ip-proto-17
	1700049601.000000000 IP6 fe80::73 > ff3e::15: frag (1448|33)
	1700049602.000000000 ARP, Request who-has 10.84.0.42 tell 10.84.0.73, length 28
	1700049603.000000000 IP 10.84.0.73 > 10.84.0.42: ICMP echo reply, id 0, seq 0, length 1200
	END
	grep 'link-type EN10MB (Ethernet), snapshot length 1000' "$dir/said"
}

# The writer goes on, and has flushed: every packet is to be seen by now.
test_tcpdump_reads_a_stream_that_goes_on() {
	local reader
	mkfifo "$dir/hold"
	(exec "$writer" live <"$dir/hold" | exec tcpdump -lnr - >"$dir/seen" 2>/dev/null) &
	reader=$!
	exec 7>"$dir/hold"
	for _ in {1..100}; do
		[ "$(wc -l <"$dir/seen")" -eq 5 ] && break
		sleep 0.1
	done
	[ "$(wc -l <"$dir/seen")" -eq 5 ]
	kill -0 "$reader"
	exec 7>&-
	wait "$reader"
}

test_a_reader_that_ended_is_told_by_the_writer() {
	local status=0
	trap '' PIPE
	exec 8> >(exec true)
	wait $!
	"$writer" >&8 2>"$dir/error" || status=$?
	[ "$status" -eq 1 ]
	grep -x 'write_pcapng: Broken pipe' "$dir/error"
}

run_tests test_tshark_reads_times_NICs_and_lengths \
	test_tshark_reads_verdict_policy_queue_and_flags test_tshark_finds_what_was_dropped \
	test_tshark_finds_no_packet_malformed test_tshark_reads_the_statistics_of_each_NIC \
	test_capinfos_reads_what_wrote_it_and_by_which_filter test_tcpdump_reads_every_packet \
	test_tcpdump_reads_a_stream_that_goes_on test_a_reader_that_ended_is_told_by_the_writer
