#!/bin/bash
# run.sh - guest.sh and beside.sh under each of Debian's kernels; prints TAP
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Usage: tests/vm/run.sh [-a] [VERSION...]      (default: 6.1 6.12; -a: every test on each)
#
# Each test of a guest is one test here, its name prefixed with the version. One
# more per guest says whether it came up and reported on all of its tests.
set -u

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

# Per guest. Generous: emulation is slow, and on a busy machine slower by far.
seconds=1500

# Passes on the TAP of one guest from stdin. Sets reported, to the number of its
# tests, planned, to what its plan says, and status, to the guest's exit status.
relay() {
	local line name
	reported=0 planned=none status=none

	while IFS= read -r line; do
		name=${line#*ok }
		name="$1: ${name#* - }"
		case $line in
		"ok "*" # SKIP "*)
			skip "${name%% # SKIP *}" "${name#* # SKIP }"
			reported=$((reported + 1))
			;;
		"ok "*)
			ok "$name"
			reported=$((reported + 1))
			;;
		"not ok "*)
			not_ok "$name"
			reported=$((reported + 1))
			;;
		"1.."*) planned=${line#1..} ;;
		"exit status "*) status=${line#exit status } ;;
		*) printf '# %s\n' "${line#\# }" ;;
		esac
	done
}

# A guest for each script, so that what one leaves behind is no concern of the other.
boot() { # VERSION
	{
		scripts/vm run -t "$seconds" "$1" tests/vm/guest.sh 2>&1
		echo "exit status $?"
	} >"$results/$1.guest.sh"
	{
		scripts/vm run -t "$seconds" "$1" tests/vm/beside.sh "${all[@]}" 2>&1
		echo "exit status $?"
	} >"$results/$1.beside.sh"
}

# guest VERSION SCRIPT: what it had to say
guest() {
	local before=$tap_failures wanted=0 name="$1: the guest for $2 boots and reports on all of its tests"

	relay "$1" <"$results/$1.$2"
	[ "$tap_failures" -eq "$before" ] || wanted=1
	if [ "$status" = "$wanted" ] && [ "$planned" = "$reported" ] && [ "$reported" -gt 0 ]; then
		ok "$name"
	else
		not_ok "$name" "exit status $status, expected $wanted; $reported results, planned: $planned"
	fi
}

all=()
if [ "${1-}" = -a ]; then
	all=(all)
	shift
fi
[ $# -gt 0 ] || set -- 6.1 6.12
results=$(mktemp -d) || exit
trap 'rm -rf "$results"' EXIT

# The kernels side by side: an emulated guest keeps one processor of the host busy.
scripts/vm-kernels "$@" >&2 || exit
for version; do
	boot "$version" &
done
wait
for version; do
	guest "$version" guest.sh
	guest "$version" beside.sh
done
done_testing
