#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fuzzers, built with clang, ASan and UBSan:
#
#   tests/fuzz/run.sh                          each for FUZZ_SECONDS (10), as TAP
#   FUZZ_SECONDS=0 tests/fuzz/run.sh config    one, until it finds something or is interrupted
#
# They start from tests/fuzz/corpus; what they learn is kept in build/fuzz/corpus;
# an input that breaks something is left in build/fuzz/broken.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

targets=(config statement observe reassembly fragment packet_line translate trace)
seconds=${FUZZ_SECONDS:-10}
clang=${CLANG:-clang}
build=${BUILD:-build}/fuzz

# build_target TARGET
build_target() {
	local sources=(tests/lib/configs.c user/config/*.c)
	local engine=(user/reassembly/{engine,contexts,users,end,insert,many}.c) flags=()
	case $1 in
	observe) sources=(user/diagnose/observe.c) ;;
	reassembly) sources=(tests/lib/reassembly_{feed,reference,reference_add}.c "${engine[@]}") ;;
	fragment) sources=(user/reassembly/{parse,rebuild}.c "${engine[@]}") ;;
	packet_line)
		sources=(user/capture/{view,decision,line,packet_line,packet_text,packet_ip}.c
			user/config/*.c)
		;;
	translate) sources=(tests/lib/translated.c user/capture/{translate,translate_load,filter_check}.c) ;;
	trace)
		sources=(tests/lib/trace_shown.c user/diagnose/trace_{cause,datagram,decide,judge,table}.c
			user/agent/{sessions/trace_json,show_name}.c
			user/ctl/{trace_print,trace_picture,output}.c user/config/*.c)
		# Little room, so that an input comes upon each bound.
		flags=(-DTRACE_DATAGRAMS=8 -DTRACE_ROWS=40 -DTRACE_ROWS_EACH=24 -DTRACE_FUNCTIONS=3
			-ljansson)
		;;
	esac
	mkdir -p "$build"
	"$clang" -std=gnu11 -Wall -Wextra -Werror -O1 -g -fno-strict-aliasing \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-D_GNU_SOURCE -Iinclude -Iuser -o "$build/fuzz_$1" \
		"tests/fuzz/fuzz_$1.c" "${sources[@]}" "${flags[@]}"
}

# fuzz TARGET: exits as libFuzzer does
fuzz() {
	mkdir -p "$build/corpus/$1" "$build/broken"
	"$build/fuzz_$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
		-dict=tests/fuzz/words.dict -artifact_prefix="$build/broken/$1-" \
		"$build/corpus/$1" "tests/fuzz/corpus/$1"
}

# Two at a time, one for each processor; what each said is shown by its test.
fuzz_all() {
	local target
	for target in "${targets[@]}"; do
		[ "$(jobs -pr | wc -l)" -lt 2 ] || wait -n
		{
			build_target "$target" && fuzz "$target"
			echo $? >"$results/$target.status"
		} >"$results/$target.log" 2>&1 &
	done
	wait
}

# test_fuzz_TARGET for each
define_tests() {
	local target
	for target in "${targets[@]}"; do
		eval "test_fuzz_$target() { fuzzed $target; }"
	done
}

fuzzed() {
	tail -n 40 "$results/$1.log"
	[ "$(cat "$results/$1.status")" -eq 0 ]
}

has_libfuzzer() {
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
		"$clang" -fsanitize=fuzzer,address,undefined -x c -o /dev/null - 2>/dev/null
}

[ $# -gt 0 ] && targets=("$@")

if [ "$seconds" = 0 ]; then
	if [ $# -ne 1 ]; then
		echo "usage: FUZZ_SECONDS=0 $0 TARGET" >&2
		exit 2
	fi
	build_target "$1" && fuzz "$1"
	exit
fi

if ! has_libfuzzer; then
	for target in "${targets[@]}"; do
		skip "fuzz $target" "$clang cannot build fuzzers"
	done
	done_testing
	exit
fi

results=$(mktemp -d) || exit
trap 'rm -rf "$results"' EXIT
fuzz_all
define_tests
run_tests "${targets[@]/#/test_fuzz_}"
