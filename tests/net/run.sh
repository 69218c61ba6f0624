#!/bin/bash
# run.sh - every network test, one TAP stream: tests/net/run.sh [FILE...]
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each file numbers its own results; here they are counted through. A file that
# dies before its plan is a failure of its own.
set -u
cd "$(dirname "$0")" || exit 1

files=("$@")
[ $# -gt 0 ] || files=(cure.sh policy.sh hotplug.sh start.sh lifecycle.sh foreign.sh refusal.sh control.sh
	messages.sh apply.sh counters.sh)

one_file() {
	echo "# tests/net/$1"
	timeout -k 30 300 bash "./$1"
	[ $? -le 1 ] || echo "not ok 0 - $1 runs to its end"
}

for file in "${files[@]}"; do
	one_file "${file##*/}"
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
