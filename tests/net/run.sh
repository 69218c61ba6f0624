#!/bin/bash
# run.sh - every network test, one TAP stream: tests/net/run.sh [FILE...]
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each file numbers its own results; here they are counted through. A file that
# dies before its plan is a failure of its own.
set -u
cd "$(dirname "$0")" || exit 1

files=("$@")
[ $# -gt 0 ] || files=(cure.sh apart.sh policy.sh hotplug.sh start.sh lifecycle.sh foreign.sh refusal.sh xdpcap_hook.sh control.sh
	messages.sh apply.sh counters.sh learn.sh watch.sh settings.sh holders.sh route.sh
	reassemble.sh reassemble_loss.sh reassemble_safe.sh reassemble_change.sh
	doctor.sh doctor_groups.sh doctor_host.sh doctor_healthy.sh trace.sh capture.sh)

# Two at a time: most of a test's time goes into waiting. Each file has namespaces,
# folders and pins of its own.
results=$(mktemp -d) || exit 1
trap 'rm -rf "$results"' EXIT

one_file() {
	echo "# tests/net/$1"
	timeout --foreground -k 30 300 bash "./$1"
	[ $? -le 1 ] || echo "not ok 0 - $1 runs to its end"
}

for file in "${files[@]}"; do
	file=${file##*/}
	[ "$(jobs -pr | wc -l)" -lt 2 ] || wait -n
	one_file "$file" >"$results/$file" 2>&1 &
done
wait

for file in "${files[@]}"; do
	cat "$results/${file##*/}"
done | awk '
	/^1\.\.[0-9]+$/ { plans++; next }
	/^# tests\/net\// { files++ }
	/^(not )?ok [0-9]+/ {
		sub(/ok [0-9]+/, "ok " ++n)
		failed += /^not /
	}
	{ print; fflush() }
	END {
		if (plans != files) {
			print "not ok " ++n " - every file has its plan"
			failed++
		}
		print "1.." n
		exit failed > 0
	}'
